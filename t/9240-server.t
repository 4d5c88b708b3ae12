#!/bin/sh
# SPDX-License-Identifier: ISC
# SMTP on standard input and output: what a client says and is told, whose end of
# a line counts, what is bounded, and that 250 at the dot means it is ours.
. "${0%/*}/lib.sh"
. "$TOP/t/process.sh"

ca_make
conf_write
smarthost_start

# talk TEXT [OPTION...]: all at once, as `printf %b' has it; $codes are those of
# the replies, without the greeting.
talk()
{
	text=$1
	shift
	printf %b "$text" >"$T/in"
	run "$SENDMAIL" -bs "$@" <"$T/in"
	codes=$(tr -d '\r' <"$T/out" | sed -n '1d; s/^\([0-9]*\) .*/\1/p' |
	    tr '\n' ' ')
	codes=${codes% }
}

# The reply to the dot of one message to these.
dot()
{
	text='MAIL FROM:<joe@x.example>\n'
	for to in "$@"; do
		text="${text}RCPT TO:<$to>\n"
	done
	talk "${text}DATA\nSubject: hi\n\nhello\n.\n"
	answer=$(tr -d '\r' <"$T/out" | tail -n 1)
}

# A dialogue

rules 'DOT 250 2.0.0 Ok: queued as 4Zx'
talk 'EHLO me.example\r\nMAIL FROM:<joe@x.example>\r\nRCPT TO:<a@y.example>\r\nDATA\r\nSubject: one\r\nBcc: c@y.example\r\n\r\nhello\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<a@y.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\ntwo\r\n.\r\nQUIT\r\nNOOP\r\n'
is "$rc $codes" "0 250 250 250 354 250 250 250 250 354 250 221" \
    "two messages, and nothing behind QUIT"
is "$(wc -c <"$T/err")" 0 "nothing on standard error"
is "$(arrived) $(connects)" "2 1" "both arrived over one connection"
is "$(transcript | grep -c -- '-- violation')" 0 "by the rules"
like "$(head -n 1 "$T/out")" '^220 web1 ESMTP ' "the greeting"
is "$(tr -d '\r' <"$T/out" | sed -n 's/^250[- ]//p' | sed -n '2,7p' | tr '\n' ' ')" \
    "PIPELINING SIZE 268435456 8BITMIME SMTPUTF8 DSN ENHANCEDSTATUSCODES " \
    "what EHLO offers"
is "$(tr -d '\r' <"$T/out" | grep -c '^250 2.0.0 Ok: queued as 4Zx$')" 2 \
    "the smarthost's words"
is "$(grep -vc "$(printf '\r')$" "$T/out")" 0 "replies end in CRLF"
is "$(tr -d '\r' <"$T/smarthost/1.env" | tr '\n' '|')" \
    'MAIL FROM:<joe@x.example> SIZE=142|RCPT TO:<a@y.example>|' \
    "recipients are those of RCPT"
is "$(tr -d '\r' <"$T/smarthost/2.env" | sed 's/ SIZE.*//' | tr '\n' '|')" \
    'MAIL FROM:<>|RCPT TO:<a@y.example>|RCPT TO:<b@y.example>|' \
    "the second has its own"
unlike "$(cat "$T/smarthost/1.msg")" 'Bcc' "Bcc is gone"
like "$(cat "$T/smarthost/1.msg")" '^Message-ID: <' "what is missing is added"
like "$(cat "$T/smarthost/1.msg")" '^From: joe@x.example' "by no name"
is "$(queued)" 0 "nothing is left behind"

fresh
talk 'HELO me\nmail from:joe@x.example\nRcpt To: a@y.example\ndata\nhi\n.\nquit\n' -i -t -oem -odb -f z@x.example
is "$rc $codes" "0 250 250 250 354 250 221" "LF, any case, no brackets"
await 10 has_arrived 1
is "$(tr -d '\r' <"$T/smarthost/1.env" | sed 's/ SIZE.*//' | tr '\n' '|')" \
    'MAIL FROM:<joe@x.example>|RCPT TO:<a@y.example>|' \
    "the options of the call change nobody"
