#!/bin/sh
# SPDX-License-Identifier: ISC
# sendmail -bC goes as far as MAIL, sends nothing, and names the key to change.
. "${0%/*}/lib.sh"

ca_make
ca_make_bad

# wrong DESCRIPTION PATTERN: it fails, and a line says so
wrong()
{
	run "$SENDMAIL" -bC
	not_ok "$1: it fails" test $rc = 0
	like "$(cat "$T/out")" "^wrong: .*$2" "$1: it names the key"
	is "$(arrived)" 0 "$1: nothing is sent"
}

run "$SENDMAIL" -bC
is $rc 78 "without a configuration: 78"
like "$(cat "$T/out")" '^wrong: .*ONEHOP_SMARTHOST_HOST' "it says what to write"

conf_write '[sender]' 'address = a@x.example'
smarthost_start
run "$SENDMAIL" -bC
is $rc 0 "all is well"
like "$(cat "$T/out")" "onehop.conf" "it names the file"
like "$(cat "$T/out")" 'TLSv1.3' "and the TLS version"
like "$(cat "$T/out")" 'logged in' "and the login"
like "$(cat "$T/out")" 'a@x.example' "and the sender"
like "$(cat "$T/out")" '\.queue' "and where the queue lies"
like "$(transcript)" '^C: MAIL FROM:<a@x.example>' "it goes as far as MAIL"
like "$(transcript)" '^C: RSET' "and RSET"
unlike "$(transcript)" '^C: (RCPT|DATA)' "no further"
is "$(arrived) $(queued)" "0 0" "nothing is sent, nothing kept"
unlike "$(cat "$T/out" "$T/err")" "$(printf %s "$PASSWORD" | cut -c1-6)" \
    "the password is not shown"

printf 'MAIL * 553 5.7.1 not owned\n' >"$T/smarthost.rules"
wrong "a sender that is refused" '\[sender\] address'
printf 'AUTH * 535 5.7.8 bad\n' >"$T/smarthost.rules"
wrong "a password that is refused" '(user|password)'
: >"$T/smarthost.rules"
conf_write 'ca = /nonexistent'
wrong "a CA that is not there" '\bca\b'
conf_write "ca = $T/stranger-ca.pem"
wrong "a CA that did not sign" '\bca\b'
conf_write 'host = localhost.invalid'
wrong "a host that does not exist" 'host'
conf_write 'port = 2588'
wrong "a port where nobody listens" 'port'
conf_write 'password_command = exit 1' '-password'
wrong "a command that fails" 'password_command'
conf_write 'auth = SCRAM-SHA-256'
smarthost_stop
smarthost_start -m 'PLAIN LOGIN'
wrong "a mechanism that is not offered" 'auth'
smarthost_stop
smarthost_start -s wrong
conf_write
wrong "a certificate for another name" 'host'
smarthost_stop
smarthost_start -t none
wrong "no STARTTLS" 'tls'
smarthost_stop
mkdir -p "$HOME/.config"
(umask 077; printf '[smarthost]\nhost=x\nprot=1\n' >"$HOME/.config/onehop.conf")
wrong "a key that is none" 'onehop.conf:3: .*prot'

smarthost_start
conf_write '[aliases]' 'joe = a b@c'
wrong "an alias that leads nowhere" '\[aliases\]'
conf_write '[recipients]' 'aliases_file = /none'
wrong "an aliases file that is not there" 'aliases_file'
conf_write 'senders = bob@x.org'
wrong "senders that are not us" 'senders'
like "$(transcript)" '^C: MAIL FROM:<bob@x.org>' "one of them is tried"
conf_write 'auth = off'
wrong "a server that wants a login" 'auth'
conf_write '[log]' "to = $T/none/log"
run "$SENDMAIL" -bC
like "$rc $(cat "$T/out")" "^0 " "a log that cannot be opened changes nothing"
like "$(cat "$T/out")" '^note: .*\[log\] to' "but is named"
ONEHOP_QUEUE_KEEP=no run "$SENDMAIL" -bC
like "$(cat "$T/out")" '^note: queue: keep = no' "keep = no has no queue"
printf 'MAIL * 451 4.3.0 later\n' >"$T/smarthost.rules"
run "$SENDMAIL" -bC
unlike "$(cat "$T/out")" 'sender\] address' "a sender put off is no sender refused"
: >"$T/smarthost.rules"
smarthost_stop

# Several smarthosts: all are tried.
smarthost_start
conf_write '[smarthost two]' 'host = smarthost.test' 'port = 2599'
run "$SENDMAIL" -bC
not_ok "one of two is down: it fails" test $rc = 0
like "$(cat "$T/out")" '^ok: sender taken' "the other was tried"

conf_write '[sender]' 'address = a@x.example' '[aliases]' 'root = boss@y.example'
run "$SENDMAIL" -bC root
is "$rc $(arrived)" "0 1" "-bC root sends a test message"
like "$(cat "$T"/smarthost/1.env)" 'RCPT TO:<boss@y.example>' "to whom root means"

done_testing
