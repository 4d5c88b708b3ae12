#!/bin/sh
# SPDX-License-Identifier: ISC
# Who is told of a refusal, and how: the caller by code and words, the sender by
# mail, and, where nobody may be told by mail, whoever looks into failed.
. "${0%/*}/lib.sh"

ca_make
conf_write
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"

send()
{
	run "$SENDMAIL" "$@" <"$T/in"
}

flush()
{
	run "$SENDMAIL" -q
}

in_folder()
{
	find "$HOME/.queue/$1" -type f 2>/dev/null | wc -l | tr -d ' '
}

# FROM and TO of all that arrived, in order.
ways()
{
	for env in $(find "$T/smarthost" -name '*.env' | sort -V); do
		sed -n 's/^MAIL FROM:<\([^>]*\)>.*/\1:/p
		    s/^RCPT TO:<\([^>]*\)>.*/\1/p' "$env"
	done | tr '\n' ' '
}

smarthost_start

# All refused while the caller waits

for mode in '' -oep -oem -oew -oeq -oee; do
	rules 'RCPT *@y.example 550 5.1.1 who'
	fresh
	send $mode -f joe@x.example a@y.example b@y.example
	case $mode in
	-oee) want='0 0 1' ;;
	-oeq) want='67 0 0' ;;
	-oem | -oew) want='67 2 1' ;;
	*) want='67 2 0' ;;
	esac
	is "$rc $(wc -l <"$T/err" | tr -d ' ') $(queued)" "$want" \
	    "'$mode': code, lines on stderr, reports"
	is "$(wc -c <"$T/out" | tr -d ' ')" 0 "'$mode': stdout stays empty"
	flush
	want=
	case $mode in -oe[emw]) want=': joe@x.example ' ;; esac
	is "$rc $(queued) $(ways)" "0 0 $want" "'$mode': what arrives in the end"
done

for mode in -oem -oee; do
	for rule in 'MAIL joe@* 550 5.1.0 not you' 'DATA 554 no' \
	    'DOT joe@* 550 5.7.1 spam'; do
		rules "$rule"
		fresh
		send $mode -f joe@x.example a@y.example
		rules
		flush
		is "$(queued) $(ways)" "0 : joe@x.example " "$mode: '$rule': a report"
	done
	rules 'RCPT * 550 5.1.1 who'
	fresh
	send $mode -N never -f joe@x.example a@y.example
	[ $mode = -oee ] && want=0 || want=67
	is "$rc $(queued)" "$want 0" "$mode: no report is made that nobody wants"
	fresh
	send $mode -f '<>' a@y.example
	[ $mode = -oee ] && want='0 0 1' || want='67 0 0'
	is "$rc $(in_folder active) $(in_folder failed)" "$want" \
	    "$mode: none is made for <>"
done
rules 'RCPT * 550 5.1.1 who'
conf_write '[queue]' 'keep = no'
fresh
send -oee -f joe@x.example a@y.example
is "$rc $(queued)" "67 0" "-oee without a queue: the code"
conf_write

# Refused beside others

rules 'RCPT a@* 550 5.1.1 who'
fresh
send -f joe@x.example a@y.example b@y.example
is "$rc $(queued)" "0 1" "refused beside accepted: exit 0, and a report"
silent "and silence"
flush
is "$(queued) $(ways)" "0 joe@x.example: b@y.example : joe@x.example " \
    "each has what is his"
rules 'RCPT a@* 550 5.1.1 who' 'RCPT c@* 451 later'
fresh
send -f joe@x.example a@y.example b@y.example c@y.example
is "$rc $(queued)" "0 2" "refused beside deferred: exit 0, and a report"
unlike "$("$MAILQ")" 'a@y.example' "who was refused and reported waits no more"
flush
flush
is "$(queued) $(ways)" "1 joe@x.example: b@y.example : joe@x.example " \
    "the report goes, and is not made again"
rules
flush
is "$(queued) $(arrived)" "0 3" "and the last recipient is served"

rules 'RCPT a@* 550 5.1.1 who'
fresh
send -N never -f joe@x.example a@y.example b@y.example
is "$rc $(queued) $(arrived)" "0 0 1" "NOTIFY=NEVER beside accepted: exit 0"
like "$(cat "$T/log")" 'to=<a@y.example>.*status=refused' "and the log has it"
fresh
send -f '<>' a@y.example b@y.example
is "$rc $(in_folder failed) $(arrived)" "0 1 1" \
    "from <>, beside accepted: exit 0, it lies in failed"
like "$("$MAILQ")" 'a@y.example' "where mailq shows who was refused"
unlike "$("$MAILQ")" 'b@y.example' "and nobody else"
flush
is "$(in_folder failed) $(arrived)" "1 1" "a run leaves it there"

fresh
rm -rf "$HOME/.queue"
: >"$HOME/.queue"
send -f joe@x.example a@y.example b@y.example
is "$rc $(arrived)" "69 1" "no queue: refused beside accepted is 69"
is "$(cat "$T/err")" "sendmail: a@y.example: refused: 550 5.1.1 who
sendmail: b@y.example: accepted" "and stderr names both"
rm -f "$HOME/.queue"

# In the background the caller is gone: the sender is told by mail

