#!/bin/sh
# SPDX-License-Identifier: ISC
# A list of addresses means the same as a word and as a field: whom it names is
# on the wire, what cannot be read is 65 and goes to nobody.
. "${0%/*}/lib.sh"

conf_write '-user' '-password' 'tls = off' '[sender]' 'domain = x.example'
smarthost_start -a -t none
export T SENDMAIL

# The numbers are sections of RFC 5322, where not said otherwise.
perl "$TOP/t/table.pl" addresses <<'END'
# 3.4.1: addr-spec
a@y.example	to a@y.example
 a@y.example 	to a@y.example
first.last@y.example	to first.last@y.example
a+b=c@y.example	to a+b=c@y.example
!#$%&'*+-/=?^_`{|}~@y.example	to !#$%&'*+-/=?^_`{|}~@y.example
user%x@y.example	to user%x@y.example
x!y!user@y.example	to x!y!user@y.example
-f@y.example	to -f@y.example
--	to --@x.example
A.B@Y.Example	to A.B@Y.Example
a@sub.sub.y.example	to a@sub.sub.y.example
a@localdomain	to a@localdomain
a@under_score.y.example	to a@under_score.y.example
a@123.example	to a@123.example
a@x--y.example	to a@x--y.example
=?x?q?a?=@y.example	to =?x?q?a?=@y.example
# RFC 5321, 4.1.3: domain literals
a@[192.0.2.1]	to a@[192.0.2.1]
a@[IPv6:2001:db8::1]	to a@[IPv6:2001:db8::1]
a@[ 192.0.2.1 ]	to a@[192.0.2.1]
<a@[192.0.2.1]>, b@y.example	to a@[192.0.2.1] b@y.example
# Bare names, and those at this host
root	to root@x.example
root, joe	to root@x.example joe@x.example
<root>	to root@x.example
\\root	to root@x.example
\\joe@y.example	to joe@y.example
<\\joe@y.example>	to joe@y.example
# 3.4: lists, 4.4: with nothing between commas
a@y.example,b@z.example	to a@y.example b@z.example
a@y.example, b@z.example	to a@y.example b@z.example
a@y.example ,b@z.example	to a@y.example b@z.example
a@y.example,	to a@y.example
,a@y.example	to a@y.example
a@y.example,, ,b@z.example,	to a@y.example b@z.example
<a@y.example>,<b@z.example>	to a@y.example b@z.example
# Each once: the domain without case, the local part with it (RFC 5321, 2.4)
a@y.example, a@y.example	to a@y.example
a@y.example, a@Y.EXAMPLE	to a@y.example
a@y.example, A@y.example	to a@y.example A@y.example
"a"@y.example, a@y.example	to a@y.example
a@y.example, Ann <a@y.example>	to a@y.example
# 3.4: name-addr
<a@y.example>	to a@y.example
< a@y.example >	to a@y.example
Joe <a@y.example>	to a@y.example
Joe<a@y.example>	to a@y.example
Joe Doe <a@y.example>, Bob <b@z.example>	to a@y.example b@z.example
"Joe Doe" <a@y.example>	to a@y.example
"Doe, Joe" <a@y.example>	to a@y.example
"Joe \\"X\\" Doe" <a@y.example>	to a@y.example
"b@z.example" <a@y.example>	to a@y.example
"<b@z.example>" <a@y.example>	to a@y.example
"Joe" Doe <a@y.example>	to a@y.example
'Joe Doe' <a@y.example>	to a@y.example
"" <a@y.example>	to a@y.example
# 4.1: dots in a phrase
Joe Q. Public <a@y.example>	to a@y.example
J.R. Doe <a@y.example>	to a@y.example
.NET Team <a@y.example>	to a@y.example
# 3.2.2: comments and folding
a@y.example (Joe Doe)	to a@y.example
(Joe) a@y.example	to a@y.example
a@y.example (Joe), b@z.example (Bob)	to a@y.example b@z.example
a@y.example (b@z.example)	to a@y.example
a@y.example (Joe, c@z.example)	to a@y.example
a@y.example (Joe (the \\) second))	to a@y.example
a@y.example ((((x))))	to a@y.example
Joe (the first) Doe <a@y.example>	to a@y.example
Joe <a@y.example> (at home)	to a@y.example
a(1)@(2)y(3).(4)example(5)	to a@y.example
<(1)a(2)@(3)y.example(4)>	to a@y.example
(only a comment)	64	err no recipients
a@y.example (J\xf6rg)	to a@y.example
# 4.4: blanks about dots and at signs
a . b @ y . example	to a.b@y.example
a@y.example.	to a@y.example
<a@y.example.>	to a@y.example
field:a@y.example,\n b@z.example	to a@y.example b@z.example
field:a@y.example\r\n ,\r\n\tb@z.example	to a@y.example b@z.example
field:Joe\n Doe\n <a@y.example>	to a@y.example
field:"Joe\n Doe" <a@y.example>	to a@y.example
field:a\n .b@y\n .example	to a.b@y.example
field:a@y.example (Joe\n Doe)	to a@y.example
field:\n a@y.example	to a@y.example
field:\n\t\n a@y.example	to a@y.example
# 3.2.4: quoted local parts keep their quotes where they need them
"joe"@y.example	to joe@y.example
"joe"	to joe@x.example
"j.d"@y.example	to j.d@y.example
"j".d@y.example	to j.d@y.example
"j\\oe"@y.example	to joe@y.example
"a b"@y.example	to "a b"@y.example
"a\\ b"@y.example	to "a b"@y.example
<"a b"@y.example>	to "a b"@y.example
"a b".c@y.example	to "a b.c"@y.example
"a\\"b"@y.example	to "a\\"b"@y.example
"a\\\\b"@y.example	to "a\\\\b"@y.example
"a@b"@y.example	to "a@b"@y.example
"a@b"	to "a@b"@x.example
"a,b"@y.example	to "a,b"@y.example
"a;b:c"@y.example	to "a;b:c"@y.example
"a..b"@y.example	to "a..b"@y.example
".a"@y.example	to ".a"@y.example
"a."@y.example	to "a."@y.example
"(a)"@y.example	to "(a)"@y.example
""@y.example	to ""@y.example
field:"a\n b"@y.example	to "a b"@y.example
# RFC 6532, 3.2
j\xc3\xb6rg@y.example	to j\xc3\xb6rg@y.example	mail SMTPUTF8
J\xc3\xb6rg <a@y.example>	to a@y.example
J\xf6rg <a@y.example>	to a@y.example
"D\xc3\xb6e, J\xc3\xb6rg" <a@y.example>	to a@y.example
\xf0\x9f\x98\x80@y.example	to \xf0\x9f\x98\x80@y.example
# RFC 2047, 5: text like any other
=?UTF-8?Q?J=C3=B6rg?= <a@y.example>	to a@y.example
=?x?q?=3Cb=40z.example=3E?= <a@y.example>	to a@y.example
=?x?q?=2C_b=40z.example=2C?= <a@y.example>	to a@y.example
=?UTF-8?B?Yg==?= =?UTF-8?B?Yg==?= <a@y.example>	to a@y.example
"=?UTF-8?Q?J=C3=B6rg?=" <a@y.example>	to a@y.example
# 4.4: routes
<@a.example:c@y.example>	to c@y.example
<@a.example,@b.example:c@y.example>	to c@y.example
Joe <@a.example,@b.example:c@y.example>	to c@y.example
<@a.example , , @b.example : c@y.example>	to c@y.example
# 3.4: groups
undisclosed-recipients:;	64	err no recipients
undisclosed-recipients: ;, a@y.example	to a@y.example
Undisclosed recipients:;, a@y.example	to a@y.example
a@y.example, unlisted:; (no To-header on input)	to a@y.example
team: a@y.example;	to a@y.example
team: a@y.example, b@z.example;	to a@y.example b@z.example
team: Joe <a@y.example>,, bob;, c@z.example	to a@y.example bob@x.example c@z.example
a@y.example, team: b@z.example;	to a@y.example b@z.example
"my team": a@y.example;	to a@y.example
the old team (of 1999): a@y.example;	to a@y.example
team: a@y.example;, other: b@z.example;	to a@y.example b@z.example
team:,;, a@y.example	to a@y.example
field:team:\n a@y.example,\n b@z.example;	to a@y.example b@z.example
# Nobody at all
field:	64	err no recipients
word:	64	err no recipients
,	64	err no recipients
 , ,, 	64	err no recipients
