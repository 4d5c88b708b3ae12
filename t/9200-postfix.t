#!/bin/sh
# SPDX-License-Identifier: ISC
# A real Postfix with Dovecot SASL gets each message once, over verified TLS,
# after the login; or the message waits.
. "${0%/*}/lib.sh"
. "$TOP/t/postfix.sh"

ca_make
ca_make_bad

# Doors that would take anything from anyone: what does not go in there was held
# back by us.
set -- 'smtpd_client_restrictions =' 'mynetworks = 127.0.0.0/8' \
    'smtpd_relay_restrictions = permit_mynetworks, reject'
postfix_serve 2601 "$@" 'smtpd_tls_security_level = none' \
    'smtpd_sasl_auth_enable = no'
postfix_serve 2602 "$@" 'smtpd_sasl_auth_enable = no'
postfix_serve 2603 "$@"
for name in wrong expired self; do
	case $name in
	wrong) port=2604 ;;
	expired) port=2605 ;;
	self) port=2606 ;;
	esac
	postfix_serve $port "$@" "smtpd_tls_cert_file = $T/$name.pem" \
	    "smtpd_tls_key_file = $T/$name.key"
done
postfix_serve 2607 'smtpd_tls_mandatory_protocols = TLSv1.2'
postfix_serve 2608 'smtpd_recipient_restrictions = check_recipient_access
 inline:{ { nobody@y.example = 550 5.1.1 nobody is called so }
 { later@y.example = 450 4.2.1 come back later }
 { never@y.example = REJECT } }'
postfix_serve 2609 'smtpd_discard_ehlo_keywords = size'
postfix_serve 2610 \
    'smtpd_sender_login_maps = inline:{ { alice@x.example = alice } }' \
    'smtpd_sender_restrictions = reject_sender_login_mismatch'
postfix_serve 2611 'smtpd_helo_required = yes' \
    'smtpd_helo_restrictions = reject_non_fqdn_helo_hostname'
postfix_serve 2612 'smtpd_discard_ehlo_keywords = pipelining, chunking, dsn'
postfix_start || fail_early "Postfix did not start: $(tail -n 3 "$T/postfix/log")"

printf 'To: x@y.example\nSubject: hi\n\nhello\n' >"$T/in"
printf 'hello\r\n' >"$T/hello"

body()
{
	sed '1,/^\r*$/d' "$@"
}

# goes PORT METHOD DESCRIPTION: what is in $T/in, with the configuration of now
goes()
{
	fresh
	run "$SENDMAIL" -t <"$T/in"
	is "$rc $(queued) $(passed_on)" "0 0 1" "$3: it arrives"
	silent "$3: silent"
	body "$T/next/1.msg" >"$T/got"
	same_file "$T/got" "$T/hello" "$3: as it was"
	log=$(maillog "$1" disconnect)
	like "$log" 'TLS connection established .*: TLSv1\.3 ' \
	    "$3: Postfix saw TLS 1.3"
	like "$log" ": [0-9A-F]+: client=.*, sasl_method=$2, sasl_username=alice$" \
	    "$3: and the login"
}

# With every mechanism, and TLS of both kinds

postfix_conf
goes 2587 SCRAM-SHA-256 "as it comes"
like "$(cat "$T/next/1.msg")" 'with ESMTPSA id' "Postfix calls it ESMTPSA"
like "$(cat "$T/log")" \
    'relay=smarthost.test\[127\.0\.0\.1\]:2587, tls=TLSv1\.3, auth=SCRAM-SHA-256, status=sent \(250 2\.0\.0 Ok: [0-9]+ bytes queued as [0-9A-F]+\)$' \
    "the log tells as much, with the ID that Postfix gave"
for method in SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN; do
	postfix_conf "auth = $method"
	goes 2587 $method "STARTTLS, $method"
	postfix_conf "auth = $method" 'port = 2465' 'tls = implicit'
	goes 2465 $method "implicit TLS, $method"
	unlike "$log" 'starttls=' "implicit TLS, $method: from the start"
	postfix_conf "auth = $method" 'port = 2612'
	goes 2612 $method "without PIPELINING, $method"
