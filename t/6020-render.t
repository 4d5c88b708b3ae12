#!/bin/sh
# SPDX-License-Identifier: ISC
# When a message is made for its smarthost, from what, and where that lies: each
# smarthost gets its own, every transaction the same, large ones cost no memory,
# and where there is no room for one the message waits.
. "${0%/*}/lib.sh"

server() # NAME PORT KEYWORD...
{
	name=$1 port=$2
	shift 2
	mkdir -p "$T/$name"
	setsid "$SMARTHOST" -p "$port" -P "$T/$name.port" -d "$T/$name" \
	    -o "$T/$name.log" -r "$T/$name.rules" -t none -e PIPELINING \
	    -e SIZE "$@" &
	wait_for test -s "$T/$name.port" || fail_early "no smarthost $name"
}

conf() # PORT...
{
	for port; do
		printf '%s\n' "[smarthost p$port]" 'host = smarthost.test' \
		    "port = $port" 'tls = off'
	done >"$T/conf"
	printf '%s\n' '[queue]' 'runner = no' '[log]' "to = $T/log" >>"$T/conf"
	chmod 600 "$T/conf"
}

fresh()
{
	rm -rf "$HOME/.queue" "$T/log" "$T/less" "$T/eight"
	mkdir "$T/less" "$T/eight"
	: >"$T/less.log"
	: >"$T/eight.log"
	rm -f "$T/less.rules" "$T/eight.rules"
}

texts() # NAME: the bodies that arrived, one behind the other
{
	find "$T/$1" -name '*.msg' -exec sed -s '1,/^\r$/d' {} +
}

qp()
{
	perl -MMIME::QuotedPrint -0777 -pe '$_ = decode_qp($_); s/\r\n/\n/g'
}

export ONEHOP_CONF="$T/conf"
server less 2601
server eight 2602 -e 8BITMIME
printf 'Subject: \303\274\nFrom: f@x.example\n\nh\303\274llo\n' >"$T/in"
printf 'h\303\274llo\r\n' >"$T/raw"
printf 'h=C3=BCllo\r\n' >"$T/quoted"

# The first that is asked refuses us, the next one offers more.
conf 2601 2602
fresh
echo 'MAIL 530 5.7.0 who are you' >"$T/less.rules"
run "$SENDMAIL" -i -f f@x.example b@y.example <"$T/in"
is "$rc $(queued)" "0 0" "another smarthost takes it"
texts eight >"$T/got"
same_file "$T/got" "$T/raw" "it gets what it can take, not what the first could"
like "$(cat "$T/less.log")" '^C: MAIL FROM:<f@x.example> SIZE=[0-9]+$' \
    "the first was offered 7 bits"
like "$(cat "$T/eight.log")" 'BODY=8BITMIME' "the second was told of 8"

# The queue keeps what the caller gave.
conf 2601
fresh
echo 'RCPT 450 4.2.0 later' >"$T/less.rules"
run "$SENDMAIL" -i -f f@x.example b@y.example <"$T/in"
is "$rc $(queued)" "0 1" "it waits"
like "$(cat "$HOME"/.queue/active/*)" 'hüllo' "as it was given"
rm "$T/less.rules"
conf 2602
run "$SENDMAIL" -q
texts eight >"$T/got"
same_file "$T/got" "$T/raw" "and goes by what is offered now"

# Somebody is deferred, so it is stored between the offer and the text.
conf 2602
fresh
echo 'RCPT *c@y* 450 4.2.0 later' >"$T/eight.rules"
run "$SENDMAIL" -i -f f@x.example b@y.example c@y.example <"$T/in"
is "$rc $(queued)" "0 1" "one of two waits"
like "$(cat "$T"/eight/*.msg)" 'Subject: =\?UTF-8\?Q\?=C3=BC\?=' \
    "the other got the header that was made before"
texts eight >"$T/got"
same_file "$T/got" "$T/raw" "and the body, though that moved to the disk"

