#!/bin/sh
# SPDX-License-Identifier: ISC
# The fault matrix from MAIL to the text: only the first digit decides, nothing
# that was not committed is lost or sent twice, and what a reply does not fit to
# ends the connection.
. "${0%/*}/lib.sh"
. "$TOP/t/matrix.sh"

ca_make
conf_write 'tls = off' -user -password
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"
smarthost_start -a -t none
group='+ EHLO MAIL RCPT DATA '

# MAIL.  What follows in its group is refused with it.

deferred "${group}QUIT " '451 4.3.0 later' 'MAIL 451 4.3.0 later'
deferred "${group}QUIT " '452 full' 'MAIL 452 full'
deferred '+ EHLO MAIL ' '421 4.3.2 bye' 'MAIL 421 4.3.2 bye'
deferred '+ EHLO MAIL ' 'hung up' 'MAIL close'
deferred '+ EHLO MAIL ' 'hung up|reset' 'MAIL reset'
deferred "$group" 'strange' 'MAIL garbage'
deferred "$group" '354 go on' 'MAIL 354 go on'
refused 69 "${group}QUIT " '550 5.7.1 not you' 'MAIL 550 5.7.1 not you'
refused 65 "${group}QUIT " '552 too big' 'MAIL 552 too big'
refused 65 "${group}QUIT " '501 5.1.7 bad' 'MAIL 501 5.1.7 bad'
account "${group}QUIT " '530 5.7.0 log in' 'MAIL 530 5.7.0 log in'

# RCPT

sent "${group}. QUIT " 'RCPT 251 will forward'
sent "${group}. QUIT " 'RCPT 252 cannot verify'
refused 67 "${group}QUIT " '550 5.1.1 who' 'RCPT 550 5.1.1 who'
refused 69 "${group}QUIT " '554 no' 'RCPT 554 no'
deferred "${group}QUIT " '450 4.2.1 later' 'RCPT 450 4.2.1 later'
deferred '+ EHLO MAIL RCPT ' '421 bye' 'RCPT 421 bye'
deferred '+ EHLO MAIL RCPT ' 'hung up' 'RCPT close'
deferred "$group" 'strange.*850' 'RCPT raw 850 nonsense\r\n'
deferred "$group" 'strange' 'RCPT raw \r\n'
deferred "$group" '354' 'RCPT 354 go on'

# Replies out of step

deferred "$group" 'x' 'MAIL inject 250 ok\r\n'
deferred "$group" 'x' 'DATA inject 250 ok\r\n'
deferred "$group" 'x' 'RCPT inject 354 go on\r\n'

# DATA

deferred "${group}QUIT " '451 later' 'DATA 451 later'
deferred "$group" '421 bye' 'DATA 421 bye'
deferred "$group" 'hung up' 'DATA close'
deferred "$group" '250 ok' 'DATA 250 ok'
deferred "$group" 'strange' 'DATA garbage'
refused 69 "${group}QUIT " '554 no' 'DATA 554 no'
sent "${group}. QUIT " 'DATA 351 go on'
deferred "${group}. QUIT " '450 later' 'RCPT 450 later' 'DATA 354 go on'

# The dot

text="${group}. QUIT "
deferred "$text" '451 later' 'DOT 451 later'
deferred "$text" '452 full' 'DOT 452 full'
refused 69 "$text" '550 5.7.1 spam' 'DOT 550 5.7.1 spam'
refused 65 "$text" '552 5.3.4 too big' 'DOT 552 5.3.4 too big'
deferred "${group}. " '421 bye' 'DOT 421 bye'
unknown "${group}. " 'unknown' 'DOT keep close'
unknown "${group}. " 'unknown' 'DOT keep reset'
unknown "$text" 'unknown' 'DOT keep garbage'
unknown "$text" 'unknown' 'DOT keep raw 850 NONSENSE\r\n'
unknown "$text" 'unknown' 'DOT keep 354 go on'

# The text.  A local socket holds less of it than what is still to be sent.

smarthost_stop
smarthost_start -a -t none -u "$T/socket"
conf_write "host = $T/socket" -port -ca -user -password
yes 'A line of text, and there are a good many of them.' | head -n 20000 >>"$T/in"
deferred "$group" 'lost' 'TEXT[1000] close'
deferred "$group" 'lost' 'TEXT[1000] reset'
deferred "$group" '451 4.3.0 full' 'TEXT[1000] raw 451 4.3.0 full\r\n'
refused 69 "$group" '554 5.7.1 a virus' 'TEXT[1000] raw 554 5.7.1 a virus\r\n'
deferred "$group" 'ahead of the dot' 'TEXT[1000] raw 250 ok\r\n'

# QUIT makes no difference.

sent "$text" 'QUIT 500 what'
sent "$text" 'QUIT 354 go on'
sent "$text" 'QUIT close'
sent "$text" 'QUIT garbage'

done_testing
