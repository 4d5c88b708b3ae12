#!/bin/sh
# SPDX-License-Identifier: ISC
# Power cuts, at any moment, on ext4, xfs and btrfs: what was acknowledged is
# there, whole; what was noted is noted; what is gone stays gone.
#
# The home lies on an image in a file, the file on an xfs that can copy it in no
# time (FICLONE): such a copy is what a disk holds at that moment, and mounting
# it is the start after the cut.  What the page cache had is lost.  Meanwhile
# eight submit and one runs, which writes down what must survive any later cut:
#
#	put KEY		exit 0 was said
#	mark KEY	a run is over, and who was served stands in its journal
#	gone KEY	a run is over, and the message is not there any more
#
# The same without the sync of files, of folders, and of journals must fail: a
# test that cannot see those would see nothing.
TOP=$(cd "${0%/*}/../.." && pwd)
LIMIT=7200
. "$TOP/t/lib.sh"

CUTS=24
MOST=200 # messages of one who submits, before he slows down

[ "$(awk '$1 == 0 { print $3 }' /proc/self/uid_map)" = 4294967295 ] || {
	report 1 'power cuts need root, to mount images'
	done_testing
}
mkdir "$T/disk" "$T/after"
truncate -s 6G "$T/xfs" && mkfs.xfs -q -m reflink=1 "$T/xfs" &&
    mount -o loop,nouuid "$T/xfs" "$T/disk" || {
	report 1 'images need a loop device, and xfs'
	done_testing
}

conf_write 'host = localhost' 'tls = off' -user -password -ca \
    '[queue]' 'runner = no' 'retry = 1s'
mkdir "$T/conf"
mv "$HOME/.config" "$T/conf"
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"
head -c 40000 /dev/zero | tr '\0' 'x' | fold -w 70 >>"$T/in"
smarthost_start -a -t none
echo 'RCPT wait* 450 4.2.1 later' >"$T/smarthost.rules"

# look FOLDER: "KEY is broken", "KEY is there", "KEY is noted" for its files
cat >"$T/look" <<'END2'
use strict;
require "crc.pl";
my $sums = shift;
for my $file (glob "$ARGV[0]/*") {
	open my $in, '<:raw', $file or next;
	my $all = do { local $/; <$in> } // '';
	my ($key) = $all =~ /^to [a-z]*([0-9.]+)\@/m;
	my ($head, $size, $sum) =
	    $all =~ /^ONEHOP1 (\d{12}) (\d{20}) ([0-9a-f]{8}) /;
	if (!defined $sum or !defined $key or length $all < 96 + $head + $size or
	    $sums && $sum ne crc(substr $all, 96, $head + $size)) {
		print "$file is broken\n";
		next;
	}
	print "$key is there\n";
	my $noted;
	for (split /\n/, substr $all, 96 + $head + $size) {
		next unless /^([0-9a-f]{8}) (\d+ delivered .*)$/;
		$noted = 1 if $1 eq crc($2);
	}
	print "$key is noted\n" if $noted;
}
END2

# Half of them can go as a whole (go), half keep one who waits (keep).
submitter()
{
	n=0
	while [ ! -e "$T/stop" ]; do
		n=$((n + 1))
		key=$1.$n
		case $((n % 2)) in
		0) set -- "$1" "go$key@y.example" ;;
		1) set -- "$1" "go$key@y.example" "wait$key@y.example" ;;
		esac
		"$SENDMAIL" -odq -f joe@x.example "$2" ${3:+"$3"} <"$T/in" &&
		    echo "put $key" >>"$T/facts"
		set -- "$1"
		[ "$n" -lt "$MOST" ] || sleep 1
	done
}

# Each run is over before it is written down what must survive.
running()
{
	while [ ! -e "$T/stop" ]; do
		sed -n 's/^put //p' "$T/facts" | sort >"$T/put"
		"$SENDMAIL" -q 2>"$T/run.err"
		perl -I "$TOP/t" "$T/look" 0 "$HOME/.queue/active" >"$T/now"
		{
			sed -n 's/\(.*\) is noted/mark \1/p' "$T/now"
			sed -n 's/ is there//p' "$T/now" | sort |
			    comm -13 - "$T/put" | sed 's/^/gone /'
		} >>"$T/facts"
	done
}

