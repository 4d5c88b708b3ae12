#!/bin/sh
# SPDX-License-Identifier: ISC
# A client that lies, drips, falls silent, leaves or is killed, at any moment of a
# dialogue over -bs: what is bounded, and that a message is owned or not, and
# never half.
. "${0%/*}/lib.sh"
. "$TOP/t/process.sh"

ca_make
conf_write
smarthost_start
mkfifo "$T/pipe"
head='MAIL FROM:<joe@x.example>\r\nRCPT TO:<a@y.example>\r\n'
text="${head}DATA\r\nSubject: hi\r\n\r\nhello\r\n"

# talk TEXT: all at once; $codes are those of the replies behind the greeting.
talk()
{
	printf %b "$1" >"$T/in"
	run "$SENDMAIL" -bs <"$T/in"
	codes=$(tr -d '\r' <"$T/out" | sed -n '1d; s/^\([0-9]*\) .*/\1/p' |
	    tr '\n' ' ')
	codes=${codes% }
}

# A NUL stood for a blank once, so that this was the address "j oe".
for command in 'MAIL FROM:<"j\0oe"@x.example>' 'MAIL FROM:<joe@x.example>\0' \
    'MAIL FROM:<joe@x.example> RET=FULL\0' 'MAIL FROM:<"j\roe"@x.example>' \
    'MAIL FROM:<"j\\\0oe"@x.example>' 'MAIL FROM:<"j\toe"@x.example>' \
    'MAIL FROM:<joe@x.example>\rRCPT TO:<a@y.example>' \
    'MAIL FROM:<"j\0177oe"@x.example>'; do
	talk "$command\r\n"
	is "$codes" 501 "$(printf %s "$command" | tr '\\' '|') is refused"
done
talk 'NOOP\rQUIT\r\nRSET\0\r\nXCLIENT ADDR=192.0.2.1\r\nBDAT 5 LAST\r\nhello\r\n'
is "$codes" "500 500 500 502 500" "nor is it the end of a verb, or another's"
talk 'HELO \0033[31m\r\nVRFY \0033\r\nFOO \0033\r\nMAIL FROM:<\0033>\r\n'
unlike "$(cat "$T/out")" "$(printf '\033')" "nothing of it is echoed"

# What a line is only where DATA was taken
talk "MAIL FROM:<joe@x.example>\r\nRCPT TO:<>\r\nDATA\r\n\r\nhi\r\n.\r\nQUIT\r\n"
is "$codes" "250 501 503 500 500 500 221" "a text that nobody asked for is none"

# A newsletter to many who are gone: a refusal, and a RSET, are a message each.
rules 'RCPT * 550 5.1.1 gone'
i=0
while [ $i -lt 101 ]; do
	printf %b "$text.\r\nRSET\r\n"
	i=$((i + 1))
done >"$T/in"
run "$SENDMAIL" -bs <"$T/in"
is "$(grep -c '^550 5.1.1 gone' "$T/out") $(grep -c '^421' "$T/out")" "101 0" \
    "a hundred refusals are no hundred commands for nothing"
rules

# Our own smarthost may leave, and we need not

conf_write '[queue]' 'keep = no'
for stage in MAIL RCPT DATA DOT; do
	case $stage in
	DATA | DOT) rules "$stage 421 4.3.2 bye" ;;
	*) rules "$stage * 421 4.3.2 bye" ;;
	esac
	talk "$text.\r\nNOOP\r\n"
	is "$codes" "250 250 354 451 250" "421 to $stage is 451 to the client"
	like "$(cat "$T/out")" '^451 4\.3\.2 bye' "in its words"
done
rules

# One pipe or socket for all: nothing but replies

conf_write '[log]' 'to = stderr'
fresh
printf %b "$text.\r\n" >"$T/in"
"$SENDMAIL" -bs <"$T/in" >"$T/out" 2>&1
is "$(arrived) $(grep -vc '^[2-5][0-9][0-9][ -]' "$T/out")" "1 0" \
    "a log on standard error does not get into the dialogue"
run "$SENDMAIL" -bs <"$T/in"
like "$(cat "$T/err")" 'status=sent' "elsewhere it is one"
conf_write

# Who leaves

cat >"$T/client.pl" <<'END'
use Socket;
my ($mode, $text, @command) = @ARGV;
$SIG{PIPE} = 'IGNORE';
socketpair my $ours, my $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die;
my $pid = fork // die;
if ($pid == 0) {
	open STDIN, '<&', $theirs;
	open STDOUT, '>&', $theirs;
	close $ours;
	exec @command;
}
close $theirs;
sub hear { my $want = shift; while (<$ours>) { return if /^$want / } }
$text =~ s/\\r\\n/\r\n/g;
syswrite $ours, $text;
hear 354;
shutdown $ours, 0 if $mode eq 'deaf';
syswrite $ours, ".\r\n" unless $mode eq 'early';
shutdown $ours, 1 if $mode eq 'half';
hear 250 if $mode eq 'half';
if ($mode eq 'gone') {
	select undef, undef, undef, 0.3;
}
close $ours unless $mode eq 'deaf';
waitpid $pid, 0;
exit $? >> 8;
END
client()
{
	fresh
	timeout 20 perl "$T/client.pl" "$1" "$text" "$SENDMAIL" -bs
	rc=$?
	await 5 all_gone
}
client early
is "$rc $(arrived) $(queued)" "0 0 0" "who leaves ahead of the dot takes it with him"
client half
is "$rc $(arrived) $(queued)" "0 1 0" "who only listens gets his reply"
client gone
is "$rc $(arrived) $(queued)" "0 1 0" "who leaves behind the dot has given it to us"
smarthost_stop
client gone
is "$rc $(queued)" "0 1" "and it waits where nobody answers"
smarthost_start
fresh
printf %b "$text.\r\nNOOP\r\n" >"$T/in"
"$SENDMAIL" -bs <"$T/in" >/dev/full
is "$? $(arrived) $(queued)" "0 0 0" "who cannot be answered hands over nothing"

