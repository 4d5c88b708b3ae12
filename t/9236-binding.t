#!/bin/sh
# SPDX-License-Identifier: ISC
# SCRAM with -PLUS ties the login to the TLS beneath it (RFC 9266): who stands in
# between, with whatever certificate, gets neither login nor mail.
. "${0%/*}/lib.sh"
. "$TOP/t/letter.sh"

ca_make
all='PLAIN LOGIN SCRAM-SHA-1 SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-256-PLUS'

mechanisms()
{
	seen | sed -n 's/^C: AUTH \([A-Z0-9-]*\).*/\1/p' | tr '\n' ' '
}

# The GS2 header of the first word: p=tls-exporter, or n
flag()
{
	transcript | sed -n 's/^C: AUTH [^ ]* //p' | base64 -d | cut -d, -f1
}

# goes_by MECHANISM DESCRIPTION
goes_by()
{
	goes "$2"
	is "$(mechanisms)" "$1 " "$2: by $1"
}

# stays DESCRIPTION PATTERN: as waits, and no mail was begun
stays()
{
	waits "$@"
	unlike "$(seen)" '^C: (MAIL|DATA)' "$1: no mail"
}

conf_write
for tls in starttls implicit; do
	restart -t $tls -m "$all"
	conf_write "tls = $tls"
	goes_by SCRAM-SHA-256-PLUS "$tls, all is offered"
	is "$(flag)" 'p=tls-exporter' "$tls: tied to the connection"
done
restart -m "PLAIN SCRAM-SHA-256 SCRAM-SHA-1-PLUS"
conf_write
goes_by SCRAM-SHA-1-PLUS "SCRAM-SHA-1-PLUS beside SCRAM-SHA-256"
is "$(flag)" 'p=tls-exporter' "SCRAM-SHA-1-PLUS: tied to the connection"
restart -m "$all"
for name in SCRAM-SHA-256 SCRAM-SHA-1-PLUS SCRAM-SHA-256-PLUS PLAIN; do
	conf_write "auth = $name"
	goes_by $name "auth = $name"
	like "$(cat "$T/log")" "auth=$name, status=sent" "auth = $name: in the log"
done
conf_write 'password = wrong'
stays "a wrong password" 'see user and password.*535 5\.7\.8'
is "$(mechanisms)" 'SCRAM-SHA-256-PLUS ' "a wrong password: tried once"
conf_write
rules 'AUTH *-PLUS 504 5.5.4 no'
goes_by 'SCRAM-SHA-256-PLUS SCRAM-SHA-1-PLUS SCRAM-SHA-256' "-PLUS in name only"
rules 'STEP[2] 235 come in'
stays "235 in place of the proof" 'without proof'
rules 'STEP[1] 334 cj14LHM9eCxpPTE=' 'STEP[2] 501 cancelled'
stays "another's nonce" "'SCRAM-SHA-256-PLUS'"

# One who ends TLS has another binding on either side.
restart -m "$all" -b "$(head -c 32 /dev/zero | base64)"
conf_write
stays "somebody in between" 'see user and password; auth, if a proxy ends TLS'
is "$(mechanisms)" 'SCRAM-SHA-256-PLUS ' "somebody in between: nothing weaker"

# Below TLS 1.3 what ties is not the same for all.
restart -m "$all" -v 1.2
conf_write
goes_by SCRAM-SHA-256 "TLS 1.2"
is "$(flag)" n "TLS 1.2: not tied"
conf_write 'auth = SCRAM-SHA-256-PLUS'
stays "TLS 1.2, nothing but -PLUS" '-PLUS\): check auth'
restart -t none -m "$all"
conf_write 'tls = off'
goes_by SCRAM-SHA-256 "in clear, on this machine"
restart -m 'PLAIN SCRAM-SHA-256'
conf_write 'auth = SCRAM-SHA-256-PLUS'
stays "-PLUS and nothing else, and not offered" \
    '\(PLAIN SCRAM-SHA-256\): check auth'
for iterations in 4095 1000001; do
	restart -m "$all" -I $iterations
	conf_write
	stays "$iterations iterations" 'fewer than 4096 or more than 1000000'
done

done_testing
