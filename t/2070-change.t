#!/bin/sh
# SPDX-License-Identifier: ISC
# mailq deletes, holds, releases and tries again what it is told to and nothing
# else, never under the hands of who is sending it; it shows a message as it is.
. "${0%/*}/lib.sh"
. "$TOP/t/queue.sh"

A1=0197ABCDEF011111 A2=0197ABCDEF022222 A3=0197ABCDEF033333
H1=0197ABCDEF044444 H2=0197ABCDEF055555
F1=0197ABCDEF066666 F2=0197ABCDEF077777

# A queue with all kinds of messages, due at times of long ago or far ahead.
furnish_queue()
{
	fresh
	put active/$A1 1795334441 2000000001 100 joe@x.example a@y.example \
	    '1795334442 deferred 1 451+20later'
	put active/$A2 1795334441 2000000002 100 joe@x.example b@y.example
	put active/$A3 1795334441 2000000003 70000 joe@x.example c@y.example
	put hold/$H1 1795334441 2000000004 100 joe@x.example d@y.example \
	    '1795334442 held - <>'
	put hold/$H2 1795334441 2000000005 100 joe@x.example e@y.example
	put failed/$F1 1795334441 1795334441 100 '<>' \
	    'f@y.example g@y.example h@y.example' \
	    '1795334442 refused 1,3 550+20no' \
	    '1795334442 delivered 2 250+20ok' \
	    '1795334443 reported 3 failed'
	put failed/$F2 1795334441 1795334441 100 '<>' i@y.example
}

# where: every file and its folder
where()
{
	(cd "$Q" && find . -type f | sort | sed 's,^\./,,' | tr '\n' ' ')
}

# The files alone, for a folder tells of what was done in it
files()
{
	state | grep -v ' d [0-7]* '
}

# said RC PATTERN WHAT: that exit code, one line that matches, no output
said()
{
	is "$rc $(wc -l <"$T/err") $(wc -c <"$T/out")" "$1 1 0" "$3"
	like "$(cat "$T/err")" "^mailq: $2" "and says so"
}

# silence WHAT: exit 0, and not a word
silence()
{
	is "$rc $(wc -c <"$T/err") $(wc -c <"$T/out")" "0 0 0" "$1"
}

# is_now FILE WHAT: it is due now
is_now()
{
	ok "$2" test "$(($(date +%s) - $(stat -c %Y "$1")))" -le 5 -a \
	    "$(stat -c %Y "$1")" -le "$(date +%s)"
}

# The command line

furnish_queue
state >"$T/before"
usage()
{
	run "$MAILQ" "$@"
	said 64 . "$*: 64, one line"
}
for option in c d h H r; do
	usage -$option
	usage -$option ALL $A1
	usage -$option $A1 ALL
	usage -$option all
	usage -$option ''
	usage -$option ${A1%1}
	usage -$option ${A1}1
	usage -$option "$A1!"
	usage -$option 0197abcdef011111
	usage -$option ../active/$A1
	usage -$option $A1 -x
	usage -j$option $A1
	usage $A1 -$option
done
usage -cd $A1
usage -d -h $A1
usage -r -H ALL
usage -d "$(printf '\033[2J')"
unlike "$(cat "$T/err")" "$(printf '\033')" "what is no ID is named harmlessly"
state >"$T/after"
same_file "$T/after" "$T/before" "what is refused does nothing"

# What is not there

NONE=0197ABCDEF0FFFFF
for option in c d h H r; do
	run "$MAILQ" -$option $NONE
	said 66 ".*'$NONE'" "-$option of what is not there is 66"
done
run "$MAILQ" -d $NONE 0197ABCDEF0EEEEE
is "$rc $(wc -l <"$T/err")" "66 2" "a line for each"
state >"$T/after"
same_file "$T/after" "$T/before" "and nothing was done"
rm -rf "$Q"
for option in c d h H r; do
	run "$MAILQ" -$option ALL
	silence "-$option ALL without a queue is done"
	run "$MAILQ" -$option $NONE
	said 66 ".*'$NONE'" "-$option of an ID without a queue is 66"
