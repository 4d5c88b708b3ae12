# lib.sh - a house of its own for each test
#
# A test begins with `. "${0%/*}/lib.sh"` and ends with done_testing.  It runs
# once more in namespaces of its own, where the network is a loopback with every
# port free, the machine is called web1.example.org, /etc is a copy, /run and
# /var/spool are empty, the user (root there, whoever runs it) lives in $T/home,
# and whatever is left running is killed at the end.
#
#	T	directory of the test, removed at the end unless KEEP=1
#	TOP	the checkout; SENDMAIL, MAILQ, SMARTHOST: the programs
#	TORTURE	set in make torture: all of it, whatever time that takes
#
# Claims print TAP:
#
#	ok DESCRIPTION COMMAND...	the command succeeds
#	not_ok DESCRIPTION COMMAND...	it fails
#	is GOT WANT DESCRIPTION		two words are the same
#	like TEXT PATTERN DESCRIPTION	grep -E finds it
#	unlike TEXT PATTERN DESCRIPTION
#	same_file GOT WANT DESCRIPTION	octet for octet
#	silent DESCRIPTION		the last `run` wrote nothing
#	done_testing
#
# SPDX-License-Identifier: ISC

fail_early()
{
	echo "not ok 1 - $*"
	echo "1..1"
	exit 1
}

if [ -z "${HOUSE:-}" ]; then
	T=$(mktemp -d "${TMPDIR:-/tmp}/onehop.XXXXXX") || exit 1
	chmod 755 "$T"
	trap '[ -n "${KEEP:-}" ] || rm -rf "$T"' EXIT
	trap 'exit 1' HUP INT TERM
	case $(id -u) in
	0) alone='unshare -mnup --propagation private' ;;
	*) alone='unshare -rmnup' ;;
	esac
	$alone true 2>"$T/err" ||
	    fail_early "this test needs namespaces: $(head -n 1 "$T/err")"
	timeout -k 5 "${LIMIT:-300}" $alone --fork --kill-child --mount-proc \
	    env -i HOUSE=1 T="$T" ${TORTURE:+TORTURE="$TORTURE"} LC_ALL=C.UTF-8 TZ=UTC \
	    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
	    sh "$0" "$@"
	rc=$?
	[ -z "${KEEP:-}" ] || echo "# kept in $T"
	exit $rc
fi

TOP=${TOP:-$(cd "${0%/*}/.." && pwd)}
TOP=${TOP%/t}
SENDMAIL=$TOP/sendmail/sendmail
MAILQ=$TOP/mailq/mailq
SMARTHOST=$TOP/t/smarthost
HOME=$T/home
export HOME
TESTS=0
FAILED=0
umask 022

furnish()
{
	mkdir -p "$T/home" "$T/spool" "$T/etc" || return
	chmod 700 "$T/home"
	# In memory: hundreds of files for each test are work for a disk.
	mount -t tmpfs -o mode=755 etc "$T/etc" || return
	# As an ordinary user some files cannot be copied: no loss here.
	cp -a /etc/. "$T/etc" 2>/dev/null
	chmod 755 "$T/etc"
	rm -f "$T/etc/onehop.conf" "$T/etc/mailname" "$T/etc/aliases" \
	    "$T/etc/resolv.conf" "$T/etc/nsswitch.conf" "$T/etc/hosts" \
	    "$T/etc/localtime" "$T/etc/passwd" "$T/etc/group"
	cat >"$T/etc/hosts" <<-END
		127.0.0.1 localhost smarthost.test
		::1 localhost
		127.0.1.1 web1.example.org web1
	END
	echo 'nameserver 127.0.0.1' >"$T/etc/resolv.conf"
	printf '%s\n' 'passwd: files' 'group: files' 'hosts: files' \
	    'services: files' 'protocols: files' >"$T/etc/nsswitch.conf"
	sed "s,^\(root:[^:]*:0:0:\).*,\1root:$T/home:/bin/sh," /etc/passwd \
	    >"$T/etc/passwd"
	cat /etc/group >"$T/etc/group"
	mount --bind "$T/etc" /etc && mount --bind "$T/spool" /var/spool &&
	    mount -t tmpfs -o mode=755 run /run || return
	if [ -S /dev/log ] && ! [ -L /dev/log ]; then
		mount --bind /dev/null /dev/log || return
	fi
	ip link set lo up && hostname web1 && cd "$T"
}

# sbin/ip may be missing where everything else is there.
command -v ip >/dev/null || fail_early "no ip(8): run sh t/prepare test"
# Where namespaces are forbidden t/demo comes with a bare house.
[ "$HOUSE" = bare ] || furnish || fail_early "cannot furnish the namespaces"
for program in "$SENDMAIL" "$MAILQ" "$SMARTHOST"; do
	[ -x "$program" ] || fail_early "no $program: run make tests"
