#!/bin/sh
# SPDX-License-Identifier: ISC
# In the background: the caller is gone once his message is safe, and then it is
# tried, once.
. "${0%/*}/lib.sh"
. "$TOP/t/process.sh"

ca_make
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"
smarthost_start

for how in -odb key; do
	fresh 'GREETING until go'
	if [ $how = key ]; then
		conf_write '[queue]' 'delivery = background'
		text=$("$SENDMAIL" -f joe@x.example a@y.example <"$T/in" 2>&1)
	else
		conf_write
		text=$("$SENDMAIL" -odb -f joe@x.example a@y.example \
		    <"$T/in" 2>&1)
	fi
	is "$? $text $(queued)" "0  1" "$how: the caller gets 0, and EOF, at once"
	: >"$T/go"
	ok "$how: then it arrives" await 20 has_arrived 1
	ok "$how: nothing is left behind" await 10 has_queued 0
	ok "$how: nobody stays" await 10 all_gone
	is "$(arrived) $(connects)" "1 1" "$how: once"
done
fresh 'RCPT delay 700'
send -odi a@y.example
is "$rc $(arrived)" "0 1" "-odi overrides the key"

fresh
strace -f -o "$T/trace" -e trace=fsync,connect,exit_group \
    "$SENDMAIL" -odb -f joe@x.example a@y.example <"$T/in"
pid=$(awk '/fsync/ { print $1; exit }' "$T/trace")
like "$(sed -nE "s/^$pid +(fsync|connect\\(.*AF_INET|exit_group).*/\\1/p" "$T/trace" |
    tr '\n' ' ')" '^(fsync )+exit_group $' \
    "-odb: its caller's process syncs, and exits, and sees no network"

fresh 'RCPT a@* 550 5.1.1 who'
send -odb a@y.example
is "$rc" 0 "-odb, refused: the caller gets 0"
ok "and its sender a report" await 20 grep -qs 'RCPT TO:<joe@x.example>' \
    "$T/smarthost/1.env"
await 10 all_gone

fresh 'RCPT * 451 later'
conf_write '[queue]' 'runner = no'
send -odb a@y.example
ok "runner = no: -odb makes one attempt" await 10 all_gone
is "$rc $(queued) $(connects)" "0 1 1" "and leaves it at that"
conf_write '[queue]' 'keep = no'
fresh
send -odb a@y.example
is "$rc $(arrived)" "0 1" "keep = no: -odb sends while the caller waits"

done_testing
