#!/bin/sh
# SPDX-License-Identifier: ISC
# Programs of Debian, unmodified, that speak SMTP to /usr/sbin/sendmail or hand it
# a letter in their own way: Symfony Mailer, nmh, alpine.  The smarthost is up,
# refuses, or is down.
. "${0%/*}/lib.sh"
. "$TOP/t/process.sh"
. "$TOP/t/programs.sh"

lay_out
ca_make
conf_write '[sender]' 'domain = x.example'
smarthost_start
dots=".
..
.hi"

# Of the nth message that arrived: who, and the text.
envelope()
{
	tr -d '\r' <"$T/smarthost/$1.env" | sed 's/ SIZE=[0-9]*//' | tr '\n' '|'
}

text()
{
	tr -d '\r' <"$T/smarthost/$1.msg" | sed '1,/^$/d'
}

# Symfony Mailer: each recipient is a message

cat >"$T/symfony.php" <<'END'
<?php
require 'Symfony/Component/Mailer/autoload.php';
use Symfony\Component\Mailer\Mailer;
use Symfony\Component\Mailer\Transport;
use Symfony\Component\Mime\Email;

$mailer = new Mailer(Transport::fromDsn($argv[1]));
foreach (array_slice($argv, 2) as $to) {
	$email = (new Email())->from('Jörg <joe@x.example>')->to($to)
	    ->bcc('eve@y.example')->subject('Grüße')->text(getenv('TEXT'));
	try {
		$mailer->send($email);
		echo "sent\n";
	} catch (Exception $e) {
		echo strtok($e->getMessage(), "\n"), "\n";
	}
}
END
symfony()
{
	run env TEXT="$dots" php "$T/symfony.php" "$@"
}
bs=sendmail://default
pipe="$bs?command=/usr/sbin/sendmail%20-t%20-i"

fresh
symfony "$bs" a@y.example b@y.example
is "$rc $(tr '\n' ' ' <"$T/out")" "0 sent sent " "Symfony -bs: two are sent"
is "$(arrived) $(connects)" "2 1" "Symfony -bs: over one connection"
is "$(envelope 2)" \
    'MAIL FROM:<joe@x.example>|RCPT TO:<b@y.example>|RCPT TO:<eve@y.example>|' \
    "Symfony -bs: to whom it says"
is "$(text 2)" "$dots" "Symfony -bs: dots and all"
fresh
symfony "$pipe" a@y.example b@y.example
is "$rc $(tr '\n' ' ' <"$T/out")" "0 sent sent " "Symfony -t: two are sent"
is "$(envelope 2)" \
    'MAIL FROM:<joe@x.example>|RCPT TO:<b@y.example>|RCPT TO:<eve@y.example>|' \
    "Symfony -t: to whom it says"
is "$(text 2)" "$dots" "Symfony -t: dots and all"
unlike "$(cat "$T"/smarthost/*.msg)" '^Bcc' "Symfony: without Bcc"

for way in "$bs" "$pipe"; do
	fresh 'RCPT a* 550 5.1.1 who is that' 'RCPT eve* 550 5.1.1 nor she'
	symfony "$way" a@y.example b@y.example
	like "$(head -n 1 "$T/out")" '550 5\.1\.1 who is that' \
	    "Symfony $way: a refusal is an exception"
	is "$(tail -n 1 "$T/out") $(arrived)" "sent 1" \
	    "Symfony $way: and no hindrance to the next"
done

# nmh; it asks for -odb, and once for -v

mkdir "$HOME/Mail"
echo 'Path: Mail' >"$HOME/.mh_profile"
nmh()
{
	printf 'mts: sendmail/%s\nsendmail: /usr/sbin/sendmail\n' "$1" >"$T/mts.conf"
	shift
	printf '%s\n' 'From: joe@x.example' 'To: a@y.example' \
	    'Bcc: eve@y.example' 'Subject: hi' '' "$dots" >"$T/draft"
	run env MHMTSCONF="$T/mts.conf" /usr/bin/mh/send "$@" "$T/draft"
}
for way in smtp pipe; do
	for option in -noverbose -verbose; do
		fresh
		nmh "$way" $option
		is $rc 0 "nmh sendmail/$way $option: sent"
		ok "nmh sendmail/$way $option: to those who are named, and blindly" \
		    await 10 has_arrived 2
		is "$(cat "$T"/smarthost/*.env | tr -d '\r' | sed -n 's/^RCPT //p' |
		    sort | tr '\n' ' ')" "TO:<a@y.example> TO:<eve@y.example> " \
		    "nmh sendmail/$way $option: by two messages"
		n=1
		grep -q 'TO:<a@' "$T/smarthost/1.env" || n=2
		is "$(text $n)" "$dots" "nmh sendmail/$way $option: dots and all"
		unlike "$(cat "$T/smarthost/$n.msg")" 'eve|^Bcc' \
		    "nmh sendmail/$way $option: he does not see her"
		await 10 all_gone
	done
done
is "$(transcript | grep -c -- '-- violation')" 0 "all by the rules"

# alpine, on a terminal, typed into

cat >"$T/pinerc" <<END
personal-name=Joe
user-domain=x.example
feature-list=send-without-confirm,quit-without-confirm
default-fcc=""
END
mkfifo "$T/keys"
alpine()
{
	: >"$T/screen"
	TERM=xterm script -qefc \
	    "stty cols 80 rows 24; alpine -p $T/pinerc a@y.example" \
	    "$T/screen" <"$T/keys" >/dev/null 2>&1 & pid=$!
	exec 8>"$T/keys"
	await 20 grep -q 'Message Text' "$T/screen"
	printf '\t\t\thi\r%s\r\030' "$(printf %s "$dots" | tr '\n' '\r')" >&8
	await 20 grep -q 'Alpine finished' "$T/screen"
	exec 8>&-
	kill $pid 2>/dev/null
	wait $pid
}
fresh
alpine
unlike "$(cat "$T/screen")" 'rror' "alpine: nothing is wrong"
ok "alpine: and has arrived" await 10 has_arrived 1
is "$(envelope 1)" 'MAIL FROM:<root@x.example>|RCPT TO:<a@y.example>|' \
    "alpine: to whom it says"
is "$(text 1)" "hi
$dots" "alpine: dots and all"
await 10 all_gone

# Nobody answers: they are content, and it waits

smarthost_stop
fresh
symfony "$bs" a@y.example b@y.example
is "$rc $(tr '\n' ' ' <"$T/out") $(queued)" "0 sent sent  2" \
    "Symfony -bs: it waits"
symfony "$pipe" a@y.example
is "$rc $(cat "$T/out") $(queued)" "0 sent 3" "Symfony -t: it waits"
for way in smtp pipe; do
	fresh
	nmh $way
	is "$rc $(queued)" "0 2" "nmh sendmail/$way: it waits"
	await 10 all_gone
done
fresh
alpine
is "$(grep -c rror "$T/screen") $(queued)" "0 1" "alpine: it waits"
await 10 all_gone

done_testing