rules 'RCPT a@* 550 5.1.1 who'
fresh
send -odb -f joe@x.example a@y.example
is $rc 0 "-odb: exit 0"
wait_for grep -q refused "$T/log"
wait_for grep -q '^from <>' "$HOME"/.queue/active/*
flush
is "$(queued) $(ways)" "0 : joe@x.example " "-odb: a report"

# Reports that cannot be delivered

rules 'RCPT * 550 5.1.1 who'
fresh
send -odq -f joe@x.example a@y.example
flush
flush
is "$(in_folder active) $(in_folder failed) $(arrived)" "0 1 0" \
    "a report that is refused lies in failed"
f=$(find "$HOME/.queue/failed" -type f)
is "$((($(date +%s) - $(stat -c %Y "$f")) / 60))" 0 "since now"
like "$("$MAILQ")" '550 5.1.1 who' "mailq shows why"
flush
is "$(in_folder active) $(in_folder failed) $(arrived)" "0 1 0" \
    "and it stays there"
fresh
send -odq -f '' a@y.example b@y.example
rules 'RCPT a@* 550 5.1.1 who' 'RCPT b@* 451 later'
flush
is "$(in_folder active) $(in_folder failed)" "1 0" \
    "from <>, refused beside deferred: it waits"
rules
flush
is "$(in_folder active) $(in_folder failed) $(ways)" "0 1 : b@y.example " \
    "then it lies in failed"

# A smarthost that takes nothing from <>

null()
{
	fresh
	rules 'RCPT a@y* 550 5.1.1 who'
	send -odq -f joe@x.example a@y.example
	flush
	transcript_clear
	rules "$@"
	flush
}

null_goes()
{
	null "$2"
	is "$(queued) $(ways)" "0 $1: joe@x.example " "'$2': the report goes from $1"
	is "$(transcript | grep -c 'C: MAIL')" 2 "'$2': it was offered twice"
	is "$(transcript | grep -c -- '-- connect')" 1 "'$2': over one connection"
	like "$(transcript)" 'C: RCPT TO:<joe@x.example> NOTIFY=NEVER' \
	    "'$2': and asks for no report about it"
	like "$(cat "$T/log")" "from=<$1>, to=<joe@x.example>.*status=sent" \
	    "'$2': the log says so"
	unlike "$(transcript)" 'violation' "'$2': by the rules"
}
conf_write '[sender]' 'address = web@z.example'
for rule in 'MAIL[1] 550 5.7.1 no null sender' 'MAIL[1] 501 5.1.7 bad sender' \
    'MAIL[1] 553 no' 'DATA[1] 554 no valid sender' \
    'DOT[1] 550 5.7.1 no null sender' 'DOT[1] 550 no null sender'; do
	null_goes web@z.example "$rule"
done
conf_write 'pipelining = no' '[sender]' 'address = web@z.example'
null_goes web@z.example 'MAIL[1] 550 5.7.1 no null sender'
conf_write 'address = smart@z.example' '[sender]' 'address = web@z.example'
null_goes smart@z.example 'MAIL[1] 550 5.7.1 no null sender'
conf_write '[sender]' 'address = web@z.example' 'rewrite = never'
null_goes web@z.example 'MAIL[1] 550 5.7.1 no null sender'
conf_write '[sender]' 'address = web@z.example'

tries()
{
	transcript | grep -c 'C: MAIL'
}
null 'RCPT * 550 5.7.1 who are you'
is "$(tries) $(in_folder active) $(in_folder failed)" "2 0 1" \
    "5.7.1 to all recipients: offered twice, then failed"
for reply in '550 no' '554 no null sender' '553 5.1.8 no such sender'; do
	null "RCPT * $reply"
	is "$(tries) $(in_folder active) $(in_folder failed)" "2 0 1" \
	    "so with $reply: that may be about the sender"
done
null 'RCPT * 550 5.1.1 who'
is "$(tries) $(in_folder active) $(in_folder failed)" "1 0 1" \
    "a recipient who is unknown is so for every sender"
null 'DOT * 550 5.7.1 no'
is "$(tries) $(in_folder active) $(in_folder failed)" "2 0 1" \
    "5.7.1 to each text: the same"
null 'DOT * 550 5.6.0 bad content'
is "$(tries) $(in_folder active) $(in_folder failed)" "1 0 1" \
    "a text that is bad is so for every sender"
null 'MAIL * 550 5.7.1 no'
is "$(tries) $(in_folder active) $(in_folder failed)" "2 0 1" \
    "refused also from address: it lies in failed"
null 'MAIL <> 451 later' 'MAIL 451 later'
is "$(tries) $(in_folder active) $(in_folder failed)" "1 1 0" \
    "a 4xx defers it"
null 'MAIL[1] 550 5.7.1 no' 'MAIL 451 later'
is "$(tries) $(in_folder active) $(in_folder failed)" "2 1 0" \
    "and so does one to address"
null 'MAIL 552 5.3.4 too large'
is "$(tries) $(in_folder active) $(in_folder failed)" "1 0 1" \
    "its size is the same from everyone"
null 'MAIL[1] 530 5.7.0 log in'
is "$(tries) $(in_folder active) $(in_folder failed)" "1 1 0" \
    "a login that is wanted is the account's fault"
conf_write
null 'MAIL 550 5.7.1 no'
is "$(tries) $(in_folder active) $(in_folder failed)" "1 0 1" \
    "without address it lies in failed at once"
conf_write '[sender]' 'address = web@z.example'
rules 'MAIL 550 5.7.1 no'
fresh
send -odq -f '<>' a@y.example
flush
is "$(tries) $(in_folder active) $(in_folder failed)" "1 0 1" \
    "what a caller sends from <> goes from nobody else"

done_testing
