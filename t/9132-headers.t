#!/bin/sh
# SPDX-License-Identifier: ISC
# A header says who gets a message, loses what must not leave, gains what it
# lacks, and stays as it was otherwise; a body stays as it was.
. "${0%/*}/lib.sh"

conf_write '-user' '-password' 'tls = off' '[sender]' 'domain = x.example'
smarthost_start -a -t none
export T SENDMAIL

# % stands for what every header needs, so that nothing is added.
perl -pe 's/%/From: joe\@x.example\\nDate: now\\nMessage-ID: <1\@x>\\n/;
    s/\tF /\t-f joe\@x.example /' >"$T/table" <<'END'
# Whom -t sends to
To: a@y.example\n\nx\n	-ti	to a@y.example
Cc: a@y.example\n\nx\n	-ti	to a@y.example
Bcc: a@y.example\n\nx\n	-ti	to a@y.example
Bcc: c@y.example\nCc: b@y.example\nTo: a@y.example\n\nx\n	-ti	to c@y.example b@y.example a@y.example
tO: a@y.example\nCC: b@y.example\nbCC: c@y.example\n\nx\n	-ti	to a@y.example b@y.example c@y.example
To : a@y.example\nCc\t: b@y.example\nBcc \t : c@y.example\n\nx\n	-ti	to a@y.example b@y.example c@y.example
To:a@y.example\n\nx\n	-ti	to a@y.example
To: a@y.example\nTo: b@y.example\nTo: a@y.example\n\nx\n	-ti	to a@y.example b@y.example
To: a@y.example,\n b@y.example,\n\tc@y.example\n\nx\n	-ti	to a@y.example b@y.example c@y.example
To: a@y.example,\r\n b@y.example\r\n\r\nx\r\n	-ti	to a@y.example b@y.example
To:\n a@y.example\n\nx\n	-ti	to a@y.example
To: a@y.example,\n \n b@y.example\n\nx\n	-ti	to a@y.example b@y.example
To:\nBcc: a@y.example\n\nx\n	-ti	to a@y.example
To:   \nCc: a@y.example\n\nx\n	-ti	to a@y.example
To: undisclosed-recipients:;\nBcc: a@y.example\n\nx\n	-ti	to a@y.example
To: a@y.example	-ti	to a@y.example
To: a@y.example\n	-ti	to a@y.example
Apparently-To: a@y.example\n\nx\n	-ti	64	err no recipients
Subject: x\n\nTo: a@y.example\n	-ti	64	err no recipients
To:\n\nx\n	-ti	64	err no recipients
X-To: a@y.example\nToo: b@y.example\n\nx\n	-ti	64	err no recipients
	-ti	64	err no recipients
