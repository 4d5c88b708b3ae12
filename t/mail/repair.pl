# Cases of repair, for t/6010-repair.t, each
#
#	what is claimed, through which smarthosts, the message (Date, From and
#	Message-ID are put before it unless it has a From), what must arrive
#	(undef: the same), what MAIL must say (undef: anything), arguments
#
# `unread' in the stead of what MAIL must say: the decoder of the test is too
# simple to read this, or the message did not mean it as it was.
#
# What must arrive is a pattern of our words where the message is refused, 65.
# Lines end in LF here and in CRLF there.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

# In lines of 75 columns that end softly; what one octet became is not parted.
sub soft
{
	my ($text) = @_;
	my @out = ('');
	for ($text =~ /=[0-9A-F]{2}|[^=]/g) {
		push @out, '' if length($out[-1]) + length > 75;
		$out[-1] .= $_;
	}
	return join("=\n", @out) . "\n";
}

my $ue = "\xc3\xbc";
my $all = 'less eight utf8';
my $mime = "MIME-Version: 1.0\n";
my $qp = "Content-Transfer-Encoding: quoted-printable\n";
my $utf8 = "Content-Type: text/plain; charset=utf-8\n";
my $ascii = "Content-Type: text/plain; charset=us-ascii\n";
my $long = 'y' x 999;
my $mixed = "${mime}Content-Type: multipart/mixed; boundary=b\n";

