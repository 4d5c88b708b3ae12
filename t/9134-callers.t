#!/bin/sh
# SPDX-License-Identifier: ISC
# However a caller leaves us: without descriptors, with too many, with signals
# ignored, without a home or a /dev; and what reports he asked for is kept.
. "${0%/*}/lib.sh"
. "$TOP/t/process.sh"

conf_write '-user' '-password' 'tls = off' '[sender]' 'domain = x.example'
smarthost_start -a -t none
printf 'To: to@y.example\nBcc: eve@y.example\nSubject: hi\n\none\n' >"$T/in"
down=ONEHOP_SMARTHOST_PORT=9

# Descriptors

"$SENDMAIL" -ti <"$T/in" >&- 2>&-
is "$? $(arrived)" "0 1" "stdout and stderr may be closed"
unlike "$(cat "$T"/smarthost/*.msg)" 'sendmail:' "and nothing of ours is in the text"
fresh
"$SENDMAIL" -ti no@@y.example <"$T/in" >&- 2>&-
is "$? $(arrived)" "65 0" "so they may where something is wrong"
run sh -c '"$1" -ti <&-' sh "$SENDMAIL"
is "$rc $(wc -l <"$T/err") $(arrived)" "66 1 0" "a closed stdin is 66"
sh -c '"$1" -i to@y.example <&- >&- 2>&-' sh "$SENDMAIL"
is "$? $(arrived)" "66 0" "so it is if all three are closed"
run sh -c '"$1" -i to@y.example <"$2"' sh "$SENDMAIL" "$T"
is "$rc $(wc -l <"$T/err") $(arrived)" "74 1 0" "a folder as stdin is 74"
run sh -c '"$1" -i to@y.example 0>"$2"' sh "$SENDMAIL" "$T/none"
is "$rc $(arrived)" "66 0" "what can only be written to is no stdin"
run "$SENDMAIL" -i to@y.example </dev/null
is "$rc $(arrived)" "0 1" "an empty message is one"
fresh

# A socket, which its writer made non-blocking, and writes to in bits
cat >"$T/socket" <<'END'
use Socket;
use Fcntl;
socketpair my $ours, my $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die;
fcntl $theirs, F_SETFL, O_NONBLOCK;
my $pid = fork // die;
if ($pid == 0) {
	close $ours;
	open STDIN, '<&', $theirs or die;
	exec @ARGV or die;
}
close $theirs;
for ("To: to\@y.", "example\r", "\n\r\n", "one\n") {
	syswrite $ours, $_;
	select undef, undef, undef, 0.1;
}
shutdown $ours, 1;
waitpid $pid, 0;
exit $? >> 8;
END
run perl "$T/socket" "$SENDMAIL" -ti
is "$rc $(arrived)" "0 1" "a socket that does not block is read to its end"
fresh

# A leaked descriptor: who reads its other end gets EOF though a runner stays.
text=$(timeout 20 sh -c '"$@" 9>&1 >/dev/null 2>&1' sh env "$down" \
    ONEHOP_QUEUE_RUNNER=yes "$SENDMAIL" -ti <"$T/in")
is "$? $text $(queued)" "0  1" "a leaked descriptor holds up nobody"
ok "while a runner stays" await 10 has_runner
fresh

# Without /dev: a connection must not become one of the three.
mkdir "$T/dev"
mount --bind "$T/dev" /dev
"$SENDMAIL" -v -ti <"$T/in" >&- 2>&-
rc=$?
umount /dev
is "$rc $(arrived) $(transcript | grep -c ">>>")" "0 1 0" \
    "without a /dev/null closed descriptors do no harm"
fresh

# Signals, umask, home

cat >"$T/ignore" <<'END'
$SIG{$_} = 'IGNORE' for qw(INT HUP PIPE TERM CHLD QUIT);
exec @ARGV or die;
END
run perl "$T/ignore" "$SENDMAIL" -ti <"$T/in"
is "$rc $(arrived)" "0 1" "all signals may be ignored"
silent "and it is silent"
fresh
cat >"$T/block" <<'END'
use POSIX;
sigprocmask(SIG_BLOCK, POSIX::SigSet->new(1 .. 31));
exec @ARGV or die;
END
run perl "$T/block" env "$down" "$SENDMAIL" -ti <"$T/in"
is "$rc $(queued)" "0 1" "all signals may be blocked"
fresh

# interrupt SIGNAL: in the middle of a message; its last words come later
cat >"$T/interrupt" <<'END'
my ($signal, @words) = @ARGV;
pipe my $in, my $out or die;
my $pid = fork // die;
if ($pid == 0) {
	close $out;
	open STDIN, '<&', $in or die;
	exec @words or die;
}
syswrite $out, "To: to\@y.example\n\n" . "half\n" x 100000;
select undef, undef, undef, 0.2;
kill $signal, $pid;
waitpid $pid, 0;
print $? & 127, "\n";
END
for signal in INT:2 TERM:15 HUP:1; do
	is "$(perl "$T/interrupt" "${signal%:*}" "$SENDMAIL" -ti)" \
	    "${signal#*:}" "SIG${signal%:*} in the middle: we die of it"
	is "$(arrived) $(queued)" "0 0" "and nothing is sent or kept"
done
is "$(find "$HOME/.queue" /tmp -maxdepth 2 -name '.t-*' 2>/dev/null | wc -l)" 0 \
    "no trace is left"
fresh

(umask 0777 && env "$down" "$SENDMAIL" -ti <"$T/in")
is "$? $(queued) $(stat -c %a "$HOME"/.queue/active/*)" "0 1 600" \
    "a umask of 0777 does not matter"
