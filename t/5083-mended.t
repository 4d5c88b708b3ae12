#!/bin/sh
# SPDX-License-Identifier: ISC
# Whatever mends an account is noticed, whichever way it comes; and then one
# process tries, not all.
. "${0%/*}/lib.sh"
. "$TOP/t/process.sh"

ca_make
printf 'Subject: hi\n\nhello\n' >"$T/in"
relay=$HOME/.queue/.relay
conf=$HOME/.config/onehop.conf

# A stamp tells seconds, and so does what is compared with it; the kernel's clock
# for files is late by some milliseconds.
tick()
{
	now=$(date +%s)
	until [ "$(date +%s)" != "$now" ]; do
		sleep 0.02
	done
	sleep 0.02
}

probes()
{
	awk -v host="$1" '$5 == host { print $4 }' "$relay"
}

# stamped WHAT: two are sent, but one asks
stamped()
{
	send a@z.example
	send b@z.example
	is "$rc $(connects)" "0 1" "$1: what failed is not tried again"
	tick
}

# say RECIPIENT...: a message each, in SMTP
say()
{
	for rcpt; do
		printf '%s\n' 'MAIL FROM:<joe@x.example>' "RCPT TO:<$rcpt>" \
		    DATA 'Subject: hi' '' hello . >&3
	done
}

# Its words of consent: three for each message.
has_answered()
{
	[ "$(grep -c '^250 ' "$T/answers")" -ge "$1" ]
}

# By mail that takes its time to come in

smarthost_start
conf_write '[queue]' 'runner = no'
fresh 'GREETING 554 no'
mkfifo "$T/pipe"
"$SENDMAIL" -f joe@x.example a@z.example <"$T/pipe" & pid=$!
exec 3>"$T/pipe"
sleep 0.5
tick
touch "$conf"
tick
cat "$T/in" >&3
exec 3>&-
wait $pid
send b@z.example
is "$(connects)" 2 "a file is mended while a message is being read"

# An old session, which cannot know better, leaves it to those who do.
"$SENDMAIL" -bs <"$T/pipe" >"$T/answers" & pid=$!
exec 3>"$T/pipe"
await 10 grep -q '^220' "$T/answers"
tick
touch "$conf"
tick
transcript_clear
say c@z.example d@z.example e@z.example
await 10 has_answered 9
is "$(connects)" 0 "who began before that does not try"
send f@z.example
send g@z.example
say h@z.example
await 10 has_answered 12
echo QUIT >&3
exec 3>&-
wait $pid
is "$? $(connects) $(queued)" "0 1 8" "he leaves it to one of those who come now"

# By a file that is written, moved or linked to its place

mkdir -p "$T/a" "$T/b"
for folder in a b; do
	printf '%s\n' "$PASSWORD" >"$T/$folder/secret"
	conf_write -password "password_file = $T/secret" '[queue]' 'runner = no'
	cp "$conf" "$T/$folder/conf"
done
chmod 600 "$T"/[ab]/secret
touch -d '1 hour ago' "$T"/[ab]/*
for kind in conf secret; do
	place=$T/secret
	[ $kind = secret ] || place=$conf
	fresh 'AUTH 535 5.7.8 no'
	ln -sfn "$T/a/conf" "$conf"
	ln -sfn "$T/a/secret" "$T/secret"
	stamped "$kind"
	ln -sfn "$T/b/$kind" "$place"
	send c@z.example
	is "$(connects)" 2 "$kind: a link leads to another file"
	send d@z.example
	is "$(connects)" 2 "$kind: but that is tried once"
	tick
	rm "$place"
	cp -p "$T/a/$kind" "$place"
	send e@z.example
	is "$(connects)" 3 "$kind: an old file is copied"
	cp -p "$T/b/$kind" "$T/new"
	tick
	mv "$T/new" "$place"
	send f@z.example
	is "$(connects)" 4 "$kind: an old file is moved"
	rm "$place"
done

# As Kubernetes does it: place -> ..data/secret, and ..data -> the newest folder
mkdir "$T/k" "$T/k/1"
cp -p "$T/a/secret" "$T/k/1/secret"
ln -s 1 "$T/k/..data"
ln -s ..data/secret "$T/k/secret"
conf_write -password "password_file = $T/k/secret" '[queue]' 'runner = no'
fresh 'AUTH 535 5.7.8 no'
stamped "a link amid the path"
cp -Rp "$T/k/1" "$T/k/2"
ln -s 2 "$T/k/..next"
mv -T "$T/k/..next" "$T/k/..data"
send c@z.example
is "$(connects)" 2 "that leads to a new folder"

# systemd's credential
conf_write -password '[queue]' 'runner = no'
fresh 'AUTH 535 5.7.8 no'
cp -Rp "$T/a" "$T/credentials"
mv "$T/credentials/secret" "$T/credentials/onehop.password"
export CREDENTIALS_DIRECTORY="$T/credentials"
stamped "a credential"
touch "$T/credentials/onehop.password"
send c@z.example
is "$(connects)" 2 "that is renewed"
unset CREDENTIALS_DIRECTORY

# One asks, even so

two()
{
	conf_write '[smarthost second]' 'host = localhost' "port = $1" \
	    "ca = $T/ca.pem" "user = $USER_NAME" "password = $PASSWORD" \
	    '[queue]' 'runner = no'
}
smarthost_start -n other -p 2588
printf 'GREETING 554 no\n' >"$T/other.rules"
two 2588
fresh 'GREETING 554 no'
send a@z.example
is "$(probes smarthost.test) $(probes localhost)" "1 1" "two are away"
tick
touch "$conf"
printf 'GREETING delay 500 554 no\n' >"$T/other.rules"
rules 'GREETING delay 500 554 no'
transcript_clear
: >"$T/other.log"
at_once 10 send_one
is "$codes $(queued) $(connects) $(probes smarthost.test)" \
    "0000000000 11 1 1" "ten at once are one probe"
is "$(transcript other | grep -c -- '-- connect') $(probes localhost)" "1 1" \
    "of each"

# Of a smarthost that nobody has any more mailq says nothing

tick
two 2589
rules 'GREETING 554 away'
send z@z.example
is "$(wc -l <"$relay") $("$MAILQ" | head -n 2 | grep -c ':2588')" "2 0" \
    "another smarthost is set: of the old one there is no word"
tick
conf_write 'host = localhost' '[queue]' 'runner = no'
rules
send y@z.example
is "$rc $(arrived)" "0 1" "so when it takes mail"
not_ok "nothing is left to say" test -e "$relay"

done_testing