done
postfix_conf 'port = 2465'
goes 2465 SCRAM-SHA-256 "port 2465 means implicit TLS"
postfix_conf 'port = 2607'
fresh
run "$SENDMAIL" -t <"$T/in"
is "$rc $(passed_on)" "0 1" "TLS 1.2 is good enough"
like "$(maillog 2607 disconnect)" ': TLSv1\.2 with .*ECDHE-ECDSA-.*(GCM|POLY)' \
    "TLS 1.2: with a good cipher"
postfix_conf
run "$SENDMAIL" -bC
is $rc 0 "-bC finds all well"
like "$(cat "$T/out")" 'TLSv1\.3' "-bC: and names TLS"

# A login that is refused, or cannot be

# waits PORT REASON DESCRIPTION: what is in $T/in, and Postfix hears no text
waits()
{
	fresh
	run "$SENDMAIL" -t <"$T/in"
	is "$rc $(queued) $(passed_on)" "0 1 0" "$3: it waits, exit 0"
	silent "$3: silent"
	like "$("$MAILQ" | tr -d '\n' | tr -s ' ')" "$2" "$3: mailq says why"
	log=$(maillog "$1" disconnect)
	unlike "$log" '(data|bdat)=1' "$3: no text is sent"
	run "$SENDMAIL" -q
	is "$rc $(queued) $(passed_on)" "0 1 0" "$3: nor by a run"
}

# now_goes DESCRIPTION [LINE...]: mended so, what waits arrives
now_goes()
{
	what=$1
	shift
	postfix_conf "$@"
	run "$SENDMAIL" -q
	is "$rc $(queued) $(passed_on)" "0 0 1" "$what: mended, it arrives"
	run "$SENDMAIL" -q
	is "$rc $(queued) $(passed_on)" "0 0 1" "$what: once"
}

for method in SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN; do
	for port in 2587 2603; do
		what="a wrong password, $method, port $port"
		postfix_conf "port = $port" "auth = $method" 'password = wrong'
		waits $port 'refused the login .*535 5\.7\.8' "$what"
		like "$log" "SASL $method authentication failed" \
		    "$what: it was tried"
		like "$log" 'disconnect .* auth=0/1 ' "$what: once"
	done
	now_goes "a wrong password, $method" "auth = $method"
done
postfix_conf 'port = 2602'
waits 2602 'no login is offered' "no AUTH"
unlike "$log" 'mail=' "no AUTH: no sender is named"
now_goes "no AUTH"
postfix_conf 'auth = CRAM-MD5'
waits 2587 'none of the logins offered' "no AUTH that we want"
unlike "$log" 'mail=' "no AUTH that we want: no sender is named"
postfix_conf '-user' '-password'
waits 2587 '554 5\.7\.1 .*\[smarthost\] user' "no user set"
now_goes "no user set"

# A server that is not who it should be

# unbelieved PORT REASON DESCRIPTION: it waits, and Postfix heard nothing of it
unbelieved()
{
	waits "$@"
	unlike "$log" '(auth|mail|rcpt)=' "$3: Postfix hears nothing of it"
}

echo '127.0.0.1 other.test' >>/etc/hosts
postfix_conf "ca = $T/stranger-ca.pem"
unbelieved 2587 'certificate' "a CA that did not sign"
now_goes "a CA that did not sign"
postfix_conf "ca = $T/stranger-ca.pem" 'port = 2465'
unbelieved 2465 'certificate' "a CA that did not sign, implicit"
postfix_conf '-ca'
unbelieved 2587 'certificate' "a CA that the system does not know"
postfix_conf 'host = other.test'
unbelieved 2587 'certificate|name' "a name that is not in the certificate"
postfix_conf 'host = other.test' 'port = 2465'
unbelieved 2465 'certificate|name' \
    "a name that is not in the certificate, implicit"
postfix_conf 'port = 2604'
unbelieved 2604 'certificate|name' "a certificate for another name"
postfix_conf 'port = 2605'
unbelieved 2605 'certificate.*expired' "an expired certificate"
postfix_conf 'port = 2606'
unbelieved 2606 'certificate' "a certificate that nobody signed"
now_goes "a certificate that nobody signed"

# Nothing goes in clear

postfix_conf 'port = 2601'
unbelieved 2601 'STARTTLS' "no STARTTLS"
like "$log" 'disconnect .* ehlo=1 quit=1 commands=2$' "no STARTTLS: EHLO, QUIT"
now_goes "no STARTTLS"
postfix_conf 'port = 2601' 'auth = off'
unbelieved 2601 'STARTTLS' "no STARTTLS, no login"
rm -rf "$HOME/.queue"

