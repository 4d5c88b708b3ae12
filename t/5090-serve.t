#!/bin/sh
# SPDX-License-Identifier: ISC
# After a message the open connection takes what is due, while the caller is
# gone; a run takes what it was asked for, and several share what there is.
. "${0%/*}/lib.sh"
. "$TOP/t/process.sh"

ca_make
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"
smarthost_start

# store NUMBER [PREFIX]: so many messages that are due.
store()
{
	i=0
	while [ $i -lt "$1" ]; do
		"$SENDMAIL" -odq -f "${2:-s}$i@x.example" \
		    "${2:-r}$i@y.example" <"$T/in"
		i=$((i + 1))
	done
}

# Who got something, in order of arrival.
rcpts()
{
	for n in $(ls "$T/smarthost" | sed -n 's/\.env$//p' | sort -n); do
		sed -n 's/^RCPT TO:<\([^>]*\)>.*/\1/p' "$T/smarthost/$n.env"
	done
}

by_rules()
{
	is "$(transcript | grep -c -- '-- violation')" 0 "$1 by the rules"
}

# What is due

conf_write '[queue]' 'retry = 1h'
fresh 'DOT[2] until go'
store 3
text=$("$SENDMAIL" -f joe@x.example a@y.example <"$T/in" 2>&1)
is "$? $text" "0 " "the caller gets 0, and EOF"
await 10 grep -q -- '^-- until' "$T/smarthost.log"
is "$(queued) $(rcpts | head -n 1)" "3 a@y.example" \
    "before what is due has gone, and after his own has"
is "$(busy | wc -l)" 1 "a child is at it"
is "$(cut -d' ' -f6 "/proc/$(busy)/stat") $(readlink "/proc/$(busy)/cwd")" \
    "$(busy) /" "in a session of its own, in no directory of his"
: >"$T/go"
ok "what is due arrives" await 20 has_queued 0
is "$(rcpts | tr '\n' ' ')" \
    "a@y.example r0@y.example r1@y.example r2@y.example " "soonest due first"
is "$(connects)" 1 "over the same connection"
ok "nobody stays" await 10 all_gone
is "$(transcript | grep -c '^C: QUIT')" 1 "which ends with QUIT"
by_rules "all"

fresh
store 25
"$SENDMAIL" -f joe@x.example a@y.example <"$T/in"
ok "of twenty-five" await 20 has_queued 0
await 10 all_gone
is "$(connects) $(arrived)" "2 26" "twenty go over that connection"
is "$(awk '/-- connect/ { c++ } /^-- text/ && c == 1 { n++ } END { print n }' \
    "$T/smarthost.log")" 21 "and the others over the runner's"
is "$(rcpts | sort | uniq -d)" "" "each once"

fresh 'RCPT r1@* 550 5.1.1 who' 'RCPT r2@* 451 later'
store 4
"$SENDMAIL" -f joe@x.example a@y.example <"$T/in"
await 10 has_arrived 4
await 10 has_queued 1
await 10 grep -qs 'RCPT TO:<s1@' "$T"/smarthost/4.env
is "$(queued) $(connects)" "1 2" \
    "a bad one among them stops no other, and its report is the runner's"
like "$(cat "$T/log")" 's1@x.example.*status=refused' "the log has the refusal"

fresh 'RCPT * 451 later'
send b@y.example
for pid in $(ours); do
	kill -KILL "$pid"
done
rules
send a@y.example
ok "what is not due is not served, but has a runner again" wait_for has_runner
is "$(queued) $(arrived) $(ours | wc -l)" "1 1 1" "and nothing more"
send a@y.example
sleep 0.3
is "$(arrived) $(ours | wc -l)" "2 1" "one is enough"

fresh 'RCPT a@* 550 5.1.1 who'
store 2
send a@y.example
is "$rc" 67 "who is refused gets his code"
ok "and what is due goes all the same" await 10 has_queued 0

fresh 'MAIL[2] close'
store 2
send a@y.example
ok "a connection that is lost meanwhile is made anew" await 10 has_queued 0
is "$(arrived) $(connects)" "3 3" "and each arrives once"
await 10 all_gone

fresh
store 2
run "$SENDMAIL" -v -f joe@x.example a@y.example <"$T/in"
is "$(grep -c '^>>> RCPT' "$T/err")" 1 "-v shows one message, and serves no other"
ok "what is due is the runner's" await 20 has_queued 0
is "$(connects)" 2 "which has a connection of its own"
await 10 all_gone
conf_write '[queue]' 'runner = no'
store 2
send a@y.example
sleep 0.5
is "$(queued) $(arrived) $(ours)" "2 4 " "nor is any served with runner = no"

