# table.pl KIND <TABLE - cases of the built sendmail, a line each
#
# For tests that have lib.sh: a smarthost stores in $T/smarthost, a queue lies in
# $HOME/.queue.  Lines are columns parted by tabs, with \n \r \t \\ \xHH in them;
# of empty lines and of those that begin with # nothing is made.
#
#	addresses   LIST, EXPECTATION...: once as a word, once as a field To; a
#	            LIST that begins with "field:" or "word:" only as that
#	headers     MESSAGE, WORDS, EXPECTATION...
#	options     WORDS, EXPECTATION...: the message is the file $T/in
#
# WORDS are parted as a shell would, and \n and the like count within single
# quotes; a first one with a slash before it is the
# name to be called by.  An EXPECTATION is
#
#	65           this exit code, one line on stderr, nothing arrives
#	to A B       those, in this order, are the recipients of what arrives
#	from A       that is the sender
#	mail RE      fits the MAIL commands; rcpt RE, the RCPT commands
#	has RE       fits the text that arrived, without CR; not RE does not
#	body TEXT    is all of it behind the header
#	err RE       fits stderr; out RE, stdout; log RE, $T/log
#	lines N      on stderr
#	queued N     files in the queue, arrived N messages at the smarthost
#	waits RE     fits what they hold
#	soon         what arrives may come after the exit
#
# Without a code it is 0, and silent.  Of all that arrives: lines end in CRLF, no
# CR, LF or NUL stands elsewhere, no Bcc is in the header.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;
use Text::ParseWords qw(shellwords);

my ($kind) = @ARGV;
my ($T, $sendmail, $home) = @ENV{qw(T SENDMAIL HOME)};
my ($n, $failed) = (0, 0);

sub slurp
{
	my ($path) = @_;
	open my $in, '<:raw', $path or return '';
	local $/;
	return <$in> // '';
}

sub spit
{
	my ($path, $text) = @_;
	open my $out, '>:raw', $path or die "$path: $!";
	print $out $text;
	close $out or die "$path: $!";
}

sub unescape
{
	my ($text) = @_;
	my %of = (n => "\n", r => "\r", t => "\t", '\\' => '\\');
	$text =~ s/\\(?:([nrt\\])|x([0-9a-f]{2}))/$1 ? $of{$1} : chr hex $2/ge;
	return $text;
}

# What lies there, and is taken away.
sub clear
{
	unlink glob("$T/smarthost/*"), glob("$home/.queue/*/*"), "$T/log";
}

sub call
{
	my ($message, $name, @words) = @_;
	my $pid = fork // die "fork: $!";
	if ($pid == 0) {
		spit("$T/message", $message) if defined $message;
		open STDIN, '<', defined $message ? "$T/message" : "$T/in" or die;
		open STDOUT, '>', "$T/out" or die;
		open STDERR, '>', "$T/err" or die;
		exec { $sendmail } $name, @words or die "$sendmail: $!";
	}
	waitpid $pid, 0;
	return $? & 127 ? "signal " . ($? & 127) : $? >> 8;
}

# By number, which is the order they arrived in.
sub arrived
{
	my ($end) = @_;
	return map { slurp("$T/smarthost/$_.$end") }
	    sort { $a <=> $b } map { m,(\d+)\.msg$, } glob "$T/smarthost/*.msg";
}

# What every message must be, however it came.
sub unsound
{
	my ($text) = @_;
	return 'a bare CR, LF or NUL' if $text =~ /\r(?!\n)|(?<!\r)\n|\0/;
	return 'no CRLF at the end' if $text !~ /\r\n\z/;
	my ($header) = $text =~ /\A(.*?\r\n)??\r\n/s or return 'no empty line';
	return 'a Bcc' if $text =~ /\A(?:.+\r\n)*?(?:resent-)?bcc[ \t]*:/i;
	return;
}

