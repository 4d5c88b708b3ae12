#!/bin/sh
# SPDX-License-Identifier: ISC
# Each recipient gets its due, each caller the code that is true, the log a line
# for each outcome; nobody who was accepted gets a message again.
. "${0%/*}/lib.sh"

ca_make
conf_write
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"

send()
{
	run "$SENDMAIL" -f joe@x.example "$@" <"$T/in"
}

rcpts()
{
	cat "$T/smarthost"/*.env 2>/dev/null |
	    sed -n 's/^RCPT TO:<\([^>]*\)>.*/\1/p' | sort | tr '\n' ' '
}

smarthost_start

# The codes of refusals

code()
{
	rules "$2"
	fresh
	send a@y.example
	is $rc "$3" "$1 is $3"
	is "$(queued) $(arrived)" "0 0" "$1: nothing is kept, nothing went"
	is "$(wc -l <"$T/err")" 1 "$1: one line"
	like "$(cat "$T/err")" "a@y.example.*$4" "$1: it names whom, and why"
	is "$(wc -c <"$T/out")" 0 "$1: stdout stays empty"
}
code "550 to RCPT" 'RCPT * 550 5.1.1 who is that' 67 'who is that'
code "551 to RCPT" 'RCPT * 551 moved' 67 moved
code "553 to RCPT" 'RCPT * 553 5.1.3 bad name' 67 'bad name'
code "554 to RCPT" 'RCPT * 554 5.7.1 no' 69 no
code "550 to MAIL" 'MAIL * 550 5.1.0 not you' 69 'not you'
code "501 to MAIL" 'MAIL * 501 5.1.7 bad sender' 65 'bad sender'
code "552 to MAIL" 'MAIL * 552 5.3.4 too big' 65 'too big'
code "552 at the dot" 'DOT 552 too big' 65 'too big'
code "550 at the dot" 'DOT 550 5.7.1 spam' 69 spam
code "554 5.6.0 at the dot" 'DOT 554 5.6.0 bad' 65 bad
code "554 to DATA" 'DATA 554 no' 69 no

rules 'RCPT * 550 5.1.1 who'
send -oeq a@y.example
is "$rc $(wc -c <"$T/err")" "67 0" "-oeq: the code only"
send -oep a@y.example b@y.example
is "$rc $(wc -l <"$T/err")" "67 2" "-oep: a line for each recipient"
rules 'RCPT a@* 550 5.1.1 who' 'RCPT b@* 554 5.7.1 no'
send a@y.example b@y.example
is $rc 69 "refusals of two kinds are 69"

# Beside each other

rules 'RCPT a@* 550 5.1.1 who'
fresh
send a@y.example b@y.example
is "$rc $(arrived) $(queued)" "0 1 1" \
    "refused beside accepted is 0, and a report waits"
silent "and silent"
is "$(rcpts)" "b@y.example " "who was accepted has it"
like "$("$MAILQ" | tr -d '\n' | tr -s ' ')" 'MAILER-DAEMON joe@x.example' \
    "the report is to the sender"
run "$SENDMAIL" -q
is "$rc $(queued) $(rcpts)" "0 0 b@y.example joe@x.example " \
    "the run delivers it"

rules 'RCPT a@* 450 4.2.1 later'
fresh
send a@y.example b@y.example
is "$rc $(arrived) $(queued)" "0 1 1" "deferred beside accepted is queued, exit 0"
silent "and silent"
is "$(rcpts)" "b@y.example " "who was accepted has it"
like "$("$MAILQ")" 'a@y.example' "mailq shows who waits"
unlike "$("$MAILQ")" 'b@y.example' "and not who was served"
like "$("$MAILQ")" '450 4.2.1 later' "with the server's words"
rules
run "$SENDMAIL" -q
is "$rc $(queued)" "0 0" "the run sends the rest"
is "$(rcpts)" "a@y.example b@y.example " "each got it once"

rules 'RCPT a@* 450 later' 'RCPT c@* 550 5.1.1 who'
fresh
send a@y.example c@y.example
is "$rc $(queued)" "0 2" "refused beside deferred is 0: one waits, with a report"
unlike "$("$MAILQ")" 'c@y.example' "who was refused waits no more"

# Without a queue

rules 'RCPT a@* 550 5.1.1 who'
fresh
conf_write '[queue]' 'keep = no'
send a@y.example b@y.example
is "$rc $(arrived) $(queued)" "69 1 0" \
    "without a queue refused beside accepted is 69"
like "$(cat "$T/err")" 'a@y.example: refused: 550 5.1.1 who' "who was refused"
like "$(cat "$T/err")" 'b@y.example: accepted' "who was accepted"
send -oeq a@y.example b@y.example
is "$rc $(cat "$T/err")" "69 sendmail: b@y.example: accepted" \
    "-oeq: only who was accepted is named"
