#!/bin/sh
# SPDX-License-Identifier: ISC
# Where the account's fault ends a run for good, who was refused before is told
# of all the same, and what was delivered is not set aside; a broken alias gets
# five attempts, as anybody does; a report finds its way past each way of being
# refused for its sender.
. "${0%/*}/lib.sh"
. "$TOP/t/queue.sh"

ca_make
printf 'Subject: hi\n\nhello\n' >"$T/in"
old=$(($(date +%s) - 864000))

# old_id N: of a message that came then
old_id()
{
	printf '%011X%05X' $((old * 1000)) "$1"
}

flush()
{
	run "$SENDMAIL" -q
}

# in_folder NAME: the recipients of each file there
in_folder()
{
	for file in "$Q/$1"/*; do
		[ -e "$file" ] && sed -n 's/^to //p' "$file"
	done | sort | tr '\n' ' '
}

lay_queue()
{
	rm -rf "$Q" "$T/smarthost" "$T/log"
	mkdir "$T/smarthost"
	mkdir -m 700 "$Q" "$Q/active" "$Q/hold" "$Q/failed"
	transcript_clear
}

rcpts()
{
	cat "$T/smarthost"/*.env 2>/dev/null | sed -n 's/^RCPT TO:<\([^>]*\)>.*/\1/p' |
	    sort | tr '\n' ' '
}

# Five probes in vain, and what a crash left undone

conf_write '[sender]' 'domain = x.example' '[queue]' 'runner = no' 'retry = 1m'
lay_queue
put "active/$(old_id 1)" $old $((old + 10)) 100 joe@x.example a@y.example
put "active/$(old_id 2)" $old $((old + 20)) 100 joe@x.example b@y.example \
    "$((old + 5)) refused 1 550+205.1.1+20who"
put "active/$(old_id 3)" $old $((old + 30)) 100 joe@x.example c@y.example \
    "$((old + 5)) delivered 1 250+20ok"
put "active/$(old_id 4)" $old $((old + 40)) 100 joe@x.example \
    "d@y.example e@y.example" "$((old + 5)) refused 1 550+205.1.1+20who"
for i in 1 2 3 4 5; do
	flush
done
is "$(in_folder failed)" "a@y.example d@y.example e@y.example " \
    "what waited for too long is set aside"
is "$(in_folder active)" "joe@x.example joe@x.example " \
    "and there is a report about each who was refused; what was done is gone"
smarthost_start
flush
is "$(queued "$Q/active") $(rcpts)" "0 joe@x.example joe@x.example " \
    "which goes as soon as there is a way"

# The same of the message that is tried

lay_queue
rules 'MAIL 530 5.7.0 log in'
put "active/$(old_id 1)" $old $((old + 10)) 100 joe@x.example \
    "a@y.example b@y.example"
for i in 1 2 3 4 5; do
	flush
done
mv "$Q/failed"/* "$Q/active" 2>/dev/null
rules 'RCPT a@* 550 5.1.1 who' 'RCPT b@* 530 5.7.0 log in'
flush
rules
flush
like "$(cat "$T/smarthost"/*.msg)" 'Final-Recipient: rfc822; a@y.example' \
    "one who is refused beside the account's fault is told of"

# A broken alias

conf_write '[queue]' 'runner = no' '[aliases]' 'bad = not a list @@'
lay_queue
put "active/$(old_id 1)" $old $((old + 10)) 100 joe@x.example bad
for i in 1 2 3 4; do
	flush
	touch -d '1 hour ago' "$Q"/active/*
done
is "$(in_folder active)" "bad " "four attempts at a broken alias move nothing"
flush
is "$(in_folder active)$(in_folder failed)$(queued)" "bad 1" \
    "with the fifth it lies in failed, untold"

# A report that nobody may send from <>

conf_write '[sender]' 'domain = x.example' 'address = web@z.example' \
    '[aliases]' 'root = a@z.example, b@z.example'

# report_to_two RULE...: the report is for two, and meets these
report_to_two()
{
	lay_queue
	rules 'RCPT v@y* 550 5.1.1 who'
	"$SENDMAIL" -odq -f root v@y.example <"$T/in"
	flush
	rm -rf "$T/smarthost" && mkdir "$T/smarthost"
	transcript_clear
	rules "$@"
	flush
}
report_to_two 'RCPT a@z* 451 later' 'DOT[1] 550 5.7.1 no null sender'
is "$(rcpts)" "b@z.example " "who was accepted gets it from somebody who may"
is "$(transcript | grep -c '^C: RCPT TO:<a@')" 1 "who was put off is not asked again"
report_to_two 'RCPT a@z* 550 5.1.1 who' 'DOT[1] 550 5.7.1 no null sender'
is "$(rcpts)" "b@z.example " "the same beside one who is refused"
# Rules are read at each connection: the second one meets none.
transcript_clear
{
	wait_for grep -q '^C: MAIL FROM:<>' "$T/smarthost.log"
	rules
} &
report_to_two 'MAIL[1] delay 500 550 5.7.1 no null' 'RCPT[1] close'
wait $!
is "$(rcpts)" "a@z.example b@z.example " "though the server hung up on <>"

# Too many for a transaction whose text is not taken

conf_write '[queue]' 'runner = no'
lay_queue
rules 'RCPT[2-] 552 5.5.3 too many recipients' 'DOT 451 later'
run "$SENDMAIL" -f joe@x.example a@y.example b@y.example c@y.example <"$T/in"
is "$rc $(in_folder active)" "0 a@y.example b@y.example c@y.example " \
    "who was one too many waits with the others"
rules
flush
is "$(queued) $(rcpts)" "0 a@y.example b@y.example c@y.example " "and gets it"

done_testing
