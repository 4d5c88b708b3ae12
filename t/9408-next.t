#!/bin/sh
# SPDX-License-Identifier: ISC
# The fault matrix of a connection that has served a message: what befalls the
# next one there concerns that one alone, and a fresh connection is worth a try.
. "${0%/*}/lib.sh"
. "$TOP/t/matrix.sh"

ca_make
conf_write 'tls = off' -user -password
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"
smarthost_start -a -t none

# run_of_three RULE...: of three that wait; $left and $came are what is left,
# and where, and who has it
run_of_three()
{
	rules "$@"
	three
	run "$SENDMAIL" -q
	left=$(queued)
	came=$(came)
	calls=$(calls)
}

# all CALLS RULE...: it makes no difference but a connection
all()
{
	want=$1
	shift
	run_of_three "$@"
	is "$rc $left $came $calls" "0 0 abc $want" \
	    "$*: each gets its message, over $want connections"
	ok "$*: in silence" test ! -s "$T/err"
}
all 1
all 3 'RSET 500 what'
all 3 'RSET 421 bye'
all 3 'RSET close'
all 3 'RSET garbage'
all 3 'RSET 354 go on'
all 2 'MAIL[3] 421 4.7.0 too many'
all 2 'MAIL[3] 451 4.7.0 too many'
all 3 'MAIL[2] close'
all 3 'DOT[1] inject 250 ok\r\n'

# only REASON RULE...: b waits, who has asked for it
only()
{
	pattern=$1
	shift
	run_of_three "$@"
	is "$rc $left $came" "0 1 ac" "$*: the others get theirs"
	like "$(reason)" "$pattern.*b@y.example" "$*: who waits, and why"
	rules
	run "$SENDMAIL" -q
	is "$rc $(queued) $(arrived)" "0 0 3" "$*: then it goes too, once"
}
only '451 4.3.0 later' 'MAIL b@* 451 4.3.0 later'
only '450 later' 'RCPT b@* 450 later'
only 'lost' 'RCPT b@* close'
only '451 later' 'DATA b@* 451 later'
only '451 later' 'DOT b@* 451 later'
only 'lost' 'TEXT[5] b@* close'

run_of_three 'MAIL b@* 550 5.7.1 not you'
is "$rc $left $came" "0 1 ac" "a refusal of one is its own"
like "$(reason)" 'MAILER-DAEMON.*b@x.example' "and is reported"

# An account's fault ends the run.

run_of_three 'MAIL b@* 530 5.7.0 log in'
is "$left" $((3 - ${#came})) "who was not served waits"
is "$(attempts | sort -u)" 0 "without an attempt"

done_testing
