#!/bin/sh
# SPDX-License-Identifier: ISC
# A server whose replies do not fit what it was asked, one too many or one too few:
# whose refusal that is nobody knows, so nobody is refused, and all is sent again.
. "${0%/*}/lib.sh"
. "$TOP/t/matrix.sh"

ca_make
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"

# served WHO: how often he got it
served()
{
	for n in $(ls "$T/smarthost" | sed -n 's/\.msg$//p'); do
		grep -c "^RCPT TO:<$1@" "$T/smarthost/$n.env"
	done | awk '{ n += $1 } END { print n + 0 }'
}

# astray HOW RECIPIENT... -- RULE...: one message, at once and from the queue
astray()
{
	how=$1
	shift
	names=
	while [ "$1" != -- ]; do
		names="$names $1@y.example"
		shift
	done
	shift
	for way in 'at once' 'in a run'; do
		fresh
		rules "$@"
		if [ "$way" = 'at once' ]; then
			run "$SENDMAIL" -f joe@x.example $names <"$T/in"
		else
			"$SENDMAIL" -odq -f joe@x.example $names <"$T/in"
			run "$SENDMAIL" -q
		fi
		is "$rc $(queued) $(grep -c status=refused "$T/log")" "0 1 0" \
		    "$how, $way:$names: it waits, and nobody is refused"
		rules
		run "$SENDMAIL" -q
		is "$rc $(queued) $(for name in $names; do
			served "${name%@*}"
		done | sort -u)" "0 0 1" "then each has it, once"
	done
}

# riders HOW RULE...: three messages to a and b in a run, each of which went once
riders()
{
	how=$1
	shift
	fresh
	rules "$@"
	for name in one two three; do
		"$SENDMAIL" -odq -f "$name@x.example" a@y.example \
		    b@y.example <"$T/in"
	done
	run "$SENDMAIL" -q
	is "$(grep -c status=refused "$T/log")" 0 "$how in a run: nobody is refused"
	rules
	run "$SENDMAIL" -q
	is "$rc $(queued) $(served a) $(served b)" "0 0 3 3" \
	    "then each has each of them, once"
}

for offers in PIPELINING 'PIPELINING CHUNKING' SIZE; do
	set -- -a -t none
	for offer in $offers; do
		set -- "$@" -e "$offer"
	done
	conf_write 'tls = off' 'timeout = 2s' -user -password
	smarthost_start "$@"
	astray "$offers: a reply more" a b c -- 'MAIL inject 250 extra\r\n' \
	    'RCPT b@* 550 5.1.1 no such b'
	astray "$offers: a reply more" a b -- 'MAIL inject 250 extra\r\n' \
	    'RCPT b@* 550 5.1.1 no such b'
	astray "$offers: a refusal more" a b -- 'RCPT a@* inject 550 5.1.1 who\r\n'
	# Only a 354 shows that one is missing, and that not from a silence.
	[ "$offers" != PIPELINING ] ||
		astray "$offers: a reply less" a b c -- 'RCPT a@* raw ' \
		    'RCPT b@* 550 5.1.1 no such b'
	[ "$offers" = SIZE ] ||
		riders "$offers: a reply more" 'DOT one@* inject 250 extra\r\n' \
		    'RCPT[4] b@* 550 5.1.1 no such b'
	smarthost_stop
done

done_testing
