#!/bin/sh
# SPDX-License-Identifier: ISC
# PHP's mail(), by the path that it has compiled in.  It puts CRLF behind To and
# Subject whatever the lines of the caller end with.
. "${0%/*}/lib.sh"
. "$TOP/t/process.sh"
. "$TOP/t/programs.sh"

lay_out
need php
usual_house

# by_php LF|CRLF [OPTION...]: $to, $subject, $text, $headers
cat >"$T/mail.php" <<'END'
<?php
[$to, $subject, $text, $headers] = array_map('getenv',
    ['to', 'subject', 'text', 'headers']);
$headers = str_replace("\n", "\r\n", $headers);
if ($argv[1] == 'CRLF')
	$text = str_replace("\n", "\r\n", $text);
if ($argv[1] == 'LF')
	$headers = str_replace("\r", '', $headers);
if (!mail($to, $subject, $text, $headers, ...array_slice($argv, 2))) {
	echo "mail() is false\n";
	exit(1);
}
END
settings=
by_php()
{
	# shellcheck disable=SC2086
	env to="$to" subject="$subject" text="$text" headers="$headers" \
	    php -n $settings "$T/mail.php" "$@"
}

to='a@y.example'
subject=hi
headers=
text='one
.
..
.hi
From here'
fields='To: a@y.example
Subject: hi'
body=$text
trial "PHP: a plain one" '<root@x.example> <a@y.example>' \
    by_php LF

to='a@y.example, Bob <b@y.example>'
headers='From: Joe <joe@x.example>
Cc: c@y.example
Bcc: eve@y.example
X-One: 1'
fields='To: a@y.example, Bob <b@y.example>
Subject: hi
From: Joe <joe@x.example>
Cc: c@y.example
X-One: 1'
rcpts='<a@y.example> <b@y.example> <c@y.example> <eve@y.example>'
trial "PHP: headers, and LF" "<root@x.example> $rcpts" by_php LF
trial "PHP: all by CRLF, and -f" "<bounce@x.example> $rcpts" \
    by_php CRLF -fbounce@x.example
trial "PHP: headers by CRLF, and more" \
    "<bounce@x.example> RET=HDRS $(echo "$rcpts" |
        sed 's/>/> NOTIFY=NEVER/g')" \
    by_php mixed '-fbounce@x.example -N never -R hdrs'

settings='-d mail.add_x_header=1
    -d mail.force_extra_parameters=-fforced@x.example'
fields="$fields
X-PHP-Originating-Script: 0:mail.php"
trial "PHP: forced parameters" "<forced@x.example> $rcpts" \
    by_php LF -fbounce@x.example
settings=

# Eight bits, with and without what lets them pass.

to='a@y.example'
subject='Grüße'
headers='From: Jörg <joe@x.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit'
text='schöne
Grüße'
fields="To: a@y.example
Subject: $subject
$headers"
body=$text
trial "PHP: 8 bits" '<joe@x.example> BODY=8BITMIME SMTPUTF8 <a@y.example>' \
    by_php LF -fjoe@x.example

smarthost_stop
server='-e PIPELINING'
# shellcheck disable=SC2086
smarthost_start $server
fields='To: a@y.example
Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=
From: =?UTF-8?Q?J=C3=B6rg?= <joe@x.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable'
body='sch=C3=B6ne
Gr=C3=BC=C3=9Fe'
edits='/^Subject/s/Grüße/=?UTF-8?Q?Gr=C3=BC=C3=9Fe?=/
/^From/s/Jörg/=?UTF-8?Q?J=C3=B6rg?=/
/^Content-T/s/8bit/quoted-printable/
s/ö/=C3=B6/g
s/ü/=C3=BC/g
s/ß/=C3=9F/g'
trial "PHP: 8 bits made 7" '<joe@x.example> <a@y.example>' \
    by_php LF -fjoe@x.example

done_testing