(
# What needs nothing
[ 'a plain message', $all, "Subject: hi\n\nhello\n" ],
[ 'an empty body', $all, "Subject: hi\n\n" ],
[ 'a line of 998', $all, "\n" . 'x' x 998 . "\n" ],
[ 'a header line of 998', $all, 'Subject: ' . 'x' x 989 . "\n\nhello\n" ],
[ 'odd blanks, cases and folds stay', $all,
    "SUBJECT:  a\n\tb  \nX-Empty:\nTo : j\@y.example\n\nhello \n\n" ],
[ 'dots', $all, "Subject: hi\n\n.\n..\n.a\n" ],
[ '7-bit parts', $all, "${mixed}\n--b\n\nx\n--b--\n" ],
[ 'base64', $all, "${mime}Content-Transfer-Encoding: base64\n\nw7w=\n" ],
[ 'a label that says too much', $all,
    "${mime}Content-Transfer-Encoding: 8bit\n\nhello\n" ],
[ 'an 8-bit body that may go', 'eight utf8', "Subject: hi\n\n$ue\n", undef,
    qr/BODY=8BITMIME$/ ],
[ 'a header in UTF-8 that may go', 'utf8', "Subject: $ue\n\nhello\n", undef,
    qr/ SMTPUTF8/ ],
[ 'no SMTPUTF8 where it is not needed', 'utf8', "Subject: hi\n\n$ue\n", undef,
    qr/^(?!.*SMTPUTF8)/ ],
[ 'signed, 8-bit, may go', 'eight utf8',
    "${mime}Content-Type: multipart/signed; boundary=s\n\n--s\n\n$ue \n--s--\n" ],
[ 'a part with a raw name that may go', 'eight utf8',
    "${mixed}\n--b\nContent-Disposition: inline; filename=\"$ue\"\n\nx\n--b--\n" ],

# Texts of a header
[ 'a subject', 'less eight', "Subject: $ue\n\nhello\n",
    "Subject: =?UTF-8?Q?=C3=BC?=\n\nhello\n", qr/^(?!.*SMTPUTF8)/ ],
[ 'words beside it stay', 'less eight', "Subject: a $ue b\n\nhello\n",
    "Subject: a =?UTF-8?Q?=C3=BC?= b\n\nhello\n" ],
[ 'neighbours go together', 'less eight', "Subject: $ue  $ue x\n\nhello\n",
    "Subject: =?UTF-8?Q?=C3=BC__=C3=BC?= x\n\nhello\n" ],
[ 'a blank behind an encoded word', 'less eight',
    "Subject: =?UTF-8?Q?=C3=A4?= $ue\n\nhello\n",
    "Subject: =?UTF-8?Q?=C3=A4?= =?UTF-8?Q?_=C3=BC?=\n\nhello\n" ],
[ 'a blank before an encoded word', 'less eight',
    "Subject: $ue =?UTF-8?Q?=C3=A4?=\n\nhello\n",
    "Subject: =?UTF-8?Q?=C3=BC_?= =?UTF-8?Q?=C3=A4?=\n\nhello\n" ],
[ 'specials within', 'less eight', "Subject: ${ue}_=?(\n\nhello\n",
    "Subject: =?UTF-8?Q?=C3=BC=5F=3D=3F=28?=\n\nhello\n" ],
[ 'a fold within', 'less eight', "Subject: $ue\n $ue\n\nhello\n",
    "Subject: =?UTF-8?Q?=C3=BC_=C3=BC?=\n\nhello\n" ],
[ 'folds elsewhere stay', 'less eight', "Subject: a\n\tb $ue\n\nhello\n",
    "Subject: a\n\tb =?UTF-8?Q?=C3=BC?=\n\nhello\n" ],
[ 'no blank behind the colon', 'less eight', "Subject:$ue\n\nhello\n",
    "Subject:=?UTF-8?Q?=C3=BC?=\n\nhello\n" ],
[ 'long ones are parted between characters', 'less eight',
    'Subject: ' . "\xe2\x82\xac" x 9 . "\n\nhello\n",
    'Subject: =?UTF-8?Q?' . '=E2=82=AC' x 6 . "?=\n" .
    ' =?UTF-8?Q?' . '=E2=82=AC' x 3 . "?=\n\nhello\n" ],
[ 'what is no UTF-8 is called so', $all, "Subject: \xfc x\n\nhello\n",
    "Subject: =?UNKNOWN-8BIT?Q?=FC?= x\n\nhello\n", qr/^(?!.*SMTPUTF8)/ ],
[ 'fields that nobody knows', 'less eight', "X-Cron-Env: <L=$ue>\n\nhello\n",
    "X-Cron-Env: =?UTF-8?Q?=3CL=3D=C3=BC=3E?=\n\nhello\n" ],
[ 'only the field that needs it', 'less eight',
    "X-A:  b\nSubject: $ue\nX-C:  d \n\nhello\n",
    "X-A:  b\nSubject: =?UTF-8?Q?=C3=BC?=\nX-C:  d \n\nhello\n" ],
[ 'no text: Message-ID', 'less eight', "In-Reply-To: <$ue\@x>\n\nhello\n",
    "Downgraded-In-Reply-To: =?UTF-8?Q?=3C=C3=BC=40x=3E?=\n\nhello\n" ],

# Comments of what programs read
[ 'a date, as Java writes it', 'less eight',
    "From: f\@x\nMessage-ID: <i\@x>\nDate: Mon, 5 Jan 2026 10:00:00 +0100 (Mitteleurop\xc3\xa4ische Zeit)\n\nhello\n",
    "From: f\@x\nMessage-ID: <i\@x>\nDate: Mon, 5 Jan 2026 10:00:00 +0100 (=?UTF-8?Q?Mitteleurop=C3=A4ische?= Zeit)\n\nhello\n" ],
[ 'a date, as old Windows writes it', $all,
    "From: f\@x\nMessage-ID: <i\@x>\nDate: Mon, 5 Jan 2026 10:00:00 +0100 (Mitteleurop\xe4ische Zeit)\n\nhello\n",
    "From: f\@x\nMessage-ID: <i\@x>\nDate: Mon, 5 Jan 2026 10:00:00 +0100 (=?UNKNOWN-8BIT?Q?Mitteleurop=E4ische?= Zeit)\n\nhello\n" ],
[ 'MIME-Version', 'less', "MIME-Version: 1.0 ($ue)\n\nhello\n",
    "MIME-Version: 1.0 (=?UTF-8?Q?=C3=BC?=)\n\nhello\n" ],
[ 'a type and a charset', 'less',
    "Content-Type: text/plain ($ue); charset=utf-8 ($ue)\n\nhello\n",
    "Content-Type: text/plain (=?UTF-8?Q?=C3=BC?=); charset=utf-8 (=?UTF-8?Q?=C3=BC?=)\n\nhello\n" ],
[ 'Received', 'less', "Received: from \"(a\" (b $ue (c)) by d\n\nhello\n",
    "Received: from \"(a\" (b =?UTF-8?Q?=C3=BC?= (c)) by d\n\nhello\n" ],
[ 'Received, beyond its comments', 'less',
    "Received: from $ue (b) by d\n\nhello\n",
    "Downgraded-Received: from =?UTF-8?Q?=C3=BC?= (b) by d\n\nhello\n" ],

# Addresses
[ 'a name', 'less eight', "To: J${ue}rgen <j\@x.example>\n\nhello\n",
    "To: =?UTF-8?Q?J=C3=BCrgen?= <j\@x.example>\n\nhello\n" ],
[ 'a quoted name', 'less eight', "To: \"M$ue, \\\"J\\\"\" <j\@x>\n\nhello\n",
    "To: =?UTF-8?Q?M=C3=BC=2C_=22J=22?= <j\@x>\n\nhello\n" ],
[ 'a name without a blank behind it', 'less eight',
    "To: \"$ue\"<j\@x>\n\nhello\n", "To: =?UTF-8?Q?=C3=BC?= <j\@x>\n\nhello\n" ],
[ 'the words of a name', 'less eight', "Cc: Dr. $ue Li <l\@x>\n\nhello\n",
    "Cc: Dr. =?UTF-8?Q?=C3=BC?= Li <l\@x>\n\nhello\n" ],
[ 'a comment', 'less eight', "To: j\@x (a $ue (b$ue))\n\nhello\n",
    "To: j\@x (a =?UTF-8?Q?=C3=BC?= (=?UTF-8?Q?b=C3=BC?=))\n\nhello\n" ],
[ 'quoted pairs within a comment', 'less eight',
    "To: j\@x (a\\)$ue \"b\" \\))\n\nhello\n",
    "To: j\@x (=?UTF-8?Q?a=29=C3=BC?= \"b\" \\))\n\nhello\n" ],
[ 'a group', 'less eight', "To: T$ue: a\@x, $ue <b\@x>;\n\nhello\n",
    "To: =?UTF-8?Q?T=C3=BC?= : a\@x, =?UTF-8?Q?=C3=BC?= <b\@x>;\n\nhello\n" ],
[ 'a domain', 'less eight', "To: <a\@b${ue}cher.example>\n\nhello\n",
    "To: <a\@xn--bcher-kva.example>\n\nhello\n" ],
[ 'names that need nothing stay', 'less eight',
    "To: \"a\"  <a\@x> ,\n\t$ue <b\@x>\n\nhello\n",
    "To: \"a\"  <a\@x> ,\n\t=?UTF-8?Q?=C3=BC?= <b\@x>\n\nhello\n" ],
[ 'From', 'less eight',
    "Date: d\nFrom: $ue <f\@x>\nMessage-ID: <i\@x>\n\nhello\n",
    "Date: d\nFrom: =?UTF-8?Q?=C3=BC?= <f\@x>\nMessage-ID: <i\@x>\n\nhello\n" ],
[ 'what is no list is a text', 'less eight', "To: $ue <a\@b\n\nhello\n",
    "To: =?UTF-8?Q?=C3=BC?= <a\@b\n\nhello\n" ],
[ 'a local part in UTF-8 cannot go', 'less eight',
    "To: j$ue\@x.example\n\nhello\n", qr/5\.6\.7 .* To / ],
[ 'a local part in UTF-8 goes with SMTPUTF8', 'utf8',
    "To: j$ue\@x.example\n\nhello\n", undef, qr/ SMTPUTF8/ ],

# The envelope
[ 'a recipient on an IDN', $all, "\nhello\n", undef,
    qr/^(?!.*SMTPUTF8)/, "joe\@b${ue}cher.example" ],
[ 'a sender on an IDN', $all, "\nhello\n", undef,
    qr/FROM:<joe\@xn--bcher-kva\.example>(?!.*SMTPUTF8)/, '-f',
    "joe\@b${ue}cher.example", 'b@y.example' ],
[ 'a recipient in UTF-8', 'less eight', "\nhello\n", qr/5\.6\.7/, undef,
    "j$ue\@x.example" ],
[ 'a recipient in UTF-8 with SMTPUTF8', 'utf8', "\nhello\n", undef,
    qr/ SMTPUTF8/, "j$ue\@x.example" ],

# Parameters
[ 'a file name', 'less eight',
    "Content-Disposition: attachment; filename=\"$ue b.txt\"; size=3\n\nhello\n",
    "Content-Disposition: attachment;\n filename*=UTF-8''%C3%BC%20b.txt; size=3\n\nhello\n" ],
[ 'a file name without quotes', 'less eight',
    "Content-Disposition: attachment; filename=$ue b.txt\n\nhello\n",
    "Content-Disposition: attachment;\n filename*=UTF-8''%C3%BC%20b.txt\n\nhello\n" ],
[ 'a file name in no known charset', $all,
    "Content-Disposition: attachment; filename=\"\xfc\"\n\nhello\n",
    "Content-Disposition: attachment;\n filename*=UNKNOWN-8BIT''%FC\n\nhello\n" ],
[ 'a name in two segments', 'less eight',
    "Content-Type: text/plain; name*0=\"a$ue\"; name*1=b\n\nhello\n",
    "Content-Type: text/plain;\n name*0*=UTF-8''a%C3%BC;\n name*1*=b\n\nhello\n" ],
[ 'a name that is extended already', 'less eight',
    "Content-Type: text/plain; name*=UTF-8''%61$ue\n\nhello\n",
    "Content-Type: text/plain;\n name*=UTF-8''%61%C3%BC\n\nhello\n" ],

[ 'a file name with what might be a comment', 'less',
    "Content-Disposition: attachment; filename=a ($ue).txt\n\nhello\n",
    "Content-Disposition: attachment;\n filename*=UTF-8''a%20%28%C3%BC%29.txt\n\nhello\n" ],
[ 'a long name, in segments that part no character', 'less',
    "Content-Disposition: attachment; filename=\"a" . $ue x 100 . "\"\n\nhello\n",
    "Content-Disposition: attachment;\n filename*0*=UTF-8''a" . '%C3%BC' x 75 .
    ";\n filename*1*=" . '%C3%BC' x 25 . "\n\nhello\n" ],

# Long header lines
[ 'folded at a blank', $all, 'Subject: ' . 'abcd ' x 250 . "x\n\nhello\n",
    'Subject:' . ' abcd' x 198 . "\n" . ' abcd' x 52 . " x\n\nhello\n" ],
[ 'behind a comma', $all,
    'To: ' . join(',', ('abcde@example.org') x 100) . "\n\nhello\n",
    'To: ' . join(",\n ", (join ',', ('abcde@example.org') x 5) x 20) .
    "\n\nhello\n" ],
[ 'a word that is too long', $all, "Subject: $long\n\nhello\n",
    do {
	    my ($out, $rest) = ('Subject: =?UTF-8?Q?' . 'y' x 55 . '?=',
		'y' x 944);
	    $out .= "\n =?UTF-8?Q?" . substr($rest, 0, 63, '') . '?='
		while $rest ne '';
	    "$out\n\nhello\n";
    } ],
[ 'no line of blanks alone', $all, 'Subject: a' . ' ' x 1000 . "b\n\nhello\n",
    "Subject: a b\n\nhello\n", 'unread' ],
[ 'nor at the end', $all, 'Subject: a' . ' ' x 1000 . "\n\nhello\n",
    "Subject: a\n\nhello\n", 'unread' ],
[ 'an address for programs, where blanks do not count', $all,
    "List-Unsubscribe: <https://x.example/$long>\n\nhello\n",
    "List-Unsubscribe:\n <https://x.example/" . 'y' x 978 . "\n " .
    'y' x 21 . ">\n\nhello\n" ],
[ 'references without blanks', $all,
    'References: ' . '<abcdefgh@x>' x 90 . "\n\nhello\n",
    'References:' . "\n " . substr('<abcdefgh@x>' x 90, 0, 997) . "\n " .
    substr('<abcdefgh@x>' x 90, 997) . "\n\nhello\n" ],

# Bodies
[ 'an 8-bit body', 'less', "Subject: hi\n\n$ue = a \nb\t\n\n.\n",
    "Subject: hi\n$mime$utf8$qp\n=C3=BC =3D a=20\nb=09\n\n.\n",
    qr/^(?!.*BODY=)/ ],
[ 'header and body', 'less', "Subject: $ue\n\n$ue\n",
    "Subject: =?UTF-8?Q?=C3=BC?=\n$mime$utf8$qp\n=C3=BC\n" ],
[ 'a body in no known charset', 'less', "Subject: hi\n\n\xfc\n",
    "Subject: hi\n${mime}Content-Type: text/plain; charset=unknown-8bit\n$qp\n=FC\n" ],
[ 'a type stays', 'less',
    "MIME-version: 1.0 (x)\nContent-type:  text/html; charset=latin1\nContent-transfer-encoding: 8BIT\nX-A: b\n\n\xfc\n",
    "MIME-version: 1.0 (x)\nContent-type:  text/html; charset=latin1\nX-A: b\n$qp\n=FC\n" ],
[ 'an encoding that is none', 'less',
    "${mime}${utf8}Content-Transfer-Encoding: utf-8\n\n$ue\n",
    "$mime$utf8$qp\n=C3=BC\n" ],
[ 'binary', 'less', "$mime${utf8}Content-Transfer-Encoding: binary\n\n$ue\n",
    "$mime$utf8$qp\n=C3=BC\n" ],
[ 'a long line', $all, "Subject: hi\n\n$long\nz\n",
    "Subject: hi\n$mime$ascii$qp\n" . soft($long) . "z\n" ],
[ 'a long 8-bit line', $all, "Subject: hi\n\n" . $ue x 600 . "\n",
    "Subject: hi\n$mime$utf8$qp\n" . soft('=C3=BC' x 600) ],
[ 'no line that we begin looks like a boundary', $all,
    "\n" . 'x' x 75 . '--b' . 'y' x 930 . "\n",
    "$mime$ascii$qp\n" . soft('x' x 75 . '=2D-b' . 'y' x 930) ],
[ 'control characters', 'less', "\na\x01\x1b[0m\x7f $ue\n",
    "$mime$utf8$qp\na=01=1B[0m=7F =C3=BC\n" ],
[ 'NUL and CR were blanks before', 'less', "\na\0b\rc $ue\n",
    "$mime$utf8$qp\na b c =C3=BC\n", 'unread' ],

# Encoded already
[ 'long base64 gets shorter lines', $all,
    "${mime}Content-Transfer-Encoding: base64\n\n" . 'QUJD' x 250 . "\n",
    "${mime}Content-Transfer-Encoding: base64\n\n" .
    join("\n", ('QUJD' x 250) =~ /.{1,76}/g) . "\n" ],
[ 'long quoted-printable gets shorter lines', $all,
    "$mime$utf8$qp\n" . 'a=C3=BC' x 150 . "\n",
    "$mime$utf8$qp\n" . soft('a=C3=BC' x 150) ],
[ '8-bit in base64 cannot go', 'less',
    "${mime}Content-Transfer-Encoding: base64\n\n$ue\n", qr/5\.6\.3/ ],
[ '8-bit in quoted-printable cannot go', 'less',
    "$mime$qp\n$ue\n", qr/5\.6\.3/ ],
[ '8-bit in an encoding of somebody\'s own', 'less',
    "${mime}Content-Transfer-Encoding: x-own\n\n$ue\n", qr/5\.6\.3/ ],

# Parts
[ 'part by part', 'less',
    "${mixed}Content-Transfer-Encoding: 8bit\n\npre\n--b\n$utf8\n$ue\n--b\n\nplain = \n--b\nContent-Transfer-Encoding: base64\n\nw7w=\n--b--\npost\n",
    "${mixed}Content-Transfer-Encoding: 7bit\n\npre\n--b\n$utf8$qp\n=C3=BC\n--b\n\nplain = \n--b\nContent-Transfer-Encoding: base64\n\nw7w=\n--b--\npost\n" ],
[ 'a long line in one of them', $all,
    "${mixed}\n--b\n\n$long\n--b\n\nplain = \n--b--\n",
    "${mixed}\n--b\n$ascii$qp\n" . soft($long) . "--b\n\nplain = \n--b--\n" ],
[ 'parts within parts', 'less',
    "${mixed}\n--b\nContent-Type: multipart/alternative;\n boundary=\"in ner\"\n\n--in ner\n$utf8\n$ue\n--in ner--\n--b--\n",
    "${mixed}\n--b\nContent-Type: multipart/alternative;\n boundary=\"in ner\"\n\n--in ner\n$utf8$qp\n=C3=BC\n--in ner--\n--b--\n",
    'unread' ],
[ 'comments around a boundary', 'less',
    "${mime}Content-Type: multipart/mixed (a); (b) boundary= (c) b (d)\n\n--b\n\n$ue\n--b--\n",
    "${mime}Content-Type: multipart/mixed (a); (b) boundary= (c) b (d)\n\n--b\n$utf8$qp\n=C3=BC\n--b--\n",
    'unread' ],
[ 'a boundary that begins another', 'less',
    "${mixed}\n--b\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n\n$ue\n--bb--\n--b\n\n$ue\n--b--\n",
    "${mixed}\n--b\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n$utf8$qp\n=C3=BC\n--bb--\n--b\n$utf8$qp\n=C3=BC\n--b--\n",
    'unread' ],
[ 'the last part is not closed', 'less', "${mixed}\n--b\n\n$ue\n--b\n\nx\n$ue\n",
    "${mixed}\n--b\n$utf8$qp\n=C3=BC\n--b\n$utf8$qp\nx\n=C3=BC\n",
    'unread' ],
[ 'a hundred parts within each other, that need nothing', $all,
    "${mime}Content-Type: multipart/mixed; boundary=p0\n\n" .
    join('', map { "--p$_\nContent-Type: multipart/mixed; boundary=p" .
	($_ + 1) . "\n\n" } 0 .. 99) . "--p100\n\nx\n" ],
[ 'a part that is not closed', 'less',
    "${mixed}\n--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\n$ue\n--b\n\n$ue\n--b--\n",
    "${mixed}\n--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n$utf8$qp\n=C3=BC\n--b\n$utf8$qp\n=C3=BC\n--b--\n",
    'unread' ],
[ 'a message within', 'less',
    "${mixed}\n--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\n\nSubject: $ue\nTo: $ue\@x\n\n$ue\n--b--\n",
    "${mixed}\n--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: 7bit\n\nSubject: =?UTF-8?Q?=C3=BC?=\nTo: =?UTF-8?Q?=C3=BC=40x?=\n$mime$utf8$qp\n=C3=BC\n--b--\n" ],
[ 'a digest', 'less',
    "${mime}Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: a\n\n$ue\n--b--\n",
    "${mime}Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: a\n$mime$utf8$qp\n=C3=BC\n--b--\n",
    'unread' ],
[ 'the header of a part', 'less',
    "${mixed}\n--b\nContent-Disposition: attachment; filename=\"$ue\"\n\nx\n--b--\n",
    "${mixed}\n--b\nContent-Disposition: attachment;\n filename*=UTF-8''%C3%BC\n\nx\n--b--\n" ],
[ 'a part without a header', 'less', "${mixed}\n--b\n$ue\n--b--\n",
    "${mixed}\n--b\n$utf8$qp\n=C3=BC\n--b--\n", 'unread' ],
[ 'before and behind the parts', 'less',
    "${mixed}\n$ue=\n--b\n\nx\n--b--\n$ue=\n",
    "${mixed}\n=C3=BC=3D\n--b\n\nx\n--b--\n=C3=BC=3D\n" ],
[ 'blanks behind a boundary', 'less', "${mixed}\n--b \t\n\n$ue\n--b-- \n",
    "${mixed}\n--b \t\n$utf8$qp\n=C3=BC\n--b-- \n" ],
[ 'what begins like a boundary is text', 'less',
    "${mixed}\n--b\n\n--bb\n--b-\n$ue\n--b--\n",
    "${mixed}\n--b\n$utf8$qp\n--bb\n--b-\n=C3=BC\n--b--\n" ],
[ 'forty parts within each other', 'less',
    "${mime}Content-Type: multipart/mixed; boundary=p0\n\n" .
    join('', map { "--p$_\nContent-Type: multipart/mixed; boundary=p" .
	($_ + 1) . "\n\n" } 0 .. 39) . "--p40\n\n$ue\n", qr/5\.6\.3/ ],
[ 'forty messages within each other', 'less',
    "${mime}Content-Type: message/rfc822\n\n" .
    "Content-Type: message/rfc822\n\n" x 40 . "Subject: x\n\n$ue\n",
    "${mime}Content-Type: message/rfc822\n\n" .
    "Content-Type: message/rfc822\n\n" x 40 .
    "Subject: x\n$mime$utf8$qp\n=C3=BC\n" ],

# Sealed
[ 'signed, and all is 7-bit but the rest', 'less',
    "${mixed}\n--b\nContent-Type: multipart/signed; boundary=s\n\n--s\n\nx = \n--s--\n--b\n\n$ue\n--b--\n",
    "${mixed}\n--b\nContent-Type: multipart/signed; boundary=s\n\n--s\n\nx = \n--s--\n--b\n$utf8$qp\n=C3=BC\n--b--\n" ],
[ 'signed and 8-bit cannot go', 'less',
    "${mime}Content-Type: multipart/signed; boundary=s\n\n--s\n\n$ue\n--s--\n",
    qr/5\.6\.3/ ],
[ 'signed and too long cannot go', $all,
    "${mime}Content-Type: multipart/signed; boundary=s\n\n--s\n\n$long\n--s--\n",
    qr/5\.6\.0/ ],
[ 'encrypted and 8-bit cannot go', 'less',
    "${mime}Content-Type: multipart/encrypted; boundary=s\n\n--s\n\n$ue\n--s--\n",
    qr/5\.6\.3/ ],
[ 'a raw subject ahead of what is signed', 'less eight',
    "Subject: $ue\n${mime}Content-Type: multipart/signed; boundary=s\n\n--s\n\nx = \n--s--\n",
    "Subject: =?UTF-8?Q?=C3=BC?=\n${mime}Content-Type: multipart/signed; boundary=s\n\n--s\n\nx = \n--s--\n" ],
[ 'a report for programs cannot go', 'less',
    "${mixed}\n--b\nContent-Type: message/delivery-status\n\nX: $ue\n--b--\n",
    qr/5\.6\.3/ ],
[ 'a multipart without parts cannot go', 'less', "${mixed}\n$ue\n",
    qr/5\.6\.3/ ],
[ 'a boundary that is none cannot go', 'less',
    "${mime}Content-Type: multipart/mixed; boundary=\"$ue\"\n\n--$ue\n\nx\n",
    qr/5\.6\.3/ ],
);
