#!/bin/sh
# SPDX-License-Identifier: ISC
# A smarthost that says what chance has it say, from any moment on, in clear and
# under TLS: we never crash and never hang, and each message is in the queue, or
# its caller's, or where a whole text was taken.  A healthy smarthost then gets
# what waits, each once.
LIMIT=1800
. "${0%/*}/lib.sh"
. "$TOP/t/process.sh"

sessions=60 runs=6 children=6
if [ -n "${TORTURE:-}" ]; then
	sessions=3600 runs=360 children=360
fi

ca_make
printf 'From: joe@x.example\nSubject: hi\n\nhello\n.\n..\nend\n' >"$T/in"
wire <"$T/in" | strip_added >"$T/want"
conf_write 'timeout = 1s' '[queue]' 'runner = no'
smarthost_start -n usual
smarthost_start -n chunking -p 2588 -t implicit -e PIPELINING -e CHUNKING \
    -e 8BITMIME -e SIZE -m PLAIN
smarthost_start -n slow -p 2589 -t none -e SIZE -m 'LOGIN SCRAM-SHA-1'
smarthost_start -n healthy -p 2590
export ONEHOP_SMARTHOST_PORT ONEHOP_SMARTHOST_TLS ONEHOP_QUEUE_KEEP
problems=

# go_to NAME PORT TLS
go_to()
{
	name=$1 ONEHOP_SMARTHOST_PORT=$2 ONEHOP_SMARTHOST_TLS=$3
	rm -f "$HOME/.queue/.relay"
}

# choose SEED: a smarthost, and how and from which verb on it goes wrong
choose()
{
	seed=$1
	case $((seed % 3)) in
	0)
		go_to usual 2587 starttls
		set -- GREETING EHLO STARTTLS TLS 'EHLO[2]' AUTH 'STEP[2-]' \
		    MAIL RCPT DATA DOT RSET
		;;
	1)
		go_to chunking 2588 implicit
		set -- TLS GREETING EHLO AUTH MAIL RCPT DOT RSET
		;;
	2)
		go_to slow 2589 off
		set -- GREETING EHLO AUTH STEP MAIL RCPT DATA DOT QUIT
		;;
	esac
	shift $((seed / 3 % $#))
	action=spoil
	[ $((seed / 3 % 5)) != 4 ] || action=noise
	rule="$1 $action $seed"
	echo "$rule" >"$T/$name.rules"
}

problem()
{
	problems="$problems
$name, $rule: $1: exit $rc, $(head -n 1 "$T/err")"
}

# attempt COMMAND...: a second for each wait, of which there are several
attempt()
{
	begun=$(now_ms)
	run "$@"
	took=$(($(now_ms) - begun))
	[ $took -lt 10000 ] || problem "it takes $took ms"
	[ "$rc" -lt 126 ] || problem "it dies"
	! grep -q Sanitizer "$T/err" || problem "a sanitizer speaks"
}

# is_somewhere RECIPIENT...: who is nowhere else is in a report
is_somewhere()
{
	for who in "$@"; do
		grep -rqsa "[ <;]$who@y\.example" "$HOME/.queue" "$T/usual" \
		    "$T/chunking" "$T/slow" || problem "$who is lost"
	done
}

# is_somewhere RECIPIENT...: who is nowhere else is in a report
is_somewhere()
{
	for who in "$@"; do
		grep -rqsa "[ <;]$who@y\.example" "$HOME/.queue" "$T/usual" \
		    "$T/chunking" "$T/slow" || problem "$who is lost"
	done
}

to()
{
	sed -n 's/^RCPT TO:<\([^>]*\)>.*/\1/p' "$@" 2>/dev/null | sort
}

# heals WHAT: all that waits goes to the healthy smarthost, once.  A report that
# was refused lies in failed/.
heals()
{
	"$MAILQ" -j | sed '/"queue_name": "failed"/d
	    s/"address": "/\n&/g' | sed -n 's/^"address": "\([^"]*\)".*/\1/p' |
	    sort >"$T/waiting"
	go_to healthy 2590 starttls
	ONEHOP_QUEUE_KEEP=yes
	run "$SENDMAIL" -q
	is "$rc $(queued "$HOME/.queue/active")" "0 0" "$1: what waits goes"
	to "$T"/healthy/*.env >"$T/got"
	same_file "$T/got" "$T/waiting" "$1: each once"
}

# A message at a time; of some the caller keeps a copy

i=0 kinds=
while [ $i -lt $sessions ]; do
	choose $i
	before=$(queued)
	ONEHOP_QUEUE_KEEP=yes
	[ $((i % 4)) != 3 ] || ONEHOP_QUEUE_KEEP=no
	attempt "$SENDMAIL" -i -f joe@x.example "r$i@y.example" <"$T/in"
	case "$rc $(($(queued) - before)) $ONEHOP_QUEUE_KEEP" in
	'0 0 '*)
		kinds="$kinds sent"
		to "$T/$name"/*.env | grep -q "^r$i@" || problem "it is lost"
		;;
	'0 1 yes') kinds="$kinds waiting" ;;
	'65 0 '* | '67 0 '* | '69 0 '*)
		kinds="$kinds refused"
		grep -q ' refused: 5' "$T/err" || problem "it is not told"
		;;
	'75 0 no') kinds="$kinds theirs" ;;
	*) problem "that adds $(($(queued) - before)) to the queue" ;;
	esac
	i=$((i + 1))
done
is "$problems" "" "$sessions by chance: each is owned, in time"
for kind in sent waiting theirs; do
	like "$kinds" " $kind" "$sessions by chance: some are $kind"
done
heals "$sessions by chance"
for text in "$T"/*/[0-9]*.msg; do
	strip_added "$text" | cmp -s - "$T/want" || echo "$text"
done >"$T/torn"
is "$(cat "$T/torn")" "" "$sessions by chance: what was taken is whole"

# Runs, of several to several

begin_anew()
{
	rm -f "$T"/*/[0-9]*.msg "$T"/*/[0-9]*.env
	problems= i=0
}

begin_anew
while [ $i -lt $runs ]; do
	choose $((sessions + i))
	for n in 1 2 3; do
		"$SENDMAIL" -odq -i -f joe@x.example "a$i$n@y.example" \
		    "b$i$n@y.example" <"$T/in"
	done
	attempt "$SENDMAIL" -q
	[ "$rc" = 0 ] || problem "no run"
	is_somewhere a${i}1 b${i}1 a${i}2 b${i}2 a${i}3 b${i}3
	i=$((i + 1))
done
is "$problems" "" "$runs runs by chance: each is owned, in time"
heals "$runs runs by chance"

# Children, who go on where their caller did not wait

# The one that stays behind sleeps for an hour.
nobody_is_busy()
{
	[ -z "$(busy)" ]
}

conf_write 'timeout = 1s' '[queue]' 'patience = 0s' 'retry = 1h'
begin_anew
while [ $i -lt $children ]; do
	choose $((sessions + runs + i))
	attempt "$SENDMAIL" -i -f joe@x.example "c$i@y.example" \
	    "d$i@y.example" <"$T/in"
	[ "$rc" = 0 ] || problem "it is not taken"
	await 10 nobody_is_busy || problem "a child hangs"
	is_somewhere c$i d$i
	i=$((i + 1))
done
is "$problems" "" "$children children by chance: each is owned, in time"
kill_all
heals "$children children by chance"

done_testing
