#!/bin/sh
# SPDX-License-Identifier: ISC
# A smarthost that turned us away is asked again only now and then, whatever
# waits, and at once when a person may have mended what was wrong.
. "${0%/*}/lib.sh"
. "$TOP/t/process.sh"

ca_make
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"
smarthost_start
relay=$HOME/.queue/.relay

# field N [NUMBER]: a word of the stamp of that line.
field()
{
	sed -n "${2:-1}p" "$relay" 2>/dev/null | cut -d' ' -f"$1"
}

wait_of()
{
	echo $(($(field 3 "$1") - $(field 2 "$1")))
}

# The wait is what it was told, save for what the attempt took.
is_about()
{
	[ "$1" -ge "$2" ] && [ "$1" -le $(($2 + 5)) ]
	report $? "$3" " got: $1 s
want: $2 s"
}

# As if its time had come.
ripen()
{
	awk -v now="$(date +%s)" '{
		$3 = now - 1
		print
	}' "$relay" >"$T/relay" && cat "$T/relay" >"$relay"
}

conf_write '[queue]' 'runner = no' 'retry = 1m 5m 2h'

# One probe

fresh 'GREETING 554 5.3.2 closed'
for i in 1 2 3 4 5; do
	send "r$i@y.example"
done
is "$rc $(queued) $(connects)" "0 5 1" \
    "while a stamp is fresh new mail costs no connection"
is "$(wc -l <"$relay") $(field 4)" "1 1" "there is one stamp, of one probe"
is "$(field 5) $(field 6) $(field 7) $(field 8)" \
    "smarthost.test 2587 starttls alice" "of host, port, tls and user"
like "$(field 9)" 'closed' "with the reason"
is "$(stat -c %a "$relay")" 600 "nobody else can read it"
is_about "$(wait_of)" 60 "the first wait is the first step"
like "$("$MAILQ" | tr -d '\n' | tr -s ' ')" 'closed' "each message has the reason"
ripen
send a@y.example
is "$(connects) $(field 4)" "2 2" "then one more is a probe"
is_about "$(wait_of)" 300 "the second wait is the second step"
ripen
send a@y.example
is "$(connects) $(field 4)" "3 3" "then another"
is_about "$(wait_of)" 1800 "no wait is longer than half an hour"
run "$SENDMAIL" -q
is "$rc $(connects) $(field 4)" "0 4 4" "-q does not heed it, and counts"
is "$(find "$HOME/.queue/active" -type f -newermt '10 seconds' | wc -l)" 0 \
    "what waits is due as it was: that was no attempt"
run "$SENDMAIL" -v -f joe@x.example a@y.example <"$T/in"
is "$rc $(connects)" "0 5" "nor does -v"
rules
run "$SENDMAIL" -q
is "$rc $(queued)" "0 0" "a run finds that it is open again"
not_ok "the first success clears the stamp" test -e "$relay"

# What is refused, and where

stamped()
{
	fresh "$1"
	send a@y.example
	send b@y.example
	is "$(connects) $(field 4)" "1 1" "$1: one probe"
	is_about "$(wait_of)" "$2" "$1: $2 s"
	ripen
	send c@y.example
	is "$(connects) $(field 4)" "2 2" "$1: it grows"
	is_about "$(wait_of)" "$3" "$1: to $3 s"
}
stamped 'GREETING close' 60 300
stamped 'EHLO 550 no' 60 300
stamped 'STARTTLS 454 no' 60 300
stamped 'AUTH 454 later' 60 300
stamped 'AUTH 535 5.7.8 no' 900 900
stamped 'MAIL 530 5.7.0 log in' 900 900

unstamped()
{
	fresh "$1"
	send a@y.example
	send b@y.example
	is "$(connects) $(queued)" "2 2" "$1: is the message's own"
	not_ok "$1: sets no stamp" test -e "$relay"
}
unstamped 'MAIL 451 later'
unstamped 'MAIL close'
unstamped 'RCPT 451 later'
unstamped 'DOT 451 later'
unstamped 'DOT close'

fresh 'MAIL 451 later'
mkdir -p "$HOME/.queue/active" && chmod -R 700 "$HOME/.queue"
rules 'GREETING 554 no'
send a@y.example
rules 'MAIL 451 later'
ripen
send b@y.example
not_ok "a deferral shows that the smarthost is open" test -e "$relay"

# What makes it void

fresh 'GREETING 554 no'
send a@y.example
sleep 1.1
touch "$HOME/.config/onehop.conf"
send a@y.example
is "$(connects) $(field 4)" "2 1" "a newer configuration begins anew"
sleep 1.1
cp -p "$HOME/.config/onehop.conf" "$T/conf"
touch -d '1 day ago' "$T/conf"
mv "$T/conf" "$HOME/.config/onehop.conf"
send a@y.example
is "$(connects)" 3 "so does an old file that is put there"
sleep 1.1
send a@y.example
send a@y.example
is "$(connects)" 3 "though only once"

