#!/bin/sh
# SPDX-License-Identifier: ISC
# What a message costs: names, octets of memory.
. "${0%/*}/lib.sh"

ca_make
conf_write 'auth = PLAIN'
smarthost_start
printf 'From: a@x.example\nSubject: hi\n\nhello\n' >"$T/in"

run strace -f -o "$T/calls" "$SENDMAIL" -f a@x.example b@y.example <"$T/in"
is "$rc $(arrived)" "0 1" "a small message is sent"
is "$(grep -E '(f(data)?sync|syncfs|sync_file_range|link(at)?|rename(at2?)?|fallocate)\(' "$T/calls" |
    grep -v AT_REMOVEDIR)" "" "it needs no fsync, and no name of a file"
is "$(find "$HOME" ! -path "$HOME/.config*")" "$HOME" "it leaves none"
strace -f -e trace=openat,open,creat -o "$T/trace" "$SENDMAIL" \
    -f a@x.example b@y.example <"$T/in"
is "$(grep -E 'O_CREAT|O_TMPFILE' "$T/trace" | grep -v "\"$T/log\"")" "" \
    "it makes no file but the log"
is "$(queued)" 0 "it leaves nothing in the queue"
{
	printf 'From: a@x.example\nSubject: large\n\n'
	yes 'This line is one of very many in a large message, seventy octets wide' |
	    head -n 2912711
} >"$T/large"
rss "$SENDMAIL" -f a@x.example b@y.example <"$T/large"
is "$rc $(arrived)" "0 3" "200 MB are sent"
ok "in less than 10 MB of memory ($peak kB)" test "$peak" -lt "$(limit 10240)"
is "$(tail -c +1 "$T/smarthost/3.msg" | tail -c 1000 | md5sum)" \
    "$(wire <"$T/large" | tail -c 1000 | md5sum)" "to their last octet"
rm -f "$T"/smarthost/*.msg
smarthost_stop
rss "$SENDMAIL" -f a@x.example b@y.example <"$T/large"
is "$rc $(queued)" "0 1" "200 MB are kept"
ok "in less than 10 MB of memory ($peak kB)" test "$peak" -lt "$(limit 10240)"
rm "$T/large"
smarthost_start
rss "$SENDMAIL" -q
is "$rc $(queued)" "0 0" "and sent by a run"
ok "in less than 10 MB of memory ($peak kB)" test "$peak" -lt "$(limit 10240)"
rm -f "$T"/smarthost/*.msg

smarthost_stop
{
	awk 'BEGIN { for (i = 0; i < 100000; i++) printf "%s%d@y", i % 50 ? "," : (i ? "\nTo: " : "To: "), i }'
	printf '\n\nx\n'
} >"$T/in"
rss "$SENDMAIL" -t -f a@x.example <"$T/in"
is "$rc $(queued)" "0 1" "100000 recipients are kept"
ok "in less than 40 MB of memory ($peak kB)" test "$peak" -lt "$(limit 40960)"
is "$("$MAILQ" | grep -c '@y$')" 100000 "mailq lists them"
rm -rf "$HOME/.queue"

is "$(ldd "$MAILQ" | grep -vE 'libc\.|linux-vdso|ld-linux|lib(a|ub|t)san|libgcc_s|libm\.|libstdc' | wc -l)" 0 \
    "mailq is linked to libc only"

done_testing
