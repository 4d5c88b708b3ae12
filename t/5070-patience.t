#!/bin/sh
# SPDX-License-Identifier: ISC
# A caller is kept no longer than [queue] patience: then his message is safe, and
# a child goes on with it over the same connection, so that it arrives once.
. "${0%/*}/lib.sh"
. "$TOP/t/process.sh"

ca_make
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"

waits_for_us()
{
	grep -q -- '^-- until' "$T/smarthost.log"
}

smarthost_start
conf_write '[queue]' 'patience = 1s' 'retry = 1h'

# Wherever it is that the smarthost takes its time

for stage in GREETING AUTH RCPT 'TEXT[20]' DOT QUIT; do
	fresh "$stage until go"
	begun=$(now_ms)
	text=$("$SENDMAIL" -f joe@x.example a@y.example <"$T/in" 2>&1)
	is "$? $text" "0 " "$stage: the caller gets 0, and EOF"
	if [ $stage = QUIT ]; then
		# It has arrived, and there is nothing more to wait for.
		: >"$T/go"
	else
		took=$(($(now_ms) - begun))
		ok "$stage: he was kept for his patience ($took ms)" \
		    test $took -ge 950
		is "$(queued)" 1 "$stage: the message is on disk"
		is "$(busy | wc -l)" 1 "$stage: a child goes on"
		: >"$T/go"
	fi
	ok "$stage: then it arrives" await 20 has_arrived 1
	ok "$stage: nothing is left behind" await 10 has_queued 0
	ok "$stage: nobody stays" await 10 all_gone
	is "$(arrived) $(connects)" "1 1" "$stage: once, over one connection"
	is "$(transcript | grep -c -- '-- violation')" 0 "$stage: by the rules"
done

# A local socket whose queue is full: there it is connect(2) that takes its time,
# and poll(2) knows nothing of it.  He was kept for 30 s once.

fresh
perl -MSocket -e 'socket my $door, AF_UNIX, SOCK_STREAM, 0;
    bind $door, sockaddr_un("/run/full.sock") or die;
    listen $door, 0;
    socket my $client, AF_UNIX, SOCK_STREAM, 0;
    connect $client, sockaddr_un("/run/full.sock") or die;
    open my $ready, ">", "/run/ready";
    sleep 60' & pid=$!
wait_for test -e /run/ready
conf_write 'host = /run/full.sock' '-user' '-password' '-ca' '-port' \
    '[queue]' 'patience = 1s' 'retry = 1h'
begun=$(now_ms)
send a@y.example
took=$(($(now_ms) - begun))
is "$rc $(queued)" "0 1" "a local socket that is full: the caller gets 0"
ok "he was kept for his patience ($took ms)" test $took -lt 5000
kill $pid
fresh
conf_write '[queue]' 'patience = 1s' 'retry = 1h'

# The text on its way

{
	cat "$T/in"
	yes '.This line begins with a dot, and there are very many of its kind' |
	    head -n 60000
} >"$T/large"
wire <"$T/large" >"$T/want"
fresh 'TEXT[200000] until go'
begun=$(now_ms)
run "$SENDMAIL" -i -f joe@x.example a@y.example <"$T/large"
is "$rc $(queued)" "0 1" "4 MB on their way: the caller is let go"
silent "in silence"
: >"$T/go"
ok "4 MB: they arrive" await 20 has_arrived 1
ok "4 MB: nothing is left behind" await 10 has_queued 0
strip_added "$T/smarthost/1.msg" >"$T/got"
strip_added "$T/want" >"$T/want.1"
same_file "$T/got" "$T/want.1" "4 MB: octet for octet"
head -n 3600 "$T/large" >"$T/in.1"
wire <"$T/in.1" >"$T/want"
fresh 'TEXT[100] until go'
"$SENDMAIL" -i -f joe@x.example a@y.example <"$T/in.1"
: >"$T/go"
await 20 has_arrived 1
strip_added "$T/smarthost/1.msg" >"$T/got"
strip_added "$T/want" >"$T/want.1"
same_file "$T/got" "$T/want.1" "so do those that were in memory"

