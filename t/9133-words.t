#!/bin/sh
# SPDX-License-Identifier: ISC
# Each option in each of its forms: what it does is on the wire, in the queue, in
# the exit code or on stderr; and none makes a message be lost.
. "${0%/*}/lib.sh"

conf_write '-user' '-password' 'tls = off' '[sender]' 'domain = x.example'
cat >"$T/smarthost.rules" <<'END'
RCPT no@* 550 5.1.1 no such user
RCPT bad@* 556 5.1.10 no mail there
RCPT busy@* 450 4.2.1 later
END
smarthost_start -a -t none
printf 'To: to@y.example\nSubject: hi\n\none\n..\n.\ntwo\n' >"$T/in"
ln -s "$SENDMAIL" "$T/anything"
export T SENDMAIL

perl "$TOP/t/table.pl" options <<'END'
# Recipients: words, -t, both
a@y.example	to a@y.example	from root@x.example
a@y.example b@y.example	to a@y.example b@y.example
'a@y.example, b@y.example'	to a@y.example b@y.example
a@y.example, b@y.example	to a@y.example b@y.example
-t	to to@y.example
-t a@y.example	to a@y.example to@y.example
-t to@Y.example	to to@Y.example
-- a@y.example	to a@y.example
-t --	to to@y.example
-- -t a@y.example	to -t@x.example a@y.example
a@y.example -f b@y.example	to a@y.example -f@x.example b@y.example	from root@x.example
-	65	err option without its letter
-- -	65	err option without its letter
''	64	err no recipients
	64	err no recipients