await 10 all_gone
run "$SENDMAIL" -bs a@y.example </dev/null
is "$rc $(wc -c <"$T/out")" "64 0" "no recipients go with it"
run "$SENDMAIL" -bs <&-
is $rc 66 "a closed standard input is 66"
run "$SENDMAIL" -bs </dev/null
is "$rc $(wc -l <"$T/out")" "0 1" "nobody there is 0"

for end in 'EHLO me\n' 'MAIL FROM:<joe@x.example>\n' \
    'MAIL FROM:<joe@x.example>\nRCPT TO:<a@y.example>\nDATA\nhello\n' \
    'MAIL FROM:<joe@x.example>\nRCPT TO:<a@y.example>\nDATA\nhello\n.'; do
	fresh
	talk "MAIL FROM:<joe@x.example>\nRCPT TO:<b@y.example>\nDATA\nhi\n.\n$end"
	is "$rc $(arrived) $(queued)" "0 1 0" "end of input behind $end"
done

# What may be said

said()
{
	talk "$1"
	is "$codes" "$2" "$(printf %s "$1" | tr '\\' '|')"
}
said 'MAIL FROM:<joe@x.example>\nMAIL FROM:<joe@x.example>\n' '250 503'
said 'RCPT TO:<a@y.example>\n' 503
said 'DATA\n' 503
said 'MAIL FROM:<joe@x.example>\nDATA\n' '250 503'
said 'MAIL FROM:<joe@x.example>\nRSET\nRCPT TO:<a@y.example>\n' '250 250 503'
said 'MAIL FROM:<joe@x.example>\nEHLO me\nRCPT TO:<a@y.example>\n' \
    '250 250 503'
said 'NOOP\nNOOP x\nHELP\nVRFY joe\nVERB on\nXVRB\nONEX\n' \
    '250 250 214 252 250 250 250'
said 'EHLO\nHELO\n' '501 501'
said 'AUTH PLAIN x\nSTARTTLS\nEXPN x\nETRN x\nBDAT 1\n' '502 502 502 502 502'
said 'GET / HTTP/1.1\n\n\0\nMAILFROM:<joe@x.example>\n' '500 500 500 500'
said 'QUIT now\nNOOP\n' 221

mail()
{
	said "MAIL $1\n" "$2"
}
mail 'FROM:<>' 250
mail 'FROM: <joe@x.example>' 250
mail 'from:<joe>' 250
mail 'FROM:<"joe doe"@x.example>' 250
mail 'FROM:<"a>b\\"c"@x.example>' 250
mail 'FROM:<@a.example,@b.example:joe@x.example>' 250
mail 'FROM:<joe@[192.0.2.1]>' 250
mail 'FROM:<jos\0303\0251@x.example> SMTPUTF8' 250
mail 'FROM:<joe@x.example> SIZE=1000 body=8bitmime BODY=7BIT' 250
mail 'FROM:<joe@x.example> RET=FULL ENVID=a+2Bb' 250
mail 'FROM:<joe@x.example> SIZE=268435457' 552
mail 'FROM:<joe@x.example> SIZE=99999999999999999999' 552
mail 'FROM:<joe@x.example> SIZE=-1' 501
mail 'FROM:<joe@x.example> SIZE=' 501
mail 'FROM:<joe@x.example> SIZE' 555
mail 'FROM:<joe@x.example> BODY=BINARYMIME' 501
mail 'FROM:<joe@x.example> RET=ALL' 501
mail 'FROM:<joe@x.example> RET=FULL RET=HDRS' 501
mail 'FROM:<joe@x.example> ENVID=a=b' 501
mail 'FROM:<joe@x.example> ENVID=a+0Ab' 501
mail 'FROM:<joe@x.example> SMTPUTF8=yes' 555
mail 'FROM:<joe@x.example> AUTH=<>' 555
mail 'FROM:<joe@x.example>SIZE=1' 501
mail 'FROM:<joe@x.example' 501
mail 'FROM:<joe doe@x.example>' 501
mail 'FROM:<joe(x)@x.example>' 501
mail 'FROM:Joe <joe@x.example>' 555
mail 'FROM:<a@x.example,b@x.example>' 501
mail 'FROM:<a@b@x.example>' 501
mail 'FROM:<"joe@x.example>' 501
mail 'FROM:<joe\0001@x.example>' 501
mail 'FROM:<joe\0351@x.example>' 501
mail 'FROM:<<joe@x.example>>' 501
mail 'FROM:' 501
mail 'TO:<joe@x.example>' 501
mail '' 501

