# Repair on the wire: a table of messages as callers give them, the same through
# smarthosts that offer less or more, and what must arrive, octet for octet.
#
# Each is then read once more with perl's own decoders: every body and every
# Subject that arrived means what it meant before.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;
use Encode qw(decode);
use MIME::Base64 qw(decode_base64);
use MIME::QuotedPrint qw(decode_qp);

my ($top, $T) = @ARGV;
my ($tests, $failed) = (0, 0);
my $given = "Date: d\nFrom: f\@x.example\nMessage-ID: <i\@x>\n";

sub ok
{
	my ($is_so, $name, @why) = @_;
	$tests++;
	print $is_so ? '' : 'not ', "ok $tests - $name\n";
	return if $is_so;
	$failed++;
	for (map { split /\n/ } @why) {
		s/([^ -~])/sprintf '\\x%02x', ord $1/ge;
		print STDERR '# ', substr($_, 0, 300), "\n";
	}
}

sub slurp
{
	my ($file) = @_;
	open my $in, '<:raw', $file or return '';
	local $/;
	return scalar(<$in>) // '';
}

# What a message means: its leaves, decoded, one behind the other.
sub leaves
{
	my ($text) = @_;
	my ($header, $body) = $text =~ /\A(.*?\n)?\r?\n(.*)\z/s ? ($1 // '', $2)
	    : ($text, '');
	$header =~ s/\r?\n(?=[ \t])//g;
	my ($type) = $header =~ /^Content-Type:\s*([^\s;]+)/mi;
	my ($boundary) = $header =~ /^Content-Type:.*\bboundary="?([^";\s]+)/mi;
	my ($encoding) = $header =~ /^Content-Transfer-Encoding:\s*(\S+)/mi;
	$type //= 'text/plain';
	$encoding //= '7bit';
	if ($type =~ m{^multipart/(?!signed)}i && defined $boundary) {
		my @part = split /^--\Q$boundary\E(?:--)?[ \t]*\r?\n/m, $body;
		pop @part if @part > 1;
		shift @part;
		return map { leaves($_) } @part;
	}
	return leaves($body) if lc $type eq 'message/rfc822';
	$body = decode_qp($body) if lc $encoding eq 'quoted-printable';
	$body = decode_base64($body) if lc $encoding eq 'base64';
	$body =~ s/\r?\n/\n/g;
	return "$body\0";
}

sub subject
{
	my ($text) = @_;
	my ($header) = $text =~ /\A(.*?\n)\r?\n/s;
	$header =~ s/\r?\n(?=[ \t])//g;
	my ($subject) = $header =~ /^Subject:\s*(.*?)\r?$/m;
	return '' unless defined $subject;
	# It knows no unknown charset; their octets are as good as Latin-1's.
	$subject =~ s/=\?UNKNOWN-8BIT\?/=?ISO-8859-1?/g;
	my $is_raw = $subject =~ /[^\0-\x7f]/;
	# A word at a time, for perl takes none that has raw octets beside it.
	my $raw = eval { decode('UTF-8', my $copy = $subject, 1) }
	    // decode('ISO-8859-1', $subject);
	return $is_raw ? join '', map { /^=\?.*\?=$/ ? decode('MIME-Header', $_)
	    : $_ } split /((?:=\?\S+\?=)(?:\s+=\?\S+\?=)*)/, $raw
	    : decode('MIME-Header', $subject);
}

# Through the smarthost of that offer; the exit code, what arrived, the letter.
sub send_it
{
	my ($offer, $text, @argv) = @_;
	my $dir = "$T/$offer";
	unlink glob "$dir/*.msg";
	truncate "$T/$offer.log", 0;
	open my $in, '>:raw', "$T/in" or die "$T/in: $!";
	print $in $text;
	close $in;
	@argv = ('b@y.example') unless @argv;
	local $ENV{ONEHOP_CONF} = "$T/$offer.conf";
	my $pid = fork // die "fork: $!";
	if ($pid == 0) {
		open STDIN, '<', "$T/in";
		open STDOUT, '>', "$T/out";
		open STDERR, '>&', \*STDOUT;
		exec "$top/sendmail/sendmail", '-i', @argv;
		die "exec: $!";
	}
	waitpid $pid, 0;
	my $rc = $? >> 8;
	return ($rc, join('', map { slurp($_) } glob "$dir/*.msg"),
	    slurp("$T/$offer.log"), slurp("$T/out"));
}

sub wire
{
	my ($text) = @_;
	$text =~ s/\r?\n/\r\n/g;
	return $text;
}

# What any smarthost may rely on.
sub unfit
{
	my ($offer, $wire, $log) = @_;
	return 'a violation' if $log =~ /^-- violation/m;
	return 'a line that is too long' if $wire =~ /[^\n]{1000}/;
	return 'a bare CR or LF' if $wire =~ /\r(?!\n)|(?<!\r)\n/;
	return '8-bit octets' if $offer eq 'less' && $wire =~ /[^\0-\x7f]/;
	my ($header) = $wire =~ /\A(.*?\r\n)\r\n/s;
	return 'an 8-bit header' if $offer eq 'eight' &&
	    $header =~ /[^\0-\x7f]/;
	return '';
}

my @cases = do "$top/t/mail/repair.pl";
die "t/mail/repair.pl: $@ $!" unless @cases > 1;
for (@cases) {
	my ($name, $offers, $in, $want, $mail, @argv) = @$_;
	my $text = $in;
	$text = "$given$in" unless $in =~ /^From:/m;
	for my $offer (split ' ', $offers) {
		my ($rc, $got, $log, $said) = send_it($offer, $text, @argv);
		my $claim = "$name ($offer)";
		if (ref $want) {
			ok($rc == 65 && $got eq '' && $said =~ $want, $claim,
			    "exit $rc", $said, $got);
			next;
		}
		my $expected = defined $want ? $want : $in;
		$expected = "$given$expected" unless $in =~ /^From:/m;
		my $unfit = unfit($offer, $got, $log);
		my ($said_mail) = $log =~ /^C: (MAIL .*)$/m;
		$said_mail //= '';
		my $is_mail = !ref $mail || $said_mail =~ $mail;
		my ($size) = $said_mail =~ /SIZE=(\d+)/;
		my $means = (defined $mail && !ref $mail) ||
		    (join('', leaves(wire($text))) eq
			join('', leaves($got)) &&
			subject($text) eq subject($got));
		ok($rc == 0 && $got eq wire($expected) && !$unfit && $is_mail &&
		    $means && $size == length $got, $claim, "exit $rc, $unfit",
		    ($means ? '' : 'it means something else'), $said,
		    $said_mail, 'size ' . length $got, "got:\n$got",
		    "expected:\n$expected");
	}
}
print "1..$tests\n";
exit($failed > 0);
