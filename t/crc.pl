# crc.pl - the sum that queue files bear: CRC-32C, by a table
#
#	perl -I t -e 'require "crc.pl"; print crc("123456789")'	e3069283
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

my @table = map {
	my $c = $_;
	$c = $c & 1 ? ($c >> 1) ^ 0x82f63b78 : $c >> 1 for 1 .. 8;
	$c;
} 0 .. 255;

sub crc {
	my $crc = 0xffffffff;

	$crc = ($crc >> 8) ^ $table[($crc ^ $_) & 255] for unpack 'C*', $_[0];
	return sprintf '%08x', $crc ^ 0xffffffff;
}

1;
