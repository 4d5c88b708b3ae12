# record.pl - alter the file of a message that waits, as time or a crash would
#
#	perl t/record.pl FILE [created SECONDS] [header FROM TO] [note LINE]...
#
# created sets the time in the first line; header replaces a text in the lines
# ahead of the message; note appends "WHEN OP NUMBERS WORDS" to the journal,
# with its sum.  All sums are made anew (CRC-32C).
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;
use FindBin;
require "$FindBin::Bin/crc.pl";

my $file = shift @ARGV;
open my $io, '+<:raw', $file or die "cannot open $file: $!\n";
my $all = do { local $/; <$io> };
die "crc is wrong\n" if crc('123456789') ne 'e3069283';
my ($header_size, $size, $created, $bits) = substr($all, 0, 96) =~
    /^ONEHOP1 (\d{12}) (\d{20}) [0-9a-f]{8} (\d{20}) ([78]bit) / or
    die "$file is no message\n";
my $header = substr $all, 96, $header_size;
my $message = substr $all, 96 + $header_size, $size;
my $journal = substr $all, 96 + $header_size + $size;

while (defined(my $what = shift @ARGV)) {
	if ($what eq 'created') {
		$created = shift @ARGV;
	} elsif ($what eq 'header') {
		my ($from, $to) = splice @ARGV, 0, 2;
		$header =~ s/\Q$from\E/$to/ or die "no '$from' in $file\n";
	} elsif ($what eq 'note') {
		my $line = shift @ARGV;
		$journal .= crc($line) . " $line\n";
	} else {
		die "what is '$what'?\n";
	}
}
my $line = sprintf '%-87s', sprintf 'ONEHOP1 %012d %020d %s %020d %s',
    length $header, length $message, crc($header . $message), $created, $bits;
truncate $io, 0 or die;
seek $io, 0, 0 or die;
print $io $line, crc($line), "\n", $header, $message, $journal or die;
close $io or die "cannot write $file: $!\n";
