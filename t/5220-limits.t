#!/bin/sh
# SPDX-License-Identifier: ISC
# Whoever may write no long file, open few descriptors, have little memory or no
# process more, or meets a full disk, is told so, or is served; what waits is
# never lost, and results are noted even on a full disk.
LIMIT=1200
. "${0%/*}/lib.sh"
. "$TOP/t/fault.sh"

# under LIMIT VALUE... -- SCENARIO COMMAND...
under()
{
	limit=$1 values=
	shift
	while [ "$1" != -- ]; do
		values="$values $1"
		shift
	done
	scenario=$2 problems=
	shift 2
	for size in $values; do
		what="$scenario with $limit $size"
		fresh
		"start_$scenario"
		run prlimit "--$limit=$size" "$@" <"$T/in"
		# The kernel ends whose stack cannot grow; malloc() is 5210's.
		[ "$rc" -lt 128 ] || [ "$limit:$rc" = as:139 ] ||
		    problem "it dies"
		"after_$scenario"
	done
	is "$problems" "" "$scenario: $(echo $values | wc -w) of $limit"
}

# What cannot note its result may send again.
may_repeat=1
for limits in "fsize 0 1 95 97 200 400 600" "nofile 3 4 5 6 7 8 10"; do
	# shellcheck disable=SC2086
	under $limits -- queue "$SENDMAIL" -f joe@x.example a@y.example
	# shellcheck disable=SC2086
	under $limits -- send "$SENDMAIL" -f joe@x.example a@y.example
	# shellcheck disable=SC2086
	under $limits -- run "$SENDMAIL" -q
done
may_repeat=
under nofile 8 -- run "$SENDMAIL" -q

# A sanitizer wants terabytes.
if ! grep -q __asan_init "$SENDMAIL"; then
	step=700000
	[ -z "${TORTURE:-}" ] || step=50000
	sizes=$(seq 6000000 $step 24000000)
	# shellcheck disable=SC2086
	under as $sizes -- queue "$SENDMAIL" -f joe@x.example a@y.example
	# shellcheck disable=SC2086
	under as $sizes -- send "$SENDMAIL" -f joe@x.example a@y.example
	# shellcheck disable=SC2086
	under as $sizes -- run "$SENDMAIL" -q
fi

# No process more

if as 65534 true 2>/dev/null; then
	install -d -m 1777 /var/spool/onehop
	sed 's/^runner = no/runner = yes/' "$HOME/.config/onehop.conf" \
	    >/etc/onehop.conf
	chmod 644 /etc/onehop.conf
	sed -i '/^password/d;/^user/d' /etc/onehop.conf
	rules 'GREETING 421 busy'
	# LeakSanitizer would begin a thread.
	run as 65534 env ASAN_OPTIONS=detect_leaks=0 prlimit --nproc=1 \
	    "$SENDMAIL" -f joe@x.example a@y.example <"$T/in"
	is "$rc $(queued /var/spool/onehop/65534)" "0 1" \
	    "without a process more a message waits"
	rm -rf /etc/onehop.conf /var/spool/onehop
fi

# A full disk: the home's, and that of /var/spool

mount -t tmpfs -o mode=700,size=1m home "$HOME" &&
    install -d -m 1777 /var/spool/onehop &&
    mount -t tmpfs -o mode=1777,size=1m spool /var/spool/onehop ||
    fail_early "no tmpfs"
conf_write "host = $host" '[queue]' 'runner = no' 'retry = 1s'

# fill FOLDER PAGES: all but so many pages of 4 KiB
fill()
{
	cat /dev/zero >"$1/.fill" 2>/dev/null
	truncate -s "-$(($2 * 4096))" "$1/.fill"
}

empty()
{
	rm -rf "$HOME/.fill" /var/spool/onehop/.fill /var/spool/onehop/0
	fresh
}

drain()
{
	rm -f "$HOME/.fill" /var/spool/onehop/.fill
}

everywhere()
{
	echo "$(($(queued) + $(queued /var/spool/onehop/0)))"
}

submit()
{
	run "$SENDMAIL" -f joe@x.example a@y.example <"${1:-$T/in}"
}

{
	cat "$T/in"
	head -c 400000 /dev/zero | tr '\0' 'x' | fold -w 70
} >"$T/large"

for text in "$T/in" "$T/large"; do
	size="$(wc -c <"$text") octets"
	empty
	fill "$HOME" 0
	fill /var/spool/onehop 0
	rules 'GREETING 421 busy'
	submit "$text"
	is "$rc $(everywhere)" "75 0" "$size, no room for it: the caller keeps it"
	like "$(cat "$T/err")" 'No space left on device' "and is told why"
	rules
	submit "$text"
	is "$rc $(got a@y.example)" "0 1" "$size, no need of room: it goes"
	drain
	empty
	fill "$HOME" 0
	rules 'GREETING 421 busy'
	submit "$text"
	is "$rc $(queued) $(queued /var/spool/onehop/0)" "0 0 1" \
	    "$size, a full home: it waits in the spool"
	drain
	heal
	is "$(got a@y.example)" 1 "and goes from there"
done

problems=
for text in "$T/in" "$T/large"; do
	for pages in 0 1 2 3 4 5 6 8 12 90 98 99 100 101 102 103 104; do
		what="$(wc -c <"$text") octets and $pages pages"
		empty
		fill /var/spool/onehop 0
		fill "$HOME" $pages
		rules 'GREETING 421 busy'
		submit "$text"
		case $rc:$(everywhere) in
		0:1 | 75:0) ;;
		*) problem "$(everywhere) wait" ;;
		esac
		drain
		after_submit
	done
done
is "$problems" "" "a home that is nearly full: it waits there, or the caller knows"

# A run whose results are to be noted on a full disk, again and again

for where in home both; do
	empty
	start_run
	problems= what="a run, $where full"
	fill "$HOME" 0
	[ $where = home ] || fill /var/spool/onehop 0
	n=0
	while [ $n -lt 8 ]; do
		n=$((n + 1))
		run "$SENDMAIL" -q
		[ "$rc" -lt 128 ] || problem "run $n dies"
		[ "$(got b@y.example)" = 1 ] ||
		    problem "run $n: b got it $(got b@y.example) times"
	done
	sound
	like "$(strings -n 8 "$HOME"/.queue/active/* | cut -d' ' -f3 | sort | uniq)" \
	    delivered "$where full: results are noted"
	ok "$where full: the reason is shown" grep -q '4.2.1' "$T/list"
	drain
	after_run
	is "$problems" "" "$where full: each gets it once, and one report is made"
done

# The reserve does not last forever: then one may get it twice, nobody never.
empty
start_run
fill "$HOME" 0
fill /var/spool/onehop 0
problems= what="a disk that stays full"
rules 'RCPT *@y.example 450 4.2.1 '"$(printf '%0300d' 0)"
n=0
while [ $n -lt 60 ]; do
	n=$((n + 1))
	"$SENDMAIL" -q 2>"$T/err" || problem "run $n says $(cat "$T/err")"
done
rules 'RCPT r@* 550 5.1.1 who is that'
"$SENDMAIL" -q 2>"$T/err"
drain
may_repeat=1
after_run
is "$problems" "" "$what: nobody is forgotten"

done_testing