unlike "$(cat "$HOME"/.queue/active/*)" '^Bcc' "Bcc is not kept in the queue either"
like "$(cat "$HOME"/.queue/active/*)" '^to eve@y.example' "but he is a recipient"
fresh
for home in HOME=/ HOME= HOME=/nonexistent HOME=relative; do
	run env "$down" "$home" "$SENDMAIL" -ti <"$T/in"
	is "$rc $(queued)" "0 1" "$home moves no queue of who has an entry"
	silent "$home adds nothing to say"
	fresh
done
run env -i "$down" "$SENDMAIL" -ti <"$T/in"
is "$rc $(queued)" "0 1" "no environment at all is enough"
fresh

# A writer that is refused gets our exit code, and no SIGPIPE.
cat >"$T/writer" <<'END'
open my $out, '|-', @ARGV or die;
print $out "To: a b\@y.example\n\n", "x" x 79 . "\n" for 1 .. 50000;
close $out;
print $? >> 8, "\n";
END
is "$(perl "$T/writer" "$SENDMAIL" -ti 2>/dev/null)" 65 \
    "who writes on is told 65, not killed"

# Limits of a header

perl -e 'print "X: ", "y" x 1048000, "\nTo: to\@y.example\n\nx\n"' >"$T/big"
run "$SENDMAIL" -ti <"$T/big"
is "$rc $(arrived)" "0 1" "a header just under 1 MiB goes"
fresh
perl -e 'print "X: ", "y" x 1048600, "\nTo: to\@y.example\n\nx\n"' >"$T/big"
run "$SENDMAIL" -ti <"$T/big"
is "$rc $(arrived) $(wc -l <"$T/err")" "65 0 1" "one above it is 65"
fresh
for text in '"("x500000' '"<"x1000000' '","x1000000' '"a@y.example "x80000' \
    '"\"\\\\"x300000' '"a."x500000' '"(),"x300000' '":;,"x300000'; do
	perl -e "print 'To: ', $text, qq(\n\nx\n)" >"$T/big"
	run timeout 10 "$SENDMAIL" -ti <"$T/big"
	like "$rc" '^6[45]$' "1 MB of $text is refused in no time"
done

# Reports where DSN is not offered: we make them, as asked

smarthost_stop
smarthost_start -a -t none -e 8BITMIME -e PIPELINING
asked='-N failure -R full -V id+2B1'
# deferred WORDS...: now, and refused by the next run
deferred()
{
	fresh 'RCPT no@* 450 4.2.1 later'
	# shellcheck disable=SC2086
	run "$SENDMAIL" -i -f joe@x.example "$@" no@y.example <"$T/in"
	rules 'RCPT no@* 550 5.1.1 no such user'
	transcript_clear
	"$SENDMAIL" -q
	"$SENDMAIL" -q
}
# shellcheck disable=SC2086
deferred $asked
is "$rc $(arrived)" "0 1" "-N failure: a report is made here"
text=$(tr -d '\r' <"$T/smarthost/1.msg")
like "$text" '^Original-Envelope-Id: id\+1$' "-V: it bears the identifier"
like "$text" '^one$' "-R full: it brings the whole message"
unlike "$text" 'eve@y.example' "but no Bcc"
unlike "$(transcript)" 'NOTIFY|RET=|ENVID' "and none of it is said"
deferred -N failure -R hdrs
unlike "$(cat "$T"/smarthost/1.msg)" '^one' "-R hdrs: it brings the header only"
deferred -N never
is "$rc $(arrived) $(queued)" "0 0 0" "-N never: no report"
deferred -N success
is "$rc $(arrived) $(queued)" "0 0 0" "-N success: no report of failure"
fresh
run "$SENDMAIL" -i -f joe@x.example -N success a@y.example <"$T/in"
is "$rc $(arrived) $(queued)" "0 1 0" "and none of success"

smarthost_stop
smarthost_start -a -t none
fresh
# shellcheck disable=SC2086
run env "$down" "$SENDMAIL" -i -f joe@x.example $asked a@y.example <"$T/in"
transcript_clear
"$SENDMAIL" -q
like "$(transcript)" 'C: MAIL .* RET=FULL ENVID=id\+2B1' \
    "what waited asks for it where DSN is offered, too"
like "$(transcript)" 'C: RCPT .* NOTIFY=FAILURE' "for each recipient"

# Choosing what to run

fresh 'RCPT * 450 4.2.1 later'
for who in ann bob; do
	"$SENDMAIL" -odq -i -f "$who@x.example" "to-$who@y.example" <"$T/in"
done
is "$("$SENDMAIL" -bP)" 2 "-bP counts what waits"
chosen()
{
	transcript_clear
	"$SENDMAIL" "$@"
	transcript | sed -n 's/^C: MAIL FROM:<\([a-z]*\)@.*/\1/p' | sort | tr '\n' ' '
}
is "$(chosen -qSann)" "ann " "-qS chooses by sender"
is "$(chosen '-q!Sann')" "bob " "-q!S all others"
is "$(chosen -qR to-BOB)" "bob " "-qR by recipient"
is "$(chosen '-q!Rto-bob')" "ann " "-q!R all others"
is "$(chosen "-q!I$(ls "$HOME/.queue/active" | head -n 1)" | wc -w)" 1 \
    "-q!I all but one"
is "$(chosen -qGmain)" "ann bob " "-qG all"
is "$(chosen -qQ)$(chosen -qL)" "" "-qQ and -qL none"
ln -s "$SENDMAIL" "$T/runq"
transcript_clear
"$T/runq"
is "$(transcript | grep -c 'C: MAIL')" 2 "runq is -q"

done_testing
