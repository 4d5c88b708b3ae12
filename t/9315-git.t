#!/bin/sh
# SPDX-License-Identifier: ISC
# git send-email, by smtpServer and by sendmailCmd: a patch is octets, each of
# which counts.  Bcc is no field of what it hands over.
. "${0%/*}/lib.sh"
. "$TOP/t/process.sh"
. "$TOP/t/programs.sh"

lay_out
need git
git send-email -h 2>&1 | grep -q '^git send-email' ||
    fail_early "no git send-email: run sh t/prepare test"
usual_house

export GIT_CONFIG_NOSYSTEM=1
git config --global user.name Jörg
git config --global user.email joe@x.example
git config --global init.defaultBranch main
git init -q "$T/tree"
cd "$T/tree" || exit
printf 'one\n' >file
git add file
git commit -qm first
printf 'one\n.\n..\n.hi\nFrom här\n  \nend' >file
git commit -qam 'Grüße: all that a line can be'
patch=$(git format-patch -1 -o "$T")
cd "$T" || exit

fields='From: =?UTF-8?q?J=C3=B6rg?= <joe@x.example>
Cc: c@y.example
MIME-Version: 1.0
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: 8bit'
body="$(sed '1,/^$/d' "$patch")
"
# by_git OPTION...: the Message-ID tells the time and the process, so be quiet.
by_git()
{
	git send-email --quiet --confirm=never --suppress-cc=all \
	    --cc=c@y.example --bcc=eve@y.example "$@" "$patch"
}
bcc='<c@y.example> <eve@y.example>'
like "$body" '^\+From här$' "the patch is what we think"
trial "git, smtpServer" \
    "<bounce@x.example> BODY=8BITMIME <a@y.example> <b@y.example> $bcc" \
    by_git --smtp-server=/usr/sbin/sendmail --to=a@y.example \
    --to='"B, b" <b@y.example>' --envelope-sender=bounce@x.example
trial "git, sendmailCmd" \
    "<joe@x.example> BODY=8BITMIME RET=HDRS <a@y.example> $bcc" \
    by_git --sendmail-cmd='sendmail -R hdrs' --to=a@y.example \
    --envelope-sender=auto
trial "git, what it finds itself" \
    "<root@x.example> BODY=8BITMIME <a@y.example> $bcc" \
    by_git --to=a@y.example

# Refused

fresh 'RCPT * 550 5.1.1 who is that'
run by_git --to=b@y.example
not_ok "git, all of them refused: it stops" test $rc = 0
like "$(cat "$T/err")" 'who is that' "and says why"

done_testing
