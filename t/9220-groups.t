#!/bin/sh
# SPDX-License-Identifier: ISC
# As few round trips as the server allows, and never a step ahead of it: one
# write for a group, one command at a time where it offers no PIPELINING, and no
# text before the login and a recipient were accepted.
. "${0%/*}/lib.sh"
. "$TOP/t/letter.sh"

ca_make

send()
{
	run "$SENDMAIL" -f joe@x.example "$@" <"$T/in"
}

# What we said, in a line, logins and parameters left out.
said()
{
	seen | sed -n 's/^C: \([A-Z.]*\).*/\1/p' | tr '\n' ' '
}

# The server saw nothing that came too early.
in_turn()
{
	unlike "$(seen)" '^-- violation' "$1"
}

# Over implicit TLS, with PLAIN

conf_write 'tls = implicit' 'auth = PLAIN'
smarthost_start -t implicit
send a@y.example
is "$rc $(arrived) $(turns)" "0 1 3" \
    "the server reads three times: EHLO, group, text"
is "$(said)" 'EHLO AUTH MAIL RCPT DATA . QUIT ' "that is all there is to say"
in_turn "and nothing comes too early"
fresh
send a@y.example b@y.example c@y.example
is "$(said)$(turns)" 'EHLO AUTH MAIL RCPT RCPT RCPT DATA . QUIT 3' \
    "three recipients cost no more"
{
	cat "$T/in"
	yes 'A line of text, and there are a good many of them.' | head -n 3000
} >"$T/large"
fresh
run "$SENDMAIL" -f joe@x.example a@y.example <"$T/large"
is "$(arrived) $(turns)" "1 3" "nor does a text of 150 kB"

# writes: what was written to the server, "kind size" of each record; 22 is the
# handshake, 20 its end, 23 what we say, 21 goodbye.
writes()
{
	sed -n 's/.*\(write\|sendto\)([0-9]*, "\\x\(14\|15\|16\|17\)\\x03\\x0[13]\\x..\\x..".* = \([0-9]*\)$/\2 \3/p' \
	    "$T/strace" | sed 's/^14/20/; s/^15/21/; s/^16/22/; s/^17/23/'
}

# traced FILE ARG...: that text is sent, and each write noted
traced()
{
	in=$1
	shift
	fresh
	run strace -f -xx -s 5 -o "$T/strace" \
	    -e trace=network,write,writev,pwrite64,sendfile \
	    "$SENDMAIL" -f joe@x.example "$@" <"$in"
	seen >/dev/null
}
traced "$T/in" a@y.example
is "$rc $(arrived)" "0 1" "it is sent under strace"
like "$(cat "$T/strace")" 'TCP_NODELAY, \[1\]' "TCP_NODELAY is set"
is "$(writes | cut -d' ' -f 1 | tr '\n' ' ')" '22 20 23 23 23 23 ' \
    "TLS 1.3: three writes between handshake and goodbye"
is "$(writes | tail -n 1)" '23 24' "of which the last is goodbye"

# A record of TLS 1.3 is 22 octets longer than what is in it.
text=$(wc -c <"$T/smarthost/1.msg")
is "$(writes | tail -n 2 | head -n 1)" "23 $((text + 9 + 22))" \
    "text, dot and QUIT are one write"
smarthost_stop
smarthost_start -t implicit -v 1.2
traced "$T/in" a@y.example
is "$(writes | cut -d' ' -f 1 | tr '\n' ' ')" '22 22 23 23 23 21 ' \
    "TLS 1.2: three writes between handshake and goodbye"
is "$(grep -cE '^[0-9]+ +(sendto|sendmsg|writev|sendfile)\(.*\\x17\\x03' "$T/strace")" 0 \
    "by no other way"
traced "$T/large" a@y.example
is "$(writes | grep -c '^23')" \
    $((2 + ($(wc -c <"$T/smarthost/1.msg") + 9 + 16383) / 16384)) \
    "a text of 150 kB goes in full records"
traced "$T/in" $(seq -f 'rcpt%g@y.example' 100)
is "$(writes | grep -c '^23') $(grep -c ^RCPT "$T/smarthost/1.env")" "3 100" \
    "a hundred recipients go in one write"

# The other ways to begin

# costs TURNS DESCRIPTION: what was just sent
costs()
{
	is "$rc $(arrived) $(turns)" "0 1 $1" "$2: $1 round trips"
	in_turn "$2: nothing comes too early"
	fresh
}
restart
fresh
conf_write 'auth = PLAIN'
send a@y.example
is "$(said)" 'EHLO STARTTLS EHLO AUTH MAIL RCPT DATA . QUIT ' \
    "EHLO is said anew after STARTTLS"
