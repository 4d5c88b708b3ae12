#!/bin/sh
# SPDX-License-Identifier: ISC
# What waits is tried by the steps of `retry', its sender told of the delay once,
# and it is given up after `expire': only when an attempt has just failed, five
# did, and the clock can be believed.  What failed is kept for 30 days.
. "${0%/*}/lib.sh"

ca_make
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"
day=86400

the_file()
{
	find "$HOME/.queue/${1:-active}" -type f ! -exec grep -q '^from <>$' {} \; \
	    -print
}

now()
{
	date +%s
}

in_folder()
{
	find "$HOME/.queue/$1" -type f 2>/dev/null | wc -l | tr -d ' '
}

# store AGE ATTEMPTS [option...]: a message so old, tried so often meanwhile.
store()
{
	age=$1 attempts=$2
	shift 2
	rm -rf "$HOME/.queue" "$T/smarthost" "$T/log"
	mkdir "$T/smarthost"
	"$SENDMAIL" -odq "$@" <"$T/in" || diag "not stored"
	set -- created $(($(now) - age))
	while [ "$attempts" -gt 0 ]; do
		attempts=$((attempts - 1))
		set -- "$@" note "$(($(now) - age + attempts)) attempt - <>"
	done
	perl "$TOP/t/record.pl" "$HOME"/.queue/active/* "$@" ||
	    diag "not altered"
}

flush()
{
	run "$SENDMAIL" -q
}

read_report()
{
	rules
	flush
	perl "$TOP/t/report.pl" \
	    "$(grep -l '^MAIL FROM:<>' "$T/smarthost"/*.env | sed 's/env$/msg/')" \
	    >"$T/report" 2>&1 || echo "problem: no report" >>"$T/report"
	is "$(grep ^problem "$T/report")" "" "the report is sound"
}

# Whether it waits, with no report about it.
waits()
{
	is "$rc $(the_file | wc -l) $(queued) $(arrived)" "0 1 1 0" "$1"
}

# Whether it was given up: gone, and a report waits.
expired()
{
	is "$(the_file | wc -l) $(in_folder active)" "0 1" "$1"
}

smarthost_start

# Expiry

conf_write
rules 'RCPT * 451 4.2.1 later'
store $((5 * day + 60)) 4 -f joe@x.example a@y.example b@y.example
flush
expired "older than 5 days, the fifth attempt failed: given up"
like "$(cat "$T/log")" 'to=<b@y.example>.*status=expired \(451 4.2.1 later' \
    "the log says so"
read_report
like "$(cat "$T/report")" '^1 Status 4.4.7$' "the status is 4.4.7"
like "$(cat "$T/report")" '^1 Action failed$' "it failed"
like "$(cat "$T/report")" '^1 Diagnostic-Code smtp; 451 4.2.1 later$' \
    "in the server's last words"
like "$(cat "$T/report")" '^people +4.4.7 given up: 451 4.2.1 later$' \
    "a person reads that it was given up"
like "$(cat "$T/report")" '^recipients 2$' "both recipients"
is "$(queued)" 0 "nothing is left"

rules 'RCPT * 451 4.2.1 later'
store $((5 * day - 600)) 9 -f joe@x.example -N failure a@y.example
flush
waits "younger than 5 days: it waits"
store $((20 * day)) 3 -f joe@x.example -N failure a@y.example
flush
waits "only the fourth attempt failed: it waits"
flush
expired "the fifth: given up"
store $((20 * day)) 9 -f joe@x.example -N failure a@y.example
rules
flush
is "$(queued) $(arrived)" "0 1" "old, but accepted: it is sent"
rules 'GREETING 554 no'
store $((20 * day)) 9 -f joe@x.example -N failure a@y.example
flush
flush
waits "old, and the account is at fault: that is no attempt"
rules 'AUTH * 535 5.7.8 no'
flush
waits "nor is a login that is refused"
rules 'RCPT * 451 4.2.1 later'
flush
expired "then the message itself is deferred: given up"

conf_write '[queue]' 'runner = no' 'expire = 1h'
store 3000 9 -f joe@x.example -N failure a@y.example
flush
waits "expire = 1h: not before"
store 3700 9 -f joe@x.example -N failure a@y.example
flush
expired "expire = 1h: then"
conf_write

rules 'RCPT a@* 451 4.2.1 later' 'RCPT b@* 550 5.1.1 who'
store $((20 * day)) 9 -f joe@x.example a@y.example b@y.example c@y.example
flush
expired "given up beside refused: both at once"
read_report
like "$(cat "$T/report")" '^recipients 2$' "one report about both"
is "$(sed -n 's/^[12] Status //p' "$T/report" | sort | tr '\n' ' ')" \
    "4.4.7 5.1.1 " "each with its status"
is "$(arrived)" 2 "and the third recipient has his mail"

rules 'RCPT * 451 4.2.1 later'
store $((20 * day)) 9 -f joe@x.example -N never a@y.example
flush
is "$(queued)" 0 "NOTIFY=NEVER: given up, no report"
like "$(cat "$T/log")" 'status=expired' "the log has it"
store $((20 * day)) 9 -f '<>' a@y.example
flush
is "$(in_folder active) $(in_folder failed)" "0 1" "from <>: it lies in failed"

rules 'DOT keep close'
store $((20 * day)) 9 -f joe@x.example -N failure a@y.example
flush
expired "outcome unknown: given up too"

# Clocks

rules 'RCPT * 451 4.2.1 later'
store 60 9 -f joe@x.example -N failure a@y.example
for created in 0 1000 $(($(now) + 2 * day)) $(($(now) + 3000 * day)); do
	perl "$TOP/t/record.pl" "$(the_file)" created $created
	flush
	waits "created at $created: nothing is given up"
done
store 0 0 -f joe@x.example -N failure a@y.example
perl "$TOP/t/record.pl" "$(the_file)" created 0 note '5 attempt - <>' \
    note '6 attempt - <>' note '7 attempt - <>' note '8 attempt - <>' \
    note "$(($(now) - 60)) attempt - <>"
flush
waits "a machine that woke up in 1970 counts from its first sane attempt"
for created in 0 $(($(now) + 3000 * day)); do
	store 0 0 -f joe@x.example -N failure a@y.example
	perl "$TOP/t/record.pl" "$(the_file)" created $created \
	    note '5 attempt - <>' note '6 attempt - <>' note '7 attempt - <>' \
	    note "$(($(now) - 6 * day)) attempt - <>" \
	    note "$(($(now) - 5 * day)) attempt - <>" \
	    note "$(($(now) - 4 * day)) attempt - <>" \
	    note "$(($(now) - 3 * day)) attempt - <>"
	flush
	expired "created at $created: given up five days after that one"
done

# A broken alias is no fault of the message.
conf_write '[queue]' 'runner = no' '[aliases]' 'bad = not a list @@'
store $((20 * day)) 9 -f joe@x.example -N failure a@y.example bad
flush
is "$(the_file | wc -l) $(in_folder active)" "1 2" \
    "beside who was given up the alias still waits"
unlike "$(cat "$T/log")" 'to=<bad>.*status=expired' "as the log has it"
like "$("$MAILQ")" "alias 'bad'" "and mailq"
rules
flush
is "$(in_folder active) $(in_folder failed) $(arrived)" "0 1 1" \
    "then it lies in failed, and the report has gone"
like "$(cat "$T/log")" 'to=<bad>.*status=expired' "as the log has it"
rules 'RCPT *@y.example 451 4.2.1 later'
store 60 0 -f joe@x.example bad
flush
is "$(in_folder active) $(in_folder failed)" "1 0" "a young one waits"
conf_write

# Five attempts, and then the clock leapt ahead, or the machine was off so long.
for created in $((32 * day)) $((1900 * day)); do
	store $created 5 -f joe@x.example -N failure a@y.example
	for attempt in 1 2 3 4; do
		flush
	done
	waits "since the last one $((created / day)) days passed: four are none"
	flush
	expired "five are enough"
done

# Delay

delayed()
{
	cat "$T/smarthost"/*.msg 2>/dev/null | grep -c '^Action: delayed'
}

rules 'RCPT *@y.example 451 4.2.1 later'
store $((4 * 3600 + 60)) 0 -V x1 -f joe@x.example a@y.example b@y.example
flush
is "$(queued)" 2 "after 4 hours a report of the delay"
flush
flush
flush
is "$(queued) $(arrived)" "1 1" "only one, and the message still waits"
perl "$TOP/t/report.pl" "$T/smarthost/1.msg" >"$T/report"
is "$(grep ^problem "$T/report")" "" "the report is sound"
like "$(cat "$T/report")" '^header Subject Delayed mail' "its subject says delayed"
like "$(cat "$T/report")" '^1 Action delayed$' "and so does the action"
like "$(cat "$T/report")" '^1 Status 4.2.1$' "with the server's status"
like "$(cat "$T/report")" '^1 Diagnostic-Code smtp; 451 4.2.1 later$' "and words"
like "$(cat "$T/report")" \
    "^1 Will-Retry-Until $(date -R -d "@$(($(now) + 5 * day - 4 * 3600 - 60))" |
	cut -c 1-17)" "and when we give up"
like "$(cat "$T/report")" '^message Original-Envelope-Id x1$' "and the ENVID"
like "$(cat "$T/report")" '^recipients 2$' "for both"
rules
flush
is "$(queued) $(arrived)" "0 2" "then it is delivered"

rules 'RCPT *@y.example 451 4.2.1 later'
store 0 0 -f joe@x.example a@y.example
perl "$TOP/t/record.pl" "$(the_file)" created 1000 note '5 attempt - <>' \
    note "$(($(now) - 5 * 3600)) attempt - <>"
flush
read_report
until=$(date -R -d "@$(($(now) + 5 * day - 5 * 3600))" | cut -c 1-17)
like "$(cat "$T/report")" "^1 Will-Retry-Until $until" \
    "stored in 1970: we give up five days after the first sane attempt"
like "$(cat "$T/report")" "^people .*$until" "a person reads so, too"
unlike "$(cat "$T/report")" '^(1 Will-Retry|people).* 1970 ' "not of 1970"

rules 'RCPT *@y.example 550 5.4.5 daily limit'
store $((4 * 3600 + 60)) 0 -f joe@x.example a@y.example
flush
read_report
like "$(cat "$T/report")" '^1 Status 4.4.5$' "a 5xx that misleads is a delay"

rules 'RCPT *@y.example 451 4.2.1 later'
none()
{
	flush
	flush
	is "$(in_folder active) $(queued) $(arrived)" "1 1 0" "$1"
}
store $((3 * 3600)) 0 -f joe@x.example a@y.example
none "no report before 4 hours"
store $((5 * 3600)) 0 -N never -f joe@x.example a@y.example
none "none with NOTIFY=NEVER"
store $((5 * 3600)) 0 -N failure -f joe@x.example a@y.example
none "none with NOTIFY=FAILURE"
store $((5 * 3600)) 0 -f joe@x.example a@y.example
perl "$TOP/t/record.pl" "$(the_file)" created 0
none "none if nobody knows since when it waits"
conf_write '[queue]' 'runner = no' 'warn = 0'
store $((50 * 3600)) 0 -f joe@x.example a@y.example
none "none with warn = 0"
conf_write '[queue]' 'runner = no' 'warn = 1h'
store 3700 0 -f joe@x.example a@y.example
flush
is "$(queued)" 2 "warn = 1h: after an hour"
conf_write
store $((5 * 3600)) 0 -f joe@x.example a@y.example
rules 'GREETING 421 busy'
none "none while the account alone is at fault"
rules 'RCPT *@y.example 451 4.2.1 later'
store $((5 * 3600)) 0 -f '' a@y.example
none "none to <>"

store $((5 * 3600)) 0 -f joe@x.example a@y.example
flush
perl "$TOP/t/record.pl" "$(the_file)" created $(($(now) - 20 * day)) \
    note "$(now) attempt - <>" note "$(now) attempt - <>" \
    note "$(now) attempt - <>"
flush
rules 'RCPT *@y.example 451 4.2.1 later'
flush
flush
is "$(cat "$T/smarthost"/*.msg | grep -c '^Action: delayed') $(
    cat "$T/smarthost"/*.msg | grep -c '^Action: failed') $(queued)" "1 1 0" \
    "delayed first, then given up: a report of each"

conf_write '[aliases]' 'team = a@y.example, b@y.example'
store $((5 * 3600)) 0 -f joe@x.example team
flush
flush
conf_write '[aliases]' 'team = a@y.example, c@y.example'
flush
flush
is "$(delayed) $(queued)" "2 1" "an alias that changes is no new delay"
conf_write

# The steps

# step WANT DESCRIPTION: due in so many seconds, give or take a tenth.
step()
{
	in=$(($(stat -c %Y "$(the_file)") - $(now)))
	ok "$2" test $in -ge $(($1 * 9 / 10 - 5)) -a $in -le $(($1 * 11 / 10 + 1))
}
rules 'RCPT * 451 4.2.1 later'
rm -rf "$HOME/.queue"
"$SENDMAIL" -f joe@x.example a@y.example <"$T/in"
step 60 "the caller's own attempt sets the first step"
n=1
for want in 300 900 1800 3600 7200 14400 14400 14400; do
	n=$((n + 1))
	flush
	step $want "failed attempt $n sets step $n, $want s"
done
store 0 0 -f joe@x.example a@y.example
flush
step 60 "what was only stored begins with the first step"
f=$(the_file)
touch -d "@$(($(now) + 77))" "$f"
rules 'GREETING 554 no'
flush
step 77 "an account fault leaves it due as it was"
conf_write '[queue]' 'runner = no' 'retry = 10m 20m'
rules 'RCPT * 451 4.2.1 later'
flush
step 1200 "retry = 10m 20m: the second"
flush
step 1200 "and the last again"
conf_write
rm -rf "$HOME/.queue"
"$SENDMAIL" -f joe@x.example a@y.example b@y.example <"$T/in"
rules 'RCPT a@* 451 4.2.1 later'
flush
step 300 "some were accepted: it was an attempt for the rest"
rm -rf "$HOME/.queue"
"$SENDMAIL" -f joe@x.example a@y.example b@y.example <"$T/in"
step 60 "and so while the caller waits"
rm -rf "$HOME/.queue"
rules 'RCPT a@* 451 4.2.1 later' 'RCPT b@* 550 5.1.1 who'
"$SENDMAIL" -f joe@x.example a@y.example b@y.example <"$T/in"
step 60 "a report about others does not bring it forward"
rm -rf "$HOME/.queue"
"$SENDMAIL" -odq -f joe@x.example a@y.example b@y.example <"$T/in"
flush
step 60 "nor in a run"

# Swept

rules 'RCPT * 550 5.1.1 who'
store 0 0 -f joe@x.example a@y.example
flush
flush
f=$(find "$HOME/.queue/failed" -type f)
touch -d "@$(($(now) - 30 * day + 3600))" "$f"
flush
is "$(in_folder failed)" 1 "what failed 29 days ago is still there"
touch -d "@$(($(now) - 30 * day - 60))" "$f"
cp -p "$f" "$T/kept"
cd "$HOME/.queue/failed" || exit
echo foreign >0123456789ABCDEF
echo foreign >README
cp "$f" 0123456789ABCDE0 && printf x >>0123456789ABCDE0
cp "$f" 0123456789ABCDE1 && chmod 644 0123456789ABCDE1
cp "$f" 0123456789ABCDE2 && ln 0123456789ABCDE2 "$T/second"
cp "$f" 0123456789ABCDE3 && printf y |
    dd of=0123456789ABCDE3 bs=1 seek=200 conv=notrunc 2>/dev/null
mkdir 0123456789ABCDE4
ln -s "$T/kept" 0123456789ABCDE5
mkfifo 0123456789ABCDE6
touch -h -d "@$(($(now) - 300 * day))" README 0123456789*
cd "$T" || exit
flush
is "$rc $(ls "$HOME/.queue/failed" | tr '\n' ' ')" \
    "0 0123456789ABCDE1 0123456789ABCDE2 0123456789ABCDE3 0123456789ABCDE4 0123456789ABCDE5 0123456789ABCDE6 0123456789ABCDEF README " \
    "what failed 30 days ago is removed; what is not ours, or broken, stays"
silent "the run is silent"
like "$(cat "$T/log")" "${f##*/} is removed" "the log has what was removed"
ok "a link is not followed" test -e "$T/kept"

