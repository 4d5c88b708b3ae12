# octets.sh - texts that a server might not pass on as they are
#
# Sourced after postfix.sh, as "$TOP/t/octets.sh".  $T/in/NAME is what is sent,
# with -i, and $T/want/NAME what should arrive at the smarthost `next' below the
# Received of the server in between.
#
#	compare WHAT	all that has arrived there is what was wanted
#	logs_in WHAT LINE...	one text arrives, by a configuration of these lines
#	refused_login LINE...	with a wrong password it waits
#	each_text WHAT	each arrives, one by one and in a run
#
# SPDX-License-Identifier: ISC

mkdir "$T/in" "$T/want" "$T/got"

# text NAME PERL: a text to send, and what should arrive of it unless that is the
# same in CRLF.  A reference is to one that is in CRLF already, header and all.
text()
{
	perl -e '
	my ($name, $in, $want) = (shift, eval shift);
	sub keep
	{
		my ($folder, $end, $text) = @_;
		open(my $out, ">:raw", "$folder/$name") or die;
		print $out join($end, "From: Joe <joe\@x.example>",
		    "To: x\@y.example", "Subject: octets",
		    "Date: Fri, 03 Jul 2026 10:00:00 +0000",
		    "Message-ID: <$name\@x.example>", "MIME-Version: 1.0",
		    "Content-Type: text/plain; charset=ISO-8859-1",
		    "Content-Transfer-Encoding: 8bit", "", $text);
	}
	die unless defined $in;
	$want = ref $in ? $$in : $in =~ s/\n/\r\n/gr unless defined $want;
	keep("in", ref $in ? ("\r\n", $$in) : ("\n", $in));
	keep("want", "\r\n", $want);
	' "$1" "$2" || diag "no text $1"
}

text plain '"one\ntwo\n"'
text blank-lines '"\n\n\none\n\n\n"'
text no-body '""'
text no-final-newline '("one\ntwo", "one\r\ntwo\r\n")'
text ends-in-a-dot '("one\n.", "one\r\n.\r\n")'
text crlf '\"one\r\n.two\r\n\r\n"'
text mixed '("a\nb\r\nc\n\r\nd\r\n\n", "a\r\nb\r\nc\r\n\r\nd\r\n\r\n")'
text stray-cr-and-nul '("a\rb\n\rc\0d\re\n\r\r\n\0\n",
    "a b\r\n c d e\r\n\r\n \r\n")'
text dots '".\n..\n...\n.x\n..x\nx.\n. \n.\n.\n"'
text many-dots '".\n" x 40000'
text growing 'join "", map { "x" x $_, "\n", "." x $_, "\n" } 0 .. 300'
text longest-lines 'join "", map { $_ x 998, "\n", "." . $_ x 997, "\n" }
    "a", ".", "\xe9"'
text all-octets 'join("", map { chr } 1 .. 9, 11, 12, 14 .. 255) . "\n"'
text 8bit '"gr\xc3\xbc\xc3\x9fe \xe2\x82\xac \xff\xfe\n" x 100'
text words '"RSET\nQUIT\n250 ok\nFrom x\n>From y\nBcc: z\@y.example\n"'
text large 'my $in = "";
srand 4;
$in .= "." x rand(3) . pack("C*", map { 32 + rand 224 } 1 .. rand 990) . "\n"
    while length $in < 4000000;
$in'

# compare WHAT: all that has arrived
compare()
{
	for message in "$T"/next/*.msg; do
		next_text "$message" >"$T/octets"
		mv "$T/octets" "$T/got/$(sed -n \
		    's/^Message-ID: <\(.*\)@x.example>\r$/\1/p' "$message")"
	done
	for want in "$T"/want/*; do
		same_file "$T/got/${want##*/}" "$want" "$1: ${want##*/}"
	done
	rm -f "$T"/got/*
}

logs_in()
{
	what=$1
	shift
	postfix_conf "$@"
	fresh
	run "$SENDMAIL" -i -f joe@x.example x@y.example <"$T/in/plain"
	is "$rc $(queued) $(passed_on)" "0 0 1" "$what: it arrives"
	silent "$what: silent"
	next_text "$T/next/1.msg" >"$T/octets"
	same_file "$T/octets" "$T/want/plain" "$what: as it was"
}

refused_login()
{
	postfix_conf "$@" 'password = wrong'
	fresh
	run "$SENDMAIL" -f joe@x.example x@y.example <"$T/in/plain"
	is "$rc $(queued) $(passed_on)" "0 1 0" \
	    "a wrong password, $*: it waits, exit 0"
	like "$("$MAILQ")" 'refused the login .*535' \
	    "a wrong password, $*: mailq says why"
	postfix_conf "$@"
	run "$SENDMAIL" -q
	is "$rc $(queued) $(passed_on)" "0 0 1" \
	    "a wrong password, $*: mended, it arrives"
}

each_text()
{
	fresh
	for file in "$T"/in/*; do
		run "$SENDMAIL" -i -f joe@x.example x@y.example <"$file"
		is "$rc" 0 "$1: ${file##*/}"
	done
	is "$(queued) $(passed_on)" "0 $(ls "$T/in" | wc -l)" "$1: all arrive"
	compare "$1"
	fresh
	for file in "$T"/in/*; do
		"$SENDMAIL" -odq -i -f joe@x.example x@y.example <"$file"
	done
	run "$SENDMAIL" -q
	is "$rc $(queued) $(passed_on)" "0 0 $(ls "$T/in" | wc -l)" \
	    "$1, a run: all arrive"
	compare "$1, a run"
	is "$(connects)" 1 "$1, a run: over one connection"
}
