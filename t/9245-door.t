#!/bin/sh
# SPDX-License-Identifier: ISC
# The door: one user knows the password and serves all others by a local socket.
# With a real socket activation, for callers who can read no password, keep no
# queue and may be nobody at all: each gets the smarthost's own answer.
. "${0%/*}/lib.sh"
. "$TOP/t/process.sh"

setpriv --reuid 65534 --clear-groups true 2>/dev/null ||
    fail_early "this test needs other uids: run it as root"

# Who serves, who calls
HOUSE_DOOR=$T/onehop
id -u www-data >/dev/null 2>&1 ||
    echo 'www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin' >>/etc/passwd
sed -i '/^onehop:/d' /etc/passwd
cat >>/etc/passwd <<END
onehop:x:7000:7000:Mail through the door:$HOUSE_DOOR:/usr/sbin/nologin
ann:x:7001:7001:Ann:$T/ann:/bin/sh
END
www=$(id -u www-data)
install -d -m 700 -o 7000 -g 7000 "$HOUSE_DOOR"
install -d -m 700 -o 7001 -g 7001 "$T/ann"
mkdir -m 1777 /var/spool/onehop
ca_make
: >"$T/log"
chown 7000 "$T/log"
conf_write '[queue]' 'retry = 1h'
mv "$HOME/.config/onehop.conf" /etc/onehop.conf
chown 0:7000 /etc/onehop.conf
chmod 640 /etc/onehop.conf

# door [OPTION...]: open it.
door()
{
	setsid systemd-socket-activate -l /run/onehop.sock --accept --inetd \
	    -E ASAN_OPTIONS -E UBSAN_OPTIONS \
	    setpriv --reuid 7000 --regid 7000 --clear-groups \
	    "$SENDMAIL" -bs "$@" >"$T/door.log" 2>&1 &
	door_pid=$!
	wait_for test -S /run/onehop.sock || diag "no door: $(cat "$T/door.log")"
	chown 7000 /run/onehop.sock
	chmod 666 /run/onehop.sock
}

door_close()
{
	kill $door_pid
	wait $door_pid 2>/dev/null
	rm -f /run/onehop.sock
}

