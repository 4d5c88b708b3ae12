#!/bin/sh
# SPDX-License-Identifier: ISC
# A clock that is fifty years behind or ahead, or goes back an hour, at once or
# in the midst: nothing is lost, given up early, or stuck once it is right again,
# and no two messages get one ID.
LIMIT=1200
. "${0%/*}/lib.sh"
. "$TOP/t/fault.sh"

year=31557600
hour=3600
looks='1 2 4 7 12'
[ -z "${TORTURE:-}" ] || looks=$(seq 40)

# Of a delay they are told early, by a clock that jumps ahead; that is no harm.
conf_write "host = $host" '[queue]' 'runner = no' 'retry = 1s' 'warn = 0'

# by SECONDS COMMAND...: by a clock that is so far ahead; $jump: from that look on
by()
{
	off=$1
	shift
	env ASAN_OPTIONS=verify_asan_link_order=0 CLOCK_OFF="$off" \
	    LD_PRELOAD="$TOP/t/shim-clock.so" ${jump:+CLOCK_JUMP=$jump} "$@"
}

# try SCENARIO COMMAND...: by each clock, from each look on
try()
{
	scenario=$1 tried=0 problems=
	shift
	for off in -$((80 * year)) -$((50 * year)) $((50 * year)) -$hour; do
		for jump in $looks; do
			what="$scenario $off at look $jump"
			fresh
			"start_$scenario"
			run by "$off" "$@" <"$T/in"
			tried=$((tried + 1))
			[ "$rc" = 0 ] || problem "it says $(cat "$T/err")"
			"after_$scenario"
		done
	done
	jump=
	is "$problems" "" "$scenario: $tried wrong clocks"
}

try queue "$SENDMAIL" -f joe@x.example a@y.example
try send "$SENDMAIL" -f joe@x.example a@y.example
try run "$SENDMAIL" -q

# Expiry

# waiting OFF: stored by that clock, then tried in vain by the right one
waiting()
{
	fresh
	rules 'RCPT a@* 450 4.2.1 later'
	by "$1" "$SENDMAIL" -f joe@x.example a@y.example <"$T/in"
	for turn in 1 2 3 4 5 6 7; do
		"$SENDMAIL" -q
	done
	is "$(queued "$HOME/.queue/active") $(got joe@x.example)" "1 0" \
	    "stored $2, tried seven times: not given up"
	rules
	"$SENDMAIL" -q
	is "$(queued) $(got a@y.example)" "0 1" "and it goes"
}
waiting -$((50 * year)) "50 years ago"
waiting $((50 * year)) "in 50 years"

fresh
rules 'RCPT a@* 450 4.2.1 later'
"$SENDMAIL" -f joe@x.example a@y.example <"$T/in"
for turn in 1 2 3 4 5 6 7; do
	by -$((50 * year)) "$SENDMAIL" -q
done
is "$(queued "$HOME/.queue/active") $(got joe@x.example)" "1 0" \
    "tried seven times 50 years ago: not given up"
by $((50 * year)) "$SENDMAIL" -q
"$SENDMAIL" -q
is "$(queued "$HOME/.queue/active") $(got joe@x.example)" "1 0" \
    "nor by one more 50 years ahead"

# Stuck

# runs_again OFF: what was put off by that clock is tried by who comes next
runs_again()
{
	fresh
	rules 'RCPT *@y.example 450 4.2.1 later'
	conf_write "host = $host" '[queue]' 'runner = no' 'retry = 1m'
	by "$1" "$SENDMAIL" -f joe@x.example a@y.example <"$T/in"
	rules
	conf_write "host = $host" '[queue]' 'runner = yes' 'retry = 1m'
	"$SENDMAIL" -f joe@x.example b@y.example <"$T/in"
	"$SENDMAIL" -odq -f joe@x.example b@y.example <"$T/in"
	wait_for sh -c 'cat "$0"/*.env | grep -q "<a@y"' "$T/smarthost"
	report $? "put off $2: the next runner sends it" "$("$MAILQ")"
	conf_write "host = $host" '[queue]' 'runner = no' 'retry = 1s'
}
runs_again -$((50 * year)) "50 years ago"
runs_again $((50 * year)) "in 50 years"
runs_again $((hour + 180)) "in an hour, by more than a step"

# IDs

fresh
i=0
while [ $i -lt 60 ]; do
	i=$((i + 1))
	env ASAN_OPTIONS=verify_asan_link_order=0 CLOCK_AT=1800000000 \
	    LD_PRELOAD="$TOP/t/shim-clock.so" "$SENDMAIL" -odq \
	    -f joe@x.example "a$i@y.example" <"$T/in" &
	[ $((i % 6)) != 0 ] || wait $!
done
wait_for sh -c '[ "$(ls "$0" | wc -l)" = 60 ]' "$HOME/.queue/active"
is "$(queued)" 60 "a clock that stands still: each has an ID of its own"
is "$(ls "$HOME/.queue/active" | cut -c1-11 | sort -u | wc -l)" 1 \
    "and they begin alike"

done_testing