done
# A checkout may lie where nobody else may enter, as mktemp -d makes it.
if [ "$HOUSE" != bare ]; then
	install -d "$T/programs"
	install "$SENDMAIL" "$MAILQ" "$T/programs"
	SENDMAIL=$T/programs/sendmail
	MAILQ=$T/programs/mailq
fi
unset HOUSE

# Claims

diag()
{
	printf '%s\n' "$*" | sed 's/^/# /' >&2
}

report()
{
	TESTS=$((TESTS + 1))
	if [ "$1" = 0 ]; then
		echo "ok $TESTS - $2"
		return 0
	fi
	echo "not ok $TESTS - $2"
	FAILED=$((FAILED + 1))
	shift 2
	[ $# = 0 ] || diag "$@"
	return 1
}

ok()
{
	claim=$1
	shift
	"$@"
	report $? "$claim" "failed: $*"
}

not_ok()
{
	claim=$1
	shift
	! "$@"
	report $? "$claim" "did not fail: $*"
}

is()
{
	[ "$1" = "$2" ]
	report $? "$3" "     got: $1
expected: $2"
}

like()
{
	printf '%s\n' "$1" | grep -Eq -e "$2"
	report $? "$3" "      got: $1
not found: $2"
}

unlike()
{
	! printf '%s\n' "$1" | grep -Eq -e "$2"
	report $? "$3" " got: $1
found: $2"
}

same_file()
{
	cmp "$1" "$2" >"$T/cmp" 2>&1
	report $? "$3" "$(cat "$T/cmp")
$(diff -a "$2" "$1" 2>&1 | head -n 20 | cut -c1-200)"
}

silent()
{
	[ ! -s "$T/out" ] && [ ! -s "$T/err" ]
	report $? "$1" "$(head -n 20 "$T/out" "$T/err")"
}

done_testing()
{
	echo "1..$TESTS"
	[ "$FAILED" = 0 ]
	exit
}

# Doing

# Milliseconds since 1970.
now_ms()
{
	date +%s%3N
}

# Run a command, keep $rc, $T/out and $T/err.
run()
{
	"$@" >"$T/out" 2>"$T/err"
	rc=$?
}

# Run a command as another uid; only root can.
as()
{
	user=$1
	shift
	setpriv --reuid "$user" --regid "$user" --clear-groups -- "$@"
}

# LeakSanitizer, in make strict, cannot look into a process that is traced.
strace()
{
	ASAN_OPTIONS=detect_leaks=0 command strace "$@"
}

# Until a command succeeds, 10 s at most.
wait_for()
{
	tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ $tries -lt 200 ] || return 1
		sleep 0.05
	done
}

# Files of messages that wait in a queue, of all its folders.
queued()
{
	find "${1:-$HOME/.queue}" -type f ! -name '.*' 2>/dev/null | wc -l |
	    tr -d ' '
}

# ASan's own memory and calls are none of ours.
limit()
{
	if nm "$SENDMAIL" 2>/dev/null | grep -q __asan_init; then
		echo 1000000
	else
		echo "$1"
	fi
}

# rss COMMAND...: $rc, and $peak memory in kB
rss()
{
	/usr/bin/time -f %M -o "$T/rss" "$@" >"$T/out" 2>"$T/err"
	rc=$?
	peak=$(tail -n 1 "$T/rss")
}

# A text as it looks on the wire.
wire()
{
	sed 's/\r*$/\r/'
}

# A text as it arrived, without the fields that we add.
strip_added()
{
	awk 'body { print; next }
	/^\r?$/ { body = 1; print; next }
	/^[ \t]/ { if (!drop) print; next }
	{ drop = tolower($0) ~ /^(date|message-id|from):/ }
	!drop' "$@"
}

# Certificates

# ca_issue NAME CA ALTNAMES [option of openssl x509...]
ca_issue()
{
	name=$1 ca=$2 alt=$3
	shift 3
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -subj "/CN=$name" -keyout "$T/$name.key" -out "$T/$name.csr" \
	    2>/dev/null &&
	    printf 'subjectAltName=%s\n' "$alt" >"$T/$name.ext" &&
	    openssl x509 -req -in "$T/$name.csr" -CA "$T/$ca.pem" \
	        -CAkey "$T/$ca.key" -CAcreateserial -days 2 \
	        -extfile "$T/$name.ext" -out "$T/$name.pem" "$@" 2>/dev/null
}

# ca_root NAME
ca_root()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -subj "/CN=$1" -days 2 -keyout "$T/$1.key" -out "$T/$1.pem" \
	    -addext keyUsage=keyCertSign 2>/dev/null
}

# ca.pem and the good server.pem.
ca_make()
{
	ca_root ca &&
	    ca_issue server ca \
	        'DNS:smarthost.test,DNS:localhost,IP:127.0.0.1,IP:::1'
}

