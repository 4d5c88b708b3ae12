#!/bin/sh
# SPDX-License-Identifier: ISC
# A report is what RFC 3464 says, whatever was refused, whoever sent it to whom,
# and whatever a server says; t/report.pl reads it as a stranger would.
. "${0%/*}/lib.sh"

ca_make
conf_write
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"

# The message that went to <> last, with its .env beside it.
last_report()
{
	grep -l '^MAIL FROM:<>' "$T/smarthost"/*.env | sort -V | tail -n 1 |
	    sed 's/env$/msg/'
}

# Read the report; what it says is in $T/report.
read_report()
{
	perl "$TOP/t/report.pl" "$(last_report)" >"$T/report" 2>&1 ||
	    echo "problem: perl failed" >>"$T/report"
}

# Store a message, have it refused by these rules, and deliver what is left.
refuse()
{
	fresh
	"$SENDMAIL" -odq "$@" <"$T/in" || diag "not stored"
	"$SENDMAIL" -q || diag "not run"
	rules
	"$SENDMAIL" -q || diag "not reported"
	read_report
}

# claim DESCRIPTION: the report is sound, there is but one, nothing is left.
sound()
{
	is "$(grep ^problem "$T/report")" "" "$1: it is sound"
	is "$(cat "$T/smarthost"/*.env | grep -c '^MAIL FROM:<>') $(queued)" \
	    "1 0" "$1: there is one, and nothing is left"
}

says()
{
	like "$(cat "$T/report")" "$1" "$2"
}

never_says()
{
	unlike "$(cat "$T/report")" "$1" "$2"
}

smarthost_start

# Two recipients

rules 'RCPT a@* 550 5.1.1 who is that' 'RCPT b@* 554 no'
refuse -f joe@x.example a@y.example b@y.example
sound "two refused"
is "$(cat "$(last_report | sed 's/msg$/env/')")" \
    "MAIL FROM:<> SIZE=$(wc -c <"$(last_report)")
RCPT TO:<joe@x.example> NOTIFY=NEVER" "it goes from <> to the sender"
says '^header From "?Mail Delivery System"? <MAILER-DAEMON@web1.example.org>$' \
    "it is from the mailer daemon of this host"
says '^header To joe@x.example$' "to the sender"
says '^header Subject Undelivered mail returned to sender$' "with a subject"
says '^header Message-ID <[0-9A-F]{16}@web1.example.org>$' "and an ID"
says '^message Reporting-MTA dns; web1.example.org$' "it names this host in full"
says "^message Arrival-Date .* $(date +%Y) " "and when the message came"
never_says '^message Original-Envelope-Id' "no ENVID that was not given"
says '^message X-Queue-Id [0-9A-F]{16}$' "and the ID that the log has"
says '^recipients 2$' "two recipients"
says '^1 Final-Recipient rfc822; a@y.example$' "the first"
says '^1 Action failed$' "has failed"
says '^1 Status 5.1.1$' "with the server's status"
says '^1 Diagnostic-Code smtp; 550 5.1.1 who is that$' "in its words"
says '^1 Last-Attempt-Date ' "and a date"
never_says '^1 Original-Recipient' "no ORCPT that was not given"
says '^2 Final-Recipient rfc822; b@y.example$' "the second"
says '^2 Status 5.0.0$' "has no status of the server's"
says '^2 Diagnostic-Code smtp; 554 no$' "but words"
says '^people <a@y.example>:$' "a person finds the recipient"
says '^people +550 5.1.1 who is that$' "and why"
says '^third text/rfc822-headers 7bit ' "the header comes along"
perl "$TOP/t/report.pl" -3 "$(last_report)" >"$T/third"
is "$(tr -d '\r' <"$T/third" | grep -v '^Date:\|^Message-ID:')" \
    "From: joe@x.example
Subject: hi" "all of it, and nothing else"

# A report does not depend on what else is in the envelope.

rules 'RCPT b@* 550 5.1.1 who' 'RCPT c@* 451 later'
refuse -f joe@x.example a@y.example b@y.example c@y.example
sound "beside others"
says '^recipients 1$' "who was accepted or waits is not in it"
never_says 'a@y|c@y' "nor named"
is "$(arrived)" 3 "the others have their mail"

# Many

set --
n=1
while [ $n -le 500 ]; do
	set -- "$@" "r$n@y.example"
	n=$((n + 1))
done
rules 'RCPT * 550 5.1.1 who is that'
refuse -f joe@x.example "$@"
sound "500 refused"
says '^recipients 500$' "500 recipients in one report"
is "$(sed -n 's/^[0-9]* Final-Recipient rfc822; //p' "$T/report" | sort -u | wc -l)" \
    500 "each is there once"

# What servers say

words()
{
	rules "RCPT * $1"
	refuse -f joe@x.example a@y.example
	sound "$3"
	is "$(sed -n 's/^1 Diagnostic-Code smtp; //p' "$T/report" | cut -c 1-100)" \
	    "$2" "$3: the words"
}
words 'raw 550 5.1.1 a\x1b[31mred\x07\x08\x7f\r\n' '550 5.1.1 a?[31mred???' \
    "control characters"
words 'raw 550 5.1.1 a\tb\r\n' '550 5.1.1 a b' "a tab"
words 'raw 550 5.1.1 %n%n%s%s%1000d\r\n' '550 5.1.1 %n%n%s%s%1000d' \
    "the directives of printf"
words 'raw 550 5.1.1 caf\xc3\xa9 \xff\xe2\x80\xae\r\n' '550 5.1.1 caf?? ????' \
    "what is no ASCII"
words 'raw 550 5.1.1 a\rFinal-Recipient: x\r\n' \
    '550 5.1.1 a?Final-Recipient: x' "a bare CR"
words '550 5.1.1 one\n5.1.1 two' '550 5.1.1 one / 5.1.1 two' "two lines"
words '550' '550' "no words"
words "550 5.1.1 x$(printf '%300s' '')y" '550 5.1.1 x y' "many blanks"
words "550 5.1.1 $(printf '%300s' '')" '550 5.1.1' "nothing but blanks"
long=$(printf '%4000s' '' | tr ' ' x)
words "550 5.1.1 $long" "550 5.1.1 $(echo "$long" | cut -c 1-90)" "4 kB"
long=$(printf '%2000s' '' | sed 's/  / x/g')
words "550 5.1.1$long" "550 5.1.1$(echo "$long" | cut -c 1-91)" "1000 words"

status()
{
	rules "RCPT * $1"
	refuse -f joe@x.example a@y.example
	sound "'$1'"
	is "$(sed -n 's/^1 Status //p' "$T/report")" "$2" "'$1' is $2"
}
status '550 5.-1.1 who' 5.0.0
status '550 5.+1.1 who' 5.0.0
status '550 5.1234.1 who' 5.0.0
status '550 5.1.999 who' 5.1.999
status '550 5.1 who' 5.0.0
status '550 4.7.1 who' 5.0.0
status '550 6.6.0 who' 5.0.0
status '550 2.1.5 fine' 5.0.0
status '550 5.1.1: who' 5.1.1

# RET and the message

rules 'RCPT * 550 5.1.1 who'
refuse -R full -f joe@x.example a@y.example
sound "RET=FULL"
says '^third message/rfc822 7bit ' "RET=FULL brings the message"
perl "$TOP/t/report.pl" -3 "$(last_report)" >"$T/third"
is "$(tail -n 1 "$T/third")" "$(printf 'hello\r')" "to its end"

{
	printf 'From: joe@x.example\nSubject: hi\n\n'
	perl -e 'print "h\xc3\xa9llo " x 11, "\n" for 1 .. 13500'
} >"$T/big"
cp "$T/in" "$T/small"
cp "$T/big" "$T/in"
rules 'RCPT * 550 5.1.1 who'
refuse -R full -f joe@x.example a@y.example
sound "RET=FULL of 1 MB with 8-bit octets"
says '^third message/rfc822 8bit 1[0-9]{6}' "it is there, and said to be 8bit"
says '^header Content-Transfer-Encoding 8bit$' "and so is the whole"
says '^people <a@y' "what people read"
like "$(cat "$(last_report | sed 's/msg$/env/')")" 'BODY=8BITMIME' \
    "and the server knows it"
perl "$TOP/t/report.pl" -3 "$(last_report)" | sed '1,/^\r$/d' >"$T/third"
sed '1,/^$/d' "$T/big" | wire >"$T/want"
same_file "$T/third" "$T/want" "the body is the same, octet for octet"

# What could not travel does not within a report either.
for words in '554 5.6.1 no 8-bit' '552 5.3.4 too large' '552 too large' \
    '550 5.2.3 too large for him'; do
	rules "DOT[1] $words"
	refuse -R full -f joe@x.example a@y.example
	sound "RET=FULL of what got $words"
	says '^third text/rfc822-headers 7bit ' "$words: its header travels"
done
for words in '552 5.2.2 full' '554 5.7.0 spam'; do
	rules "DOT[1] $words"
	refuse -R full -f joe@x.example a@y.example
	says '^third message/rfc822 8bit ' "$words: all of it travels"
done

rules 'RCPT * 550 5.1.1 who'
refuse -R hdrs -f joe@x.example a@y.example
sound "RET=HDRS of an 8-bit body"
says '^header Content-Transfer-Encoding 7bit$' "without the body it is 7bit"
unlike "$(cat "$(last_report | sed 's/msg$/env/')")" 'BODY=8BITMIME' \
    "and needs no 8BITMIME"

printf 'From: joe@x.example\nSubject: h\303\251\n\nhello\n' >"$T/in"
rules 'RCPT * 550 5.1.1 who'
refuse -f joe@x.example a@y.example
sound "an 8-bit header"
says '^third text/rfc822-headers 8bit ' "an 8-bit header is 8bit"
says '^people <a@y' "while people read ASCII"

{
	perl -e 'print "X-Long: ", "x" x 50, "\n" for 1 .. 1000'
	printf '\nhello\n'
} >"$T/in"
rules 'RCPT * 550 5.1.1 who'
refuse -f joe@x.example a@y.example
sound "a header of 60 kB"
is "$(perl "$TOP/t/report.pl" -3 "$(last_report)" | grep -c ^X-Long)" 1000 \
    "all of a large header comes along"
cp "$T/small" "$T/in"

# Addresses

rules 'RCPT * 550 5.1.1 who'
refuse -f "$(printf 'j\303\266e@x.example')" \
    "$(printf 'b\303\274+c=d@y.example')" a@y.example
sound "addresses beyond ASCII"
says '^1 Final-Recipient utf-8; b\\x\{FC}\\x\{2B}c\\x\{3D}d@y.example$' \
    "a recipient goes by numbers"
says '^2 Final-Recipient rfc822; a@y.example$' "and another does not"
says "^people <$(printf 'b\303\274\\+c=d')@y.example>:" "people read him as he is"
like "$(cat "$(last_report | sed 's/msg$/env/')")" \
    "$(printf '^RCPT TO:<j\303\266e@x.example>')" "the report goes to the sender"
like "$(cat "$(last_report | sed 's/msg$/env/')")" '^MAIL .*SMTPUTF8' \
    "and asks for SMTPUTF8"

rules 'RCPT * 550 5.1.1 who'
refuse -f joe@x.example '"a b\"c"@y.example' '"x\\y"@y.example'
sound "quoted names"
says '^1 Final-Recipient rfc822; "a b\\"c"@y.example$' "a quoted name stays quoted"

long=$(printf '%950s' '' | tr ' ' x)
rules 'RCPT * 550 5.1.1 who'
refuse -f joe@x.example "$long@y.example"
sound "an address of 960 octets"

rules 'RCPT bob@* 550 5.1.1 who'
refuse -f joe@x.example bob
sound "a bare recipient"
says '^1 Final-Recipient rfc822; bob@web1.example.org$' \
    "a bare name has its domain, as on the wire"

rules 'RCPT a@* 550 5.1.1 who'
refuse a@y.example
sound "a bare sender"
says '^header To root@web1.example.org$' "and so has a bare sender"

# NOTIFY, ENVID, ORCPT

rules 'RCPT * 550 5.1.1 who'
refuse -V 'QQ+2B31+3D' -N failure -f joe@x.example a@y.example
sound "NOTIFY=FAILURE"
says '^message Original-Envelope-Id QQ\+31=$' "ENVID comes back, decoded"
for envid in 'a+20+20b+2Dc' '+20a+20' \
    "$(printf '%025d' 0 | sed 's/0/+20x/g')"; do
	rules 'RCPT * 550 5.1.1 who'
	refuse -V "$envid" -f joe@x.example a@y.example
	sound "ENVID $envid"
	plain=$(printf '%s.' "$envid" | sed 's/+20/ /g; s/+2D/-/g')
	is "$(tr -d '\r' <"$(last_report)" |
	    sed -n 's/^Original-Envelope-Id: \(.*\)/\1./p')" "$plain" \
	    "it comes back as it was, blank for blank"
done
for notify in never success delay success,delay; do
	rules 'RCPT * 550 5.1.1 who'
	refuse -N $notify -f joe@x.example a@y.example 2>/dev/null
	is "$(arrived) $(queued)" "0 0" "NOTIFY=$notify: no report, nothing is left"
	like "$(cat "$T/log")" 'to=<a@y.example>.*status=refused' \
	    "NOTIFY=$notify: the log has it"
done

fresh
"$SENDMAIL" -odq -f joe@x.example a@y.example b@y.example c@y.example <"$T/in"
f=$(find "$HOME/.queue/active" -type f)
perl "$TOP/t/record.pl" "$f" \
    header 'to a@y.example' 'to a@y.example notify=never' \
    header 'to b@y.example' \
    'to b@y.example notify=failure,delay orcpt=rfc822;b+2B2Bold+2B0AX-Evil:+2B20x@z.example' ||
    diag "cannot alter"
rules 'RCPT * 550 5.1.1 who'
run "$SENDMAIL" -q
rules
run "$SENDMAIL" -q
read_report
sound "each recipient's own NOTIFY"
says '^recipients 2$' "who wants no report is in none"
says '^1 Original-Recipient rfc822; b\+old\?X-Evil: x@z.example$' \
    "ORCPT comes back, decoded, and breaks no line"
says '^1 Final-Recipient rfc822; b@y.example$' "beside who was tried"

# Aliases

conf_write '[aliases]' 'team = a@y.example, b@y.example'
rules 'RCPT b@* 550 5.1.1 who'
refuse -f joe@x.example team
sound "one behind an alias"
says '^1 Original-Recipient rfc822; team@web1.example.org$' \
    "the name that the sender wrote"
says '^1 Final-Recipient rfc822; b@y.example$' "and who it led to"
says '^recipients 1$' "the other has his mail"

conf_write '[aliases]' 'root = admin@z.example'
rules 'RCPT a@* 550 5.1.1 who'
refuse a@y.example
is "$(tail -n 1 "$(last_report | sed 's/msg$/env/')")" \
    "RCPT TO:<admin@z.example> NOTIFY=NEVER" \
    "a report to a local sender goes through the aliases"

# From

conf_write '[sender]' 'address = web@z.example'
rules 'RCPT a@* 550 5.1.1 who'
refuse -f joe@x.example a@y.example
sound "with an address"
says '^header From "?Mail Delivery System"? <web@z.example>$' \
    "its From is address if set"
conf_write 'address = smart@z.example' '[sender]' 'address = web@z.example'
rules 'RCPT a@* 550 5.1.1 who'
refuse -f joe@x.example a@y.example
says '^header From "?Mail Delivery System"? <smart@z.example>$' \
    "the smarthost's own address comes first"
conf_write

# MAIL and the text

for rule in 'MAIL joe@* 550 5.1.0 not you' 'DATA joe@* 554 5.3.0 no' \
    'DOT joe@* 554 5.6.0 spam'; do
	rules "$rule"
	refuse -f joe@x.example a@y.example b@y.example
	sound "$rule"
	says '^recipients 2$' "$rule: all are in it"
	says "^1 Diagnostic-Code smtp; ${rule#* * }" "$rule: in these words"
done

done_testing
