#!/bin/sh
# SPDX-License-Identifier: ISC
# Programs that mail as somebody: cron, at and anacron as who the job belongs to,
# sudo as who does not know his password, PHP as www-data, who has no home.
. "${0%/*}/lib.sh"
. "$TOP/t/process.sh"
. "$TOP/t/programs.sh"

[ "$(id -u)" = 0 ] && setpriv --reuid 65534 true 2>/dev/null ||
    fail_early "jobs need root, and more than one uid"
lay_out cron at anacron sudo
cron_house
need at atd anacron sudo php
usual_house

ann=$T/ann
sed -i '/^ann:/d' /etc/passwd /etc/shadow
echo "ann:x:7001:7001:Ann:$ann:/bin/sh" >>/etc/passwd
echo 'ann:*:1:0:99999:7:::' >>/etc/shadow
install -d -m 700 -o 7001 -g 7001 "$ann" "$ann/.config"
install -m 600 -o 7001 "$HOME/.config/onehop.conf" "$ann/.config"
sed -i '/^\[log\]/,$d' "$ann/.config/onehop.conf"

mkdir -m 1777 /var/spool/onehop
sed -i '/^www-data:/d' /etc/passwd
echo 'www-data:x:7002:7002::/var/www:/usr/sbin/nologin' >>/etc/passwd
install -m 640 -g 7002 "$ann/.config/onehop.conf" /etc

# belongs_to root|ann|www-data: what comes now is his
belongs_to()
{
	caller=$1
	case $caller in
	root) queue=$HOME/.queue ;;
	ann) queue=$ann/.queue ;;
	www-data) queue=/var/spool/onehop/7002 ;;
	esac
}

as_caller()
{
	case $caller in
	root) "$@" ;;
	ann) as 7001 "$@" ;;
	www-data) as 7002 "$@" ;;
	esac
}

# cron: recipients in one word, two of them

belongs_to root
body='one
.
..
.hi
From here
end'
printf "printf '%s'\n" 'one\n.\n..\n.hi\nFrom here\nend' >"$T/job"
job=". $T/job"
twice=x-cron-env
edits='/^From:/s/root/root@x.example/; s/^To: ann$/To: ann@x.example/'
fields="From: root@x.example (Cron Daemon)
To: a@y.example,b@y.example
Subject: Cron <root@web1> $job; touch $ran
X-Cron-Env: <FOO=b  ar>"
trial "cron, for root" '<root@x.example> <a@y.example> <b@y.example>' \
    by_cron 'MAILTO="a@y.example,b@y.example"' 'FOO="b  ar"' "@reboot root $job"

belongs_to ann
fields="From: root@x.example (Cron Daemon)
To: ann@x.example
Subject: Cron <ann@web1> $job; touch $ran
X-Cron-Env: <LOGNAME=ann>"
trial "cron, for ann" '<ann@x.example> <ann@x.example>' \
    by_cron "@reboot ann $job"
twice=''

# at numbers its jobs, so each is the first.

at_house()
{
	jobs=/var/spool/cron/atjobs
	mkdir -p $jobs /var/spool/cron/atspool
	rm -f $jobs/*
	: >$jobs/.SEQ
	: >/run/utmp
	chown -R daemon:daemon $jobs /var/spool/cron/atspool
	chmod 1770 $jobs /var/spool/cron/atspool
	chmod 600 $jobs/.SEQ
	cp /etc/pam.d/cron /etc/pam.d/atd
}

by_at()
{
	at_house
	as_caller at now <"$T/job" 2>/dev/null || return
	atd -f &
	pid=$!
	wait_for sh -c "! ls $jobs/[a-z=]*"
	wait_for no_child $pid
	kill $pid
	wait $pid
	true
}
fields='Subject: Output from your job        1
To: ann@x.example'
trial "at, for ann" '<ann@x.example> <ann@x.example>' by_at
belongs_to root
fields='Subject: Output from your job        1
To: root@x.example'
edits='s/^To: root$/To: root@x.example/'
trial "at, for root" '<root@x.example> <root@x.example>' by_at

# anacron says no -i, so what is a dot would be the end

printf 'MAILTO=ann@y.example\n1 0 daily sh %s/job\n' "$T" >/etc/anacrontab
mkdir -p /var/spool/anacron
printf "printf '%s'\n" 'one\n..\n.hi\nFrom here\nend' >"$T/job"
body='one
.
.hi
From here
end'
fields="From: Anacron <root@x.example>
To: ann@y.example
Subject: Anacron job 'daily' on web1"
edits='s/^\.\.$/./; /^From: /s/root/root@x.example/'
trial anacron '<root@x.example> <ann@y.example>' anacron -d -f -n -s -q

# sudo

belongs_to ann
printf '%s\n' 'auth required pam_deny.so' 'account required pam_permit.so' \
    'session required pam_permit.so' >/etc/pam.d/sudo
printf '%s\n' 'Defaults mail_badpass, mailto="admin@y.example"' \
    'ann ALL=(ALL) ALL' >/etc/sudoers
chmod 440 /etc/sudoers
by_sudo()
{
	printf 'wrong\nwrong\nwrong\n' | as_caller sudo -S id
	[ $? = 1 ]
}
edits='s/^From: ann$/From: ann@x.example/'
vague='s/ [A-Z][a-z]* [ 0-9]*:[0-9:]* / WHEN /; s/ ; PWD=.*/ .../'
body='web1.example.org : WHEN : ann : 3 incorrect password attempts ...
'
fields='From: ann@x.example
To: admin@y.example
Subject: *** SECURITY information for web1.example.org ***'
trial sudo '<ann@x.example> <admin@y.example>' by_sudo

# PHP, with the environment that php-fpm leaves to it: none

belongs_to www-data
by_php()
{
	as_caller env -i php -n -r 'exit(mail("a@y.example", "hi", "one\n..\n",
	    "From: shop@x.example", "-fbounce@x.example") ? 0 : 1);'
}
edits=''
vague=''
fields='From: shop@x.example
To: a@y.example
Subject: hi'
body='one
..
'
trial "PHP of www-data" '<bounce@x.example> <a@y.example>' by_php

done_testing
