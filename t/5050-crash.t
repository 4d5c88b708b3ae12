#!/bin/sh
# SPDX-License-Identifier: ISC
# Whatever call of a run is its last (kill -9), or fails (a full or a failing
# disk): the next run leaves one report about each who was refused, who was
# deferred waits or is served once, who was accepted is served once; unless the
# crash came between the dot and the line about it in the journal.
LIMIT=1500
. "${0%/*}/lib.sh"

conf_write 'host = localhost' 'tls = off' -user -password -ca \
    '[queue]' 'runner = no' 'warn = 4h'
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"

smarthost_start -a -t none

empty()
{
	rm -rf "$HOME/.queue" "$T/smarthost"
	mkdir "$T/smarthost"
}

# save: the queue as it is now is where each case begins.
save()
{
	rm -rf "$T/saved"
	cp -a "$HOME/.queue" "$T/saved"
}

restore()
{
	empty
	cp -a "$T/saved" "$HOME/.queue"
}

# How often a recipient got a message, and how many reports are about him.
served()
{
	cat "$T/smarthost"/*.env 2>/dev/null | grep -c "^RCPT TO:<$1>"
}

# A report is delivered when its message file is there, once.
reports()
{
	{
		cat "$T/smarthost"/*.msg
		for f in "$HOME"/.queue/active/* "$HOME"/.queue/failed/*; do
			[ -f "$f" ] && grep -q '^from <>' "$f" && cat "$f"
		done
	} 2>/dev/null | tr -d '\r' | awk -v to="rfc822; $1" -v action="$2" '
	/^Final-Recipient: / { it = substr($0, 18) == to }
	/^Action: / { n += it && substr($0, 9) == action; it = 0 }
	END { print n + 0 }'
}

# Whether the journal of the message that waits lacks the line of who was
# accepted: then he gets it again, as is documented.
is_forgotten()
{
	[ "$(served ok@y.example)" = 1 ] &&
	    ! cat "$HOME"/.queue/active/* 2>/dev/null |
	    grep -aq '^[0-9a-f]\{8\} [0-9]* delivered ' &&
	    grep -alq '^to ok@' "$HOME"/.queue/active/* 2>/dev/null
}

# Those that alter something which another process can see, and the end: who is
# killed at any other leaves what he would have left at the next of these.
changes='write|pwrite64|fsync|fdatasync|linkat|unlinkat|renameat2|utimensat'
changes="$changes|fallocate|flock|mkdirat|connect|sendto|close|exit_group"

# Those of a run that was traced, each with how often it was made before the
# queue (or the smarthost) was first touched: that matters to nobody.
calls()
{
	awk -F'(' -v changes="^($changes)$" '/^[a-z_0-9]+\(/ { seen[$1]++; if (!begun) early[$1]++ }
	/\.queue|sin_port=htons\(2587\)/ { if (!begun) early[$1]--; begun = 1 }
	END { for (call in seen) if (call ~ changes) print call, early[call] + 0 }
	' "$T/trace"
}

# kills CHECK COMMAND...: kill it at each of its calls, run again, check.
kills()
{
	check=$1
	shift
	restore
	strace -o "$T/trace" "$@" <"$T/in" 2>/dev/null
	calls >"$T/calls"
	bad= count=0
	while read -r call n; do
		while :; do
			n=$((n + 1))
			restore
			strace -o "$T/trace" -e inject=$call:signal=KILL:when=$n \
			    "$@" <"$T/in" 2>/dev/null
			grep -q 'killed by SIGKILL' "$T/trace" || break
			count=$((count + 1))
			examine "$check" "kill at $call $n"
		done
	done <"$T/calls"
}

# each_kill NAME CHECK: kill a run at each of its calls.
each_kill()
{
	kills "$2" "$SENDMAIL" -q
	is "$bad" "" "$1: killed at each of its calls"
	ok "$1: there were many ($count)" test "$count" -gt 30
}

# each_fault NAME CHECK CALLS ERRORS: let each call of a kind fail once.
each_fault()
{
	for call in $3; do
		for error in $4; do
			n=0 bad=
			while :; do
				n=$((n + 1))
				restore
				strace -o "$T/trace" \
				    -e inject=$call:error=$error:when=$n \
				    "$SENDMAIL" -q >"$T/out" 2>&1
				grep -q INJECTED "$T/trace" || break
				examine "$2" "$call $n $error"
			done
			is "$bad" "" "$1: $call fails with $error, one by one"
		done
	done
}

examine()
{
	may_repeat=0 is_ours=1
	is_forgotten && may_repeat=1
	[ "$(queued)" = 0 ] && is_ours=0
	"$SENDMAIL" -q || bad="$bad; $2: the next run fails"
	"$SENDMAIL" -q
	fault=$($1)
	[ -z "$fault" ] && return
	bad="$bad; $2:$fault"
	rm -rf "$T/broken"
	cp -a "$HOME/.queue" "$T/broken"
}

# want WHAT GOT FROM [TO]
want()
{
	[ "$2" -ge "$3" ] && [ "$2" -le "${4:-$3}" ] || printf ' %s is %s' "$1" "$2"
}

# A run that refuses one, defers one, and serves one

rules 'RCPT no@* 550 5.1.1 who' 'RCPT later@* 451 4.2.1 later'
mixed()
{
	want reports "$(reports no@y.example failed)" 1
	want refused "$(served no@y.example)" 0
	want served "$(served ok@y.example)" 1 $((1 + may_repeat))
	want deferred "$(served later@y.example)" 0
	want waiting "$(queued)" 1
	rules
	"$SENDMAIL" -q
	want then "$(served later@y.example)" 1
	want again "$(served ok@y.example)" 1 $((1 + may_repeat))
	want reports "$(reports no@y.example failed)" 1
	want left "$(queued)" 0
	rules 'RCPT no@* 550 5.1.1 who' 'RCPT later@* 451 4.2.1 later'
}
empty
"$SENDMAIL" -odq -f joe@x.example no@y.example ok@y.example later@y.example \
    <"$T/in"
save
each_kill "refused, deferred, accepted" mixed
each_fault "refused, deferred, accepted" mixed 'write pwrite64 fsync fdatasync
    linkat unlinkat utimensat renameat2 fallocate openat read pread64 flock' \
    'ENOSPC EIO'

# A run that ends a message: one refused, one served

ended()
{
	want reports "$(reports no@y.example failed)" 1
	want served "$(served ok@y.example)" 1 $((1 + may_repeat))
	want left "$(queued)" 0
}
empty
"$SENDMAIL" -odq -f joe@x.example no@y.example ok@y.example <"$T/in"
save
each_kill "refused, accepted" ended

# A report is there, and its origin does not know of it yet

orphan()
{
	restore
	strace -o "$T/trace" -e inject=fsync:signal=KILL:when=2 "$SENDMAIL" -q \
	    2>/dev/null
	is "$(reports no@y.example failed) $(cat "$HOME"/.queue/*/* \
	    /var/spool/onehop/0/*/* 2>/dev/null | grep -ac ' reported ')" "1 0" \
	    "killed between report and note"
}
save_orphan()
{
	orphan
	origin=$(grep -al '^from joe' "$HOME"/.queue/active/*)
	touch -d yesterday "$origin"
	cp -a "$T/saved" "$T/before"
	save
}
save_orphan
orphaned()
{
	want reports "$(reports no@y.example failed)" 1
	want left "$(queued)" 0
}
each_fault "a report whose origin does not know of it" orphaned \
    'openat pread64 newfstatat flock pwrite64 fdatasync linkat' EIO
rm -rf "$T/saved"
mv "$T/before" "$T/saved"
orphan
origin=$(grep -al '^from joe' "$HOME"/.queue/active/*)
flock "$origin" "$SENDMAIL" -q
is "$(arrived)" 1 "while someone holds the origin its report does not go"
"$SENDMAIL" -q
is "$(arrived) $(queued)" "2 0" "then it does, and nothing is left"

install -d -m 1777 /var/spool/onehop
mkdir -m 700 /var/spool/onehop/0
mkdir -m 700 /var/spool/onehop/0/active
mv "$T/saved/active/${origin##*/}" /var/spool/onehop/0/active
orphan
is "$(queued) $(queued /var/spool/onehop/0)" "1 1" "they lie in two queues"
"$SENDMAIL" -q
"$SENDMAIL" -q
is "$(reports no@y.example failed) $(queued) $(queued /var/spool/onehop/0)" \
    "1 0 0" "so does a report whose origin lies in another queue"