done
not_ok "no queue was made" test -e "$Q"

# Delete

for id in active/$A2 hold/$H1 failed/$F1; do
	furnish_queue
	where >"$T/want"
	run "$MAILQ" -d "${id#*/}"
	silence "-d deletes from ${id%/*}"
	is "$(where)" "$(sed "s,$id ,," "$T/want")" "that message and no other"
done
furnish_queue
run "$MAILQ" -v -d $A1 $F2 $H2 $A1
silence "-d takes several, be one named twice"
is "$(where)" "active/$A2 active/$A3 failed/$F1 hold/$H1 " "and deletes these"
run "$MAILQ" -d $A2 $NONE $A3
said 66 ".*$NONE" "one that is not there"
is "$(where)" "failed/$F1 hold/$H1 " "keeps none from being deleted"
run "$MAILQ" -d ALL
silence "-d ALL"
is "$(where)" "" "deletes all"
run "$MAILQ"
is "$rc $(cat "$T/out")" "0 Mail queue is empty" "and mailq knows"

# Hold and release

furnish_queue
inode=$(stat -c %i "$Q/active/$A1")
run "$MAILQ" -h $A1
silence "-h holds"
is "$(where)" \
    "active/$A2 active/$A3 failed/$F1 failed/$F2 hold/$A1 hold/$H1 hold/$H2 " \
    "that message"
is "$(stat -c %i "$Q/hold/$A1")" "$inode" "it is the same file"
is "$(journal "$Q/hold/$A1")" "deferred 1 451+20later;held - <>;" \
    "its journal says so"
run "$MAILQ"
like "$(cat "$T/out")" "^$A1!" "mailq marks it"
state >"$T/before"
run "$MAILQ" -h $A1
silence "what is held is held already"
state >"$T/after"
same_file "$T/after" "$T/before" "nothing is done to it again"
run "$MAILQ" -H $A1
silence "-H releases"
is "$(stat -c %i "$Q/active/$A1")" "$inode" "the same file once more"
is "$(journal "$Q/active/$A1")" \
    "deferred 1 451+20later;held - <>;released - <>;" "its journal says so"
is_now "$Q/active/$A1" "it is due now"
state >"$T/before"
run "$MAILQ" -H $A1
silence "what is not held is released already"
state >"$T/after"
same_file "$T/after" "$T/before" "nothing is done to it, either"
run "$MAILQ" -h ALL
silence "-h ALL"
is "$(where)" "failed/$F1 failed/$F2 hold/$A1 hold/$A2 hold/$A3 hold/$H1 hold/$H2 " \
    "holds all that wait"
run "$MAILQ" -H ALL
silence "-H ALL"
is "$(where)" "active/$A1 active/$A2 active/$A3 active/$H1 active/$H2 failed/$F1 failed/$F2 " \
    "releases all"
is "$(journal "$Q/active/$H2")" "released - <>;" "each is told so"
for option in h H; do
	run "$MAILQ" -$option $F1
	said 65 ".*$F1.*-r" "-$option is nothing for what has failed: 65"
done
is "$(journal "$Q/failed/$F1")" \
    'refused 1,3 550+20no;delivered 2 250+20ok;reported 3 failed;' \
    "it is left as it is"
rm -rf "$Q/hold"
run "$MAILQ" -h $A1
silence "a folder that is missing is made"
is "$(stat -c %a "$Q/hold") $(queued "$Q/hold")" "700 1" "mode 0700"

# Try again

furnish_queue
run "$MAILQ" -r $A1
silence "-r of what waits"
is_now "$Q/active/$A1" "makes it due now"
is "$(journal "$Q/active/$A1")" "deferred 1 451+20later;" "and nothing else"
is "$(stat -c %Y "$Q/active/$A2")" 2000000002 "the others are due as they were"
run "$MAILQ" -r $H1
said 65 ".*$H1.*-H" "-r is nothing for what is held: 65"
run "$MAILQ" -r $F1
silence "-r of what has failed"
is "$(where)" \
    "active/$A1 active/$A2 active/$A3 active/$F1 failed/$F2 hold/$H1 hold/$H2 " \
    "puts it back"
