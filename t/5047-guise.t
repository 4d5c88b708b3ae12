#!/bin/sh
# SPDX-License-Identifier: ISC
# The header as the smarthost sees it: names of this host have a domain, and
# with `address' the author is one who may send.  What need not change does not.
. "${0%/*}/lib.sh"

conf()
{
	conf_write -user -password 'tls = off' "$@"
}

# sees CLAIM GIVEN WANT: fields that were given, and as they arrive; | is a line
# end.  MORE are options.
sees()
{
	rm -f "$T"/smarthost/*
	printf '%s|Date: d|Message-ID: <i@x>||hello|' "$2" | tr '|' '\n' \
	    >"$T/in"
	run "$SENDMAIL" -i ${MORE:--f joe@y.example} bob@y.example <"$T/in"
	got=$(tr -d '\r' <"$(echo "$T"/smarthost/*.msg)" | tr '\n' '|')
	is "${got%|Date: d|Message-ID: <i@x>||hello|}" "$3" "$1"
}

# stays CLAIM GIVEN
stays()
{
	sees "$1" "$2" "$2"
}

mail_from()
{
	sed -n 's/^MAIL FROM:\(<[^>]*>\).*/\1/p' "$T"/smarthost/*.env
}

touch "$T/ca.pem"
smarthost_start -a -t none

# Names get a domain

conf '[sender]' 'domain = x.example'

sees "a bare name" 'From: root' 'From: root@x.example'
sees "Debian's cron" 'From: root (Cron Daemon)|To: joe' \
    'From: root@x.example (Cron Daemon)|To: joe@x.example'
sees "cronie" 'From: "(Cron Daemon)" <joe>|To: joe' \
    'From: "(Cron Daemon)" <joe@x.example>|To: joe@x.example'
sees "anacron" 'From: Anacron <root>' 'From: Anacron <root@x.example>'
sees "systemd-cron" 'From: root (systemd-cron)' \
    'From: root@x.example (systemd-cron)'
sees "sudo" 'To: root|From: ann' 'To: root@x.example|From: ann@x.example'
sees "mdadm" 'From: mdadm monitoring <root@web1>|To: root' \
    'From: mdadm monitoring <root@x.example>|To: root@x.example'
sees "logwatch" 'To: root|From: logwatch@web1.example.org' \
    'To: root@x.example|From: logwatch@x.example'
sees "unattended-upgrades" 'From: root|To: root' \
    'From: root@x.example|To: root@x.example'
sees "smartd" 'From: root@localhost|To: root@localhost' \
    'From: root@x.example|To: root@x.example'
sees "fail2ban" 'From: Fail2Ban <fail2ban>|To: root' \
    'From: Fail2Ban <fail2ban@x.example>|To: root@x.example'
sees "this host, in capitals" 'From: root@WEB1' 'From: root@x.example'
sees "without a blank" 'From:root' 'From:root@x.example'
sees "with blanks" "From :	root  " "From :	root@x.example  "
sees "in capitals" 'FROM: root' 'FROM: root@x.example'
sees "all who may be named" \
    'From: a|Sender: b|Reply-To: c|To: d|Cc: e|Resent-From: f|Resent-Sender: g|Resent-Reply-To: h|Resent-To: i|Resent-Cc: j|Resent-Date: d|Resent-Message-ID: <i@x>' \
    'From: a@x.example|Sender: b@x.example|Reply-To: c@x.example|To: d@x.example|Cc: e@x.example|Resent-From: f@x.example|Resent-Sender: g@x.example|Resent-Reply-To: h@x.example|Resent-To: i@x.example|Resent-Cc: j@x.example|Resent-Date: d|Resent-Message-ID: <i@x>'
stays "nobody else" 'From: a@y.example|Subject: root|Errors-To: root|X-To: root'
sees "fields that come twice" 'From: a@y.example|To: b|To: c' \
    'From: a@y.example|To: b@x.example|To: c@x.example'