# The facts first, then the cut: a fact that is known holds in it.
cut_power()
{
	cut=0
	while [ $cut -lt "$CUTS" ]; do
		cut=$((cut + 1))
		sleep "0.$((1 + $(od -An -N1 -tu1 /dev/urandom) % 5))"
		sort -u "$T/facts" >"$T/facts.$cut"
		cp --reflink=always "$T/disk/image" "$T/disk/cut.$cut" || return
	done
}

# compare FACTS NOW: how many facts do not hold
compare()
{
	awk 'NR == FNR { is[$1 " " $3] = 1; broken += $3 == "broken"; next }
	{ split($2, part, "."); keeps = part[2] % 2 }
	$1 == "put" && keeps && !is[$2 " there"] { lost++ }
	$1 == "mark" && keeps && !is[$2 " noted"] { forgotten++ }
	$1 == "gone" && is[$2 " there"] { back++ }
	END { print broken + 0, lost + 0, forgotten + 0, back + 0 }' "$2" "$1"
}

# All cuts; sets $broken $lost $forgotten $back.
examine()
{
	broken=0 lost=0 forgotten=0 back=0 facts=0
	for image in "$T"/disk/cut.*; do
		mount -o loop "$image" "$T/after" || {
			broken=$((broken + 1))
			continue
		}
		perl -I "$TOP/t" "$T/look" 1 "$T/after/home/.queue/active" >"$T/now"
		umount "$T/after"
		# shellcheck disable=SC2046
		set -- $(compare "$T/facts.${image##*.}" "$T/now")
		broken=$((broken + $1)) lost=$((lost + $2))
		forgotten=$((forgotten + $3)) back=$((back + $4))
		facts=$((facts + $(wc -l <"$T/facts.${image##*.}")))
	done
	found="$broken broken, $lost lost, $forgotten forgotten, $back back"
	echo "# $found, of $facts facts in $CUTS cuts"
}

# trial KIND [LIE]: work on that file system until the cuts are made
trial()
{
	rm -rf "$T"/disk/* "$T"/facts* "$T/stop" "$T"/smarthost/*
	truncate -s 512M "$T/disk/image"
	"mkfs.$1" -q "$T/disk/image" >/dev/null && mount -o loop "$T/disk/image" "$T/home" || return
	mkdir -m 700 "$T/home/home"
	cp -a "$T/conf/.config" "$T/home/home"
	sync -f "$T/home"
	: >"$T/facts"
	(
		if [ -n "${2:-}" ]; then
			export SYNC_LIE="$2" LD_PRELOAD="$TOP/t/shim-sync.so"
		fi
		for who in 1 2 3 4 5 6 7 8; do
			submitter $who &
		done
		running
		wait
	) &
	worker=$!
	sleep 1
	cut_power
	: >"$T/stop"
	wait $worker
	umount "$T/home" && examine
}

# The home is in the image: a cut may undo all but what was synced.
sed "s,:$T/home:,:$T/home/home:," "$T/etc/passwd" >"$T/passwd" &&
    cat "$T/passwd" >"$T/etc/passwd"
HOME=$T/home/home

for kind in ext4 xfs btrfs; do
	if ! command -v "mkfs.$kind" >/dev/null ||
	    ! grep -qw "$kind" /proc/filesystems; then
		report 1 "$kind is here, to cut its power"
		continue
	fi
	ok "$kind: power is cut" trial "$kind"
	is "$found" "0 broken, 0 lost, 0 forgotten, 0 back" \
	    "$kind: exit 0, notes and removals outlive it"
	ok "$kind: there was something to lose ($facts)" test "$facts" -gt 500
	ok "$kind: no sync of files" trial "$kind" file
	ok "$kind: and that is seen: $found" test "$broken" -gt 0
	ok "$kind: no sync of folders" trial "$kind" folder
	ok "$kind: and that is seen: $found" test $((lost + back)) -gt 0
	ok "$kind: no sync of journals" trial "$kind" data
	ok "$kind: and that is seen: $found" test "$forgotten" -gt 0
done
umount "$T/disk"

done_testing
