#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# memory PID WORD... - how often each stands in the memory of a process, or of
# any part of it that is 16 octets long the one that stands there most often
use strict;
use warnings;
no warnings "portable"; # addresses have 64 bits

my ($pid, @words) = @ARGV;
my $part = 16;
my %count;

for my $word (@words) {
	for my $at (0 .. length($word) - $part) {
		$count{substr $word, $at, $part} = 0;
	}
}
my $any = join '|', map { quotemeta } keys %count;

open my $maps, '<', "/proc/$pid/maps" or die "maps: $!\n";
open my $mem, '<:raw', "/proc/$pid/mem" or die "mem: $!\n";
while (<$maps>) {
	my ($from, $to, $readable) = /^([0-9a-f]+)-([0-9a-f]+) (r)/ or next;
	my $size = hex($to) - hex($from);
	next if /\[v(var|syscall|dso)/;
	next if $size > 1 << 28; # shadows of a sanitizer
	sysseek $mem, hex($from), 0 or next;
	my $data = '';
	while (length $data < $size) {
		sysread $mem, $data, $size - length $data, length $data or last;
	}
	# They may lie over each other.
	while ($data =~ /($any)/g) {
		$count{$1}++;
		pos($data) -= $part - 1;
	}
}
for my $word (@words) {
	my $most = 0;
	for my $at (0 .. length($word) - $part) {
		my $n = $count{substr $word, $at, $part};
		$most = $n if $n > $most;
	}
	print "$most ";
}
print "\n";
