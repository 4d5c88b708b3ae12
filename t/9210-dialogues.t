#!/bin/sh
# SPDX-License-Identifier: ISC
# Two real servers, word for word: Amazon SES, with its own ports, logins and
# refusals, and OpenSMTPD, which takes one command at a time and no more.
. "${0%/*}/lib.sh"

SES=email-smtp.us-east-1.amazonaws.com
DIALOGUES=$TOP/t/mail
USER_NAME=my_fake_username
PASSWORD=my_fake_password

ca_root ca
ca_issue server ca "DNS:$SES"
echo "127.0.0.1 $SES poolp.org" >>/etc/hosts

# Its server, on a port, by a dialogue of $T or of t/mail.
replay()
{
	play=$1 port=$2
	shift 2
	[ -e "$T/$play.dialogue" ] || cp "$DIALOGUES/$play.dialogue" "$T"
	smarthost_start -n "$play" -p "$port" -x "$T/$play.dialogue" "$@"
}

# What it saw, once the connection is over.
seen()
{
	wait_for grep -q -e '-- close' "$T/$1.log"
	transcript "$1"
}

# Whether the client kept to the dialogue, to its last line.
to_the_end()
{
	is "$(seen "$1" | grep -E '^-- (end|mismatch|violation|connect)')" \
	    '-- connect
-- end' "$2"
}

# Amazon SES

cat >"$T/in" <<END
MIME-Version: 1.0
Subject: Test message
From: Senior Tester <test@ses-example.com>
Content-Type: text/html; charset="UTF-8"
Content-Transfer-Encoding: quoted-printable
To: success@simulator.amazonses.com>

<b>Cool email body</b> =E2=80=9Cquoted=E2=80=9D
.
.. behind two dots
END

send()
{
	run "$SENDMAIL" -i -f test@ses-example.com "$@" \
	    success@simulator.amazonses.com <"$T/in"
}

# With `auto' PLAIN is the better one of the two.
plain=$(printf '\0%s\0%s' $USER_NAME $PASSWORD | base64 -w 0)
for name in ses ses-starttls; do
	sed "s/^C AUTH LOGIN/C AUTH PLAIN $plain/
	/^S 334 /d; /^C {user}/d; /^C {password}/d" "$DIALOGUES/$name.dialogue" \
	    >"$T/$name-plain.dialogue"
done

# ses DIALOGUE PORT AUTH TLS [LINE of the configuration...]
ses()
{
	play=$1 port=$2 mechanism=$3 what="SES, port $2, $3"
	rm -rf "$T/$play" "$T/log"
	replay "$1" "$2" -t "$4"
	shift 4
	conf_write "host = $SES" "port = $port" "$@"
	transcript_clear "$play"
	send
	is "$rc $(queued)" "0 0" "$what: it is sent"
	silent "$what: in silence"
	to_the_end "$play" "$what: word for word"
	strip_added "$T/$play/1.msg" >"$T/got"
	wire <"$T/in" | strip_added >"$T/want"
	same_file "$T/got" "$T/want" "$what: the text is as it was given"
	is "$(cat "$T/$play/1.env")" \
	    "MAIL FROM:<test@ses-example.com> SIZE=$(wc -c <"$T/$play/1.msg")
RCPT TO:<success@simulator.amazonses.com>" "$what: its size was told"
	like "$(cat "$T/log")" \
	    "relay=$SES\[127.0.0.1\]:$port, tls=TLSv1.3, auth=$mechanism, status=sent \(250 Ok 0000012345678e09-123a4cdc-b56c-78dd-b90e-d123be456789-000000\)\$" \
	    "$what: its id is in the log"
	smarthost_stop "$play"
}
for port in 465 2465; do
	ses ses $port LOGIN implicit 'auth = LOGIN'
	ses ses-plain $port PLAIN implicit
done
for port in 25 587 2587; do
	ses ses-starttls $port LOGIN starttls 'auth = LOGIN'
	ses ses-starttls-plain $port PLAIN starttls
done
is "$(grep '^To: ' "$T/ses/1.msg" | tr -d '\r')" \
    'To: success@simulator.amazonses.com>' "the stray bracket went along"

rm -f "$T/ses.log"
replay ses 465 -t implicit
conf_write "host = $SES" 'port = 465'
send -t
is "$rc $(wc -l <"$T/err") $(queued)" "65 1 0" \
    "with -t the stray bracket is refused"
like "$(cat "$T/err")" "'To': stray '>'" "the line names the field and the fault"
is "$(transcript ses)" "" "and nobody was bothered"
smarthost_stop ses

