# programs.sh - programs of others, unmodified, with our sendmail at its place
#
# Sourced after lib.sh and process.sh.  Most have the path compiled in, so /usr
# is laid anew, for this test alone: with ours where `make install' puts them,
# and with what t/prepare has unpacked.
#
#	lay_out PACKAGE...	do that, once, ahead of all trials
#	need PROGRAM...		fail now if one is missing
#	usual_house		a smarthost, and a configuration that knows it
#	trial NAME ENVELOPE COMMAND...
#	cron_house		what cron wants, once
#	by_cron LINE...		cron, with this /etc/crontab, until what its last
#				line is told to print has been handed over; $ran
#				is what else that line touches
#
# In a trial a program sends one message, called as its user would, three times:
# while the smarthost answers; with all that we are handed taken down; and while
# nobody answers, when the program has to be as content as before though a runner
# stays, and what it sent has to come later, by `sendmail -q'.  The smarthost must
# have got it each time, by the rules of SMTP,
#
#	ENVELOPE	for these: what MAIL and RCPT said, without SIZE
#	$fields		with these fields, one a line
#	$body		and this text, where boundaries are called BOUNDARY;
#	$vague		a script for sed, does away with what in it is never
#			twice the same
#
# with a From, a Date and a Message-ID, with no field twice but those that
# $twice names, and no Bcc.  What we are handed arrives octet for octet, less
# Bcc and Content-Length, save what $edits, a script for sed, does to it.
#
# The queue is $queue; as_caller runs what its owner has to run.  $server
# is how the smarthost is started again.
#
# SPDX-License-Identifier: ISC

fields='' body='' twice='' edits='' vague=''
queue=$HOME/.queue
server=

lay_out()
{
	mkdir -p "$T/over/sbin" "$T/over/lib" "$T/over/bin"
	ln -s "$SENDMAIL" "$T/sendmail"
	ln -s "$T/sendmail" "$T/over/sbin/sendmail"
	ln -s ../sbin/sendmail "$T/over/lib/sendmail"
	ln -s "$MAILQ" "$T/over/bin/mailq"
	lower=$T/over
	for package in "$@"; do
		tree=$TOP/t/cache/$package
		[ -d "$tree" ] || continue
		lower=$lower:$tree/usr
		# Some know nothing of a /sbin that is a link.
		for folder in sbin bin; do
			[ ! -d "$tree/$folder" ] ||
			    cp -a "$tree/$folder" "$T/over"
		done
		[ ! -d "$tree/etc" ] || cp -a "$tree/etc/." /etc
	done
	mount -t overlay -o "lowerdir=$lower:/usr" usr /usr ||
	    fail_early "cannot lay sendmail over /usr: no overlay file system?"
}

need()
{
	for program in "$@"; do
		command -v "$program" >/dev/null ||
		    fail_early "no $program: run sh t/prepare test"
	done
}

usual_house()
{
	ca_make
	conf_write '[sender]' 'domain = x.example' '[queue]' 'retry = 1h'
	smarthost_start
}

# What stands for sendmail while all that we are handed is taken down.
mkdir -m 1777 "$T/tap"
cat >"$T/tap/sendmail" <<END
#!/bin/sh
cat >"$T/tap/given"
exec "$SENDMAIL" "\$@" <"$T/tap/given"
END
chmod 755 "$T/tap/sendmail"

called()
{
	ln -sfn "$1" "$T/sendmail"
}

as_caller()
{
	"$@"
}

is_waiting()
{
	[ "$(queued "$queue")" = "$1" ]
}

anew()
{
	fresh
	rm -rf "$queue"
	rm -f "$T/tap/given"
}

# The first message that arrived: for whom, its header, its text

envelope()
{
	tr -d '\r' <"$T/smarthost/1.env" |
	    sed 's/^[A-Z ]*://; s/ SIZE=[0-9]*//' | paste -s -d ' '
}

header()
{
	sed '/^\r*$/q' "$T/smarthost/1.msg"
}

text()
{
	boundary=$(header | sed -n 's/.*boundary="\{0,1\}\([^";]*\).*/\1/p' |
	    tr -d '\r')
	tr -d '\r' <"$T/smarthost/1.msg" | sed '1,/^$/d' |
	    sed "${boundary:+s|^--$boundary|--BOUNDARY|;} $vague"
}