rcpt()
{
	said "MAIL FROM:<joe@x.example>\nRCPT $1\n" "250 $2"
}
rcpt 'TO:<a@y.example>' 250
rcpt 'TO:<postmaster>' 250
rcpt 'TO:<a@y.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+2Bb@y.example' 250
rcpt 'TO:<a@y.example> NOTIFY=NEVER' 250
rcpt 'TO:<>' 501
rcpt 'TO:<|prog>' 501
rcpt 'TO:</file>' 501
rcpt 'TO:<a@y.example> NOTIFY=NEVER,DELAY' 501
rcpt 'TO:<a@y.example> NOTIFY=DELAY NOTIFY=DELAY' 501
rcpt 'TO:<a@y.example> ORCPT=a@y.example' 501
rcpt 'TO:<a@y.example> ORCPT=rfc822;' 501
rcpt 'TO:<a@y.example> ORCPT=rfc822;a=b' 501
rcpt 'TO:<a@y.example> SIZE=1' 555
rcpt 'FROM:<a@y.example>' 501
said 'MAIL FROM:<joe@x.example>\nRCPT TO:<a@y.example> X=1\nDATA\n' \
    '250 555 503'

fresh
talk 'EHLO me\nMAIL FROM:<jos\0303\0251@x.example> SMTPUTF8 BODY=8BITMIME RET=HDRS ENVID=q+2Br\nRCPT TO:<"a b"@y.example> NOTIFY=FAILURE ORCPT=rfc822;z+40y\nRCPT TO:<@r.example:c@y.example>\nDATA\n\nh\0303\0251\n.\n'
is "$(tr -d '\r' <"$T/smarthost/1.env" | sed 's/ SIZE=[0-9]*//' | tr '\n' '|')" \
    "MAIL FROM:<jos$(printf '\303\251')@x.example> BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=q+2Br|RCPT TO:<\"a b\"@y.example> NOTIFY=FAILURE ORCPT=rfc822;z+40y|RCPT TO:<c@y.example>|" \
    "what is said of a message goes with it"
ok "an address in the reply breaks nothing" \
    test "$(grep -c '[^ -~[:cntrl:]]' "$T/out")" = 0

# Dots, and whose line ends count

text()
{
	fresh
	talk "MAIL FROM:<joe@x.example>$2RCPT TO:<a@y.example>$2DATA$2Date: d$2From: f@x.example$2Message-ID: <i@x>$2$2$3"
	sed '1,/^\r$/d' "$T/smarthost/1.msg" >"$T/got"
	printf %b "$4" >"$T/want"
	same_file "$T/got" "$T/want" "$1"
	is "$(arrived) ${codes#250 250 354 }" "1 $5" "$1: one message"
}
text "CRLF" '\r\n' 'hi\r\n.\r\nQUIT\r\n' 'hi\r\n' '250 221'
text "CRLF: dots" '\r\n' '..\r\n...\r\n..hi\r\n.hi\r\nh.i.\r\n.\r\n' \
    '.\r\n..\r\n.hi\r\nhi\r\nh.i.\r\n' 250
text "CRLF: LF . LF" '\r\n' 'hi\n.\nMAIL FROM:<evil@x.example>\n\r\n.\r\n' \
    'hi\r\n.\r\nMAIL FROM:<evil@x.example>\r\n\r\n' 250
text "CRLF: LF . CRLF" '\r\n' 'hi\n.\r\nRSET\r\n.\r\n' 'hi\r\n.\r\nRSET\r\n' 250
text "CRLF: CRLF . LF" '\r\n' 'hi\r\n.\nRSET\r\n.\r\n' 'hi\r\n\r\nRSET\r\n' 250
text "CRLF: CR . CR" '\r\n' 'hi\r.\rRSET\r\n.\r\n' 'hi . RSET\r\n' 250
text "CRLF: CRLF . CR CRLF" '\r\n' 'hi\r\n.\r\r\nRSET\r\n.\r\n' \
    'hi\r\n\r\nRSET\r\n' 250
