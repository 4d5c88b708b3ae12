#!/bin/sh
# SPDX-License-Identifier: ISC
# People's mailers: mutt, s-nail, bsd-mailx, GNU mailutils.
. "${0%/*}/lib.sh"
. "$TOP/t/process.sh"
. "$TOP/t/programs.sh"

lay_out bsd-mailx mailutils
need mutt s-nail bsd-mailx mail.mailutils
usual_house
dots='.
..
.hi
From here

end'
printf '%s\n' "$dots" >"$T/in"
to='<a@y.example> <c@y.example> <eve@y.example>'

# typed COMMAND...: what a user of it would pipe into it
typed()
{
	"$@" <"$T/in"
}

# mutt: a file attached; then octets of 8 bits, and a report wanted

printf 'attached\n.\n' >"$T/file.txt"
cat >"$T/muttrc" <<'END'
set from = "Joe <joe@x.example>"
set use_envelope_from = yes
set use_8bitmime = yes
set send_charset = "us-ascii:utf-8"
END
by_mutt()
{
	typed mutt -n -F "$T/muttrc" -s hi -c c@y.example -b eve@y.example "$@" \
	    -- a@y.example
}
fields='From: Joe <joe@x.example>
To: a@y.example
Cc: c@y.example
Subject: hi
MIME-Version: 1.0'
body="
--BOUNDARY
Content-Type: text/plain; charset=us-ascii
Content-Disposition: inline

$dots

--BOUNDARY
Content-Type: text/plain; charset=us-ascii
Content-Disposition: attachment; filename=\"file.txt\"

attached
.

--BOUNDARY--"
trial "mutt -a" "<joe@x.example> $to" by_mutt -a "$T/file.txt"

printf 'här\n' >"$T/in"
printf 'set dsn_notify = "failure,delay"\nset dsn_return = hdrs\n' >>"$T/muttrc"
fields="$fields
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit"
body='här'
trial "mutt, 8 bits" "<joe@x.example> BODY=8BITMIME RET=HDRS $(
    echo "$to" | sed 's/>/> NOTIFY=FAILURE,DELAY/g')" by_mutt

fresh 'RCPT * 550 5.1.1 who is that'
run by_mutt
not_ok "mutt, refused: it is not content" test $rc = 0
like "$(cat "$T/out" "$T/err")" 'who is that' "mutt, refused: it says why"

# s-nail

printf '%s\n' "$dots" >"$T/in"
fields='From: joe@x.example
To: a@y.example
Cc: c@y.example
Subject: hi
Content-Transfer-Encoding: quoted-printable'
body=$(echo "$dots" | sed 's/^\.$/=2E/; s/^From/=46rom/')
trial "s-nail -r" "<joe@x.example> $to" \
    typed s-nail -n -s hi -r joe@x.example -c c@y.example \
    -b eve@y.example a@y.example
fields='From: root <root@x.example>
To: a@y.example
Subject: hi
Content-Transfer-Encoding: 8bit'
body='här'
printf 'här\n' >"$T/in"
trial "s-nail without From" "<root@x.example> BODY=8BITMIME <a@y.example>" \
    typed s-nail -n -S mime-encoding=8bit -s hi a@y.example

# bsd-mailx: it waits for nobody, and has us remove Bcc

printf '%s\n' "$dots" >"$T/in"
fields='From: root <root@x.example>
To: a@y.example
Cc: c@y.example
Subject: hi
X-One: 1'
body=$dots
trial bsd-mailx "<root@x.example> $to" \
    typed bsd-mailx -s hi -a 'X-One: 1' -c c@y.example \
    -b eve@y.example a@y.example
fields='From: joe@x.example
To: a@y.example,Bob B <b@y.example>
Subject: här'
body='här'
printf 'här\n' >"$T/in"
trial "bsd-mailx -r" \
    "<joe@x.example> BODY=8BITMIME SMTPUTF8 <a@y.example> <b@y.example>" \
    typed bsd-mailx -s här -r joe@x.example a@y.example,'Bob B <b@y.example>'

# GNU mailutils: without stdout and stderr; a dot alone is its own affair

printf '..\n.hi\nFrom here\n' >"$T/in"
fields='From: Joe <joe@x.example>
To: <a@y.example>,<b@y.example>
Cc: <c@y.example>
Subject: hi'
body='..
.hi
From here'
trial mailutils \
    "<joe@x.example> <c@y.example> <eve@y.example> <a@y.example> <b@y.example>" \
    typed mail.mailutils -s hi -a 'From: Joe <joe@x.example>' \
    -a 'Cc: c@y.example' -a 'Bcc: eve@y.example' a@y.example,b@y.example

done_testing
