#!/bin/sh
# SPDX-License-Identifier: ISC
# A real OpenSMTPD, which offers no PIPELINING and takes a hundred messages of one
# connection, gets each message once, over TLS and after the login.
. "${0%/*}/lib.sh"
. "$TOP/t/postfix.sh"

ca_make
ca_root stranger-ca

# It is an RSA key that t/shim-key.c mends for it.
rsa_key()
{
	openssl req -new -newkey rsa:2048 -nodes -subj /CN=smarthost.test \
	    -keyout "$T/rsa.key" -out "$T/rsa.csr" 2>/dev/null &&
	    openssl x509 -req -in "$T/rsa.csr" -CA "$T/ca.pem" \
	        -CAkey "$T/ca.key" -CAcreateserial -days 2 \
	        -extfile "$T/server.ext" -out "$T/rsa.pem" 2>/dev/null
}

opensmtpd_furnish()
{
	[ -x /usr/sbin/smtpd ] || servers_unpack opensmtpd
	[ -x /usr/sbin/smtpd ] ||
	    fail_early "no opensmtpd: run sh t/prepare test"
	system_user opensmtpd 906
	system_user opensmtpq 907
	# Where it locks itself in; what else lies there nobody needs here.
	mount -t tmpfs -o mode=755 lib /var/lib
	mkdir -p /var/lib/opensmtpd/empty "$T/smtpd"
	rsa_key
	printf '%s %s\n' "$USER_NAME" \
	    "$(openssl passwd -6 -salt salt "$PASSWORD")" >"$T/smtpd/users"
	cat >"$T/smtpd/conf" <<-END_OF_CONF
		pki mail cert "$T/rsa.pem"
		pki mail key "$T/rsa.key"
		table users file:$T/smtpd/users
		smtp max-message-size 6000000
		listen on 127.0.0.1 port 2587 tls-require pki mail auth <users>
		listen on 127.0.0.1 port 2465 smtps pki mail auth <users>
		action next relay host smtp://127.0.0.1:2525
		match from auth for domain y.example action next
	END_OF_CONF
}

opensmtpd_start()
{
	LD_PRELOAD="$TOP/t/shim-key.so" setsid /usr/sbin/smtpd -d \
	    -f "$T/smtpd/conf" >>"$T/smtpd/log" 2>&1 &
	echo $! >"$T/smtpd/pid"
	wait_for is_listening 2587 && wait_for is_listening 2465
}

is_down()
{
	! is_listening 2587 && ! pgrep -x smtpd
}

opensmtpd_stop()
{
	kill "$(cat "$T/smtpd/pid")"
	wait_for is_down
}

# All has been passed on.
is_idle()
{
	[ -z "$(find /var/spool/smtpd/queue /var/spool/smtpd/incoming \
	    /var/spool/smtpd/temporary -type f)" ]
}

passed_on()
{
	wait_for is_idle
	arrived next
}

fresh()
{
	wait_for is_idle
	rm -rf "$HOME/.queue" "$T"/next/*
	: >"$T/smtpd/log"
}

# log_has PATTERN: once it is there
log_has()
{
	wait_for grep -Eq -e "$1" "$T/smtpd/log"
}

connects()
{
	grep -c ' smtp connected ' "$T/smtpd/log"
}

smarthost_start -n next -a -p 2525 -t none
opensmtpd_furnish
opensmtpd_start ||
    fail_early "OpenSMTPD did not start: $(tail -n 3 "$T/smtpd/log")"
. "$TOP/t/octets.sh"

for port in 2587 2465; do
	for method in PLAIN LOGIN; do
		what="$method, port $port"
		logs_in "$what" "port = $port" "auth = $method"
		ok "$what: OpenSMTPD saw TLS 1.3" log_has ' smtp tls ciphers=TLSv1\.3:'
		ok "$what: and the login" \
		    log_has ' smtp authentication user=alice result=ok'
	done
	refused_login "port = $port"
done

postfix_conf "ca = $T/stranger-ca.pem"
fresh
run "$SENDMAIL" -f joe@x.example x@y.example <"$T/in/plain"
is "$rc $(queued) $(passed_on)" "0 1 0" "a CA that did not sign: it waits"
not_ok "a CA that did not sign: no login" \
    grep -q authentication "$T/smtpd/log"
postfix_conf
run "$SENDMAIL" -bC
is $rc 0 "-bC finds all well"

# Octets, one by one and in a run

each_text "one by one"

# Many

seq 120 | sed 's/.*/u&@y.example/' | sort >"$T/all"
fresh
run "$SENDMAIL" -f joe@x.example $(cat "$T/all") <"$T/in/plain"
is "$rc $(queued)" "0 0" "120 recipients are taken"
wait_for is_idle
rcpts >"$T/octets"
same_file "$T/octets" "$T/all" "120 recipients: each gets it once"

# What it refuses

fresh
run "$SENDMAIL" -f joe@x.example x@z.example <"$T/in/plain"
is "$rc $(queued) $(passed_on)" "67 0 0" "a domain that is not served is 67"
like "$(cat "$T/err")" 'x@z\.example: refused: 550 ' "with the words that came"
cat "$T/in/large" "$T/in/large" >"$T/larger"
fresh
run "$SENDMAIL" -i -f joe@x.example x@y.example <"$T/larger"
is "$rc $(queued) $(passed_on)" "65 0 0" "what is too large is 65"
fresh
run "$SENDMAIL" -f joe@x.example -N success,failure x@y.example <"$T/in/plain"
is "$rc $(passed_on)" "0 1" "DSN is asked for: it arrives"

# It is down, and up again

fresh
opensmtpd_stop
run "$SENDMAIL" -f joe@x.example x@y.example <"$T/in/plain"
is "$rc $(queued)" "0 1" "OpenSMTPD is down: it waits, exit 0"
silent "OpenSMTPD is down: silent"
ok "OpenSMTPD is up again" opensmtpd_start
run "$SENDMAIL" -q
is "$rc $(queued) $(passed_on)" "0 0 1" "a run delivers it"
run "$SENDMAIL" -q
is "$rc $(queued) $(passed_on)" "0 0 1" "once"

# More than one connection may bring: each is taken once, says the log, for to
# pass them on takes it long.

seq 105 | sed 's/.*/u&@y.example/' | sort >"$T/all"
fresh
for i in $(seq 105); do
	"$SENDMAIL" -odq -f joe@x.example "u$i@y.example" <"$T/in/plain"
done
run "$SENDMAIL" -q
is "$rc $(queued)" "0 0" "a run of 105: all are taken"
sed -n 's/.* smtp envelope .* to=<\([^>]*\)>.*/\1/p' "$T/smtpd/log" | sort \
    >"$T/octets"
same_file "$T/octets" "$T/all" "a run of 105: each once"
is "$(connects)" 2 \
    "a run of 105: over two connections"

done_testing