is "$(journal "$Q/active/$F1")" \
    "refused 1,3 550+20no;delivered 2 250+20ok;reported 3 failed;released 1,3 <>;" \
    "who was refused was released, by number"
is_now "$Q/active/$F1" "it is due now"
run "$MAILQ"
is "$(sed -n "/^$F1/,/^$/p" "$T/out" | sed 's/^ *//' | tr '\n' '|')" \
    "$(sed -n "/^$F1/p" "$T/out")|(550 no)|f@y.example|h@y.example||" \
    "those wait again, with the last word on them; who has it does not"
run "$MAILQ" -j
like "$(json 'map { "$_->{queue_name} $_->{queue_id}" } @a')" "^deferred $F1$" \
    "in JSON, too"
run "$MAILQ" -r ALL
silence "-r ALL"
is "$(where)" "active/$A1 active/$A2 active/$A3 active/$F1 active/$F2 hold/$H1 hold/$H2 " \
    "puts all that failed back, and leaves what is held"
is_now "$Q/active/$A3" "all that wait are due now"
is "$(journal "$Q/active/$F2")" "" "who was not refused is not released"

# In two queues

install -d -m 1777 /var/spool/onehop
Q=/var/spool/onehop/0
furnish_queue
rm "$Q/active/$A1"
Q=$HOME/.queue
furnish_queue
rm "$Q/active/$A2" "$Q/active/$A3"
run "$MAILQ" -h $A1 $A3
silence "an ID is found in either queue"
is "$(where) $(ls /var/spool/onehop/0/hold)" \
    "failed/$F1 failed/$F2 hold/$A1 hold/$H1 hold/$H2  $A3
$H1
$H2" "and its message stays in its own"
run "$MAILQ" -d ALL
silence "ALL is what lies in both"
is "$(queued) $(queued /var/spool/onehop)" "0 0" "they are gone"
rm -rf /var/spool/onehop

# While it is being sent

furnish_queue
files | grep -v /$A2 >"$T/before"
flock -o "$Q/active/$A1" sleep 60 &
locker=$!
wait_for sh -c "! flock -n '$Q/active/$A1' true"
took()
{
	start=$(date +%s)
	run "$@"
	took=$(($(date +%s) - start))
}
for option in d h r; do
	took "$MAILQ" -$option $A1
	said 75 ".*$A1.*is being sent" "-$option of what is being sent is 75"
	ok "after 5 s" test $took -ge 5 -a $took -le 8
done
took "$MAILQ" -c $A1
ok "to show it nobody waits" test "$rc" = 0 -a "$took" -le 2
took "$MAILQ" -d $A1 $A2
said 75 ".*$A1" "beside others"
files | grep -v /$A2 >"$T/after"
same_file "$T/after" "$T/before" "nothing happened to it"
not_ok "they are done" test -e "$Q/active/$A2"
flock -o "$Q/hold/$H1" sleep 60 &
other=$!
wait_for sh -c "! flock -n '$Q/hold/$H1' true"
took "$MAILQ" -d ALL
is "$rc $(wc -l <"$T/err")" "75 2" "-d ALL names each that is being sent"
ok "patience is for all together" test $took -ge 5 -a $took -le 8
is "$(where)" "active/$A1 hold/$H1 " "and deletes the others"
took "$MAILQ" -H $H1
said 75 ".*$H1.*is being sent" "-H, too"
kill $other
wait $other 2>/dev/null
(sleep 1; kill $locker) &
took "$MAILQ" -d $A1 $H1
silence "who lets go in time is waited for"
is "$(where)" "" "then it is deleted"
wait 2>/dev/null