# What comes of it afterwards

fresh 'DOT[1] joe@x.example until go 550 5.7.1 spam'
send a@y.example
is "$rc $(queued)" "0 1" "a refusal that takes its time: the caller gets 0"
: >"$T/go"
ok "its sender gets a report" await 20 grep -qs 'RCPT TO:<joe@x.example>' \
    "$T/smarthost/1.env"
like "$(cat "$T/smarthost/1.env")" 'MAIL FROM:<>' "from nobody"
like "$(cat "$T/smarthost/1.msg")" 'spam' "with the words of the refusal"
ok "nothing is left behind" await 10 has_queued 0
await 10 all_gone
is "$(arrived)" 1 "and that is all"

fresh 'RCPT a@* 451 4.0.0 later' 'DOT until go'
send a@y.example b@y.example
: >"$T/go"
ok "who was accepted beside who was deferred" await 20 has_arrived 1
sleep 0.5
is "$(queued)" 1 "the other waits"
like "$("$MAILQ")" 'a@y.example' "and only he"
unlike "$("$MAILQ")" 'b@y.example' "not who has it"

fresh 'DOT until go 451 4.0.0 later'
send a@y.example
: >"$T/go"
await 10 has_runner
is "$(queued) $(arrived)" "1 0" "a deferral that takes its time waits"
like "$("$MAILQ")" '451 4.0.0 later' "with its reason"
ok "and is tended" has_runner

fresh 'AUTH until go 535 5.7.8 no'
send a@y.example
is "$rc" 0 "a login that takes its time: the caller gets 0"
: >"$T/go"
ok "refused in the end it sets a stamp" await 10 test -s "$HOME/.queue/.relay"
is "$(queued)" 1 "and the message waits"

fresh 'RCPT until go'
send a@y.example
kill -KILL $(ours)
await 10 all_gone
is "$(queued)" 1 "a child that is killed leaves the message where it is"
rules
run "$SENDMAIL" -q
is "$(queued) $(arrived)" "0 1" "and a run sends it"

fresh 'DOT until go'
send a@y.example
kill -TERM $(ours)
sleep 0.3
is "$(ours | wc -l)" 1 "SIGTERM between the dot and its reply waits"
: >"$T/go"
ok "then the child ends" await 10 all_gone
is "$(queued) $(arrived)" "0 1" "and nobody gets it twice"

# A smarthost that nobody answers for

perl -MIO::Socket::INET -e '
	my %to = (PeerAddr => "127.0.0.1", PeerPort => 2599, Blocking => 0);
	my $full = IO::Socket::INET->new(LocalAddr => "127.0.0.1",
	    LocalPort => 2599, Listen => 1, ReuseAddr => 1) or die;
	my @clients = map { IO::Socket::INET->new(%to) } 1 .. 5;
	open(my $ready, ">", "full"); close($ready);
	sleep(60);
' & pid=$!
await 10 test -e "$T/full"
fresh
conf_write 'host = 127.0.0.1' 'port = 2599' 'timeout = 3s' '[queue]' \
    'patience = 1s' 'retry = 1h'
begun=$(now_ms)
send a@y.example
took=$(($(now_ms) - begun))
is "$rc $(queued)" "0 1" "no answer to connect(2): the caller gets 0"
ok "before that is over ($took ms)" test $took -lt 2900
ok "then there is a stamp" await 10 test -s "$HOME/.queue/.relay"
kill $pid

# A name that nobody answers for

cp /etc/hosts "$T/hosts"
sed 's/smarthost.test//' "$T/hosts" >/etc/hosts
sed -i 's/^hosts:.*/hosts: files dns/' /etc/nsswitch.conf
printf '%s\n' 'nameserver 127.0.0.1' 'search x.example y.example' \
    'options timeout:1 attempts:5' >/etc/resolv.conf

