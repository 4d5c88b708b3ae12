#!/bin/sh
# SPDX-License-Identifier: ISC
# The fault matrix, from HELO to TLS: nothing goes in clear for want of a better
# way.
. "${0%/*}/lib.sh"
. "$TOP/t/matrix.sh"

ca_make
ca_make_bad
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"

# HELO serves who needs no more; in mailq its refusal is the one that counts.

smarthost_start -a -t none
conf_write 'tls = off' -user -password
sent '+ EHLO HELO MAIL RCPT DATA . QUIT ' 'EHLO 502 what'
sent '+ EHLO HELO MAIL RCPT DATA . QUIT ' 'EHLO 500 what'
account '+ EHLO HELO QUIT ' '504 nor that' 'EHLO 502 what' 'HELO 504 nor that'
account '+ EHLO HELO ' '421 bye' 'EHLO 502 what' 'HELO 421 bye'
account '+ EHLO HELO ' 'lost' 'EHLO 502 what' 'HELO close'
smarthost_stop
smarthost_start -t none
conf_write 'tls = off'
account '+ EHLO QUIT ' '502 what' 'EHLO 502 what'
smarthost_stop

# STARTTLS

smarthost_start
conf_write
clear='+ EHLO STARTTLS QUIT '
account "$clear" '454 4.7.0 later' 'STARTTLS 454 4.7.0 later'
account "$clear" '501 no' 'STARTTLS 501 no'
account "$clear" '502 what' 'STARTTLS 502 what'
account "$clear" '250 ok' 'STARTTLS 250 ok'
account "$clear" '354 go on' 'STARTTLS 354 go on'
account "$clear" 'strange' 'STARTTLS garbage'
account '+ EHLO STARTTLS ' '421 bye' 'STARTTLS 421 bye'
account '+ EHLO STARTTLS ' 'hung up' 'STARTTLS close'
account '+ EHLO QUIT ' 'not offer STARTTLS' \
    'EHLO 250 smarthost.test\nPIPELINING\nAUTH PLAIN'
account '+ EHLO STARTTLS ' 'after the reply to STARTTLS' \
    'STARTTLS inject 250 ok\r\n'
account '+ EHLO STARTTLS ' 'after the reply to STARTTLS' 'STARTTLS inject 2'

# The handshake

account '+ EHLO STARTTLS ' 'TLS.*failed' 'TLS close'
account '+ EHLO STARTTLS ' 'TLS.*failed' 'TLS reset'
account '+ EHLO STARTTLS ' 'TLS.*failed' 'TLS delay 100 raw no TLS\r\n'
smarthost_stop
# bad REASON OPTION...: of the smarthost
bad()
{
	pattern=$1
	shift
	smarthost_start "$@"
	waits "$*" '+ EHLO STARTTLS ' "$pattern"
	smarthost_stop
	smarthost_start
	heals "$*"
	smarthost_stop
}
bad 'wrong|other.test|name' -s wrong
bad 'expired' -s expired
bad 'issuer|trust|unknown' -s stranger
bad 'self-signed|trust' -s self
bad 'version' -v 1.0-1.1

# Where the other kind of TLS is spoken

smarthost_start
conf_write 'tls = implicit'
waits "STARTTLS where TLS is expected" '+ ' 'TLS.*failed'
smarthost_stop
conf_write 'timeout = 1s'
smarthost_start -t implicit
waits "TLS where a greeting is expected" '+ ' 'look at port and tls'
smarthost_stop

done_testing