tap_start 2600 2587
for method in SCRAM-SHA-256 PLAIN LOGIN; do
	: >"$T/tap"
	fresh
	postfix_conf 'port = 2600' "auth = $method"
	run "$SENDMAIL" -t <"$T/in"
	is "$rc $(passed_on)" "0 1" "through a tap, $method"
	is "$(tap_in_clear)" 'EHLO web1.example.org|STARTTLS|' \
	    "$method: EHLO and STARTTLS go in clear, nothing else"
done
: >"$T/tap"
postfix_conf 'port = 2600' "ca = $T/stranger-ca.pem"
unbelieved 2587 certificate "a stranger's CA through a tap"
is "$(tap_in_clear)" 'EHLO web1.example.org|STARTTLS|EHLO web1.example.org|STARTTLS|' \
    "to a stranger no more than that, twice"
tap_stop
tap_start 2600 2465
fresh
postfix_conf 'port = 2600' 'tls = implicit'
run "$SENDMAIL" -t <"$T/in"
is "$rc $(passed_on) $(tap_in_clear)" "0 1 " "implicit TLS: nothing in clear"
ok "and the tap has it" test "$(wc -c <"$T/tap")" -gt 500
tap_stop

# Postfix is down, and up again

postfix_conf
fresh
"$SENDMAIL" -odq -t <"$T/in"
rm -f "$HOME"/.queue/active/*
postfix_stop
run strace -f -o "$T/trace" -e trace=fsync,fdatasync,linkat \
    "$SENDMAIL" -t <"$T/in"
is "$rc $(queued)" "0 1" "Postfix is down: it waits, exit 0"
silent "Postfix is down: silent"
is "$(sed -n 's/^[0-9 ]*\([a-z]*\)(.*= 0$/\1/p' "$T/trace" | tr '\n' ' ')" \
    "fsync linkat fsync " "the file is synced, then its name"
id=$(ls "$HOME/.queue/active")
message_id=$(grep -a '^Message-ID: ' "$HOME/.queue/active/$id")
run "$MAILQ"
is $rc 0 "mailq"
like "$(cat "$T/out")" "^$id +[0-9]+ .* root" "mailq shows it"
like "$(cat "$T/out")" '^ +x@y\.example$' "and to whom"
like "$(cat "$T/out")" '^ *\(.*onnect.*\)$' "and why it waits"
like "$(cat "$T/out")" '^-- [0-9]+ Kbytes in 1 Request\.$' "and counts it"
run "$SENDMAIL" -q
is "$rc $(queued)" "0 1" "a run leaves it"
silent "a run is silent"
ok "Postfix is up again" postfix_start
run "$SENDMAIL" -q
is "$rc $(queued) $(passed_on)" "0 0 1" "a run delivers it"
silent "a run that delivers is silent"
is "$(grep '^Message-ID: ' "$T/next/1.msg")" "$message_id" \
    "with the Message-ID that it had"
body "$T/next/1.msg" >"$T/got"
same_file "$T/got" "$T/hello" "as it was"
run "$SENDMAIL" -q
is "$rc $(queued) $(passed_on)" "0 0 1" "once"
is "$("$MAILQ")" "Mail queue is empty" "mailq shows nothing more"

# Several that wait

for method in PLAIN SCRAM-SHA-256; do
	fresh
	postfix_conf "auth = $method"
	for i in 1 2 3 4 5; do
		"$SENDMAIL" -odq "r$i@y.example" <"$T/in"
	done
	run "$SENDMAIL" -q
	is "$rc $(queued) $(passed_on)" "0 0 5" "five that wait, $method: all arrive"
	log=$(maillog 2587 disconnect)
	is "$(echo "$log" | grep -c ' connect from')" 1 \
	    "five that wait, $method: one connection"
	like "$log" 'disconnect .* starttls=1 auth=1 mail=5 rcpt=5 (data|bdat)=5 ' \
	    "five that wait, $method: one login, a transaction each"
	is "$(rcpts | tr '\n' ' ')" \
	    "r1@y.example r2@y.example r3@y.example r4@y.example r5@y.example " \
	    "five that wait, $method: each gets it once"
done

# What Postfix refuses

postfix_conf 'port = 2608'
refused()
{
	code=$1 what=$2 words=$3
	shift 3
	fresh
	run "$SENDMAIL" -f joe@x.example "$@" <"$T/in"
	is "$rc $(queued)" "$code 0" "$what: $code, nothing is kept"
	like "$(cat "$T/err")" "$words" "$what: with the words of Postfix"
}
refused 67 "an unknown recipient" \
    'nobody@y\.example: refused: 550 5\.1\.1 .*nobody is called so' \
    nobody@y.example
is "$(passed_on)" 0 "an unknown recipient: nothing goes"
refused 69 "a recipient that may not be" \
    'never@y\.example: refused: 554 5\.7\.1 ' never@y.example
fresh
run "$SENDMAIL" -f joe@x.example nobody@y.example x@y.example <"$T/in"
is "$rc $(queued)" "0 1" "an unknown one beside another: exit 0, a report waits"
silent "an unknown one beside another: silent"
is "$(passed_on) $(rcpts)" "1 x@y.example" "the other has it"
run "$SENDMAIL" -q
is "$rc $(queued) $(rcpts | tr '\n' ' ')" "0 0 joe@x.example x@y.example " \
    "the sender has the report"
fresh
run "$SENDMAIL" -f joe@x.example x@y.example later@y.example <"$T/in"
is "$rc $(queued) $(passed_on)" "0 1 1" "put off beside another: it waits, exit 0"
like "$("$MAILQ")" '450 4\.2\.1 .*come back later' "put off: mailq says why"
unlike "$("$MAILQ")" ' x@y' "put off: the other has it"
postfix_conf
run "$SENDMAIL" -q
is "$rc $(queued) $(rcpts | tr '\n' ' ')" "0 0 later@y.example x@y.example " \
    "put off: each gets it once"

postfix_conf 'port = 2610'
waits 2610 '553 5\.7\.1 .*\[sender\] address' "a sender that is not ours to use"
now_goes "a sender that is not ours to use" 'port = 2610' \
    '[sender]' 'address = alice@x.example'
is "$(sed -n 's/^MAIL FROM:\(<[^>]*>\).*/\1/p' "$T/next/1.env")" \
    '<alice@x.example>' "and with that address"