# It swallows what it is asked, until there is a file "go".
cat >"$T/nameserver" <<'END'
use strict;
use IO::Socket::INET;
my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 53,
    Proto => "udp") or die "port 53: $!";
open(my $ready, ">", "nameserver.ready");
close($ready);
while (my $from = recv($s, my $query, 512, 0)) {
	open(my $log, ">>", "nameserver.log");
	my ($id, $name, $type) = $query =~ /^(..).{10}(.*?\0)(..)../s or next;
	print $log join(".", unpack "(C/a)*", $name), "\n";
	close($log);
	next if !-e "go";
	my $ours = $name eq "\x09smarthost\x04test\0";
	my $has = $ours && $type eq "\0\1";
	send($s, $id . pack("n5", $ours ? 0x8180 : 0x8183, 1, $has ? 1 : 0, 0, 0)
	    . "$name$type\0\1"
	    . ($has ? "\xc0\x0c\0\1\0\1" . pack("Nn", 60, 4) . "\x7f\0\0\1" : ""),
	    0, $from);
}
END
perl "$T/nameserver" & nameserver=$!
await 10 test -e "$T/nameserver.ready"

is_let_go()
{
	begun=$(now_ms)
	text=$("$SENDMAIL" -f joe@x.example a@y.example <"$T/in" 2>&1)
	code=$?
	took=$(($(now_ms) - begun))
	is "$code $text" "0 " "$1: the caller gets 0, and EOF"
	ok "$1: he was kept for his patience ($took ms)" \
	    test $took -ge 950 -a $took -lt 3000
	is "$(queued)" 1 "$1: the message is on disk"
	not_ok "$1: a child goes on" all_gone
}

arrives_once()
{
	ok "$1: then it arrives" await 20 has_arrived 1
	ok "$1: nothing is left behind" await 10 has_queued 0
	ok "$1: nobody stays" await 10 all_gone
	is "$(arrived) $(connects)" "1 1" "$1: once, over one connection"
}

conf_write '[queue]' 'patience = 1s' 'retry = 1h'
fresh
is_let_go "no nameserver"
like "$(cat "$T/nameserver.log")" '^smarthost.test' "it was asked"
: >"$T/go"
arrives_once "no nameserver"

conf_write '[queue]' 'patience = 0' 'retry = 1h'
fresh
send a@y.example
is "$rc $(queued)" "0 1" "no patience at all: the caller is let go"
: >"$T/go"
arrives_once "no patience at all"

conf_write 'timeout = 3s' '[queue]' 'patience = 1s' 'retry = 1h'
fresh
is_let_go "no nameserver ever"
ok "no nameserver ever: the child gives it up" await 6 grep -qs \
    "cannot look up 'smarthost.test': no answer within 3 s" "$T/log"
ok "which is remembered" await 10 test -s "$HOME/.queue/.relay"
is "$(queued)" 1 "and the message waits"

conf_write 'timeout = 3s' '[queue]' 'runner = no'
fresh
begun=$(now_ms)
send a@y.example
took=$(($(now_ms) - begun))
is "$rc $(queued) $(ours)" "0 1 " "runner = no: the caller waits"
ok "until the time for a name is over ($took ms)" \
    test $took -ge 2950 -a $took -lt 6000

conf_write '[queue]' 'runner = no'
fresh
: >"$T/nameserver.log"
"$SENDMAIL" -f joe@x.example a@y.example <"$T/in" & pid=$!
await 10 test -s "$T/nameserver.log"
kill -KILL $pid
ok "killed while a name is looked up: nobody stays" await 2 all_gone
wait $pid 2>/dev/null

