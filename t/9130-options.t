#!/bin/sh
# SPDX-License-Identifier: ISC
# What the command line says is what the smarthost hears.
. "${0%/*}/lib.sh"

ca_make
conf_write '-user' '-password' '[sender]' 'domain = x.example'
cat >"$T/in" <<END
From: joe@x.example
To: bob@y.example, Ann <ann@y.example>
Cc: team: cy@y.example, dan@y.example;
Bcc: eve@y.example
Subject: hi

one
..
.
two
END

smarthost_start -a -t none
export ONEHOP_SMARTHOST_TLS=off

# heard ARGS...: MAIL and RCPT lines of the message that these send
heard()
{
	rm -f "$T"/smarthost/*.msg "$T"/smarthost/*.env
	run "$SENDMAIL" "$@" <"$T/in"
	cat "$T"/smarthost/*.env 2>/dev/null | tr -d '\r' | tr '\n' '|'
}

body()
{
	sed '1,/^\r*$/d' "$T"/smarthost/*.msg | tr -d '\r' | tr '\n' '|'
}

to='RCPT TO:<bob@y.example>|RCPT TO:<ann@y.example>|RCPT TO:<cy@y.example>|RCPT TO:<dan@y.example>|RCPT TO:<eve@y.example>|'
is "$(heard -t -i | sed 's/^[^|]*|//')" "$to" "-t takes To, Cc and Bcc"
is "$(body)" 'one|..|.|two|' "-i: a dot alone is text"
is "$(grep -ci '^bcc' "$T"/smarthost/*.msg)" 0 "Bcc never leaves"
heard -t >/dev/null
is "$(body)" 'one|.|' "without -i a dot ends it, and two dots are one"
is "$(heard -ti | sed 's/^[^|]*|//')" "$to" "options bundle"
is "$(heard -i bob@y.example)" \
    "MAIL FROM:<root@x.example> SIZE=$(cat "$T"/smarthost/*.msg | wc -c)|RCPT TO:<bob@y.example>|" \
    "without -f the sender is the user, completed"
is "$(grep -ci '^bcc' "$T"/smarthost/*.msg)" 0 "nor where recipients are operands"
is "$(heard -i -t fay@y.example bob@Y.EXAMPLE | tr '|' '\n' | grep -c RCPT)" 6 \
    "-t adds operands, each once"

from()
{
	heard "$@" bob@y.example | sed 's/^MAIL FROM:\(<[^>]*>\).*/\1/'
}
is "$(from -f ann@y.example)" '<ann@y.example>' "-f"
is "$(from -fann@y.example)" '<ann@y.example>' "-f attached"
is "$(from -r ann@y.example)" '<ann@y.example>' "-r"
is "$(from -f 'Ann <ann@y.example>')" '<ann@y.example>' "-f with a name"
is "$(from -f joe@z.example -f ann@y.example)" '<ann@y.example>' "the last -f wins"
is "$(from -f '')" '<>' "-f with nothing is the null sender"
is "$(from -f '<>')" '<>' "so is <>"
is "$(from -f ann)" '<ann@x.example>' "a bare -f is completed"

printf 'To: bob@y.example\n\nhi\n' >"$T/in"
heard -t -F 'Dr. Joe "X" Doe' >/dev/null
like "$(tr -d '\r' <"$T"/smarthost/1.msg)" '^From: "Dr. Joe \\"X\\" Doe" <root' \
    "-F names the sender in a From that is missing"
like "$(tr -d '\r' <"$T"/smarthost/1.msg)" '^Date: [A-Z][a-z]{2}, [ 0-9]{1,2} ' "Date is added"
is "$(grep -c '^Message-ID: <' "$T"/smarthost/1.msg)" 1 "and Message-ID"

like "$(heard -N failure,delay -R hdrs -V 'id+2B1' bob@y.example)" \
    '^MAIL [^|]*RET=HDRS ENVID=id\+2B1[^|]*\|RCPT [^|]*NOTIFY=FAILURE,DELAY' \
    "-N, -R and -V go out where DSN is offered"
smarthost_stop
smarthost_start -a -t none -e '8BITMIME'
unlike "$(heard -N never -R full -V x bob@y.example)" 'RET|ENVID|NOTIFY' \
    "and stay at home where it is not"
printf 'To: bob@y.example\n\nh\303\251\n' >"$T/in"
like "$(heard -t -B8BITMIME)" 'BODY=8BITMIME' "8-bit text says so"
is "$(arrived)" 1 "and arrives"

