# queue.sh - files of a queue, made and looked at by hand
#
# For tests that have lib.sh.  Q is the queue that is meant, at first the one of
# the home; a journal line is given without its sum.
#
# SPDX-License-Identifier: ISC

Q=$HOME/.queue

# record FILE CREATED HEADER OCTETS [JOURNAL LINE...]: a file as sendmail writes
# it; TEXT is the message, if it is set
cat >"$T/record" <<'END'
use strict;
require "crc.pl";
my ($file, $created, $header, $octets, @journal) = @ARGV;
my $text = $ENV{TEXT} // 'x' x ($octets - 2) . "\r\n";
my $line = sprintf '%-87s', sprintf 'ONEHOP1 %012d %020d %s %020d 7bit',
    length $header, length $text, crc("$header$text"), $created;
umask 077;
open my $out, '>', $file or die "$file: $!";
print $out $line, crc($line), "\n", $header, $text;
print $out crc($_), " $_\n" for @journal;
close $out or die "$file: $!";
END
record()
{
	perl -I "$TOP/t" "$T/record" "$@" || fail_early "no record $1"
}

# header SENDER RECIPIENT...
header()
{
	printf 'from %s\nhost web1\n' "$1"
	shift
	printf 'to %s\n' "$@"
	printf '\n.'
}

# put FOLDER/ID CREATED DUE OCTETS SENDER 'RECIPIENT...' [JOURNAL LINE...]
put()
{
	file=$Q/$1 created=$2 due=$3 octets=$4
	# shellcheck disable=SC2086
	head=$(header "$5" $6)
	shift 6
	record "$file" "$created" "${head%.}" "$octets" "$@"
	touch -d "@$due" "$file"
}

fresh()
{
	rm -rf "$Q"
	mkdir -m 700 "$Q" "$Q/active" "$Q/hold" "$Q/failed"
}

# What the files are, all of it that somebody might change.
state()
{
	find "$Q" /var/spool/onehop -printf '%p %y %m %n %U %s %T@ %C@ %l\n' \
	    2>/dev/null | sort
	find "$Q" /var/spool/onehop -type f -exec md5sum {} + 2>/dev/null |
	    sort
}

# Those who count: check_mailq for sendmail and for Postfix, and three more.
counts()
{
	perl -ne '$n = $1 if /mqueue/ && / \((\d+) request/;
	    $n = $1 if /^\s+Total\sRequests:\s(\d+)$/i;
	    END { print $n // 0, " " }' "$T/out"
	tail -n 1 "$T/out" | perl -ne '/Kbytes in (\d+)/ ? print "$1 " :
	    /Mail queue is empty/ ? print "0 " : print "unknown "'
	printf '%s ' "$(grep -c '^[A-F0-9]' "$T/out")"
	tail -n 1 "$T/out" |
	    awk '{ print $1 == "--" ? $5 : $1 == "Mail" ? 0 : "unknown" }'
}

# json EXPRESSION: of all objects, in @a; fails where a line is none.
json()
{
	perl -MJSON::PP -e 'my @a = map { JSON::PP->new->utf8->decode($_) } <STDIN>;
	    binmode STDOUT, ":utf8"; print join "\n", eval shift; die $@ if $@' \
	    "$1" <"$T/out"
}

# journal FILE: its lines without sum and time; a line that is wrong is named.
cat >"$T/journal" <<'END'
use strict;
require "crc.pl";
my ($file) = @ARGV;
open my $in, '<', $file or die "$file: $!";
binmode $in;
local $/;
my $all = <$in>;
my (undef, $header, $octets) = split ' ', substr $all, 0, 96;
for (split /\n/, substr $all, 96 + $header + $octets) {
	my ($sum, $body) = /^([0-9a-f]{8}) (.*)$/ or print "strange: $_;";
	my ($when, $rest) = $body =~ /^(\d+) (.*)$/ or print "strange: $_;";
	print $sum eq crc($body) ? "$rest;" : "torn: $_;";
}
END
journal()
{
	perl -I "$TOP/t" "$T/journal" "$1"
}