# A report about what a caller was told is refused

conf_write '[queue]' 'retry = 1h'
for how in -oem -oew -oee; do
	fresh 'RCPT a@* 550 5.1.1 who'
	send $how a@y.example
	ok "$how: the report goes, too ($rc)" await 20 has_arrived 1
	await 10 all_gone
done
fresh 'RCPT a@* 550 5.1.1 who'
send -oep a@y.example
sleep 0.3
is "$rc $(queued) $(ours) $(arrived)" "67 0  0" "-oep: there is none, and nobody stays"

# The caller's patience ends while his message is on its way, and more is due

conf_write '[queue]' 'patience = 1s' 'retry = 1h'
fresh 'RCPT a@* until go'
store 3
send a@y.example
is "$rc $(queued)" "0 4" "a caller who is let go"
: >"$T/go"
ok "what is due goes behind his" await 20 has_queued 0
is "$(arrived) $(connects)" "4 1" "over the same connection"
await 10 all_gone

# Over other kinds of connection

others()
{
	conf_write $1 '[queue]' 'patience = 1s' 'retry = 1h'
	fresh 'RCPT a@* until go'
	store 3
	send a@y.example
	is "$rc $(queued)" "0 4" "$2: who is let go"
	: >"$T/go"
	await 20 has_queued 0
	await 10 all_gone
	is "$(arrived) $(connects)" "4 1" "$2: and what is due, over one connection"
	is "$(transcript | grep -c '^C: QUIT')" 1 "$2: that ends with QUIT"
	by_rules "$2: all"
	smarthost_stop
}
smarthost_stop
smarthost_start -e SIZE
others '' "one command at a time"
smarthost_start -t implicit
others tls=implicit "TLS from the start"
smarthost_start

# What a run is asked for

conf_write '[queue]' 'runner = no'
choice()
{
	fresh
	store 2 ann
	store 2 bob
	run "$SENDMAIL" "$@"
	await 10 all_gone
	is "$rc" 0 "$*: exit 0"
	silent "$*: silent"
}
choice -qSann
is "$(rcpts | tr '\n' ' ')" "ann0@y.example ann1@y.example " "-qS chooses senders"
choice -qR bob1
is "$(rcpts)" "bob1@y.example" "-qR chooses recipients"
choice -qRBOB
is "$(arrived)" 2 "without case"
choice -qSann -qR0@
is "$(rcpts)" "ann0@y.example" "both choose what both do"
choice -qRnobody
is "$(arrived) $(queued) $(connects)" "0 4 0" "none is chosen: nobody is called"
choice -qI FFFFFFFFFFFFFFFF
is "$(arrived)" 0 "-qI of no message runs none"
id=$(ls "$HOME/.queue/active" | sed -n 3p)
run "$SENDMAIL" -qI "$id"
is "$(arrived) $(rcpts)" "1 bob0@y.example" "-qI chooses a message"
run "$SENDMAIL" -qI
is $rc 64 "-qI wants a text"
fresh 'RCPT * 451 later'
send a@y.example b@y.example
rules
run "$SENDMAIL" -qRb@y
is "$(rcpts | tr '\n' ' ')" "a@y.example b@y.example " \
    "a message goes to all its recipients, and before it is due"

# Several at once

fresh
store 300
cp -r "$HOME/.queue" "$T/again"
at_once 4 "$SENDMAIL" -q
is "$codes $(queued)" "0000 0" "four runs over three hundred messages"
is "$(arrived) $(rcpts | sort -u | wc -l)" "300 300" "deliver each once"
ok "they share the work ($(connects) connections)" test "$(connects)" -gt 1
by_rules "all"

# A kill in between: nothing is lost, and only what was on its way goes twice.

fresh
mkdir -p "$HOME/.queue" && chmod 700 "$HOME/.queue"
cp -r "$T/again/." "$HOME/.queue" && chmod 700 "$HOME"/.queue/*
for i in 1 2 3 4 5; do
	"$SENDMAIL" -q & one=$!
	"$SENDMAIL" -q & two=$!
	sleep 0.1
	kill -KILL $one $two
	wait $one $two 2>/dev/null
done
run "$SENDMAIL" -q
await 10 has_queued 0
is "$rc $(queued) $(rcpts | sort -u | wc -l)" "0 0 300" \
    "runs that are killed lose nothing"
ok "and send at most what was on its way twice ($(arrived))" \
    test "$(arrived)" -le 310

done_testing