conf_write

# Before the text: on disk

rules 'RCPT a@* 450 4.2.1 later' 'DOT delay 1500'
fresh
"$SENDMAIL" -f joe@x.example a@y.example b@y.example <"$T/in" &
wait_for grep -q '^C: \.$\|^-- text' "$T/smarthost.log"
is "$(queued)" 1 "who is deferred is on disk before the text is committed"
wait $!

# Whoever waits, not only who got a 4xx in this very transaction.

# early RECIPIENT...: what is on disk while the reply to a dot is awaited
early()
{
	"$SENDMAIL" -f joe@x.example "$@" <"$T/in" &
	wait_for grep -q -- '-- text' "$T/smarthost.log"
	early=$(queued)
	wait $!
	code=$?
}
fresh
rules 'RCPT r* 450 4.2.1 later' 'DOT delay 1500'
early $(seq -f 'r%g@y.example' 100) last@y.example
is "$early $code $(arrived)" "1 0 1" "deferred in an earlier transaction, too"
fresh
rules 'RCPT b@* 550 5.4.5 daily quota' 'DOT delay 1500'
early a@y.example b@y.example
is "$early $code $(arrived)" "1 0 1" "or by a 5xx that misleads"
conf_write '[queue]' 'runner = no' '[aliases]' 'bad = not a list @@'
fresh
rules 'RCPT b@* 450 4.2.1 later' 'DOT delay 1500'
early a@y.example bad
is "$early $code $(arrived)" "1 0 1" "or for an alias that is none"
fresh
rules 'RCPT b@* 450 4.2.1 later'
"$SENDMAIL" -odq -f joe@x.example b@y.example bad <"$T/in"
"$SENDMAIL" -q
"$SENDMAIL" -q
"$MAILQ" -j >"$T/out"
like "$(cat "$T/out")" '"attempts": 2' "beside such an alias others have attempts"
conf_write
fresh
rules 'DOT close'
"$SENDMAIL" -f joe@x.example a@y.example <"$T/in"
rules
transcript_clear
"$SENDMAIL" -q
is "$(queued) $(transcript | grep -B 1 '^C: QUIT' | head -n 1 | cut -c 1-7)" \
    "0 -- turn" "after an unknown outcome nothing rides behind the dot"

# What came of a transaction is on disk before the next one's text: D the line
# of who was delivered, S its sync, M a MAIL, T a text.

conf_write 'tls = off' 'port = 2525' -user -password -ca
smarthost_start -n plain -a -t none -p 2525
fresh
mkdir "$T/plain" 2>/dev/null
"$SENDMAIL" -odq -f joe@x.example $(seq -f 'r%g@y.example' 101) <"$T/in"
strace -f -s 9999 -o "$T/trace" -e trace=pwrite64,fdatasync,sendto,write \
    "$SENDMAIL" -q
is "$(sed -n 's/.*pwrite64(.* delivered .*/D/p; s/.*fdatasync(.*= 0$/S/p
    s/.*Subject: .*MAIL FROM:.*/TM/p; s/.*MAIL FROM:.*/M/p
    s/.*Subject: .*/T/p' "$T/trace" | tr -d '\n')" MTMDST \
    "results are written and synced before the next text"
is "$(queued)" 0 "and all are served"
# A signal that comes between two transactions ends the run.
fresh
transcript_clear plain
printf '%s\n' 'MAIL[2] * hang' >"$T/plain.rules"
"$SENDMAIL" -odq -f joe@x.example $(seq -f 'r%g@y.example' 101) <"$T/in"
"$SENDMAIL" -q &
run=$!
ok "one is served, the next is not answered" wait_for \
    sh -c "[ \$(grep -c '^C: MAIL' '$T/plain.log') -ge 2 ]"
kill -TERM $run
ok "a signal ends the run there" wait_for sh -c "! kill -0 $run"
kill -KILL $run 2>/dev/null
wait $run
is "$? $(queued)" "143 1" "who was not served waits"
smarthost_stop plain
conf_write

# 4xx everywhere

for rule in 'MAIL * 451 later' 'RCPT * 451 later' 'DATA 451 later' \
    'DOT 451 later' 'MAIL * close' 'RCPT * close' 'DATA close' \
    'TEXT close' 'RCPT * 421 bye' 'MAIL * garbage' 'RCPT * garbage'; do
	rules "$rule"
	fresh
	send a@y.example
	is "$rc $(queued) $(arrived)" "0 1 0" "$rule: queued, exit 0"
	silent "$rule: silent"
	rules
	run "$SENDMAIL" -q
	is "$rc $(queued) $(arrived)" "0 0 1" "$rule: the next run sends it once"
done

# Account faults