text "CRLF: LF .." '\r\n' 'hi\n..hi\r\n.\r\n' 'hi\r\n..hi\r\n' 250
text "CRLF: NUL" '\r\n' 'h\0i\r\n.\0\r\n.\r\n' 'h i\r\n \r\n' 250
text "LF" '\n' 'hi\n.\nQUIT\n' 'hi\r\n' '250 221'
text "LF: dots" '\n' '..\n...\n..hi\n.hi\n.\n' '.\r\n..\r\n.hi\r\nhi\r\n' 250
text "LF: a text in CRLF" '\n' 'hi\r\n..\r\n.\r\nQUIT\n' 'hi\r\n.\r\n' '250 221'
text "LF: . CR CR LF" '\n' 'hi\n.\r\r\n.\n' 'hi\r\n\r\n' 250
text "no body" '\r\n' '.\r\n' '' 250

# The text as it was, through all edges of what is read at once.
perl -e 'print "." x ($_ % 3), "x" x ($_ % 700), "\n" for 1 .. 20000' >"$T/body"
{
	printf 'MAIL FROM:<joe@x.example>\r\nRCPT TO:<a@y.example>\r\nDATA\r\n\r\n'
	sed 's/^\./../; s/$/\r/' "$T/body"
	printf '.\r\nQUIT\r\n'
} >"$T/in"
fresh
run "$SENDMAIL" -bs <"$T/in"
sed '1,/^\r$/d' "$T/smarthost/1.msg" | tr -d '\r' >"$T/got"
same_file "$T/got" "$T/body" "7 MB: octet for octet"

# Refusals: the reply to the dot

refused()
{
	fresh "$1"
	dot a@y.example
	is "$answer" "$2" "$1"
	is "$rc $(queued) $(arrived)" "0 0 0" "$1: nothing is kept, nothing went"
}
refused 'RCPT * 550 5.1.1 who' '550 5.1.1 who'
refused 'RCPT * 551 moved' '551 moved'
refused 'RCPT * 553 5.1.3 bad' '553 5.1.3 bad'
refused 'RCPT * 554 5.7.1 no' '554 5.7.1 no'
refused 'RCPT * 501 5.1.3 bad' '501 5.1.3 bad'
refused 'MAIL * 550 5.1.0 not you' '554 5.1.0 not you'
refused 'MAIL * 553 5.7.1 not owned' '554 5.7.1 not owned'
refused 'MAIL * 501 5.1.7 bad' '501 5.1.7 bad'
refused 'MAIL * 552 5.3.4 big' '552 5.3.4 big'
refused 'DATA 551 no' '554 no'
refused 'DOT 550 5.7.1 spam' '554 5.7.1 spam'
refused 'DOT 550 spam' '554 spam'
refused 'DOT 552 5.3.4 big' '552 5.3.4 big'
refused 'DOT 554 5.6.0 bad' '554 5.6.0 bad'

fresh 'RCPT a* 550 5.1.1 who' 'RCPT b* 553 5.1.3 bad'
dot a@y.example b@y.example
is "$answer" '550 5.1.1 who' "two refused by name: the first"
fresh 'RCPT a* 550 5.1.1 who' 'RCPT b* 554 5.7.1 no'
dot a@y.example b@y.example
is "$answer" '554 5.7.1 no' "one refused by name: the other"
fresh 'RCPT a* 550 5.1.1 who' 'DOT 550 5.7.1 spam'
dot a@y.example b@y.example
is "$answer" '554 5.7.1 spam' "the text was refused: its reply"
fresh 'RCPT a* 550 5.1.1 who'
dot a@y.example b@y.example
like "$answer" '^250 2.0.0 Ok: ' "refused beside accepted is 250"
is "$(arrived) $(queued)" "1 1" "and a report waits"
like "$("$MAILQ")" 'MAILER-DAEMON' "from nobody"
fresh 'RCPT * 550 5.1.1 who'
talk 'MAIL FROM:<joe@x.example>\nRCPT TO:<a@y.example>\nDATA\n\n.\n' -oem
is "$codes $(queued)" "250 250 354 550 0" "-oem: the reply is the report"