furnish_queue
flock -o "$Q/active/$A1" sh -c 'sleep 1; mv "$1" "$2"' sh \
    "$Q/active/$A1" "$Q/failed" &
wait_for sh -c "! flock -n '$Q/active/$A1' true"
run "$MAILQ" -r $A1
silence "what fails meanwhile is met in failed"
ok "and is back" test -e "$Q/active/$A1"
flock -o "$Q/active/$A1" sh -c 'sleep 1; rm "$1"' sh "$Q/active/$A1" &
wait_for sh -c "! flock -n '$Q/active/$A1' true"
run "$MAILQ" -d $A1
said 66 ".*$A1" "what is sent meanwhile is not there"
wait 2>/dev/null

# What is no message

furnish_queue
cp -p "$Q/active/$A2" "$T/good"
rm "$Q"/*/*
stranger()
{
	cp -p "$T/good" "$Q/$1"
}
ln -s "$T/good" "$Q/active/0197ABCDEF0000A1"
mkfifo -m 600 "$Q/active/0197ABCDEF0000A2"
mkdir "$Q/hold/0197ABCDEF0000A3"
stranger hold/0197ABCDEF0000A4
ln "$Q/hold/0197ABCDEF0000A4" "$T/other"
sed '1s/^ONEHOP1/ONEHOP2/' "$T/good" >"$Q/failed/0197ABCDEF0000A5"
head -c -1 "$T/good" >"$Q/failed/0197ABCDEF0000A6"
stranger active/0197ABCDEF0000A7
chmod 640 "$Q/active/0197ABCDEF0000A7"
stranger active/0197ABCDEF0000A8
chown 65534 "$Q/active/0197ABCDEF0000A8"
stranger hold/README
stranger "failed/$(printf 'a\033[2Jb\nFFFF')"
chmod 600 "$Q"/failed/*A[56]
stranger active/$A1
files | grep -v /$A1 >"$T/before"
for option in d h H r c; do
	for n in 1 2 3 4 5 6 7 8; do
		run timeout 20 "$MAILQ" -$option 0197ABCDEF0000A$n
		[ $option = c ] && [ $n = 4 ] && continue
		said 65 ".*0197ABCDEF0000A$n'" "-$option A$n is 65"
	done
done
for option in H r h d; do
	run timeout 20 "$MAILQ" -$option ALL
	is "$rc" 65 "-$option ALL names them"
	unlike "$(cat "$T/err")" "$(printf '\033')" "without control characters"
done
is "$(wc -l <"$T/err")" 10 "-d ALL each in a line"
like "$(cat "$T/err")" "hold/README'" "what is no ID, too"
is "$(find "$Q" -name $A1)" "" "the message among them is gone"
files >"$T/after"
same_file "$T/after" "$T/before" "they are as they were"

rm -rf "$Q"
ln -s /tmp "$Q"
for option in c d h H r; do
	run "$MAILQ" -$option ALL
	said 74 '.*\.queue' "-$option ALL where .queue is a link is 74"
	run "$MAILQ" -$option $A1
	said 74 '.*\.queue' "-$option ID, too"
done
rm "$Q"

# A folder that is not ours never gets a message, not even the second one.
furnish_queue
rm -rf "$Q/hold"
install -d -m 700 -o 65534 "$Q/hold"
run "$MAILQ" -h ALL
is "$rc $(wc -l <"$T/err")" "74 3" "hold belongs to somebody else: 74"
is "$(queued "$Q/active")" 3 "nothing moves there"
run "$MAILQ" -d $H1
said 74 '.*hold' "an ID may lie there: 74"

# The order of calls

# calls ARGS...: what is done with locks and files
calls()
{
	ASAN_OPTIONS=detect_leaks=0 strace -qq -o "$T/trace" "$MAILQ" "$@" \
	    >"$T/out"
	sed -nE '
	s/^flock\(.*LOCK_EX\|LOCK_NB\) += 0/lock/p
	s/^utimensat\(.*= 0/due/p
	s/^renameat2\(.*RENAME_NOREPLACE\) += 0/move/p
	s/^fsync\(.*= 0/fsync/p
	s/^fdatasync\(.*= 0/fdatasync/p
	s/^unlinkat\(.*= 0/unlink/p
	s/^pwrite64\([0-9]+, "[0-9a-f]{8} [0-9]+ ([a-z]+) .*/\1/p
	s/^(openat|mkdirat)\(.*O_CREAT.*/make/p' "$T/trace" | tr '\n' ' '
}
furnish_queue
is "$(calls -d $A1)" "lock unlink fsync " "delete: unlink, fsync"
is "$(calls -h $A2)" "lock move fsync fsync held " \
    "hold: move, fsync both, then tell"
