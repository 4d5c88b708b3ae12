#!/bin/sh
# SPDX-License-Identifier: ISC
# The fault matrix of silence: every wait has an end that no octet moves, also
# where a server says a little now and then, or far too much.
. "${0%/*}/lib.sh"
. "$TOP/t/matrix.sh"

ca_make
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"

# held SECONDS REASON RULE...: so long, at most
held()
{
	seconds=$1 pattern=$2
	shift 2
	rules "$@"
	fresh
	begun=$(now_ms)
	send
	took=$(($(now_ms) - begun))
	is "$rc $(queued) $(arrived)" "0 1 0" "$*: it waits, exit 0"
	like "$(reason)" "$pattern" "$*: mailq says so"
	ok "$*: within $seconds s" test $took -lt $((seconds * 1000))
	rules
	heals "$*"
}

silence='no answer from .* in 1 s'
smarthost_start
conf_write 'timeout = 1s'
held 3 "$silence" 'GREETING hang'
held 3 "$silence" 'GREETING drip 100 220 smarthost.test, at your service'
held 3 "$silence" 'STARTTLS hang'
held 3 'no answer in 1 s' 'TLS hang'
held 3 "$silence" 'EHLO[2] hang'
held 3 "$silence" 'AUTH hang'
held 3 'more than [0-9]+ (lines|octets)' 'GREETING flood'
held 3 'more than [0-9]+ (lines|octets)' 'EHLO flood'
held 3 'more than [0-9]+ (lines|octets)' 'EHLO[2] flood'
held 3 'more than 128 lines' 'GREETING flood 220-hi\r\n'
held 3 'more than [0-9]+ octets' 'GREETING flood x'
held 3 'more than [0-9]+ octets' 'EHLO flood 250-X'
held 3 'more than [0-9]+ octets' 'EHLO[2] flood \x00'
held 3 'cannot log in' 'AUTH flood 334 VXNlcm5hbWU6\r\n'
smarthost_stop

smarthost_start -a -t none
conf_write 'tls = off' 'timeout = 1s' -user -password
held 3 "$silence" 'MAIL hang'
held 3 "$silence" 'RCPT hang'
held 3 "$silence" 'RCPT drip 200'
held 3 "$silence" 'DATA hang'
held 3 'more than [0-9]+ (lines|octets)' 'RCPT flood'
held 3 'more than [0-9]+ octets' 'RCPT flood 250 '
held 3 'strange|more than|ahead' 'RCPT flood 250 ok\r\n'

# A gigabyte costs no memory, of which sanitizers take more.
if ! grep -q __asan_init "$SENDMAIL"; then
	rules 'GREETING flood x'
	fresh
	run /usr/bin/time -f %M -o "$T/size" \
	    "$SENDMAIL" -f joe@x.example a@y.example <"$T/in"
	ok "who babbles without an end costs under 10 MB" \
	    test "$(tail -n 1 "$T/size")" -lt 10240
fi
# Who is told to end waits for the last word, but not for long.

for way in 'at once' 'in a run'; do
	rules 'DOT hang'
	fresh
	transcript_clear
	if [ "$way" = 'at once' ]; then
		"$SENDMAIL" -f joe@x.example a@y.example <"$T/in" & pid=$!
	else
		"$SENDMAIL" -odq -f joe@x.example a@y.example <"$T/in"
		"$SENDMAIL" -q & pid=$!
	fi
	wait_for grep -q '^C: \.' "$T/smarthost.log"
	begun=$(now_ms)
	kill -TERM $pid
	wait $pid
	took=$(($(now_ms) - begun))
	ok "SIGTERM behind the dot, $way: ten seconds ($took ms)" \
	    test $took -ge 9000 -a $took -lt 15000
	is "$(queued)" 1 "then it waits"
	like "$(reason)" 'unknown' "for nobody knows what came of it"
done

rules 'QUIT hang'
fresh
begun=$(now_ms)
send
is "$rc $(queued) $(arrived)" "0 0 1" "QUIT hang: it is sent"
ok "QUIT hang: within 5 s" test $(($(now_ms) - begun)) -lt 5000

done_testing
