#!/bin/sh
# SPDX-License-Identifier: ISC
# What a full queue costs: memory that does not grow with the messages, one
# connection where nobody answers; and what one message costs in it.
. "${0%/*}/lib.sh"

ca_make
conf_write
printf 'From: a@x.example\nSubject: hi\n\nhello\n' >"$T/in"

# count CALL: how often it was made
count()
{
	awk -v call="$1" '$NF == call { print $4 }' "$T/count" | grep . || echo 0
}

# One message that waits, and what sending it costs

smarthost_start
"$SENDMAIL" -odq -f a@x.example b@y.example <"$T/in"
run strace -f -c -o "$T/count" "$SENDMAIL" -q
is "$rc $(queued) $(arrived)" "0 0 1" "a message that waits is sent"
is "$(count unlinkat) $(count fsync) $(count fdatasync) $(count linkat)" \
    "1 1 0 0" "that costs one unlink and one fsync, of the folder"
smarthost_stop

# Twenty thousand

n=20000
"$SENDMAIL" -odq -f a@x.example b@y.example <"$T/in"
perl -e 'my ($dir, $n) = @ARGV; my ($file) = glob "$dir/*"; local $/;
    open my $in, "<", $file or die; my $text = <$in>;
    for my $i (2 .. $n) {
	my $name = sprintf "%s/%011X%05X", $dir, 0x19F00000000 + $i, $i;
	open my $out, ">", $name or die; chmod 0600, $name;
	print $out $text; close $out or die;
    }' "$HOME/.queue/active" $n
rss "$MAILQ"
is "$rc $(tail -n 1 "$T/out" | awk '{ print $5 }')" "0 $n" "$n are listed"
ok "in less than 10 MB ($peak kB)" test "$peak" -lt "$(limit 10240)"
rss "$MAILQ" -j
is "$rc $(wc -l <"$T/out")" "0 $n" "in JSON, too"
rss "$SENDMAIL" -q
is "$rc" 0 "a run with the server down ends"
ok "in less than 14 MB ($peak kB)" test "$peak" -lt "$(limit 14336)"
strace -f -e trace=connect -o "$T/trace" "$SENDMAIL" -q
is "$(grep -c 'sin_port=htons(2587)' "$T/trace")" 1 "after one connection attempt"
strace -f -c -o "$T/count" "$SENDMAIL" -q
ok "and opens next to nothing ($(count openat) files)" \
    test "$(count openat)" -lt 100

"$SENDMAIL" -q --due
strace -f -e trace=connect -o "$T/trace" "$SENDMAIL" -q --due
is "$(grep -c 'sin_port=htons(2587)' "$T/trace")" 0 \
    "by schedule it asks nobody who has just turned us away"
like "$("$MAILQ" | head -n 1)" \
    "^smarthost.test port 2587 turns us away since .*, next try .*refused" \
    "mailq says so first"
like "$("$MAILQ" -j | head -n 1)" '"smarthost_status": "smarthost.test port' \
    "and in JSON"

done_testing
