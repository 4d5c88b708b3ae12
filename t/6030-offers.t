#!/bin/sh
# SPDX-License-Identifier: ISC
# A server may offer more to whom it knows (Dovecot's submission service does).  It
# is asked once more, behind the login, before anything is refused for want of
# SMTPUTF8 or goes without the DSN that was asked for; and only then.
. "${0%/*}/lib.sh"

touch "$T/ca.pem"
smarthost_start -t none -C -m PLAIN -e PIPELINING -e 8BITMIME
conf_write 'tls = off' 'auth = PLAIN'
printf 'From: f@x.example\nTo: joe@y.example\n\nhello\n' >"$T/plain"
printf 'From: f@x.example\nTo: j\303\266@y.example\n\nhello\n' >"$T/utf8"
more='250 smarthost.test\nPIPELINING\n8BITMIME\nSMTPUTF8\nDSN'

# sends CLAIM EXIT ARRIVED QUEUED FILE ARGUMENT...: how a message fares
sends()
{
	claim=$1 want="$2 $3 $4" file=$5
	shift 5
	rm -rf "$HOME/.queue" "$T"/smarthost/*.msg
	transcript_clear
	run "$SENDMAIL" -f f@x.example -i "$@" <"$file"
	is "$rc $(arrived) $(queued)" "$want" "$claim"
}

# said COMMANDS: the verbs that we said
said()
{
	is "$(transcript | sed -n 's/^C: \([A-Z]\{4\}\).*/\1/p' | tr '\n' ' ')" \
	    "$1 " "$2"
}
grouped='EHLO AUTH MAIL RCPT DATA QUIT'
again='EHLO AUTH EHLO MAIL RCPT DATA QUIT'

printf '%s\n' "EHLO[2] $more" >"$T/smarthost.rules"
sends "who asks for nothing gets it" 0 1 0 "$T/plain" b@y.example
said "$grouped" "and the server is asked once"
sends "a recipient in UTF-8" 0 1 0 "$T/plain" "$(printf 'j\303\266@y.example')"
said "$again" "is asked for behind the login"
like "$(transcript)" '^C: MAIL .* SMTPUTF8$' "and MAIL says so"
sends "an address in UTF-8 in the header" 0 1 0 "$T/utf8" b@y.example
said "$again" "is asked for, too"
sends "DSN" 0 1 0 "$T/plain" -N success -V id -R hdrs b@y.example
said "$again" "is asked for, too"
like "$(transcript)" '^C: MAIL .* RET=HDRS ENVID=id$' "and MAIL says so"
like "$(transcript)" '^C: RCPT .* NOTIFY=SUCCESS$' "and RCPT says so"

for rule in 'EHLO[2] 550 5.7.1 once is enough' ''; do
	echo "$rule" >"$T/smarthost.rules"
	what=${rule:+where that is refused}
	what=${what:-where nothing more is offered}
	sends "$what a recipient in UTF-8 is, too" 65 0 0 "$T/plain" \
	    "$(printf 'j\303\266@y.example')"
	like "$(cat "$T/err")" '5\.6\.7' "$what: for that reason"
	sends "$what a message goes without DSN" 0 1 0 "$T/plain" \
	    -N success b@y.example
	like "$(transcript)" '^C: RCPT TO:<b@y.example>$' "$what: none is asked for"
done

for rule in 'EHLO[2] close' 'EHLO[2] 421 4.3.2 away' 'EHLO[2] garbage'; do
	echo "$rule" >"$T/smarthost.rules"
	sends "$rule: it waits" 0 0 1 "$T/plain" -N success b@y.example
done

printf '%s\n' "EHLO[2] $more" 'AUTH 535 5.7.8 no' >"$T/smarthost.rules"
sends "a login that is refused" 0 0 1 "$T/plain" -N success b@y.example
said 'EHLO AUTH QUIT' "is not asked behind"

# Several messages on one connection
printf '%s\n' "EHLO[2] $more" >"$T/smarthost.rules"
rm -rf "$HOME/.queue" "$T"/smarthost/*.msg
for i in 1 2 3; do
	"$SENDMAIL" -f f@x.example -odq -N success b@y.example <"$T/plain"
done
transcript_clear
run "$SENDMAIL" -q
is "$rc $(arrived) $(queued)" "0 3 0" "three in a run"
is "$(transcript | grep -c '^C: EHLO')" 2 "ask once more, all together"
is "$(transcript | grep -c 'NOTIFY=SUCCESS')" 3 "and each gets it"

done_testing