rm -rf /var/spool/onehop

# Killed between report and note, and then the note fails once: while there is
# one about a, who was refused, others are refused as well.

empty
"$SENDMAIL" -odq -f joe@x.example no@y.example b@y.example c@y.example <"$T/in"
rules 'RCPT no@* 550 5.1.1 who' 'RCPT [bc]@* 451 4.2.1 later'
strace -o "$T/trace" -e inject=fsync:signal=KILL:when=2 "$SENDMAIL" -q 2>/dev/null
is "$(reports no@y.example failed)" 1 "a report whose origin does not know of it"
origin=$(grep -al '^from joe' "$HOME"/.queue/active/*)
sleep 1.1
rules 'RCPT no@* 550 5.1.1 who' 'RCPT b@* 550 5.1.1 who' 'RCPT c@* 451 4.2.1 later'
strace -o "$T/trace" -e inject=pwrite64:error=EIO:when=1 "$SENDMAIL" \
    -qI "${origin##*/}" 2>/dev/null
is "$(grep -c INJECTED "$T/trace") $(served b@y.example)" "1 0" \
    "nor can it be told: it is not tried before it is"
is "$(grep -c 'RCPT TO:<[bc]@' "$T/smarthost.log")" 2 "(they were tried once)"
"$SENDMAIL" -q
rules
"$SENDMAIL" -q
"$SENDMAIL" -q
is "$(reports no@y.example failed) $(reports b@y.example failed) $(
    served c@y.example) $(queued)" "1 1 1 0" "each refusal is reported once"