is "$(calls -H $A2)" "lock due move fsync fsync released " \
    "release: due, move, fsync both, then tell"
is "$(calls -r $A2)" "lock due " "retry: due"
is "$(calls -r $F1)" "lock released fdatasync due move fsync fsync " \
    "retry of what failed: released for good, due, move, fsync both"
is "$(calls -c $A2)" "" "show: nothing"
is "$(calls -c ALL)" "" "nor for all of them"

# A crash between any two of them

# killed ID FOLDER ARGS...: killed at each call, nothing is lost; where it lies
killed()
{
	id=$1 from=$2 to=$3 option=$4
	for call in flock:1 utimensat:1 renameat2:1 fsync:1 fsync:2 pwrite64:1 \
	    fdatasync:1 unlinkat:1; do
		furnish_queue
		before=$(where)
		env ASAN_OPTIONS=detect_leaks=0 strace -qq -o /dev/null \
		    -e "trace=${call%:*}" \
		    -e "inject=${call%:*}:signal=KILL:when=${call#*:}" \
		    "$MAILQ" "$option" "$id" 2>/dev/null
		other=$(where | sed "s,[a-z]*/$id ,,")
		place=$(where | tr ' ' '\n' | grep "$id")
		[ "$other" = "$(echo "$before" | sed "s,[a-z]*/$id ,,")" ] ||
		    echo "others after $call; "
		case $place in
		"$from/$id" | "${to:+$to/$id}") ;;
		*) echo "$place after $call; " ;;
		esac
		"$MAILQ" "$option" "$id" 2>/dev/null
		rc=$?
		[ $rc = 0 ] || [ -z "$to$place" -a $rc = 66 ] ||
		    echo "$rc after $call; "
		[ "$(where | tr ' ' '\n' | grep "$id")" = "${to:+$to/$id}" ] ||
		    echo "not done after $call; "
		if [ -n "$to" ] && journal "$Q/$to/$id" | grep -q 'torn\|strange'; then
			echo "journal after $call; "
		fi
	done
}
is "$(killed $A1 active '' -d)" "" "kill -9 in delete: there or not there"
is "$(killed $A1 active hold -h)" "" "in hold: here or there"
is "$(killed $H1 hold active -H)" "" "in release: here or there"
is "$(killed $A1 active active -r)" "" "in retry: there"
is "$(killed $F1 failed active -r)" "" "in retry of what failed: here or there"

# Where files cannot be renamed without writing over another (NFS), a move is a
# link and an unlink; who dies between them leaves two names of one message.

