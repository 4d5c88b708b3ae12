#!/bin/sh
# SPDX-License-Identifier: ISC
# Root's run lends root's configuration to everybody: the password stays root's,
# and nobody's queue, home, file or smarthost is in the way of the others.
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

# own NAME UID: standard input is a file of his own
own()
{
	install -d -m 700 -o "$2" "$T/$1/.config"
	cat >"$T/$1/.config/onehop.conf"
	chown "$2" "$T/$1/.config/onehop.conf"
	chmod 600 "$T/$1/.config/onehop.conf"
}

# store UID [SUBJECT]: as who may not read the configuration
store()
{
	printf 'Subject: %s\n\nhello\n' "${2:-hi}" >"$T/in"
	run as "$1" env HOME=/nonexistent "$SENDMAIL" root <"$T/in"
	[ "$rc" = 0 ] || diag "uid $1 cannot store: $(cat "$T/err")"
}

# put_many FROM TO: users, with one message each
put_many()
{
	n=$1
	while [ "$n" -le "$2" ]; do
		Q=/var/spool/onehop/$n
		mkdir -m 700 "$Q" "$Q/active"
		put "active/0197ABCDEF0$n" 1795334441 1795334441 1024 \
		    joe@x.example a@y.example
		chown -R "$n" "$Q"
		n=$((n + 1))
	done
}

waiting()
{
	find "$T"/*/.queue /var/spool/onehop -type f -name '*[0-9A-F]' 2>/dev/null |
	    wc -l
}

fresh()
{
	rm -rf "$T"/*/.queue /var/spool/onehop/* "$T/smarthost"
	mkdir "$T/smarthost"
	rm -f "$T/log"
	: >"$T/ran"
	: >"$T/smarthost.rules"
	transcript_clear
}

senders()
{
	sed -n 's/^MAIL FROM:<\([^@>]*\).*/\1/p' "$T/${1:-smarthost}"/*.env |
	    sort | tr '\n' ' '
}

# pids [UID]: of the children of the run, real uid and all
children()
{
	ps -eo pid=,ruid=,args= |
	    awk -v uid="${1:-}" -v name="$SENDMAIL" \
	    '$3 == name && $2 != 0 && (uid == "" || $2 == uid) { print $1 }'
}

has_child()
{
	[ -n "$(children "$@")" ]
}

no_child()
{
	[ -z "$(children)" ]
}

says()
{
	grep -q "$1" "$T/smarthost.log"
}

echo "root:x:0:0:root:$HOME:/bin/sh" >/etc/passwd
user www-data 33 /var/www
user nobody 65534 /nonexistent
user alice 2001
user bob 2002
user carl 2003
user dave 2004
install -d -m 1777 /var/spool/onehop
chmod 666 /dev/null
ca_make
SECRET=Zu8-kept-by-r00t-alone
PASSWORD=$SECRET
smarthost_start -m PLAIN
mkdir -m 700 "$T/vault"
printf '%s\n' "$SECRET" >"$T/vault/password"
chmod 600 "$T/vault/password"

# Nobody has a configuration

run "$SENDMAIL" -q --all-users
is "$rc $(cat "$T/out" "$T/err")" "0 " "no configuration, and nothing waits: 0"
store 33
run "$SENDMAIL" -q --all-users
is "$rc $(wc -l <"$T/err") $(waiting)" "78 1 1" \
    "something waits: 78, a line, and it waits on"