printf '%s\n' "$PASSWORD" >"$T/secret"
chmod 600 "$T/secret"
touch -d '1 hour ago' "$T/secret"
conf_write -password "password_file = $T/secret" '[queue]' 'runner = no'
fresh 'AUTH 535 5.7.8 no'
send a@y.example
send a@y.example
is "$(connects)" 1 "a refused login is not tried again"
sleep 1.1
touch "$T/secret"
send a@y.example
is "$(connects)" 2 "before the password file is newer"

for change in host=localhost user=bob tls=off port=2588; do
	conf_write '[queue]' 'runner = no'
	fresh 'GREETING 554 no'
	[ $change != port=2588 ] || smarthost_start -n other -p 2588
	send a@y.example
	key=$(echo "ONEHOP_SMARTHOST_${change%=*}" | tr '[:lower:]' '[:upper:]')
	if [ $change = tls=off ]; then
		export ONEHOP_SMARTHOST_AUTH=off
	fi
	run env "$key=${change#*=}" "$SENDMAIL" -f joe@x.example a@y.example \
	    <"$T/in"
	if [ $change = port=2588 ]; then
		is "$(connects) $(arrived other)" "1 1" "$change is another stamp"
		smarthost_stop other
	else
		is "$(connects)" 2 "$change is another stamp"
		is "$(wc -l <"$relay")" 2 "$change: with a line of its own"
	fi
	unset ONEHOP_SMARTHOST_AUTH
	send a@y.example
	is "$(field 4)" 1 "$change: the first one stays"
done

conf_write '[queue]' 'runner = no'
fresh 'GREETING 554 no'
send a@y.example
awk '{ $3 = $2 + 3700 + 3600; print }' "$relay" >"$T/relay"
cat "$T/relay" >"$relay"
send a@y.example
is "$(connects)" 2 "a next try more than an hour ahead is void"
awk '{ $2 += 1000; $3 += 1000; print }' "$relay" >"$T/relay"
cat "$T/relay" >"$relay"
send a@y.example
is "$(connects)" 3 "so is one of the future"
printf 'what\n1 2 3\n\001\377\n' >"$relay"
send a@y.example
is "$rc $(connects)" "0 4" "what is no stamp is passed over"
rm "$relay" && ln -s "$T/in" "$relay"
send a@y.example
is "$rc $(connects)" "0 5" "so is what is no file of ours"
is "$(head -n 1 "$T/in")" "From: joe@x.example" "and nothing is written there"

# What sets none

fresh
conf_write 'hsot = x'
send a@y.example
is "$rc $(queued)" "0 1" "a broken configuration queues"
not_ok "and sets no stamp" test -e "$relay"
conf_write -password "password_file = $T/missing" '[queue]' 'runner = no'
send a@y.example
is "$(queued) $(connects)" "2 0" "a password that cannot be read queues"
not_ok "and sets no stamp" test -e "$relay"
printf '#!/bin/sh\necho called >>%s/called; false\n' "$T" >"$T/command"
chmod 700 "$T/command"
conf_write -password "password_command = $T/command" '[queue]' 'runner = no'
rm -f "$T/called"
fresh 'GREETING 554 no'
send a@y.example
is "$(connects) $(wc -l <"$T/called")" "0 1" "nor does a password command that fails"
not_ok "there is no stamp" test -e "$relay"
printf '#!/bin/sh\necho called >>%s/called; echo x\n' "$T" >"$T/command"
send a@y.example
send a@y.example
is "$(connects) $(wc -l <"$T/called")" "1 2" "while it is fresh no password is asked for"
ripen
printf '#!/bin/sh\nfalse\n' >"$T/command"
send a@y.example
is "$(field 4) $(($(field 3) < $(date +%s)))" "1 1" \
    "a password that fails is no probe"
conf_write '[queue]' 'keep = no'
fresh 'GREETING 554 no'
mkdir -p "$HOME/.queue/active" && chmod -R 700 "$HOME/.queue"
send a@y.example
send a@y.example
is "$rc $(connects)" "75 2" "keep = no: none is heeded"
run "$SENDMAIL" -q
not_ok "nor set" test -e "$relay"

# A connection that is lost in a run, and no other is to be had

conf_write '[queue]' 'runner = no'
fresh 'MAIL[2] until go close'
"$SENDMAIL" -odq -f joe@x.example a@y.example <"$T/in"
"$SENDMAIL" -odq -f joe@x.example b@y.example <"$T/in"
"$SENDMAIL" -q & pid=$!
await 10 grep -q -- '^-- until' "$T/smarthost.log"
kill "$(cat "$T/smarthost.pid")"
: >"$T/go"
wait $pid
is "$(arrived) $(queued) $(field 4)" "1 1 1" \
    "a smarthost that is gone amid a run is one probe"
