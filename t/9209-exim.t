#!/bin/sh
# SPDX-License-Identifier: ISC
# A real Exim, which takes texts by BDAT and so many messages of one connection as
# it is told, gets each message once, over TLS and after the login.
. "${0%/*}/lib.sh"
. "$TOP/t/postfix.sh"

ca_make
ca_root stranger-ca

exim_furnish()
{
	[ -x /usr/sbin/exim4 ] || servers_unpack exim4-daemon-light
	[ -x /usr/sbin/exim4 ] ||
	    fail_early "no exim4-daemon-light: run sh t/prepare test"
	system_user Debian-exim 908
	mkdir -p "$T/exim/spool" "$T/exim/log" /etc/exim4
	chown -R Debian-exim:Debian-exim "$T/exim"
	cp "$T/server.key" "$T/exim/key"
	chown Debian-exim "$T/exim/key"
	printf %s "$PASSWORD" >"$T/exim/password"
	# Only a file in this place may be used by each of its processes.
	exim_conf >/etc/exim4/exim4.conf
}

exim_conf()
{
	cat <<-END_OF_CONF
		spool_directory = $T/exim/spool
		log_file_path = $T/exim/log/%s
		log_selector = +smtp_connection +tls_cipher +received_recipients
		primary_hostname = exim.smarthost.test
		local_interfaces = 127.0.0.1
		daemon_smtp_ports = 2587 : 2465 : 2588
		tls_on_connect_ports = 2465
		tls_advertise_hosts = *
		tls_certificate = $T/server.pem
		tls_privatekey = $T/exim/key
		chunking_advertise_hosts = \${if eq{\$received_port}{2588}{}{*}}
		pipelining_advertise_hosts = \${if eq{\$received_port}{2588}{}{*}}
		auth_advertise_hosts = \${if eq{\$tls_in_cipher}{}{}{*}}
		acl_smtp_mail = mail
		acl_smtp_rcpt = rcpt
		message_size_limit = 6000000
		smtp_accept_max_per_connection = 20
		smtp_accept_queue_per_connection = 0
		dsn_advertise_hosts = *
		rfc1413_query_timeout = 0s
		keep_environment =

		begin acl
		mail:
		  accept authenticated = *
		rcpt:
		  accept domains = y.example
		  deny message = no such domain

		begin routers
		next:
		  driver = manualroute
		  route_list = * 127.0.0.1
		  self = send
		  transport = next

		begin transports
		next:
		  driver = smtp
		  port = 2525
		  allow_localhost

		begin authenticators
		plain:
		  driver = plaintext
		  public_name = PLAIN
		  server_prompts = :
		  server_set_id = \$auth2
		  server_condition = \${if and{{eq{\$auth2}{$USER_NAME}}{eq{\$auth3}{\${readfile{$T/exim/password}}}}}}
		login:
		  driver = plaintext
		  public_name = LOGIN
		  server_prompts = Username:: : Password::
		  server_set_id = \$auth1
		  server_condition = \${if and{{eq{\$auth1}{$USER_NAME}}{eq{\$auth2}{\${readfile{$T/exim/password}}}}}}
		cram_md5:
		  driver = cram_md5
		  public_name = CRAM-MD5
		  server_set_id = \$auth1
		  server_secret = \${if eq{\$auth1}{$USER_NAME}{\${readfile{$T/exim/password}}}fail}
	END_OF_CONF
}

exim_start()
{
	setsid /usr/sbin/exim4 -bdf 2>"$T/exim/err" &
	echo $! >"$T/exim/pid"
	wait_for is_listening 2587 && wait_for is_listening 2465 &&
	    wait_for is_listening 2588
}

is_down()
{
	! is_listening 2587 && ! pgrep -x exim4
}

exim_stop()
{
	kill "$(cat "$T/exim/pid")"
	wait_for is_down
}

# All has been passed on, and who connected has gone.
is_idle()
{
	[ -z "$(find "$T/exim/spool/input" -type f)" ] &&
	    ! pgrep -P "$(cat "$T/exim/pid")"
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
	: >"$T/exim/log/main"
}