sees "several authors" 'From: root, ann@y.example, Bob <bob>' \
    'From: root@x.example, ann@y.example, Bob <bob@x.example>'
sees "a list, folded" \
    'From: a@y.example|To: ann@y.example,|	bob,| "Joe, D." <joe> , cy@y.example' \
    'From: a@y.example|To: ann@y.example,|	bob@x.example,| "Joe, D." <joe@x.example> , cy@y.example'
sees "a group" 'From: a@y.example|Cc: team: bob, "c d" <cy>,, ann@y.example;, e' \
    'From: a@y.example|Cc: team: bob@x.example, "c d" <cy@x.example>,, ann@y.example;, e@x.example'
sees "comments" 'From: a@y.example|To: (one) bob (two), (three) joe(four) @ (five) web1 (six)' \
    'From: a@y.example|To: (one) bob@x.example (two), (three) joe(four) @ (five) x.example (six)'
sees "quotes" 'From: a@y.example|To: "bob", "c d", "e@f"@localhost, "g"@web1' \
    'From: a@y.example|To: "bob"@x.example, "c d"@x.example, "e@f"@x.example, "g"@x.example'
sees "a quoted name with a backslash" 'From: a@y.example|To: "a\ b" <bob>' \
    'From: a@y.example|To: "a\ b" <bob@x.example>'
sees "old forms" 'From: a@y.example|To: <@a.example,@b.example:bob@web1>, \joe,| joe . doe, ann@localhost.' \
    'From: a@y.example|To: <@a.example,@b.example:bob@x.example>, joe@x.example,| joe . doe@x.example, ann@x.example'
sees "encoded words" 'From: =?UTF-8?Q?J=C3=B6?= <joe>' \
    'From: =?UTF-8?Q?J=C3=B6?= <joe@x.example>'
stays "empty fields" 'From: a@y.example|To:|Cc: |Reply-To: undisclosed-recipients:;'
stays "a host without a dot that is not this one" 'From: root@db7|To: joe@intranet'
stays "what cannot be read" \
    'From: root, a b|To: root, <bob|Cc: root@|Reply-To: root> joe|Sender: ro ot'
stays "an address that is whole" 'From: "Joe" <joe@y.example> (him)'
long=$(printf '%0200d' 0)
stays "a long line that is somebody's own" "From: a@y.example|To: $long@y.example, b@y.example"
sees "a line that grows too long is broken" \
    'From: a@y.example|To: aaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbb, "Cccc Ccccc" <cccccccc>, ddd' \
    'From: a@y.example|To: aaaaaaaaaaaaaaaaaa@x.example, bbbbbbbbbbbbbbbbbb@x.example, "Cccc Ccccc"| <cccccccc@x.example>, ddd@x.example'
sees "not within a quoted pair, nor at the start of a line" \
    'From: a@y.example|To: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\ "<cccccccc>,|  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"<cccccccc>' \
    'From: a@y.example|To:| "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\ "<cccccccc@x.example>,|  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"<cccccccc@x.example>'

# An author who may send

conf '[sender]' 'domain = x.example' 'address = no@z.example'
MORE=-t
sees "Debian's cron" 'From: root (Cron Daemon)|To: joe' \
    'From: Cron Daemon <no@z.example>|X-Original-From: root (Cron Daemon)|To: joe@x.example'
is "$(mail_from)" '<no@z.example>' "and so is its envelope sender"
MORE='-f root'
sees "cronie" 'From: "(Cron Daemon)" <root>' \
    'From: "(Cron Daemon)" <no@z.example>|X-Original-From: "(Cron Daemon)" <root>'
is "$(mail_from)" '<no@z.example>' "and its envelope sender"
MORE=-t
sees "root" 'From: root' 'From: root on web1 <no@z.example>|X-Original-From: root'
sees "root@localhost" 'From: root@localhost' \
    'From: root on web1 <no@z.example>|X-Original-From: root@localhost'
sees "root@this-host" 'From: root@web1.example.org' \
    'From: root on web1 <no@z.example>|X-Original-From: root@web1.example.org'
