#!/bin/sh
# SPDX-License-Identifier: ISC
# Whom system mail is meant for: every way of saying root leads to who reads it,
# and nobody else does.
. "${0%/*}/lib.sh"

conf()
{
	conf_write -user -password 'tls = off' "$@"
}

# leads CLAIM WANT RECIPIENT...: RCPT of what the smarthost gets for them
leads()
{
	claim=$1 want=$2
	shift 2
	rm -f "$T"/smarthost/*
	run "$SENDMAIL" -f joe@y.example "$@" <"$T/in"
	is "$(sed -n 's/^RCPT TO:<\([^>]*\)>.*/\1/p' "$T"/smarthost/*.env |
	    paste -sd ' ')" "$want" "$claim"
}

touch "$T/ca.pem"
smarthost_start -a -t none
printf 'From: joe@y.example\n\nhello\n' >"$T/in"

# As Debian installs it, and as people change it
cat >/etc/aliases <<'END_OF_FILE'
# See man 5 aliases for format
mailer-daemon: postmaster
postmaster:    root
nobody: root
hostmaster: root
webmaster: root
www: root
abuse: root
"Big Boss": boss@y.example
logs:	"|/usr/bin/logger -t mail, -p info",
	/var/log/mail,
	:include:/etc/readers, Ann <ann@y.example> ,
	# no comment, but no address either
	bob
devnull: /dev/null
me: \me, copy@y.example
team: ann@y.example, Bob, "c, d"@y.example (him), list: e@y.example;
loop: pool
pool: loop
root: Admin <admin@y.example>
END_OF_FILE
sed -i '/no comment, but/d' /etc/aliases
conf '[sender]' 'domain = x.example'

for name in root ROOT root@localhost root@LOCALHOST root@localhost.localdomain \
    root@web1 root@web1.example.org '\root' '<root>' 'root (him)' \
    '"root"@localhost' postmaster MAILER-DAEMON@web1 nobody@localhost; do
	leads "$name" admin@y.example "$name"
done
leads "a name in quotes" boss@y.example '"big boss"'
leads "programs, files and includes are passed over" \
    'ann@y.example bob@x.example' logs
leads "a file alone is as no alias" devnull@x.example devnull
leads "a name that has itself and a copy" 'me@x.example copy@y.example' me
leads "a list of all kinds" \
    'ann@y.example Bob@x.example "c, d"@y.example e@y.example' team
leads "a circle ends" loop@x.example loop
leads "who stands twice gets it once" 'ann@y.example admin@y.example' \
    root ann@y.example postmaster root@web1
leads "another host's root is its own" root@db7.y.example root@db7.y.example
leads "so is the domain's" root@x.example root@x.example

# [aliases] come first, and * is the last resort
conf '[sender]' 'domain = x.example' '[aliases]' 'root = ops@y.example' \
    'www-data = root, web@y.example' '* = rest@y.example'
leads "[aliases] come before the file" ops@y.example root
leads "the file leads on to [aliases]" ops@y.example postmaster
leads "an alias behind an alias" 'web@y.example ops@y.example' www-data
leads "any other name" rest@y.example ann
leads "with * a name that maps to itself is its own" \
    'me@x.example copy@y.example' me
leads "and an address from elsewhere is left alone" ann@z.example ann@z.example

# A container: the volume outlives it
hostname 3f2a41c0d2ab
run "$SENDMAIL" -odq -f www-data@3f2a41c0d2ab www-data@3f2a41c0d2ab <"$T/in"
hostname web1
rm -f "$T"/smarthost/*
run "$SENDMAIL" -q
is "$(sed -n 's/^\(MAIL FROM\|RCPT TO\):\(<[^>]*>\).*/\2/p' "$T"/smarthost/*.env |
    paste -sd ' ')" \
    '<www-data@x.example> <web@y.example> <ops@y.example>' \
    "www-data@container-id, from another container"

# What cannot be read names its place
conf '[sender]' 'domain = x.example' '[recipients]' "aliases_file = $T/aliases"
echo 'root: Joe Doe' >"$T/aliases"
run "$SENDMAIL" -f joe@y.example root <"$T/in"
is "$rc $(queued)" "0 1" "an alias that is no list waits"
like "$("$MAILQ")" "alias 'root' leads to 'Joe Doe'.*$T/aliases" "and is named"
echo 'root: joe@y.example' >"$T/aliases"
rm -f "$T"/smarthost/*
run "$SENDMAIL" -q
is "$(queued) $(arrived)" "0 1" "until it is mended"

# A name that means nothing elsewhere completes none

conf
for name in localhost localhost.localdomain web1 'a b.example'; do
	echo "$name" >/etc/mailname
	leads "/etc/mailname is '$name': the name in full" \
	    joe@web1.example.org joe
done
echo mail.example.net >/etc/mailname
leads "/etc/mailname is in full" joe@mail.example.net joe
hostname web1.local
sed -i 's/web1.example.org/web1.local/' /etc/hosts
echo corp >/etc/mailname
leads "no name is in full" joe@corp joe
echo localhost >/etc/mailname
run "$SENDMAIL" -f joe@y.example joe <"$T/in"
is "$rc" 0 "localhost alone: it is taken"
like "$("$MAILQ")" 'set \[sender\] domain' "and waits until there is a domain"

done_testing
