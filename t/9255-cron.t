#!/bin/sh
# SPDX-License-Identifier: ISC
# Debian's cron runs a job of root's and mails what it printed.  Nobody may send
# as root@web1.example.org: then it waits, not stamped and not bounced, and says
# which key to set; once that is set it goes.
. "${0%/*}/lib.sh"
. "$TOP/t/process.sh"
. "$TOP/t/programs.sh"

[ "$(id -u)" = 0 ] && setpriv --reuid 65534 true 2>/dev/null ||
    fail_early "cron needs root, and more than one uid"
lay_out cron
cron_house

clear_all()
{
	rm -rf "$HOME/.queue" "$T"/smarthost/* "$T/log"
	transcript_clear
}

reason()
{
	"$MAILQ" | sed -n 's/^ *(\(.*\))$/\1/p'
}

message()
{
	tr -d '\r' <"$(echo "$T"/smarthost/*.msg)"
}

mail_from()
{
	sed -n 's/^MAIL FROM:\(<[^>]*>\).*/\1/p' "$T"/smarthost/*.env
}

ca_make
smarthost_start
for said in 'MAIL root@* 553 5.7.1 <root@web1.example.org>: Sender address rejected: not owned by user alice' \
    'RCPT * 553 5.7.1 <root@web1.example.org>: Sender address rejected: not owned by user alice' \
    'RCPT * 550 5.1.8 <root@web1.example.org>: Sender address rejected: Domain not found' \
    'DOT 554 Message rejected: Email address is not verified. The following identities failed the check in region EU-WEST-1: root@web1.example.org'; do
	case $said in
	RCPT*) where="RCPT" ;;
	*) where=${said%% *} ;;
	esac
	echo "# $said"
	echo "$said" >"$T/smarthost.rules"
	clear_all
	conf_write
	by_cron 'MAILTO=ann@y.example' '@reboot root echo hello'
	is "$(queued)" 1 "$where: what cron mails waits"
	like "$(reason)" "^$(echo "$said" | sed 's/^[A-Z]* \([^0-9 ]* \)\{0,1\}//') \(set \[sender\] address" \
	    "and says which key to set"
	is "$(find "$HOME/.queue" -name .relay)" "" "the smarthost is not stamped"
	like "$(cat "$T/log")" 'status=deferred' "and the log has it deferred"
	run "$SENDMAIL" -q
	is "$(queued) $(arrived)" "1 0" "it is no matter of time"
	case $said in
	MAIL*) ;;
	*) : >"$T/smarthost.rules" ;;
	esac
	conf_write '[sender]' 'address = web1@x.example'
	run "$SENDMAIL" -q
	is "$(queued) $(arrived)" "0 1" "with the key it goes"
	is "$(mail_from)" '<web1@x.example>' "from whom the smarthost knows"
	like "$(message)" '^From: "?(Cron Daemon|root \(Cron Daemon\))"? <web1@x.example>$' \
	    "as its From says"
	like "$(message)" '^X-Original-From: root \(Cron Daemon\)$' \
	    "and who it was stays readable"
	like "$(message)" '^To: ann@y.example$' "To is what cron wrote"
	like "$(message)" '^hello$' "and there is the output"
done

clear_all
: >"$T/smarthost.rules"
conf_write '[sender]' 'domain = x.example' 'address = web1@x.example' \
    '[aliases]' 'root = admin@x.example'
by_cron '@reboot root echo hello'
is "$(arrived) $(queued)" "1 0" "root's own mail goes"
is "$(sed -n 's/^RCPT TO:\(<[^>]*>\).*/\1/p' "$T"/smarthost/*.env)" \
    '<admin@x.example>' "to who stands behind root"
like "$(message)" '^To: root@x.example$' "and its To is complete"

# A sender that is the caller's own, with an author whom we completed

clear_all
echo 'DOT 554 Message rejected: Email address is not verified.' \
    >"$T/smarthost.rules"
conf_write '[sender]' 'domain = x.example'
printf 'From: root\nTo: ann@y.example\n\nhello\n' >"$T/in"
run "$SENDMAIL" -t -f joe@y.example <"$T/in"
is "$rc $(queued)" "0 1" "an author whom we made, refused at the dot, waits"
like "$(reason)" 'set \[sender\] address' "and names the key"
clear_all
printf 'From: joe@y.example\nTo: ann@y.example\n\nhello\n' >"$T/in"
run "$SENDMAIL" -t -f joe@y.example <"$T/in"
is "$rc $(queued)" "69 0" "what we did not make is refused"

done_testing