postfix_conf 'port = 2611' 'hello = web1'
waits 2611 '504 5\.5\.2 .*\[smarthost\] hello' "a name that Postfix dislikes"
now_goes "a name that Postfix dislikes" 'port = 2611'

# Size

# sized OCTETS: a message of so many on the wire
sized()
{
	printf 'From: joe@x.example\r\nTo: x@y.example\r\nDate: Fri, 03 Jul 2026 10:00:00 +0000\r\nMessage-ID: <size@x.example>\r\n\r\n' >"$T/in"
	perl -e 'my $n = shift;
	for (; $n > 102; $n -= 102) { print "x" x 100, "\r\n" }
	print "y" x ($n - 2), "\r\n"' "$(($1 - $(wc -c <"$T/in")))" >>"$T/in"
}
sized 6000001
for port in 2587 2609; do
	postfix_conf "port = $port"
	refused 65 "an octet too many, port $port" '552 5\.3\.4 ' -i x@y.example
	log=$(maillog $port disconnect)
	is "$(passed_on)" 0 "an octet too many, port $port: nothing goes"
done
like "$log" '(data|bdat)=0/1' "a limit that was not told: it was tried"
postfix_conf
refused 65 "an octet too many" '552 5\.3\.4 ' -i x@y.example
unlike "$(maillog 2587 disconnect)" '(mail|data|bdat)=' \
    "a limit that was told: Postfix does not even hear of it"
sized 6000000
refused 65 "with its envelope too large" '552 5\.3\.4 ' -i x@y.example
is "$(passed_on)" 0 "with its envelope too large: nothing goes"
like "$(maillog 2587 disconnect)" '(data|bdat)=0/1' \
    "with its envelope too large: Postfix says so at the dot"
sized 5999000
fresh
run "$SENDMAIL" -i -f joe@x.example x@y.example <"$T/in"
is "$rc $(queued) $(passed_on)" "0 0 1" "as large as may be"
next_text "$T/next/1.msg" >"$T/got"
same_file "$T/got" "$T/in" "as large as may be: octet for octet"

done_testing