-i	64	err no recipients
--	64	err no recipients
# -i, in all the ways that callers found
-t	body one\n.\n
-i a@y.example	body one\n..\n.\ntwo\n
-oi a@y.example	body one\n..\n.\ntwo\n
-o i a@y.example	body one\n..\n.\ntwo\n
-oitrue a@y.example	body one\n..\n.\ntwo\n
-oiTrue a@y.example	body one\n..\n.\ntwo\n
-oiyes a@y.example	body one\n..\n.\ntwo\n
-oiY a@y.example	body one\n..\n.\ntwo\n
-oifalse a@y.example	body one\n.\n
-oi0 a@y.example	body one\n.\n
-i -oino a@y.example	body one\n.\n
-oino -i a@y.example	body one\n..\n.\ntwo\n
-O IgnoreDots a@y.example	body one\n..\n.\ntwo\n
-OIgnoreDots=true a@y.example	body one\n..\n.\ntwo\n
-Oignoredots=t a@y.example	body one\n..\n.\ntwo\n
-O 'IgnoreDots = yes' a@y.example	body one\n..\n.\ntwo\n
-i -O IgnoreDots=false a@y.example	body one\n.\n
-ti	body one\n..\n.\ntwo\n	to to@y.example
-it	body one\n..\n.\ntwo\n	to to@y.example
-tioi	body one\n..\n.\ntwo\n	to to@y.example
-ti -oi	body one\n..\n.\ntwo\n	to to@y.example
-toi	body one\n..\n.\ntwo\n	to to@y.example
# -f and -r
-f ann@y.example a@y.example	from ann@y.example
-fann@y.example a@y.example	from ann@y.example
-r ann@y.example a@y.example	from ann@y.example
-rann@y.example a@y.example	from ann@y.example
-f 'Ann Lee <ann@y.example>' a@y.example	from ann@y.example
-f '<ann@y.example>' a@y.example	from ann@y.example
-f 'ann@y.example (Ann)' a@y.example	from ann@y.example
-f ann a@y.example	from ann@x.example
-f '"ann lee"@y.example' a@y.example	from "ann lee"@y.example
-f 'SRS0=a=b=y.example=ann@y.example' a@y.example	from SRS0=a=b=y.example=ann@y.example
-f '' a@y.example	from 	to a@y.example
-f '<>' a@y.example	from 	to a@y.example
-f'<>' a@y.example	from 	to a@y.example
-t -f	from 	to to@y.example
-t -r	from 	to to@y.example
-f ann@y.example -f bob@y.example a@y.example	from bob@y.example
-f ann@y.example -r '<>' a@y.example	from 	to a@y.example
-tif ann@y.example	from ann@y.example	to to@y.example
-tifann@y.example	from ann@y.example	to to@y.example
-f 'ann@y.example, bob@y.example' a@y.example	65	err sender 'ann@y.example, bob@y.example': more than one
-f 'ann@y.example bob' a@y.example	65	err two addresses without a comma
-f 'ann@y.example\nRCPT TO:<b@y.example>' a@y.example	65	err a line end
-f 'ann\x01@y.example' a@y.example	65	err a control character
-f 'ann@y@z.example' a@y.example	65	err stray '@'
# -F
-F 'Joe Doe' a@y.example	has ^From: Joe Doe <root
-FCronDaemon a@y.example	has ^From: CronDaemon <root
-F '' a@y.example	has ^From: root
-F 'a\r\nBcc: b@y.example' a@y.example	has ^From: "a  ?Bcc: b@y.example" <root
-F a -F b a@y.example	has ^From: b <root
# -N, -R and -V
-N never a@y.example	rcpt NOTIFY=NEVER$
-Nnever a@y.example	rcpt NOTIFY=NEVER$
-N success,failure,delay a@y.example	rcpt NOTIFY=SUCCESS,FAILURE,DELAY$
-N Delay a@y.example	rcpt NOTIFY=DELAY$
-N never,delay a@y.example	rcpt example>$	log '-N never,delay' is not sound
-N sometimes a@y.example	rcpt example>$	log '-N sometimes' is not sound
-N '' a@y.example	rcpt example>$
-R hdrs a@y.example	mail RET=HDRS$
-Rfull a@y.example	mail RET=FULL$
-R HDRS a@y.example	mail RET=HDRS$
-R some a@y.example	mail \d$	log '-R some' is not sound
-V id+2B1 a@y.example	mail ENVID=id\+2B1$
-Vid a@y.example	mail ENVID=id$
-V 'a b' a@y.example	mail \d$	log '-V a b' is not sound
-V 'a+0AMAIL' a@y.example	mail \d$
-N never -R hdrs -V x a@y.example	mail RET=HDRS ENVID=x$	rcpt NOTIFY=NEVER$
a@y.example	mail SIZE=\d+$	rcpt example>$
# -od
-odi a@y.example	arrived 1
-odf a@y.example	arrived 1
-odq a@y.example	arrived 0	queued 1
-odd a@y.example	arrived 0	queued 1
-odqs a@y.example	arrived 0	queued 1
-o dq a@y.example	arrived 0	queued 1
-ODeliveryMode=q a@y.example	arrived 0	queued 1
-O deliverymode=defer a@y.example	arrived 0	queued 1
-O 'DeliveryMode = queue' a@y.example	arrived 0	queued 1
-odb a@y.example	soon	arrived 1
-ODeliveryMode=background a@y.example	soon	arrived 1
-odx a@y.example	arrived 1
-od a@y.example	arrived 1
-odq -odi a@y.example	arrived 1
-odq -v a@y.example	arrived 1	err ^>>> MAIL FROM:<root@x.example>
# -v
-v a@y.example	arrived 1	err ^<<< 250 2.0.0
-ov a@y.example	arrived 1	err ^<<< 250 2.0.0
-ovfalse a@y.example	arrived 1
-vt	arrived 1	err ^>>> RCPT TO:<to@y.example>
# What waits is silent; what is refused is told as -oe says
busy@y.example	queued 1	arrived 0
-oeq busy@y.example	queued 1	arrived 0
-oee busy@y.example	queued 1	arrived 0
a@y.example busy@y.example	queued 1	to a@y.example
no@y.example	67	err ^sendmail: no@y.example: refused: 550 5.1.1 no such user
bad@y.example	69	err bad@y.example: refused: 556 5.1.10
no@y.example bad@y.example	69	lines 2	err no@y.*\n.*bad@y
-oep no@y.example	67	err no@y.example: refused
-oem no@y.example	67	arrived 0	queued 1	waits ^from <>\n(?s:.*)^to root$
-oew no@y.example	67	arrived 0	queued 1	waits ^from <>\n(?s:.*)^to root$
-oeq no@y.example	67	lines 0
-oee no@y.example	arrived 0	queued 1	waits ^from <>\n(?s:.*)^to root$
-em no@y.example	67	arrived 0	queued 1	waits ^from <>\n(?s:.*)^to root$
-e m no@y.example	67	arrived 0	queued 1	waits ^from <>\n(?s:.*)^to root$
-ep no@y.example	67	arrived 0
-eq no@y.example	67	lines 0
-e q no@y.example	67	lines 0
-ee no@y.example	arrived 0	queued 1	waits ^from <>\n(?s:.*)^to root$
-ew no@y.example	67	arrived 0	queued 1	waits ^from <>\n(?s:.*)^to root$
-OErrorMode=m no@y.example	67	arrived 0	queued 1	waits ^from <>\n(?s:.*)^to root$
-O errormode=quiet no@y.example	67	lines 0
-oem -oep no@y.example	67	arrived 0
-oez no@y.example	67	arrived 0
-oe no@y.example	67	arrived 0
-oem -N never no@y.example	67	arrived 0
-oem -f '' no@y.example	67	arrived 0
-oee -f ann@y.example no@y.example	arrived 0	queued 1	waits ^from <>\n(?s:.*)^to ann@y.example$
a@y.example no@y.example	to a@y.example	queued 1	waits ^to root$
-oeq -N never a@y.example no@y.example	arrived 1	to a@y.example
-oeq	64	lines 0
-oeq 'a b'	65	lines 0
-oeq -Z	64	err unknown option '-Z'
# Taken and ignored, with their values
-Ac a@y.example	to a@y.example
-A m a@y.example	to a@y.example
-B 8BITMIME a@y.example	to a@y.example
-B8BITMIME a@y.example	to a@y.example
-B7BIT a@y.example	to a@y.example
-BNONSENSE a@y.example	to a@y.example
-c a@y.example	to a@y.example
-D /tmp/x a@y.example	to a@y.example
-d a@y.example	to a@y.example
-d0-99.100 a@y.example	to a@y.example
-d0.1 a@y.example	to a@y.example
-E a@y.example	to a@y.example
-Ex a@y.example	to a@y.example
-h 17 a@y.example	to a@y.example
-hx a@y.example	to a@y.example
-J a@y.example	to a@y.example
-Mrsmtp a@y.example	to a@y.example
-M rsmtp a@y.example	to a@y.example
-m a@y.example	to a@y.example
-n a@y.example	to a@y.example
-psmtp:host a@y.example	to a@y.example
-p smtp a@y.example	to a@y.example
-Q a@y.example	to a@y.example
-Qbad a@y.example	to a@y.example
-s a@y.example	to a@y.example
-T a@y.example	to a@y.example
-X /tmp/x a@y.example	to a@y.example
-x a@y.example	to a@y.example
-nsmcTx a@y.example	to a@y.example
-oA/tmp/x a@y.example	to a@y.example
-oQ/tmp/x a@y.example	to a@y.example
-oT5d a@y.example	to a@y.example
-or0s -om -oo -os -o7 -o8 -oj -ol a@y.example	to a@y.example
-o S/x a@y.example	to a@y.example
-oMrsmtp a@y.example	to a@y.example
-OQueueDirectory=/tmp/x a@y.example	to a@y.example
-O MaxRecipientsPerMessage=0 a@y.example	to a@y.example
-OTimeout.queuereturn=1s a@y.example	to a@y.example
-O nonsense a@y.example	to a@y.example
-O =x a@y.example	to a@y.example
# -G, -L and -U
-G a@y.example	has \ATo: to@y.example\nSubject: hi\n\none\n
-U a@y.example	mail SMTPUTF8
-OSMTPUTF8=yes a@y.example	mail SMTPUTF8
-U -OSMTPUTF8=no a@y.example	mail \d$
-L web/php a@y.example	log  web/php\[\d+\]: 
-Lphp a@y.example	log  php\[\d+\]: 
-L 'x\nfake' a@y.example	log  onehop\[\d+\]: 
-L '[1]:' a@y.example	log  onehop\[\d+\]: 
a@y.example	log  onehop\[\d+\]: 
# -b
-bm a@y.example	to a@y.example
-b m a@y.example	to a@y.example
-ba -t	to to@y.example
-bm -bi -bm a@y.example	to a@y.example
-bp	out ^Mail queue is empty$
-b p	out ^Mail queue is empty$
-bp -v -Ac	out ^Mail queue is empty$
-bP	out \A0\n\z
-bi	arrived 0
-I	arrived 0
-bh	arrived 0
-bH	arrived 0
-bV	out ^onehop \d
-d0.1	out ^onehop \d
--version	out ^onehop \d
--help	out ^usage: sendmail
-bv a@y.example root	out ^root\.\.\. deliverable: mailer relay, host smarthost.test, user root@x.example$	arrived 0
-bv 'a@b@c'	65	err stray '@'
-bd	64	err mode '-bd'
-bl	64	err mode '-bl'
-bD	64	err -bD -q15m
-bt	64	err mode '-bt'
-bz	64	err mode '-bz'
-bS	64	err mode '-bS'
-bpx	64	err mode '-bpx'
-b	64	err '-b' needs a value
-bp a@y.example	64	err no recipients go with
-bi -t	64	err no recipients go with
-bh a@y.example	64	err no recipients go with
-bV a@y.example	64	err no recipients go with
# -q
-q	arrived 0
-qf	arrived 0
-qp	arrived 0
-qI 0123	arrived 0
-qI0123	arrived 0
-qRbob	arrived 0
-qS ann	arrived 0
-q!Rbob	arrived 0
-q!S ann	arrived 0
-qGmain	arrived 0
-qQ	arrived 0
-qL	arrived 0
-q --due	arrived 0
-q15x	64	err '-q15x' is no run
-q0	64	err '-q0' is no run
-q! a	64	err '-q!' is no run
-q a@y.example	64	err no recipients go with
-q15m a@y.example	64	err no recipients go with
--due	64	err --due and --all-users go with -q
# Names
/usr/bin/mailq	out ^Mail queue is empty$
/usr/bin/mailq -v -Ac -C /etc/mail	out ^Mail queue is empty$
/usr/bin/mailq a@y.example	64	err no recipients go with
/usr/bin/newaliases	arrived 0
/usr/bin/newaliases -v	arrived 0
/usr/bin/newaliases -bp	out ^Mail queue is empty$
/usr/bin/hoststat	arrived 0
/usr/bin/purgestat	arrived 0
/usr/sbin/runq	arrived 0
/usr/sbin/runq -v	arrived 0
/usr/lib/sendmail a@y.example	to a@y.example
/usr/sbin/send-mail a@y.example	to a@y.example
/x/anything -ti	to to@y.example
# What never was an option
-C /tmp/x a@y.example	64	err ONEHOP_CONF
-C/tmp/x -t	64	err ONEHOP_CONF
-t -C	64	err '-C' needs a value
-Z a@y.example	64	err unknown option '-Z'
-tZ	64	err unknown option '-Z'
-S a@y.example	64	err unknown option '-S'
-P a@y.example	64	err unknown option '-P'
-a x a@y.example	64	err unknown option '-a'
-l a@y.example	64	err unknown option '-l'
-0 a@y.example	64	err unknown option '-0'
'-\x01' a@y.example	64	err unknown option
'-\xc3\xa9' a@y.example	64	err unknown option
--read-recipients a@y.example	64	err unknown option '--'
-t --version	64	err unknown option '--'
-t -F	64	err '-F' needs a value
-t -o	64	err '-o' needs a value
-t -N	64	err '-N' needs a value
END
