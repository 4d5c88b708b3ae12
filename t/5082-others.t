#!/bin/sh
# SPDX-License-Identifier: ISC
# One of several smarthosts is away: the mail of the others goes, and what waits
# for it is looked at and no more; nor does it suffer for another's probes.  And
# whatever mends an account is noticed, whichever way it comes.
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

# store SENDER COUNT: so many wait, due since yesterday
store()
{
	i=0
	while [ $i -lt "$2" ]; do
		i=$((i + 1))
		"$SENDMAIL" -odq -f "$1" "r$i@z.example" <"$T/in"
	done
	find "$HOME/.queue/active" -type f -exec touch -d yesterday {} +
}

# A run as the timer has it; its period is over long after the first one.
due_run()
{
	timeout 2 "$SENDMAIL" -bD -q1h
}

probes()
{
	awk -v host="$1" '$5 == host { print $4 }' "$relay"
}

smarthost_start
smarthost_start -n other -p 2588

# One is stamped

two
fresh 'GREETING 554 no'
rm -rf "$T/other" && mkdir "$T/other"
store joe@x.example 50
send a@z.example
is "$rc $(queued) $(probes smarthost.test)" "0 51 1" "one smarthost is away"
store ann@y.example 2
find "$HOME/.queue/active" -type f -printf '%f %T@ %s\n' | sort >"$T/before"
lines=$(wc -l <"$T/log")
strace -f -qq -e trace=utimensat,fdatasync,pwrite64 -o "$T/trace" \
    timeout 2 "$SENDMAIL" -bD -q1h
is "$(queued) $(arrived other)" "51 2" "what the other one takes is sent"
find "$HOME/.queue/active" -type f -printf '%f %T@ %s\n' | sort >"$T/after"
comm -12 "$T/before" "$T/after" >"$T/same"
is "$(wc -l <"$T/same")" 51 "what has to wait stays as it was, and due"
is "$(grep -c utimensat "$T/trace")" 2 "and costs no call that writes"
is "$(($(wc -l <"$T/log") - lines))" 2 "nor a line in the log"
is "$(connects)" 1 "nor a connection"

# Nor does it take the places of those that an open connection would serve.
transcript_clear
store ann@y.example 30
"$SENDMAIL" -odq -f joe@x.example b@z.example <"$T/in"
conf_write 'senders = @x.example' '[smarthost other]' 'host = localhost' \
    'port = 2588' "ca = $T/ca.pem" "user = $USER_NAME" \
    "password = $PASSWORD" 'senders = @y.example' '[queue]' 'retry = 1h'
touch -d '1 minute ago' "$HOME/.config/onehop.conf"
before=$(arrived other)
run "$SENDMAIL" -f ann@y.example c@z.example <"$T/in"
served()
{
	[ "$(arrived other)" -ge $((before + 21)) ]
}
ok "an open connection serves those it can serve" await 10 served
for pid in $(ours); do
	kill -KILL "$pid" 2>/dev/null
done
await 5 all_gone

# No section takes it

two
fresh
rm -rf "$T/other" && mkdir "$T/other"
store who@nowhere.example 3
store ann@y.example 1
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

# What mends an account

conf_write '[queue]' 'runner = no'
fresh 'GREETING 554 no'
mkfifo "$T/pipe"
"$SENDMAIL" -f joe@x.example a@z.example <"$T/pipe" & pid=$!
exec 3>"$T/pipe"
sleep 1.5
touch "$HOME/.config/onehop.conf"
sleep 1.1
cat "$T/in" >&3
exec 3>&-
wait $pid
send b@z.example
is "$(connects)" 2 "one that came while the message was still being read"

for kind in config secret; do
	fresh 'AUTH 535 5.7.8 no'
	mkdir -p "$T/a" "$T/b"
	conf_write -password "password_file = $T/link" '[queue]' 'runner = no'
	printf '%s\n' "$PASSWORD" >"$T/a/secret"
	cp "$T/a/secret" "$T/b/secret"
	chmod 600 "$T"/[ab]/secret
	ln -sfn "$T/a/secret" "$T/link"
	if [ $kind = config ]; then
		for folder in a b; do
			cp "$HOME/.config/onehop.conf" "$T/$folder/conf"
		done
		ln -sfn "$T/a/conf" "$HOME/.config/onehop.conf"
	fi
	touch -d '1 hour ago' "$T"/[ab]/*
	sleep 1.1
	send a@z.example
	send b@z.example
	is "$(connects)" 1 "$kind: a refused login is not tried again"
	sleep 1.1
	case $kind in
	config) ln -sfn "$T/b/conf" "$HOME/.config/onehop.conf" ;;
	secret) ln -sfn "$T/b/secret" "$T/link" ;;
	esac
	send c@z.example
	is "$(connects)" 2 "$kind: before the link leads to another file"
	rm -f "$HOME/.config/onehop.conf"
done

fresh 'AUTH 535 5.7.8 no'
conf_write -password '[queue]' 'runner = no'
mkdir "$T/credentials"
printf '%s\n' "$PASSWORD" >"$T/credentials/onehop.password"
chmod 600 "$T/credentials/onehop.password"
export CREDENTIALS_DIRECTORY="$T/credentials"
sleep 1.1
send a@z.example
send b@z.example
is "$rc $(connects)" "0 1" "systemd's credential: a refused login"
sleep 1.1
touch "$T/credentials/onehop.password"
send c@z.example
is "$(connects)" 2 "is tried again with a new credential"
unset CREDENTIALS_DIRECTORY

# Many at once, just after: one asks

conf_write '[queue]' 'runner = no'
fresh 'GREETING 554 no'
send a@z.example
sleep 1.1
touch "$HOME/.config/onehop.conf"
sleep 1.1
rules 'GREETING delay 500 554 no'
transcript_clear
at_once 10 send_one
is "$codes $(queued) $(connects) $(probes smarthost.test)" \
    "0000000000 11 1 1" "ten at once behind a mended configuration are one probe"

# Of a smarthost that nobody has any more mailq says nothing

sleep 1.1
conf_write 'host = localhost' '[queue]' 'runner = no'
sleep 1.1
rules
send z@z.example
is "$rc $(arrived)" "0 1" "another smarthost is set, and takes mail"
unlike "$("$MAILQ" | head -n 1)" 554 "then mailq has no word of the old one"

# A writer of the stamp that was killed leaves nothing that hinders

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
is "$rc $(probes localhost) $(head -n 1 "$T/in")" "0 3 Subject: hi" \
    "and what somebody laid there is not written to"

done_testing