# answer VERB REPLY: the dialogue up to that command, then this; a lonely dot
# is the text, and at "" it greets so.
answer()
{
	awk -v verb="$1" -v reply="$2" '
	verb == "" { exit }
	{ print }
	index($0, "C " verb) == 1 { exit }' "$T/ses-plain.dialogue" \
	    >"$T/refusal.dialogue"
	printf '%s\n' "S $2" 'C QUIT' 'S 221 Bye' >>"$T/refusal.dialogue"
}
answer '' '554 No SMTP service here'
replay refusal 465 -t implicit

# refuses CODE VERB REPLY [ARG of sendmail...]: exit, and what is kept of it
refuses()
{
	want=$1 what="SES says '$3' to ${2:-a client}"
	answer "$2" "$3"
	shift 3
	rm -rf "$HOME/.queue"
	transcript_clear refusal
	send "$@"
	to_the_end refusal "$what: QUIT, and no word more"
	if [ "$want" = 0 ]; then
		is "$rc $(queued)" "0 1" "$what: it waits"
		silent "$what: in silence"
	else
		is "$rc $(queued)" "$want 0" "$what: $want"
		is "$(wc -l <"$T/err")" 1 "$what: one line"
	fi
}
refuses 0 '' '554 No SMTP service here'
refuses 0 '' '421 Too many concurrent SMTP connections'
refuses 0 AUTH '454 Temporary authentication failure'
refuses 0 AUTH '535 Authentication Credentials Invalid'
like "$("$MAILQ" | tr -s '\n ' ' ')" \
    'user and password.*535 Authentication Credentials Invalid' \
    "mailq names the keys, and what SES said"
for verb in MAIL RCPT; do
	for code in 450 451 452 455; do
		refuses 0 $verb "$code Not now"
	done
	refuses 65 $verb '552 Message is too long.'
	refuses 69 $verb '503 Bad sequence of commands'
	refuses 65 $verb '555 Parameters not recognized'
done
refuses 0 MAIL '530 Authentication required'
refuses 69 MAIL '550 Mailbox unavailable'
refuses 69 MAIL '553 Mailbox name not allowed'
refuses 67 RCPT '550 Mailbox unavailable'
refuses 67 RCPT '551 User not local'
refuses 67 RCPT '553 Mailbox name not allowed'
refuses 69 DATA '503 Bad sequence of commands'
refuses 69 DATA '554 No valid recipients'
for verb in AUTH MAIL RCPT DATA ...; do
	refuses 0 $verb '454 Throttling failure: Maximum sending rate exceeded.'
done
unverified='554 Message rejected: Email address is not verified.'
refuses 69 ... "$unverified"
like "$(cat "$T/err")" "success@simulator.amazonses.com: .*$unverified" \
    "the caller is told so"

# A sender of our making is no reason to give the message back.
conf_write "host = $SES" 'port = 465' '[sender]' \
    'address = test@ses-example.com'
transcript_clear refusal
run "$SENDMAIL" -i success@simulator.amazonses.com <"$T/in"
is "$rc $(queued)" "0 1" "a sender that we made: it waits"
to_the_end refusal "a sender that we made: it is what address says"
like "$("$MAILQ" | tr -s '\n ' ' ')" "$unverified.*\[sender\] address" \
    "a sender that we made: mailq names the key"
smarthost_stop refusal

# STARTTLS that comes to nothing: not a word more, in clear or otherwise.
for reply in '501 Syntax error (no parameters allowed)' \
    '454 TLS not available due to temporary reason'; do
	{
		sed '/^C STARTTLS/q' "$DIALOGUES/ses-starttls.dialogue"
		printf '%s\n' "S $reply" 'C QUIT' 'S 221 Bye'
	} >"$T/refused-tls.dialogue"
	rm -rf "$HOME/.queue" "$T/refused-tls.log"
	replay refused-tls 587
	conf_write "host = $SES" 'port = 587'
	send
	to_the_end refused-tls "SES says '$reply' to STARTTLS: QUIT, in clear"
	is "$rc $(queued)" "0 1" "SES says '$reply' to STARTTLS: it waits"
	smarthost_stop refused-tls
done
rm -rf "$HOME/.queue"

# OpenSMTPD

# The first transaction alone.
awk '/^C RSET/ { exit } { print } END { print "C QUIT\nS 221 2.0.0: Bye" }' \
    "$DIALOGUES/opensmtpd.dialogue" >"$T/single.dialogue"
