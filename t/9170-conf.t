#!/bin/sh
# SPDX-License-Identifier: ISC
# The settings as a user meets them: what they do on the wire, and what becomes
# of mail when they are wrong.
. "${0%/*}/lib.sh"

ca_make
printf 'From: a@x.example\nSubject: hi\n\nhello\n' >"$T/in"

send()
{
	run "$SENDMAIL" -f a@x.example b@y.example <"$T/in"
}

# Passwords, octet for octet

long=$(awk 'BEGIN { for (i = 0; i < 300; i++) printf "%c", 33 + (i * 7) % 94 }')
n=0
for word in 'a"b' '"quoted' 'semi ;colon' ' ; lead' 'hash #x' '#first' 'eq=ual' \
    'co:lon' 'sl/ash' 'in  side' "it's" '$(id)' '\back\' '\xc3' "$long"; do
	n=$((n + 1))
	PASSWORD=$word
	smarthost_start -m PLAIN
	case $word in
	' '*) conf_write '-password' "password = \"$word\"" ;;
	*) conf_write '-password' "password = $word" ;;
	esac
	fresh
	send
	is "$rc $(arrived) $(queued)" "0 1 0" "password number $n logs in"
	conf_write '-password' "password_file = $T/secret"
	printf '%s\nmore\n' "$word" >"$T/secret"
	send
	is "$rc $(arrived) $(queued)" "0 2 0" "from a file too"
	smarthost_stop
done
PASSWORD=simple
smarthost_start -m PLAIN

# Where a password comes from

fresh
printf 'simple\n' >"$T/secret"
chmod 444 "$T/secret"
ln -sf "$T/secret" "$T/link"
conf_write '-password' "password_file = $T/link"
send
is "$rc $(arrived)" "0 1" "password_file may be a link to a file of mode 0444"
chmod 666 "$T/secret"
send
is "$rc $(arrived) $(queued)" "0 1 1" "not one that others can write: it waits"
like "$("$MAILQ" | tr -s ' \n' ' ')" "password_file|$T/link" "and mailq says why"
chmod 600 "$T/secret"
fresh
conf_write '-password' "password_command = printf 'simple\nmore\n'"
send
is "$rc $(arrived)" "0 1" "password_command"
conf_write '-password' "password_command = env >$T/env; echo simple"
ONEHOP_SMARTHOST_TIMEOUT=1m run "$SENDMAIL" -f a@x.example b@y.example <"$T/in"
is "$rc $(arrived)" "0 2" "it is a shell's"
unlike "$(cat "$T/env")" ONEHOP_ "it is told none of our settings"
conf_write '-password' "password_command = echo oops >&2; echo simple"
run "$SENDMAIL" -f a@x.example b@y.example <"$T/in"
is "$rc $(arrived)" "0 3" "it may complain"
silent "to nobody"
fresh
conf_write '-password' 'password_command = exit 3'
send
is "$rc $(queued)" "0 1" "a command that fails: the message waits"
unlike "$(transcript)" connect "no login is tried"
conf_write '-password' 'password_command = true'
send
is "$rc $(queued)" "0 2" "one that prints nothing: so too"
fresh
mkdir -p "$T/creds"
printf 'simple\n' >"$T/creds/onehop.password"
conf_write '-password'
CREDENTIALS_DIRECTORY=$T/creds run "$SENDMAIL" -f a@x.example b@y.example <"$T/in"
is "$rc $(arrived)" "0 1" "the credentials directory"
send
is "$rc $(arrived) $(queued)" "0 1 1" "nowhere: the message waits"

# Environment alone

rm -rf "$HOME/.config"
fresh
run env ONEHOP_SMARTHOST_HOST=smarthost.test ONEHOP_SMARTHOST_PORT=2587 \
    ONEHOP_SMARTHOST_CA="$T/ca.pem" ONEHOP_SMARTHOST_USER=alice \
    ONEHOP_SMARTHOST_PASSWORD_FILE="$T/secret" ONEHOP_LOG_TO=none \
    ONEHOP_ALIASES_ROOT=boss@y.example ONEHOP_ALIASES_=rest@y.example \
    "$SENDMAIL" root cron <"$T/in"
is "$rc $(arrived)" "0 1" "environment variables suffice"
is "$(sed -n 's/^RCPT TO:<\(.*\)>.*/\1/p' "$T"/smarthost/1.env | tr '\n' ' ')" \
    "boss@y.example rest@y.example " "aliases by environment"
run env ONEHOP_SMARTHOST_HSOT=x ONEHOP_SMARTHOST_HOST=y \
    "$SENDMAIL" b@y.example <"$T/in"
is "$rc $(queued)" "0 1" "an unknown key in the environment queues"
like "$("$MAILQ" | tr -s ' \n' ' ')" 'ONEHOP_SMARTHOST_HSOT' "and is named"

# Which file