for rule in 'GREETING 554 no' 'GREETING close' 'AUTH * 535 5.7.8 no' \
    'MAIL * 451 later' 'RCPT * 451 later' 'DOT 451 later' 'DOT close'; do
	fresh "$rule"
	dot a@y.example
	id=${answer#250 2.0.0 Ok: queued as }
	ok "$rule: queued, and by its name" test -f "$HOME/.queue/active/$id"
	rules
	run "$SENDMAIL" -q
	is "$(arrived) $(queued)" "1 0" "$rule: then it is sent, once"
done
fresh 'MAIL[1] * 451 later'
talk 'MAIL FROM:<joe@x.example>\nRCPT TO:<a@y.example>\nDATA\n1\n.\nMAIL FROM:<joe@x.example>\nRCPT TO:<b@y.example>\nDATA\n2\n.\n'
is "$(arrived) $(queued) $(connects)" "1 1 1" \
    "who is put off does not hold up the next"
fresh
: >"$T/config"
chmod 600 "$T/config"
echo '[smarthost' >"$T/config"
ONEHOP_CONF=$T/config dot a@y.example
like "$answer $(queued)" '^250 2.0.0 Ok: queued as [0-9A-F]{16} 1$' \
    "a broken configuration: queued"

# Where nothing is kept

conf_write '[queue]' 'keep = no'
later()
{
	fresh "$1"
	dot a@y.example
	like "$answer" "$2" "keep = no: $1"
	is "$rc $(queued) $(arrived)" "0 0 0" "keep = no: nothing is"
}
later 'RCPT * 451 4.2.1 later' '^451 4\.2\.1 later$'
later 'DOT 452 4.2.2 full' '^452 4\.2\.2 full$'
later 'GREETING 554 no' '^451 4\.3\.0 .*554 no'
later 'AUTH * 535 5.7.8 no' '^451 4\.3\.0 .*535 5\.7\.8 no'
fresh 'RCPT a* 550 5.1.1 who'
dot a@y.example b@y.example
is "$answer" '554 5.1.1 who' "keep = no: refused beside accepted is 554"
like "$(cat "$T/out")" '^554-5.0.0 b@y.example: accepted' \
    "and it says who was accepted"
smarthost_stop
talk 'MAIL FROM:<joe@x.example>\nRCPT TO:<a@y.example>\nDATA\n1\n.\nMAIL FROM:<joe@x.example>\nRCPT TO:<b@y.example>\nDATA\n2\n.\n'
is "$codes" "250 250 354 451 250 250 354 451" "keep = no: nobody answers"
smarthost_start
conf_write

# How it is sent

conf_write '[queue]' 'runner = yes'
fresh
talk 'MAIL FROM:<joe@x.example>\nRCPT TO:<a@y.example>\nDATA\n1\n.\n' -odq
like "$(tail -n 1 "$T/out")" '^250 2.0.0 Ok: queued as [0-9A-F]{16}' "-odq"
sleep 0.5
is "$(arrived) $(queued) $(ours)" "0 1 " "-odq: nobody is about to send it"
conf_write '[queue]' 'runner = yes' 'delivery = queue'
fresh
talk 'MAIL FROM:<joe@x.example>\nRCPT TO:<a@y.example>\nDATA\n1\n.\n'
sleep 0.5
is "$(arrived) $(queued) $(ours)" "0 1 " "delivery = queue: nor here"
conf_write
fresh
printf 'MAIL FROM:<joe@x.example>\nRCPT TO:<a@y.example>\nDATA\n1\n.\n' >"$T/in"
all=$("$SENDMAIL" -bs -ov -om <"$T/in" 2>&1)
is "$(arrived) $(echo "$all" | wc -l)" "1 5" \
    "-v: nmh has both outputs in one pipe, and sees replies only"
fresh 'GREETING until go'
conf_write '[queue]' 'patience = 1s' 'retry = 1h'
talk 'MAIL FROM:<joe@x.example>\nRCPT TO:<a@y.example>\nDATA\n1\n.\nMAIL FROM:<joe@x.example>\nRCPT TO:<b@y.example>\nDATA\n2\n.\n' -odb
is "$codes $(queued)" "250 250 354 250 250 250 354 250 2" "-odb: both are stored"
: >"$T/go"
ok "-odb: and go" await 20 has_arrived 2
ok "-odb: nothing is left behind" await 10 has_queued 0

for stage in GREETING RCPT DOT; do
	fresh "$stage[1] until go"
	begun=$(date +%s%3N)
	all=$(printf 'MAIL FROM:<joe@x.example>\nRCPT TO:<a@y.example>\nDATA\n1\n.\nMAIL FROM:<joe@x.example>\nRCPT TO:<b@y.example>\nDATA\n2\n.\nNOOP\nQUIT\n' |
	    "$SENDMAIL" -bs 2>&1; echo "rc $?")
	took=$(($(date +%s%3N) - begun))
	is "$(echo "$all" | tr -d '\r' | sed 's/[0-9A-F]\{16\}/ID/; s/^354.*/354/' | tail -n 9 | tr '\n' '|')" \
	    '354|250 2.0.0 Ok: queued as ID|250 2.1.0 Ok|250 2.1.5 Ok|354|250 2.0.0 Ok: queued as ID|250 2.0.0 Ok|221 2.0.0 bye|rc 0|' \
	    "$stage: patience ends, and the dialogue goes on ($took ms)"
	is "$(queued)" 2 "$stage: both are on disk"
	: >"$T/go"
	ok "$stage: both arrive" await 20 has_arrived 2
	ok "$stage: nothing is left behind" await 10 has_queued 0
	is "$(arrived) $(cat "$T"/smarthost/*.env | grep -c 'RCPT TO:<a@')" "2 1" \
	    "$stage: each once"
done

fresh 'DOT joe@x.example until go 550 5.7.1 spam'
dot a@y.example
like "$answer" '^250 2.0.0 Ok: queued as' "refused too late for a reply: 250"
: >"$T/go"
ok "then by mail" await 20 grep -qs 'RCPT TO:<joe@x.example>' \
    "$T/smarthost/1.env"
conf_write

fresh
mkdir -m 700 "$HOME/.queue"
"$SENDMAIL" -odq -f old@x.example z@y.example <"$T/in"
conf_write '[queue]' 'retry = 1h'
dot a@y.example
ok "what was due goes with it, too" await 10 has_arrived 2
is "$(connects)" 1 "over the same connection"
await 10 has_queued 0
conf_write

# SIGTERM

mkfifo "$T/pipe"
for wait in 'RCPT until go' 'DOT until go'; do
	fresh "$wait"
	"$SENDMAIL" -bs <"$T/pipe" >"$T/out" 2>&1 & pid=$!
	exec 9>"$T/pipe"
	printf 'MAIL FROM:<joe@x.example>\nRCPT TO:<a@y.example>\nDATA\n1\n.\n' >&9
	await 10 grep -q -- '-- until' "$T/smarthost.log"
	kill -TERM $pid
	sleep 0.2
	: >"$T/go"
	wait $pid 2>/dev/null
	rc=$?
	exec 9>&-
	case $wait in
	RCPT*) is "$rc $(arrived) $(queued)" "143 0 0" "SIGTERM ahead of the dot" ;;
	DOT*)
		is "$rc $(arrived) $(queued)" "143 1 0" "SIGTERM behind it"
		like "$(tail -n 1 "$T/out")" '^250 2.0.0 Ok' "waits for the reply"
		;;
	esac
