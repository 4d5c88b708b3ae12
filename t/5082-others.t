#!/bin/sh
# SPDX-License-Identifier: ISC
# One of several smarthosts is away: the mail of the others goes, and what waits
# for it is looked at and no more; nor does it suffer for another's probes.
. "${0%/*}/lib.sh"
. "$TOP/t/process.sh"

ca_make
printf 'Subject: hi\n\nhello\n' >"$T/in"
relay=$HOME/.queue/.relay

# two [LINE...]: one takes mail of x.example, the other of y.example
two()
{
	conf_write 'senders = @x.example' '[smarthost other]' \
	    'host = localhost' 'port = 2588' "ca = $T/ca.pem" \
	    "user = $USER_NAME" "password = $PASSWORD" 'senders = @y.example' \
	    '[queue]' 'runner = no' "$@"
}

# store SENDER COUNT WHEN: so many wait, due since then.  One is written, the
# others are its copies.
store()
{
	"$SENDMAIL" -odq -f "$1" r@z.example <"$T/in"
	file=$(ls "$HOME"/.queue/active/* | tail -n 1)
	for n in $(seq -f %05.0f "$2"); do
		cp "$file" "${file%?????}$n"
	done
	rm "$file"
	touch -d "$3" "${file%?????}"*
}

# The child of the first process has ended.
is_over()
{
	awk 'NR == 1 { first = $1 }
	!child && $1 != first { child = $1 }
	$1 == child && /exited with/ { over = 1 }
	END { exit !over }' "$T/trace"
}

# A run as the timer has it, with each call that opens or writes a file in trace;
# its period is over long after the first one.
due_run()
{
	rm -f "$T/trace"
	calls=openat,utimensat,pwrite64,fsync,fdatasync,fallocate,ftruncate
	strace -f -q -o "$T/trace" -e trace=$calls,/rename,/^link,unlinkat,/mkdir \
	    "$SENDMAIL" -bD -q1h & pid=$!
	await 20 is_over
	kill $(ours)
	wait $pid
}

# Which of these calls, and how often
writes()
{
	sed -n 's/^[0-9]* *\([a-z0-9]*\)(.*/\1/p' "$T/trace" | grep -v openat |
	    sort | uniq -c | tr -s ' \n' ' '
}

state()
{
	find "$HOME/.queue/active" -type f -printf '%f %T@ %C@ %s\n' | sort
}

has_other()
{
	[ "$(arrived other)" = "$1" ]
}

probes()
{
	awk -v host="$1" '$5 == host { print $4 }' "$relay"
}

smarthost_start
smarthost_start -n other -p 2588

# One is stamped, then each is

two
fresh 'GREETING 554 no'
rm -rf "$T/other" && mkdir "$T/other"
send a@z.example
store joe@x.example 200 yesterday
store ann@y.example 2 '1 minute ago'
is "$rc $(queued) $(probes smarthost.test)" "0 203 1" "one smarthost is away"
state >"$T/before"
: >"$T/log"
due_run
is "$(queued) $(arrived other)" "201 2" "what the other one takes is sent"
state | comm -12 "$T/before" - >"$T/same"
is "$(wc -l <"$T/same")" 201 "what has to wait stays as it was, and due"
is "$(writes)" " 2 fsync 2 unlinkat 2 utimensat " \
    "and costs no call that writes"
is "$(grep -c ann@y.example "$T/log") $(wc -l <"$T/log")" "2 2" \
    "nor a line in the log"
is "$(connects)" 1 "nor a connection"

printf 'GREETING 554 no\n' >"$T/other.rules"
run "$SENDMAIL" -f ann@y.example b@z.example <"$T/in"
is "$(probes localhost) $(queued)" "1 202" "then both are away"
state >"$T/before"
: >"$T/log"
due_run
state | cmp -s "$T/before" -
is "$? $(writes)" "0 " "a run changes nothing"
is "$(grep -c 'openat.*\.relay' "$T/trace") $(grep -c 'openat.*[0-9A-F]\{16\}' \
    "$T/trace")" "1 0" "and opens no message"
is "$(connects) $(wc -l <"$T/log")" "1 0" "nor tells or asks anybody"
touch -d '2 days ago' "$(ls "$HOME"/.queue/active/* | tail -n 1)"
strace -f -qq -o "$T/trace" -e trace=%file "$SENDMAIL" -q
looks=$(grep -c onehop.conf "$T/trace")
is "$(connects) $(transcript other | grep -c -- '-- connect')" "2 3" \
    "who asks for it has each asked once"
ok "and none looks for a new configuration for each message ($looks)" \
    test "$looks" -lt 50
: >"$T/other.rules"

# Nor does it take the places of those that an open connection would serve.

fresh 'GREETING 554 no'
rm -rf "$T/other" && mkdir "$T/other"
send a@z.example
store joe@x.example 100 yesterday
store ann@y.example 20 '1 minute ago'
run env ONEHOP_QUEUE_RUNNER=yes ONEHOP_QUEUE_RETRY=1h \
    "$SENDMAIL" -f ann@y.example c@z.example <"$T/in"
ok "an open connection serves those it can serve" await 10 has_other 21
is "$rc $(transcript other | awk '/-- connect/ { n = 0 }
    /^-- text/ { n++ } END { print n }')" "0 21" "twenty of them"
for pid in $(ours); do
	kill -KILL "$pid" 2>/dev/null
done
await 5 all_gone

# The first of two is away, and the second takes what it would.

conf_write 'senders = @x.example, @y.example' '[smarthost other]' \
    'host = localhost' 'port = 2588' "ca = $T/ca.pem" "user = $USER_NAME" \
    "password = $PASSWORD" '[queue]' 'runner = no'
fresh 'GREETING 554 no'
rm -rf "$T/other" && mkdir "$T/other"
store joe@x.example 5 yesterday
: >"$T/log"
run "$SENDMAIL" -q
is "$rc $(queued) $(arrived other) $(connects)" "0 0 5 1" \
    "another one takes what the first does not"
is "$(grep -vc status=sent "$T/log")" 1 "the log says why, once"

# Both are open: each is called once, whoever's turn it is

two
fresh
rm -rf "$T/other" "$T/other.log" && mkdir "$T/other"
: >"$T/other.log"
for i in 1 2 3 4 5; do
	"$SENDMAIL" -odq -f joe@x.example "r$i@z.example" <"$T/in"
	"$SENDMAIL" -odq -f ann@y.example "r$i@z.example" <"$T/in"
done
run "$SENDMAIL" -q
is "$rc $(queued) $(arrived) $(arrived other)" "0 0 5 5" \
    "mail for two smarthosts in turn"
is "$(connects) $(transcript other | grep -c -- '-- connect')" "1 1" \
    "costs one connection to each"
is "$(transcript | grep -c '^C: QUIT') $(transcript other | grep -c '^C: QUIT')" \
    "1 1" "which end in due form"

# The password of one that may not be asked is not asked for either

conf_write 'senders = @x.example' '[smarthost other]' 'host = localhost' \
    'port = 2588' "ca = $T/ca.pem" "user = $USER_NAME" \
    "password_command = echo >>$T/asked; echo x" 'senders = @y.example' \
    '[queue]' 'retry = 1h'
fresh
printf 'GREETING 554 no\n' >"$T/other.rules"
run "$SENDMAIL" -f ann@y.example a@z.example <"$T/in"
is "$(wc -l <"$T/asked") $(probes localhost)" "1 1" "one is asked, and says no"
send b@z.example
send c@z.example
await 5 has_arrived 2
sleep 0.5
is "$(wc -l <"$T/asked") $(arrived) $(queued)" "1 2 1" \
    "mail for another does not ask again, though something is due"
for pid in $(ours); do
	kill -KILL "$pid" 2>/dev/null
done
: >"$T/other.rules"

# Nor does who waits for one wait for the password of another

two
conf_write 'senders = @x.example' '[smarthost other]' 'host = localhost' \
    'port = 2588' "ca = $T/ca.pem" "user = $USER_NAME" \
    "password_command = sleep 5; cat $T/password" 'senders = @y.example' \
    '[queue]' 'retry = 1h'
fresh
printf '%s\n' "$PASSWORD" >"$T/password"
"$SENDMAIL" -odq -f ann@y.example a@z.example <"$T/in"
begun=$(now_ms)
send b@z.example
took=$(($(now_ms) - begun))
ok "a slow password_command keeps who has no need of it no time ($took ms)" \
    test $took -lt 2500
is "$(arrived)" 1 "his mail has arrived"
ok "what does need it is sent, too" await 20 has_queued 0

# No section takes it

two
fresh
rm -rf "$T/other" && mkdir "$T/other"
store who@nowhere.example 3 yesterday
store ann@y.example 1 '1 minute ago'
: >"$T/log"
due_run
is "$(queued) $(arrived other)" "3 1" "what no section takes stops nobody"
unlike "$(cat "$T/log")" nowhere "and is nothing to tell at each run"
run "$SENDMAIL" -q
like "$(cat "$T/log")" "no \[smarthost\] takes mail from 'who@nowhere.example'" \
    "but who asks is told"

# Five vain probes of one do not move what waits for the other

two 'expire = 1s' 'retry = 1s'
fresh 'GREETING 554 no'
printf 'GREETING 554 no\n' >"$T/other.rules"
"$SENDMAIL" -odq -f ann@y.example late@z.example <"$T/in"
"$SENDMAIL" -odq -f joe@x.example a@z.example <"$T/in"
sleep 2.1
for i in 1 2 3 4 5 6; do
	run "$SENDMAIL" -q -qSx.example
done
is "$(probes smarthost.test) $(queued "$HOME/.queue/failed")" "5 1" \
    "five vain probes move what waits for that smarthost"
run "$SENDMAIL" -q
is "$(probes localhost) $(queued "$HOME/.queue/active")" "1 1" \
    "what waits for the other has seen one"
: >"$T/other.rules"
run "$SENDMAIL" -q
is "$rc $(arrived other) $(queued "$HOME/.queue/active")" "0 2 0" "and goes"

# A writer of the stamp that was killed leaves nothing that hinders

conf_write '[queue]' 'runner = no'
fresh 'GREETING 554 no'
send a@z.example
echo rubbish >"$HOME/.queue/.relay.new"
chmod 755 "$HOME/.queue"
send b@z.example
is "$rc $(stat -c %a "$HOME/.queue")" "0 700" \
    "what a killed writer left is known as ours"
run "$SENDMAIL" -q
is "$rc $(ls -A "$HOME/.queue" | tr '\n' ' ')" "0 .relay active failed hold " \
    "and the next writer takes its place"
ln -s "$T/in" "$HOME/.queue/.relay.new"
run "$SENDMAIL" -q
is "$rc $(probes smarthost.test) $(head -n 1 "$T/in")" "0 3 Subject: hi" \
    "and what somebody laid there is not written to"

done_testing
