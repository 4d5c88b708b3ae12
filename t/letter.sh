# letter.sh - one letter to one smarthost: it goes, or it waits
#
#	send			a letter from joe to a
#	restart [option...]	of smarthost_start: it anew, without rules
#	goes DESCRIPTION	the letter arrives
#	waits DESCRIPTION PATTERN	it waits, in silence; mailq shows why
#
# SPDX-License-Identifier: ISC

printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"

send()
{
	fresh
	run "$SENDMAIL" "$@" -f joe@x.example a@y.example <"$T/in"
}

restart()
{
	[ ! -e "$T/smarthost.pid" ] || smarthost_stop
	: >"$T/smarthost.rules"
	smarthost_start "$@"
}

goes()
{
	send
	is "$rc $(queued) $(arrived)" "0 0 1" "$1: it goes"
}

waits()
{
	send
	is "$rc $(queued) $(arrived)" "0 1 0" "$1: it waits, exit 0"
	silent "$1: in silence"
	like "$("$MAILQ" | tr -s '\n\t ' ' ')" "$2" "$1: mailq says why"
}