# What was opened is not closed
"a	65	err a quote is not closed at octet
a@y.example, "b\\"	65	err a quote is not closed
"Joe <a@y.example>	65	err a quote is not closed
(a	65	err a comment is not closed
a@y.example (b (c)	65	err a comment is not closed
a@[1.2.3.4	65	err a bracket is not closed
<a@y.example	65	err the list ends too early
a@y.example, <b@z.example	65	err the list ends too early
team: a@y.example	65	err a group is not closed
mailto:a@y.example	65	err a group is not closed
# Two where there should be a comma
a@y.example b@z.example	65	err two addresses without a comma
a@y.example <b@z.example>	65	err stray '<'
a b	65	err a name without an address
Joe Doe, a@y.example	65	err a name without an address
<a@y.example><b@z.example>	65	err text after '>'
<a@y.example> b@z.example	65	err text after '>'
Joe <a@y.example> Doe	65	err text after '>'
<a@y.example>@z.example	65	err text after '>'
a@y.example; b@z.example	65	err stray ';'
team: a@y.example; b@z.example	65	err text after a group
team: other: a@y.example;;	65	err a group within a group
field:a@y.example\n b@z.example	65	err two addresses without a comma
# No domain that was not written
a@b@y.example	65	err stray '@'
<a@b@y.example>	65	err stray '@'
a@y.example@z.example, b@y.example	65	err stray '@'
a@b.@y.example	65	err stray '@'
a@	65	err not a domain
a@, b@y.example	65	err not a domain
a@.y.example	65	err not a domain
a@y..example	65	err stray '.'
a@y.example..	65	err stray '.'
a@y!z	65	err not a domain
a@y/z	65	err not a domain
'a@y.example'	65	err not a domain
a@"y.example"	65	err not a domain
a@[]	65	err not a domain
a@[1.2.3.4].y	65	err stray '.'
a@[1.2.3.4>]	65	err not a domain
a@y_[1]	65	err two addresses without a comma
@y.example	65	err stray '@'
<@y.example>	65	err stray '>'
<@y.example:>	65	err an empty address
<@a.example,@b.example c@y.example>	65	err two addresses without a comma
# No local part
.a@y.example	65	err no local part
a.@y.example	65	err no local part
a..b@y.example	65	err no local part
a b@y.example	65	err no local part
"a"b@y.example	65	err no local part
a.	65	err a name without an address
<>	65	err an empty address
a@y.example, <>	65	err an empty address
Joe <>	65	err an empty address
""	65	err an empty address
=?UTF-8?Q?Doe,_Joe?= <a@y.example>	65	err half an encoded word
# Signs that belong elsewhere
a@y.example>	65	err stray '>'
<<a@y.example>>	65	err stray '<'
a@y.example)	65	err stray '\)'
a@y.example]	65	err stray '\]'
a\\b@y.example	65	err stray '.'
\\	65	err the list ends too early
:;	65	err stray ':'
;	65	err stray ';'
word:-	65	err an option without its letter
# Programs and files are no mailboxes
|prog	65	err no mail to a program
"|prog arg"	65	err no mail to a program
a@y.example, |prog	65	err no mail to a program
/var/mail/joe	65	err no mail to a file
"/a b"@y.example	65	err no mail to a file
":include:/etc/passwd"	65	err no mail to an :include:
:include:/etc/passwd	65	err stray ':'
# Control characters, and what is no UTF-8 (RFC 3629)
a\x01b@y.example	65	err a control character
a\x7fb@y.example	65	err a control character
\x1b[2J	65	err a control character
"a\x08b"@y.example	65	err a control character
"a\tb"@y.example	65	err a control character
a@y.example\x0bb	65	err a control character
j\xf6rg@y.example	65	err no UTF-8
a@j\xf6rg.example	65	err no UTF-8
\xc0\xaf@y.example	65	err no UTF-8
\xed\xa0\x80@y.example	65	err no UTF-8
\xc3@y.example	65	err no UTF-8
word:a@y.example\nb@z.example	65	err a line end
word:a@y.example\r\nRCPT TO:<b@z.example>	65	err a line end
word:a@y.example,\n b@z.example	65	err a line end
field:"a\r b"@y.example	to "a  b"@y.example
field:a@y.example\rDATA	65	err two addresses without a comma
END
