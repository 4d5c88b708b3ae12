#!/bin/sh
# SPDX-License-Identifier: ISC
# What a server may take in all: ten minutes after the dot, whatever `timeout'
# says, and an hour to get there, however little it takes at a time.
. "${0%/*}/lib.sh"
. "$TOP/t/matrix.sh"

ca_make
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"
smarthost_start -a -t none -e SIZE


# by_clock FACTOR RULE: what comes of what waits, where time goes so fast
by_clock()
{
	rules "$2"
	begun=$(now_ms)
	run env ASAN_OPTIONS=verify_asan_link_order=0 CLOCK_FAST="$1" \
	    LD_PRELOAD="$TOP/t/shim-clock.so" "$SENDMAIL" -q
	took=$(($(now_ms) - begun))
}

conf_write 'host = 127.0.0.1' 'tls = off' 'timeout = 1m' -user -password
fresh
send -odq
by_clock 100 'DOT delay 3000'
is "$rc $(queued) $(arrived)" "0 0 1" "five minutes after the dot it is accepted"
fresh
send -odq
by_clock 100 'DOT hang'
is "$rc $(queued)" "0 1" "after ten minutes without a reply it waits"
like "$(reason)" 'unknown' "for nobody knows what came of it"
like "$(reason)" 'no answer from .* in 600 s' "they were ten"
ok "no more and no less" test $took -ge 5900 -a $took -lt 15000

smarthost_stop
smarthost_start -a -t none -e PIPELINING -e CHUNKING
fresh
send -odq
by_clock 100 'DOT hang'
is "$rc $(queued) $(said)" "0 1 + EHLO MAIL RCPT BDAT " "so behind a BDAT"
like "$(reason)" 'unknown|no answer from .* in 600 s' "in ten minutes"
smarthost_stop

# Until MAIL it takes less.  A listener without a queue stands for who is deaf.

perl -MSocket -e 'socket($l, PF_INET, SOCK_STREAM, 0);
	bind($l, pack_sockaddr_in(2590, INADDR_LOOPBACK)); listen($l, 0);
	for (1 .. 4) {
		socket($c[$_], PF_INET, SOCK_STREAM, 0);
		fcntl($c[$_], 4, 2048);
		connect($c[$_], pack_sockaddr_in(2590, INADDR_LOOPBACK));
	}
	sleep 600' &
deaf=$!
sleep 0.5

# patience SECONDS DESCRIPTION RULE: so long it takes
patience()
{
	fresh
	send -odq
	by_clock 20 "${3:-}"
	is "$rc $(queued) $(arrived)" "0 1 0" "$2: it waits"
	ok "$2: after $1 s, about" \
	    test $took -ge $(($1 * 50 - 100)) -a $took -lt $(($1 * 50 + 3000))
}
conf_write 'host = 127.0.0.1' 'port = 2590' 'tls = off' 'timeout = 50m' \
    -user -password
patience 30 "no connection"
kill $deaf
smarthost_start -a -t none -e SIZE
conf_write 'host = 127.0.0.1' 'tls = off' 'timeout = 50m' -user -password
patience 60 "no greeting" 'GREETING hang'
smarthost_stop
smarthost_start -a -t implicit -e SIZE
conf_write 'host = 127.0.0.1' 'tls = implicit' 'timeout = 50m' -user -password
patience 60 "no handshake" 'TLS hang'
smarthost_stop
smarthost_start -a -t none -e SIZE

conf_write 'host = 127.0.0.1' 'tls = off' 'timeout = 50m' -user -password
fresh
send -odq b@y.example c@y.example d@y.example e@y.example
by_clock 1000 'RCPT delay 900'
is "$rc $(queued) $(arrived)" "0 1 0" "five recipients, 15 minutes each: it waits"
like "$(reason)" 'no answer from' "mailq says why"
ok "that took an hour" test $took -ge 3500 -a $took -lt 6000
rules
run "$SENDMAIL" -q
is "$rc $(queued) $(arrived)" "0 0 1" "then it goes, once"
fresh
for i in 1 2 3; do
	send -odq b@y.example
done
by_clock 1000 'RCPT delay 900'
is "$rc $(queued) $(arrived) $(said | tr -dc + | wc -c)" "0 0 3 1" \
    "three messages of half an hour each go over one connection"

done_testing
