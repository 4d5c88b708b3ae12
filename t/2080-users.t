#!/bin/sh
# SPDX-License-Identifier: ISC
# mailq -a looks into everybody's queues, each as that user and nobody more;
# nobody's home, link or squat is in the way of the others.
. "${0%/*}/lib.sh"
. "$TOP/t/queue.sh"

setpriv --reuid 65534 --clear-groups true 2>/dev/null ||
    fail_early "this test needs other uids: run it as root"

# user NAME UID [HOME]
user()
{
	echo "$1:x:$2:$2:$1:${3:-$T/$1}:/bin/sh" >>/etc/passwd
	[ -n "${3:-}" ] || install -d -m 700 -o "$2" "$T/$1"
}

# mail UID QUEUE ID [PUT'S WORDS]: one that waits, and folders for it
mail()
{
	owner=$1 Q=$2 id=$3
	shift 3
	[ $# != 0 ] || set -- 1795334441 1795334441 1024 joe@x.example a@y.example
	mkdir -p -m 700 "$Q" "$Q/active"
	put "active/$id" "$@"
	chown -R "$owner" "$Q"
}

all()
{
	grep -oE '^[0-9A-F]{16}' "$T/out" | cut -c13-16 | tr '\n' ' '
}

# Few, for those of this machine may have homes that are none of ours.
echo "root:x:0:0:root:$HOME:/bin/sh" >/etc/passwd
install -d -m 1777 /var/spool/onehop
user alice 2001
user bob 2002
user carl 2003

# Nobody has anything

run "$MAILQ" -a
is "$rc $(cat "$T/out" "$T/err")" "0 Mail queue is empty" "nobody has mail"
run "$MAILQ" -aj
is "$rc" 0 "nor in JSON"
silent "where that is nothing"
is "$(find "$T" -name .queue)" "" "no queue is made"
run as 2001 "$MAILQ" -a
is "$rc $(wc -l <"$T/err") $(wc -c <"$T/out")" "77 1 0" "-a is for root: 77"
run as 2001 "$MAILQ" -a -d ALL
is "$rc $(wc -l <"$T/err")" "77 1" "whatever is asked for"

# One list

mail 0 "$HOME/.queue" 0197ABCDEF010000
mail 2001 "$T/alice/.queue" 0197ABCDEF012001
mail 2001 /var/spool/onehop/2001 0197ABCDEF022001
mail 2002 "$T/bob/.queue" 0197ABCDEF012002
mail 61111 /var/spool/onehop/61111 0197ABCDEF0BBBBB
run "$MAILQ" -a
is "$rc $(wc -c <"$T/err") $(counts)" "0 0 5 5 5 5" "everybody's mail is listed"
is "$(all)" "0000 2001 2001 2002 BBBB " \
    "by uid, of home and spool, of who has no entry, too"
is "$(grep -c Queue "$T/out") $(grep -c . "$T/out") $(tail -n 1 "$T/out")" \
    "1 13 -- 5 Kbytes in 5 Requests." "under one heading, with one total"
is "$(grep -c '^$' "$T/out")" 5 "entries are parted by one empty line"
cp "$T/out" "$T/want"
run "$MAILQ"
is "$(all)" "0000 " "without -a root has his own"
run "$MAILQ" -ja
is "$rc $(json 'map { "$_->{user} $_->{queue_id}" } @a' | tr '\n' '|')" \
    "0 root 0197ABCDEF010000|alice 0197ABCDEF012001|alice 0197ABCDEF022001|bob 0197ABCDEF012002|uid-61111 0197ABCDEF0BBBBB" \
    "JSON names the user"
run "$MAILQ" -j
unlike "$(cat "$T/out")" '"user"' "which it does not without -a"
run env TZ=UTC-5:30 "$MAILQ" -a
is "$(grep -c '13:30:41' "$T/out")" 5 "times are local"
(umask 0777 && "$MAILQ" -a >"$T/out")
same_file "$T/out" "$T/want" "the umask does not matter"
(trap '' CHLD && "$MAILQ" -a >"$T/out")
same_file "$T/out" "$T/want" "nor who ignores what becomes of children"
sh -c '"$1" -a >/dev/full 2>"$2"' sh "$MAILQ" "$T/err"
is "$? $(wc -l <"$T/err")" "74 1" "output that cannot be written is 74"

# As that user and nobody more

mkdir "$T/trace"
ASAN_OPTIONS=detect_leaks=0 strace -ff -qq -o "$T/trace/of" -e \
    trace=openat,setgroups,setresgid,setresuid,prctl "$MAILQ" -a >"$T/out"
same_file "$T/out" "$T/want" "(under strace it is the same)"
is "$(awk 'FNR == 1 { is_user = 0 }
	/^setresuid\(.*= 0$/ { is_user = 1 }
	/^openat\(.*(\.queue|onehop\/[0-9])/ { n++; if (!is_user) print }
	END { print (n > 5 ? "many" : n) }' "$T"/trace/of.*)" many \
    "no queue is opened before its user is there"
is "$(awk 'FNR == 1 { step = 0 }
	/^setgroups\(.*= 0$/ { step = 1 }
	/^setresgid\(.*= 0$/ { step = step == 1 ? 2 : 0 }
	/^setresuid\(.*= 0$/ { step = step == 2 ? 3 : 0 }
	/^prctl\(PR_SET_DUMPABLE, (0|SUID_DUMP_DISABLE).*= 0$/ {
		n += step == 3 }
	END { print n }' "$T"/trace/of.*)" 5 \
    "groups, gid and uid go first, and none can be dumped"
cat "$T"/trace/of.* >"$T/calls"
like "$(cat "$T/calls")" 'setresuid\(2001, 2001, 2001\)' "for good"
like "$(cat "$T/calls")" 'setresgid\(65534, 65534, 65534\)' \
    "who has no entry has no group"

mail 61111 "$T/trap/.queue" 0197ABCDEF0CCCCC
chmod 777 "$T/trap"
run env HOME="$T/trap" LOGNAME=trap "$MAILQ" -aj
is "$(json 'grep { $_ eq "uid-61111" } map { $_->{user} } @a')" uid-61111 \
    "who has no entry has neither root's home nor his name"

# A group opens the way to a home.
install -d -m 750 -g 3333 "$T/team"
install -d -m 700 -o 2004 "$T/team/dan"
user dan 2004 "$T/team/dan"
mail 2004 "$T/team/dan/.queue" 0197ABCDEF012004
run "$MAILQ" -a
is "$rc $(all)" "0 0000 2001 2001 2002 BBBB " "what nobody lets him enter is none of his"
echo 'team:x:3333:dan' >>/etc/group
run "$MAILQ" -a
is "$rc $(all)" "0 0000 2001 2001 2002 2004 BBBB " \
    "the groups of a user open what they do"
rm -rf "$T/team" "$T/trap"

# Squatters, links, and what cannot be read

mail 65534 /var/spool/onehop/2003 0197ABCDEF0DDDDD
mail 65534 /var/spool/onehop/62222 0197ABCDEF0EEEEE
mail 65534 /var/spool/onehop/065534 0197ABCDEF0FFFFF
ln -s /var/spool/onehop/61111 /var/spool/onehop/61112
chown -h 61112 /var/spool/onehop/61112
: >/var/spool/onehop/61113
chown 61113 /var/spool/onehop/61113
install -d /var/spool/onehop/-1 /var/spool/onehop/4294967295 \
    /var/spool/onehop/18446744073709551616 "/var/spool/onehop/$(printf '\033')"
run "$MAILQ" -a
is "$(all)" "0000 2001 2001 2002 BBBB " "a name counts only for its owner"
is "$rc $(wc -c <"$T/err")" "0 0" \
    "who squats on a user's name is in nobody's way"
like "$(cat "$T/out")" 'Total requests: 5' "nor in that of the total"
rm -rf /var/spool/onehop/2003
rm -rf /var/spool/onehop/[!26]* /var/spool/onehop/6[!1]* \
    /var/spool/onehop/6111[23]

mail 0 "$T/secret" 0197ABCDEF0AAAAA
ln -s "$T/secret" "$T/carl/.queue"
chown -h 2003 "$T/carl/.queue"
run "$MAILQ" -a
is "$rc $(wc -l <"$T/err") $(all)" "74 1 0000 2001 2001 2002 BBBB " \
    "a .queue that is a link is 74 and a line, and the others are listed"
like "$(cat "$T/err")" "^mailq: carl: .*\.queue" "which names whose"
run "$MAILQ" -a -d 0197ABCDEF0AAAAA
ok "nobody gets at what it leads to" test -e "$T/secret/active/0197ABCDEF0AAAAA"
rm "$T/carl/.queue"
mail 2003 "$T/carl/.queue" 0197ABCDEF012003
ln -s "$T/secret/active/0197ABCDEF0AAAAA" "$T/carl/.queue/active/0197ABCDEF0AAAAA"
ln -s "$HOME/.queue/active" "$T/carl/.queue/hold"
run "$MAILQ" -a -d ALL
is "$rc $(wc -l <"$T/err")" "74 2" "links in a queue are left alone"
is "$(find "$T" /var/spool/onehop -type f -name '0197*' | sed 's,.*/,,')" \
    0197ABCDEF0AAAAA "nothing is deleted through them"
rm -rf "$T/secret" "$T/carl/.queue"

mail 2001 "$T/alice/.queue" 0197ABCDEF012001
mail 2002 "$T/bob/.queue" 0197ABCDEF012002
mail 2003 "$T/carl/.queue" 0197ABCDEF012003
chmod 0 "$T/bob"
run "$MAILQ" -a
is "$rc $(wc -l <"$T/err") $(all)" "74 1 2001 2003 " \
    "a home that its user cannot read is 74 and a line"
like "$(cat "$T/err")" '^mailq: bob: .*Permission denied' "which says so"
chmod 700 "$T/bob"
chown 0 "$T/bob"
run "$MAILQ" -a
is "$rc $(wc -c <"$T/err") $(all)" "0 0 2001 2003 " \
    "one that is somebody else's has no queue of his"
chown 2002 "$T/bob"

# What is done

mail 2001 "$T/alice/.queue" 0197ABCDEF022001
run "$MAILQ" -a -h 0197ABCDEF022001 0197ABCDEF012003
is "$rc $(cat "$T/out" "$T/err")" "0 " "-a -h holds what two users have"
is "$(cd "$T" && find alice carl -path '*/hold/*')" \
    "alice/.queue/hold/0197ABCDEF022001
carl/.queue/hold/0197ABCDEF012003" "where they have it"
is "$(stat -c '%u %a' "$T/carl/.queue/hold" | tr '\n' ' ')" "2003 700 " \
    "a folder that is made is the user's"
run "$MAILQ" -a -c 0197ABCDEF022001
is "$rc $(grep -c ENVELOPE "$T/out") $(grep -c xxxx "$T/out")" "0 1 1" \
    "-a -c shows"
is "$(tail -n 1 "$T/out")" '*** MESSAGE FILE END hold/0197ABCDEF022001 ***' \
    "and no more than the message"
run "$MAILQ" -a -H ALL
is "$rc $(cat "$T/out" "$T/err")" "0 " "-a -H ALL releases all"
run "$MAILQ" -a -r ALL
is "$rc $(cat "$T/out" "$T/err")" "0 " "-a -r ALL makes all due"
is "$(find "$T"/*/.queue -name '0197*' -newermt '1 minute ago' | wc -l)" 4 \
    "everybody's"
run "$MAILQ" -a -d 0197ABCDEF0FFFFE 0197ABCDEF012002 0197ABCDEF0FFFFF
is "$rc $(cat "$T/err" | tr '\n' '|')" \
    "66 mailq: there is no message '0197ABCDEF0FFFFE'|mailq: there is no message '0197ABCDEF0FFFFF'|" \
    "an ID that nobody has is named once"
not_ok "the other is deleted" test -e "$T/bob/.queue/active/0197ABCDEF012002"
flock -o "$T/carl/.queue/active/0197ABCDEF012003" sleep 60 &
wait_for sh -c "! flock -n '$T/carl/.queue/active/0197ABCDEF012003' true"
run "$MAILQ" -a -d ALL
is "$rc $(wc -l <"$T/err")" "75 1" "what is being sent is 75"
like "$(cat "$T/err")" '^mailq: carl: .*12003.*being sent' "with whose it is"
kill $!
is "$(find "$T" -name '0197*')" "$T/carl/.queue/active/0197ABCDEF012003" \
    "it alone is left"

# Many

n=1
while [ $n -le 35 ]; do
	user "u$n" $((3000 + n))
	mail $((3000 + n)) "$T/u$n/.queue" "0197ABCDEF01$((3000 + n))"
	n=$((n + 1))
done
run "$MAILQ" -a
is "$rc $(counts)" "0 36 36 36 36" "many users"
is "$(all)" "2003 $(seq 3001 3035 | tr '\n' ' ')" "in order of their uids"

# root cannot be everybody
run env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o /dev/null \
    -e trace=setresuid -e inject=setresuid:error=EAGAIN "$MAILQ" -a
is "$rc $(wc -c <"$T/out")" "77 0" "who cannot become the user does nothing"
like "$(cat "$T/err")" '^mailq: u7: cannot work for uid 3007: ' "and says so"
run env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o /dev/null \
    -e trace=setgroups -e inject=setgroups:error=EPERM "$MAILQ" -a -d ALL
is "$rc $(find "$T" -name '0197*' | wc -l)" "77 36" "nor with root's groups"

# A child that is stopped: its user stops whatever runs as him, and has much to list.
cat >"$T/copy" <<'END'
use strict;
my ($from, $count) = @ARGV;
local $/;
umask 077;
open my $in, '<', $from or die;
my $all = <$in>;
for my $n (1 .. $count) {
	open my $out, '>', substr($from, 0, -5) . sprintf '%05d', $n or die;
	print $out $all;
}
END
perl "$T/copy" "$T/u5/.queue/active/0197ABCDEF013005" 5000
chown -R 3005 "$T/u5"
setpriv --reuid 3005 --clear-groups perl -e '
	for (;;) { kill STOP => -1; select undef, undef, undef, 0.001 }' &
stopper=$!
start=$(date +%s)
run "$MAILQ" -a
took=$(($(date +%s) - start))
is "$rc $(grep -c '^0197' "$T/out")" "75 35" \
    "a child that is stopped is 75, and all others are listed"
is "$(cat "$T/err")" "mailq: u5: its process was stopped" "it is named"
ok "nobody waits for it ($took s)" test $took -le 20
unlike "$(cat "$T/out")" 'empty|Total|Kbytes' "then there is no total"
kill $stopper
wait $stopper 2>/dev/null
is "$(ps -eo user:20,comm | grep -c mailq)" 0 "no child stays behind"
run "$MAILQ" -a
is "$rc $(counts)" "0 5036 5036 5036 5036" "without him all is well"

done_testing
