#!/bin/sh
# SPDX-License-Identifier: ISC
# A caller is kept no longer than [queue] patience: then his message is safe, and
# a child goes on with it over the same connection, so that it arrives once.
. "${0%/*}/lib.sh"
. "$TOP/t/process.sh"

ca_make
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"

now_ms()
{
	date +%s%3N
}

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
		is "$(ours | wc -l)" 1 "$stage: a child goes on"
		: >"$T/go"
	fi
	ok "$stage: then it arrives" await 20 has_arrived 1
	ok "$stage: nothing is left behind" await 10 has_queued 0
	ok "$stage: nobody stays" await 10 all_gone
	is "$(arrived) $(connects)" "1 1" "$stage: once, over one connection"
	is "$(transcript | grep -c -- '-- violation')" 0 "$stage: by the rules"
done

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