To: a@y.example\n\nx\n	-ti b@y.example	to b@y.example a@y.example
To: a@y.example\n\nx\n	-ti A@y.example a@Y.example	to A@y.example a@Y.example
To: a@y.example\n\nx\n	-i b@y.example	to b@y.example
To: a@y.example, <b@y.example\n\nx\n	-i b@y.example	to b@y.example
To: a@y.example\nCc: b@y.example c@y.example\n\nx\n	-ti	65	err recipients in 'Cc'
To: a@y.example\nbCC : b@\n\nx\n	-ti	65	err recipients in 'bCC'
From: (\nReply-To: <\nTo: a@y.example\n\nx\n	-ti	to a@y.example
To: a@y.example, "b\nCc: c"@y.example\n\nx\n	-ti	65	err recipients in 'To'
# A resent message goes to whom it is resent to (RFC 5322, 3.6.6)
Resent-To: a@y.example\nTo: b@y.example\nBcc: c@y.example\n\nx\n	-ti	to a@y.example
Resent-Cc: a@y.example\nTo: b@y.example\n\nx\n	-ti	to a@y.example
Resent-Bcc: a@y.example\nTo: b@y.example\n\nx\n	-ti	to a@y.example	not (?i)^(?:resent-)?bcc
To: b@y.example\nresent-TO : a@y.example\n\nx\n	-ti	to a@y.example
Resent-To: a@y.example\nResent-To: b@y.example\nResent-Bcc: c@y.example\nTo: d@y.example\n\nx\n	-ti	to a@y.example b@y.example c@y.example
Resent-From: joe@x.example\nTo: b@y.example\n\nx\n	-ti	to b@y.example
Resent-To:\nTo: b@y.example\n\nx\n	-ti	64	err no recipients
Resent-To: a@y.example\nTo: b@\n\nx\n	-ti	to a@y.example
# What is removed, whoever named the recipients
%Bcc: b@y.example\nX: y\n\nx\n	-i a@y.example	has \AFrom: joe@x.example\nDate: now\nMessage-ID: <1@x>\nX: y\n\nx\n\z
Bcc: b@y.example\n%X: y\n\nx\n	-i a@y.example	to a@y.example	not b@y
%X: y\nBcc: b@y.example	-i a@y.example	to a@y.example	has X: y\n\n\z
%Bcc: b@y.example,\n c@y.example,\n\td@y.example\nX: y\n\nx\n	-ti	not [bcd]@y	has <1@x>\nX: y\n\nx\n\z
%bcC: b@y.example\nBcc : c@y.example\nBCC\t:\nX: y\n\nx\n	-i a@y.example	has <1@x>\nX: y\n\nx\n\z
%Bcc:\n b@y.example\nX: y\n\nx\n	-i a@y.example	not b@y
%Bcc: b@y.example c\nX: y\n\nx\n	-i a@y.example	not b@y
%Bcc: b@y.example\nX: y\n\nx\n	-iG a@y.example	not b@y	has \AFrom: joe@x.example\nDate: now\nMessage-ID: <1@x>\nX: y\n
%Return-Path: <b@y.example>\nContent-Length: 5\nX: y\n\nx\n	-i a@y.example	has <1@x>\nX: y\n\nx\n\z
%reTurn-path :\n <b@y.example>\ncontent-LENGTH:\n 5\nX: y\n\nx\n	-i a@y.example	has <1@x>\nX: y\n\nx\n\z
%X-Bcc: b\nBccc: c\nBc: d\n\nx\n	-i a@y.example	has X-Bcc: b\nBccc: c\nBc: d\n\n
%X: y\n\nBcc: b@y.example\nReturn-Path: c\n	-i a@y.example	body Bcc: b@y.example\nReturn-Path: c\n
%X: y\n Bcc: b@y.example\n\nx\n	-i a@y.example	has X: y\n Bcc: b@y.example\n
# What is added if it is missing, and only then
X: y\n\nx\n	F -i a@y.example	has \AX: y\nDate: .*\nFrom: .*<joe@x.example>\nMessage-ID: <.*@x.example>\n\nx\n\z
\nx\n	F -i a@y.example	has \ADate: .*\nFrom: .*<joe@x.example>\nMessage-ID: <.*>\n\nx\n\z
%X: y\n\nx\n	F -i a@y.example	has \AFrom: joe@x.example\nDate: now\nMessage-ID: <1@x>\nX: y\n\nx\n\z
Date: now\n\nx\n	F -i a@y.example	has ^Date: now\nFrom: .*\nMessage-ID: 	not (?s)Date: .*\nDate:
dAte : now\nMESSAGE-id : <2@x>\nfroM\t: joe@x.example\n\nx\n	F -i a@y.example	has \AdAte : now\nMESSAGE-id : <2@x>\nfroM\t: joe@x.example\n\nx
From:\n joe@x.example\nX: y\n\nx\n	F -i a@y.example	has \AFrom:\n joe@x.example\nX: y\nDate:	not (?s)From:.*\nFrom:
From: joe@x.example\nFrom: ann@x.example\nX: y\n\nx\n	F -i a@y.example	has \AFrom: joe@x.example\nFrom: ann@x.example\nX: y\nDate:
X: y\n\nx\n	F -iG a@y.example	has \AX: y\n\nx\n\z
x\n	F -iG a@y.example	has \A\nx\n\z
X: y\n\nx\n	F -i -F 'Joe Doe' a@y.example	has ^From: Joe Doe <joe@x.example>$
X: y\n\nx\n	F -i -F '' a@y.example	has ^From: joe@x.example$
X: y\n\nx\n	F -i -F 'Doe, "Joe"' a@y.example	has ^From: "Doe, \\"Joe\\"" <joe@x.example>$
X: y\n\nx\n	F -i -F Jörg a@y.example	has ^From: =\?UTF-8\?Q\?J=C3=B6rg\?= <joe@x.example>$
%X: y\n\nx\n	F -i -F 'Joe Doe' a@y.example	not Doe
Resent-From: joe@x.example\n%X: y\n\nx\n	F -i a@y.example	has \AResent-Date: .*\nResent-Message-ID: <.*>\nResent-From: joe@x.example\nFrom: joe@x
Resent-Date: then\n%X: y\n\nx\n	F -i a@y.example	has \AResent-Message-ID: <.*>\nResent-Date: then\nFrom:
Resent-Message-ID: <2@x>\nResent-Date : then\n%X: y\n\nx\n	F -i a@y.example	has \AResent-Message-ID: <2@x>\nResent-Date : then\nFrom:
Resent-From: joe@x.example\n%X: y\n\nx\n	F -iG a@y.example	has \AResent-From: joe@x.example\nFrom:
%Resent-Bcc: b@y.example\nX: y\n\nx\n	F -i a@y.example	not b@y	has \AResent-Date: .*\nResent-Message-ID:
# Where the header ends
%X: y\n\nx\n	-i a@y.example	body x\n
%\n\n\nx\n\n	-i a@y.example	body \n\nx\n\n
%X: y\nx\n	-i a@y.example	body x\n
%X: y\nno field\nTo: b@y.example\n\nx\n	-ti a@y.example	to a@y.example	body no field\nTo: b@y.example\n\nx\n
To: a@y.example\nno field\nCc: b@y.example\n\nx\n	-ti	to a@y.example
no field\nTo: b@y.example\n	-ti a@y.example	to a@y.example	body no field\nTo: b@y.example\n
 X: y\n\nx\n	-i a@y.example	body  X: y\n\nx\n
\tX: y\n	-i a@y.example	body \tX: y\n
: y\nX: y\n	-i a@y.example	body : y\nX: y\n
X y: z\n	-i a@y.example	body X y: z\n
X\xc3\xa9: z\n	-i a@y.example	body X\xc3\xa9: z\n
%X: y	-i a@y.example	has X: y\n\n\z
%X: y\n z	-i a@y.example	has X: y\n z\n\n\z
	-i a@y.example	has \ADate: (?s).*\n\n\z
\n	-i a@y.example	body 
x	-i a@y.example	body x\n
\n\n	-i a@y.example	body \n
%X:\nY: \n\nx\n	-i a@y.example	has \nX:\nY: \n\nx\n\z
%X: y\nX: y\nX: y\n\nx\n	-i a@y.example	has \nX: y\nX: y\nX: y\n\nx\n\z
%X:  y \t \n\nx \n	-i a@y.example	has \nX:  y \t \n\nx \n\z
# Separators of mailboxes
From joe Mon Nov 23 08:00:00 2026\n%X: y\n\nx\n	-i a@y.example	has \AFrom: joe@x
>From joe Mon Nov 23 08:00:00 2026\n%X: y\n\nx\n	-i a@y.example	has \AFrom: joe@x
From joe\n>From ann\nFrom bob\nTo: a@y.example\n\nx\n	-ti	to a@y.example	not joe|ann|bob
From joe\r\nTo: a@y.example\r\n\r\nx\r\n	-ti	to a@y.example	not joe
From joe\n	-i a@y.example	not joe
From joe\n\nFrom here\n>From there\n	-i a@y.example	body From here\n>From there\n
From joe\nx\n	-i a@y.example	body x\n
%X: y\nFrom joe\nZ: z\n\nx\n	-i a@y.example	body From joe\nZ: z\n\nx\n
from joe\nX: y\n	-i a@y.example	body from joe\nX: y\n
 From joe\nX: y\n	-i a@y.example	body  From joe\nX: y\n
# Ends of lines; that all become CRLF is looked at for each
%X: y\r\n\r\nx\r\ny\r\n	-i a@y.example	body x\ny\n
From: joe@x.example\r\nX: y\n z\r\n\nx\r\ny\nz\r\n	-i a@y.example	has ^X: y\n z$	body x\ny\nz\n
%X: y\r\n\nx\n	-i a@y.example	body x\n
%X: y\n\r\nx\n	-i a@y.example	body x\n
%X: y\n\nx\ry\n	-i a@y.example	body x y\n
%X: y\n\nx\r\r\ny\r\r\r\n	-i a@y.example	body x\ny\n
%X: y\n\nx\n\ry\n	-i a@y.example	body x\n y\n
%X: y\n\nx\r	-i a@y.example	body x\n
%X: y\rBcc: b\nY: z\n\nx\n	-i a@y.example	has ^X: y Bcc: b\nY: z$
%X: y\x00z\n\nx\x00\x00y\n\x00	-i a@y.example	has ^X: y z$	body x  y\n \n
%X: y\n\nx	-i a@y.example	body x\n
# Dots: RFC 5321, 4.5.2 is undone by the smarthost
%X: y\n\nx\n.\ny\n	a@y.example	body x\n
%X: y\n\nx\n.\r\ny\n	a@y.example	body x\n
%X: y\n\nx\n.	a@y.example	body x\n
%X: y\n\nx\n..\n...\n.x\n..x\n. \n	a@y.example	body x\n.\n...\n.x\n..x\n. \n
%X: y\n\nx\n..\r\ny\r\n	a@y.example	body x\n.\ny\n
%X: y\n\nx\n..	a@y.example	body x\n.\n
%X: y\n\nx\n.\n..\n.x\ny\n	-i a@y.example	body x\n.\n..\n.x\ny\n
%X: y\n\nx\n.\r\n..\r\n	-i a@y.example	body x\n.\n..\n
.\nx\n	a@y.example	body 
%X: y\n.\n\nx\n	a@y.example	has X: y\n\n\z
%X: y\n\n.\n	a@y.example	has X: y\n\n\z
%X: y\n\n\r.\nx\n	a@y.example	body  .\nx\n
# Octets above 127
%X: y\n\nx\xc3\xa9\n	-i a@y.example	mail BODY=8BITMIME$	body x\xc3\xa9\n
%X: \xc3\xa9\n\nx\n	-i a@y.example	mail SMTPUTF8	has ^X: \xc3\xa9$
%X: y\n\nx\n	-i a@y.example	mail \d$
%X: y\n\nx\n	-iU a@y.example	mail SMTPUTF8
END
perl "$TOP/t/table.pl" headers <"$T/table"