cp "$T/hosts" /etc/hosts
hostname stranger
conf_write '[queue]' 'patience = 1s' 'retry = 1h'
fresh
is_let_go "our own name"
like "$(tail -n 1 "$T/nameserver.log")" '^stranger' "it was asked for"
: >"$T/go"
arrives_once "our own name"

# Where no smarthost may be asked nothing is looked up: the network may be away.
conf_write '[queue]' 'runner = no'
fresh 'GREETING 554 no'
: >"$T/go"
send a@y.example
rm "$T/go"
: >"$T/nameserver.log"
begun=$(now_ms)
send b@y.example
took=$(($(now_ms) - begun))
is "$rc $(queued) $(connects) $(wc -l <"$T/nameserver.log")" "0 2 1 0" \
    "while a stamp is fresh no name is asked for"
ok "and nobody waits ($took ms)" test $took -lt 1000
hostname web1
kill $nameserver
wait $nameserver 2>/dev/null
sed -i 's/^hosts:.*/hosts: files/' /etc/nsswitch.conf

# A password that takes its time

runs()
{
	pgrep -f "sleep $1" >"$T/pids"
}

printf '%s\n' "$PASSWORD" >"$T/password"
cat >"$T/command" <<END
echo >>"$T/commands"
sleep 4.001
cat "$T/password"
END
conf_write -password "password_command = sh $T/command" '[queue]' \
    'patience = 1s' 'retry = 1h'
fresh
is_let_go "password_command"
arrives_once "password_command"
is "$(wc -l <"$T/commands")" 2 "it was run once more"
not_ok "and nothing of it still runs" runs 4.001

conf_write -password "password_command = sh $T/command" '[queue]' 'runner = no'
fresh
send a@y.example
is "$rc $(queued) $(arrived) $(ours)" "0 0 1 " \
    "runner = no: the caller waits for it"

# Who waits to the end

waits()
{
	fresh 'RCPT delay 1600'
	begun=$(now_ms)
	send a@y.example
	took=$(($(now_ms) - begun))
	ok "$1: the caller waits ($took ms)" test $took -ge 1600
	is "$rc $(queued) $(arrived) $(ours)" "0 0 1 " \
	    "$1: until it has arrived, and nothing is kept"
}
conf_write '[queue]' 'patience = 1s' 'runner = no'
waits "runner = no"
conf_write '[queue]' 'patience = 1s' 'keep = no'
waits "keep = no"
conf_write '[queue]' 'patience = 1s'
mount -t tmpfs -o ro tmpfs "$HOME"
rm -rf "$T/config" && mkdir "$T/config"
HOME_WAS=$HOME HOME=$T/config
conf_write '[queue]' 'patience = 1s'
HOME=$HOME_WAS
export ONEHOP_CONF="$T/config/.config/onehop.conf"
waits "no place for a queue"
rules 'RCPT delay 1600 550 5.1.1 who'
send a@y.example
is "$rc $(wc -l <"$T/err")" "67 1" "a refusal then reaches him"
umount "$HOME"
unset ONEHOP_CONF

fresh 'RCPT delay 1600'
for call in clone,clone3,fork,vfork fsync; do
	run strace -f -o "$T/trace" -e "trace=$call" -e "inject=$call:error=EIO" \
	    "$SENDMAIL" -f joe@x.example a@y.example <"$T/in"
	is "$rc $(queued)" "0 0" "$call fails: the caller waits"
	ok "$call fails: it did" grep -q INJECTED "$T/trace"
	silent "$call fails: in silence"
done
is "$(arrived)" 2 "and each message arrived once"

# Many callers, one who never answers

fresh 'GREETING until go'
conf_write '[queue]' 'patience = 1s'
at_once 10 send_one
is "$codes $(queued)" "0000000000 10" "ten callers are let go"
: >"$T/go"
ok "and all arrive" await 20 has_arrived 10
ok "nothing is left behind" await 10 has_queued 0
await 10 all_gone
is "$(arrived)" 10 "none twice"

done_testing
