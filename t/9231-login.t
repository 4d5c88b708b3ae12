#!/bin/sh
# SPDX-License-Identifier: ISC
# Where a login is configured no mail goes without it: what is wrong there is the
# account's fault, so the message waits, in silence, and mailq says which key to
# look at.  Whoever does not log in would get in all the same.
. "${0%/*}/lib.sh"
. "$TOP/t/letter.sh"

ca_make
mechanism()
{
	seen | sed -n 's/^C: AUTH \([A-Z0-9-]*\).*/\1/p' | tr '\n' ' '
}

restart
for name in PLAIN LOGIN SCRAM-SHA-1 SCRAM-SHA-256; do
	conf_write "auth = $name"
	goes "auth = $name"
	is "$(mechanism)" "$name " "auth = $name: it logs in so"
	like "$(cat "$T/log")" "auth=$name, status=sent" "auth = $name: in the log"
done
conf_write 'auth = scram-sha-1'
goes "auth in lower case"
is "$(mechanism)" 'SCRAM-SHA-1 ' "auth in lower case: it logs in so"
conf_write 'auth = XOAUTH2 LOGIN, PLAIN'
goes "a list"
is "$(mechanism)" 'LOGIN ' "the first that is offered counts"

# offered MECHANISMS WANT
offered()
{
	restart -m "$1"
	goes "of $1"
	is "$(mechanism)" "$2 " "auto takes $2 of $1"
}
conf_write
offered 'LOGIN PLAIN SCRAM-SHA-1 SCRAM-SHA-256' SCRAM-SHA-256
offered 'LOGIN PLAIN SCRAM-SHA-1' SCRAM-SHA-1
offered 'LOGIN PLAIN CRAM-MD5' PLAIN
offered 'CRAM-MD5 LOGIN' LOGIN

# lists WANT LINE [LINE]: in the reply to EHLO
lists()
{
	rules "EHLO 250 smarthost.test\nPIPELINING\n$2${3:+\n$3}"
	goes "EHLO says $2${3:+, $3}"
	is "$(mechanism)" "$1 " "EHLO says $2${3:+, $3}: that is $1"
}
restart -t implicit
conf_write 'tls = implicit'
lists PLAIN 'auth login plain'
lists PLAIN 'AUTH=LOGIN PLAIN'
lists PLAIN 'AUTH LOGIN' 'AUTH=PLAIN'
lists PLAIN 'AUTH=LOGIN' 'AUTH PLAIN'
lists LOGIN 'Auth=Login'
lists SCRAM-SHA-1 'AUTH  scram-sha-1   NTLM '

# no_login DESCRIPTION PATTERN RULE...
no_login()
{
	what=$1 why=$2
	shift 2
	rules 'MAIL 250 ok' 'RCPT 250 ok' "$@"
	waits "$what" "$why"
	is "$(seen | grep -cE '^-- text|^C: \.')" 0 \
	    "$what: nothing of the message is sent"
}
# The same, where the login goes ahead of the group.
no_mail()
{
	no_login "$@"
	unlike "$(seen)" '^C: MAIL' "$1: MAIL is not said"
}
restart
for name in PLAIN LOGIN SCRAM-SHA-1 SCRAM-SHA-256; do
	conf_write "auth = $name" 'password = wrong'
	no_login "$name, wrong password" 'see user and password.*535 5.7.8'
	is "$(mechanism)" "$name " "$name, wrong password: it is tried once"
	run "$SENDMAIL" -q
	is "$rc $(queued) $(arrived)" "0 1 0" \
	    "$name, wrong password: a run leaves it"
	conf_write "auth = $name"
	run "$SENDMAIL" -q
	is "$rc $(queued) $(arrived)" "0 0 1" "$name, mended: a run sends it"
done
conf_write
no_mail "a login put off" 'put off the login: 454 4.7.0' 'AUTH 454 4.7.0 later'
no_mail "the server hangs up" 'lost' 'AUTH close'
no_mail "no such login, and no other" 'refused this kind of login \(see auth\)' \
    'AUTH 504 5.5.4 no'
is "$(mechanism)" 'SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN ' "each was tried"
rules 'AUTH SCRAM-* 504 5.5.4 no'
goes "no such login, but another"
is "$(mechanism)" 'SCRAM-SHA-256 SCRAM-SHA-1 PLAIN ' "it is the next"
conf_write 'auth = PLAIN LOGIN'
rules 'AUTH PLAIN 534 5.7.9 too weak'
goes "PLAIN in a group gives way to LOGIN"
is "$(mechanism)" 'PLAIN LOGIN ' "PLAIN in a group: each was tried once"

