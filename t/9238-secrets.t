#!/bin/sh
# SPDX-License-Identifier: ISC
# A password is where it was configured, and nowhere else: once the server has
# said 235 no copy is left in memory but that of the configuration; none is in a
# child's environment, in an argument, a trace, a log, a core.
. "${0%/*}/lib.sh"

ca_make
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"
# Long, so that its pieces can be told from chance, and in base64 in three ways.
secret=Kq7vXw2ZrT9pLm4NdYcB6hGfS8jAeUiOxC3yPzRkDnWbVtHgMsQa5E1u0JlFoI
encode()
{
	printf "$@" | base64 -w 0
}
plain=$(encode "\\000$USER_NAME\\000$secret")
word=$(encode "$secret")

xoauth2=$(encode "user=$USER_NAME\\001auth=Bearer $secret\\001\\001")
oauth=$(encode "n,a=$USER_NAME,\\001host=smarthost.test\\001port=2587\\001auth=Bearer $secret\\001\\001")

has_logged_in()
{
	transcript | grep -q '^S: 235'
}

# begin [VARIABLE=VALUE...]: one that hangs once it is in is $pid.
begin()
{
	fresh
	env "$@" "$SENDMAIL" -v -f joe@x.example a@y.example <"$T/in" \
	    >"$T/out" 2>"$T/err" &
	pid=$!
	wait_for has_logged_in
}

finish()
{
	kill "$1" $pid
	wait $pid 2>/dev/null
}

# remains COPIES DESCRIPTION: of the password; in base64 none
remains()
{
	begin
	is "$(perl "$TOP/t/memory.pl" $pid "$secret" "$plain" "$word" \
	    "$xoauth2" "$oauth")" "$1 0 0 0 0 " "$2: once the server said 235"
	finish -TERM
	is "$(perl -0777 -ne 'BEGIN { $word = shift } print "found" if
	    index($_, $word) >= 0' "$secret" "$T/err")" "" "$2: not by -v"
}

smarthost_start -a -U "$USER_NAME:$secret" -m 'PLAIN LOGIN XOAUTH2 OAUTHBEARER'
rules 'MAIL hang'
printf '%s\n' "$secret" >"$T/secret"
for how in PLAIN LOGIN XOAUTH2 OAUTHBEARER; do
	for pipelining in yes no; do
		what="$how, pipelining = $pipelining"
		set -- "auth = $how" "pipelining = $pipelining" -password
		conf_write "$@" "password_file = $T/secret"
		remains 1 "$what, a file"
		conf_write "$@" "password_command = cat $T/secret"
		remains 1 "$what, a command"
		conf_write "$@" "password = $secret"
		remains 2 "$what, in the configuration, and ready to be said"
	done
done
like "$(cat "$T/err")" '^>>> AUTH OAUTHBEARER \*\*\*\*$' "-v shows the name"

# By whichever way it came, nobody sees it go by.

export LEAK="$T/leak"
conf_write -password \
    'password_command = env >"$LEAK"; cat "$HOME/secret"'
cp "$T/secret" "$HOME/secret"
begin ONEHOP_SMARTHOST_HELLO="$secret.example"
is "$(tr '\0' ' ' </proc/$pid/cmdline | grep -c "$secret")" 0 "no argument"
like "$(cat "$T/leak")" '^HOME=' "the environment of a child was looked at"
unlike "$(cat "$T/leak")" 'ONEHOP_' "none of our variables is in it"
finish -TERM

conf_write -password
begin ONEHOP_SMARTHOST_PASSWORD="$secret"
like "$(sed 's/  */ /g' /proc/$pid/limits)" '^Max core file size [01] [01] ' \
    "no core is allowed"
finish -SEGV
is "$(find "$T" /tmp -maxdepth 1 -name '*core*' 2>/dev/null)" "" \
    "and none is left by a crash"

# A server may say no, and some say once more what they were told.
# told REPLY LINE...: all that is left of it where a person looks
told()
{
	conf_write "$2" "$3" "password = $secret"
	rules "$1"
	fresh
	"$SENDMAIL" -v -f joe@x.example a@y.example <"$T/in" >"$T/out" 2>"$T/err"
	{
		"$MAILQ"
		"$MAILQ" -j
		"$SENDMAIL" -bC
		cat "$T/out" "$T/err" "$T/log"
		find "$HOME/.queue" -type f -exec cat {} +
	} >"$T/all" 2>&1
	like "$(grep -a queued "$T/log")" "refused .*: 5.*${1##* }" \
	    "$2, $3, '${1%% *}': the reply is in the log"
	unlike "$(cat "$T/all")" "$secret|$(pieces)" \
	    "$2, $3, '${1%% *}': the password is nowhere"
}

# The beginnings of all that was said
pieces()
{
	printf '%.20s|%.20s|%.40s|%.20s' "$plain" "$word" "$xoauth2" "$oauth"
}

for pipelining in yes no; do
	set -- "pipelining = $pipelining"
	told 'AUTH 535 5.7.8 wrong' 'auth = PLAIN' "$@"
	told "AUTH 500 5.5.1 unrecognized: AUTH PLAIN $plain again" \
	    'auth = PLAIN' "$@"
	told "STEP[3] 501 5.5.4 cannot decode $word $word (login)" \
	    'auth = LOGIN' "$@"
	told "STEP[1] 501 5.5.4 cannot decode $xoauth2 (xoauth2)" \
	    'auth = XOAUTH2' "$@"
done

done_testing
