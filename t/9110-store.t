#!/bin/sh
# SPDX-License-Identifier: ISC
# What cannot go now is in a queue of ours on stable storage, whoever the caller
# is and whatever is wrong with his disk; or he is told so, and nothing is left.
. "${0%/*}/lib.sh"

mail='From: joe@x.example
To: bob@y.example
Subject: hi

hello'

send()
{
	printf '%s\n' "$mail" >"$T/in"
	run "$SENDMAIL" "$@" <"$T/in"
}

the_file()
{
	find "${1:-$HOME/.queue}/active" -type f
}

# Without any configuration

send -i bob@y.example
is $rc 0 "a message without any configuration is success"
silent "and silent"
is "$(queued)" 1 "it is in the queue of the home"
run "$MAILQ"
like "$(cat "$T/out")" 'ONEHOP_SMARTHOST_HOST' "mailq says what is missing"
run "$SENDMAIL" -q
is $rc 78 "-q says that nothing is configured"
like "$(cat "$T/err")" 'ONEHOP_SMARTHOST_HOST' "and what to do"
is "$(wc -l <"$T/err")" 1 "in one line"
is "$(queued)" 1 "and the message is still there"
f=$(the_file)
like "${f##*/}" '^[0-9A-F]{16}$' "an ID is 16 upper-case hex digits"

# The file

like "$(head -c 96 "$f" | head -n 1)" \
    '^ONEHOP1 [0-9]{12} [0-9]{20} [0-9a-f]{8} [0-9]{20} 7bit {11}[0-9a-f]{8}$' \
    "the first line is 96 octets of known form"
is "$(sed -n 2p "$f")" "from root" "the sender stays bare"
is "$(sed -n 3p "$f")" "host web1" "the host is recorded"
is "$(sed -n 4p "$f")" "to bob@y.example" "the recipient too"
is "$(sed -n 5p "$f")" "" "an empty line ends the envelope"
header=$(head -c 20 "$f" | tail -c 12 | sed 's/^0*//')
message=$(head -c 41 "$f" | tail -c 20 | sed 's/^0*//')
dd if="$f" bs=1 skip=$((96 + header)) count="$message" 2>/dev/null >"$T/text"
printf '%s\n' "$mail" | wire >"$T/want"
strip_added "$T/text" | grep -v '^To:' >"$T/got.1"
like "$(cat "$T/text")" '^Message-ID: <' "a Message-ID was added"
is "$(tail -c 7 "$T/text" | od -An -c | tr -s ' ')" ' h e l l o \r \n' \
    "the message is in wire form"
is "$(tail -c +$((97 + header + message)) "$f" | sed 's/^[0-9a-f]* [0-9]* //' |
    cut -c1-12)" "deferred 1 n" "the journal has the reason"
is "$(stat -c %a "$f" "$HOME/.queue" "$HOME/.queue/active" \
    "$HOME/.queue/hold" "$HOME/.queue/failed" | tr '\n' ' ')" \
    "600 700 700 700 700 " "nobody else can read it"
rm -rf "$HOME/.queue"

(umask 0777 && send bob@y.example; [ "$rc" = 0 ])
is "$?" 0 "a umask of 0777 does not matter"
f=$(the_file)
is "$(stat -c %a "$f" "$HOME/.queue" "$HOME/.queue/active" | tr '\n' ' ')" \
    "600 700 700 " "the modes are the same"
rm -rf "$HOME/.queue"

# The order of calls

