#!/bin/sh
# SPDX-License-Identifier: ISC
# TLS is required and verified: what is wrong there is the account's fault, so the
# message waits, in silence, and mailq says which key to look at.
. "${0%/*}/lib.sh"
. "$TOP/t/letter.sh"

ca_make
ca_make_bad
names=DNS:smarthost.test,DNS:localhost,IP:127.0.0.1

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
conf_write 'host = smarthost.test.'
goes "a name with the dot of the root"
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
printf '%s\n' 'openssl_conf = a' '[a]' 'ssl_conf = b' '[b]' \
    'system_default = c' '[c]' 'MinProtocol = TLSv1.3' >"$T/strict.cnf"
restart -v 1.2
conf_write
export OPENSSL_CONF="$T/strict.cnf"
no_tls "TLS 1.2 where the administrator wants 1.3" \
    'protocol version is below ours'
unset OPENSSL_CONF
goes "TLS 1.2 where he does not"

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

done_testing