done

# Limits

fresh
long=$(head -c 4100 /dev/zero | tr '\0' x)
talk "NOOP $long\nNOOP\n"
is "$codes" "500 250" "a line that is too long"
{
	head -c 2000000 /dev/zero
	printf '\nNOOP\n'
} >"$T/in"
run "$SENDMAIL" -bs <"$T/in"
like "$rc $(tail -n 1 "$T/out")" '^0 421 4.7.0' "a line that does not end"
i=0 all=
while [ $i -lt 120 ]; do
	all="${all}NOOP\n"
	i=$((i + 1))
done
talk "$all"
is "$(grep -c '^250' "$T/out")" 100 "a hundred commands for nothing"
like "$rc $(tail -n 1 "$T/out")" '^0 421 4.7.0' "then it is over"
{
	echo 'MAIL FROM:<joe@x.example>'
	seq 100002 | sed 's/.*/RCPT TO:<r&@y.example>/'
	printf 'RSET\nNOOP\n'
} >"$T/in"
rss "$SENDMAIL" -bs <"$T/in"
is "$(cut -c1-9 "$T/out" | sort | uniq -c | tr -s ' ' | tr '\n' '|')" \
    ' 1 220 web1 | 2 250 2.0.0| 1 250 2.1.0| 100000 250 2.1.5| 2 452 4.5.3|' \
    "100000 recipients, and no more"
