#!/bin/sh
# SPDX-License-Identifier: ISC
# A transaction has as many recipients as the server says (LIMITS, RFC 9422), or
# as it shows by 452, and a connection as many messages; else a hundred.  A limit
# that was met once is not met again in that run.
. "${0%/*}/lib.sh"
. "$TOP/t/matrix.sh"

conf_write 'tls = off' -user -password
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"

# offers LINE...: of EHLO
offers()
{
	[ ! -e "$T/smarthost.pid" ] || smarthost_stop
	rules
	: >"$T/offers"
	for line in PIPELINING "$@"; do
		printf '%s\n' -e "$line" >>"$T/offers"
	done
	set -- -a -t none
	while IFS= read -r word; do
		set -- "$@" "$word"
	done <"$T/offers"
	smarthost_start "$@"
	fresh
}

# How many recipients each message had that arrived.
sizes()
{
	for env in $(ls "$T"/smarthost/*.env 2>/dev/null | sort -V); do
		grep -c ^RCPT "$env"
	done | xargs
}

to()
{
	seq -f 'r%g@y.example' "$1"
}

# goes_in SIZES OFFER...: those are the sizes of messages to 250
goes_in()
{
	want=$1
	shift
	offers "$@"
	run "$SENDMAIL" -f joe@x.example $(to 250) <"$T/in"
	is "$rc $(queued) $(sizes)" "0 0 $want" "$*: 250 recipients go as $want"
	is "$(cat "$T"/smarthost/*.env | grep ^RCPT | sort -u | wc -l)" 250 \
	    "$*: each of them once"
}
goes_in '100 100 50' SIZE
goes_in '80 80 80 10' 'LIMITS RCPTMAX=80'
goes_in '80 80 80 10' 'limits foo=3 MAILMAX=7 bar rcptmax=80 RCPTDOMAINMAX=9'
goes_in '250' 'LIMITS RCPTMAX=1000'
for limit in 0 -1 1e3 0x10 080 1000000 4294967297 99999999999999999999 '' ' 5' \
    ten 5,6; do
	goes_in '100 100 50' "LIMITS RCPTMAX=$limit"
done
offers 'LIMITS RCPTMAX=999999'
run "$SENDMAIL" -f joe@x.example $(to 1500) <"$T/in"
is "$rc $(queued) $(sizes)" "0 0 1000 500" "more than a thousand it gets not"
offers 'LIMITS RCPTMAX=1'
run "$SENDMAIL" -f joe@x.example $(to 3) <"$T/in"
is "$rc $(queued) $(sizes)" "0 0 1 1 1" "one at a time, if it must be"

# Domains

offers 'LIMITS RCPTDOMAINMAX=2'
run "$SENDMAIL" -f joe@x.example a@x.org a@y.org a@z.org b@X.ORG b@z.org \
    c@z.org b@y.org a@w.org <"$T/in"
is "$rc $(queued) $(sizes)" "0 0 4 4" "two domains at once"
is "$(sed -n 's/^RCPT TO:<\(.*\)>.*/\1/p' "$T/smarthost/1.env" | xargs)" \
    "a@x.org a@y.org b@X.ORG b@y.org" "each with all of its recipients"

# Messages of a connection

offers 'LIMITS MAILMAX=2'
for i in 1 2 3 4 5; do
	send -odq
done
run "$SENDMAIL" -q
is "$rc $(queued) $(arrived)" "0 0 5" "two messages a connection: all five go"
is "$(said)" "$(for i in 1 2; do
	printf '+ EHLO MAIL RCPT DATA . RSET MAIL RCPT DATA . QUIT '
done)+ EHLO MAIL RCPT DATA . QUIT " "over three connections"
offers 'LIMITS MAILMAX=1 RCPTMAX=1'
run "$SENDMAIL" -f joe@x.example $(to 3) <"$T/in"
is "$rc $(queued) $(sizes) $(said | tr -dc +)" "0 0 1 1 1 +++" \
    "also those of one message"

# What is not said is shown.

# met RULE...: 50 recipients are what it takes
met()
{
	offers SIZE
	rules "$@"
	run "$SENDMAIL" -f joe@x.example $(to 120) <"$T/in"
	is "$rc $(queued) $(sizes)" "0 0 50 50 20" "$*: the rest goes at once"
	is "$(transcript | grep -c '^C: RCPT')" "$said" \
	    "$*: the limit is met once"
	is "$(said | tr -dc + | wc -c)" "$connects" "$*: over so many connections"
}
connects=1 said=170
met 'RCPT[51-] 452 too many recipients'
met 'RCPT[51-] 452 4.5.3 too many recipients'
met 'RCPT[51-] 451 4.5.3 too many recipients'
met 'RCPT[51-] 552 5.5.3 too many recipients'
connects=2 said=220
met 'RCPT[51-99] 452 too many' 'RCPT[100] close'
said=172
met 'RCPT[51] 452 too many' 'RCPT[52] close'
met 'RCPT[51] 552 5.5.3 too many' 'RCPT[52] 421 bye'
said=171
met 'RCPT[51-] 421 4.5.3 too many recipients'
rules 'RCPT[51-] 452 too many'
fresh
for i in 1 2 3; do
	run "$SENDMAIL" -odq -f joe@x.example $(to 60) <"$T/in"
done
run "$SENDMAIL" -q
is "$rc $(queued) $(sizes)" "0 0 50 10 50 10 50 10" "it holds for a run"
is "$(transcript | grep -c '^C: RCPT')" 190 "and is met once in it"
fresh
rules 'RCPT a@* 452 4.2.2 full'
run "$SENDMAIL" -f joe@x.example b@y.example a@y.example c@y.example <"$T/in"
run "$SENDMAIL" -f joe@x.example $(to 3) <"$T/in"
is "$(sizes)" "2 3" "who is full between others is no limit"

# Who hangs up on any number is called twice, no more.
rules 'RCPT[1] 250 ok' 'RCPT[2] 452 too many' 'RCPT[3] close' 'TEXT close'
fresh
run "$SENDMAIL" -f joe@x.example $(to 9) <"$T/in"
is "$rc $(queued) $(arrived) $(said | tr -dc +)" "0 1 0 ++" \
    "what is lost then waits"

done_testing
