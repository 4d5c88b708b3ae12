#!/bin/sh
# SPDX-License-Identifier: ISC
# Dovecot's submission service takes access tokens, which are signed (JWT), and
# certificates of clients: what it says yes and no to is not of our making.
. "${0%/*}/lib.sh"
. "$TOP/t/postfix.sh"

ca_make
ca_issue alice ca DNS:web1.example.org
ca_root stranger-ca
ca_issue mallory stranger-ca DNS:web1.example.org
mkdir -p "$T/dovecot/keys/default/HS256"
printf %s 'a key that signs' | base64 >"$T/dovecot/keys/default/HS256/default"
cat >"$T/dovecot/oauth2" <<END
introspection_mode = local
local_validation_key_dict = fs:posix:prefix=$T/dovecot/keys/
username_attribute = email
END
submission_start xoauth2 oauthbearer external plain <<END
ssl_ca = <$T/ca.pem
ssl_require_crl = no
ssl_verify_client_cert = yes
auth_ssl_username_from_cert = yes
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = $T/dovecot/oauth2
}
passdb {
  driver = static
  mechanisms = external
  args = nopassword
}
END
printf 'To: x@y.example\nSubject: hi\n\nhello\n' >"$T/in"

url64()
{
	base64 -w 0 | tr '+/' '-_' | tr -d =
}

# token SECONDS [KEY]: good for so long, for alice; with $pad octets in vain
token()
{
	head=$(printf '{"alg":"HS256","typ":"JWT"}' | url64)
	now=$(date +%s)
	body=$(printf '{"sub":"1","email":"%s","iat":%d,"exp":%d,"pad":"%0*d"}' \
	    "$USER_NAME" "$((now - 7200))" "$((now + $1))" "$pad" 0 | url64)
	printf '%s.%s.%s' "$head" "$body" "$(printf %s "$head.$body" |
	    openssl dgst -sha256 -hmac "${2:-a key that signs}" -binary | url64)"
}

send()
{
	rm -rf "$HOME/.queue" "$T"/next/*
	: >"$T/dovecot/log"
	run "$SENDMAIL" -f joe@x.example -t <"$T/in"
}

# logged_in METHOD
logged_in()
{
	like "$(cat "$T/dovecot/log")" \
	    "Login: user=<alice>,? method=$1,? TLSv1\.3 " \
	    "$what: Dovecot saw who it was"
}

for method in XOAUTH2 OAUTHBEARER; do
	# One rides with AUTH, one has to wait for its 334.
	for pad in 1 600; do
		port=2587
		[ $pad = 1 ] || port=2465
		what="$method, port $port"
		conf_write "port = $port" "auth = $method" \
		    "password = $(token 3600)"
		send
		is "$rc $(queued) $(arrived next)" "0 0 1" "$what: it arrives"
		silent "$what: silent"
		logged_in "$method"
	done
	what="$method, an expired token"
	conf_write "auth = $method" "password = $(token -3600)"
	send
	is "$rc $(queued) $(arrived next)" "0 1 0" "$what: it waits, exit 0"
	like "$("$MAILQ")" 'refused the login .*535 5\.7\.8 .*: \{"status":' \
	    "$what: mailq says why"
	what="$method, a token that another signed"
	conf_write "auth = $method" "password = $(token 3600 'some other key')"
	send
	is "$rc $(queued) $(arrived next)" "0 1 0" "$what: it waits, exit 0"
	conf_write "auth = $method" "password = $(token 3600)"
	run "$SENDMAIL" -q
	is "$rc $(queued) $(arrived next)" "0 0 1" "$what: a good one, it goes"
done

# alice is the name in the certificate.
for port in 2587 2465; do
	what="EXTERNAL, port $port"
	conf_write "port = $port" -user -password \
	    "certificate = $T/alice.pem" "key = $T/alice.key"
	send
	is "$rc $(queued) $(arrived next)" "0 0 1" "$what: it arrives"
	logged_in EXTERNAL
	conf_write "port = $port" -user -password \
	    "certificate = $T/mallory.pem" "key = $T/mallory.key"
	send
	is "$rc $(queued) $(arrived next)" "0 1 0" \
	    "$what, signed by a stranger: it waits"
done

conf_write "pin = $(openssl x509 -in "$T/server.pem" -noout -pubkey |
    openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary | base64)" \
    'auth = PLAIN' 'ca = /nothing'
send
is "$rc $(queued) $(arrived next)" "0 0 1" "a pin: it arrives"

done_testing
