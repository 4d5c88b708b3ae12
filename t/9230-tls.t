#!/bin/sh
# SPDX-License-Identifier: ISC
# TLS is required and verified, and where a login is configured no mail goes
# without it: what is wrong there is the account's fault, so the message waits,
# in silence, and mailq says which key to look at.
. "${0%/*}/lib.sh"

ca_make
ca_make_bad
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"
names=DNS:smarthost.test,DNS:localhost,IP:127.0.0.1

send()
{
	run "$SENDMAIL" -f joe@x.example a@y.example <"$T/in"
}

# The transcript, once every connection is over; one that hangs never is.
all_closed()
{
	connects=$(transcript | grep -c '^-- connect')
	[ "$connects" -gt 0 ] &&
	    [ "$connects" = "$(transcript | grep -cE '^-- (close|hang)')" ]
}
seen()
{
	wait_for all_closed
	transcript
}

# restart [option of smarthost_start...]
restart()
{
	[ ! -e "$T/smarthost.pid" ] || smarthost_stop
	: >"$T/smarthost.rules"
	smarthost_start "$@"
}

# goes DESCRIPTION
goes()
{
	fresh
	send
	is "$rc $(queued) $(arrived)" "0 0 1" "$1: it goes"
}

# waits DESCRIPTION PATTERN: which mailq shows
waits()
{
	fresh
	send
	is "$rc $(queued) $(arrived)" "0 1 0" "$1: it waits, exit 0"
	silent "$1: in silence"
	like "$("$MAILQ" | tr -s '\n\t ' ' ')" "$2" "$1: mailq says why"
}

# no_tls DESCRIPTION PATTERN: it waits, and nothing was said in clear
no_tls()
{
	waits "$@"
	is "$(seen | grep -aE '^C: [A-Z]{4}' |
	    grep -vxE 'C: (EHLO web1.example.org|STARTTLS|QUIT)')" "" \
	    "$1: no word in clear but EHLO, STARTTLS, QUIT"
	unlike "$(seen)" '^-- tls TLS' "$1: nothing under TLS"
}

# Certificates

conf_write
restart
goes "a good certificate"
like "$(transcript)" '^-- tls TLSv1.3$' "TLS 1.3 it is"

# By name alone; nothing but CN; not before next century.
issue()
{
	ca_issue "$1" ca "$2"
}
echo '127.0.0.1 mail.smarthost.test in.mail.smarthost.test' >>/etc/hosts
issue partial 'DNS:mail.smart*.test,DNS:m*.smarthost.test,DNS:*l.smarthost.test'
issue wildcard 'DNS:*.smarthost.test'
issue top 'DNS:*.test'
issue nameless IP:192.0.2.99
issue literal 'DNS:127.0.0.1'
ca_issue early ca $names
openssl req -new -key "$T/nameless.key" -subj /CN=smarthost.test |
    openssl x509 -req -CA "$T/ca.pem" -CAkey "$T/ca.key" -CAcreateserial \
        -days 2 -out "$T/cn.pem" 2>/dev/null
cp "$T/nameless.key" "$T/cn.key"
: >"$T/index"
printf '%s\n' '[ca]' 'default_ca = d' '[d]' "database = $T/index" \
    "new_certs_dir = $T" 'rand_serial = yes' 'default_md = sha256' \
    'policy = p' '[p]' 'commonName = supplied' >"$T/ca.cnf"
openssl ca -batch -config "$T/ca.cnf" -cert "$T/ca.pem" -keyfile "$T/ca.key" \
    -in "$T/early.csr" -extfile "$T/early.ext" -notext -out "$T/early.pem" \
    -startdate 20980101000000Z -enddate 20990101000000Z 2>/dev/null

# refused CERTIFICATE PATTERN [LINE of the configuration...]
refused()
{
	bad=$1 why=$2
	shift 2
	for tls in starttls implicit; do
		restart -s "$bad" -t $tls
		conf_write "tls = $tls" "$@"
		no_tls "$tls, certificate $bad" "$why"
	done
}
refused wrong "'smarthost.test' is not for that name: set host"
refused stranger 'unknown authority: set ca'
refused expired 'has expired: renew it, or set .* clock'
refused self 'self-signed: set ca .*or pin'
refused early 'not yet valid: set .* clock'
refused cn "'smarthost.test' is not for that name: set host"
refused top "'smarthost.test' is not for that name: set host"
refused partial "'mail.smarthost.test' is not for that name: set host" \
    'host = mail.smarthost.test'
refused wildcard "'in.mail.smarthost.test' is not for that name: set host" \
    'host = in.mail.smarthost.test'
refused wildcard "'smarthost.test' is not for that name: set host"
refused literal "'127.0.0.1' is not for that address: set host" \
    'host = 127.0.0.1'
refused wildcard "'127.0.0.1' is not for that address: set host" \
    'host = 127.0.0.1'
restart -s wildcard
conf_write 'host = mail.smarthost.test'
goes "a wildcard for the whole first label"
restart
conf_write 'host = 127.0.0.1'
goes "an address that the certificate bears"
conf_write 'host = SmartHost.TEST'
goes "a name in another case"
restart -l ::1
conf_write 'host = [::1]'
goes "an IPv6 address"

# Versions

restart -v 1.2
conf_write
goes "TLS 1.2"
for tls in starttls implicit; do
	restart -v 1.1 -t $tls
	conf_write "tls = $tls"
	no_tls "$tls, TLS 1.1" 'protocol version is below ours'
