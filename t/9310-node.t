#!/bin/sh
# SPDX-License-Identifier: ISC
# nodemailer's sendmail transport: it finds us by PATH or path, counts the
# recipients itself, leaves Bcc for us to remove, and writes to a socket.
. "${0%/*}/lib.sh"
. "$TOP/t/process.sh"
. "$TOP/t/programs.sh"

lay_out
need node
# Where Debian has it, and other builds of node would not look.
export NODE_PATH=/usr/share/nodejs
[ -d $NODE_PATH/nodemailer ] ||
    fail_early "no nodemailer: run sh t/prepare test"
usual_house

cat >"$T/mail.js" <<'END'
const mailer = require('nodemailer');
const { transport, message } = JSON.parse(process.argv[2]);
const options = Object.assign({ sendmail: true }, transport);
mailer.createTransport(options).sendMail(message, (error, info) => {
	console.log(error ? error.message : 'sent to ' + info.envelope.to);
	process.exitCode = error ? 1 : 0;
});
END

# by_node OPTIONS MORE: a message, and what is more in it
by_node()
{
	node "$T/mail.js" "{ \"transport\": { $1 }, \"message\": {
	    \"from\": \"Jörg <joe@x.example>\", \"to\": \"a@y.example\",
	    \"cc\": \"c@y.example\", \"bcc\": \"eve@y.example\",
	    \"subject\": \"Grüße\", \"text\": \"one\\n.\\n..\\n.hi\\nFrom here\\n\"
	    $2 } }"
}

rcpts='<a@y.example> <c@y.example> <eve@y.example>'
fields='From: =?UTF-8?Q?J=C3=B6rg?= <joe@x.example>
To: a@y.example
Cc: c@y.example
Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8'
body='one
.
..
.hi
From here'
trial nodemailer "<joe@x.example> $rcpts" by_node ''
trial "nodemailer, newline: unix" "<joe@x.example> $rcpts" \
    by_node '"newline": "unix", "path": "/usr/sbin/sendmail"'
trial "nodemailer, newline: windows" "<joe@x.example> $rcpts" \
    by_node '"newline": "windows", "path": "/usr/sbin/sendmail"'
trial "nodemailer, args: -t" "<bounce@x.example> $rcpts" \
    by_node '"args": ["-t", "-f", "bounce@x.example"]'
trial "nodemailer, an envelope" '<v+a=y.example@x.example> <b@y.example>' \
    by_node '' ', "envelope": { "from": "v+a=y.example@x.example",
        "to": "b@y.example" }'

fields='From: =?UTF-8?Q?J=C3=B6rg?= <joe@x.example>
Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?='
body='--BOUNDARY
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 7bit

one
.
..
.hi
From here

--BOUNDARY
Content-Type: application/octet-stream; name=x
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename=x

YQouCmIK
--BOUNDARY--'
trial "nodemailer, a file attached" "<joe@x.example> $rcpts" by_node '' \
    ', "attachments": [ { "filename": "x", "content": "a\n.\nb\n",
        "contentType": "application/octet-stream" } ]'

# What it cannot read to the end it tells us, by SIGINT, not to deliver.

anew
run by_node '' ', "attachments": [ { "path": "/nonexistent" } ]'
like "$rc $(cat "$T/out")" '^1 .*ENOENT' "nodemailer, no file: it is an error"
await 10 all_gone
is "$(arrived) $(queued)" "0 0" "nodemailer, no file: nothing is sent or kept"

# Refused

fresh 'RCPT * 550 5.1.1 who is that'
run by_node ''
like "$rc $(cat "$T/out")" '^1 .*67' "nodemailer, refused: it is an error"

done_testing
