#!/bin/sh
# SPDX-License-Identifier: ISC
# Libraries that others send with: Perl's MIME::Lite, Email::Sender (Bugzilla)
# and Mail::Mailer, Ruby's Mail (Rails), PHPMailer (WordPress).
. "${0%/*}/lib.sh"
. "$TOP/t/process.sh"
. "$TOP/t/programs.sh"

lay_out
need perl ruby php
[ -d /usr/share/php/libphp-phpmailer ] ||
    fail_early "no PHPMailer: run sh t/prepare test"
for module in MIME::Lite Email::Sender Mail::Mailer; do
	perl -M$module -e 1 2>/dev/null ||
	    fail_early "no $module: run sh t/prepare test"
done
usual_house

text='one
.
..
.hi
From here
end'
export text
body=$text
rcpts='<a@y.example> <c@y.example> <eve@y.example>'

# MIME::Lite asks at /usr/lib/sendmail first, and writes a Content-Length; its
# last line has no end.
fields='From: Joe <joe@x.example>
To: a@y.example
Cc: c@y.example
Subject: hi'
trial MIME::Lite "<joe@x.example> $rcpts" perl -MMIME::Lite -e '
	MIME::Lite->new(From => "Joe <joe\@x.example>", To => "a\@y.example",
	    Cc => "c\@y.example", Bcc => "eve\@y.example", Subject => "hi",
	    Data => $ENV{text})->send or die'

# Email::Sender counts the recipients itself, leaves Bcc to us, and says an
# empty sender by an empty word.
fields='From: Joe <joe@x.example>
To: a@y.example
Subject: hi'
by_sender()
{
	perl -MEmail::Simple -MEmail::Sender::Simple=sendmail \
	    -MEmail::Sender::Transport::Sendmail -e '
	my ($from, @to) = @ARGV;
	my $message = Email::Simple->create(header => [
	    From => "Joe <joe\@x.example>", To => "a\@y.example",
	    Bcc => "eve\@y.example", Subject => "hi"], body => $ENV{text});
	sendmail($message, { from => $from, to => \@to,
	    transport => Email::Sender::Transport::Sendmail->new })' "$@"
}
trial Email::Sender "<bounce@x.example> <b@y.example> <d@y.example>" \
    by_sender bounce@x.example b@y.example d@y.example
trial "Email::Sender from <>" "<> <b@y.example>" by_sender '' b@y.example

# Mail::Mailer says no -i, so two dots are one; some releases write a To for each.
text='one
..
...
.hi
From here
end'
fields='From: joe@x.example
Subject: hi'
body='one
.
...
.hi
From here
end'
twice=to
edits='s/^\.\.$/./'
trial Mail::Mailer '<root@x.example> <a@y.example> <b@y.example>' \
    perl -MMail::Mailer -e '
	my $mail = Mail::Mailer->new("sendmail");
	$mail->open({ From => "joe\@x.example", Subject => "hi",
	    To => [ "a\@y.example", "b\@y.example" ] });
	print $mail $ENV{text};
	$mail->close or die'
twice=''
edits=''

# Ruby's Mail has the sender and the recipients by -f and behind --.
cat >"$T/mail.rb" <<'END'
require 'mail'
Mail.defaults { delivery_method :sendmail }
mail = Mail.new do
  from 'Jörg <joe@x.example>'
  to ['a@y.example', 'Bob <b@y.example>']
  cc 'c@y.example'
  bcc 'eve@y.example'
  subject 'Grüße'
  body ENV['text']
end
mail.smtp_envelope_from = ARGV[0] if ARGV[0]
mail.deliver!
END
fields='From: =?UTF-8?B?SsO2cmc=?= <joe@x.example>
Cc: c@y.example
Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?='
body=$text
bcc='<c@y.example> <eve@y.example>'
for from in '' bounce@x.example; do
	trial "Ruby's Mail ${from:+from $from}" \
	    "<${from:-joe@x.example}> <a@y.example> <b@y.example> $bcc" \
	    ruby "$T/mail.rb" $from
done

# PHPMailer: by mail(), and by a pipe of its own
cat >"$T/mail.php" <<'END'
<?php
require 'libphp-phpmailer/autoload.php';
$mail = new PHPMailer\PHPMailer\PHPMailer(true);
$mail->{$argv[1]}();
$mail->CharSet = 'utf-8';
$mail->setFrom('joe@x.example', 'Joe');
$mail->Sender = 'bounce@x.example';
$mail->addAddress('a@y.example', 'Ann');
$mail->addCC('c@y.example');
$mail->addBCC('eve@y.example');
$mail->Subject = 'Grüße';
$mail->Body = getenv('text');
$mail->send();
END
fields='To: Ann <a@y.example>
From: Joe <joe@x.example>
Cc: c@y.example
Subject: =?utf-8?B?R3LDvMOfZQ==?='
trial "PHPMailer, isSendmail" "<bounce@x.example> $rcpts" \
    php "$T/mail.php" isSendmail
# Behind its last line mail() puts an end of its own.
body="$body
"
trial "PHPMailer, isMail" "<bounce@x.example> $rcpts" php "$T/mail.php" isMail

done_testing
