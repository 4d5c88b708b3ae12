# report.pl - read a report as a stranger would, and say what is wrong with it
#
#	perl t/report.pl FILE
#
# Knows RFC 2045, 3462, 3464, 3834 and 5322 and nothing of ours.  Prints a line
# for each thing it found, and one that begins with `problem' for each rule that
# was broken:
#
#	header Subject ...	a field of the report, unfolded
#	people ...		a line of its first part
#	message Arrival-Date ...	a field about the message
#	1 Final-Recipient ...	a field about the first recipient
#	recipients 2
#	third TYPE ENCODING OCTETS	what came along
#
# With -3 it prints the third part alone, octet for octet.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

my $only_third = @ARGV && $ARGV[0] eq '-3' ? shift @ARGV : undef;
open my $in, '<:raw', $ARGV[0] or die "cannot open $ARGV[0]: $!\n";
my $all = do { local $/; <$in> };
my @found;

sub found { push @found, join(' ', @_) }
sub problem { found('problem', @_) }

# Fields of a block that ends in CRLF; unfolded, in order: [name, value].
sub fields {
	my ($block, $where) = @_;
	my @fields;

	for my $line (split /\r\n/, $block) {
		if ($line =~ /^[ \t]/) {
			problem("$where: a line of blanks") if $line !~ /\S/;
			problem("$where: folded before any field") if !@fields;
			$fields[-1][1] .= $line if @fields;
		} elsif ($line =~ /^([!-9;-~]+):[ \t]?(.*)$/s) {
			push @fields, [$1, $2];
		} else {
			problem("$where: no field: '$line'");
		}
	}
	for my $field (@fields) {
		problem("$where: control characters in $field->[0]")
		    if $field->[1] =~ /[\x00-\x08\x0a-\x1f\x7f]/;
		$field->[1] =~ s/\s+/ /g;
		$field->[1] =~ s/^ | $//g;
	}
	return @fields;
}

sub pick {
	my ($name, @fields) = @_;
	my @hits = grep { lc $_->[0] eq lc $name } @fields;

	return @hits ? $hits[0][1] : undef;
}

sub once {
	my ($where, $fields, @names) = @_;

	for my $name (@names) {
		my $n = grep { lc $_->[0] eq lc $name } @$fields;
		problem("$where: $n times $name") if $n != 1;
	}
}

my $day = qr/(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/;
my $month = qr/(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/;
my $date = qr/^$day, \d\d? $month \d{4} \d\d:\d\d:\d\d [+-]\d{4}$/;

sub check_octets {
	problem('a bare LF') if $all =~ /(?<!\r)\n/;
	problem('a bare CR') if $all =~ /\r(?!\n)/;
	problem('a NUL') if $all =~ /\0/;
	problem('it does not end in CRLF') if $all !~ /\r\n\z/;
	for my $line (split /\r\n/, $all) {
		next if length $line <= 998;
		problem('a line of ' . length($line) . ' octets');
		last;
	}
}

# RFC 2045, 6.2, and 6.4 for what holds others.
sub check_encoding {
	my ($where, $encoding, $octets) = @_;
	my $is_8bit = $octets =~ /[\x80-\xff]/;

	$encoding = '7bit' if !defined $encoding;
	problem("$where: encoding $encoding") if $encoding !~ /^[78]bit$/;
	problem("$where: 8-bit octets in 7bit")
	    if $is_8bit && $encoding eq '7bit';
	problem("$where: 8bit without need")
	    if !$is_8bit && $encoding eq '8bit';
}

sub check_header {
	my (@fields) = @_;
	my $type = pick('Content-Type', @fields) // '';

	once('header', \@fields, qw(Date From To Subject Message-ID
	    Auto-Submitted MIME-Version Content-Type
	    Content-Transfer-Encoding));
	for my $field (@fields) {
		found('header', @$field);
	}
	problem('header: Date') if pick('Date', @fields) !~ $date;
	problem('header: From is no mailbox')
	    if pick('From', @fields) !~ /^"?[A-Za-z ]+"? <[^\s<>@]+@[^\s<>@]+>$/;
	problem('header: Message-ID')
	    if pick('Message-ID', @fields) !~ /^<[^\s<>@]+@[A-Za-z0-9.-]+>$/;
	problem('header: Auto-Submitted')
	    if pick('Auto-Submitted', @fields) ne 'auto-replied';
	problem('header: MIME-Version')
	    if pick('MIME-Version', @fields) ne '1.0';
	problem("header: type $type")
	    if $type !~ m{^multipart/report; report-type=delivery-status;};
	return $type =~ /boundary="([^"]{1,70})"/ ? $1 : die "no boundary\n";
}

sub parts {
	my ($body, $boundary) = @_;
	my @pieces = split /(?:\A|\r\n)--\Q$boundary\E/, $body, -1;
	my $before = shift @pieces;
	my $after = pop @pieces;

	problem('a preamble') if $before ne '';
	problem('the last boundary does not end it')
	    if !defined $after || $after ne "--\r\n";
	for (@pieces) {
		s/^\r\n// or problem('a strange boundary');
	}
	problem(scalar(@pieces) . ' parts') if @pieces != 3;
	return @pieces;
}