conf_write 'auth = SCRAM-SHA-256'
no_mail "235 without a proof" 'without proof' 'AUTH 235 come in'
no_mail "235 at once" 'without proof' 'STEP[1] 235 come in'
no_mail "235 in place of the proof" 'without proof' 'STEP[2] 235 come in'
no_mail "a wrong proof" 'failed to prove itself' \
    "STEP[2] 334 $(printf 'v=%s' "$(printf %32s x | base64)" | base64)" \
    'STEP[3] 235 come in'
like "$(seen)" '^C: \*$' "a wrong proof: the login is cancelled"
no_mail "334 that is no base64" "cannot log in by 'SCRAM" 'STEP[1] 334 !?' \
    'STEP[2] 235 come in'
like "$(seen)" '^C: \*$' "334 that is no base64: the login is cancelled"
conf_write 'auth = LOGIN'
no_mail "235 ahead of the name" 'without proof' 'STEP[1] 235 come in'
no_mail "235 ahead of the password" 'without proof' 'STEP[2] 235 come in'
rules 'STEP[1] 334 What?' 'STEP[2] 334' 'STEP[3] 235 in'
goes "LOGIN, whatever it is asked"
is "$(seen | sed -n '/^C: AUTH/,/^S: 235/s/^C: //p' | sed 1d |
    while read -r word; do printf '%s' "$word" | base64 -d; echo; done)" \
    "$USER_NAME
$PASSWORD" "name and password are what is said"
for name in PLAIN LOGIN SCRAM-SHA-256; do
	conf_write "auth = $name"
	no_login "$name, 334 without end" "(cannot log in by '$name'|strange|asks)" \
	    'STEP 334 eA=='
	not_ok "$name, 334 without end: it ends" \
	    test "$(seen | grep -c '^S: 334')" -gt 20
done
conf_write 'auth = LOGIN' 'timeout = 2s'
no_mail "no answer to the password" 'no answer from' 'STEP[3] hang'

conf_write
restart -m 'CRAM-MD5 NTLM'
no_mail "no login in common" '\(CRAM-MD5 NTLM\): check auth'
restart -m ''
no_mail "no login offered" 'no login is offered: check host and port, or set auth'
restart -m 'SCRAM-SHA-256 PLAIN' -I 4095
no_mail "SCRAM with too few iterations" 'fewer than 4096'
restart -m 'SCRAM-SHA-256 PLAIN' -I 2000000000
no_mail "SCRAM with too many" 'more than 1000000'

# A line of AUTH has 512 octets at most; the longest secret rides, one octet
# more waits for its 334.
for size in 365 366; do
	secret=$(head -c $size /dev/zero | tr '\0' x)
	restart -a -U "$USER_NAME:$secret"
	conf_write 'auth = PLAIN' "password = $secret"
	goes "a password of $size octets"
	seen | grep '^C: AUTH' >"$T/auth$size"
	is "$(seen | grep -c '^S: 334')" $((size - 365)) \
	    "a password of $size octets: 334 is needed or not"
done
is "$(cut -c4- "$T/auth365" | tr -d '\n' | wc -c)" 507 \
    "the longest line is 509 octets with its end"
is "$(cat "$T/auth366")" 'C: AUTH PLAIN' "a longer one has no initial response"
restart -a -U "$USER_NAME:$secret"
conf_write 'auth = SCRAM-SHA-256' "password = $secret"
goes "by SCRAM as well"

# Only a login that needs libgsasl misses it.

library=$(ldd "$SMARTHOST" | sed -n 's/.*libgsasl[^ ]* => \([^ ]*\) .*/\1/p')
unlike "$(ldd "$SENDMAIL")" 'gsasl' "libgsasl is not loaded at once"
restart -m 'SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN'
mount --bind /dev/null "$library" || diag "cannot hide '$library'"
conf_write
goes "without libgsasl"
is "$(mechanism)" 'PLAIN ' "without libgsasl: by what needs none"
conf_write 'auth = SCRAM-SHA-1 LOGIN'
waits "without libgsasl, where it is needed" "cannot load 'libgsasl"
umount "$library"

# Nor is it missed in a sandbox where it lies elsewhere.

mkdir "$T/elsewhere"
cp "$library" "$T/elsewhere/libgsasl.so.18"
restart -m 'SCRAM-SHA-256 PLAIN'
mount --bind /dev/null "$library" || diag "cannot hide '$library'"
conf_write
LD_LIBRARY_PATH=$T/elsewhere
export LD_LIBRARY_PATH
goes "libgsasl elsewhere"
unset LD_LIBRARY_PATH
is "$(mechanism)" 'SCRAM-SHA-256 ' "libgsasl elsewhere: it is found"
umount "$library"

done_testing
