#!/bin/sh
# SPDX-License-Identifier: ISC
# Every call may fail while a message is made anew for its smarthost, and the
# process may die at every one: it is never sent otherwise, nor in part.
. "${0%/*}/inject.sh"

# Longer than what is made in memory, and than any line may be.
{
	printf 'From: joe@x.example\nTo: a@y.example\nSubject: hi\n\n'
	head -c 300000 /dev/zero | tr '\0' x
	printf '\nhello\n'
} >"$T/in"

start_mend()
{
	rules
}

# What arrived is the whole of it, whatever it took.
after_mend()
{
	after_submit
	for text in "$T/smarthost"/*.msg; do
		[ -e "$text" ] || continue
		[ "$(tr -d '\r' <"$text" | sed '1,/^$/d' |
		    perl -MMIME::QuotedPrint -0777 -ne \
		        'print decode_qp($_)' | cksum)" = "$want" ] ||
			problem "what arrived is not what was given"
	done
}
want=$(sed '1,/^$/d' "$T/in" | cksum)

# What else is called is called in 5202, too.
[ -n "${TORTURE:-}" ] ||
    calls=$(echo "$calls" | grep '^openat\|^pwrite64\|^pread64\|^ftruncate')

all mend "$SENDMAIL" -f joe@x.example a@y.example

done_testing
