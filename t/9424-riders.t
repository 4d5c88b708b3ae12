#!/bin/sh
# SPDX-License-Identifier: ISC
# Behind the text of a message rides the offer of the next, so that each costs one
# round trip; and whatever befalls the one, the other gets its due, once.
. "${0%/*}/lib.sh"
. "$TOP/t/matrix.sh"

ca_make
conf_write 'tls = off' -user -password
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"

# When each is due.
next_tries()
{
	"$MAILQ" -j | tr ',' '\n' | grep -E 'queue_id|next_attempt'
}

# By DATA and by BDAT

for offers in 'PIPELINING' 'PIPELINING CHUNKING'; do
	set -- -a -t none
	for offer in $offers; do
		set -- "$@" -e "$offer"
	done
	smarthost_start "$@"
	: >"$T/smarthost.rules"
	three
	run strace -f -o "$T/strace" -e trace=sendto "$SENDMAIL" -q
	is "$rc $(queued) $(came) $(turns)" "0 0 abc 5" \
	    "$offers: one round trip for each further message"
	is "$(grep -c 'sendto(.*= [0-9]' "$T/strace")" 5 \
	    "$offers: and one write"
	unlike "$(transcript)" '^-- violation' "$offers: nothing comes too early"
	fresh
	run "$SENDMAIL" -f joe@x.example $(seq -f 'r%g@y.example' 1000) <"$T/in"
	is "$rc $(queued) $(arrived) $(turns) $(calls)" "0 0 10 12 1" \
	    "$offers: a thousand recipients go in ten"

	# with RULE...: what becomes of three
	with()
	{
		rules "$@"
		three
		run "$SENDMAIL" -q
		left=$(queued)
		what="$offers: $*"
	}
	with 'DOT b@* 550 5.7.1 spam'
	is "$rc $left $(came) $(calls)" "0 1 ac 1" "$what: a refusal is its own"
	like "$(reason)" 'MAILER-DAEMON.*b@x.example' "$what: and is reported"
	with 'DOT b@* 451 later'
	is "$rc $left $(came) $(calls)" "0 1 ac 1" "$what: who waits is one"
	like "$(reason)" 'b@y.example' "$what: whose it was"
	with 'DOT b@* 421 bye'
	is "$rc $left $(came) $(calls)" "0 1 ac 2" "$what: the next calls anew"
	with 'DOT b@* keep garbage'
	is "$rc $left $(came) $(calls)" "0 1 abc 2" "$what: so behind nonsense"
	with 'MAIL c@* 421 bye'
	is "$rc $left $(came)" "0 1 ab" "$what: nor is who went before harmed"
	is "$(attempts)" 1 "$what: who is not taken has tried"
	with 'RCPT c@* 550 5.1.1 who'
	is "$rc $left $(came) $(calls)" "0 1 ab 1" "$what: nobody was taken"
	with 'RCPT c@* 450 later' 'DATA c@* 354 go on'
	is "$rc $left $(came) $(calls)" "0 1 ab 1" "$what: nor though 354 was said"
	with 'RCPT b@* garbage'
	is "$rc $left $(came)" "0 1 ac" "$what: others are, elsewhere"
	with 'RSET[2] close'
	is "$rc $left $(came) $(calls)" "0 0 abc 2" "$what: it calls once more"

	# What nobody knows goes alone.
	with 'DOT b@* keep close'
	is "$rc $left $(came) $(calls)" "0 1 abc 2" "$what: each has it"
	like "$(reason)" 'b@y.example' "$what: one waits, for nobody knows"
	rules
	transcript_clear
	touch -d '1 hour ago' "$HOME"/.queue/active/*
	send -odq
	run "$SENDMAIL" -q
	is "$rc $(queued) $(turns)" "0 0 5" "$what: it goes again, nothing behind it"

	# An account fault leaves who was offered as he was.
	three
	next_tries >"$T/before"
	rules 'DOT a@* 530 5.7.0 log in'
	sleep 1
	run "$SENDMAIL" -q
	next_tries >"$T/after"
	is "$rc $(queued) $(came)" "0 3 " "$offers: the account's fault ends it"
	same_file "$T/after" "$T/before" "$offers: nobody has tried"

	# The outcome of one is on disk whatever the next is told.
	rules 'MAIL c@* hang'
	three
	"$SENDMAIL" -q &
	pid=$!
	one_left()
	{
		[ "$(queued)" = 1 ]
	}
	wait_for one_left
	is "$(came) $(queued)" "ab 1" "$offers: who was sent is gone by then"
	kill -TERM $pid
	wait $pid 2>/dev/null
	is $? 143 "$offers: and no signal has to wait"
	rules
	run "$SENDMAIL" -q
	is "$(came) $(queued)" "abc 0" "$offers: in the end each came once"
	smarthost_stop
done

# Who was to come next is due as he was, if a signal comes before.

smarthost_start -a -t none -e PIPELINING
conf_write 'tls = off' -user -password
three
touch -d '1 hour ago' "$HOME"/.queue/active/*
stat -c %Y "$HOME"/.queue/active/* | tail -n 2 >"$T/due"
rules 'DOT a@* until go'
transcript_clear
rm -f "$T/go"
"$SENDMAIL" -q & pid=$!
wait_for grep -q -- '^-- until' "$T/smarthost.log"
kill -TERM $pid
: >"$T/go"
wait $pid
is "$? $(came) $(stat -c %Y "$HOME"/.queue/active/* | paste -sd' ')" \
    "143 a $(paste -sd' ' "$T/due")" "a signal leaves who comes next as he was"
rules
run "$SENDMAIL" -q
is "$rc $(queued) $(came)" "0 0 abc" "and then each comes once"
smarthost_stop

# Nobody rides to another's smarthost.

smarthost_start -a -t none
smarthost_start -a -n other -t none -p 2588
conf_write 'tls = off' -user -password 'senders = a@x.example, c@x.example' \
    '[smarthost other]' 'host = smarthost.test' 'port = 2588' 'tls = off'
rm -rf "$T/other"
mkdir "$T/other"
three
for name in a b c; do
	"$SENDMAIL" -odq -f "$name@x.example" "$name@y.example" <"$T/in"
done
run "$SENDMAIL" -q
is "$rc $(queued) $(came) $(arrived other)" "0 0 aacc 2" \
    "by turns to two smarthosts: each gets what is his"
is "$(calls) $(transcript other | grep -c '^-- connect')" "1 1" \
    "over one connection each"
smarthost_stop

# Who asks for what is offered behind the login has to go alone.

conf_write 'auth = PLAIN'
smarthost_start
rules 'EHLO[1-2] 250 smarthost.test\nSTARTTLS\nPIPELINING\nAUTH PLAIN' \
    'EHLO[3] 250 smarthost.test\nPIPELINING\nDSN'
fresh
send -odq
send -odq -N never
send -odq
run "$SENDMAIL" -q
is "$rc $(queued) $(arrived)" "0 0 3" "one of three asks for DSN: each goes"
is "$(cat "$T"/smarthost/*.env | grep -c NOTIFY=NEVER)" 1 \
    "and it gets what it asks for"

done_testing