costs 5 "STARTTLS"
conf_write 'auth = LOGIN'
send a@y.example
costs 8 "LOGIN in a dialogue of its own"
conf_write 'auth = SCRAM-SHA-256'
send a@y.example
costs 8 "SCRAM in a dialogue of its own"
restart -a -t none
conf_write 'tls = off' -user -password
send a@y.example
costs 3 "in clear, without a login"

# Strictly one at a time

conf_write 'tls = implicit' 'auth = PLAIN'
restart -t implicit -e SIZE
fresh
send a@y.example
is "$(said)" 'EHLO AUTH MAIL RCPT DATA . QUIT ' \
    "without PIPELINING the same is said"
costs 7 "without PIPELINING"
traced "$T/in" a@y.example
is "$(writes | grep -c '^23')" 8 "without PIPELINING: a write for each command"
restart -t implicit
fresh
conf_write 'tls = implicit' 'auth = PLAIN' 'pipelining = no'
send a@y.example
costs 7 "pipelining = no"

# What was offered before TLS counts for nothing

conf_write 'auth = PLAIN'
restart
# offers BEFORE AFTER: what EHLO gets, "\n" in front of each
offers()
{
	rules "EHLO[1] 250 smarthost.test\nSTARTTLS$1" \
	    "EHLO[2-] 250 smarthost.test$2"
	fresh
}
offers '\nPIPELINING\nAUTH PLAIN' '\nAUTH PLAIN'
send a@y.example
costs 9 "PIPELINING before TLS only"
offers '' '\nPIPELINING\nAUTH PLAIN'
send a@y.example
costs 5 "PIPELINING after TLS only"
offers '\nAUTH PLAIN' '\nPIPELINING'
send a@y.example
is "$rc $(queued) $(arrived)" "0 1 0" "AUTH before TLS only: it waits"
unlike "$(seen)" '^C: (AUTH|MAIL)' "AUTH before TLS only: no login, no mail"
offers '\nSIZE 10' '\nSIZE 10000\nPIPELINING\nAUTH PLAIN'
send a@y.example
is "$rc $(arrived)" "0 1" "SIZE before TLS limits nothing"
printf 'From: joe@x.example\n\nh\303\251\n' >"$T/8bit"
offers '\nSIZE\n8BITMIME\nDSN\nSMTPUTF8' '\nPIPELINING\nAUTH PLAIN'
run "$SENDMAIL" -f joe@x.example -N failure -R hdrs -V x a@y.example <"$T/8bit"
like "$(seen)" '^C: MAIL FROM:<joe@x.example>$' "no parameter of MAIL survives TLS"
like "$(seen)" '^C: RCPT TO:<a@y.example>$' "nor one of RCPT"

# Further messages of a run

# wait_in_queue N
wait_in_queue()
{
	fresh
	for i in $(seq "$1"); do
		send -odq "r$i@y.example"
	done
}
conf_write 'tls = implicit' 'auth = PLAIN'
restart -t implicit
wait_in_queue 5
run "$SENDMAIL" -q
is "$rc $(queued) $(arrived)" "0 0 5" "a run sends five"
is "$(turns)" 7 "each further one costs one round trip"
is "$(said)" "EHLO AUTH MAIL RCPT DATA . $(
	for i in 1 2 3 4; do printf 'RSET MAIL RCPT DATA . '; done)QUIT " \
    "RSET stands between them, QUIT at the end, and the login is one"
in_turn "nothing comes too early"
wait_in_queue 5
rules 'RCPT r3@* 550 5.1.1 who' 'RCPT r4@* 451 4.3.0 later'
run "$SENDMAIL" -q
is "$rc $(arrived)" "0 3" "one of them is refused, one deferred"
is "$(seen | grep -c '^-- text')" 3 "and their texts stay here"
in_turn "all in turn"
wait_in_queue 5
rules 'MAIL[4] 452 4.3.2 too many messages'
run "$SENDMAIL" -q
is "$rc $(queued) $(arrived)" "0 0 5" \
    "a server that is tired of a connection gets another"
is "$(seen | grep -c '^-- connect')" 2 "one other"
restart -t implicit -e SIZE
wait_in_queue 5
run "$SENDMAIL" -q
is "$rc $(queued) $(arrived)" "0 0 5" "without PIPELINING a run sends five"
is "$(turns)" 27 "without PIPELINING: five round trips each"
in_turn "without PIPELINING: one command at a time"

# No text before the login and a recipient were accepted

conf_write 'tls = implicit' 'auth = PLAIN'
restart -t implicit

