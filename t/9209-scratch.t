#!/bin/sh
. "${0%/*}/lib.sh"
. "$TOP/t/postfix.sh"
ca_make
ok "starts" postfix_start
conf_write
printf 'To: x@y.example\nSubject: hi\n\nhello\n' >"$T/in"
run "$SENDMAIL" -v -t <"$T/in"
diag "rc $rc" "$(cat $T/err)"
wait_for test -e "$T/next/1.msg"
cat "$T/postfix/log" "$T/dovecot/log" >&2
cat $T/next/*.msg >&2
postfix_stop
ls -la $T/postfix/queue >&2
ps ax >&2
done_testing
