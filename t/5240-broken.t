#!/bin/sh
# SPDX-License-Identifier: ISC
# Files of the queue that a failing disk cut short or altered: never a crash,
# never sent, never removed, always named; what is sound goes on beside them.
# What a journal lost is as if it had not happened, and no more than that.
#
# All files lie in one queue, so that one run meets them all.
LIMIT=1200
. "${0%/*}/lib.sh"

conf_write 'host = localhost' 'tls = off' -user -password -ca \
    '[queue]' 'runner = no' 'retry = 1s'
smarthost_start -a -t none
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"
active=$HOME/.queue/active

# In make torture also under an eye that sees what is read and was never there.
check=
[ -z "${TORTURE:-}" ] || check="valgrind --quiet --error-exitcode=99"

# damage FILE FOLDER KIND: copies of a file, each damaged otherwise, by an ID of
# its own; cut and flip up to the end of the message, the rest in the journal
cat >"$T/damage" <<'END2'
use strict;
my ($file, $folder, $kind, $many) = @ARGV;
open my $in, '<:raw', $file or die "$file: $!";
my $all = do { local $/; <$in> };
my (undef, $head, $size) = split ' ', substr $all, 0, 96;
my $journal = 96 + $head + $size;
my $n = 0;
umask 077;
sub put {
	my $name = sprintf '%s/%016X', $folder, 0x1A00000000000000 + $n++;
	open my $out, '>:raw', $name or die "$name: $!";
	print $out $_[0];
	close $out or die "$name: $!";
}
sub flip {
	my ($at, $bit) = @_;
	my $copy = $all;
	substr($copy, $at, 1) = chr(ord(substr $all, $at, 1) ^ 1 << $bit);
	put $copy;
}
srand 1;
if ($kind eq 'cut') {
	put substr $all, 0, $_ for 0 .. $journal - 1;
} elsif ($kind eq 'flip') {
	for my $at (0 .. 96 + $head - 1) {
		flip($at, $_) for 0 .. 7;
	}
	flip(96 + $head + int rand $size, int rand 8) for 1 .. 100;
} elsif ($kind eq 'cut-journal') {
	put substr $all, 0, $_ for $journal .. length $all;
} elsif ($kind eq 'flip-journal') {
	for (1 .. $many) {
		my $copy = $all;
		for (0 .. rand 4) {
			my $at = $journal + int rand length($all) - $journal;
			substr($copy, $at, 1) = chr int rand 256;
		}
		put $copy;
	}
} else {
	for (1 .. $many) {
		my $noise = join '', map { chr int rand 256 } 1 .. rand 300;
		put $kind eq 'noise-journal' ? substr($all, 0, $journal) . $noise :
		    rand() < .5 ? $noise : substr($all, 0, 96) . $noise;
	}
}
print "$n\n";
END2

store()
{
	"$SENDMAIL" -odq -f joe@x.example "$@" <"$T/in" || diag "not stored"
}

sums()
{
	(cd "$active" && find . -type f ! -name "$sound" -exec md5sum {} + |
	    sort -k 2)
}

# Whatever is found, no crash: a code of ours, nothing from the valgrind.
calm()
{
	[ "$rc" -lt 99 ] && ! grep -q '^==' "$T/err"
	report $? "$1" "exit $rc" "$(head -n 20 "$T/err")"
}

# broken KIND: not one is sent, removed or left out
broken()
{
	fresh
	store a@y.example b@y.example
	mv "$active"/* "$T/model"
	count=$(perl "$T/damage" "$T/model" "$active" "$1" 100)
	store good@y.example
	sound=$(ls "$active" | grep -v '^1A0')
	sums >"$T/before"
	run $check "$MAILQ"
	calm "$1: mailq does not crash on $count files"
	is "$(grep -c '\<1A0.*left alone' "$T/out")" \
	    "$count" "$1: it names each"
	cp "$T/out" "$T/list"
	run $check "$MAILQ" -j
	calm "$1: nor does its JSON"
	run $check "$SENDMAIL" -q
	calm "$1: a run does not crash"
	sums >"$T/after"
	same_file "$T/after" "$T/before" "$1: they lie as they lay"
	is "$(arrived) $(cat "$T/smarthost"/*.env | grep -c good@)" "1 1" \
	    "$1: only the sound one goes"
	is "$(grep -o '\<1A0[0-9A-F]*' "$T/log" | sort -u | wc -l)" "$count" \
	    "$1: the run names each"
}

# journal KIND: everybody is served who is not known to have been served, and
# each message ends
journal()
{
	fresh
	store a@y.example b@y.example c@y.example
	perl "$TOP/t/record.pl" "$active"/* \
	    note "$(date +%s) attempt - <>" \
	    note "$(date +%s) delivered 1 250+20ok" \
	    note "$(date +%s) deferred 2 451+204.2.1+20later" \
	    note "$(date +%s) refused 3 550+205.1.1+20who" \
	    note "$(date +%s) reported 3 failed"
	mv "$active"/* "$T/model"
	count=$(perl "$T/damage" "$T/model" "$active" "$1" $many)
	sound=none
	run $check "$MAILQ"
	calm "$1: mailq does not crash on $count files"
	is "$(grep -c 'left alone' "$T/out")" 0 "$1: and takes none for broken"
	run $check "$SENDMAIL" -q
	calm "$1: a run does not crash"
	"$SENDMAIL" -q 2>"$T/err"
	is "$(queued)" 0 "$1: nothing is left"
	is "$(cat "$T/smarthost"/*.env | grep -c 'RCPT TO:<b@y')" "$count" \
	    "$1: who waits is served, by each of them"
}

broken cut
broken flip
broken noise
many=200
[ -z "${TORTURE:-}" ] || many=2000
journal cut-journal
journal flip-journal
journal noise-journal

done_testing