sub take_part {
	my ($part, $where) = @_;
	my ($header, $body) = $part =~ /\A(.*?\r\n)\r\n(.*)\z/s;
	my @fields;

	if (!defined $body) {
		problem("$where: no empty line");
		return ('', '', '');
	}
	@fields = fields($header, $where);
	once($where, \@fields, qw(Content-Type Content-Transfer-Encoding));
	check_encoding($where, pick('Content-Transfer-Encoding', @fields),
	    $body);
	return (pick('Content-Type', @fields),
	    pick('Content-Transfer-Encoding', @fields), $body);
}

sub check_people {
	my ($type, $encoding, $body) = take_part(@_, 'people');
	my $charset = $encoding eq '8bit' ? 'utf-8' : 'us-ascii';

	problem("people: type $type")
	    if $type ne "text/plain; charset=$charset";
	problem('people: no UTF-8') if !utf8::decode(my $copy = $body);
	problem('people: control characters')
	    if $body =~ /[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]/;
	found('people', $_) for split /\r\n/, $body;
}

my %known = map { $_ => 1 } qw(original-envelope-id reporting-mta dsn-gateway
    received-from-mta arrival-date original-recipient final-recipient action
    status remote-mta diagnostic-code last-attempt-date final-log-id
    will-retry-until);

sub check_group {
	my ($where, @fields) = @_;
	my %seen;

	for my $field (@fields) {
		my ($name, $value) = @$field;
		found($where, $name, $value);
		problem("$where: two of $name") if $seen{lc $name}++;
		problem("$where: unknown $name")
		    if !$known{lc $name} && $name !~ /^X-/;
		problem("$where: $name is empty") if $value eq '';
		problem("$where: $name is not printable ASCII")
		    if $value =~ /[^ -~]/;
		problem("$where: $name is no date: $value")
		    if $name =~ /-Date$|^Will-Retry/ && $value !~ $date;
		problem("$where: $name is no address: $value")
		    if $name =~ /-Recipient$/ &&
		    $value !~ /^(rfc822; \S.*|utf-8; [!-\x2a\x2c-\x3c\x3e-~]+)$/;
	}
}

sub check_recipient {
	my ($where, @fields) = @_;
	my ($action, $status);

	check_group($where, @fields);
	once($where, \@fields, qw(Final-Recipient Action Status));
	$action = pick('Action', @fields) // '';
	$status = pick('Status', @fields) // '';
	problem("$where: action $action") if $action !~ /^(failed|delayed)$/;
	problem("$where: status $status")
	    if $status !~ /^[45]\.\d{1,3}\.\d{1,3}$/;
	problem("$where: status $status of $action")
	    if $action eq 'delayed' && $status !~ /^4/;
	problem("$where: status $status of $action")
	    if $action eq 'failed' && $status !~ /^5|^4\.4\.7$/;
	problem("$where: nothing is retried that failed")
	    if $action eq 'failed' && pick('Will-Retry-Until', @fields);
	problem("$where: a diagnostic without a type")
	    if (pick('Diagnostic-Code', @fields) // 'smtp; 5') !~
	    /^smtp; [245]\d\d( |$)/;
}

sub check_programs {
	my ($type, $encoding, $body) = take_part(@_, 'programs');
	my @groups = split /\r\n\r\n/, $body;
	my @message = fields(shift(@groups) // '', 'message');
	my $n = 0;

	problem("programs: type $type") if $type ne 'message/delivery-status';
	problem('programs: not 7bit') if $encoding ne '7bit';
	check_group('message', @message);
	once('message', \@message, 'Reporting-MTA');
	problem('message: Reporting-MTA')
	    if (pick('Reporting-MTA', @message) // '') !~
	    /^dns; [A-Za-z0-9.-]+$/;
	check_recipient(++$n, fields($_, $n)) for @groups;
	problem('nobody is reported about') if $n == 0;
	found('recipients', $n);
}

sub check_third {
	my ($type, $encoding, $body) = take_part(@_, 'third');

	problem("third: type $type")
	    if $type !~ m{^(message/rfc822|text/rfc822-headers)$};
	problem('third: a body behind the header')
	    if $type eq 'text/rfc822-headers' && $body =~ /\r\n\r\n./;
	fields($1, 'third') if $body =~ /\A(.*?\r\n)(?:\r\n|\z)/s;
	found('third', $type, $encoding, length $body);
	return $body;
}

check_octets();
my ($header, $body) = $all =~ /\A(.*?\r\n)\r\n(.*)\z/s;
my @fields = fields($header, 'header');
my @parts = parts($body, check_header(@fields));
check_encoding('whole', pick('Content-Transfer-Encoding', @fields), $body);
check_people($parts[0]);
check_programs($parts[1]);
my $third = check_third($parts[2]);
binmode STDOUT;
print $only_third ? $third : map { "$_\n" } @found;
