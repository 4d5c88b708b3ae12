#!/bin/sh
# SPDX-License-Identifier: ISC
# Date, From and Message-ID are added once, whatever the passwd file and -F hold;
# what is there stays as it is.
. "${0%/*}/lib.sh"

# A message is stored, and read back from the queue: no configuration is needed.
mkdir "$T/empty"
touch "$T/empty/onehop.conf"
export XDG_CONFIG_HOME="$T/empty"

# stored HEADER [OPTION...]: what is kept of it, a field a line
stored()
{
	rm -rf "$HOME/.queue"
	printf '%b' "$1" >"$T/in"
	shift
	run "$SENDMAIL" -odq "$@" bob@y.example <"$T/in"
	"$MAILQ" -c ALL | tr -d '\r' | sed '1,/^\*\*\* MESS/d;/^\*\*\* MESS/d'
}

# adds CLAIM COUNT FIELD HEADER
adds()
{
	is "$(stored "$4" | grep -ci "^$3 *:")" "$2" "$1"
}

for field in Date From Message-ID; do
	adds "$field is added" 1 "$field" 'To: a@y.example\n\nhi\n'
	adds "$field is added to nothing" 1 "$field" ''
	adds "$field is added to a body alone" 1 "$field" 'no header\n'
	adds "$field is not doubled" 1 "$field" "$field: x@y.example\n\nhi\n"
	adds "$field in capitals is not" 1 "$field" \
	    "$(echo "$field" | tr a-z A-Z): x\n\nhi\n"
	adds "$field with a blank is not" 1 "$field" "$field : x\n\nhi\n"
	adds "$field that is empty is not" 1 "$field" "$field:\n\nhi\n"
	adds "$field, folded, is not" 1 "$field" "$field:\n  x\n\nhi\n"
done
for field in Resent-Date Resent-Message-ID; do
	adds "no $field without a need" 0 "$field" 'To: a@y.example\n\nhi\n'
	adds "$field is added" 1 "$field" 'Resent-To: a@y.example\n\nhi\n'
	adds "$field is not doubled" 1 "$field" \
	    "$field: x\nResent-To: a@y.example\n\nhi\n"
done
given='From : joe\nDATE:  x\nmessage-id:\n <i@x>\nSubject: x\n\nhi\n'
is "$(stored "$given")" "$(printf '%b' "$given")" \
    "what has all is kept octet for octet"

# Names

name()
{
	is "$(stored '\n' -f root "-F$2" | sed -n '/^From:/,/^[^ ]*-ID/p' |
	    sed '$d')" "From: $3" "$1"
}
name "a name" 'Joe Doe' 'Joe Doe <root>'
name "cron's" CronDaemon 'CronDaemon <root>'
name "a comma" 'Doe, Joe' '"Doe, Joe" <root>'
name "quotes and backslashes" 'Joe "X\" Doe' '"Joe \"X\\\" Doe" <root>'
name "an address" 'joe@y.example' '"joe@y.example" <root>'
name "angles" 'Joe <joe@y.example>' '"Joe <joe@y.example>" <root>'
name "a comment that is not closed" 'Joe (him' '"Joe (him" <root>'
name "a list" 'a@y.example, Joe' '"a@y.example, Joe" <root>'
name "a line end" "$(printf 'Joe\r\nBcc: eve@y.example')" \
    '"Joe Bcc: eve@y.example" <root>'
name "control characters" "$(printf 'J\001\033[1mo\177')" '"J [1mo" <root>'
name "UTF-8" 'Jörg Ünal' '=?UTF-8?Q?J=C3=B6rg_=C3=9Cnal?= <root>'
name "Latin-1" "$(printf 'J\366rg')" '=?UNKNOWN-8BIT?Q?J=F6rg?= <root>'
name "an encoded word that somebody made" '=?UTF-8?Q?x?=' \
    '=?UTF-8?Q?=3D=3FUTF-8=3FQ=3Fx=3F=3D?= <root>'
name "blanks alone" '   ' 'root'
long=$(printf 'Nnnnn %.0s' 1 2 3 4 5 6 7 8 9 10 11)
name "a long one" "$long${long}x" "${long% }
 ${long}x <root>"

# The full name in the passwd file

gecos()
{
	echo "root:x:0:0:$2:$T/home:/bin/sh" >/etc/passwd
	is "$(stored '\n' | sed -n 's/^From: //p')" "$3" "gecos: $1"
}
gecos "a name" 'Joe Doe,Room 1,555' 'Joe Doe <root>'
gecos "none" '' 'root'
gecos "commas alone" ',,,' 'root'
gecos "& is the login name" '& & Doe' 'Root Root Doe <root>'
gecos "quotes" 'Joe "X" <doe>' '"Joe \"X\" <doe>" <root>'
gecos "UTF-8" 'Jörg' '=?UTF-8?Q?J=C3=B6rg?= <root>'
gecos "an address" 'joe@y.example' '"joe@y.example" <root>'
is "$(stored '\n' -F '' | sed -n 's/^From: //p')" root "-F '' is no name"

# Where the Message-ID ends

id_of()
{
	stored "$@" | sed -n 's/^Message-ID: <[0-9A-F]\{16\}\.[0-9a-f]\{16\}@\(.*\)>$/\1/p'
}
is "$(id_of '\n')" web1.example.org "a short host name gets its domain from the resolver"
is "$(id_of '\n' -f ann@ann.example)" ann.example "the domain of the sender comes first"
is "$(id_of 'From: Joe <joe@joe.example>\n\n')" joe.example "or that of the author"
is "$(id_of 'From: joe@x, a b\n\n')" web1.example.org "not of one who cannot be read"
is "$(id_of '\n' -f ann@web1)" web1.example.org "nor one that is bare"
is "$(id_of '\n' -f 'ann@[192.0.2.1]')" web1.example.org "nor one that is no name"
echo mail.example.net >/etc/mailname
is "$(id_of '\n' -f ann@ann.example)" mail.example.net "/etc/mailname comes before them"
hostname web2.example.com
is "$(id_of '\n')" web2.example.com "and a full host name before that"
echo web1 >/etc/mailname
hostname 3f2a41c0d2ab
is "$(id_of 'From: shop@shop.example\n\n' -f www-data)" shop.example \
    "in a container it is the author's"
is "$(id_of '\n')" 3f2a41c0d2ab "or what there is"
hostname web1.local
is "$(id_of '\n' -f ann@ann.example)" ann.example "a name that means nothing elsewhere is none"
ids=$(for i in 1 2 3; do stored '\n' | grep '^Message-ID'; done)
is "$(printf '%s\n' "$ids" | sort -u | grep -c .)" 3 "no two are the same"

done_testing
