#!/bin/sh
# SPDX-License-Identifier: ISC
# The fault matrix of the login: without it there is no MAIL, save in one write
# with it, and no text at all.
. "${0%/*}/lib.sh"
. "$TOP/t/matrix.sh"

ca_make
conf_write
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"
before='+ EHLO STARTTLS EHLO'

# By dialogue

smarthost_start -m LOGIN
account "$before QUIT " 'offer.*login|login.*offer|AUTH' \
    'EHLO[2-] 250 smarthost.test\nPIPELINING'
account "$before QUIT " 'NTLM|offer' \
    'EHLO[2-] 250 smarthost.test\nPIPELINING\nAUTH GSSAPI NTLM ANONYMOUS'
account "$before AUTH QUIT " '454 4.7.0 later' 'AUTH 454 4.7.0 later'
account "$before AUTH QUIT " '432 4.7.12 change' 'AUTH 432 4.7.12 change'
account "$before AUTH QUIT " '535 5.7.8 no' 'AUTH 535 5.7.8 no'
account "$before AUTH QUIT " '530 5.7.0 no' 'AUTH 530 5.7.0 no'
account "$before AUTH QUIT " '538 5.7.11 in clear' 'AUTH 538 5.7.11 in clear'
account "$before AUTH QUIT " '534 5.7.9 too weak' 'AUTH 534 5.7.9 too weak'
account "$before AUTH QUIT " '250 ok' 'AUTH 250 ok'
account "$before AUTH QUIT " '354 go on' 'AUTH 354 go on'
account "$before AUTH " '421 bye' 'AUTH 421 bye'
account "$before AUTH " 'lost' 'AUTH close'
account "$before AUTH QUIT " 'strange' 'AUTH garbage'
account "$before AUTH * QUIT " 'asked when all was said' 'STEP 334 VXNlcm5hbWU6'
account "$before AUTH QUIT " '535 5.7.8 no' 'STEP[2] 535 5.7.8 no'
account "$before AUTH " 'lost' 'STEP[2] close'
smarthost_stop

smarthost_start -m SCRAM-SHA-256
account "$before AUTH * QUIT " 'no base64' 'STEP[1] 334 no base64!'
account "$before AUTH QUIT " 'proof of its own' 'STEP[1] 235 in'
account "$before AUTH QUIT " 'proof of its own' 'STEP[2] 235 in'
account "$before AUTH * QUIT " 'prove itself' 'STEP[2] 334 dj1BQUFB'
account "$before AUTH * QUIT " 'cannot log in' 'STEP[1] 334 ZT1vdGhlci1lcnJvcg=='
smarthost_stop

# One line, with which the letter rides; its text never does.
smarthost_start -m PLAIN
group="$before AUTH MAIL RCPT DATA "
account "$group" '535 5.7.8 no' 'AUTH 535 5.7.8 no'
account "$group" '454 4.7.0 later' 'AUTH 454 4.7.0 later'
account "$group" '250 ok' 'AUTH 250 ok' 'MAIL 250 ok' 'RCPT 250 ok' 'DATA 354 go on'
account "$before AUTH " '421 bye' 'AUTH 421 bye'
account "$before AUTH " 'lost' 'AUTH close'
account "${group}QUIT " '530 5.7.0 log in' 'MAIL 530 5.7.0 log in'

done_testing