rules 'RCPT no@* 550 5.1.1 who' 'RCPT later@* 451 4.2.1 later'

# Several runs at once

empty
i=0
while [ $i -lt 30 ]; do
	"$SENDMAIL" -odq -f joe@x.example no@y.example "r$i@y.example" <"$T/in"
	i=$((i + 1))
done
for i in 1 2 3; do
	for j in 1 2 3 4; do
		"$SENDMAIL" -q &
		eval "p$j=$!"
	done
	wait "$p1" "$p2" "$p3" "$p4"
done
is "$(reports no@y.example failed) $(arrived) $(queued)" "30 60 0" \
    "four runs at once make and send each report once"

# A run that gives up one message, and tells of the delay of another

rules 'RCPT *@y.example 451 4.2.1 later'
late()
{
	want failures "$(reports old@y.example failed)" 1
	want delays "$(reports later@y.example delayed)" 1
	want waiting "$(queued)" 1
}
empty
"$SENDMAIL" -odq -f joe@x.example old@y.example <"$T/in"
tried=$(($(date +%s) - 86400 * 9))
perl "$TOP/t/record.pl" "$HOME"/.queue/active/* created $tried \
    note '5 reported 1 delayed' \
    note "$tried attempt - <>" note "$tried attempt - <>" \
    note "$tried attempt - <>" note "$tried attempt - <>"
old=$(ls "$HOME/.queue/active")
"$SENDMAIL" -odq -f joe@x.example later@y.example <"$T/in"
new=$(ls "$HOME/.queue/active" | grep -v "$old")
perl "$TOP/t/record.pl" "$HOME/.queue/active/$new" created \
    $(($(date +%s) - 18000))
save
each_kill "given up, delayed" late

# A run in which a report is refused

rules 'RCPT * 550 5.1.1 who'
failed()
{
	want reports "$(reports no@y.example failed)" 1
	want failed "$(queued "$HOME/.queue/failed")" 1
	want left "$(queued)" 1
}
empty
"$SENDMAIL" -odq -f joe@x.example no@y.example <"$T/in"
"$SENDMAIL" -q
save
each_kill "a report that is refused" failed

# While the caller waits: what is not ours leaves nothing but a report

rules 'RCPT no@* 550 5.1.1 who' 'RCPT later@* 451 4.2.1 later'
caller_gone()
{
	# Either it was never ours, or all is as if a run had been killed.
	kept=$(find "$HOME/.queue/active" -type f -exec grep -alq '^to no@' {} \; -print |
	    wc -l)
	want waiting "$kept" "$is_ours"
	want reports "$(reports no@y.example failed)" "$is_ours"
	want served "$(served ok@y.example)" "$is_ours" $((1 + may_repeat))
}
empty
"$SENDMAIL" -odq -f joe@x.example x@y.example <"$T/in"
rm "$HOME"/.queue/active/*
save
kills caller_gone "$SENDMAIL" -f joe@x.example no@y.example ok@y.example \
    later@y.example
is "$bad" "" "while the caller waits: killed at each of its calls"
ok "while the caller waits: there were many ($count)" test "$count" -gt 30

done_testing