fresh
conf_write
cp "$HOME/.config/onehop.conf" /etc/onehop.conf
rm "$HOME/.config/onehop.conf"
send
is "$rc $(arrived)" "0 1" "/etc/onehop.conf"
conf_write 'port = 9'
send
is "$rc $(arrived) $(queued)" "0 1 1" "one's own file comes first"
ONEHOP_CONF=/etc/onehop.conf run "$SENDMAIL" -f a@x.example b@y.example <"$T/in"
is "$rc $(arrived)" "0 2" "ONEHOP_CONF before both"
ONEHOP_CONF=/nonexistent run "$SENDMAIL" -f a@x.example b@y.example <"$T/in"
is "$rc $(arrived)" "0 2" "it must exist"
like "$("$MAILQ" | tr -s ' \n' ' ')" '/nonexistent' "or mailq names it"
rm "$HOME/.config/onehop.conf"

# Who may not read it stores

install -d -m 1777 /var/spool/onehop
chmod 600 /etc/onehop.conf
run as 65534 "$SENDMAIL" b@y.example <"$T/in"
is "$rc $(queued /var/spool/onehop/65534)" "0 1" \
    "who may not read the configuration stores"
silent "and silent"
like "$(as 65534 "$MAILQ")" "waits for root's run" "with that reason"
chmod 640 /etc/onehop.conf
chown root:65534 /etc/onehop.conf
run as 65534 "$SENDMAIL" -q
is "$rc $(queued /var/spool/onehop/65534)" "0 0" "once he may, it goes"
chmod 646 /etc/onehop.conf
send
is "$rc $(queued)" "0 3" "a file that others can write is not believed"
like "$("$MAILQ" | tr -s ' \n' ' ')" '/etc/onehop.conf' "and is named"
chmod 644 /etc/onehop.conf
send
is "$(queued)" 4 "nor one with a password that others can read"

# Malformations, as mailq shows them

malformed()
{
	rm -rf "$HOME/.queue"
	(umask 077; mkdir -p "$HOME/.config"; printf "$1" >"$HOME/.config/onehop.conf")
	send
	is "$rc $(queued)" "0 1" "$3: it waits"
	like "$("$MAILQ" | tr -s ' \n' ' ')" "onehop.conf:$2: [^:]+: .*" \
	    "$3: file, line, what, what to do"
}
malformed '[smarthost]\nhost = x\nprot = 1\n' 3 "an unknown key"
malformed '[smarthots]\nhost = x\n' 1 "an unknown section"
malformed '[smarthost]\nhost = x\nhost = y\n' 3 "the same key twice"
malformed '[smarthost]\nhost\n' 2 "a line without ="
malformed '[smarthost]\nhost = x\n  user = y\n' 3 "an indented key"
malformed '[smarthost]\nhost = x\001\n' 2 "a control octet"
malformed '[smarthost]\nhost = x\\000y\n' 2 "a NUL"
malformed '[smarthost] x\nhost = y\n' 1 "junk after ]"
malformed '[smarthost]\nhost = x\nport = 99999\n' 3 "a bad number"
malformed '[smarthost]\nhost = x\ntimeout = 5\n' 3 "a time without its unit"
malformed 'host = x\n' 1 "a key before any section"

# Values that are kept to the end of the line

fresh
conf_write "hello = \"web7.example.org\""
sed -i 's/$/\r/' "$HOME/.config/onehop.conf"
send
is "$rc $(arrived)" "0 1" "CRLF and one pair of quotes are taken off"
like "$(transcript)" '^C: EHLO web7.example.org$' "hello names us"

# Several smarthosts

fresh
conf_write 'senders = @other.example' '[smarthost two]' 'host = smarthost.test' \
    'port = 2587' "ca = $T/ca.pem" 'user = alice' 'password = simple' \
    'hello = two.example.org'
send
is "$rc $(arrived)" "0 1" "senders chooses the smarthost"
like "$(transcript)" '^C: EHLO two.example.org$' "the second one"
fresh
conf_write 'port = 9' '[smarthost two]' 'host = smarthost.test' \
    'port = 2587' "ca = $T/ca.pem" 'user = alice' 'password = simple'
send
is "$rc $(arrived) $(queued)" "0 1 0" "an account fault leads to the next"

# delivery

fresh
conf_write '[queue]' 'runner = no' 'delivery = queue'
send
is "$rc $(arrived) $(queued)" "0 0 1" "delivery = queue stores"
run "$SENDMAIL" -odi -f a@x.example b@y.example <"$T/in"
is "$rc $(arrived)" "0 1" "-odi overrides it"
fresh
printf 'DOT delay 1000\n' >"$T/smarthost.rules"
conf_write '[queue]' 'runner = no' 'delivery = background'
start=$(date +%s%N)
out=$("$SENDMAIL" -f a@x.example b@y.example <"$T/in" 2>&1)
took=$((($(date +%s%N) - start) / 1000000))
is "$? $out" "0 " "delivery = background answers at once"
ok "before the smarthost does, whoever waits for EOF ($took ms)" test $took -lt 900
is "$(queued)" 1 "it is on disk before that"
ok "it arrives" wait_for test -e "$T/smarthost/1.msg"
ok "and is gone from the queue" wait_for sh -c '! ls '"$HOME"'/.queue/active/* 2>/dev/null'

done_testing