connects()
{
	grep -c ' SMTP connection from .*(TCP/IP' "$T/exim/log/main"
}

smarthost_start -n next -a -p 2525 -t none
exim_furnish
exim_start || fail_early "Exim did not start: $(tail -n 3 "$T/exim/err")"
. "$TOP/t/octets.sh"

for port in 2587 2465 2588; do
	for method in PLAIN LOGIN CRAM-MD5; do
		what="$method, port $port"
		logs_in "$what" "port = $port" "auth = $method"
		name=$(echo "$method" | tr '[:upper:]-' '[:lower:]_')
		like "$(cat "$T/exim/log/main")" \
		    "P=esmtpsa X=TLS1\.3:.* A=$name:alice " \
		    "$what: Exim saw TLS 1.3 and the login"
	done
	refused_login "port = $port"
done

postfix_conf "ca = $T/stranger-ca.pem"
fresh
run "$SENDMAIL" -f joe@x.example x@y.example <"$T/in/plain"
is "$rc $(queued) $(passed_on)" "0 1 0" "a CA that did not sign: it waits"
unlike "$(cat "$T/exim/log/main")" 'A=' "a CA that did not sign: no login"
postfix_conf
run "$SENDMAIL" -bC
is $rc 0 "-bC finds all well"

# Octets, one by one and in a run, by BDAT and by DATA

for port in 2587 2588; do
	postfix_conf "port = $port"
	each_text "port $port"
done

# Many

postfix_conf
seq 120 | sed 's/.*/u&@y.example/' | sort >"$T/all"
fresh
run "$SENDMAIL" -f joe@x.example $(cat "$T/all") <"$T/in/plain"
is "$rc $(queued)" "0 0" "120 recipients are taken"
wait_for is_idle
rcpts >"$T/octets"
same_file "$T/octets" "$T/all" "120 recipients: each gets it once"

for port in 2587 2588; do
	postfix_conf "port = $port"
	seq 25 | sed 's/.*/u&@y.example/' | sort >"$T/all"
	fresh
	for i in $(seq 25); do
		"$SENDMAIL" -odq -f joe@x.example "u$i@y.example" \
		    <"$T/in/plain"
	done
	run "$SENDMAIL" -q
	is "$rc $(queued)" "0 0" "a run of 25, port $port: all are taken"
	wait_for is_idle
	rcpts >"$T/octets"
	same_file "$T/octets" "$T/all" "a run of 25, port $port: each once"
	is "$(connects)" 2 \
	    "a run of 25, port $port: over two connections, of twenty at most"
done

# What it refuses

postfix_conf
fresh
run "$SENDMAIL" -f joe@x.example x@z.example <"$T/in/plain"
is "$rc $(queued) $(passed_on)" "67 0 0" "a domain that is not served is 67"
like "$(cat "$T/err")" 'x@z\.example: refused: 550 no such domain' \
    "with the words that came"
cat "$T/in/large" "$T/in/large" >"$T/larger"
fresh
run "$SENDMAIL" -i -f joe@x.example x@y.example <"$T/larger"
is "$rc $(queued) $(passed_on)" "65 0 0" "what is too large is 65"
fresh
run "$SENDMAIL" -f joe@x.example -N success,failure x@y.example <"$T/in/plain"
is "$rc $(passed_on)" "0 1" "DSN is asked for: it arrives"
like "$(cat "$T/next/1.env")" '^RCPT TO:<x@y.example> NOTIFY=SUCCESS,FAILURE' \
    "and Exim passes on what was asked"

# It is down, and up again

postfix_conf
fresh
exim_stop
run "$SENDMAIL" -f joe@x.example x@y.example <"$T/in/plain"
is "$rc $(queued)" "0 1" "Exim is down: it waits, exit 0"
silent "Exim is down: silent"
ok "Exim is up again" exim_start
run "$SENDMAIL" -q
is "$rc $(queued) $(passed_on)" "0 0 1" "a run delivers it"
run "$SENDMAIL" -q
is "$rc $(queued) $(passed_on)" "0 0 1" "once"

done_testing
