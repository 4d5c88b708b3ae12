#!/bin/sh
# SPDX-License-Identifier: ISC
# Many recipients, many messages, and a Postfix that dies among them: each gets
# each message once.
. "${0%/*}/lib.sh"
. "$TOP/t/postfix.sh"

ca_make
postfix_serve 2601 'smtpd_recipient_limit = 50'
postfix_serve 2602 'smtpd_recipient_restrictions = check_recipient_access
 inline:{ { u7@y.example = 450 4.2.1 come back later }
 { u107@y.example = 450 4.2.1 come back later } }'
postfix_serve 2603 'smtpd_data_restrictions = sleep 1'
postfix_serve 2604 'smtpd_end_of_data_restrictions = sleep 30'
postfix_serve 2605 'smtpd_discard_ehlo_keywords = pipelining, chunking, dsn'
postfix_start || fail_early "Postfix did not start: $(tail -n 3 "$T/postfix/log")"
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"

# each FROM TO: a line for each, sorted as rcpts() sorts
each()
{
	for i in $(seq "$1" "$2"); do
		echo "u$i@y.example"
	done | sort
}

# 120 recipients

each 1 120 >"$T/want"
{
	echo 'Subject: hi'
	sed 's/^/Bcc: /' "$T/want"
	printf '\nhello\n'
} >"$T/blind"

# served WHAT: each of the 120, and no more
served()
{
	rcpts >"$T/got"
	same_file "$T/got" "$T/want" "$1: each gets it once"
}

for port in 2587 2465 2605; do
	postfix_conf "port = $port"
	fresh
	run "$SENDMAIL" -f joe@x.example $(cat "$T/want") <"$T/in"
	is "$rc $(queued)" "0 0" "120 recipients, port $port: all are taken"
	served "120 recipients, port $port"
	like "$(maillog $port disconnect)" ' mail=2 rcpt=120 (data|bdat)=2 ' \
	    "120 recipients, port $port: two transactions of one session"
done
postfix_conf
fresh
run "$SENDMAIL" -f joe@x.example -t <"$T/blind"
is "$rc $(queued)" "0 0" "120 blind copies: all are taken"
served "120 blind copies"
is "$(cat "$T"/next/*.msg | grep -ci '^bcc')" 0 "120 blind copies: unseen"
fresh
"$SENDMAIL" -odq -f joe@x.example $(cat "$T/want") <"$T/in"
run "$SENDMAIL" -q
is "$rc $(queued)" "0 0" "120 recipients that wait: all are taken"
served "120 recipients that wait"

postfix_conf 'port = 2601'
fresh
run "$SENDMAIL" -f joe@x.example $(cat "$T/want") <"$T/in"
is $rc 0 "120 recipients, 50 at a time: exit 0"
silent "120 recipients, 50 at a time: silent"
is "$(queued)" 0 "120 recipients, 50 at a time: at once"
run "$SENDMAIL" -q
is "$rc $(queued)" "0 0" "120 recipients, 50 at a time: all are taken"
served "120 recipients, 50 at a time"

postfix_conf 'port = 2602'
fresh
run "$SENDMAIL" -f joe@x.example $(cat "$T/want") <"$T/in"
is "$rc $(queued)" "0 1" "two of 120 are put off: exit 0"
is "$(rcpts | wc -l)" 118 "two of 120 are put off: the others get it"
is "$("$MAILQ" | grep -o 'u[0-9]*@y\.example$' | tr '\n' ' ')" \
    "u107@y.example u7@y.example " "two of 120 are put off: they wait"
run "$SENDMAIL" -q
is "$rc $(queued) $(rcpts | wc -l)" "0 1 118" \
    "two of 120 are put off again: nobody else is bothered"
postfix_conf
run "$SENDMAIL" -q
is "$rc $(queued)" "0 0" "two of 120 are put off: then they are taken"
served "two of 120 are put off"

# Postfix dies between texts: each text takes a second to be let in

# wait_in_queue COUNT: messages to u1, u2...
wait_in_queue()
{
	fresh
	for i in $(seq "$1"); do
		"$SENDMAIL" -odq -f joe@x.example "u$i@y.example" <"$T/in"
	done
}

has_arrived()
{
	[ "$(arrived next)" -ge "$1" ]
}

for signal in TERM KILL; do
	what="SIG$signal amid a run"
	postfix_conf 'port = 2603'
	wait_in_queue 8
	"$SENDMAIL" -q >"$T/out" 2>"$T/err" &
	wait_for has_arrived 3
	# Else Postfix itself might pass one on twice.
	wait_for postfix_is_idle
	postfix_stop $signal
	wait $!
	is $? 0 "$what: it ends, exit 0"
	silent "$what: silent"
	waiting=$(queued)
	ok "$what: some wait" test "$waiting" -gt 0
	postfix_start
	is "$(passed_on)" $((8 - waiting)) "$what: Postfix has the others"
	postfix_conf
	run "$SENDMAIL" -q
	is "$rc $(queued) $(passed_on)" "0 0 8" "$what: then all arrive"
	is "$(rcpts)" "$(each 1 8)" "$what: each gets it once"
done

# Postfix dies with a text in its hands, that it has not answered for

postfix_conf 'port = 2604'
wait_in_queue 2
"$SENDMAIL" -v -q >"$T/out" 2>"$T/err" &
wait_for grep -q '^>>> \.$' "$T/err"
postfix_stop KILL
wait $!
is "$? $(queued)" "0 2" "killed at the dot: both wait, exit 0"
like "$("$MAILQ")" 'nknown' "killed at the dot: nobody knows"
postfix_start
postfix_conf
run "$SENDMAIL" -q
is "$rc $(queued) $(passed_on)" "0 0 2" "killed at the dot: then both arrive"
is "$(rcpts)" "$(each 1 2)" "killed at the dot: each gets it once"

done_testing
