#!/bin/sh
# SPDX-License-Identifier: ISC
# Hundreds of callers and runs at once, some of them killed: every message is
# owned, each arrives, and none twice but what a kill caught on its way.
. "${0%/*}/../lib.sh"
. "$TOP/t/process.sh"

ca_make
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"
smarthost_start

rcpts()
{
	find "$T/smarthost" -name '*.env' -exec \
	    sed -n 's/^RCPT TO:<\([^>]*\)>.*/\1/p' {} +
}

# send_some OPTION...: one of those at once
send_some()
{
	send_one "$@" 2>>"$T/errors"
}

# The codes of a hundred that own their messages.
none=$(printf '%0100d' 0)

store()
{
	i=0
	while [ $i -lt "$1" ]; do
		"$SENDMAIL" -odq -f "s$i@x.example" "r$i@y.example" <"$T/in"
		i=$((i + 1))
	done
}

conf_write '[queue]' 'retry = 1s' 'patience = 2s'
for rule in '' 'GREETING delay 3000' 'MAIL[1-2] * 451 later' 'DOT delay 200'; do
	fresh "$rule"
	at_once 100 send_some
	is "$codes" "$none" "a hundred at once, $rule: each is owned"
	rules
	ok "they all arrive" await 120 has_queued 0
	ok "and nobody stays" await 90 all_gone
	is "$(arrived) $(rcpts | sort -u | wc -l)" "100 100" "none twice"
done

fresh 'GREETING 554 no'
at_once 100 send_some
is "$codes" "$none" "a hundred who are turned away: each is owned"
is "$(queued) $(runner | wc -l)" "100 1" "and waits, tended by one"
rules
ok "they all arrive" await 120 has_queued 0
ok "and nobody stays" await 90 all_gone
is "$(arrived) $(rcpts | sort -u | wc -l)" "100 100" "none twice"

fresh
at_once 100 send_some -odb
is "$codes" "$none" "a hundred in the background: each is owned"
ok "they all arrive" await 120 has_queued 0
ok "and nobody stays" await 90 all_gone
is "$(arrived) $(rcpts | sort -u | wc -l)" "100 100" "none twice"
is "$(cat "$T/errors")" "" "and nobody said a word"

# Eight runs over three thousand

conf_write '[queue]' 'runner = no'
fresh
store 3000
rm -rf "$T/again" && cp -r "$HOME/.queue" "$T/again"
at_once 8 "$SENDMAIL" -q
is "$codes $(queued)" "00000000 0" "eight runs over three thousand messages"
is "$(arrived) $(rcpts | sort -u | wc -l)" "3000 3000" "deliver each once"
is "$(transcript | grep -c -- '-- violation')" 0 "by the rules"

fresh
cp -r "$T/again" "$HOME/.queue"
chmod 700 "$HOME/.queue" "$HOME"/.queue/*
kills=0
while [ $kills -lt 40 ]; do
	"$SENDMAIL" -q & one=$!
	"$SENDMAIL" -q & two=$!
	sleep "0.$((kills % 4 + 1))"
	kill -KILL $one $two 2>/dev/null
	wait $one $two 2>/dev/null
	kills=$((kills + 1))
done
run "$SENDMAIL" -q
await 60 all_gone
run "$SENDMAIL" -q
is "$rc $(queued) $(rcpts | sort -u | wc -l)" "0 0 3000" \
    "runs that are killed eighty times lose nothing"
ok "and send at most what was on its way twice ($(arrived))" \
    test "$(arrived)" -le 3080

done_testing