like "$(cat "$T/err")" '^sendmail: no configuration' "which says why"
run "$SENDMAIL" -q --due --all-users
is "$rc" 78 "by schedule, too"
own bob 2002 <<EOF
[smarthost]
host = smarthost.test
port = 2588
ca = $T/ca.pem
[sender]
domain = bob.example
[log]
to = $T/bob/log
EOF
smarthost_start -n bobs -a -p 2588
rm -rf /var/spool/onehop/*
mkdir -p -m 700 "$T/bob/.queue" "$T/bob/.queue/active"
Q=$T/bob/.queue
put active/0197ABCDEF012002 1795334441 1795334441 1024 bob root@x.example
chown -R 2002 "$Q"
run "$SENDMAIL" -q --all-users
is "$rc $(cat "$T/out" "$T/err") $(arrived bobs)" "0  1" \
    "who has his own needs no other"
run as 2001 "$SENDMAIL" -q --all-users
is "$rc $(wc -l <"$T/err")" "77 1" "--all-users is for root: 77"
run as 2001 "$SENDMAIL" -q15m --all-users
is "$rc $(wc -l <"$T/err")" "77 1" "every 15 minutes, too"
run "$SENDMAIL" --all-users root </dev/null
is "$rc" 64 "it goes with -q"

# Root has one, that others may not read

conf_write '-password' "password_command = id -u >>$T/ran; cat $T/vault/password" \
    '[sender]' 'domain = web1.example.org' '[aliases]' 'root = boss@y.example'
mv "$HOME/.config/onehop.conf" /etc/onehop.conf
chmod 600 /etc/onehop.conf
fresh
echo broken | own carl 2003
for uid in 33 65534 61111 2001 2003; do
	store $uid
	is "$rc $(cat "$T/out" "$T/err")" "0 " "uid $uid stores"
done
is "$(arrived) $(arrived bobs) $(waiting)" "0 1 5" "it waits"
ok "no runner is started" no_child
is "$(find "$T"/*/.queue /var/spool/onehop -name .relay)" "" "nor a stamp set"
like "$(as 33 "$MAILQ")" "waits for root's run" "mailq says for what"
run as 2002 "$SENDMAIL" root <"$T/in"
is "$rc $(arrived bobs) $(waiting)" "0 2 5" "who has his own needs not wait"
Q=$T/bob/.queue
mkdir -p -m 700 "$Q/active"
put active/0197ABCDEF012002 1795334441 1795334441 1024 bob root@x.example
chown -R 2002 "$Q"

rm -rf /var/spool/onehop/2001
store 2001
is "$(stat -c '%u %a' /var/spool/onehop/2001) $(queued "$T/alice/.queue")" \
    "2001 700 2" "the queue of a home is marked in the spool whenever it stores"
rm -f "$(find "$T/alice/.queue/active" -type f | head -n 1)"
run "$SENDMAIL" -q --all-users
is "$rc" 0 "the run is 0"
silent "and silent"
is "$(senders)" "alice nobody uid-61111 www-data " \
    "by root's configuration go the mails of whom it is lent to"
is "$(senders bobs)" "bob bob bob " "not of who has his own"
is "$(waiting) $(find "$T/carl/.queue" -type f -name '*[0-9A-F]' | wc -l)" "1 1" \
    "whose own is broken has his mail wait"
is "$(cat "$T/smarthost"/*.env | grep -c '^RCPT TO:<boss@y.example>')" 4 \
    "aliases are root's"
is "$(cat "$T/ran")" 0 "the command ran once, as root"
like "$(cat "$T/log")" 'from=<www-data.*status=sent' "the log is root's"
is "$(stat -c '%u %a' "$T/log")" "0 600" "and nobody else's"
like "$(cat "$T/bob/log")" 'from=<bob.*status=sent' "who has his own has his log"
is "$(stat -c %u "$T/bob/log")" 2002 "which is his"
ok "nothing is left running" no_child
run env -u HOME USER=x LOGNAME=y ONEHOP_CONF=/etc/onehop.conf "$SENDMAIL" -q \
    --all-users
is "$rc $(cat "$T/out" "$T/err")" "0 " "whatever the environment says"

# Whom the passwd file does not list has a home that root's run never finds

fresh
install -d -m 700 -o 61112 "$T/away"
printf 'Subject: hi\n\nhello\n' >"$T/in"
run as 61112 env HOME="$T/away" "$SENDMAIL" root <"$T/in"
head -c 300000 /dev/zero | tr '\0' x | fold >>"$T/in"
run as 61112 env HOME="$T/away" "$SENDMAIL" root <"$T/in"
is "$rc $(queued /var/spool/onehop/61112) $(queued "$T/away/.queue")" "0 2 0" \
    "he stores in the spool, a large message, too"