rm -f "$T/smarthost.port"
smarthost_start

# Two smarthosts

conf_write 'host = smarthost.test' '[smarthost second]' 'host = localhost' \
    'port = 2588' "ca = $T/ca.pem" "user = $USER_NAME" \
    "password = $PASSWORD" '[queue]' 'runner = no'
rm -rf "$T/other" "$T/other.log"
smarthost_start -n other -p 2588
fresh 'GREETING 554 no'
mkdir -p "$HOME/.queue/active" && chmod -R 700 "$HOME/.queue"
send a@y.example
send b@y.example
send c@y.example
send d@y.example
is "$rc $(queued) $(connects) $(arrived other)" "0 0 1 4" \
    "the second is tried, and the first only once"
printf 'GREETING 554 no\n' >"$T/other.rules"
send e@y.example
send f@y.example
is "$(wc -l <"$relay") $(queued)" "2 2" "each has a line"
is "$(transcript other | grep -c -- '-- connect')" 5 "and its probe"
: >"$T/other.rules"
ripen
send g@y.example
is "$(wc -l <"$relay") $(field 4) $(arrived other)" "1 2 5" \
    "a success clears its own line"
smarthost_stop other

# Many who do not know of each other

conf_write '[queue]' 'runner = no' 'retry = 1m 5m'
fresh 'GREETING delay 300 554 no'
mkdir -p "$HOME/.queue/active" && chmod -R 700 "$HOME/.queue"
i=0
pids=
while [ $i -lt 20 ]; do
	"$SENDMAIL" -f joe@x.example "r$i@y.example" <"$T/in" & pids="$pids $!"
	i=$((i + 1))
done
wait $pids
is "$(queued) $(field 4)" "20 1" "twenty at once are one probe"
ripen
transcript_clear
pids=
while [ $i -lt 40 ]; do
	"$SENDMAIL" -f joe@x.example "r$i@y.example" <"$T/in" & pids="$pids $!"
	i=$((i + 1))
done
wait $pids
is "$(queued) $(connects) $(field 4)" "40 1 2" "and when it is time one asks"
conf_write '[queue]' 'retry = 2s'
fresh 'GREETING 554 no'
for i in 1 2 3 4 5 6 7 8 9 10; do
	"$SENDMAIL" -odq -f joe@x.example "r$i@y.example" <"$T/in"
done
begun=$(date +%s)
send a@y.example
sleep 5
for i in 1 2 3 4 5 6 7 8 9 10; do
	send "s$i@y.example"
done
most=$((($(date +%s) - begun) / 2 + 1))
ok "a runner makes one probe a step, whatever waits ($(connects), $most)" \
    test "$(connects)" -ge 2 -a "$(connects)" -le $most
is "$(connects)" "$(field 4)" "and each is counted"
rules
ok "then all of it goes" await 15 has_queued 0
await 10 all_gone

# What nothing else has kept back, for too long

conf_write '[queue]' 'runner = no' 'expire = 1s' 'retry = 1s'
fresh 'MAIL 451 later'
send tried@y.example
rules 'GREETING 554 no'
for i in 1 2 3 4 5 6; do
	"$SENDMAIL" -odq -f joe@x.example "r$i@y.example" <"$T/in"
done
sleep 2.1
for i in 1 2 3 4; do
	run "$SENDMAIL" -q
done
is "$rc $(queued "$HOME/.queue/active") $(field 4)" "0 7 4" \
    "four vain probes move nothing"
run "$SENDMAIL" -q
is "$rc $(queued "$HOME/.queue/failed")" "0 6" "the fifth moves all to failed/"
silent "in silence"
is "$(queued "$HOME/.queue/active")" 1 "save what was tried and deferred"
is "$(grep -c 'status=expired' "$T/log")" 6 "the log has a line for each"
rules
run "$SENDMAIL" -q
is "$(arrived) $(queued)" "1 6" "no report is made"
like "$("$MAILQ")" 'r3@y.example' "mailq shows them"

# The clock leaps ahead: what was in vain before tells nothing any more.
fresh 'GREETING 554 no'
"$SENDMAIL" -odq -f joe@x.example a@y.example <"$T/in"
for i in 1 2 3 4; do
	run "$SENDMAIL" -q
done
sleep 2.1
ahead=$((20 * 31557600))
for i in 1 2 3 4; do
	run env ASAN_OPTIONS=verify_asan_link_order=0 CLOCK_OFF=$ahead \
	    LD_PRELOAD="$TOP/t/shim-clock.so" "$SENDMAIL" -q
done
is "$rc $(queued "$HOME/.queue/active") $(field 4)" "0 1 4" \
    "a clock that leapt ahead: the probes are counted anew"

done_testing