sees "www-data@container-id" 'From: www-data <www-data@3f2a41c0d2ab>' \
    'From: www-data <no@z.example>|X-Original-From: www-data <www-data@3f2a41c0d2ab>'
sees "www-data@container-id alone" 'From: www-data@3f2a41c0d2ab' \
    'From: www-data on 3f2a41c0d2ab <no@z.example>|X-Original-From: www-data@3f2a41c0d2ab'
sees "nobody at all" 'To: ann@y.example' \
    'To: ann@y.example|Date: d|Message-ID: <i@x>|From: root <no@z.example>|X-Original-From: root <root>||hello|'
unset MORE
stays "an author from elsewhere" 'From: Joe <joe@y.example>'
is "$(mail_from)" '<joe@y.example>' "and his envelope sender"
MORE='-f root'
stays "each is judged by itself" 'From: Joe <joe@y.example>'
is "$(mail_from)" '<no@z.example>' "the envelope sender, too"
unset MORE
sees "and the other way round" 'From: root' \
    'From: root on web1 <no@z.example>|X-Original-From: root'
is "$(mail_from)" '<joe@y.example>' "the envelope sender stays"
sees "a name is kept as it was written" 'From:  "Dr. J. \"X\""| =?UTF-8?Q?J=C3=B6?= <root@web1> (him)' \
    'From:  "Dr. J. \"X\""| =?UTF-8?Q?J=C3=B6?= <no@z.example> (him)|X-Original-From:  "Dr. J. \"X\""| =?UTF-8?Q?J=C3=B6?= <root@web1> (him)'
sees "a name with dots" 'From: J. Doe <root>' \
    'From: J. Doe <no@z.example>|X-Original-From: J. Doe <root>'
sees "a comment that needs quotes" 'From: root (Cron, at night)' \
    'From: "Cron, at night" <no@z.example>|X-Original-From: root (Cron, at night)'
sees "a comment with encoded words" 'From: root (=?UTF-8?Q?J=C3=B6?=)' \
    'From: no@z.example (=?UTF-8?Q?J=C3=B6?=)|X-Original-From: root (=?UTF-8?Q?J=C3=B6?=)'
sees "a name behind a route" 'From: Joe <@a.example:root@web1>' \
    'From: Joe <no@z.example>|X-Original-From: Joe <@a.example:root@web1>'
sees "angles without a name" 'From: <root@web1>' \
    'From: root on web1 <no@z.example>|X-Original-From: <root@web1>'
sees "a quoted local part" 'From: "a b"@web1' \
    'From: "\"a b\" on web1" <no@z.example>|X-Original-From: "a b"@web1'
sees "one of several authors is of this host" 'From: Joe <joe@y.example>, root' \
    'From: Joe <no@z.example>|X-Original-From: Joe <joe@y.example>, root'
sees "a group" 'From: cron: root, joe;' \
    'From: root on web1 <no@z.example>|X-Original-From: cron: root, joe;'
sees "an empty one" 'From: ' 'From: "joe on y.example" <no@z.example>'
sees "a name that says nothing" 'From: "" <root>' \
    'From: root on web1 <no@z.example>|X-Original-From: "" <root>'
sees "nobody in it" 'From: <>' 'From: "joe on y.example" <no@z.example>|X-Original-From: <>'
sees "no address" 'From: Cron Daemon' \
    'From: "joe on y.example" <no@z.example>|X-Original-From: Cron Daemon'
MORE='-f <>'
sees "no address, from nobody" 'From: Cron Daemon' \
    'From: no@z.example|X-Original-From: Cron Daemon'
is "$(mail_from)" '<>' "whose sender is nobody still"
unset MORE
stays "what cannot be read, with an @" 'From: Joe @ home <joe@y.example>'
stays "the address itself" 'From: Us <No@Z.example>'
sees "an X-Original-From that is there stays" 'X-Original-From: ann|From: root' \
    'X-Original-From: ann|From: root on web1 <no@z.example>'