# poolp PORT [LINE...]
poolp()
{
	conf_write 'host = poolp.org' 'tls = off' -user -password "port = $1" \
	    ${2:+"$2"} '[sender]' 'domain = poolp.org'
}
gilles()
{
	printf 'Subject: proving a point\n\n%s\n' "${1:-one}" >"$T/in"
	[ $# = 0 ] || shift
	run "$SENDMAIL" -f gilles "$@" gilles <"$T/in"
}

poolp 25
rm -f "$T/log"
replay single 25 -t none
gilles
is "$rc $(queued)" "0 0" "OpenSMTPD: a message is sent"
to_the_end single "OpenSMTPD: one command at a time, also at the dot"
like "$(cat "$T/log")" 'status=sent \(250 2.0.0: 832a2432 Message accepted for delivery\)$' \
    "OpenSMTPD: its id is in the log"

rm -f "$T/log"
replay opensmtpd 2525 -t none
for text in one two three; do
	gilles $text -odq
done
is "$(queued)" 3 "OpenSMTPD: three messages wait"
poolp 2525
run "$SENDMAIL" -q
is "$rc $(queued)" "0 0" "OpenSMTPD: the run sends them"
silent "OpenSMTPD: in silence"
to_the_end opensmtpd "OpenSMTPD: over one connection, RSET between them"
is "$(sed -s '1,/^\r$/d' "$T"/opensmtpd/*.msg | tr -d '\r' | sort | tr '\n' ' ')" \
    'one three two ' "OpenSMTPD: each arrived"
is "$(grep -o '832a243[0-9] Message accepted' "$T/log" | cut -c-8 | sort | uniq | wc -l)" \
    3 "OpenSMTPD: each id is in the log"
smarthost_stop opensmtpd

rm -rf "$HOME/.queue"

{
	printf '%s\n' 'S 220 poolp.org ESMTP OpenSMTPD' 'C EHLO {hello}' \
	    'S 500 5.5.1 Invalid command' 'C HELO {hello}' \
	    'S 250 poolp.org Hello localhost [127.0.0.1], pleased to meet you'
	sed '1,/^S 250 HELP/d; s/{parameters}//' "$T/single.dialogue"
} >"$T/helo.dialogue"
replay helo 2525 -t none
gilles
to_the_end helo "OpenSMTPD, without EHLO: HELO, and no parameters"
smarthost_stop helo

# Who leaves the dialogue is noticed: else all above means nothing.

# noticed PATTERN DESCRIPTION: by the server of the single transaction
noticed()
{
	like "$(seen single)" "$1" "the smarthost notices $2"
	unlike "$(transcript single | sed '/^-- close/q')" '^-- end' \
	    "and $2 is not the end"
	transcript_clear single
	rm -rf "$HOME/.queue"
}
transcript_clear single
poolp 25 'hello = other.example.org'
gilles
noticed '-- mismatch, wanted EHLO' "another name in EHLO"
is $rc 0 "which costs the client nothing but time"
poolp 25
run "$SENDMAIL" -f joe gilles <"$T/in"
noticed '-- mismatch, wanted MAIL' "another sender"
run "$SENDMAIL" -f gilles joe <"$T/in"
noticed '-- mismatch, wanted RCPT' "another recipient"
run "$SENDMAIL" -f gilles gilles gilles@x.example <"$T/in"
noticed '-- mismatch, wanted DATA' "one recipient more"
gilles one -odq
gilles two -odq
run "$SENDMAIL" -q
noticed '-- mismatch, wanted QUIT' "another transaction"

# client PART...: each in one write, once a reply was heard
client()
{
	bash -c 'exec 3<>/dev/tcp/127.0.0.1/25
	for part; do
		while read -r -u 3 line && [ "${line:3:1}" = - ]; do :; done
		printf %b "$part" |
		    dd bs=65536 iflag=fullblock status=none >&3
	done
	timeout 5 cat <&3' - "$@" >"$T/heard"
}
hello='EHLO web1.example.org\r\n'
mail='MAIL FROM:<gilles@poolp.org>\r\n'
rcpt='RCPT TO:<gilles@poolp.org>\r\n'
client "$hello" "$mail" "$rcpt" 'DATA\r\n' 'x\r\n.\r\n' 'QUIT\r\n'
like "$(seen single)" '^-- end' "who keeps to it is not blamed"
transcript_clear single
client "$hello$mail"
noticed '-- violation pipelining behind EHLO' "a command behind EHLO"
like "$(cat "$T/heard")" '^500 5.5.1 Pipelining not supported' \
    "and says what OpenSMTPD says"
client "$hello" "$mail$rcpt"
noticed '-- violation pipelining behind MAIL' "a group"
client "$hello" "$mail" "$rcpt" 'DATA\r\nx\r\n.\r\n'
noticed '-- violation pipelining behind DATA' "text ahead of the 354"
client "$hello" "$mail" "$rcpt" 'DATA\r\n' 'x\r\n.\r\nQUIT\r\n'
noticed '-- violation pipelining behind the dot' "QUIT behind the dot"
client 'EHLO web1.example.org\n' 'QUIT\r\n'
noticed '-- violation a command ends in a bare LF' "a bare LF"
client "$hello" 'mail from:<gilles@poolp.org>\r\n'
noticed '-- mismatch, wanted MAIL' "another case"
smarthost_stop single

done_testing