is "$(as 61112 env HOME="$T/away" "$MAILQ" | grep -c "waits for root's run")" 2 \
    "mailq shows him that"
run "$SENDMAIL" -q --all-users
is "$rc $(senders) $(waiting)" "0 uid-61112 uid-61112  0" "and root's run sends it"
chmod 755 /var/spool/onehop
rm -rf /var/spool/onehop/61112
run as 61112 env HOME="$T/away" "$SENDMAIL" root <"$T/in"
is "$rc $(queued "$T/away/.queue")" "0 1" "without a spool it is his home"
chmod 1777 /var/spool/onehop
rm -rf "$T/away"

# The password is for no other eye

cat >"$T/look" <<'EOS'
use strict;
my ($pid, $secret) = @ARGV;
my @seen;
for my $file (qw(mem environ maps io auxv syscall stack pagemap)) {
	open my $in, '<', "/proc/$pid/$file" or next;
	push @seen, $file if defined getc $in;
}
push @seen, 'fd' if opendir my $fd, "/proc/$pid/fd";
push @seen, 'root' if opendir my $root, "/proc/$pid/root/";
open my $argv, '<', "/proc/$pid/cmdline" or push @seen, 'gone';
push @seen, 'argv' if join('', <$argv>) =~ /\Q$secret/;
print "@seen";
EOS
chmod 755 "$T/look"
fresh
printf '%s\n' 'MAIL * delay 4000 250 ok' >"$T/smarthost.rules"
for uid in 33 61111 2001; do
	store $uid
done
run env ONEHOP_SMARTHOST_PASSWORD="$SECRET" "$SENDMAIL" -q --all-users &
all=$!
for uid in 33 61111 2001; do
	ok "uid $uid has a child" wait_for has_child $uid
done
sleep 1
for uid in 33 61111 2001; do
	child=$(children $uid)
	is "$(as $uid perl "$T/look" "$child" "$SECRET")" "" \
	    "uid $uid sees nothing in the child"
	not_ok "nor traces it" as $uid timeout 2 strace -o /dev/null -p "$child" \
	    2>/dev/null
	is "$(awk '/^(Uid|Gid)/ { print $2, $3, $4, $5 }' "/proc/$child/status" |
	    sort -u | wc -l)" "$([ $uid = 61111 ] && echo 2 || echo 1)" \
	    "for good it is uid $uid"
	is "$(awk '/^Groups/ { print NF - 1 }
	    /^Cap(Prm|Eff)/ && $2 !~ /^0+$/ { print }' "/proc/$child/status")" \
	    "$([ $uid = 61111 ] && echo 0 || echo 1)" "without root's groups or powers"
done
is "$(perl "$T/look" "$child" "$SECRET" | tr ' ' '\n' | grep -cE '^(mem|argv|gone)')" 0 \
    "(not in argv, and its memory begins nowhere)"
ok "(root does)" grep -q sendmail "/proc/$child/maps"
wait $all
is "$(arrived)" 3 "all went"
is "$(cat "$T/ran")" "" "by the password of root's environment"
store 33
grep -rlF -- "$SECRET" "$T" /var/spool /run /etc 2>/dev/null |
    grep -vE '/vault/password$' >"$T/found.txt"
is "$(cat "$T/found.txt")" "" "the password is in no file"

mkdir "$T/trace"
strace -f -ff -qq -o "$T/trace/of" \
    -e trace=openat,setgroups,setresuid,setresgid,prctl,execve,kill "$SENDMAIL" -q \
    --all-users