calls()
{
	sed -nE 's/^([0-9]+ +)?(.*)$/\2/p' "$T/trace" | sed -nE '
	s/^openat\(([0-9]+), ".", .*O_TMPFILE.*/openat tmpfile/p
	s/^flock\(.*LOCK_EX\|LOCK_NB\).*= 0/flock/p
	s/^fallocate\(.*KEEP_SIZE.*/fallocate/p
	s/^utimensat\(.*/utimensat/p
	s/^fsync\(.*= 0/fsync/p
	s/^fdatasync\(.*= 0/fdatasync/p
	s/^linkat\(.*= 0/linkat/p
	s/^unlinkat\(.*= 0/unlinkat/p
	s/^pwrite64\([0-9]+, "ONEHOP1 .*/pwrite first line/p
	s/^(mkdir|mkdirat)\(.*\.queue.*= 0/mkdir queue/p'
}
send bob@y.example
rm -f "$HOME"/.queue/active/*
strace -f -o "$T/trace" "$SENDMAIL" bob@y.example <"$T/in" 2>/dev/null
is "$(calls | tr '\n' ';')" \
    "openat tmpfile;flock;pwrite first line;fallocate;utimensat;fsync;linkat;fsync;" \
    "a deferral is: unnamed file, lock, first line, reserve, time, fsync, name, fsync"
rm -rf "$HOME/.queue"
strace -f -o "$T/trace" "$SENDMAIL" bob@y.example <"$T/in" 2>/dev/null
like "$(calls | tr '\n' ';')" '^mkdir queue;.*fsync;openat tmpfile' \
    "the first use makes the folders and syncs their parents"
is "$(calls | sed '/openat/,$d' | grep -c fsync)" 2 \
    "each parent once: the home, the queue"
rm -rf "$HOME/.queue"

# Where it lies

spool_make()
{
	install -d -m 1777 /var/spool/onehop
}

# bad PLACE DESCRIPTION: home is of no use, then with the spool it goes there.
goes_to_spool()
{
	spool_make
	send bob@y.example
	is $rc 0 "$1: exit 0 with a spool"
	is "$(queued /var/spool/onehop/0)" 1 "$1: it is in the spool"
	is "$(stat -c %a /var/spool/onehop/0)" 700 "$1: nobody else can read it"
	is "$("$MAILQ" | grep -c bob@y.example)" 1 "$1: mailq finds it"
	rm -rf /var/spool/onehop
}

given_back()
{
	send bob@y.example
	is $rc 75 "$1: without a spool it is 75"
	is "$(wc -l <"$T/err")" 1 "$1: with one line"
	is "$(queued)" 0 "$1: nothing is left"
	is "$(find "$HOME/.queue" -name '.t-*' 2>/dev/null | wc -l)" 0 \
	    "$1: no temporary file either"
}

mount -t tmpfs -o size=4m tmpfs "$HOME"
send bob@y.example
rm -f "$HOME"/.queue/active/*
dd if=/dev/zero of="$HOME/full" 2>/dev/null
goes_to_spool "a full disk"
given_back "a full disk"
rm "$HOME/full"
mount -o remount,ro "$HOME"
goes_to_spool "a read-only home"
given_back "a read-only home"
umount "$HOME"

mount -t tmpfs -o size=4m tmpfs "$HOME"
send bob@y.example
mount -o remount,ro "$HOME"
run env ONEHOP_SMARTHOST_HOST=127.0.0.1 "$SENDMAIL" -q
is "$rc $(wc -l <"$T/err")" "74 1" "-q of a queue that is read-only: 74, one line"
umount "$HOME"

spool_make
sed -i "s,^\(nobody:.*\):[^:]*:\([^:]*\)$,\1:/nonexistent:\2," /etc/passwd
run as 65534 "$SENDMAIL" bob@y.example <"$T/in"
is $rc 0 "nobody, who has no home, gets exit 0"
is "$(queued /var/spool/onehop/65534)" 1 "and a queue in the spool"
is "$(stat -c %u /var/spool/onehop/65534)" 65534 "of his own"

run env -u HOME setpriv --reuid 61111 --regid 61111 --clear-groups \
    "$SENDMAIL" bob@y.example <"$T/in"
is $rc 0 "a uid without an entry and without HOME gets exit 0"
is "$(queued /var/spool/onehop/61111)" 1 "and a queue in the spool"
f=$(the_file /var/spool/onehop/61111)
is "$(sed -n 2p "$f")" "from uid-61111" "he is called by his number"

install -d -o 61112 "$T/apphome"
run env HOME="$T/apphome" LOGNAME=app setpriv --reuid 61112 --regid 61112 \
    --clear-groups "$SENDMAIL" bob@y.example <"$T/in"
is $rc 0 "a uid without an entry has the home of HOME"
is "$(queued "$T/apphome/.queue")" 1 "his queue is there"
is "$(sed -n 2p "$(the_file "$T/apphome/.queue")")" "from app" \
    "and the name of LOGNAME"
rm -rf /var/spool/onehop

install -d -m 777 /var/spool/onehop
run as 65534 "$SENDMAIL" bob@y.example <"$T/in"
is $rc 75 "a spool parent that is not sticky is not used"
rm -rf /var/spool/onehop

run env HOME="$T/apphome" "$SENDMAIL" bob@y.example <"$T/in"
is "$(queued)" 1 "HOME does not move the queue of who has an entry"
rm -rf "$HOME/.queue"

mkdir -m 755 "$HOME/.queue"
send bob@y.example
is "$rc $(queued) $(stat -c %a "$HOME/.queue")" "0 1 700" \
    "an empty .queue of ours is closed to others"
rm -rf "$HOME/.queue"
mkdir -m 755 "$HOME/.queue"
: >"$HOME/.queue/something"
send bob@y.example
is "$rc $(stat -c %a "$HOME/.queue")" "75 755" \
    "a .queue that holds other things is left alone"
rm -rf "$HOME/.queue"
ln -s "$T" "$HOME/.queue"
send bob@y.example
is "$rc" 75 "a .queue that is a link is not followed"
rm "$HOME/.queue"

# A broken configuration

mkdir -p "$HOME/.config"
(umask 077; printf '[smarthost]\nhsot = x\n' >"$HOME/.config/onehop.conf")
send bob@y.example
is "$rc $(queued)" "0 1" "a broken configuration queues"
like "$("$MAILQ")" 'onehop.conf:2: ' "and mailq names file and line"
run "$SENDMAIL" -q
is $rc 78 "-q names it"
rm -rf "$HOME/.queue" "$HOME/.config"

# Without a queue on purpose

export ONEHOP_SMARTHOST_HOST=127.0.0.1 ONEHOP_SMARTHOST_PORT=9 \
    ONEHOP_QUEUE_KEEP=no ONEHOP_LOG_TO=none
send bob@y.example
is "$rc $(queued)" "75 0" "keep = no: a transient failure is 75, nothing is kept"
like "$(cat "$T/err")" 'onnect' "and says why"
send -odq bob@y.example
is "$rc $(queued)" "75 0" "keep = no: -odq is 75"
unset ONEHOP_QUEUE_KEEP
send bob@y.example
is "$rc $(queued)" "0 1" "a refused connection queues"
send -odq bob@y.example
is "$rc $(queued)" "0 2" "-odq queues"
like "$(strace -f -e trace=connect "$SENDMAIL" -odq a@b.example <"$T/in" 2>&1 |
    grep -c AF_INET)" '^0$' "-odq opens no connection"

done_testing