for words in '-oi' '-oem' '-oep' '-oeq' '-oee' '-oew' '-em' '-odi' '-om' \
    '-G' '-U' '-n' '-m' '-s' '-c' '-x' '-T' '-h 5' '-L tag' '-p smtp' '-Ac' \
    '-X /tmp/x' '-D /tmp/x' '-oQ/tmp' '-oA/tmp/x' '-O QueueDirectory=/tmp' \
    '-o i' '-oT5d' '-O Timeout=1h' '-d0.1' '-E' '-J' '-M x' '-bm' '--'; do
	# shellcheck disable=SC2086
	heard $words bob@y.example >/dev/null
	is "$rc $(arrived)" "0 1" "$words is taken"
	silent "$words adds nothing to say"
done
not_ok "no word of argv made a file" test -e /tmp/x

usage()
{
	run "$SENDMAIL" "$@" <"$T/in"
	is "$rc $(wc -l <"$T/err") $(wc -c <"$T/out")" "64 1 0" "$*: 64, one line"
}
usage -bs bob@y.example
usage -bd
usage -bz
usage -Z bob@y.example
usage -C /tmp/x bob@y.example
like "$(cat "$T/err")" ONEHOP_CONF "-C names the way that there is"
usage -C/tmp/x -t
usage

run "$SENDMAIL" -bi
is $rc 0 "-bi"
silent "-bi has nothing to say"
ln -s "$SENDMAIL" "$T/newaliases"
run "$T/newaliases"
is $rc 0 "newaliases"
run "$SENDMAIL" -bp
is "$rc $(cat "$T/out")" "0 Mail queue is empty" "-bp lists the queue"
run "$SENDMAIL" -bv root bob@y.example
is $rc 0 "-bv"
like "$(cat "$T/out")" '^root\.\.\. deliverable: mailer relay, host smarthost.test, user root@x.example$' \
    "-bv completes"
run "$SENDMAIL" -bv 'a@b@c'
is $rc 65 "-bv refuses what is no address"
printf 'bad: bob@@y.example\ngood: ann@y.example\n' >/etc/aliases
run "$SENDMAIL" -bv bad good
is "$rc" 78 "-bv tells of a broken alias"
is "$(cat "$T/out")" \
    "bad... waits: alias 'bad' leads to 'bob@@y.example', which is no address list: mend it in /etc/aliases
good... deliverable: mailer relay, host smarthost.test, user ann@y.example" \
    "-bv says so of whom, and where others go"
cp "$HOME/.config/onehop.conf" "$T/conf"
conf_write 'senders = @x.example' '[smarthost two]' 'host = other.test' \
    'senders = @y.example' '[sender]' 'domain = x.example'
for sender in joe@y.example=other.test joe=smarthost.test; do
	run "$SENDMAIL" -bv -f "${sender%=*}" bob@z.example
	is "$rc $(sed 's/.*host \(.*\),.*/\1/' "$T/out")" "0 ${sender#*=}" \
	    "-bv -f ${sender%=*}: the smarthost that takes his mail"
done
run "$SENDMAIL" -bv -f joe@none.example bob@z.example
is "$rc $(cat "$T/out")" "78 " "-bv -f joe@none.example: none does"
like "$(cat "$T/err")" "no \[smarthost\] takes mail from 'joe@none.example'" \
    "and that is said"
cp "$T/conf" "$HOME/.config/onehop.conf"
rm /etc/aliases
run "$SENDMAIL" --version
like "$rc $(cat "$T/out")" '^0 onehop ' "--version"
run "$SENDMAIL" --help
is "$rc" 0 "--help"
run "$SENDMAIL" -q
is $rc 0 "-q with nothing that waits"
silent "-q has nothing to say"

# -v shows the dialogue, never the secret.
smarthost_stop
smarthost_start
unset ONEHOP_SMARTHOST_TLS
conf_write 'auth = PLAIN'
run "$SENDMAIL" -v -f a@x.example bob@y.example <"$T/in"
is $rc 0 "-v sends"
like "$(cat "$T/err")" '^>>> AUTH PLAIN \*\*\*\*$' "-v hides the login"
like "$(cat "$T/err")" '^<<< 235' "-v shows replies"
like "$(cat "$T/err")" '^>>> MAIL FROM:<a@x.example>' "-v shows commands"
unlike "$(cat "$T/err")" "$(printf '\0alice\0%s' "$PASSWORD" | base64 -w0 | cut -c5-20)" \
    "the secret is nowhere"
# Nor what the server proves itself by, from which a password can be guessed.
conf_write 'auth = SCRAM-SHA-256'
run "$SENDMAIL" -v -f a@x.example bob@y.example <"$T/in"
is "$rc $(grep -a '334\|AUTH SCRAM' "$T/err" | tr '\n' '|')" \
    "0 >>> AUTH SCRAM-SHA-256 ****|<<< 334 ****|<<< 334 ****|" \
    "-v hides the challenges of SCRAM"

done_testing