is "$(awk 'FNR == 1 { step = 0 }
	/^setresuid\(.*= 0$/ { step++ }
	/^prctl\(PR_SET_DUMPABLE, (0|SUID_DUMP_DISABLE).*= 0$/ { step += 10 }
	/^openat\(.*(\.queue|\.config|onehop\/[0-9])/ {
		n++; if (step != 12 && FILENAME != ARGV[1]) print FILENAME, $0 }
	END { print (n > 5 ? "many" : n) }' "$(ls "$T"/trace/of.* | sort -V |
	    head -n 1)" "$T"/trace/of.*)" many \
    "no file of a user is opened before he is there"
is "$(awk '/^prctl\(PR_SET_DUMPABLE/ { print before }
	{ before = $0 }' "$T"/trace/of.* | grep -vc ', 0) *= 0$')" 0 \
    "and nobody can trace what may be dumped"

# A password that root cannot have

fresh
sed -i 's/^password_command.*/password_command = id -u >>\/ran; exit 1/; s,/ran,'"$T/ran," \
    /etc/onehop.conf
chmod 666 "$T/ran"
store 33
store 2001
run "$SENDMAIL" -q --all-users
is "$rc $(cat "$T/out" "$T/err") $(waiting) $(cat "$T/ran")" "0  2 0" \
    "is asked for once, by root, and all waits"
like "$(cat "$T/log")" 'password_command: failed' "the log says why"
is "$(grep -c AUTH "$T/smarthost.log")" 0 "no login is tried"
sed -i "s,^password_command.*,password_file = $T/vault/password," /etc/onehop.conf
run "$SENDMAIL" -q --all-users
is "$rc $(arrived) $(waiting)" "0 2 0" "a file that only root can read will do"

# Reports, stamps and schedules are the user's

fresh
store 33
printf '%s\n' 'RCPT * 550 5.1.1 no' >"$T/smarthost.rules"
run "$SENDMAIL" -q --all-users
is "$rc $(waiting) $(find /var/spool/onehop/33 -type f -user 33 | wc -l)" \
    "0 1 1" "a report lies in his queue, and is his"
: >"$T/smarthost.rules"
run "$SENDMAIL" -q --all-users
is "$rc $(waiting) $(senders)" "0 0  " "it goes with the next run"
like "$(cat "$T"/smarthost/*.env)" '^RCPT TO:<www-data@web1.example.org>' "to him"

fresh
store 33
store 2001
printf '%s\n' 'RCPT * 450 later' >"$T/smarthost.rules"
run "$SENDMAIL" -q --all-users
: >"$T/smarthost.rules"
run "$SENDMAIL" -q --due --all-users
is "$rc $(arrived) $(waiting)" "0 0 2" "--due keeps to the schedule"
as 33 "$MAILQ" -r ALL
run "$SENDMAIL" -q --due --all-users
is "$(senders)" "www-data " "of each by himself"
fresh
store 33
store 2001
printf '%s\n' 'AUTH * 535 5.7.8 no' >"$T/smarthost.rules"
run "$SENDMAIL" -q --all-users
is "$(find "$T"/*/.queue /var/spool/onehop -name .relay -printf '%u ' | wc -w)" 2 \
    "each has his stamp"
is "$rc $(waiting)" "0 2" "and his mail"
: >"$T/smarthost.rules"
run "$SENDMAIL" -q --due --all-users
is "$rc $(waiting)" "0 2" "--due heeds it"
run "$SENDMAIL" -q --all-users
is "$rc $(waiting)" "0 0" "without it does not"

# Where only root may look at the password, mending it counts all the same.
sleep 1.1
touch "$T/vault/password"
fresh
store 33
printf '%s\n' 'AUTH * 535 5.7.8 no' >"$T/smarthost.rules"
run "$SENDMAIL" -q --due --all-users
: >"$T/smarthost.rules"
run "$SENDMAIL" -q --due --all-users
is "$rc $(waiting)" "0 1" "the stamp of a refused login is heeded"
sleep 1.1
touch "$T/vault/password"
run "$SENDMAIL" -q --due --all-users
is "$rc $(waiting)" "0 0" "until root mends the password file"

# Somebody's smarthost hangs

own dave 2004 <<EOF
[smarthost]
host = smarthost.test
port = 2589
ca = $T/ca.pem
[log]
to = $T/dave/pipe
EOF
mkfifo "$T/dave/pipe"
echo 'GREETING hang' >"$T/slow.rules"
smarthost_start -n slow -a -p 2589
fresh
Q=$T/dave/.queue
mkdir -p -m 700 "$Q" "$Q/active"
put active/0197ABCDEF012004 1795334441 1795334441 1024 dave root@x.example
chown -R 2004 "$Q"
store 33
store 61111
run "$SENDMAIL" -q --all-users &
all=$!
ok "the others go" wait_for sh -c "[ \$(ls '$T'/smarthost/*.msg | wc -l) = 2 ]"
ok "one waits for his smarthost" has_child 2004

# The parent is told to stop

pid=$(ps -eo pid=,ruid=,args= | awk -v name="$SENDMAIL" \
    '$3 == name && $2 == 0 { print $1; exit }')
kill -TERM "$pid"
wait $all
ok "a signal to the parent ends the children" wait_for no_child
is "$(waiting)" 1 "what was not sent waits"
rm -rf "$T/dave/.queue" "$T/dave/.config"
for what in DATA DOT; do
	fresh
	store 33
	printf '%s\n' "$what * delay 1500" >"$T/smarthost.rules"
	"$SENDMAIL" -q --all-users 2>/dev/null &
	all=$!
	wait_for says DATA
	sleep 0.3
	kill -TERM $all
	wait $all
	is $? 143 "killed at $what it dies of the signal"
	ok "its child ends" wait_for no_child
	: >"$T/smarthost.rules"
	"$SENDMAIL" -q --all-users
	is "$(arrived) $(waiting)" "1 0" "and the mail goes out once"
done
fresh
store 33
printf '%s\n' 'MAIL * delay 1500 250 ok' >"$T/smarthost.rules"
(trap '' HUP TERM && run "$SENDMAIL" -q --all-users && exit $rc) &
wait_for has_child 33
kill -HUP "$(ps -eo pid=,ruid=,args= | awk -v name="$SENDMAIL" \
    '$3 == name && $2 == 0 { print $1; exit }')"
wait $!
is "$? $(arrived)" "0 1" "a signal that is ignored stays so"

# Squatters, links, pipes

fresh
store 33
mkdir -p -m 700 "$HOME/other/active"
cp "$T/in" "$HOME/other/active/0197ABCDEF012001"
ln -s "$HOME/other" "$T/alice/.queue"
chown -h 2001 "$T/alice/.queue"
mkfifo "$T/dave/.queue"
chown 2004 "$T/dave/.queue"
rm -rf "$T/carl/.config"
mkdir -p -m 700 "$T/carl/.queue/active"
mkfifo "$T/carl/.queue/active/0197ABCDEF012003" "$T/carl/.queue/.relay"
ln -s /dev/zero "$T/carl/.queue/active/0197ABCDEF022003"
mkfifo "$T/carl/.queue/hold"
chown -R -h 2003 "$T/carl/.queue"
install -d -m 700 -o 65534 /var/spool/onehop/2001 /var/spool/onehop/62222
mkfifo /var/spool/onehop/62223
chown 62223 /var/spool/onehop/62223
ln -s / /var/spool/onehop/62224
chown -h 62224 /var/spool/onehop/62224
install -d -m 700 -o 61111 /var/spool/onehop/061111 /var/spool/onehop/nobody
put_many 63001 63001
start=$(date +%s)
run "$SENDMAIL" -q --all-users
is "$rc $(cat "$T/out" "$T/err") $(arrived)" "0  2" "stop nobody else"
ok "nor for long" test $(($(date +%s) - start)) -le 20
ok "what lies behind a link is left alone" \
    test -e "$HOME/other/active/0197ABCDEF012001"
like "$(cat "$T/log")" 'uid 2001: .*alice/.queue' "a link is in the log"
like "$(cat "$T/log")" '0197ABCDEF012003 is left alone' "a pipe among messages, too"
install -d -m 700 -o 2004 "$T/dave/.config"
rm -f "$T/dave/.queue"
mkfifo "$T/dave/.config/onehop.conf"
chown 2004 "$T/dave/.config/onehop.conf"
fresh
store 33
mkdir -p -m 700 "$T/dave/.queue/active"
chown -R 2004 "$T/dave/.queue"
Q=$T/dave/.queue
put active/0197ABCDEF012004 1795334441 1795334441 1024 dave root@x.example
chown -R 2004 "$Q"
run "$SENDMAIL" -q --all-users
is "$rc $(senders) $(waiting)" "0 www-data  1" "a pipe for a configuration neither"
rm -rf "$T/dave/.config" "$T/dave/.queue"
fresh
chmod 755 /var/spool/onehop
run "$SENDMAIL" -q --all-users
is "$rc" 0 "a spool that is not 1777"
chmod 1777 /var/spool/onehop
mv /var/spool/onehop "$T/away"
run "$SENDMAIL" -q --all-users
is "$rc" 0 "no spool at all"
mv "$T/away" /var/spool/onehop

# A folder that somebody laid under root's uid is not root's: nothing is read
# or written there, and root is not held up.
fresh
rm -rf "$HOME/.queue"
install -d -m 777 -o 33 /var/spool/onehop/0
as 33 perl -MPOSIX -e 'umask 0; chdir "/var/spool/onehop/0";
    mkfifo($_, 0666) for ".run", map { ".relay.$_" } 1 .. 3000'
before=$(ls -A /var/spool/onehop/0 | cksum)
printf '%s\n' 'GREETING 554 no' >"$T/smarthost.rules"
start=$(date +%s)
run timeout 20 "$SENDMAIL" a@x.example <"$T/in"
is "$rc $(ls -A "$HOME/.queue/active" | wc -l)" "0 1" \
    "who squats on root's uid does not hold root up"
is "$(ls -A /var/spool/onehop/0 | cksum)" "$before" "nor sees a stamp of his"
ok "who has one of his own" test -s "$HOME/.queue/.relay"
run "$MAILQ"
is "$rc $(wc -c <"$T/err")" "0 0" "mailq has no trouble with it"
run "$SENDMAIL" -q
is "$rc $(wc -c <"$T/err")" "0 0" "nor has a run"
like "$("$SENDMAIL" -bC 2>&1)" 'somebody else has laid' "but -bC tells"
: >"$T/smarthost.rules"
"$SENDMAIL" -q

fresh
install -d -m 1777 "$T/shared"
install -d -m 777 -o 33 "$T/shared/.queue"
cat >"$T/open.conf" <<EOF
[smarthost]
host = localhost
port = 2999
tls = off
[queue]
runner = no
[log]
to = none
EOF
chmod 644 "$T/open.conf"
run as 61111 env HOME="$T/shared" ONEHOP_CONF="$T/open.conf" \
    "$SENDMAIL" a@x.example <"$T/in"
is "$rc $(ls -A "$T/shared/.queue") $(waiting)" "0  1" \
    "in a home for all the queue of somebody else is left alone"
rm -rf "$T/shared"

# Whatever size a stamp has, so much of it is read.
fresh
store 33
truncate -s 400M /var/spool/onehop/33/.relay
chown 33 /var/spool/onehop/33/.relay
rss "$SENDMAIL" -q --all-users
is "$rc $(waiting)" "0 0" "a stamp of 400 MB is in nobody's way"
ok "nor in memory ($peak kB)" test "$peak" -le 40000

# A file of one's own reads nothing of root's

fresh
own alice 2001 <<EOF
[smarthost]
host = smarthost.test
port = 2587
ca = $T/ca.pem
user = alice
password_file = $T/vault/password
EOF
Q=$T/alice/.queue
mkdir -p -m 700 "$Q/active"
put active/0197ABCDEF012001 1795334441 1795334441 1024 alice root@x.example
chown -R 2001 "$Q"
run "$SENDMAIL" -q --all-users
is "$rc $(arrived) $(waiting)" "0 0 1" "not the password file"
own alice 2001 <<EOF
[smarthost]
host = smarthost.test
port = 2587
ca = $T/ca.pem
user = alice
password_command = (id; env; ls -l /proc/self/fd) >$T/alice/ran; echo no
EOF
run env ONEHOP_SMARTHOST_PASSWORD="$SECRET" "$SENDMAIL" -q --all-users
is "$rc $(arrived) $(waiting)" "0 0 1" "nor by a command"
like "$(cat "$T/alice/ran")" '^uid=2001\(' "which is run as him"
is "$(grep -E '^[A-Z]' "$T/alice/ran" | grep -vE '^(PWD|OLDPWD|_|SHLVL)=' |
    sort | tr '\n' ' ')" "HOME=$T/alice LOGNAME=alice TZ=UTC USER=alice " \
    "in an environment that is his"