# patient RULE: a slow server is waited for
patient()
{
	rules "$@"
	fresh
	send a@y.example
	is "$rc $(arrived)" "0 1" "$1: it is sent"
	in_turn "$1: no text ahead of the answer"
}
patient 'AUTH delay 300'
patient 'MAIL delay 300'
patient 'RCPT delay 300'
patient 'DATA delay 300 354 go on'

# withheld RULE...: whatever else it says, the text stays here
withheld()
{
	rules "$@"
	fresh
	send a@y.example
	is "$(seen | grep -cE '^-- text|^C: \.|^-- violation')" 0 \
	    "$1: neither text nor dot"
	ok "$1: MAIL is not said again" \
	    test "$(seen | grep -c '^C: MAIL')" -le 1
	is "$(seen | grep -c '^C: AUTH')" 1 "$1: nor AUTH"
	is "$rc $(queued)" "$want" "$1: exit ${want% *}"
}
want='0 1'
withheld 'AUTH 535 5.7.8 no'
like "$(seen)" '^S: 530 ' "it rode in the same group"
is "$(turns)" 2 "and nothing followed"
withheld 'AUTH 535 no, but come in' 'MAIL 250 ok' 'RCPT 250 ok' 'DATA 354 go on'
withheld 'AUTH 454 4.7.0 later' 'MAIL 250 ok'
withheld 'AUTH 421 4.7.0 bye'
withheld 'AUTH 250 ok'
withheld 'MAIL 451 later' 'RCPT 250 ok' 'DATA 354 go on'
withheld 'RCPT 451 later'
withheld 'RCPT 421 bye'
withheld 'DATA 451 later'
withheld 'DATA 250 ok'
withheld 'RCPT 850 nonsense'
want='67 0'
withheld 'RCPT 550 5.1.1 who'

# A 354 though nobody was taken is ended by a dot, and that is no message.
want='0 1'
rules 'RCPT 451 later' 'DATA 354 go on'
fresh
send a@y.example
is "$(seen | grep -E '^-- text|^C: \.' | tr '\n' ' ')" '-- text 0 C: . ' \
    "nobody is taken, but 354 said: a dot ends it"
is "$rc $(queued) $(arrived)" "0 1 0" "and whatever it gets, the message waits"

rules 'DATA inject 250 2.0.0 Ok: queued\r\n'
fresh
send a@y.example
is "$rc $(queued) $(arrived)" "0 1 0" "an acceptance ahead of the dot is none"
rules
rm -rf "$HOME/.queue"

# Many recipients

fresh
send $(seq -f 'rcpt%g@y.example' 120)
is "$rc $(queued) $(arrived)" "0 0 2" "120 recipients go in two transactions"
is "$(grep -c ^RCPT "$T/smarthost/1.env") $(grep -c ^RCPT "$T/smarthost/2.env")" \
    "100 20" "of 100 and 20"
is "$(seen | grep -c '^-- connect') $(turns)" "1 4" \
    "over one connection, with one round trip for the second"
same_file "$T/smarthost/1.msg" "$T/smarthost/2.msg" "both get the same"
rcpts()
{
	cat "$T"/smarthost/*.env | sed -n 's/^RCPT TO:<\(.*\)@.*/\1/p' |
	    sort | uniq -c | awk '{ print $1 }' | sort | uniq -c | xargs
}
is "$(rcpts)" "120 1" "each of the 120 gets it once"
restart -t implicit -e SIZE
fresh
send $(seq -f 'rcpt%g@y.example' 120)
is "$rc $(arrived) $(rcpts)" "0 2 120 1" "without PIPELINING as well"
in_turn "without PIPELINING: one command at a time"

restart -t implicit
rules 'RCPT[51-] 452 4.5.3 too many recipients'
fresh
send $(seq -f 'rcpt%g@y.example' 120)
is $rc 0 "a server that takes 50 at once gets the rest later"
run "$SENDMAIL" -q
run "$SENDMAIL" -q
is "$(queued) $(rcpts)" "0 120 1" "and each of the 120 gets it once"

# Who was put off for another reason is not asked about again at once.
rules 'RCPT a@* 450 4.2.1 busy' 'RCPT d@* 450 4.2.1 busy' \
    'RCPT[3-] 452 4.5.3 too many recipients'
fresh
send a@y.example b@y.example c@y.example d@y.example e@y.example
is "$rc $(arrived) $(queued) $(transcript | grep -c '^C: RCPT')" "0 2 1 7" \
    "what is too many comes again at once, what was put off does not"
rules
run "$SENDMAIL" -q
is "$(arrived) $(queued) $(rcpts)" "3 0 5 1" "but with the next attempt"

done_testing
