# process.sh - which processes of ours there are, for tests that source lib.sh
#
#	ours			their numbers, zombies left out
#	busy			those that are in the sandbox, for they talk to a server
#	zombies			those of ours that nobody waited for
#	all_gone		whether none is left
#	kill_all		leave none
#	runner			the one that holds .run and is nobody's child
#	is_tended		whether somebody holds .run
#	await SECONDS COMMAND	until it succeeds, at most so long
#	connects		how often the smarthost was called
#	send OPTION...		$T/in, from joe@x.example
#	fresh LINE...		nothing of ours runs or waits, or has arrived; rules
#	at_once COUNT COMMAND...	so many of it at once, $i tells which; $codes
#	send_one OPTION...	$T/in, from the sender $i to the recipient $i
#
# SPDX-License-Identifier: ISC

# The state is the first word behind the name in parentheses, then the parent.
processes()
{
	for file in /proc/[0-9]*/stat; do
		sed -n "s/^\([0-9]*\) (sendmail) \([A-Z]\) \([0-9]*\) .*/\1 \2 \3/p" \
		    "$file" 2>/dev/null
	done
}

ours()
{
	processes | awk '$2 != "Z" { print $1 }'
}

busy()
{
	for pid in $(ours); do
		grep -qs '^Seccomp:.2' "/proc/$pid/status" && echo "$pid"
	done
}

# Those of PID 1 are the shell's to reap, and it may be asleep.
zombies()
{
	processes | awk '$2 == "Z" && $3 != 1 { print $1 }'
}

all_gone()
{
	[ -z "$(ours)" ]
}

runner()
{
	for pid in $(processes | awk '$2 != "Z" && $3 == 1 { print $1 }'); do
		ls -l "/proc/$pid/fd" 2>/dev/null | grep -q '/\.run$' &&
		    echo "$pid"
	done
}

is_tended()
{
	[ -e "$HOME/.queue/.run" ] && ! flock -n "$HOME/.queue/.run" true
}

has_runner()
{
	[ -n "$(runner)" ]
}

await()
{
	end=$(($(date +%s) + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt $end ] || return 1
		sleep 0.05
	done
}

has_queued()
{
	[ "$(queued)" = "$1" ]
}

has_arrived()
{
	[ "$(arrived)" = "$1" ]
}

connects()
{
	transcript | grep -c -- '^-- connect'
}

send()
{
	run "$SENDMAIL" -f joe@x.example "$@" <"$T/in"
}

at_once()
{
	count=$1
	shift
	i=0
	pids=
	while [ $i -lt "$count" ]; do
		"$@" &
		pids="$pids $!"
		i=$((i + 1))
	done
	codes=
	for pid in $pids; do
		wait "$pid"
		codes=$codes$?
	done
}

send_one()
{
	"$SENDMAIL" "$@" -f "s$i@x.example" "r$i@y.example" <"$T/in"
}

kill_all()
{
	for pid in $(ours); do
		kill -KILL "$pid" 2>/dev/null
	done
	await 10 all_gone
}

fresh()
{
	rules "$@"
	kill_all
	rm -rf "$HOME/.queue" "$T/smarthost" "$T/log" "$T/go"
	mkdir "$T/smarthost"
	transcript_clear
}
