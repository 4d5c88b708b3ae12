#!/bin/sh
# SPDX-License-Identifier: ISC
# Where passwords have come to an end (Microsoft, Google) an access token logs in:
# OAUTHBEARER and XOAUTH2, when they are asked for.  A refused token has its
# reason in a challenge, which wants one more word before the reply.
. "${0%/*}/lib.sh"
. "$TOP/t/letter.sh"

ca_make
token=ya29.a0Af_short-1~+/=
long=eyJ0eXAiOiJKV1Qi.$(head -c 2500 /dev/zero | tr '\0' x)
all='PLAIN LOGIN XOAUTH2 OAUTHBEARER CRAM-MD5'

# said: what the client said from AUTH to the last reply of the login
said()
{
	seen | sed -n '/^C: AUTH/,/^C: \(MAIL\|QUIT\)/s/^C: \?//p' |
	    sed '/^MAIL\|^QUIT/d'
}

# stays DESCRIPTION PATTERN: as waits, without a word too many
stays()
{
	waits "$@"
	unlike "$(cat "$T/log") $("$MAILQ")" "$token" "$1: no token there"
	is "$(seen | grep -cE '^-- (text|violation)|^C: (MAIL|DATA)')" 0 \
	    "$1: no mail, and no rule broken"
}

smarthost_start -a -m "$all" -U "$USER_NAME:$token"
conf_write "password = $token"
goes "by default"
like "$(said)" '^AUTH PLAIN' "by default no token is thought of"

for how in XOAUTH2 OAUTHBEARER; do
	case $how in
	XOAUTH2)
		words=$(printf 'user=%s\001auth=Bearer %s\001\001' \
		    "$USER_NAME" "$token" | base64 -w 0)
		end=
		;;
	*)
		words=$(printf 'n,a=%s,\001host=%s\001port=%s\001auth=Bearer %s\001\001' \
		    "$USER_NAME" smarthost.test 2587 "$token" | base64 -w 0)
		end=AQ==
		;;
	esac
	: >"$T/smarthost.rules"
	conf_write "auth = $how" "password = $token"
	goes "$how"
	is "$(said)" "AUTH $how $words" "$how: in one line"
	like "$(cat "$T/log")" "auth=$how, status=sent" "$how: in the log"
	send -v
	like "$(cat "$T/err")" "^>>> AUTH $how \*\*\*\*$" "$how: -v hides it"
	unlike "$(cat "$T/err")" "$token|$words" "$how: all of it"

	rm -f "$T/token"
	echo "$token" >"$T/token"
	conf_write "auth = $how" -password "password_file = $T/token"
	goes "$how, a token in a file"
	conf_write "auth = $how" -password \
	    "password_command = printf '%s\\nexpires\\n' '$token'"
	goes "$how, a token that a command prints"

	conf_write "auth = $how" 'password = yesterdays'
	stays "$how, an expired token" \
	    'refused the login .*535 5\.7\.8 .*: \{"status":"invalid_token"\}'
	is "$(said | tail -n 1)" "$end" "$how, an expired token: one word more"
	is "$(said | wc -l)" 2 "$how, an expired token: said once"
	conf_write "auth = $how" "password = $token"
	run "$SENDMAIL" -q
	is "$rc $(queued) $(arrived)" "0 0 1" "$how, a new token: it goes"

	conf_write "auth = $how" "password = Bearer $token"
	stays "$how, a token with a blank" 'cannot carry this user or password'
	unlike "$(transcript)" '^C: AUTH' "$how, a token with a blank: unsaid"

	conf_write "auth = $how, PLAIN" "password = $token"
	rules "AUTH $how 504 5.5.4 no"
	goes "$how, and the server has second thoughts"
	like "$(said)" '^AUTH PLAIN' "$how, second thoughts: the next it is"

	conf_write "auth = $how" "password = $token"
	rules 'STEP[1] 334 eyJzIjo0MDB9' 'STEP[2] 235 come in'
	stays "$how, in after a reason" 'without proof'
	rules 'STEP[1] 334 eyJzIjo0MDB9' 'STEP[2] 454 4.7.0 later'
	stays "$how, put off with a reason" 'put off the login.*: \{"s":400\}'
	rules 'STEP[1] 334 {"status":"400"}' 'STEP[2] 501 cancelled'
	stays "$how, a reason that is no base64" "cannot log in by '$how'"
	is "$(said | tail -n 1)" '*' "$how, no base64: it is cancelled"
	rules 'STEP 334 e30='
	stays "$how, reasons without end" "cannot log in by '$how'"
	is "$(said | tail -n 1)" '*' "$how, without end: it is cancelled"
	rules "STEP[1] 334 $(printf '{"bad token":"%s"}' "$token" | base64 -w 0)" \
	    'STEP[2] 535 no'
	stays "$how, the token in the reason" 'no reason to repeat'
	smarthost_stop

	# No line of AUTH is longer than 512 octets.
	smarthost_start -a -m "$all" -U "$USER_NAME:$long"
	: >"$T/smarthost.rules"
	conf_write "auth = $how" "password = $long"
	goes "$how, a token of 2500 octets"
	is "$(said | head -n 1) $(said | wc -l)" "AUTH $how 2" \
	    "$how, a token of 2500 octets: behind a 334 of its own"
	conf_write "auth = $how" "password = $long$long"
	stays "$how, a long wrong one" '"status":"invalid_token"'
	is "$(said | tail -n 1)" "$end" "$how, a long wrong one: one word more"
	smarthost_stop
	smarthost_start -a -m "$all" -U "$USER_NAME:$token"
done

# CRAM-MD5 comes when it is called.
: >"$T/smarthost.rules"
conf_write 'auth = CRAM-MD5' "password = $token"
goes "CRAM-MD5"
is "$(said | head -n 1) $(said | wc -l)" "AUTH CRAM-MD5 2" \
    "CRAM-MD5: one answer to one question"
conf_write 'auth = CRAM-MD5' 'password = wrong'
stays "CRAM-MD5, a wrong password" 'see user and password.*535 5\.7\.8'
rules 'STEP[1] 235 come in'
stays "CRAM-MD5, in before the question" 'without proof'

done_testing
