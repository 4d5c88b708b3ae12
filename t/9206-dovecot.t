#!/bin/sh
# SPDX-License-Identifier: ISC
# Dovecot's submission service is no Postfix: it relays while we wait, and where
# the next MAIL rides behind a text without RSET it crashes, with the text passed
# on and not answered for.
. "${0%/*}/lib.sh"
. "$TOP/t/postfix.sh"

ca_make
ca_make_bad
echo 'submission_max_mail_size = 6000000' | submission_start
printf 'To: x@y.example\nSubject: hi\n\nhello\n' >"$T/in"

dovecot_fresh()
{
	rm -rf "$HOME/.queue" "$T"/next/*
	: >"$T/next.rules"
	: >"$T/dovecot/log"
}

text_of()
{
	next_text "$1" | sed '1,/^\r$/d'
}

for method in SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN; do
	for port in 2587 2465; do
		what="$method, port $port"
		postfix_conf "port = $port" "auth = $method"
		dovecot_fresh
		run "$SENDMAIL" -f joe@x.example -t <"$T/in"
		is "$rc $(queued) $(arrived next)" "0 0 1" "$what: it arrives"
		silent "$what: silent"
		is "$(text_of "$T/next/1.msg")" "$(printf 'hello\r')" \
		    "$what: as it was"
		like "$(cat "$T/dovecot/log")" \
		    "Login: user=<alice>,? method=$method,? TLSv1\.3 " \
		    "$what: Dovecot saw TLS 1.3 and the login"
	done
	postfix_conf "auth = $method" 'password = wrong'
	dovecot_fresh
	run "$SENDMAIL" -f joe@x.example -t <"$T/in"
	is "$rc $(queued) $(arrived next)" "0 1 0" \
	    "a wrong password, $method: it waits, exit 0"
	like "$("$MAILQ")" 'refused the login .*535 5\.7\.8' \
	    "a wrong password, $method: mailq says why"
	postfix_conf "auth = $method"
	run "$SENDMAIL" -q
	is "$rc $(queued) $(arrived next)" "0 0 1" \
	    "a wrong password, $method: mended, it arrives"
done

postfix_conf "ca = $T/stranger-ca.pem"
dovecot_fresh
run "$SENDMAIL" -f joe@x.example -t <"$T/in"
is "$rc $(queued) $(arrived next)" "0 1 0" "a CA that did not sign: it waits"
unlike "$(cat "$T/dovecot/log")" 'Login:' "a CA that did not sign: no login"
postfix_conf
run "$SENDMAIL" -bC
is $rc 0 "-bC finds all well"

# It offers DSN to whom it knows, and to nobody else.
postfix_conf
dovecot_fresh
run "$SENDMAIL" -f joe@x.example -N success,failure -t <"$T/in"
is "$rc $(arrived next)" "0 1" "DSN is asked for: it arrives"
like "$(cat "$T/next/1.env")" '^RCPT TO:<x@y.example> NOTIFY=SUCCESS,FAILURE$' \
    "and Dovecot passes on what was asked"

# Several that wait

in_queue()
{
	dovecot_fresh
	for i in 1 2 3 4 5; do
		"$SENDMAIL" -odq -f joe@x.example "r$i@y.example" <"$T/in"
	done
}

who()
{
	rcpts | tr '\n' ' ' | sed 's/@y.example//g'
}

for method in PLAIN SCRAM-SHA-256; do
	what="five that wait, $method"
	postfix_conf "auth = $method"
	in_queue
	run "$SENDMAIL" -q
	is "$rc $(queued) $(who)" "0 0 r1 r2 r3 r4 r5 " "$what: each arrives once"
	is "$(grep -c 'Login:' "$T/dovecot/log")" 1 "$what: one login"
	unlike "$(cat "$T/dovecot/log")" 'Panic|Fatal|killed' "$what: no crash"
done
in_queue
printf '%s\n' 'RCPT r2@* 550 5.1.1 who' 'RCPT r4@* 450 4.2.1 later' \
    >"$T/next.rules"
run "$SENDMAIL" -q
is "$rc $(who)" "0 r1 r3 r5 " "what is refused or put off stops no other"
is "$(ls "$HOME/.queue/failed" | wc -l) $(ls "$HOME/.queue/active" | wc -l)" \
    "0 2" "the one is reported, the other waits"
: >"$T/next.rules"
run "$SENDMAIL" -q
is "$rc $(who)" "0 joe@x.example r1 r3 r4 r5 " "then both arrive, once"
unlike "$(cat "$T/dovecot/log")" 'Panic|Fatal|killed' "and no crash"

# Refusals, sizes, many

dovecot_fresh
echo 'RCPT * 550 5.1.1 nobody is called so' >"$T/next.rules"
run "$SENDMAIL" -f joe@x.example -t <"$T/in"
is "$rc $(queued)" "67 0" "an unknown recipient is 67"
like "$(cat "$T/err")" 'x@y\.example: refused: 550 5\.1\.1 .*called so' \
    "with the words that came"
dovecot_fresh
seq 120 | sed 's/.*/u&@y.example/' | sort >"$T/want"
run "$SENDMAIL" -f joe@x.example $(cat "$T/want") <"$T/in"
is "$rc $(queued)" "0 0" "120 recipients are taken"
rcpts >"$T/got"
same_file "$T/got" "$T/want" "120 recipients: each gets it once"

perl -e 'print "To: x\@y.example\n\n"; srand 5; my $size = 0;
while ($size < 3000000) {
	my $line = "." x rand(3) . pack "C*", map { 32 + rand 224 } 1 .. rand 990;
	print "$line\n";
	$size += length $line;
}' >"$T/large"
dovecot_fresh
run "$SENDMAIL" -i -f joe@x.example -t <"$T/large"
is "$rc $(arrived next)" "0 1" "3 MB with dots and 8-bit text arrive"
text_of "$T/next/1.msg" >"$T/got"
sed '1,/^$/d' "$T/large" | sed 's/$/\r/' >"$T/want"
same_file "$T/got" "$T/want" "octet for octet"
dovecot_fresh
cat "$T/large" "$T/large" >"$T/larger"
run "$SENDMAIL" -i -f joe@x.example -t <"$T/larger"
is "$rc $(queued) $(arrived next)" "65 0 0" "what is too large is 65"

# Dovecot is down, and up again

is_gone()
{
	! kill -0 "$1" && ! is_listening 2587
}

dovecot_fresh
pid=$(cat "$T/dovecot/run/master.pid")
kill "$pid"
wait_for is_gone "$pid"
run "$SENDMAIL" -f joe@x.example -t <"$T/in"
is "$rc $(queued)" "0 1" "Dovecot is down: it waits, exit 0"
silent "Dovecot is down: silent"
dovecot -c "$T/dovecot/conf"
wait_for is_listening 2587
run "$SENDMAIL" -q
is "$rc $(queued) $(arrived next)" "0 0 1" "Dovecot is up: it arrives"
run "$SENDMAIL" -q
is "$rc $(queued) $(arrived next)" "0 0 1" "once"

done_testing
