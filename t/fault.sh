# fault.sh - what must be true whatever fails
#
# For tests that have lib.sh.  A scenario is a program that meets a fault: what
# is there before (start_NAME) and what must be so afterwards (after_NAME):
#
#	queue	a message that cannot go is submitted
#	send	one that can
#	run	what waits is sent: one recipient is served, one deferred, one
#		refused, of whom a report is made
#
# Exit 0 means that it went or waits; nothing in the queue is ever broken; and as
# soon as all is well again everybody gets it, once, unless may_repeat is set.
# What is not so is gathered in $problems, with $what was done and its exit $rc.
#
# SPDX-License-Identifier: ISC

# A disk of its own, for nobody pulls a plug here: syncs need not be waited for.
mount -t tmpfs -o mode=700 home "$HOME" || fail_early "no tmpfs"
ca_make
printf 'From: joe@x.example\nTo: a@y.example\nSubject: hi\n\nhello\n' >"$T/in"
# A name that cannot be looked up in /etc/hosts is asked of servers that hang.
host=127.0.0.1
[ -z "${TORTURE:-}" ] || host=smarthost.test
conf_write "host = $host" '[queue]' \
    'runner = no' 'retry = 1s'
smarthost_start
problems= may_repeat= rc=

# How often somebody got the message with this Subject.
got()
{
	cat "$T/smarthost"/*.env 2>/dev/null | grep -c "^RCPT TO:<$1>"
}

# problem WORD...: what went wrong, when $what was done
problem()
{
	problems="$problems
$what: $* (exit $rc)"
}

# Nothing in the queue is broken, and mailq reads it.
sound()
{
	"$MAILQ" >"$T/list" 2>"$T/list.err" || problem "mailq says $(cat "$T/list.err")"
	! grep -q 'left alone' "$T/list" ||
	    problem "mailq shows $(grep 'left alone' "$T/list")"
}

# Then all is well again, and what waits goes.
heal()
{
	rules
	# A report that is made in a run goes with the next.
	for turn in 1 2; do
		"$SENDMAIL" -q >"$T/heal" 2>&1 ||
		    problem "run $turn says $(cat "$T/heal")"
	done
	sound
	[ "$(queued)" = 0 ] || problem "$(queued) left after a run"
}

# What happened once is noted as unknown if its note got lost, and happens again.
is_forgivable()
{
	[ -n "$may_repeat" ] || grep -q unknown "$T/log"
}

# Submit: one recipient, whatever the smarthost does
after_submit()
{
	waits=$(queued) had=$(got a@y.example)
	sound
	if [ "$rc" = 0 ]; then
		[ $((waits + had)) -ge 1 ] || problem "exit 0, and it is gone"
	fi
	heal
	[ "$rc" != 0 ] || [ "$(got a@y.example)" -ge 1 ] ||
	    problem "exit 0, and nobody got it"
	[ "$(got a@y.example)" -le 1 ] || is_forgivable ||
	    problem "got it $(got a@y.example) times"
}

after_queue()
{
	after_submit
}

after_send()
{
	after_submit
}

start_queue()
{
	rules 'GREETING 421 busy'
}

start_send()
{
	rules
}

# A run: b is served, w is put off, r is refused; a report is made
start_run()
{
	rules
	"$SENDMAIL" -odq -f joe@x.example b@y.example w@y.example r@y.example \
	    <"$T/in"
	rules 'RCPT w@* 450 4.2.1 later' 'RCPT r@* 550 5.1.1 who is that'
}

after_run()
{
	sound
	heal
	[ "$(got b@y.example)" -ge 1 ] || problem "b did not get it"
	[ "$(got b@y.example)" -le 1 ] || is_forgivable ||
	    problem "b got it $(got b@y.example) times"
	[ "$(got w@y.example)" -ge 1 ] || problem "w did not get it"
	[ "$(got w@y.example)" -le 1 ] || is_forgivable ||
	    problem "w got it $(got w@y.example) times"
	reports=$(got joe@x.example)
	refused=$(got r@y.example)
	[ $((reports + refused)) -ge 1 ] || problem "r got nothing, joe no report"
	[ "$reports" -le 1 ] || is_forgivable ||
	    problem "joe got $reports reports"
}
