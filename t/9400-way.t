#!/bin/sh
# SPDX-License-Identifier: ISC
# The fault matrix, from the name of the smarthost to its EHLO.
. "${0%/*}/lib.sh"
. "$TOP/t/matrix.sh"

ca_make
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"
smarthost_start

# setting SAID REASON LINE...: of the configuration, by which nothing goes
setting()
{
	said=$1 pattern=$2
	shift 2
	conf_write "$@"
	waits "$*" "$said" "$pattern"
	conf_write
	sed -i 's/^hosts: .*/hosts: files/' /etc/nsswitch.conf
	heals "$*"
}

# The way there.  What is routed to the loopback and is not its own is dropped.

conf_write
printf '192.0.2.1 deaf.test two.test\n127.0.0.1 two.test\n' >>/etc/hosts
ip route add 192.0.2.0/24 dev lo
setting '' 'nowhere.test' 'host = nowhere.test'
sed -i 's/^hosts: .*/hosts: dns/' /etc/nsswitch.conf
setting '' 'elsewhere.test' 'host = elsewhere.test' 'timeout = 2s'
setting '' '[Rr]efused' 'port = 1'
setting '' 'unreachable' 'host = 198.51.100.1'
setting '' 'timed out' 'host = deaf.test' 'timeout = 1s'
setting '' 'No such file' "host = $T/nobody.sock" -port -user -password -ca
ca_issue server ca 'DNS:smarthost.test,DNS:two.test'
smarthost_stop
smarthost_start
conf_write 'host = two.test'
sent '+ EHLO STARTTLS EHLO AUTH MAIL RCPT DATA . QUIT '
is "$rc $(queued) $(arrived)" "0 0 1" "of two addresses the first is deaf: it goes"
conf_write

# The greeting.  Who will not have us is told QUIT, and no word more.

account '+ QUIT ' '554 no' 'GREETING 554 no'
account '+ QUIT ' '550 5.7.1 listed' 'GREETING 550 5.7.1 listed'
account '+ QUIT ' '521 no mail here' 'GREETING 521 no mail here'
account '+ ' '421 busy' 'GREETING 421 busy'
account '+ QUIT ' '450 later' 'GREETING 450 later'
account '+ QUIT ' '354 go on' 'GREETING 354 go on'
account '+ QUIT ' 'strange.*850' 'GREETING raw 850 hello\r\n'
account '+ QUIT ' 'strange' 'GREETING raw \r\n'
account '+ QUIT ' 'strange' 'GREETING raw SSH-2.0-OpenSSH_9.2\r\n'
account '+ QUIT ' 'strange' 'GREETING raw 220-a\r\n250 b\r\n'
account '+ QUIT ' 'strange' 'GREETING raw \x00\x00\x00\r\n'
account '+ QUIT ' 'strange' 'GREETING garbage'
account '+ ' 'hung up' 'GREETING close'
account '+ ' 'lost' 'GREETING reset'

# EHLO

account '+ EHLO QUIT ' '502 what' 'EHLO 502 what'
account '+ EHLO QUIT ' 'hello.*550 no' 'EHLO 550 no'
account '+ EHLO QUIT ' 'hello.*501 5.5.4 bad name' 'EHLO 501 5.5.4 bad name'
account '+ EHLO ' '421 4.7.0 try again' 'EHLO 421 4.7.0 try again'
account '+ EHLO QUIT ' '451 later' 'EHLO 451 later'
account '+ EHLO QUIT ' '220 hello' 'EHLO 220 hello'
account '+ EHLO QUIT ' '354 go on' 'EHLO 354 go on'
account '+ EHLO QUIT ' 'strange' 'EHLO garbage'
account '+ EHLO ' 'hung up' 'EHLO close'
account '+ EHLO STARTTLS EHLO ' 'lost' 'EHLO[2] close'
account '+ EHLO STARTTLS EHLO QUIT ' '550 no' 'EHLO[2] 550 no'

done_testing
