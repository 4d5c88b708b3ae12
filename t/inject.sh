# inject.sh - every call fails once, and is the last once
#
# For tests that have lib.sh.  A scenario of fault.sh runs once for each call,
# error and N = 1, 2, ... until it makes no Nth such call.  With TORTURE=1 all
# errors of each call are tried, else one; and each call is the last, too.  A
# sanitizer is slow, and who is killed has no more to say to it: there every third
# N is tried, and no call is the last.
#
# SPDX-License-Identifier: ISC

LIMIT=${TORTURE:+14400}
LIMIT=${LIMIT:-600}
. "${0%/*}/lib.sh"
. "$TOP/t/fault.sh"

calls='openat:ENOSPC,EACCES,EMFILE,EIO,EROFS,ENFILE,EDQUOT
pwrite64:ENOSPC,EIO,EDQUOT,EINTR
pread64:EIO,EINTR
write:EIO,ENOSPC,EINTR
read:EIO,EINTR
fsync:EIO,ENOSPC
fdatasync:EIO,ENOSPC
linkat:EEXIST,EIO,EPERM,ENOENT,ENOSPC
unlinkat:EIO,EROFS
renameat2:EIO,EINVAL
flock:EAGAIN,ENOLCK,EINTR
fallocate:ENOSPC,EOPNOTSUPP
utimensat:EIO,EACCES
close:EIO
fstat:EIO
newfstatat:EIO,EACCES
getdents64:EIO
mkdirat:ENOSPC,EACCES
connect:ECONNREFUSED,ENETUNREACH
socket:EMFILE
sendto:EPIPE,ECONNRESET
recvfrom:ECONNRESET
getrandom:EAGAIN
clone:EAGAIN
fork:EAGAIN
lseek:EIO
ftruncate:EIO'
last=KILL step=1
! grep -q __asan_init "$SENDMAIL" || last='' step=3

# try SCENARIO CALL ERROR COMMAND...: for each N
try()
{
	scenario=$1 call=$2 error=$3
	shift 3
	case $error in
	KILL) action=signal=KILL stops='' may_repeat=1 ;;
	*) action=error=$error stops=--seccomp-bpf may_repeat= ;;
	esac
	n=$((${#call} % step + 1 - step))
	while :; do
		n=$((n + step))
		what="$scenario $call:$error:$n"
		fresh
		: >"$T/log"
		"start_$scenario"
		strace -f -qq $stops -e trace="$call" \
		    -e inject="$call:$action:when=$n" -o "$T/trace" \
		    "$@" <"$T/in" >"$T/out" 2>"$T/err"
		rc=$?
		grep -q 'INJECTED\|killed by SIGKILL' "$T/trace" || break
		tried=$((tried + 1))
		"after_$scenario"
	done
}

# all SCENARIO COMMAND...: each call, each error
all()
{
	scenario=$1
	shift
	tried=0 problems=
	for line in $calls; do
		call=${line%%:*} errors=${line#*:}
		[ -n "${TORTURE:-}" ] || errors=${errors%%,*}
		strace -qq -e trace="$call" -o /dev/null true 2>/dev/null ||
		    continue
		for error in $(echo "$errors" | tr , ' ') $last; do
			case ${TORTURE:-}:$error:$call in
			:KILL:read | :KILL:close | :KILL:fstat | \
			    :KILL:newfstatat | :KILL:pread64 | :KILL:getrandom)
				continue
				;;
			esac
			try "$scenario" "$call" "$error" "$@"
		done
	done
	is "$problems" "" "$scenario: $tried faults"
	ok "$scenario: they were met" test "$tried" -gt 9
}