sub look
{
	my ($rc) = @_;
	my $envelope = join '', arrived('env');
	my @text = arrived('msg');
	my %seen = (
		code => $rc,
		arrived => scalar @text,
		queued => scalar grep({ -f } glob "$home/.queue/*/*"),
		to => join(' ', $envelope =~ /^RCPT TO:<(.*?)>(?: |\r?$)/mg),
		from => join(' ', $envelope =~ /^MAIL FROM:<(.*?)>(?: |\r?$)/mg),
		mail => join("\n", $envelope =~ /^(MAIL .*?)\r?$/mg),
		rcpt => join("\n", $envelope =~ /^(RCPT .*?)\r?$/mg),
		has => join('', @text),
		waits => join('', map { slurp($_) } glob "$home/.queue/*/*"),
		map { $_ => slurp("$T/$_") } qw(out err log),
	);
	$seen{lines} = $seen{err} =~ tr/\n//;
	$seen{has} =~ s/\r\n/\n/g;
	$seen{body} = $seen{has} =~ /\A.*?\n\n(.*)\z/s ? $1 : '';
	$seen{unsound} = join ', ', grep { defined } map { unsound($_) } @text;
	return \%seen;
}

# Why it is not as expected, or nothing.
sub differs
{
	my ($seen, $what) = @_;
	my ($key, $value) = split / /, $what, 2;
	$value //= '';
	return if $key eq 'soon';
	if ($key eq 'not') {
		return $seen->{has} =~ /$value/m ? "'$value' is there" : ();
	}
	die "no expectation '$what'" if !exists $seen->{$key};
	if ($key =~ /^(?:mail|rcpt|has|waits|err|out|log)$/) {
		return $seen->{$key} =~ /$value/m ? () : "$key is no '$value'";
	}
	return $seen->{$key} eq unescape($value) ? () : "$key is not '$value'";
}

sub try
{
	my ($name, $message, $called, $words, @expected) = @_;
	my %is = map { (split / /)[0] => 1 } @expected;
	@expected = map { /^\d+$/ ? "code $_" : $_ } @expected;
	my ($code) = map { /^code (\d+)$/ ? $1 : () } @expected;
	if (!$code) {
		push @expected, 'code 0' if !defined $code;
		push @expected, 'err ^\z' if !$is{err};
		push @expected, 'out ^\z' if !$is{out};
	} else {
		push @expected, 'err ^sendmail: ', 'out ^\z';
		push @expected, 'lines 1' if !$is{lines};
		push @expected, 'arrived 0' if !$is{arrived};
	}
	push @expected, 'queued 0' if !$is{queued};
	push @expected, 'unsound';
	@expected = grep { $_ ne 'err ^sendmail: ' } @expected
	    if grep { $_ eq 'lines 0' } @expected;

	clear();
	my $rc = call($message, $called, @$words);
	my $tries = $is{soon} ? 200 : 0;
	select undef, undef, undef, 0.05
	    while $tries-- > 0 && !glob "$T/smarthost/*.msg";
	my $seen = look($rc);
	my @why = map { differs($seen, $_) } @expected;
	$n++;
	$failed++ if @why;
	print @why ? 'not ok' : 'ok', " $n - $name\n";
	if (@why) {
		my $all = join "\n", @why, map { "$_: $seen->{$_}" }
		    qw(code err out from to arrived queued has unsound);
		$all =~ s/^/# /mg;
		print STDERR "$all\n";
	}
}

sub addresses
{
	my ($list, @expected) = @_;
	my ($only) = $list =~ s/^(field|word):// ? $1 : '';
	my $text = unescape($list);
	my @other = $expected[0] =~ /^\d/ ? () : ('from joe@x.example');
	try("word $list", "X: y\n\nx\n", 'sendmail',
	    [ '-i', '-f', 'joe@x.example', '--', $text ], @expected, @other)
	    if $only ne 'field';
	try("To: $list", "X: y\nTo: $text\n\nx\n", 'sendmail',
	    [ '-ti', '-f', 'joe@x.example' ], @expected, @other)
	    if $only ne 'word';
}

sub options
{
	my ($line, @expected) = @_;
	my @words = map { unescape($_) } shellwords($line);
	my $called = @words && $words[0] =~ m,^/, ? shift @words : 'sendmail';
	try("$line", undef, $called, \@words, @expected);
}

sub headers
{
	my ($message, $line, @expected) = @_;
	my @words = shellwords($line);
	try("$line: $message", unescape($message), 'sendmail', \@words,
	    @expected);
}

my %reads = (addresses => \&addresses, options => \&options,
    headers => \&headers);
binmode $_ for *STDIN, *STDOUT, *STDERR;

# All of it first: what perl had read ahead would move the caller's stdin.
for my $line (my @lines = <STDIN>) {
	chomp $line;
	next if $line eq '' || $line =~ /^#/;
	$reads{$kind}->(split /\t+/, $line);
}
print "1..$n\n";
exit($failed > 0);
