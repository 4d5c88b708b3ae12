# delay.pl - a network that is so far away
#
#	perl delay.pl MS PORT TARGET
#
# Hands on what comes to PORT to TARGET, both on loopback, and back, half of MS
# milliseconds later each way: what waits for an answer waits that long for it.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use Socket qw(IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(time);

$SIG{PIPE} = 'IGNORE';
my ($ms, $port, $target) = @ARGV;
my $half = $ms / 2000;
my $door = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port,
    Listen => 64, ReuseAddr => 1) or die "cannot listen: $!\n";
my $all = IO::Select->new($door);
my (%other, @late);    # [when, to whom, octets; undef: the end]

while (1) {
	my $wait = @late ? $late[0][0] - time : undef;
	$wait = 0 if defined $wait && $wait < 0;
	for my $one ($all->can_read($wait)) {
		if ($one == $door) {
			my $in = $door->accept;
			my $out = IO::Socket::INET->new(
			    PeerAddr => "127.0.0.1:$target") or die "gone: $!\n";
			$_->setsockopt(IPPROTO_TCP, TCP_NODELAY, 1) for $in, $out;
			@other{$in, $out} = ($out, $in);
			$all->add($in, $out);
			next;
		}
		my $got = sysread $one, my $octets, 1 << 20;
		push @late, [time + $half, $other{$one}, $got ? $octets : undef];
		$all->remove($one) unless $got;
	}
	while (@late && $late[0][0] <= time) {
		my (undef, $to, $octets) = @{ shift @late };
		defined $octets ? syswrite $to, $octets : shutdown $to, 1;
	}
}
