# matrix.sh - what a smarthost does wrong, and what comes of it
#
# For tests that have lib.sh, a configuration and a smarthost; $T/in is what is
# sent.  A row of the matrix is what the client says then, what mailq says, and
# the rules by which the smarthost goes wrong:
#
#	account SAID REASON RULE...	the account's fault: the caller is told
#		0, the message waits as it was, without an attempt
#	waits WHAT SAID REASON		so too, whatever is wrong at the moment
#	deferred SAID REASON RULE...	it waits, and that was an attempt
#	unknown SAID REASON RULE...	so too, and it may be there already
#	refused CODE SAID WORDS RULE...	the caller is told, nothing is kept; who
#		waited is reported to
#	sent SAID RULE...		it makes no difference
#
#	three		messages to a, b and c wait
#	came		who of them has his; calls: connections
#
# In the end each is healed: a healthy smarthost gets the message once.  SAID is
# each command, the dot too, and a + for each connection.
#
# SPDX-License-Identifier: ISC

said()
{
	verbs='EHLO|HELO|STARTTLS|AUTH|MAIL|RCPT|DATA|BDAT|RSET|QUIT|\*|\.'
	transcript | sed -nE "s/^C: ($verbs)( .*|$)/\1/p; s/^-- connect.*/+/p" |
	    tr '\n' ' '
}

reason()
{
	"$MAILQ" | tr -d '\n' | tr -s ' '
}

attempts()
{
	"$MAILQ" -j | sed -n 's/.*"attempts": \([0-9]*\).*/\1/p'
}

# send [OPTION...]
send()
{
	run "$SENDMAIL" -f joe@x.example "$@" a@y.example <"$T/in"
}

waits()
{
	fresh
	send
	is "$rc $(queued) $(arrived) $(wc -c <"$T/err")" "0 1 0 0" \
	    "$1: it waits, exit 0, silently"
	is "$(said)" "$2" "$1: that was said"
	like "$(reason)" "$3" "$1: mailq has the reason"
	run "$SENDMAIL" -q
	is "$rc $(queued) $(arrived) $(attempts)" "0 1 0 0" \
	    "$1: a run leaves it, and that is no attempt"
}

# heals WHAT [COUNT]: with all that is wrong mended
heals()
{
	run "$SENDMAIL" -q
	is "$rc $(queued) $(arrived)" "0 0 ${2:-1}" "$1: mended, it goes once"
}

account()
{
	said=$1 pattern=$2
	shift 2
	rules "$@"
	waits "$*" "$said" "$pattern"
	rules
	heals "$*"
}

# put_off ARRIVED SAID REASON RULE...: at once, and in a run
put_off()
{
	kept=$1 said=$2 pattern=$3
	shift 3
	rules "$@"
	fresh
	send
	is "$rc $(queued) $(arrived) $(wc -c <"$T/err")" "0 1 $kept 0" \
	    "$*: it waits, exit 0, silently"
	is "$(said)" "$said" "$*: that was said"
	like "$(reason)" "$pattern" "$*: mailq has the reason"
	run "$SENDMAIL" -q
	is "$rc $(queued) $(arrived) $(attempts)" "0 1 $((2 * kept)) 2" \
	    "$*: so too in a run, and each was an attempt"
	not_ok "$*: it sets no stamp" test -e "$HOME/.queue/.relay"
	rules
	heals "$*" $((2 * kept + 1))
}

deferred()
{
	put_off 0 "$@"
}

unknown()
{
	put_off 1 "$@"
}

refused()
{
	want=$1 said=$2 pattern=$3
	shift 3
	rules "$@"
	fresh
	send
	is "$rc $(queued) $(arrived) $(wc -l <"$T/err")" "$want 0 0 1" \
	    "$*: exit $want, one line, nothing is kept"
	is "$(said)" "$said" "$*: that was said"
	like "$(cat "$T/err")" "$pattern" "$*: the line has the words"
	send -odq
	run "$SENDMAIL" -q
	like "$rc $(queued) $(reason)" "0 1 .*MAILER-DAEMON.*joe@x.example" \
	    "$*: in a run it is reported"
	rules
	heals "$*"
}

sent()
{
	said=$1
	shift
	rules "$@"
	fresh
	send
	is "$rc $(queued) $(arrived) $(wc -c <"$T/err")" "0 0 1 0" \
	    "$*: it is sent, in silence"
	is "$(said)" "$said" "$*: that was said"
}

# Messages to a, b and c wait.
three()
{
	fresh
	for name in a b c; do
		"$SENDMAIL" -odq -f "$name@x.example" "$name@y.example" <"$T/in"
	done
}

# Who of them got his, sorted.
came()
{
	cat "$T"/smarthost/*.env 2>/dev/null | sed -n 's/^RCPT TO:<\(.\)@.*/\1/p' | sort |
	    tr -d '\n'
}

calls()
{
	said | tr -dc + | wc -c
}