is "$(grep -c "$T/log" "$T/alice/ran")" 0 "without root's log"
rm -rf "$T/alice/.config"

# Root's own queue goes by what root lends, whatever his environment said

fresh
mkdir -p "$HOME/.config"
echo broken >"$HOME/.config/onehop.conf"
Q=$HOME/.queue
mkdir -p -m 700 "$Q/active"
put active/0197ABCDEF010000 1795334441 1795334441 1024 root@x.example a@x.example
run env ONEHOP_CONF=/etc/onehop.conf "$SENDMAIL" -q --all-users
is "$rc $(arrived) $(waiting)" "0 1 0" "ONEHOP_CONF is for root's queue, too"
rm "$HOME/.config/onehop.conf"

# Many

fresh
put_many 63001 63060
printf '%s\n' 'MAIL * delay 700 250 ok' >"$T/smarthost.rules"
"$SENDMAIL" -q --all-users 2>"$T/err" &
most=0
while kill -0 $! 2>/dev/null; do
	now=$(ps -eo ruid=,args= | awk -v name="$SENDMAIL" \
	    '$2 == name && $1 != 0 && !seen[$1]++ { n++ } END { print n + 0 }')
	[ "$now" -le $most ] || most=$now
	sleep 0.05
done
wait $!
is "$? $(cat "$T/err") $(arrived) $(waiting)" "0  60 0" "sixty users"
is "$most" 10 "ten at once"