# by SECONDS COMMAND...: by a clock that is so far ahead
by()
{
	off=$1
	shift
	env ASAN_OPTIONS=verify_asan_link_order=0 CLOCK_OFF="$off" \
	    LD_PRELOAD="$TOP/t/shim-clock.so" "$@"
}

# No certificate was good in 1970.
smarthost_stop
smarthost_start -a -t none
conf_write 'tls = off' -user -password -ca
rules 'RCPT * 550 5.1.1 who'
store 0 0 -f '<>' a@y.example
by -$(($(now) - 3600)) "$SENDMAIL" -q
f=$(find "$HOME/.queue/failed" -type f)
is "$(stat -c %Y "$f" | cut -c 1-2) $(in_folder failed)" "36 1" \
    "set aside in 1970"
flush
is "$rc $(in_folder failed)" "0 1" "a run by a right clock keeps it"
ok "for 30 days from then on" test $(($(now) - $(stat -c %Y "$f"))) -le 10
silent "silently"
touch -d "@$((86400 * 3))" "$f"
by -$(($(now) - 86400 * 60)) "$SENDMAIL" -q
is "$(in_folder failed) $(stat -c %Y "$f")" "1 $((86400 * 3))" \
    "a run of 1970 sweeps nothing"
touch -d "@$(($(now) - 31 * day))" "$f"
flush
is "$(in_folder failed)" 0 "in the end it is removed"

done_testing
