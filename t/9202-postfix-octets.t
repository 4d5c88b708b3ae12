#!/bin/sh
# SPDX-License-Identifier: ISC
# What a real Postfix passes on is what the caller gave, octet for octet.
. "${0%/*}/lib.sh"
. "$TOP/t/postfix.sh"

ca_make
postfix_serve 2601 'smtpd_discard_ehlo_keywords = pipelining, chunking, dsn'
postfix_start || fail_early "Postfix did not start: $(tail -n 3 "$T/postfix/log")"
postfix_conf
. "$TOP/t/octets.sh"

count=$(ls "$T/in" | wc -l)
for port in 2587 2601 2465; do
	postfix_conf "port = $port"
	fresh
	for file in "$T"/in/*; do
		run "$SENDMAIL" -i -f joe@x.example x@y.example <"$file"
		is $rc 0 "port $port: ${file##*/}"
	done
	is "$(queued) $(passed_on)" "0 $count" "port $port: all arrive"
	compare "port $port"
done

for port in 2587 2601; do
	postfix_conf "port = $port"
	fresh
	for file in "$T"/in/*; do
		"$SENDMAIL" -odq -i -f joe@x.example x@y.example <"$file"
	done
	is "$(queued)" "$count" "a run to port $port: all wait"
	run "$SENDMAIL" -q
	is "$rc $(queued) $(passed_on)" "0 0 $count" \
	    "a run to port $port: all arrive"
	is "$(maillog $port disconnect | grep -c ' connect from')" 1 \
	    "a run to port $port: over one connection"
	compare "a run to port $port"
done

# What we add, and what we take

postfix_conf '[sender]' 'domain = x.example'
fresh
printf 'To: x@y.example\nBcc: blind@y.example\nReturn-Path: <a@b>\nSubject: x\n\n.\n..\n.x\n.\nlost\n' |
    tee "$T/input" | "$SENDMAIL" -F 'Joe Doe' -t -oi
is "$(passed_on) $(rcpts | tr '\n' ' ')" "1 blind@y.example x@y.example " \
    "a blind copy goes"
next_text "$T/next/1.msg" >"$T/octets"
strip_added "$T/octets" >"$T/rest"
grep -v '^Bcc:\|^Return-Path:' "$T/input" | wire >"$T/expected"
same_file "$T/rest" "$T/expected" "nothing else than Bcc and Return-Path is gone"
is "$(sed 's/:.*//; /^\r*$/q' "$T/octets" | sort | uniq -c | tr -s ' \n\r' ' ')" \
    " 1 1 Date 1 From 1 Message-ID 1 Subject 1 To " \
    "nothing else than Date, From and Message-ID is there"
like "$(cat "$T/octets")" '^From: "?Joe Doe"? <root' "From has the name of -F"
fresh
"$SENDMAIL" -t <"$T/input"
is "$(passed_on)" 1 "without -i it goes up to the dot"
next_text "$T/next/1.msg" | sed '1,/^\r$/d' >"$T/octets"
printf '' >"$T/expected"
same_file "$T/octets" "$T/expected" "without -i: a lone dot ends it at once"
printf 'To: x@y.example\n\n..\n.x\n...\n.\nlost\n' >"$T/input"
fresh
"$SENDMAIL" -t <"$T/input"
is "$(passed_on)" 1 "without -i, dots"
next_text "$T/next/1.msg" | sed '1,/^\r$/d' >"$T/octets"
printf '.\r\n.x\r\n...\r\n' >"$T/expected"
same_file "$T/octets" "$T/expected" "without -i two dots alone are one"

done_testing