names()
{
	header | sed -n 's/^\([!-9;-~]*\):.*/\1/p' | tr '[:upper:]' '[:lower:]' |
	    sort
}

# What is wrong with the header, a line each.
faults()
{
	printf '%s\n' "$fields" | while IFS= read -r field; do
		[ -z "$field" ] || header | sed 's/[ \r]*$//' |
		    grep -qxF -e "$field" ||
		    echo "no $field"
	done
	for name in from date message-id; do
		names | grep -qx $name || echo "no $name"
	done
	names | uniq -d | grep -vixF "${twice:- }"
	names | grep -x bcc
	transcript | grep '^-- violation'
}

as_meant()
{
	is "$(envelope)" "$2" "$1: to whom it is meant"
	is "$(faults)" '' "$1: with the header that it wants"
	text >"$T/text"
	printf '%s\n' "$body" >"$T/meant"
	same_file "$T/text" "$T/meant" "$1: and its text"
}

# plain GIVEN ARRIVED: rewrites them so that they are the same where we added to
# the first, and took from it, what we may.
cat >"$T/plain" <<'END'
use strict;
undef $/;
sub get {
	open my $in, '<', shift or die;
	return scalar <$in>;
}
sub put {
	open my $out, '>', shift or die;
	print $out @_;
	close $out or die;
}
sub fields { split /^(?=[^ \t])/m, $_[0] }
my ($given, $arrived) = map { get($_) } @ARGV;
$given =~ s/\r?\n/\r\n/g;
$given =~ s/(?<!\n)\z/\r\n/;
my ($head, $body) = split /^\r\n/m, $given, 2;
my @head = grep { !/^(Bcc|Content-Length):/i } fields($head);
my ($got_head, $got_body) = split /^\r\n/m, $arrived, 2;
my @got = fields($got_head);
for my $name (qw(From Date Message-ID)) {
	@got = grep { !/^$name:/i } @got unless grep { /^$name:/i } @head;
}
put($ARGV[0], @head, "\r\n", $body);
put($ARGV[1], @got, "\r\n", $got_body);
END
as_given()
{
	sed "$edits" "$T/tap/given" >"$T/given"
	cp "$T/smarthost/1.msg" "$T/got"
	perl "$T/plain" "$T/given" "$T/got"
	same_file "$T/got" "$T/given" "$1"
}

# while_up SENDMAIL COMMAND...
while_up()
{
	called "$1"
	shift
	anew
	run "$@"
	is $rc 0 "$what: is content"
	ok "$what: it has arrived" await 10 has_arrived 1
	await 10 all_gone
}

while_down()
{
	called "$SENDMAIL"
	smarthost_stop
	anew
	run "$@"
	is $rc 0 "$what, nobody answers: is content"
	ok "$what, nobody answers: it waits" await 10 is_waiting 1
	ok "$what, nobody answers: a runner stays" await 10 has_runner
	kill_all
	# shellcheck disable=SC2086
	smarthost_start $server
}

trial()
{
	what=$1 for=$2
	shift 2
	while_up "$SENDMAIL" "$@"
	as_meant "$what" "$for"
	cat "$T/out" "$T/err" >"$T/said"
	while_up "$T/tap/sendmail" "$@"
	as_given "$what: nothing is altered"
	while_down "$@"
	cat "$T/out" "$T/err" >"$T/heard"
	same_file "$T/heard" "$T/said" "$what: which makes no difference to it"
	as_caller "$SENDMAIL" -q
	is "$? $(queued "$queue") $(arrived)" "0 0 1" "$what: later it goes"
	as_meant "$what, later" "$for"
}

# Cron forks for its job, and is alone once the mail of that was handed over.
ran=$T/tap/ran
cron_house()
{
	need cron
	mkdir -p /var/spool/cron/crontabs
	rm -rf /etc/cron.d /etc/crontab
	for type in auth account session; do
		echo "$type required pam_permit.so"
	done >/etc/pam.d/cron
}

by_cron()
{
	printf '%s\n' "$@" | sed "\$s,\$,; touch $ran," >/etc/crontab
	rm -f /run/crond.* "$ran"
	cron -f >"$T/cron" 2>&1 &
	pid=$!
	wait_for test -e "$ran"
	wait_for no_child $pid
	kill $pid
	wait $pid 2>/dev/null
	true
}

no_child()
{
	[ -z "$(cat "/proc/$1/task/$1/children")" ]
}