# half FOLDER/ID OPTION: killed there
half()
{
	furnish_queue
	env ASAN_OPTIONS=detect_leaks=0 strace -qq -o /dev/null \
	    -e trace=renameat2,unlinkat -e inject=renameat2:error=EINVAL \
	    -e inject=unlinkat:signal=KILL:when=1 "$MAILQ" "$2" "${1#*/}" \
	    2>/dev/null
	is "$(find "$Q" -name "${1#*/}" -links 2 | wc -l)" 2 \
	    "$2 dies half-way: two names"
	run "$MAILQ"
	is "$rc $(grep -c "^${1#*/}" "$T/out") $(counts)" "0 1 7 7 7 7" \
	    "$2: it is shown and counted once"
	unlike "$(cat "$T/out")" 'left alone' "$2: as one of ours"
	run "$MAILQ" -j
	is "$(json 'scalar @a')" 7 "$2: once for programs, too"
}

# one_name FOLDER/ID: nobody is left behind
one_name()
{
	is "$(where | tr ' ' '\n' | grep "${1#*/}") $(stat -c %h "$Q/$1")" \
	    "$1 1" "then it has one"
}

half active/$A1 -h
run "$MAILQ" -h $A1
silence "to hold it once more"
one_name hold/$A1
half active/$A1 -h
run "$MAILQ" -H $A1
silence "or to release it"
one_name active/$A1
half hold/$H1 -H
run "$MAILQ" -c $H1
is "$rc $(grep -c '^\*\*\* ENVELOPE RECORDS hold/' "$T/out")" "0 1" \
    "what was to be released is shown as held"
run "$MAILQ" -H $H1
silence "it can be released"
one_name active/$H1
half failed/$F1 -r
run "$MAILQ" -r $F1
silence "what was to be tried again is"
one_name active/$F1
is "$(journal "$Q/active/$F1" | tr ';' '\n' | grep -c released)" 1 \
    "and was released once"
for id in active/$A1:-h hold/$H1:-H failed/$F1:-r; do
	half "${id%:*}" "${id#*:}"
	id=${id%:*}
	run "$MAILQ" -d "${id#*/}"
	silence "it can be deleted"
	is "$(where | tr ' ' '\n' | grep -c "${id#*/}")" 0 "and is gone"
done
half active/$A1 -h
run "$MAILQ" -d ALL
is "$rc $(where)" "0 " "with ALL, too"
half active/$A1 -h
ln "$Q/active/$A1" "$Q/active/$A2.mine"
run "$MAILQ" -d $A1
said 65 ".*second name" "with a third it is foreign"

# What goes wrong

# with_error CALL ERROR COMMAND...
with_error()
{
	how=$1:error=$2
	shift 2
	run env ASAN_OPTIONS=detect_leaks=0 strace -qq -o /dev/null \
	    -e "trace=${how%%:*}" -e "inject=$how" "$@"
}
furnish_queue
files >"$T/before"
with_error unlinkat EIO "$MAILQ" -d $A1
said 74 ".*$A1.*Input/output error" "what cannot be removed is 74"
with_error renameat2 EIO "$MAILQ" -h $A1
said 74 ".*$A1.*Input/output error" "what cannot be moved is 74"
with_error flock ENOLCK "$MAILQ" -d $A1
said 74 ".*$A1" "what cannot be locked is 74"
with_error pwrite64 ENOSPC "$MAILQ" -r $F1
said 74 ".*$F1.*No space" "on a full disk nobody is released"
with_error utimensat EIO "$MAILQ" -H $H1
said 74 ".*$H1" "what cannot be made due is not released"
files >"$T/after"
same_file "$T/after" "$T/before" "all is as it was"
with_error pwrite64 ENOSPC "$MAILQ" -h $A1
said 74 ".*$A1.*No space" "that the journal is not told is 74"
ok "but it is held, on a full disk, too" test -e "$Q/hold/$A1"
with_error fdatasync EIO "$MAILQ" -r $F1
said 74 ".*$F1.*Input/output error" "a journal that cannot be synced is 74"
ok "and it stays where it is" test -e "$Q/failed/$F1"
run "$MAILQ" -r $F1
silence "the next time"
ok "it goes back" test -e "$Q/active/$F1"
is "$(journal "$Q/active/$F1" | tr ';' '\n' | grep -c released)" 1 \
    "nobody is released twice"
stranger hold/$A2
run "$MAILQ" -h $A2
said 74 ".*$A2.*exists" "another file of its name is not written over"
same_file "$Q/hold/$A2" "$T/good" "it stays"
ok "both do" test -e "$Q/active/$A2"
rm "$Q/hold/$A2"
with_error renameat2 EINVAL "$MAILQ" -h $A2
silence "where files cannot be renamed so, links do"
is "$(find "$Q" -name $A2)" "$Q/hold/$A2" "it has one name"
run env ASAN_OPTIONS=detect_leaks=0 strace -qq -o "$T/trace" \
    -e trace=renameat2,linkat,unlinkat,fsync -e inject=renameat2:error=EINVAL \
    "$MAILQ" -H $A2
is "$rc $(sed 's/(.*//' "$T/trace" | tr '\n' ' ')" \
    "0 renameat2 linkat fsync unlinkat fsync fsync " \
    "and the new one is on disk before the old one goes"
"$MAILQ" -h $A2
with_error getdents64 EIO "$MAILQ" -d ALL
is "$rc" 74 "a folder that cannot be read is 74"
run "$MAILQ" -d $NONE $A1 ALL
is "$rc" 64 "ALL stands alone"
flock -o "$Q/active/$A3" sleep 60 &
locker=$!
wait_for sh -c "! flock -n '$Q/active/$A3' true"
run "$MAILQ" -d $NONE $A3
is "$rc $(wc -l <"$T/err")" "75 2" "75 is worse than 66"
ln -s /nowhere "$Q/active/0197ABCDEF0000A1"
run "$MAILQ" -d $NONE 0197ABCDEF0000A1
is "$rc $(wc -l <"$T/err")" "65 2" "so is 65"
kill $locker
wait 2>/dev/null

# Show

fresh
esc=$(printf '\033')
TEXT=$(printf 'Subject: x\r\nX-Evil: %s]0;owned\007\r\n\tfolded\r\n\r\nhallo \303\266 \302\233 \377 end\r\n.' "$esc")
TEXT=${TEXT%.}
export TEXT
put active/$A1 1795334441 1795339999 1 joe@x.example \
    'root team evil@y.example' \
    '1795334442 expanded 1 eve@y.example' '1795334442 delivered 4 250+20Ok' \
    '1795334443 deferred 2 451+20+1B[2Jlater' '1795334443 attempt - <>' \
    '1795334444 refused 3 550+20no'
unset TEXT
cat >"$T/want" <<END
*** ENVELOPE RECORDS active/$A1 ***
message_size: $(head -c 41 "$Q/active/$A1" | tail -c 20 | sed 's/^0*//')
message_arrival_time: Sun Nov 22 08:00:41 2026
next_attempt: Sun Nov 22 09:33:19 2026
attempts: 1
last_attempt: Sun Nov 22 08:00:43 2026
host: web1
sender: joe@x.example
recipient: root (expanded)
recipient: team (deferred: 451 \\x1B[2Jlater)
recipient: evil@y.example (refused: 550 no)
original_recipient: root
recipient: eve@y.example (delivered: 250 Ok)
*** MESSAGE CONTENTS active/$A1 ***
END
cp "$T/want" "$T/want.tty"
printf 'Subject: x\r\nX-Evil: %s]0;owned\007\r\n\tfolded\r\n\r\nhallo \303\266 \302\233 \377 end\r\n' \
    "$esc" >>"$T/want"
echo "*** MESSAGE FILE END active/$A1 ***" >>"$T/want"
files >"$T/before"
run "$MAILQ" -c $A1
is "$rc $(wc -c <"$T/err")" "0 0" "-c shows a message"
same_file "$T/out" "$T/want" "envelope, journal and text, octet for octet"
run script -qec "$MAILQ -c $A1" /dev/null
cat >>"$T/want.tty" <<'END'
Subject: x
X-Evil: \x1B]0;owned\x07
	folded

hallo ö \xC2\x9B \xFF end
END
echo "*** MESSAGE FILE END active/$A1 ***" >>"$T/want.tty"
tr -d '\r' <"$T/out" >"$T/out.tty"
same_file "$T/out.tty" "$T/want.tty" "on a terminal without control characters"
put hold/$H1 1795334441 1795334441 300000 '<>' d@y.example
put failed/$F1 1795334441 1795334441 100 '<>' f@y.example
run "$MAILQ" -c $H1
is "$rc $(wc -c <"$T/err")" "0 0" "a large one, too"
is "$(sed -n '/CONTENTS/,/FILE END/{/\*\*\*/!p}' "$T/out" | wc -c)" 300000 \
    "it is whole"
like "$(cat "$T/out")" '^sender: <>$' "the null sender is <>"
unlike "$(cat "$T/out")" next_attempt "what is held has no next attempt"
octets=$(tr -cd x <"$T/out" | wc -c)
run script -qec "$MAILQ -c $H1" /dev/null
is "$(tr -cd x <"$T/out" | wc -c)" "$octets" "on a terminal it is whole, too"
run "$MAILQ" -c ALL
is "$rc $(grep ENVELOPE "$T/out" | cut -d' ' -f4 | tr '\n' ' ')" \
    "0 active/$A1 hold/$H1 failed/$F1 " "-c ALL shows all"
run "$MAILQ" -c $H1 $NONE $F1
is "$rc $(wc -l <"$T/err") $(grep -c ENVELOPE "$T/out")" "66 1 2" \
    "one that is not there hides no other"
sh -c '"$1" -c ALL >/dev/full 2>"$2"' sh "$MAILQ" "$T/err"
is "$? $(wc -l <"$T/err")" "74 1" "output that cannot be written is 74, once"
rm "$Q/hold/$H1" "$Q/failed/$F1"
files >"$T/after"
same_file "$T/after" "$T/before" "showing changes nothing"

# With sendmail

rm -rf "$Q"
ca_make
conf_write
smarthost_start
printf 'Subject: hi\n\nhello\n' >"$T/in"
"$SENDMAIL" -odq -i bob@y.example <"$T/in"
id=$(basename "$Q"/active/*)
"$MAILQ" -h "$id"
run "$SENDMAIL" -q
is "$rc $(arrived) $(queued "$Q/hold")" "0 0 1" "what is held is not sent"
"$MAILQ" -H "$id"
run "$SENDMAIL" -q
is "$rc $(arrived) $(queued)" "0 1 0" "what is released is"
rm -f "$T"/smarthost/*.msg
put failed/$F1 "$(date +%s)" "$(date +%s)" 100 joe@x.example \
    'f@y.example g@y.example h@y.example' \
    '1795334442 refused 1,3 550+20no' '1795334442 delivered 2 250+20ok'
transcript_clear
run "$SENDMAIL" -q
is "$rc $(arrived)" "0 0" "what has failed is not sent"
"$MAILQ" -r $F1
run "$SENDMAIL" -q
is "$rc $(arrived) $(queued)" "0 1 0" "what is tried again is"
is "$(transcript | grep -o 'RCPT TO:<[^>]*>' | tr '\n' ' ')" \
    'RCPT TO:<f@y.example> RCPT TO:<h@y.example> ' \
    "to those who were refused, and nobody else"

# Half a move to failed: it waits, and the next run moves it.
rm -f "$T"/smarthost/*.msg
"$SENDMAIL" -odq -f '<>' a@y.example <"$T/in"
id=$(basename "$Q"/active/*)
rules 'RCPT * 550 5.1.1 who'
strace -f -qq -o /dev/null -e trace=renameat2,unlinkat \
    -e inject=renameat2:error=EINVAL -e inject=unlinkat:signal=KILL:when=1 \
    "$SENDMAIL" -q 2>/dev/null
is "$(find "$Q" -name "$id" -links 2 | wc -l)" 2 "a run dies half-way to failed"
is "$("$MAILQ" | grep -c "^$id")" 1 "it is shown once"
touch -d '2 months ago' "$Q/failed/$id"
transcript_clear
run "$SENDMAIL" -q
is "$rc $(where) $(stat -c %h "$Q/failed/$id")" "0 failed/$id  1" \
    "the next run moves it, and it stays for 30 days"
is "$(transcript | grep -c RCPT)" 0 "and nothing is sent for it"

done_testing
