#!/bin/sh
# SPDX-License-Identifier: ISC
# Who is who without an authority or a password: the server by a pinned key,
# whatever its certificate says besides; we by a certificate of our own, with
# EXTERNAL or without a word.
. "${0%/*}/lib.sh"
. "$TOP/t/letter.sh"

ca_make
ca_make_bad
ca_issue client ca DNS:web1.example.org
ca_issue late ca DNS:web1.example.org -days -1

# stays DESCRIPTION PATTERN: as waits, and nothing was told
stays()
{
	waits "$@"
	unlike "$(seen)" '^C: (AUTH|MAIL)' "$1: neither login nor mail"
}

# The key of a certificate as the manual says
pin64()
{
	openssl x509 -in "$T/$1.pem" -noout -pubkey |
	    openssl pkey -pubin -outform DER |
	    openssl dgst -sha256 -binary | base64
}
pinhex()
{
	pin64 "$1" | base64 -d | od -A n -v -t x1 | tr -d ' \n'
}

# Pins

for tls in starttls implicit; do
	for bad in self expired wrong stranger; do
		restart -s $bad -t $tls
		conf_write "tls = $tls" "pin = $(pin64 $bad)"
		goes "$tls, certificate $bad, its key in base64"
		conf_write "tls = $tls" -ca "pin = $(pinhex $bad)"
		goes "$tls, certificate $bad, its key in hex, no ca"
	done
done
unpinned='key that is not pinned: .* add its SHA-256 to pin'
conf_write 'tls = implicit' "pin = $(pin64 self)"
stays "implicit, a key that is not pinned" "$unpinned"
restart -s self
conf_write "pin = $(pinhex self | tr a-f A-F)"
goes "hex in upper case"
conf_write "pin = $(pin64 server), $(pin64 self) $(pinhex wrong)"
goes "one of three"
conf_write "pin = $(pin64 server) $(pinhex wrong)"
stays "none of two" "$unpinned"
conf_write "pin = $(pin64 self)" 'host = localhost' "ca = $T/nothing"
goes "neither authority nor name are looked at"
conf_write "pin = $(pin64 self)" 'host = 127.0.0.1'
goes "an address that the certificate does not need to bear"
restart -s self -v 1.2
conf_write "pin = $(pin64 self)"
goes "TLS 1.2"
conf_write "pin = $(pin64 wrong)"
stays "TLS 1.2, a key that is not pinned" "$unpinned"
restart
conf_write "pin = $(pin64 self)"
stays "a good certificate, and another key is pinned" "$unpinned"
conf_write "pin = $(pin64 ca)"
stays "the key of its authority is not its own" "$unpinned"
run "$SENDMAIL" -bC
like "$(cat "$T/out")" "$unpinned" "and sendmail -bC says so too"

# A certificate of ours

ours()
{
	conf_write "$@" "certificate = $T/client.pem" "key = $T/client.key"
}
for version in 1.3 1.2; do
	for tls in starttls implicit; do
		what="TLS $version, $tls"
		restart -t $tls -v $version -A "$T/ca.pem"
		conf_write "tls = $tls"
		stays "$what, none is shown" \
		    'it wants a certificate of ours.*set certificate and key'
		ours "tls = $tls"
		goes "$what, a good one"
		conf_write "tls = $tls" "certificate = $T/late.pem" \
		    "key = $T/late.key"
		stays "$what, one that has expired" \
		    'certificate expired: it refuses our certificate'
		conf_write "tls = $tls" "certificate = $T/stranger.pem" \
		    "key = $T/stranger.key"
		stays "$what, one of a stranger" \
		    'unknown ca: it refuses our certificate'
	done
done

# Who is slow finds the server gone, and its reason left behind.
restart -A "$T/ca.pem"
conf_write
fresh
run strace -qq -o "$T/calls" -e trace=write -e inject=write:delay_enter=100000 \
    "$SENDMAIL" -f joe@x.example a@y.example <"$T/in"
is "$rc $(queued)" "0 1" "none is shown, slowly: it waits"
like "$(cat "$T/calls")" 'write.* = -1 E(PIPE|CONNRESET)' \
    "none is shown, slowly: EHLO came too late"
like "$("$MAILQ")" 'it wants a certificate of ours' \
    "none is shown, slowly: mailq says why"

# broken DESCRIPTION CERTIFICATE KEY PATTERN
broken()
{
	conf_write "certificate = $2" "key = $3"
	stays "$1" "$4"
}
openssl pkcs8 -topk8 -in "$T/client.key" -passout pass:secret \
    -out "$T/locked.key"
printf 'no PEM\n' >"$T/junk"
broken "no certificate there" "$T/nothing" "$T/client.key" \
    "cannot use '.*/nothing' as certificate: No such file.*: set certificate"
broken "what is no certificate" "$T/junk" "$T/client.key" \
    "cannot use '.*/junk' as certificate: .*set certificate"
broken "no key there" "$T/client.pem" "$T/nothing" \
    "cannot use '.*/nothing' as key: No such file.*: set key"
broken "the key of another" "$T/client.pem" "$T/server.key" \
    "cannot use '.*/server.key' as key: .*mismatch: set key"
broken "a key with a passphrase" "$T/client.pem" "$T/locked.key" \
    "cannot use '.*/locked.key' as key: .*without a passphrase"

# EXTERNAL

restart -m 'PLAIN EXTERNAL' -A "$T/ca.pem"
ours -user -password
goes "a certificate, no user"
like "$(seen)" '^C: AUTH EXTERNAL =$' "a certificate, no user: by EXTERNAL"
is "$(seen | sed -n '/AUTH/,/^-- turn/p' | grep -c '^C:')" 4 \
    "it rides with MAIL, RCPT and DATA"
like "$(cat "$T/log")" 'auth=EXTERNAL, status=sent' "EXTERNAL: in the log"
ours -user -password 'pipelining = no' 'auth = EXTERNAL'
goes "EXTERNAL by name, one by one"
like "$(seen)" '^C: AUTH EXTERNAL =$' "EXTERNAL by name: so it is"
ours
goes "a certificate and a user"
like "$(seen)" '^C: AUTH PLAIN ' "a certificate and a user: by the user"
ours -user -password 'auth = off'
rules 'MAIL 250 ok' 'RCPT 250 ok'
goes "a certificate, auth = off"
unlike "$(seen)" '^C: AUTH' "a certificate, auth = off: no login"
for reply in '535 5.7.8 who' '504 5.5.4 no' '454 4.7.0 later'; do
	ours -user -password
	rules "AUTH $reply"
	send
	is "$rc $(queued) $(arrived)" "0 1 0" "EXTERNAL gets $reply: it waits"
	like "$("$MAILQ")" "$reply" "EXTERNAL gets $reply: mailq shows it"
done

restart -a -U a:b -m 'PLAIN LOGIN' -A "$T/ca.pem"
ours -user -password
rules 'MAIL 250 ok' 'RCPT 250 ok'
goes "no EXTERNAL offered"
unlike "$(seen)" '^C: AUTH' "no EXTERNAL offered: the certificate was enough"
ours -user -password 'auth = EXTERNAL'
stays "EXTERNAL by name, and not offered" '\(PLAIN LOGIN\): check auth'

done_testing