# More recipients than one transaction takes.
conf 2601
fresh
run "$SENDMAIL" -i -f f@x.example $(seq -f 'r%g@y.example' 250) <"$T/in"
is "$rc $(arrived less)" "0 3" "three transactions"
texts less >"$T/got"
cat "$T/quoted" "$T/quoted" "$T/quoted" >"$T/three"
same_file "$T/got" "$T/three" "each has all of the text"

# A large one: 4 MB become 12.
fresh
perl -e 'print "Subject: \xc3\xbc\nFrom: f\@x.example\n\n",
    ("\xc3\xbc" x 32 . "\n") x 65536' >"$T/large"
sed '1,/^$/d' "$T/large" >"$T/body"
rss "$SENDMAIL" -i -f f@x.example b@y.example <"$T/large"
is "$rc" 0 "a large message is sent"
texts less | qp >"$T/got"
same_file "$T/got" "$T/body" "and means what it meant"
ok "its memory does not grow with it ($peak kB)" \
    test "$peak" -lt "$(limit 12000)"
is "$(find "$HOME/.queue" -type f 2>/dev/null)" "" "nothing is left behind"

# A header alone is no reason to copy a body.
conf 2602
fresh
strace -f -e trace=openat,pwrite64 -o "$T/trace" \
    "$SENDMAIL" -i -f f@x.example b@y.example <"$T/large"
is "$(grep -c O_TMPFILE "$T/trace")" 1 "a new header ahead of the stored body"
texts eight | tr -d '\r' >"$T/got"
same_file "$T/got" "$T/body" "which goes as it is"
size=$(sed -n 's/^C: MAIL.* SIZE=\([0-9]*\).*/\1/p' "$T/eight.log")
is "$size" "$(cat "$T"/eight/*.msg | wc -c)" "SIZE counts both"

# No room: 400 kB fit where their 1.2 MB do not.
conf 2601
fresh
head -c 400000 "$T/large" >"$T/some"
(
	ulimit -f 1200
	run "$SENDMAIL" -i -f f@x.example b@y.example <"$T/some"
	echo "$rc $(queued) $(arrived less)" >"$T/said"
)
is "$(cat "$T/said")" "0 1 0" "where there is no room it waits"
like "$(cat "$T/log")" 'status=deferred \(cannot write a message: File too large' \
    "and the log says why"
unlike "$(ls -A "$HOME/.queue")" relay "that is no fault of the account"
run "$SENDMAIL" -q
texts less | qp >"$T/got"
head -c "$(($(wc -c <"$T/some") - $(sed '/^$/q' "$T/some" | wc -c)))" \
    "$T/body" >"$T/want"
echo >>"$T/want"
is "$(queued)" 0 "with room it goes"
same_file "$T/got" "$T/want" "whole"

# What cannot go is refused as any message is, whoever made its sender.
fresh
printf 'Content-Type: multipart/signed; boundary=s\n\n--s\n\n\303\274\n--s--\n' \
    >"$T/signed"
run "$SENDMAIL" -i b@y.example <"$T/signed"
is "$rc $(queued)" "65 0" "a signed message beyond 7 bits is refused"
like "$(cat "$T/err")" '554 5\.6\.3 .*8BITMIME' "and the caller is told"
unlike "$(cat "$T/less.log")" MAIL "the server is not asked"
run "$SENDMAIL" -i -odq b@y.example <"$T/signed"
run "$SENDMAIL" -q
like "$(cat "$T/log")" 'status=refused \(554 5\.6\.3' "from the queue, too"

# An author as long as a header may be, who gives way to another.
conf 2601
printf '[sender]\naddress = no@x.example\n' >>"$T/conf"
fresh
perl -e 'print "From: root", " (a\xc3\xbc)" x 150000, "\n\nx\n"' >"$T/in"
rss "$SENDMAIL" -i b@y.example <"$T/in"
is "$rc $(arrived less)" "0 1" "an author of a million octets is replaced"
ok "in less than 10 MB of memory ($peak kB)" test "$peak" -lt "$(limit 10240)"
done_testing
