#!/bin/sh
# SPDX-License-Identifier: ISC
# Where CHUNKING is offered with PIPELINING the text goes behind BDAT, as it is:
# no DATA, no dot, and as few round trips.
. "${0%/*}/lib.sh"
. "$TOP/t/matrix.sh"

ca_make
printf 'From: joe@x.example\nSubject: hi\n\n..hello\n.dot\nFrom here\n' >"$T/in"

in_turn()
{
	unlike "$(transcript)" '^-- violation' "$1"
}

chunking='-e PIPELINING -e CHUNKING -e SIZE -e 8BITMIME'
conf_write 'tls = implicit' 'auth = PLAIN'
# shellcheck disable=SC2086
smarthost_start -t implicit $chunking
sent '+ EHLO AUTH MAIL RCPT BDAT QUIT '
is "$(turns)" 3 "the server reads three times: EHLO, group, text"
in_turn "nothing comes too early"
fresh
send
strip_added "$T/smarthost/1.msg" >"$T/got"
wire <"$T/in" | strip_added >"$T/want"
same_file "$T/got" "$T/want" "dots and all, the text is as it was given"
{
	cat "$T/in"
	yes '.A line of text, and there are a good many of them.' | head -n 20000
} >"$T/large"
fresh
run "$SENDMAIL" -f joe@x.example a@y.example <"$T/large"
strip_added "$T/smarthost/1.msg" >"$T/got"
wire <"$T/large" | strip_added >"$T/want"
same_file "$T/got" "$T/want" "so is a megabyte"
is "$(turns) $(transcript | grep -c '^C: BDAT')" "3 1" \
    "in one piece"
fresh
run "$SENDMAIL" -v -f joe@x.example a@y.example <"$T/large"
size=$(wc -c <"$T/smarthost/1.msg")
is "$(grep -A 1 BDAT "$T/err")" ">>> BDAT $size LAST
>>> [$size octets of text]" "-v shows how long the text is"
unlike "$(cat "$T/err")" 'line of text' "and nothing of it"
{
	cat "$T/in"
	yes "$(seq -s ' .' 1 20)" | head -c 26214400
	echo
} >"$T/huge"
fresh
run "$SENDMAIL" -f joe@x.example a@y.example <"$T/huge"
strip_added "$T/smarthost/1.msg" >"$T/got"
wire <"$T/huge" | strip_added >"$T/want"
same_file "$T/got" "$T/want" "so are 25 MB"
is "$rc $(turns)" "0 3" "at the same cost"
in_turn "of one command and one text"
rm -f "$T/got" "$T/want"
printf 'From: joe@x.example\n\nno end' >"$T/torn"
fresh
run "$SENDMAIL" -f joe@x.example a@y.example <"$T/torn"
is "$rc $(arrived) $(tail -c 8 "$T/smarthost/1.msg" | od -An -c | tr -d ' ')" \
    '0 1 noend\r\n' "a last line gets its end"
in_turn "and the length is true"
fresh
send $(seq -f 'r%g@y.example' 120)
is "$rc $(arrived) $(said)" "0 2 + EHLO AUTH MAIL $(
	printf 'RCPT %.0s' $(seq 100))BDAT RSET MAIL $(
	printf 'RCPT %.0s' $(seq 21))BDAT QUIT " \
    "RSET stands between two transactions"
fresh
for i in 1 2 3; do
	send -odq
done
run "$SENDMAIL" -q
is "$rc $(queued) $(arrived) $(turns)" "0 0 3 5" \
    "each further message of a run costs one round trip"

# Where it is not offered with PIPELINING, or before TLS only, it is not used.

rules 'EHLO 250 smarthost.test\nCHUNKING\nAUTH PLAIN'
fresh
send
is "$rc $(arrived) $(said)" "0 1 + EHLO AUTH MAIL RCPT DATA . QUIT " \
    "one command at a time: DATA"