# Silence, at each moment: poll(2) says at once that five minutes are over.

for prefix in 'EHLO me\r\n' 'MAIL FROM:<joe@x.example>\r\n' "$head" "$text" \
    "$text." 'NOO'; do
	fresh
	case $prefix in
	*\\n | *.) when=4 ;;
	*) when=3 ;;
	esac
	run strace -o "$T/trace" -e trace=poll -e inject=poll:retval=0:when=$when \
	    "$SENDMAIL" -bs <"$T/pipe" & pid=$!
	{
		printf %b "$prefix" >&9
		wait $pid
	} 9>"$T/pipe"
	like "$(tail -n 1 "$T/out")" '^421 4.4.2 web1 ' "silence behind $(printf %s "$prefix" |
	    tr -d '\\' | tail -c 20)"
	is "$(arrived) $(queued)" "0 0" "and nothing is kept"
done

# A client that does not read: its replies must not be waited for for ever.
run strace -o "$T/trace" -e trace=poll -e inject=poll:retval=0:when=1 \
    "$SENDMAIL" -bs <"$T/in"
is "$rc $(grep -c 'POLLOUT.*30[0-9]*\|POLLOUT.*29' "$T/trace") $(arrived)" "0 1 0" \
    "who does not read has five minutes"

# drip TEXT FASTER: an octet each 0.02 s, each of which counts for so many more
drip()
{
	run env ASAN_OPTIONS=verify_asan_link_order=0 CLOCK_FAST="$2" \
	    LD_PRELOAD="$TOP/t/shim-clock.so" "$SENDMAIL" -bs <"$T/pipe" & pid=$!
	perl -e '$| = 1; $SIG{PIPE} = "DEFAULT"; my $i = 0;
	    while ($i++ < 500) { print $ARGV[0]; select undef, undef, undef, 0.02 }' \
	    "$1" >"$T/pipe"
	wait $pid
}
drip x 10000
like "$(tail -n 1 "$T/out")" '^421 4.4.2 ' "a line that drips"
fresh
printf %b "$text" >"$T/in"
drip "$(cat "$T/in")" 5000
like "$(tail -n 1 "$T/out")" '^421 4.7.0 ' "a text that drips"
is "$(arrived) $(queued)" "0 0" "is not sent in part"

# SIGTERM, at each moment

for prefix in 'EHLO me\r\n' "$head" "$text" "$text."; do
	fresh
	"$SENDMAIL" -bs <"$T/pipe" >"$T/out" 2>&1 & pid=$!
	exec 9>"$T/pipe"
	printf %b "$prefix" >&9
	await 5 grep -q "^[23]5[04] " "$T/out"
	kill -TERM $pid
	wait $pid 2>/dev/null
	rc=$?
	exec 9>&-
	is "$rc $(arrived) $(queued)" "143 0 0" "SIGTERM behind $(printf %s "$prefix" |
	    tr -d '\\' | tail -c 20)"
	is "$(find "$HOME/.queue" -type f 2>/dev/null | wc -l)" 0 "it leaves nothing"
done

# Once it has a name in the queue it is ours, and who gave it has to know.
printf %b "$text.\r\nNOOP\r\n" >"$T/in"
printf 'Subject: hi\n\nhello\n' >"$T/message"
for rule in 'GREETING 554 no' 'RCPT b* 451 later'; do
	fresh "$rule"
	sed 's/^RCPT.*/&\nRCPT TO:<b@y.example>/' "$T/in" >"$T/in2"
	run strace -o "$T/trace" -e trace=linkat \
	    -e inject=linkat:signal=TERM "$SENDMAIL" -bs <"$T/in2"
	like "$(tail -n 1 "$T/out")" '^250 2.0.0 Ok' \
	    "SIGTERM when it is in the queue ($rule): the client is told"
	is "$(queued)" 1 "and it is there"
	fresh "$rule"
	run strace -o "$T/trace" -e trace=linkat \
	    -e inject=linkat:signal=TERM "$SENDMAIL" -f joe@x.example \
	    a@y.example b@y.example <"$T/message"
	is "$rc $(queued)" "0 1" "so is a caller who gave it on standard input"
done

# A full disk: what can go goes, the rest is the client's

fresh
mkdir -m 700 "$HOME/.queue"
mount -t tmpfs -o size=64k,mode=700 none "$HOME/.queue"
mkdir -m 700 "$HOME/.queue/active"
cat /dev/zero >"$HOME/.queue/fill" 2>/dev/null
full()
{
	rules "$1"
	find "$T/smarthost" -type f -delete
	run "$SENDMAIL" -bs <"$T/in"
	is "$(tail -n 2 "$T/out" | cut -c1-4 | tr '\n' ' ')$(arrived) $(queued "$HOME/.queue/active")" \
	    "$2" "a full disk: $3"
}
full '' '250  250  1 0' "it goes"
full 'RCPT * 451 later' '451  250  0 0' "it cannot be kept"
full 'GREETING 554 no' '451  250  0 0' "nor if nobody takes it"
{
	printf %b "$text"
	yes "$(head -c 900 /dev/zero | tr '\0' x)" | head -c 900000
	printf '\r\n.\r\nNOOP\r\n'
} >"$T/in"
full 'RCPT * 451 later' '451  250  0 0' "nor if it is large"
umount "$HOME/.queue"

done_testing