ok "in $peak kB" test "$peak" -lt "$(limit 40000)"
perl -e 'print "MAIL FROM:<joe\@x.example>\nRCPT TO:<a\@y.example>\nDATA\n",
    "X: ", "x" x 70, "\n" for 1; print "Y: ", "y" x 70, "\n" for 1 .. 20000;
    print "\n.\nNOOP\n"' >"$T/in"
run "$SENDMAIL" -bs <"$T/in"
is "$(tail -n 2 "$T/out" | cut -c1-9 | tr '\n' '|')" '554 5.6.0|250 2.0.0|' \
    "a header without an end is refused, and read past"
is "$(queued) $(arrived)" "0 0" "nothing of it is kept"
if [ -n "${TORTURE:-}" ]; then
	{
		printf 'MAIL FROM:<joe@x.example>\nRCPT TO:<a@y.example>\nDATA\n\n'
		yes "$(head -c 1000 /dev/zero | tr '\0' x)" | head -c 270000000
		printf '\n.\nNOOP\n'
	} | "$SENDMAIL" -bs >"$T/out"
	is "$(tail -n 2 "$T/out" | cut -c1-9 | tr '\n' '|')" \
	    '552 5.3.4|250 2.0.0|' "more octets than SIZE says"
	yes | { printf 'MAIL FROM:<joe@x.example>\nRCPT TO:<a@y.example>\nDATA\n\n'
		cat; } | "$SENDMAIL" -bs >"$T/out"
	like "$(tail -n 1 "$T/out")" '^421 4.7.0' "a text that does not end"
fi

# poll(2) says at once that five minutes are over; how long it was asked to wait
# is in the trace.
run strace -o "$T/trace" -e trace=poll -e inject=poll:retval=0:when=2 \
    "$SENDMAIL" -bs <"$T/pipe" & pid=$!
exec 9>"$T/pipe"
wait $pid
exec 9>&-
like "$(tail -n 1 "$T/out")" '^421 4.4.2 web1 ' "five minutes of silence are 421"
like "$(grep INJECTED "$T/trace")" 'fd=0.*, (300000|2999[0-9]{2}))' \
    "and five minutes they are"

# A session that brings no message, where a runner is wanted

conf_write '[queue]' 'retry = 1h'
for session in '' 'QUIT' 'EHLO me\nMAIL FROM:<a@x.example>\nRSET\nQUIT'; do
	rm -rf "$HOME/.queue"
	printf "$session\n" >"$T/in"
	run "$SENDMAIL" -bs <"$T/in"
	is "$rc $(ls -A "$HOME/.queue" 2>/dev/null)" "0 " \
	    "'$session': it ends well, and leaves nothing"
done
conf_write '[queue]' 'retry = 1h' 'delivery = queue'
printf '%s\n' 'EHLO me' 'MAIL FROM:<a@x.example>' 'RCPT TO:<b@y.example>' \
    DATA 'Subject: hi' '' hello . QUIT >"$T/in"
run "$SENDMAIL" -bs <"$T/in"
is "$rc $(queued)" "0 1" "nor does one whose message is only stored"

done_testing