# Those nobody should believe: wrong, expired, stranger, self.
ca_make_bad()
{
	names=DNS:smarthost.test,DNS:localhost,IP:127.0.0.1
	ca_issue wrong ca DNS:other.test &&
	    ca_issue expired ca $names -days -1 &&
	    ca_root stranger-ca && ca_issue stranger stranger-ca $names &&
	    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
	        -nodes -subj /CN=smarthost.test -addext "subjectAltName=$names" \
	        -days 2 -keyout "$T/self.key" -out "$T/self.pem" 2>/dev/null
}

# The smarthost

USER_NAME=alice
PASSWORD='s3cret " ; # = : / x'

# smarthost_start [-n NAME] [-s CERTIFICATE] [-a] [option of t/smarthost...]
# Port 2587, STARTTLS and a login unless said otherwise; with -a none is wanted.  Messages go to
# $T/NAME/, the transcript to $T/NAME.log, rules are read from $T/NAME.rules.
smarthost_start()
{
	name=smarthost certificate=server login=yes
	while :; do
		case ${1:-} in
		-n) name=$2 && shift ;;
		-s) certificate=$2 && shift ;;
		-a) login= ;;
		*) break ;;
		esac
		shift
	done
	mkdir -p "$T/$name"
	rm -f "$T/$name.port"
	setsid "$SMARTHOST" -p 2587 -P "$T/$name.port" -d "$T/$name" \
	    -o "$T/$name.log" -r "$T/$name.rules" -t starttls \
	    -c "$T/$certificate.pem" -k "$T/$certificate.key" \
	    ${login:+-U "$USER_NAME:$PASSWORD"} "$@" &
	echo $! >"$T/$name.pid"
	wait_for test -s "$T/$name.port" || diag "smarthost did not start"
}

# smarthost_stop [NAME]: it and its connections.
smarthost_stop()
{
	pid=$(cat "$T/${1:-smarthost}.pid")
	kill -TERM "-$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	rm -f "$T/${1:-smarthost}.port"
}

# What the smarthost saw since the last call.
transcript_clear()
{
	: >"$T/${1:-smarthost}.log"
}

transcript()
{
	cat "$T/${1:-smarthost}.log" 2>/dev/null
}

# Whether each connection is over; one that hangs never is.
all_closed()
{
	connects=$(transcript | grep -c '^-- connect')
	[ "$connects" -gt 0 ] &&
	    [ "$connects" = "$(transcript | grep -cE '^-- (close|hang)')" ]
}

# The transcript, once that is so.
seen()
{
	wait_for all_closed
	transcript
}

# How often the server had to wait for us, after its greeting.
turns()
{
	seen | grep -c '^-- turn'
}

# How many messages a smarthost took.
arrived()
{
	find "$T/${1:-smarthost}" -name '*.msg' | wc -l | tr -d ' '
}

# rules [LINE...]: what the smarthost does otherwise from now on
rules()
{
	printf '%s\n' "$@" >"$T/smarthost.rules"
}

# Nothing waits, nothing has arrived, nothing is written down.
fresh()
{
	rm -rf "$HOME/.queue" "$T/smarthost" "$T/log"
	mkdir "$T/smarthost"
	transcript_clear
}

# conf_write [LINE...]: host, port, ca, user, password and the log, unless a line
# before any section sets them otherwise; `-key` leaves one out.  Nothing is left
# running unless a section [queue] is among the lines.
conf_write()
{
	mkdir -p "$HOME/.config"
	rm -f "$HOME/.config/onehop.conf"
	(
		umask 077
		printf '%s\n' "$@" | conf_lines >"$HOME/.config/onehop.conf"
	)
}

conf_lines()
{
	WORD=$PASSWORD LOGFILE=$T/log awk -v ca="$T/ca.pem" \
	    -v user="$USER_NAME" '
	BEGIN { print "[smarthost]" }
	function usual(key, value)
	{
		if (!(key in seen))
			print key " = " value
	}
	function finish()
	{
		usual("host", "smarthost.test")
		usual("port", "2587")
		usual("ca", ca)
		usual("user", user)
		usual("password", ENVIRON["WORD"])
		finished = 1
	}
	/^$/ { next }
	/^\[/ && !finished { finish() }
	/^\[log\]/ { log_seen = 1 }
	/^\[queue\]/ { queue_seen = 1 }
	/^-/ && !finished { seen[substr($0, 2)] = 1; next }
	{ key = $1; sub(/=.*/, "", key); seen[key] = 1; print }
	END {
		if (!finished)
			finish()
		if (!queue_seen)
			print "[queue]\nrunner = no"
		if (!log_seen)
			print "[log]\nto = " ENVIRON["LOGFILE"]
	}'
}