fresh()
{
	rules "$@"
	for pid in $(ours); do
		kill -KILL "$pid" 2>/dev/null
	done
	await 10 all_gone
	rm -rf "$T/smarthost" "$HOUSE_DOOR/.queue" "$T/ann/.queue" \
	    /var/spool/onehop/* "$HOME/.queue"
	mkdir "$T/smarthost"
	: >"$T/log"
	transcript_clear
}

waiting()
{
	queued "$HOUSE_DOOR/.queue"
}

# Four who call: each puts $rc, $T/out, $T/err.

# A user's job
ann()
{
	run as 7001 env HOME="$T/ann" LOGNAME=ann "$SENDMAIL" "$@" <"$T/in"
}

# PHP, as www-data
php_mail()
{
	run as "$www" env -i PATH="$PATH" php -n -d sendmail_path="$SENDMAIL -t -i" \
	    -r 'exit(mail($argv[1], "Gr\u{fc}\u{df}e", "h\u{e9}llo\n",
	        "From: w@x.example\r\nContent-Type: text/plain; charset=utf-8\r\n",
	        "-fw@x.example") ? 0 : 1);' -- "$1"
}

# A container: no entry in passwd, no queue, no configuration, no network, and
# of this machine nothing but the socket.
container()
{
	run unshare -mnp --fork sh -c '
		mount -t tmpfs none /var/spool && mount -t tmpfs none "$0/home" &&
		mount --bind "$0/empty" /etc/onehop.conf &&
		mount --bind "$0/nobody" /etc/passwd &&
		: >"$0/sock" && mount --bind /run/onehop.sock "$0/sock" &&
		mount -t tmpfs -o mode=755 none /run && : >/run/onehop.sock &&
		mount --bind "$0/sock" /run/onehop.sock && umount "$0/sock" &&
		shift &&
		exec setpriv --reuid 12345 --regid 12345 --clear-groups env -i \
		    HOME=/nonexistent "$@"' \
	    "$T" x "$SENDMAIL" "$@" <"$T/in"
}
: >"$T/nobody"
: >"$T/empty"
printf '[sender]\ndomain = box.example\n' >"$T/empty"

printf 'Subject: hi\n\nhello\n' >"$T/in"
smarthost_start
door

# The smarthost's own answer

fresh 'DOT 250 2.0.0 Ok: queued as 4Zx'
ann -v bob@y.example
is "$rc $(arrived) $(waiting)" "0 1 0" "a user: it has arrived"
like "$(cat "$T/err")" '^<<< 250 2.0.0 Ok: queued as 4Zx' \
    "a user: he sees what the smarthost said"
unlike "$(cat "$T/err")" 'AUTH|STARTTLS' "a user: no login, no TLS to the door"
like "$(tr -d '\r' <"$T/smarthost/1.env")" '^MAIL FROM:<ann@web1.example.org>' \
    "a user: by his name"
like "$(transcript)" '^-- tls' "the door speaks TLS to the smarthost"
like "$(cat "$T/log")" 'from=<ann@web1.example.org>, uid=7001, to=<bob@y.example>.*auth=.*status=sent' \
    "a user: the log names his uid"
unlike "$(cat "$T/door.log")" '^sendmail:' "the door itself says nothing"

fresh
php_mail bob@y.example
is "$rc $(arrived)" "0 1" "PHP: it has arrived"
like "$(cat "$T/log")" "from=<w@x.example>, uid=$www, to=<bob@y.example>" \
    "PHP: the log names www-data"
like "$(tr -d '\r' <"$T/smarthost/1.env")" '^MAIL FROM:<w@x.example> .*BODY=8BITMIME' \
    "PHP: 8BITMIME passes through"
like "$(cat "$T/smarthost/1.msg")" "$(printf 'h\303\251llo')" "PHP: octet for octet"

fresh
container -f c@x.example -N failure,delay -R hdrs -V id+2B1 bob@y.example
is "$rc $(arrived) $(cat "$T/err")" "0 1 " "a container: it has arrived"
like "$(cat "$T/log")" 'from=<c@x.example>, uid=12345, to=<bob@y.example>' \
    "a container: the log names the uid"
is "$(tr -d '\r' <"$T/smarthost/1.env" | sed 's/ SIZE=[0-9]*//' | tr '\n' '|')" \
    'MAIL FROM:<c@x.example> RET=HDRS ENVID=id+2B1|RCPT TO:<bob@y.example> NOTIFY=FAILURE,DELAY|' \
    "a container: DSN passes through"
container joe@y.example
like "$(tr -d '\r' <"$T/smarthost/2.env")" '^MAIL FROM:<uid-12345@box.example>' \
    "a container: its other keys count"

fresh
printf 'Subject: gr\303\274\303\237e\n\nhello\n' >"$T/in"
ann -f "$(printf 'j\303\266@x.example')" "$(printf 'b\303\266b@y.example')"
is "$rc $(tr -d '\r' <"$T/smarthost/1.env" | sed 's/ SIZE=[0-9]*//' | tr '\n' '|')" \
    "0 MAIL FROM:<$(printf 'j\303\266')@x.example> BODY=8BITMIME SMTPUTF8|RCPT TO:<$(printf 'b\303\266b')@y.example>|" \
    "SMTPUTF8 passes through"
printf 'Subject: hi\n\nhello\n' >"$T/in"

# As Debian's cron calls, for ann and with the home of the daemon.
cron()
{
	printf '%s\n' 'From: root (Cron Daemon)' 'To: ann' \
	    'Subject: Cron <ann@web1> ls' 'X-Cron-Env: <HOME=/root>' '' ls \
	    >"$T/job"
	run as 7001 env -i HOME=/root PATH=/usr/bin:/bin LOGNAME=ann \
	    "$SENDMAIL" -FCronDaemon -i -B8BITMIME -oem "${1:-ann}" <"$T/job"
}
fresh
cron
is "$rc $(arrived) $(cat "$T/err")" "0 1 " "cron: it has arrived"
is "$(tr -d '\r' <"$T/smarthost/1.env" | sed 's/ SIZE=[0-9]*//' | tr '\n' '|')" \
    'MAIL FROM:<ann@web1.example.org>|RCPT TO:<ann@web1.example.org>|' \
    "cron: bare names get a domain"
like "$(cat "$T/log")" 'from=<ann@web1.example.org>, uid=7001, to=<ann@web1' \
    "cron: the log names his uid"

for caller in ann cron php_mail container; do
	fresh 'RCPT * 550 5.1.1 who is that'
	$caller bob@y.example
	case $caller in
	php_mail) is $rc 1 "$caller: refused by name is false" ;;
	*)
		is $rc 67 "$caller: refused by name is 67"
		like "$(cat "$T/err")" '^sendmail: bob@y.example: refused: 550 5.1.1 who is that$' \
		    "$caller: in the smarthost's words"
		;;
	esac
	case $caller in
	cron) kept=1 ;; # the report, which -oem asks for
	*) kept=0 ;;
	esac
	is "$(waiting) $(queued /var/spool/onehop) $(queued "$T/ann/.queue")" \
	    "0 0 $kept" "$caller: nothing of it is kept"

	smarthost_stop
	fresh
	$caller bob@y.example
	is "$rc $(waiting)" "0 1" "$caller: nobody answers: it waits behind the door"
	is "$(queued /var/spool/onehop) $(queued "$T/ann/.queue")" "0 0" \
	    "$caller: and not with him"
	smarthost_start
	run as 7000 "$SENDMAIL" -q
	is "$rc $(waiting) $(arrived)" "0 0 1" "$caller: from there it goes"
