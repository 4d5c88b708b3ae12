#!/bin/sh
# SPDX-License-Identifier: ISC
# It builds with gcc and clang, by GNU make and bmake, hardened and without a
# warning; make install puts in place what INSTALL says, and nothing else.
top=$(cd "${0%/*}/.." && pwd) || exit 1
n=0 bad=0
T=$(mktemp -d) || exit 1
chmod 755 "$T"
trap 'rm -rf "$T"' EXIT
trap 'exit 1' HUP INT TERM
# Whoever runs this by make has set these for himself, not for us.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES CC CFLAGS LDFLAGS DESTDIR PREFIX
umask 022

ok() { # description, command...
	n=$((n + 1))
	claim=$1
	shift
	if "$@" >"$T/out" 2>&1; then
		echo "ok $n - $claim"
	else
		echo "not ok $n - $claim"
		{ echo "failed: $*" && tail -n 30 "$T/out"; } | sed 's/^/# /'
		bad=1
	fi
}

is() { # got, expected, description
	printf '%s\n' "$1" >"$T/got"
	printf '%s\n' "$2" >"$T/expected"
	ok "$3" diff "$T/expected" "$T/got"
}

sources() { # directory
	mkdir "$1"
	(cd "$top" && cp -RP conf mailq sendmail Makefile README INSTALL "$1" &&
	    mkdir "$1/t" && cp t/*.[ch] "$1/t")
	rm -f "$1"/*/*.o "$1/sendmail/sendmail" "$1/mailq/mailq"
}

build() { # directory, make, argument...
	(cd "$1" && shift && "$@") >"$T/log" 2>&1
}

none() { # whatever a pattern finds, in a file
	! grep -E "$1" "$2"
}

# What B20 of the facts asks for, seen in the program.
hardened() { # program
	readelf -hldsW "$1" >"$T/elf" || return
	for sign in 'Type: *DYN' 'PIE' 'GNU_RELRO' 'BIND_NOW' \
	    '__stack_chk_fail' '__[a-z]*printf_chk'; do
		grep -Eq "$sign" "$T/elf" || { echo "no $sign"; return 1; }
	done
	none 'GNU_STACK.*E|TEXTREL|RPATH|RUNPATH|LOAD.*RWE' "$T/elf"
}

# The libc that is linked to may not be marked so, which unmarks the program.
marked() { # directory: each of its objects
	[ "$(uname -m)" = x86_64 ] || return 0
	for object in "$1"/*/*.o; do
		readelf -nW "$object" | grep -q 'IBT, SHSTK' || {
			echo "$object"
			return 1
		}
	done
}

says() { # flag...: in the command of each object
	for flag in "$@"; do
		grep -E -e ' -c -o ' "$T/log" | none '' /dev/stdin && return 1
		grep -E -e ' -c -o ' "$T/log" | grep -vF -e " $flag" && return 1
	done
	return 0
}

links_libc_only() {
	! ldd "$1" | grep -vE 'libc\.so|linux-vdso|linux-gate|ld-linux|ld-musl'
}

for pair in 'make gcc' 'bmake clang' 'make clang' 'bmake gcc'; do
	make=${pair% *} cc=${pair#* } tree="$T/$make-$cc"
	sources "$tree"
	ok "$make -j2 builds with $cc" build "$tree" "$make" -j2 "CC=$cc"
	ok "without a warning" none 'warning' "$T/log"
	ok "asked for" says -Wall -Wextra -Wshadow
	for program in sendmail mailq; do
		ok "$program is hardened" hardened "$tree/$program/$program"
		is "$("$tree/$program/$program" --version)" 'onehop 0.1' \
		    "$program runs"
	done
	ok "its control flow is protected" marked "$tree"
	ok "mailq is linked to libc only" links_libc_only "$tree/mailq/mailq"
	build "$tree" "$make" -n "CC=$cc"
	ok "$make has nothing left to do" none ' -o ' "$T/log"
done

tree=$T/make-gcc
build "$tree" make clean
build "$tree" make -n CC=gcc
ok "gcc is told all of B20" says -D_FORTIFY_SOURCE=3 -fstack-protector-strong \
    -fstack-clash-protection -ftrivial-auto-var-init=zero -fPIE -O2
is "$(cd "$tree" && find conf mailq sendmail -type f | sort)" \
    "$(cd "$top" && git ls-files conf mailq sendmail 2>/dev/null | sort |
	grep . || { cd "$tree" && find conf mailq sendmail -type f | sort; })" \
    "make clean leaves the sources only"

# The user's own

cat >"$T/cc" <<'END'
#!/bin/sh
echo "$@" >>"${0%/*}/cc.log"
exec gcc "$@"
END
chmod +x "$T/cc"
for make in make bmake; do
	tree=$T/$make-gcc
	build "$tree" "$make" clean
	rm -f "$T/cc.log"
	ok "$make takes the user's CC, CFLAGS and LDFLAGS" build "$tree" "$make" \
	    -j2 "CC=$T/cc" 'CFLAGS=-O0 -DMINE -Wno-shadow' \
	    LDFLAGS=-Wl,--build-id=0x600dcafe
	ok "without a warning, though nothing is fortified without -O" \
	    none 'warning' "$T/log"
	grep -E -e ' -(c|pie) ' "$T/cc.log" >"$T/cc.used"
	ok "CFLAGS are given to each object and program, last" sh -c \
	    '[ -s "$1" ] && ! grep -vE -e "-Wshadow.* -O0 -DMINE -Wno-shadow|-O0 -DMINE.*-pie" "$1"' \
	    - "$T/cc.used"
	is "$(for p in sendmail mailq; do
		readelf -n "$tree/$p/$p" | sed -n 's/.*Build ID: //p'
	done | sort -u)" 600dcafe "LDFLAGS to each program"

	sleep 1
	touch "$tree/mailq/word.h"
	build "$tree" "$make" -j2 CC=gcc
	is "$(cd "$tree" && find . -name '*.o' ! -newer mailq/word.h
	    find sendmail/sendmail mailq/mailq ! -newer mailq/word.h)" "" \
	    "$make builds anew when a header has changed"
done

# Install

listing() { # directory: mode, name and target of all within
	(cd "$1" && find . -mindepth 1 -printf '%M %P %l\n' | sed 's/ $//' |
	    LC_ALL=C sort -k 2)
}

expected() { # prefix
	awk -v prefix="${1#/}/" '
		{ sub(/PREFIX\//, prefix); print }' <<-'END' | LC_ALL=C sort -k 2
		drwxr-xr-x PREFIX/bin
		lrwxrwxrwx PREFIX/bin/newaliases ../sbin/sendmail
		-rwxr-xr-x PREFIX/bin/mailq
		drwxr-xr-x PREFIX/lib
		lrwxrwxrwx PREFIX/lib/sendmail ../sbin/sendmail
		drwxr-xr-x PREFIX/sbin
		-rwxr-xr-x PREFIX/sbin/sendmail
		drwxr-xr-x PREFIX/share
		drwxr-xr-x PREFIX/share/doc
		drwxr-xr-x PREFIX/share/doc/onehop
		-rw-r--r-- PREFIX/share/doc/onehop/INSTALL
		-rw-r--r-- PREFIX/share/doc/onehop/README
		-rw-r--r-- PREFIX/share/doc/onehop/onehop.conf
		drwxr-xr-x PREFIX/share/man
		drwxr-xr-x PREFIX/share/man/man1
		-rw-r--r-- PREFIX/share/man/man1/mailq.1
		drwxr-xr-x PREFIX/share/man/man5
		-rw-r--r-- PREFIX/share/man/man5/onehop.conf.5
		drwxr-xr-x PREFIX/share/man/man8
		lrwxrwxrwx PREFIX/share/man/man8/newaliases.8 sendmail.8
		-rw-r--r-- PREFIX/share/man/man8/sendmail.8
		drwxr-xr-x usr
		drwxr-xr-x var
		drwxr-xr-x var/spool
		drwxrwxrwt var/spool/onehop
	END
	case $1 in
	/usr/*) echo "drwxr-xr-x ${1#/}" ;;
	esac
	if [ -d /usr/lib/systemd/system ] || [ -d /lib/systemd/system ]; then
		units "${1#/}/lib/systemd"
	fi
	if [ -d /usr/lib/sysusers.d ] || [ -d /lib/sysusers.d ]; then
		printf '%s\n' "drwxr-xr-x ${1#/}/lib/sysusers.d" \
		    "-rw-r--r-- ${1#/}/lib/sysusers.d/onehop.conf"
	fi
	if [ -d /etc/cron.d ]; then
		printf '%s\n' 'drwxr-xr-x etc' 'drwxr-xr-x etc/cron.d' \
		    '-rw-r--r-- etc/cron.d/onehop'
	fi
}

units() { # directory
	printf '%s\n' "drwxr-xr-x $1" "drwxr-xr-x $1/system" \
	    "-rw-r--r-- $1/system/onehop-queue.service" \
	    "-rw-r--r-- $1/system/onehop-queue.timer" \
	    "-rw-r--r-- $1/system/onehop.socket" \
	    "-rw-r--r-- $1/system/onehop@.service" "drwxr-xr-x $1/user" \
	    "-rw-r--r-- $1/user/onehop-queue.service" \
	    "-rw-r--r-- $1/user/onehop-queue.timer"
}

# As whoever runs this; www-data's folder is root's to make.
install_as_we_are() { # make, argument...
	(cd "$tree" && umask 077 && "$@" install) >"$T/log" 2>&1
}
without_www_data() {
	grep -v ' var/spool/onehop/[0-9]*$'
}

tree=$T/make-gcc
before=$(listing "$tree")
dest="$T/a root"
ok "make install, umask 077" install_as_we_are make CC=gcc "DESTDIR=$dest"
is "$(listing "$dest" | without_www_data)" "$(expected /usr | LC_ALL=C sort -k 2)" \
    "all is in place, nothing else is"
is "$(listing "$tree")" "$before" "it leaves the tree alone"
ok "and once more" install_as_we_are make CC=gcc "DESTDIR=$dest"
is "$(listing "$dest" | without_www_data)" "$(expected /usr | LC_ALL=C sort -k 2)" "to the same end"
is "$(find "$dest" -perm /6000)" "" "nothing is set-id"
is "$("$dest/usr/lib/sendmail" --version; "$dest/usr/bin/mailq" --version
    "$dest/usr/bin/newaliases"; echo $?)" 'onehop 0.1
onehop 0.1
0' "all names run"
for page in conf/onehop.conf.5 mailq/mailq.1 sendmail/sendmail.8; do
	ok "$page is where man finds it" cmp "$top/$page" \
	    "$dest/usr/share/man/man${page##*.}/${page##*/}"
done

tree=$T/bmake-clang
dest=$T/local
ok "bmake install PREFIX=/usr/local" install_as_we_are bmake CC=clang \
    PREFIX=/usr/local "DESTDIR=$dest"
is "$(listing "$dest" | without_www_data)" \
    "$(expected /usr/local | LC_ALL=C sort -k 2)" "all is there"

if [ "$(id -u)" = 0 ]; then
	spool=$T/local/var/spool/onehop
	if uid=$(id -u www-data 2>/dev/null); then
		is "$(stat -c '%u %a' "$spool/$uid")" "$uid 700" \
		    "www-data has a folder of its own"
		rmdir "$spool/$uid"
		mkdir -m 755 "$T/victim"
		ln -s "$T/victim" "$spool/$uid"
		install_as_we_are bmake CC=clang PREFIX=/usr/local "DESTDIR=$dest"
		is "$(stat -c '%u %a' "$T/victim")" '0 755' \
		    "a link laid there leads root nowhere"
	fi
	mkdir "$T/theirs"
	chown 65534:65534 "$T/theirs"
	tree=$T/make-clang
	chmod -R go+rX "$tree"
	ok "an ordinary user installs below DESTDIR" sh -c 'cd "$1" &&
	    exec setpriv --reuid 65534 --regid 65534 --clear-groups \
	    make CC=clang DESTDIR="$2/root" install' - "$tree" "$T/theirs"
	is "$(listing "$T/theirs/root")" "$(expected /usr | LC_ALL=C sort -k 2)" "all is there"
fi

echo "1..$n"
exit $bad
