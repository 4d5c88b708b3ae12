#!/bin/sh
# SPDX-License-Identifier: ISC
# Who is told to end while a password or a name is being found out ends at once,
# wherever he is, and leaves nothing behind that still tries to.
. "${0%/*}/lib.sh"
. "$TOP/t/process.sh"

ca_make
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"
smarthost_start

# A password

echo "sleep 50.001 & sleep 50.002; wait" >"$T/command"
COMMAND="password_command = sh $T/command"

runs()
{
	pgrep -f "sleep $1" >"$T/pids"
}

command_ends()
{
	ok "$1: nobody stays" await 3 all_gone
	ok "$1: nor does the command" await 3 not runs 50.002
	ok "$1: nor what it had started" await 3 not runs 50.001
}

not()
{
	! "$@"
}

# tell SIGNAL WHO: tell them to end
tell()
{
	await 10 runs 50.002
	kill "-$1" $($2)
}

# asker: who waits for the command; it goes by our name, too.
asker()
{
	for pid in $(ours); do
		pgrep -P "$pid" sendmail >/dev/null && echo "$pid"
	done
}

for signal in TERM=143 HUP=129 KILL=137; do
	conf_write -password "$COMMAND"
	for options in '-f joe@x.example a@y.example' -q; do
		fresh
		"$SENDMAIL" -odq -f joe@x.example b@y.example <"$T/in"
		"$SENDMAIL" $options <"$T/in" & pid=$!
		tell ${signal%=*} asker
		command_ends "sendmail ${options%% *}, ${signal%=*}"
		wait $pid
		is "$? $(queued)" "${signal#*=} 1" \
		    "it dies of that, and what waited waits"
	done
done

conf_write -password "$COMMAND" '[queue]' 'patience = 1s' 'retry = 1h'
for who in asker ours; do
	fresh
	send a@y.example
	tell TERM $who
	command_ends "who goes on in the caller's stead ($who)"
	is "$rc $(queued)" "0 1" "and the message waits"
	fresh
	send -odb a@y.example
	tell TERM $who
	command_ends "who goes on in the background ($who)"
	is "$rc $(queued)" "0 1" "and the message waits"
done

fresh 'RCPT * 451 later'
conf_write '[queue]' 'retry = 1s'
send a@y.example
await 10 has_runner
conf_write -password "$COMMAND" '[queue]' 'retry = 1s'
await 10 runs 50.002
kill -TERM "$(runner)"
command_ends "the runner"
is "$(queued)" 1 "and the message waits"

"$SENDMAIL" -bD -q1s & pid=$!
await 10 runs 50.002
kill -TERM $pid
command_ends "-bD"
wait $pid
is "$? $(queued)" "0 1" "it ends with 0"

echo 'kill -TERM $$' >"$T/command"
conf_write -password "password_command = exec sh $T/command"
fresh
send a@y.example
like "$("$MAILQ")" 'died of signal 15' "what a command died of is told"

# A name

sed -i 's/smarthost.test//' /etc/hosts
sed -i 's/^hosts:.*/hosts: files dns/' /etc/nsswitch.conf
perl -MIO::Socket::INET -e '
	my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1",
	    LocalPort => 53, Proto => "udp") or die;
	while (recv($s, my $query, 512, 0)) {
		open(my $log, ">>", "asked");
	}' & nameserver=$!
for options in '-f joe@x.example a@y.example' -q; do
	conf_write
	fresh
	"$SENDMAIL" -odq -f joe@x.example b@y.example <"$T/in"
	rm -f "$T/asked"
	"$SENDMAIL" $options <"$T/in" & pid=$!
	await 10 test -e "$T/asked"
	kill -TERM $pid
	ok "sendmail ${options%% *}: nobody goes on asking" await 3 all_gone
	wait $pid
	is "$? $(queued)" "143 1" "it dies of SIGTERM, and what waited waits"
done
conf_write '[queue]' 'patience = 1s' 'retry = 1h'
fresh
send a@y.example
asks()
{
	[ -n "$(asker)" ]
}
await 10 asks
kill -TERM $(asker)
ok "in the caller's stead: nobody goes on asking" await 3 all_gone
is "$rc $(queued)" "0 1" "and the message waits"
kill $nameserver

done_testing
