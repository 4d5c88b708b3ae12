#!/bin/sh
# SPDX-License-Identifier: ISC
# Bad input: one clear line, nothing sent, nothing left behind.
. "${0%/*}/lib.sh"

ca_make
conf_write
smarthost_start

# refused CODE DESCRIPTION ARGS...: what is in $T/in
refused()
{
	code=$1 what=$2
	shift 2
	run "$SENDMAIL" "$@" <"$T/in"
	is $rc "$code" "$what: $code"
	is "$(wc -l <"$T/err") $(wc -c <"$T/out")" "1 0" "$what: one line"
	is "$(queued) $(arrived)" "0 0" "$what: nothing sent, nothing left"
	unlike "$(transcript)" '^C: MAIL' "$what: nothing said"
	transcript_clear
}

: >"$T/in"
refused 64 "empty input with -t" -t
head -c 4096 /dev/urandom >"$T/in"
refused 64 "junk with -t" -t
printf 'Subject: hi\n\nx\n' >"$T/in"
refused 64 "no recipients in the header" -t
printf 'To: undisclosed-recipients:;\n\nx\n' >"$T/in"
refused 64 "an empty group alone" -t
printf 'Subject: hi\n\nx\n' >"$T/in"
refused 64 "no recipients at all"
printf 'To: a@b@c\n\nx\n' >"$T/in"
refused 65 "a@b@c in a field" -t
like "$(cat "$T/err")" '[Tt]o' "the line names the field"
printf 'To: success@simulator.amazonses.com>\n\nx\n' >"$T/in"
refused 65 "a stray bracket" -t
printf 'To: good@y.example, "bad\n\nx\n' >"$T/in"
refused 65 "an unclosed quote beside a good one" -t
printf 'x\n' >"$T/in"
refused 65 "an operand that is no address" 'a b@c'
printf 'x\n' >"$T/in"
refused 65 "a program" '|/bin/sh'
printf 'x\n' >"$T/in"
refused 65 "a file" '/etc/passwd'
printf 'x\n' >"$T/in"
refused 65 "LF in an operand" "a@y.example
RCPT TO:<evil@y.example>"
printf 'x\n' >"$T/in"
refused 65 "CR in an operand" "$(printf 'a@y.example\rb')"
printf 'x\n' >"$T/in"
refused 65 "LF in -f" -f "a@y.example>
RCPT TO:<evil@y.example" b@y.example
printf 'x\n' >"$T/in"
refused 65 "CR in -f" -f "$(printf 'a@y.example\rb')" b@y.example
{
	printf 'X: '
	head -c 5000000 /dev/zero | tr '\0' y
	printf '\nTo: a@b.example\n\nx\n'
} >"$T/in"
refused 65 "a header line of 5 MB" -t
{
	awk 'BEGIN { for (i = 0; i < 100001; i++) printf "To: u%d@y\n", i }'
	printf '\nx\n'
} >"$T/in"
refused 65 "100001 recipients" -t

run "$SENDMAIL" a@y.example <&-
is "$rc $(wc -l <"$T/err")" "66 1" "a closed stdin is 66"
is "$(queued) $(arrived)" "0 0" "and nothing is left"
run "$SENDMAIL" a@y.example <"$T"
is "$rc $(wc -l <"$T/err") $(queued)" "74 1 0" "a directory as stdin is 74"

for signal in TERM:15 INT:2 HUP:1; do
	number=${signal#*:} signal=${signal%:*}
	mkfifo "$T/pipe"
	: >"$T/err"
	env --default-signal="$signal" "$SENDMAIL" a@y.example <"$T/pipe" 2>"$T/err" &
	pid=$!
	exec 9>"$T/pipe"
	head -c 400000 /dev/zero | tr '\0' 'x' >&9
	sleep 0.2
	kill -"$signal" "$pid"
	wait "$pid"
	is $? $((128 + number)) "SIG$signal half way: it dies of it"
	exec 9>&-
	rm "$T/pipe"
	is "$(wc -c <"$T/err") $(queued) $(arrived) $(find "$HOME/.queue" -type f 2>/dev/null | wc -l)" \
	    "0 0 0 0" "SIG$signal: no line, nothing left behind"
done

# With operands the same junk is a message.
: >"$T/in"
run "$SENDMAIL" a@y.example <"$T/in"
is "$rc $(arrived)" "0 1" "an empty message is sent"
head -c 65536 /dev/urandom >"$T/in"
run "$SENDMAIL" -i a@y.example <"$T/in"
is "$rc $(arrived)" "0 2" "binary junk is sent"
unlike "$(transcript)" violation "and breaks no rule of SMTP"

# Callers that close what they should not, and leak the rest.
printf 'Subject: x\n\nx\n' >"$T/in"
sh -c '"$0" a@y.example 1>&- 2>&-' "$SENDMAIL" <"$T/in"
is "$? $(arrived)" "0 3" "closed stdout and stderr do no harm"
unlike "$(cat "$T"/smarthost/3.msg)" 'sendmail' "nothing is written where they were"
cp "$SENDMAIL" "$T/setid"
chmod 4755 "$T/setid"
run as 65534 "$T/setid" a@y.example <"$T/in"
is "$rc $(wc -l <"$T/err") $(arrived)" "77 1 3" "set-id is refused"

# An inherited ignored signal stays ignored.
sh -c 'trap "" TERM; exec "$0" -v a@y.example' "$SENDMAIL" <"$T/in" >/dev/null 2>&1
is "$(arrived)" 4 "sent under an ignored signal"

done_testing
