#!/bin/sh
# SPDX-License-Identifier: ISC
# The house stands as DESIGN has it: each room includes only what lies below,
# each library has one door, only those speak who may, no room is too large.
cd "${0%/*}/.." || exit 1
n=0 bad=0

verdict() { # name, findings
	n=$((n + 1))
	if [ -z "$2" ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		echo "$2" | sed 's/^/# /'
		bad=1
	fi
}

# Ground first.
floors="
conf/fault conf/host conf/words conf/shape conf/value conf/alias
conf/smarthost conf/setting conf/line conf/conf conf/secret
mailq/word mailq/caller mailq/crc mailq/text mailq/envelope mailq/head
mailq/journal mailq/note mailq/spool mailq/record mailq/queue mailq/item
mailq/scratch mailq/draft mailq/list mailq/mailq
sendmail/options sendmail/token sendmail/part sendmail/address
sendmail/header sendmail/crlf sendmail/field sendmail/request
sendmail/message sendmail/log sendmail/aliases sendmail/policy
sendmail/tls sendmail/dial sendmail/wire sendmail/net sendmail/sasl
sendmail/reply sendmail/ehlo sendmail/auth sendmail/data sendmail/letter
sendmail/session sendmail/offer sendmail/smtp
sendmail/verdict sendmail/courier sendmail/batch sendmail/deliver
sendmail/runq sendmail/submit sendmail/check sendmail/sendmail"
sources=$(ls conf/*.[ch] mailq/*.[ch] sendmail/*.[ch])
mains="mailq/mailq sendmail/sendmail"

is_in() { # word, list
	case " $(echo $2) " in *" $1 "*) return 0 ;; esac
	return 1
}

includes() { # file
	sed -n 's/^#[[:space:]]*include[[:space:]]*"\([^"]*\)\.h".*/\1/p' "$1"
}

found=$(for f in $sources; do
	is_in "${f%.[ch]}" "$floors" || echo "$f is on no floor"
done
for r in $floors; do
	[ -f "$r.c" ] || echo "$r.c is missing"
	[ -f "$r.h" ] || is_in "$r" "$mains" || echo "$r.h is missing"
done)
verdict "every room stands on a floor of its own" "$found"

found=$(below=
for r in $floors; do
	for f in "$r.c" "$r.h"; do
		[ -f "$f" ] || continue
		for i in $(includes "$f"); do
			[ "$f $i" = "$r.c $r" ] && continue
			is_in "$i" "$below" || echo "$f includes $i.h from above"
		done
	done
	below="$below $r"
done)
verdict "no room includes a header from above its floor" "$found"

found=$(for f in mailq/*.[ch]; do
	for i in $(includes "$f"); do
		case "$i" in conf/fault | mailq/*) ;; *) echo "$f includes $i.h" ;; esac
	done
done
for f in conf/*.[ch]; do
	for i in $(includes "$f"); do
		case "$i" in conf/*) ;; *) echo "$f includes $i.h" ;; esac
	done
done)
verdict "conf stands on itself, mailq on itself and fault" "$found"

door() { # pattern, the one file
	grep -lE "^#[[:space:]]*include[[:space:]]*<$1" $sources | grep -vx "$2"
}
found=$(door 'ini\.h' conf/conf.c
door 'openssl/' sendmail/tls.c
door 'gsasl' sendmail/sasl.c
door 'syslog' sendmail/log.h
door 'cmocka' none)
verdict "each library has one door" "$found"

# stderr, stdout and the calls that mean them; log_ is for who sends.
code() { # file: without comments and strings
	sed -e 's/"[^"]*"/""/g' -e 's,/\*.*\*/,,' -e '/^[[:space:]]*\/\*/,/\*\//d' "$1"
}
found=$(for f in conf/*.c mailq/*.c sendmail/*.c; do
	is_in "${f%.c}" "$mains" && continue
	code "$f" | grep -nE '\<(stdout|stderr)\>|\<(printf|puts|putchar|perror|warnx?|errx?|syslog) *\(' |
	    sed "s,^,$f: ," | grep -vE '^sendmail/log\.c: .*syslog'
	case "$f" in
	sendmail/log.c | sendmail/courier.c | sendmail/deliver.c | \
	sendmail/runq.c | sendmail/submit.c) ;;
	*) code "$f" | grep -nE '\<log_(fate|say) *\(' | sed "s,^,$f: ," ;;
	esac
done)
verdict "only those speak who may" "$found"

found=$(for f in conf/*.c mailq/*.c sendmail/*.c; do
	lines=$(wc -l <"$f")
	[ "$lines" -le 400 ] || echo "$f has $lines lines"
done)
verdict "no room is over 400 lines" "$found"

# A function begins with its opening brace in the first column.
found=$(awk 'FNR == 1 { open = 0 }
	/^{/ { open = FNR }
	/^}/ { if (open && FNR - open - 1 > 60)
		print FILENAME ":" open " has " FNR - open - 1 " lines"
	    open = 0 }' conf/*.c mailq/*.c sendmail/*.c t/*.c)
verdict "no function is over 60 lines" "$found"

found=$(for f in conf/*.[ch] mailq/*.[ch] sendmail/*.[ch]; do
	code "$f" | grep -nwE 'gets|strcpy|strcat|sprintf|strtok|atoi|strncpy|system|popen|rand|alloca|goto|typedef' |
	    sed "s,^,$f: ,"
	grep -q 'SPDX-License-Identifier: ISC' "$f" || echo "$f lacks its licence"
done)
verdict "no banned call, and a licence in every file" "$found"

found=$(for r in $floors; do
	[ -f "$r.o" ] || continue
	nm "$r.o" 2>/dev/null | awk -v r="$r" '$2 ~ /^[BbDC]$/ && $3 !~ /asan|ubsan|odr|^_\.|^\.L/ { print r ": " $3 " is a variable of its own" }'
done)
verdict "no variable outlives a function" "$found"

found=$(git ls-files 2>/dev/null | cut -d/ -f1 | sort -u |
    grep -vxE 'sendmail|mailq|conf|t|Makefile|INSTALL|README|\.ci|\.gitignore')
verdict "nothing more lies at the top" "$found"

echo "1..$n"
exit $bad