sees "a From that comes twice" 'From: root|From: ann' \
    'From: root on web1 <no@z.example>|X-Original-From: root|From: ann on web1 <no@z.example>'
sees "Sender and Reply-To get a domain" 'From: root|Sender: cron|Reply-To: ann' \
    'From: root on web1 <no@z.example>|X-Original-From: root|Sender: cron@x.example|Reply-To: ann@x.example'
name=$(printf 'Nnnn %.0s' 1 2 3 4 5 6 7 8 9 10 11 12)
sees "what we write is folded" "From: root ($name)" \
    "From: ${name% }| <no@z.example>|X-Original-From:| root ($name)"
sees "not where there is no blank" "From:root ($name)" \
    "From: ${name% }| <no@z.example>|X-Original-From:root ($name)"
sees "8-bit names" "From: root (J$(printf '\303\266')rg)" \
    "From: =?UTF-8?Q?J=C3=B6rg?= <no@z.example>|X-Original-From: root (J$(printf '\303\266')rg)"

conf '[sender]' 'domain = x.example' 'address = no@z.example' 'rewrite = all'
sees "all: an author from elsewhere" 'From: "Joe D." <joe@y.example>' \
    'From: "Joe D." <no@z.example>|X-Original-From: "Joe D." <joe@y.example>|Reply-To: "Joe D." <joe@y.example>'
is "$(mail_from)" '<no@z.example>' "all: and his envelope sender"
sees "all: without a name" 'From: joe@y.example' \
    'From: "joe on y.example" <no@z.example>|X-Original-From: joe@y.example|Reply-To: joe@y.example'
sees "all: a Reply-To that is there stays" 'From: joe@y.example|Reply-To: ann@y.example' \
    'From: "joe on y.example" <no@z.example>|X-Original-From: joe@y.example|Reply-To: ann@y.example'
sees "all: several authors" 'From: Joe <joe@y.example>, ann@y.example|Sender: joe@y.example' \
    'From: Joe <no@z.example>|X-Original-From: Joe <joe@y.example>, ann@y.example|Reply-To: Joe <joe@y.example>, ann@y.example|Sender: joe@y.example'
sees "all: one who gets no answers" 'From: joe@y.example, root' \
    'From: "joe on y.example" <no@z.example>|X-Original-From: joe@y.example, root'
sees "all: what cannot be read" 'From: Joe @ home <joe@y.example>' \
    'From: "joe on y.example" <no@z.example>|X-Original-From: Joe @ home <joe@y.example>'
sees "all: root" 'From: root' 'From: root on web1 <no@z.example>|X-Original-From: root'

conf '[sender]' 'domain = x.example' 'address = no@z.example' 'rewrite = never'
sees "never: root" 'From: root' 'From: root@x.example'

conf 'address = me@w.example' '[sender]' 'domain = x.example' 'address = no@z.example'
sees "what this smarthost lets us send as" 'From: root' \
    'From: root on web1 <me@w.example>|X-Original-From: root'

conf '[sender]' 'domain = x.example' 'address = root@web1.example.org'
stays "an address of this host stays" 'From: root@web1.example.org'

# And in the octets that the server takes

smarthost_stop
smarthost_start -a -t none -e 8BITMIME
conf '[sender]' 'domain = x.example' 'address = no@z.example'
sees "without SMTPUTF8 the original is encoded" \
    "From: root (J$(printf '\303\266')rg)|To: J$(printf '\303\266')rg <joe>" \
    'From: =?UTF-8?Q?J=C3=B6rg?= <no@z.example>|X-Original-From: root =?UTF-8?Q?=28J=C3=B6rg=29?=|To: =?UTF-8?Q?J=C3=B6rg?= <joe@x.example>'

hostname localhost
echo '127.0.0.1 localhost smarthost.test' >/etc/hosts
conf
stays "without a domain names stay bare" 'From: root|To: joe'

done_testing