done

for case in 'DOT 550 5.7.1 spam|69|554 5.7.1 spam' \
    'MAIL * 553 5.1.8 no|69|554 5.1.8 no' 'DOT 552 5.3.4 big|65|552 5.3.4 big' \
    'RCPT * 553 5.1.3 bad|67|553 5.1.3 bad' 'DATA 501 5.5.4 bad|65|501 5.5.4 bad'; do
	rule=${case%%|*} rest=${case#*|}
	fresh "$rule"
	ann -f joe@x.example bob@y.example
	is "$rc $(waiting)" "${rest%%|*} 0" "$rule: ${rest%%|*}"
	like "$(cat "$T/err")" "refused: ${rest#*|}" "$rule: ${rest#*|}"
done
fresh 'RCPT b* 550 5.1.1 who' 'RCPT c* 554 5.7.1 no'
ann -f joe@x.example bob@y.example ben@y.example
is $rc 67 "two refused by name: 67"
ann -f joe@x.example bob@y.example cid@y.example
is $rc 69 "one of them for another reason: 69"
fresh 'AUTH * 535 5.7.8 no'
ann bob@y.example
is "$rc $(waiting)" "0 1" "a login that is refused is the door's affair"

# Those who speak SMTP to their own sendmail, and many at once

talk()
{
	printf '%s\n' 'MAIL FROM:<joe@x.example>' 'RCPT TO:<bob@y.example>' \
	    DATA '' hello . >"$T/dialogue"
	answer=$(as 7001 env HOME="$T/ann" "$SENDMAIL" -bs <"$T/dialogue" |
	    tr -d '\r' | tail -n 1)
}
fresh 'DOT 250 2.0.0 Ok: queued as 4Zx'
talk
is "$answer" '250 2.0.0 Ok: queued as 4Zx' "-bs through the door: the words"
rules 'RCPT * 550 5.1.1 who is that'
talk
is "$answer" '550 5.1.1 who is that' "-bs through the door: refused by name"
rules 'DOT 550 5.7.1 spam'
talk
is "$answer" '554 5.7.1 spam' "-bs through the door: refused for the text"
fresh
one()
{
	as 7001 env HOME="$T/ann" "$SENDMAIL" "r$i@y.example" <"$T/in"
}
at_once 20 one
is "$codes $(arrived) $(waiting)" "00000000000000000000 20 0" "twenty at once"

# Who does not need it, who must not use it

fresh
install -d -m 700 -o 7001 -g 7001 "$T/ann/.config"
own=$T/ann/.config/onehop.conf
printf '[smarthost]\nhost = 127.0.0.1\nport = 2599\n' >"$own"
chown 7001 "$own"
ann -odi bob@y.example
is "$rc $(arrived) $(queued "$T/ann/.queue")" "0 0 1" \
    "who has a smarthost of his own uses that"
printf '[smarthost\n' >"$own"
ann bob@y.example
is "$rc $(arrived) $(queued "$T/ann/.queue")" "0 0 2" "what is broken is not missing"
printf '[sender]\ndomain = ann.example\n' >"$own"
ann bob@y.example
await 10 has_arrived 1
like "$(cat "$T"/smarthost/*.env)" 'MAIL FROM:<ann@ann.example>' \
    "a file without [smarthost] is no hindrance, and counts"
chmod 0 "$own"
fresh
ann bob@y.example
is "$rc $(arrived)" "0 1" "nor is one that he may not read"
run as 7001 env HOME="$T/ann" ONEHOP_CONF="$own" "$SENDMAIL" bob@y.example <"$T/in"
is "$rc $(arrived) $(queued "$T/ann/.queue")" "0 1 1" \
    "but one that he names has to be read"
run as 7001 env HOME="$T/ann" ONEHOP_SMARTHOST_PORT=26 "$SENDMAIL" bob@y.example <"$T/in"
is "$rc $(arrived)" "0 1" "and a smarthost in the environment is his own"
rm -r "$T/ann/.config"

fresh
mv /etc/onehop.conf "$T/onehop.conf"
ann bob@y.example
is "$rc $(waiting) $(arrived)" "0 1 0" "a door without a configuration keeps it"
like "$(as 7000 "$MAILQ")" 'no configuration' "with that reason"
run "$SENDMAIL" -q --all-users
is "$(waiting) $(arrived)" "1 0" "root's run sends nobody round in circles"
printf '[smarthost]\nhost = /run/onehop.sock\n' >/etc/onehop.conf
run as 7000 "$SENDMAIL" -q
is "$(waiting) $(arrived)" "1 0" "nor does a file that names the door itself"
chmod 644 /etc/onehop.conf
run "$SENDMAIL" -f joe@x.example bob@y.example <"$T/in"
is "$rc $(waiting)" "0 2" "what comes in then is kept"
like "$(as 7000 "$MAILQ")" 'leads back' "with that reason"
# The same by another name: each call of it would be one more at the door.
ln -s onehop.sock /run/alias.sock
printf '[smarthost]\nhost = /run/alias.sock\n' >/etc/onehop.conf
run as 7000 "$SENDMAIL" -q
is "$(waiting) $(arrived)" "2 0" "nor a file that names it by a link"
run "$SENDMAIL" -f joe@x.example bob@y.example <"$T/in"
is "$rc $(waiting)" "0 3" \
    "where it comes in, too, it is kept"
run as 7000 "$SENDMAIL" -bC
is $rc 69 "-bC of who serves"
like "$(cat "$T/out")" "421 4\.3\.5 '/run/alias.sock' leads back" "says why"
mv "$T/onehop.conf" /etc/onehop.conf
run "$SENDMAIL" -q --all-users
is "$(waiting) $(arrived)" "0 3" "mended, all goes"

# What another left there is not his

smarthost_stop
fresh
ann -f old@x.example bob@y.example
is "$(waiting)" 1 "mail of one waits"
smarthost_start
rm "$HOUSE_DOOR/.queue/.relay"
php_mail new@y.example
await 10 has_arrived 2
like "$(cat "$T/log")" "uid=$www, to=<new@y.example>" "that of another goes"
like "$(cat "$T/log")" 'from=<old@x.example>, to=<bob@y.example>.*status=sent' \
    "and takes it along, under no name"

# Any socket will do

fresh
door_close
conf_write 'host = /run/other.sock' '-user' '-password' '-port' '-ca'
run "$SENDMAIL" -f a@x.example bob@y.example <"$T/in"
is "$rc $(queued)" "0 1" "a socket that is not there: it waits"
like "$("$MAILQ")" '/run/other.sock.*No such file' "with its name"
setsid "$SMARTHOST" -u /run/other.sock -d "$T/smarthost" -o "$T/other.log" -t none \
    -r "$T/smarthost.rules" 2>"$T/other.err" & pid=$!
wait_for test -S /run/other.sock
run "$SENDMAIL" -q
is "$rc $(queued) $(arrived)" "0 0 1" "host = /path speaks to a local socket"
rules 'DOT 551 5.1.6 moved'
run "$SENDMAIL" -f a@x.example bob@y.example <"$T/in"
is $rc 67 "551 at its dot means the recipients"
kill $pid
printf '[smarthost]\nhost = /run/other.sock\nuser = x\npassword = y\n' >"$T/c"
chmod 600 "$T/c"
run env ONEHOP_CONF="$T/c" "$SENDMAIL" -bC
like "$(cat "$T/out")" 'a local socket has no login' "and knows no login"
rm "$HOME/.config/onehop.conf"

# What it logs, and what -bC says

sed -i 's/^to = .*/&\nformat = json/' /etc/onehop.conf
door
fresh
ann bob@y.example
is "$(perl -MJSON::PP -ne '$e = decode_json($_); print "$e->{uid} $e->{to} $e->{name}"' "$T/log")" \
    "7001 bob@y.example onehop" "JSON has the uid, too"
run as 7001 env HOME="$T/ann" "$SENDMAIL" -bC
is $rc 0 "-bC of a caller: all is well"
like "$(cat "$T/out")" 'no \[smarthost\] that this user can read.*/run/onehop.sock' \
    "it says which way mail goes"
like "$(cat "$T/out")" '^ok: smarthost: /run/onehop.sock, a local socket' "and where to"
like "$(cat "$T/out")" '^ok: door: /run/onehop.sock' "and that there is a door"
run as 7000 "$SENDMAIL" -bC
like "$rc $(cat "$T/out")" 'ok: door: this user serves /run/onehop.sock' \
    "-bC of who serves"
door_close
run as 7001 env HOME="$T/ann" "$SENDMAIL" -bC
like "$rc $(cat "$T/out")" 'note: door: none' "-bC without one"
ann bob@y.example
is "$rc $(queued "$T/ann/.queue")" "0 1" "without a door he stores"
like "$(as 7001 env HOME="$T/ann" "$MAILQ")" "root's run" "for root's run"

# Units

for unit in onehop.socket onehop@.service; do
	sed "s,/usr/sbin/sendmail,$SENDMAIL," "$TOP/conf/$unit" >"$T/$unit"
done
run systemd-analyze verify --man=no "$T/onehop.socket" "$T/onehop@.service"
is "$rc" 0 "systemd takes the units"
silent "without a word"
ok "a child that goes on is not killed" grep -qx KillMode=process \
    "$TOP/conf/onehop@.service"
mkdir -p "$T/root/etc"
: >"$T/root/etc/passwd"
: >"$T/root/etc/group"
run systemd-sysusers --root="$T/root" "$TOP/conf/onehop.sysusers"
like "$rc $(cat "$T/root/etc/passwd")" \
    '^0 onehop:x:[0-9]+:[0-9]+:Mail through the door:/var/lib/onehop:/.*nologin' \
    "and the user"

done_testing
