#!/bin/sh
# SPDX-License-Identifier: ISC
# Every call may fail while a message is stored, and the process may die at every
# one: what exit 0 said stays true, nobody gets a message twice, no file is
# broken.
. "${0%/*}/inject.sh"

# A disk that is full, or a folder that takes no names, stays so: it is 75, or 0,
# and soon.

# always CALL ERROR [OPTION of strace...]: while it is so
always()
{
	call=$1 error=$2 what="always $1:$2"
	shift 2
	fresh
	"$SENDMAIL" -odq a@y.example <"$T/in"
	rm -f "$HOME"/.queue/active/*
	: >"$T/log"
	start_queue
	env ASAN_OPTIONS=detect_leaks=0 timeout -s KILL 20 strace -f -qq \
	    -e trace="$call" -e inject="$call:error=$error" "$@" \
	    -o "$T/trace" "$SENDMAIL" -odq -f joe@x.example a@y.example <"$T/in" >"$T/out" 2>"$T/err"
	rc=$?
	grep -q INJECTED "$T/trace" || problem "it is not met"
	tried=$((tried + 1))
	case $rc:$(find "$HOME/.queue" -type f | wc -l) in
	0:1 | 75:0) ;;
	*) problem "it leaves $(find "$HOME/.queue" -type f)" ;;
	esac
	after_queue
}

tried=0
for fault in openat:ENOSPC openat:EOPNOTSUPP linkat:EACCES linkat:ENOSPC \
    linkat:ENOENT linkat:EEXIST fsync:EIO pwrite64:ENOSPC renameat2:EINVAL \
    mkdirat:EACCES fallocate:ENOSPC flock:ENOLCK utimensat:EIO; do
	call=${fault%:*} error=${fault#*:}
	case $call in
	openat) always $call $error -P "$HOME/.queue/active" ;;
	renameat2) always $call,linkat $error ;;
	*) always $call $error ;;
	esac
done
is "$problems" "" "a fault that stays: $tried of them"

# In the spool, too, for who has both; there the second place is tried as well.
install -d -m 1777 /var/spool/onehop
for error in EACCES ENOSPC; do
	env ASAN_OPTIONS=detect_leaks=0 timeout -s KILL 20 strace -f -qq \
	    -e trace=linkat -e inject=linkat:error=$error \
	    -o "$T/trace" "$SENDMAIL" -odq -f joe@x.example a@y.example <"$T/in" 2>"$T/err"
	is "$? $(queued) $(queued /var/spool/onehop)" "75 0 0" \
	    "no place gives a name ($error): 75, and nothing is left"
	is "$(awk '$2 ~ /^linkat/ { print $2 $3 $4 }' FS=' +' "$T/trace" |
	    wc -l)" 3 "once without a name, then with one in each place"
done
rm -rf /var/spool/onehop

all queue "$SENDMAIL" -f joe@x.example a@y.example

done_testing