for rule in 'GREETING 554 no' 'GREETING 421 busy' 'GREETING close' \
    'GREETING garbage' 'EHLO * 550 no' 'EHLO * close' 'AUTH * 535 5.7.8 no' \
    'AUTH * 454 later' 'AUTH * close' 'MAIL * 530 5.7.0 log in'; do
	rules "$rule"
	fresh
	send a@y.example
	is "$rc $(queued) $(arrived)" "0 1 0" "$rule: queued, exit 0"
	run "$SENDMAIL" -q
	is "$rc $(queued)" "0 1" "$rule: a run leaves it"
	rules
	run "$SENDMAIL" -q
	is "$rc $(queued) $(arrived)" "0 0 1" "$rule: then it goes, once"
done

# A sender that we made

rules 'MAIL * 553 5.7.1 not owned by user'
fresh
run "$SENDMAIL" a@y.example <"$T/in"
is "$rc $(queued)" "0 1" "a sender that we made and the smarthost refuses waits"
like "$("$MAILQ" | tr -d '\n' | tr -s ' ')" '\[sender\] address' \
    "and mailq names the key"
rules

# Unknown outcomes

rules 'DOT keep close'
fresh
send a@y.example
is "$rc $(queued) $(arrived)" "0 1 1" "silence after the dot: kept, exit 0"
like "$("$MAILQ")" 'nknown' "mailq says that the outcome is unknown"
rules
run "$SENDMAIL" -q
is "$rc $(queued) $(arrived)" "0 0 2" "and it is sent again"
is "$(cat "$T/smarthost/1.msg" | md5sum)" "$(cat "$T/smarthost/2.msg" | md5sum)" \
    "octet for octet the same"

# In a run

rules
fresh
for i in 1 2 3 4 5; do
	"$SENDMAIL" -odq -f joe@x.example "r$i@y.example" <"$T/in"
done
is "$(queued)" 5 "five wait"
rules 'RCPT r3@* 550 5.1.1 who' 'RCPT r4@* 451 later'
run "$SENDMAIL" -q
is "$rc $(arrived)" "0 3" "a bad one among them stops no other"
silent "the run is silent"
is "$(transcript | grep -c -- '-- connect')" 1 "all over one connection"
is "$(ls "$HOME/.queue/failed" | wc -l)" 0 "nobody lies in failed"
is "$(ls "$HOME/.queue/active" | wc -l)" 2 \
    "who was deferred waits, and so does the report about who was refused"
like "$("$MAILQ")" 'Total requests: 2' "mailq counts both"
run "$SENDMAIL" -q
is "$rc $(queued) $(arrived)" "0 1 4" "the next run delivers the report"

# A name without a way is no matter of the others

fresh
rules
printf 'joe: a b@c\nroot: ann@y.example, bob@y.example\n' >/etc/aliases
send joe ok@y.example root
is "$rc $(queued)" "0 1" "an alias that is no address list: its name waits"
silent "silently"
is "$(rcpts)" "ann@y.example bob@y.example ok@y.example " "the others get it"
like "$("$MAILQ" | tr -d '\n' | tr -s ' ')" "alias 'joe'.*/etc/aliases" \
    "mailq names what to mend"
echo 'joe: cy@y.example' >/etc/aliases
run "$SENDMAIL" -q
is "$rc $(queued)" "0 0" "once it is mended it goes"
is "$(rcpts)" "ann@y.example bob@y.example cy@y.example ok@y.example " \
    "each got it once"
rm /etc/aliases

# Two at once

fresh
rules 'DOT delay 40'
i=0
while [ $i -lt 30 ]; do
	"$SENDMAIL" -odq -f joe@x.example "r$i@y.example" <"$T/in"
	i=$((i + 1))
done
"$SENDMAIL" -q & one=$!
"$SENDMAIL" -q & two=$!
"$SENDMAIL" -q & three=$!
wait $one $two $three
is "$(queued) $(arrived) $(rcpts | wc -w)" "0 30 30" \
    "three runs at once deliver each message once"

# The log

fresh
rules
send a@y.example
like "$(cat "$T/log")" ': [0-9A-F]{16}: from=<joe@x.example>, to=<a@y.example>, relay=smarthost.test\[127.0.0.1\]:2587, tls=TLSv1.3, auth=[A-Z0-9-]+, status=sent \(250 .*\)$' \
    "the log has a line for the recipient"
rules 'RCPT b@* 451 4.0.0 later'
send a@y.example b@y.example
is "$(grep -c status=sent "$T/log") $(grep -c 'to=<b@.*status=deferred (451' "$T/log")" \
    "2 1" "and one for each outcome"
smarthost_stop
send a@y.example
like "$(tail -n 1 "$T/log")" 'status=queued \(.*[Cc]onnect' "and for what was queued"

done_testing
