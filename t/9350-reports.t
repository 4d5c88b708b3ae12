#!/bin/sh
# SPDX-License-Identifier: ISC
# What watches a machine, and tells root: smartd, logwatch, and all that pipes
# into mail(1), whichever of them that is.
. "${0%/*}/lib.sh"
. "$TOP/t/process.sh"
. "$TOP/t/programs.sh"

mkdir -p "$T/over/bin"
ln -s "$T/mail" "$T/over/bin/mail"
lay_out smartmontools logwatch bsd-mailx mailutils
need smartd logwatch s-nail bsd-mailx mail.mailutils
usual_house

# mail(1), as apticron, cron-apt and scripts without number call it

printf 'one\n..\n.hi\n' >"$T/in"
by_mail()
{
	mail "$@" <"$T/in"
}
body='one
..
.hi'
edits='s/^To: root$/To: root@x.example/'
fields='From: root <root@x.example>
To: root@x.example
Subject: hi'
ln -s /usr/bin/bsd-mailx "$T/mail"
trial "mail(1) of bsd-mailx" '<root@x.example> <root@x.example>' \
    by_mail -s hi root
ln -sf /usr/bin/s-nail "$T/mail"
trial "mail(1) of s-nail" '<root@x.example> <root@x.example>' \
    by_mail -s hi root
ln -sf /usr/bin/mail.mailutils "$T/mail"
trial "mail(1) of mailutils" '<root@x.example> <root@x.example>' \
    by_mail -s hi root

# smartd has no disk here: so this is what it runs once it has found something.

for warning in /usr/share/smartmontools /etc/smartmontools /etc; do
	warning=$warning/smartd_warning.sh
	[ ! -x $warning ] || break
done
by_smartd()
{
	env SMARTD_MAILER=/usr/share/smartmontools/smartd-runner \
	    SMARTD_ADDRESS=root SMARTD_FAILTYPE=Health SMARTD_PREVCNT=0 \
	    SMARTD_MESSAGE='Device: /dev/sda, FAILED SMART self-check.' \
	    SMARTD_DEVICE=/dev/sda SMARTD_DEVICESTRING=/dev/sda \
	    SMARTD_DEVICETYPE=sat SMARTD_DEVICEINFO='A DISK, S/N:1' $warning
}
ln -sf /usr/bin/bsd-mailx "$T/mail"
edits='s/^To: root$/To: root@x.example/'
fields='To: root@x.example
Subject: SMART error (Health) detected on host: web1'
vague='/^Device/!d'
body='Device: /dev/sda, FAILED SMART self-check.
Device info:'
trial smartd '<root@x.example> <root@x.example>' by_smartd

# logwatch, which knows its own settings in lower case only

mkdir -p /run/logwatch/tmp /etc/logwatch/conf
printf '%s\n' 'LogDir = /run/logwatch' 'TmpDir = /run/logwatch/tmp' \
    >/etc/logwatch/conf/logwatch.conf
printf '%s %s\n' 'Nov 27 10:00:00 web1 sshd[9]:' \
    'Accepted publickey for ann from 192.0.2.1 port 9 ssh2' \
    >/run/logwatch/auth.log
edits='/^To:/s/root/&@x.example/; /^From:/s/root/&@x.example/'
fields='To: root@x.example
From: root@x.example
Subject: Logwatch for web1 (Linux)'
vague='/SSHD Begin/,/SSHD End/!d'
body=' --------------------- SSHD Begin ------------------------ 

 Users logging in through sshd:
    ann:
       192.0.2.1: 1 Time
 
 ---------------------- SSHD End ------------------------- '
trial logwatch '<root@x.example> <root@x.example>' \
    logwatch --output mail --mailto root --service sshd --range all \
    --detail high

done_testing
