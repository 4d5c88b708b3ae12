#!/bin/sh
# SPDX-License-Identifier: ISC
# Memory that cannot be had, once or from then on, at any call that asks for it:
# nobody crashes, exit 0 stays true, anything else is 71 or 75, and nothing in
# the queue is broken.
#
# Every Nth call for N = 1, 2, ... until there is none; the short form takes
# longer strides the further it gets.
LIMIT=${TORTURE:+14400}
LIMIT=${LIMIT:-300}
. "${0%/*}/lib.sh"

! grep -q __asan_init "$SENDMAIL" ||
    fail_early "a sanitizer brings a malloc() of its own: see make test"
. "$TOP/t/fault.sh"
conf_write 'host = 127.0.0.1' '[queue]' 'runner = no' 'retry = 1s'
stride=4
[ -z "${TORTURE:-}" ] || stride=100

# What it says to its caller: never a signal; 74 is a folder that cannot be read.
polite()
{
	case $rc in
	0 | 71 | 75) ;;
	74) grep -q "cannot read .*/\.queue/" "$T/err" || problem "it says 74" ;;
	*) problem "it says $(head -n 1 "$T/err")" ;;
	esac
}

# starve COMMAND...: there is none at the Nth call; whether there is such a call
starve()
{
	what="$scenario ${lasting:+from }malloc $n${lasting:+ on}"
	fresh
	"start_$scenario"
	rm -f "$T/hit"
	run env LD_PRELOAD="$TOP/t/shim-malloc.so" FAULT_AT=$n \
	    ${lasting:+FAULT_ON=1} FAULT_HIT="$T/hit" "$@" <"$T/in"
	[ "$(cat "$T/hit")" = 1 ]
}

# try SCENARIO COMMAND...
try()
{
	scenario=$1 tried=0 problems=
	shift
	for lasting in '' 1; do
		# Who has none any more cannot note who was served.
		n=1 may_repeat=$lasting
		while starve "$@"; do
			tried=$((tried + 1))
			polite
			"after_$scenario"
			n=$((n + 1 + n / stride))
		done
	done
	is "$problems" "" "$scenario: $tried faults"
	ok "$scenario: there were enough of them" test "$tried" -gt 20
}

start_list()
{
	rules 'GREETING 421 busy'
	"$SENDMAIL" -f joe@x.example a@y.example <"$T/in"
}

after_list()
{
	[ "$rc" != 0 ] || grep -q a@y.example "$T/out" ||
	    problem "exit 0, and the list lacks a message"
	[ "$(queued)" = 1 ] || problem "$(queued) left by a list"
}

start_verify()
{
	:
}

after_verify()
{
	[ "$rc" != 0 ] || grep -q a@y.example "$T/out" ||
	    problem "exit 0, and nobody is named"
}

# Over -bs the reply to the dot is what counts; there is no other such 250.
start_serve()
{
	rules
}

after_serve()
{
	grep -q '^250 2\.0\.0 Ok' "$T/out" || rc=75
	after_submit
}

start_store()
{
	rules 'GREETING 421 busy'
}

after_store()
{
	after_serve
}

# log_in MECHANISM STRIDE: from the login, which comes late, to the end
log_in()
{
	conf_write 'host = 127.0.0.1' "auth = $1" '[queue]' 'runner = no' \
	    'retry = 1s'
	scenario=send lasting= problems= tried=0 low=1 high=100000
	while [ $((high - low)) -gt 1 ]; do
		n=$(((low + high) / 2))
		if starve "$SENDMAIL" -f joe@x.example a@y.example; then
			low=$n
		else
			high=$n
		fi
	done
	n=$((low - 250))
	while starve "$SENDMAIL" -f joe@x.example a@y.example; do
		tried=$((tried + 1))
		polite
		after_send
		n=$((n + $2))
	done
	is "$problems" "" "$1: $tried faults near the end"
	ok "$1: which is where it was sought" test "$tried" -gt 40
}

try queue "$SENDMAIL" -f joe@x.example a@y.example
try send "$SENDMAIL" -f joe@x.example a@y.example
try run "$SENDMAIL" -q
try list "$MAILQ"
try list "$MAILQ" -j
try verify "$SENDMAIL" -bv a@y.example
if [ -n "${TORTURE:-}" ]; then
	for mechanism in SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN; do
		log_in $mechanism 1
	done
else
	log_in SCRAM-SHA-256 2
	log_in LOGIN 1
fi
printf '%s\n' 'EHLO me' 'MAIL FROM:<joe@x.example> ENVID=1' \
    'RCPT TO:<a@y.example> NOTIFY=NEVER' DATA '' hello . QUIT >"$T/in"
try serve "$SENDMAIL" -bs
try store "$SENDMAIL" -bs

done_testing
