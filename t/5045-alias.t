#!/bin/sh
# SPDX-License-Identifier: ISC
# Aliases are expanded at each attempt, so that mending them mends what waits,
# until one whom they gave was delivered, refused or unknown: then the expansion
# is in the journal and stays.
. "${0%/*}/lib.sh"

ca_make
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"

team()
{
	conf_write '[aliases]' "$@"
}

# store RULE...: a message to team under these rules, tried once.
store()
{
	rm -rf "$HOME/.queue" "$T/smarthost"
	mkdir "$T/smarthost"
	rules "$@"
	"$SENDMAIL" -odq -f joe@x.example team <"$T/in"
	"$SENDMAIL" -q
}

flush()
{
	rules "$@"
	run "$SENDMAIL" -q
}

# Who got something that was not a report, each time he got it.
rcpts()
{
	for env in "$T/smarthost"/*.env; do
		grep -q '^MAIL FROM:<>' "$env" ||
		    sed -n 's/^RCPT TO:<\([^@]*\)@.*/\1/p' "$env"
	done 2>/dev/null | sort | tr '\n' ' '
}

journal()
{
	sed -nE 's/^[0-9a-f]{8} [0-9]+ (.*)$/\1/p' "$HOME"/.queue/active/* |
	    grep -v '^attempt'
}

smarthost_start

team 'team = a@y.example, b@y.example'
store 'RCPT * 451 later'
is "$(journal)" "deferred 1 451+20later" "all deferred: the journal has the name"
like "$("$MAILQ")" ' team$' "and mailq shows it"
team 'team = c@y.example'
flush
is "$(queued) $(rcpts)" "0 c " "so an alias that was mended counts"

# stays NAME WANT RULE...: the expansion of a first attempt under these rules.
stays()
{
	name=$1 want=$2
	shift 2
	team 'team = a@y.example, b@y.example'
	store "$@"
	like "$(journal)" '^expanded 1 a@y.example$' "$name: the expansion is noted"
	like "$("$MAILQ")" ' a@y.example$' "$name: mailq shows who waits"
	unlike "$("$MAILQ")" ' team$' "$name: and not the name"
	team 'team = c@y.example'
	flush
	flush
	is "$(queued) $(rcpts)" "0 $want" "$name: the old expansion stays"
}
stays "one delivered" 'a b ' 'RCPT a@* 451 later'
stays "one refused" 'a ' 'RCPT a@* 451 later' 'RCPT b@* 550 5.1.1 who'

team 'team = a@y.example, b@y.example'
store 'DOT keep close'
like "$(journal)" '^expanded 1 a@y.example$' "unknown: the expansion is noted"
like "$(journal)" '^unknown 2,3 ' "and both are unknown"
team 'team = c@y.example'
flush
is "$(queued) $(rcpts)" "0 a a b b " "and they get it again, nobody else"

team 'team = inner, b@y.example' 'inner = a@y.example, c@y.example'
store 'RCPT * 451 later'
is "$(journal)" "deferred 1 451+20later" "an alias behind an alias: the name"
flush 'RCPT c@* 451 later'
team 'team = x@y.example' 'inner = y@y.example'
flush
is "$(queued) $(rcpts)" "0 a b c " "noted in full once someone was served"

team 'team = inner, b@y.example' 'inner = a@y.example, c@y.example'
store 'RCPT [ac]@* 451 later'
team 'team = x@y.example' 'inner = y@y.example'
flush
is "$(queued) $(rcpts)" "0 b y " \
    "a name within that met no end is expanded anew, as the outer is not"

# One who stands behind a name, and is a recipient as well, gets it once; what
# becomes of him settles the name, too.

# beside RULE...: to team and to a, whom team gives
beside()
{
	rm -rf "$HOME/.queue" "$T/smarthost"
	mkdir "$T/smarthost"
	rules "$@"
	"$SENDMAIL" -odq -f joe@x.example team a@y.example z@y.example <"$T/in"
	"$SENDMAIL" -q
}

# told WANT WHAT: team is settled, and the old expansion stays
told()
{
	is "$(journal | grep -c '^expanded 1 <>$')" 1 "$2: the name is settled"
	unlike "$("$MAILQ")" ' team$' "$2: mailq does not show it"
	team 'team = c@y.example'
	flush
	flush
	is "$(queued) $(rcpts)" "0 $1" "$2: a new target gets nothing"
}
team 'team = a@y.example'
beside 'RCPT z@* 451 later'
told 'a z ' "he has it"
team 'team = a@y.example'
beside 'RCPT z@* 451 later' 'RCPT a@* 550 5.1.1 who'
told 'z ' "he is refused"
team 'team = a@y.example'
beside 'DOT keep close'
told 'a a z z ' "nobody knows"
team 'team = a@y.example, b@y.example'
beside 'RCPT [bz]@* 451 later'
told 'a b z ' "another target waits"
team 'team = b@y.example, inner' 'inner = a@y.example'
beside 'RCPT [bz]@* 451 later'
is "$(journal | grep -c '^expanded 5 <>$')" 1 "an alias behind an alias is, too"
team 'team = c@y.example' 'inner = d@y.example'
flush
is "$(queued) $(rcpts)" "0 a b z " "and with it the outer one"
team 'team = a@y.example'
beside 'RCPT [az]@* 451 later'
is "$(journal)" "deferred 1,2,3 451+20later" "he is put off: so is the name"
team 'team = c@y.example'
flush
is "$(queued) $(rcpts)" "0 a c z " "and may still be mended"

# One who stands behind two names stays as long as either has to.

# both RULE RECIPIENT...
both()
{
	rm -rf "$HOME/.queue" "$T/smarthost"
	mkdir "$T/smarthost"
	rules "$1"
	shift
	run "$SENDMAIL" -f joe@x.example "$@" <"$T/in"
	[ "$rc" = 0 ] || diag "not taken: $rc"
	rules
}
for order in 'one two' 'two one'; do
	team 'one = a@y.example, b@y.example' 'two = a@y.example, c@y.example'
	both 'RCPT [ab]@* 451 later' $order
	team 'one = b@y.example' 'two = a@y.example, c@y.example'
	flush
	flush
	is "$(queued) $(rcpts)" "0 a b c " \
	    "$order: of two names one is settled, the other mended"
	team 'one = a@y.example, b@y.example' 'two = a@y.example'
	both 'RCPT a@* 451 later' $order
	team 'one = b@y.example' 'two = z@y.example'
	flush
	flush
	like "$(queued) $(rcpts)" '^0 a b (z )?$' \
	    "$order: he stays for the sake of the one that is settled"
	team 'one = in, x@y.example' 'in = a@y.example, b@y.example' \
	    'two = in, c@y.example'
	both 'RCPT [abx]@* 451 later' $order
	team 'one = w@y.example' 'in = a@y.example, b@y.example' \
	    'two = in, c@y.example'
	flush
	flush
	is "$(queued) $(rcpts)" "0 a b c w " "$order: so does a name behind both"
	team 'one = in, x@y.example' 'in = a@y.example, b@y.example' \
	    'two = a@y.example, c@y.example'
	both 'RCPT [abx]@* 451 later' $order
	team 'one = w@y.example' 'two = d@y.example'
	flush
	flush
	like "$(queued) $(rcpts)" '^0 a (b )?c w $' \
	    "$order: so does who is behind the one of the other"
done

# A name that comes to map to itself, and is there twice by then

team 'one = two, b@y.example' 'two = a@y.example'
both 'RCPT a@* 451 later' two one
team 'two = two, c@y.example'
flush
is "$(queued) $(rcpts)" "0 b c two " "who is behind a name twice gets it once"

# Who asked to be told of either is told

talk='MAIL FROM:<joe@x.example>
RCPT TO:<team@localhost> NOTIFY=FAILURE
RCPT TO:<a@y.example> NOTIFY=NEVER
DATA

hello
.
QUIT'
team 'team = a@y.example'
rm -rf "$HOME/.queue" "$T/smarthost"
mkdir "$T/smarthost"
rules 'RCPT a@* 550 5.1.1 who'
echo "$talk" | "$SENDMAIL" -bs -odq >/dev/null
run "$SENDMAIL" -q
flush
is "$(queued) $(grep -l "^RCPT TO:<joe@" "$T"/smarthost/*.env | wc -l)" "0 1" \
    "NOTIFY of the name holds for who is meant twice"

# Through a name that he stands behind, and many more before him

names=$(seq -s ', ' -f 'n%.0f@y.example' 150)
team "team = $names, a@y.example"
beside 'RCPT n1@* 451 later'
like "$(journal)" '^expanded 1 <>$' "a name of many is settled"
team 'team = c@y.example'
flush
is "$(queued) $(rcpts | wc -w)" "0 152" "each gets it once"

# While the caller waits

rm -rf "$HOME/.queue" "$T/smarthost"
mkdir "$T/smarthost"
team 'team = a@y.example, b@y.example'
rules 'RCPT a@* 451 later'
run "$SENDMAIL" -f joe@x.example team <"$T/in"
team 'team = c@y.example'
flush
is "$rc $(queued) $(rcpts)" "0 0 a b " "the same while the caller waits"

# The name itself again

team 'root = root, admin@y.example'
rm -rf "$HOME/.queue" "$T/smarthost"
mkdir "$T/smarthost"
rules 'RCPT root@* 451 later'
run "$SENDMAIL" -f joe@x.example root <"$T/in"
is "$(queued) $(rcpts)" "1 admin " "root = root, admin: one of them waits"
flush
is "$(queued) $(rcpts)" "0 admin root " "and is served once"

done_testing
