#!/bin/sh
# SPDX-License-Identifier: ISC
# What a message costs in round trips, writes, connections, instructions, system
# calls: counted, not timed, so that no load of the machine has a say in it.
. "${0%/*}/lib.sh"
. "$TOP/t/process.sh"

ca_make
printf 'From: a@x.example\nSubject: hi\n\nhello\n' >"$T/in"

# What the smarthost saw: how often it had to read after its greeting, connections,
# handshakes, messages.
saw()
{
	transcript | awk '/^-- turn/ { turns++ } /^-- connect/ { connects++ }
	/^-- tls/ { shakes++ } /^MAIL|^C: MAIL/ { mails++ }
	END { print turns + 0, connects + 0, shakes + 0, mails + 0 }'
}

# wrote FILE: how often a trace shows a write to the connection, once it is there
wrote()
{
	awk '/ connect\([0-9]+, \{sa_family=AF_INET,/ {
		fd = $0; sub(/.* connect\(/, "", fd); sub(/,.*/, "", fd)
	}
	fd != "" && $0 ~ "(write|sendto)\\(" fd ", " { n++ }
	END { print n + 0 }' "$1"
}

# queue COUNT: so many that wait, oldest first
queue()
{
	i=0
	while [ $i -lt "$1" ]; do
		"$SENDMAIL" -odq -f a@x.example "b$i@y.example" <"$T/in"
		i=$((i + 1))
	done
}

# Round trips

smarthost_start -t implicit
conf_write 'tls = implicit' 'auth = PLAIN'
run strace -f -e trace=connect,write,sendto -o "$T/trace" \
    "$SENDMAIL" -f a@x.example b@y.example <"$T/in"
is "$rc $(saw)" "0 3 1 1 1" "implicit TLS: the server reads 3 times"
# The client's hello, the end of the handshake, the three, and close_notify.
is "$(wrote "$T/trace")" 6 "one write for each, two for TLS, one for goodbye"
fresh
queue 5
run "$SENDMAIL" -q
is "$rc $(saw) $(queued)" "0 7 1 1 5 0" \
    "a run: once more for each further message, one connection, one handshake"
fresh
i=0
while [ $i -lt 1000 ]; do
	echo "r$i@y.example"
	i=$((i + 1))
done >"$T/to"
run "$SENDMAIL" -f a@x.example $(cat "$T/to") <"$T/in"
is "$rc $(saw) $(transcript | grep -c '^C: RCPT')" "0 12 1 1 10 1000" \
    "1000 recipients: ten transactions of one group each"
smarthost_stop
fresh
conf_write 'auth = PLAIN'
smarthost_start
run "$SENDMAIL" -f a@x.example b@y.example <"$T/in"
is "$rc $(saw)" "0 5 1 1 1" "STARTTLS: the server reads 5 times"
smarthost_stop

# Instructions and system calls, with the system's trust store

hash=$(openssl x509 -hash -noout -in "$T/ca.pem")
cp "$T/ca.pem" "/etc/ssl/certs/$hash.0"
ok "the system's trust store is a full one" \
    test "$(find /etc/ssl/certs -name '*.0' | wc -l)" -gt 100
fresh
conf_write 'tls = implicit' 'auth = PLAIN' -ca
smarthost_start -t implicit
# instructions COMMAND...: $count, of one message more.  Those of the children, which
# are few, are counted from the fork on.
instructions()
{
	run valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@"
	count=$(sed -n 's/.*Collected : //p' "$T/err" | sort -n | tail -n 1)
}

instructions "$SENDMAIL" -f a@x.example b@y.example <"$T/in"
is "$rc $(arrived)" "0 1" "a message is sent by its help"
ok "less than 28 million instructions ($count)" \
    test "${count:-28000000}" -lt "$(limit 28000000)"

# To send an octet is to encrypt it, which the bare program does too, and little
# more: it is read, summed, and sought for ends of lines and dots.
small=$count
line='This line is one of very many in a large message, seventy octets wide'
{
	cat "$T/in"
	yes "$line" | head -n 60000
} | wire >"$T/large"
wire <"$T/in" >"$T/small"
instructions "$SENDMAIL" -f a@x.example b@y.example <"$T/large"
is "$rc $(arrived)" "0 2" "a large one is sent"
ours=$((count - small))
smarthost_stop
smarthost_start -a -t implicit
for text in small large; do
	instructions "$TOP/t/bench/bare" DATA localhost 2587 "$T/ca.pem" \
	    a@x.example b@y.example <"$T/$text"
	[ $text = large ] || small=$count
done
bare=$((count - small))
is "$rc $(arrived)" "0 4" "and by the bare program, which does not log in"
ok "its octets cost less than 9/4 of what they cost the bare one ($ours, $bare)" \
    test $((ours * 4)) -lt $((bare * 9))
smarthost_stop
smarthost_start -t implicit

# calls: of all processes together, and how many of them load the program
calls()
{
	run strace -f -o "$T/trace" "$SENDMAIL" -f a@x.example b@y.example \
	    <"$T/in"
	count=$(grep -c '^[0-9]* *[a-z0-9_]*(' "$T/trace")
	loading=$(grep -n -m 1 RLIMIT_STACK "$T/trace" | cut -d: -f1)
}

# costs MOST DESCRIPTION: one more message; or another, for what a server sends at
# once may come in two reads.
costs()
{
	before=$(arrived)
	calls
	is "$rc $(arrived)" "0 $((before + 1))" "$2: it is sent"
	for again in 1 2 3 4; do
		[ "$count" -ge "$(limit "$1")" ] || break
		calls
	done
	ok "$2: fewer than $1 system calls ($count, $loading of them by the loader)" \
	    test "$count" -lt "$(limit "$1")"
}

# As most have it: with a queue, and a runner that would tend it.  A name costs what
# the resolver does in a process of its own; the first message makes the queue.
conf_write 'host = 127.0.0.1' 'tls = implicit' 'auth = PLAIN' -ca '[queue]'
costs 300 "a message"
conf_write 'host = 127.0.0.1' 'tls = implicit' -ca '[queue]'
costs 360 "by SCRAM, for which libgsasl is loaded"
conf_write 'tls = implicit' 'auth = PLAIN' -ca '[queue]'
costs 350 "a smarthost with a name"
rm -rf "$HOME/.queue"
conf_write 'host = 127.0.0.1' 'tls = implicit' 'auth = PLAIN' -ca '[queue]'
costs 350 "the first message"

done_testing