# Again and again

fresh
store 33
"$SENDMAIL" -bD -q1m --all-users 2>"$T/err" &
daemon=$!
ok "-bD -q1m --all-users is for all users" \
    wait_for sh -c "[ -e '$T'/smarthost/1.msg ] || ls '$T'/smarthost/*.msg"
kill -TERM $daemon
wait $daemon
is "$? $(cat "$T/err") $(waiting)" "0  0" "until it is told to end"

# root cannot be everybody

fresh
store 33
strace -f -qq -o /dev/null -e trace=setresuid -e inject=setresuid:error=EAGAIN \
    "$SENDMAIL" -q --all-users
is "$? $(arrived) $(waiting)" "0 0 1" "who cannot become the user does nothing"
like "$(cat "$T/log")" 'uid 33: cannot work for uid 33' "and says so"
strace -f -qq -o /dev/null -e trace=prctl -e inject=prctl:error=EPERM:when=1+ \
    "$SENDMAIL" -q --all-users
is "$? $(arrived) $(waiting)" "0 0 1" "nor who can be traced"
run "$SENDMAIL" -q --all-users
is "$(arrived)" 1 "then all is well"
grep -rlF -- "$SECRET" "$T" /var/spool /run /etc 2>/dev/null |
    grep -vE '/vault/password$' >"$T/found.txt"
is "$(cat "$T/found.txt")" "" "and the password is in no file still"

done_testing