conf_write 'tls = implicit' 'auth = PLAIN' 'pipelining = no'
rules
fresh
send
is "$rc $(arrived) $(said)" "0 1 + EHLO AUTH MAIL RCPT DATA . QUIT " \
    "pipelining = no: DATA"
smarthost_stop
# shellcheck disable=SC2086
smarthost_start $chunking
conf_write 'auth = PLAIN'
rules 'EHLO[2-] 250 smarthost.test\nPIPELINING\nAUTH PLAIN'
fresh
send
is "$rc $(arrived) $(said)" \
    "0 1 + EHLO STARTTLS EHLO AUTH MAIL RCPT DATA . QUIT " \
    "offered before TLS only: DATA"
smarthost_stop

# The fault matrix

# shellcheck disable=SC2086
smarthost_start -a -t none $chunking
conf_write 'tls = off' -user -password
group='+ EHLO MAIL RCPT '
deferred "${group}QUIT " '451 later' 'MAIL 451 later'
deferred "${group}QUIT " '451 later' 'MAIL 451 later' 'RCPT 250 ok'
refused 67 "${group}QUIT " '550 5.1.1 who' 'RCPT 550 5.1.1 who'
deferred "${group}QUIT " '450 later' 'RCPT 450 later'
deferred "$group" 'strange' 'RCPT garbage'
deferred "$group" 'hung up|reset' 'RCPT close'
text="${group}BDAT QUIT "
deferred "$text" '451 later' 'DOT 451 later'
refused 69 "$text" '554 5.7.1 spam' 'DOT 554 5.7.1 spam'
deferred "${group}BDAT " '421 bye' 'DOT 421 bye'
deferred "$text" '503 5.5.1 BDAT' 'DOT 451 503 5.5.1 BDAT'
deferred "$text" 'pipelining = no' 'DOT 500 5.5.1 unknown command'
deferred "$text" 'pipelining = no' 'DOT 502 no BDAT here'
refused 65 "$text" '501 5.6.0 bad' 'DOT 501 5.6.0 bad text'
unknown "${group}BDAT " 'unknown' 'DOT keep close'
unknown "$text" 'unknown' 'DOT keep garbage'
unknown "$text" 'unknown' 'DOT keep 354 go on'
in_turn "in all that nothing came too early"

# Some of them

rules 'RCPT b@* 450 4.2.1 later' 'RCPT c@* 550 5.1.1 who'
fresh
send b@y.example c@y.example
is "$rc $(arrived) $(queued)" "0 1 2" \
    "one gets it, one waits, one is reported"
is "$(grep -c ^RCPT "$T/smarthost/1.env")" 1 "and nobody else"
rules
run "$SENDMAIL" -q
is "$rc $(queued) $(arrived)" "0 0 3" "in the end each got what is due"
smarthost_stop

# What is cut off is nobody's.  A local socket holds less than what is to come.

# shellcheck disable=SC2086
smarthost_start -a -t none $chunking -u "$T/socket"
conf_write "host = $T/socket" -port -ca -user -password
cp "$T/large" "$T/in"
deferred "${group}BDAT " 'lost' 'TEXT[1000] close'
deferred "${group}BDAT " '451 full' 'TEXT[1000] raw 451 full\r\n'
refused 69 "${group}BDAT " '554 a virus' 'TEXT[1000] raw 554 a virus\r\n'
deferred "${group}BDAT " 'ahead of the dot' 'TEXT[1000] raw 250 ok\r\n'


# Who has made up his mind gets no more of it.
rules 'TEXT[1000] raw 554 5.7.1 a virus\r\n'
fresh
run strace -f -o "$T/strace" -e trace=sendto \
    "$SENDMAIL" -f joe@x.example a@y.example <"$T/huge"
is "$rc $(queued)" "69 0" "25 MB are refused at their first line"
ok "and most of them stay here" test "$(sed -n 's/.* = \([0-9]*\)$/\1/p' \
    "$T/strace" | awk '{ sum += $1 } END { print sum }')" -lt 20000000

done_testing
