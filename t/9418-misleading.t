#!/bin/sh
# SPDX-License-Identifier: ISC
# Replies that mean another thing than their class says, a row for each that was
# met with a provider: it waits, the account waits, or it is refused after all.
. "${0%/*}/lib.sh"
. "$TOP/t/matrix.sh"

ca_make
conf_write 'tls = off' -user -password
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"
smarthost_start -a -t none
group='+ EHLO MAIL RCPT DATA '
text="${group}. QUIT "

# Amazon SES: a code of AUTH, wherever in the session

reply='454 Throttling failure: Maximum sending rate exceeded'
deferred "${group}QUIT " '454 Throttling' "MAIL $reply"
deferred "${group}QUIT " '454 Throttling' "RCPT $reply"
deferred "${group}QUIT " '454 Throttling' "DATA $reply"
deferred "$text" '454 Throttling' "DOT $reply"
deferred "$text" '454 Throttling' \
    'DOT 454 Throttling failure: Daily message quota exceeded.'

# SendGrid, whose 403 is no class at all to others

deferred "${group}QUIT " '403 You are not authorized' \
    'MAIL 403 You are not authorized to send from that email address'
deferred "$text" '403 You are not authorized' \
    'DOT 403 You are not authorized to send from that email address'

# Gmail: a day's limit

deferred "${group}QUIT " '550 5\.4\.5 Daily' \
    'MAIL 550 5.4.5 Daily user sending limit exceeded'
deferred "${group}QUIT " '550 5\.4\.5 Daily' \
    'RCPT 550 5.4.5 Daily user sending limit exceeded'
deferred "$text" '550 5\.4\.5 Daily' \
    'DOT 550 5.4.5 Daily user sending limit exceeded.\n5.4.5 Learn more'

# Microsoft 365

deferred "${group}QUIT " '432 4\.3\.2' \
    'MAIL 432 4.3.2 Concurrent connections limit exceeded'
deferred "$text" '432 4\.3\.2' \
    'DOT 432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded'
deferred "$text" '554 5\.2\.0 STOREDRV' \
    'DOT 554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException'
refused 69 "$text" '554 5\.2\.0 no' 'DOT 554 5.2.0 no such thing'
deferred "$text" '554 5\.2\.2 mailbox full' 'DOT 554 5.2.2 mailbox full'
for detail in 251 253 254 255; do
	account "$text" "550 5\\.2\\.$detail Sender throttled" \
	    "DOT 550 5.2.$detail Sender throttled due to continuous errors"
done
account "${group}QUIT " '550 5\.2\.251 Sender throttled' \
    'MAIL 550 5.2.251 Sender throttled due to continuous invalid recipients'
refused 69 "$text" '550 5\.2\.250' 'DOT 550 5.2.250 something else'
deferred "${group}QUIT " '451 5\.7\.3' \
    'MAIL 451 5.7.3 STARTTLS is required to send mail'
deferred '+ EHLO MAIL ' '421 4\.7\.66' \
    'MAIL 421 4.7.66 TLS 1.0 and 1.1 are not supported'
refused 69 "$text" '550 5\.7\.60' \
    'DOT 550 5.7.60 SMTP; Client does not have permissions to send as this sender'
denied='554 5.2.252 SendAsDenied; joe not allowed to send as sally; STOREDRV.Submission'
refused 69 "$text" '554 5\.2\.252 SendAsDenied' "DOT $denied"

# The sender is another: to say so is all that can be done.

refused 69 "${group}QUIT " '553 Relaying disallowed' \
    'MAIL 553 Relaying disallowed as joe@x.example'
refused 65 "${group}QUIT " '501 mail from' \
    'MAIL 501 mail from address must be same as authorization user'
refused 69 "$text" '554 6\.6\.0' 'DOT 554 6.6.0 Error sending message'
refused 69 "$text" '550 Request failed' \
    'DOT 550 Request failed; Mailbox unavailable'
for reply in "$denied" '550 5.7.60 no permission' '554 6.6.0 Error sending'; do
	rules "DOT $reply"
	fresh
	run "$SENDMAIL" a@y.example <"$T/in"
	like "$rc $(queued) $(reason)" '0 1 .*set \[sender\] address' \
	    "$reply: where we made the sender up it waits for a key"
done

# Mailgun: a throttle

deferred "${group}QUIT " "domain disabled" \
    "RCPT 554 Recipients' domain disabled"
deferred "$text" "domain disabled" "DOT 554 Recipients' domain disabled"

# Who we are: the account waits

account '+ EHLO ' '421 4\.7\.0.*check hello|check hello.*421 4\.7\.0' \
    'EHLO 421 4.7.0 Try again later, closing connection. (EHLO)'
account "${group}QUIT " '504 5\.5\.2.*hello' \
    'RCPT 504 5.5.2 <web1>: Helo command rejected: need fully-qualified hostname'
for reply in '554 no SMTP service here' '521 no mail' '550 5.7.1 blocked IP'; do
	account '+ QUIT ' "${reply%% *}.*${reply##* }" "GREETING $reply"
done
smarthost_stop

# At the login

conf_write 'auth = LOGIN'
smarthost_start -m LOGIN
for reply in '454 4.7.0 Too many login attempts, please try again later.' \
    '535 5.7.0 (#AUTH005) Too many bad auth attempts' \
    '550 5.7.1 rate limit exceeded' \
    '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant' \
    '454 Temporary authentication failure'; do
	account '+ EHLO STARTTLS EHLO AUTH QUIT ' "${reply% (*}" "STEP[2] $reply"
done

done_testing