done

# Whom we trust

restart
: >"$T/empty.pem"
mkdir "$T/nobody" "$T/hashed"
cp "$T/ca.pem" "$T/hashed/$(openssl x509 -in "$T/ca.pem" -noout -hash).0"
conf_write "ca = $T/empty.pem"
no_tls "an empty file of CAs" "cannot use '.*/empty.pem' as ca"
conf_write "ca = $T/in"
no_tls "a file of something else" "cannot use '.*/in' as ca"
conf_write "ca = $T/nothing.pem"
no_tls "a file that is not there" "cannot use '.*/nothing.pem' as ca"
conf_write "ca = $T/nobody"
no_tls "an empty directory of CAs" "cannot use '.*/nobody' as ca.*openssl rehash"
conf_write "ca = $T/server.pem"
no_tls "the server's own certificate as CA" 'unknown authority: set ca'
conf_write "ca = $T/hashed"
goes "a directory of CAs"
conf_write -ca
no_tls "the system's CAs" '(unknown authority: set ca|as ca: )'
export SSL_CERT_FILE="$T/ca.pem"
goes "SSL_CERT_FILE"
SSL_CERT_FILE=$T/stranger-ca.pem
no_tls "SSL_CERT_FILE of strangers" 'unknown authority: set ca'
SSL_CERT_FILE=$T/nothing.pem
no_tls "SSL_CERT_FILE that is not there" "cannot use '.*/nothing.pem' as ca"
unset SSL_CERT_FILE
export SSL_CERT_DIR="$T/hashed"
goes "SSL_CERT_DIR"
SSL_CERT_DIR=$T/nobody
no_tls "SSL_CERT_DIR with nobody in it" 'unknown authority: set ca'
conf_write
goes "ca, whatever the environment says"
unset SSL_CERT_DIR

# STARTTLS

conf_write
restart -t none
no_tls "no STARTTLS" 'does not offer STARTTLS: check port, or set tls'
restart
for reply in '454 4.7.0 not now' '501 syntax' '502 5.5.1 what' '554 no' \
    '250 Ok' '354 go on' '235 come in' '221 bye' '421 bye' '334 go on'; do
	rules "STARTTLS $reply"
	no_tls "STARTTLS gets '$reply'" "refused STARTTLS: $reply"
done
# behind DESCRIPTION ACTION PATTERN
behind()
{
	rules "STARTTLS $2"
	no_tls "behind the 220 of STARTTLS: $1" "$3"
}
ahead='octets after the reply to STARTTLS'
behind "an octet" 'inject 2' "$ahead"
behind "a line" 'inject 250 Ok\r\n' "$ahead"
behind "another EHLO" 'inject 250-x\r\n250 AUTH PLAIN\r\n235 in\r\n' "$ahead"
behind "a reply, a moment later" \
    'drip 10 raw 220 go\r\n250 Ok\r\n235 in\r\n250 Ok\r\n250 Ok\r\n' \
    "($ahead|TLS with .* failed)"
rules 'STARTTLS close'
no_tls "STARTTLS is followed by nothing" 'smarthost.test.*lost'
rules 'TLS close'
no_tls "the handshake is followed by nothing" 'TLS with .* failed'
rules 'TLS garbage'
no_tls "the handshake is garbage" "($ahead|TLS with .* failed)"
conf_write 'timeout = 2s'
rules 'STARTTLS hang'
no_tls "no answer to STARTTLS" 'no answer from .*smarthost.test'
rules 'TLS hang'
no_tls "no answer to the handshake" 'TLS with .* no answer in 2 s'

conf_write
restart
rules 'EHLO[2] 550 5.7.1 go away'
waits "no welcome after TLS" 'does not want us'
unlike "$(seen)" '^C: (AUTH|MAIL)' "no welcome after TLS: no login, no mail"

restart -t none
conf_write 'tls = implicit'
no_tls "no TLS on the port of TLS" 'no TLS is spoken there: look at port and tls'
restart -t implicit
conf_write 'tls = starttls' 'timeout = 2s'
no_tls "TLS on the port of STARTTLS" 'no answer from .*: look at port and tls'

# In clear

ip addr add 192.0.2.7/32 dev lo
restart -l 192.0.2.7 -t none
conf_write 'host = 192.0.2.7' 'tls = off'
no_tls "a login in clear to another machine" 'set tls, or remove user'
unlike "$(seen)" '^C:' "not a word is said to it"
conf_write 'host = 192.0.2.7' 'tls = off' 'auth = off'
rules 'MAIL 250 ok'
goes "no login in clear to another machine"
unlike "$(seen)" '^C: AUTH' "with auth = off"
for address in 127.0.0.1 127.9.9.9 ::1; do
	restart -l $address -t none
	conf_write "host = $address" 'tls = off'
	goes "a login in clear to $address"
	like "$(seen)" '^C: AUTH ' "a login in clear to $address: it logs in"
done
restart -C
conf_write 'tls = off'
rules 'MAIL 250 ok' 'RCPT 250 ok'
goes "tls = off where STARTTLS is offered"
unlike "$(seen)" '^C: STARTTLS' "it is as clear as it says"

# The login. Whoever does not log in would get in all the same.

restart
mechanism()
{
	seen | sed -n 's/^C: AUTH \([A-Z0-9-]*\).*/\1/p' | tr '\n' ' '
}
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

done_testing
