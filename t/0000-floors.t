#!/bin/sh
# SPDX-License-Identifier: ISC
# The house stands as DESIGN has it: each room includes only what lies below,
# each library has one door, only those speak who may, no room is too large.
#
# What is written is looked for in the sources; what is done in spite of that, by
# a prototype of one's own or a macro, in the symbols of the objects.
cd "${0%/*}/.." || exit 1
n=0 bad=0
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT

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
conf/smarthost conf/setting conf/line conf/door conf/environment conf/conf
conf/secret
mailq/word mailq/clock mailq/descriptors mailq/signals mailq/caller mailq/crc mailq/memory
mailq/text mailq/notify mailq/envelope
mailq/kin mailq/head mailq/journal mailq/pen mailq/note mailq/spool mailq/stamp
mailq/record mailq/queue mailq/item mailq/scratch mailq/draft mailq/face
mailq/list mailq/show mailq/visit mailq/change mailq/users mailq/stead
mailq/order mailq/errand mailq/mailq
sendmail/period sendmail/mode sendmail/xtext sendmail/ask sendmail/options sendmail/token
sendmail/part
sendmail/address sendmail/encoded sendmail/header sendmail/crlf sendmail/field
sendmail/request sendmail/source sendmail/added sendmail/message sendmail/log sendmail/aliases
sendmail/patience sendmail/lookup sendmail/route sendmail/policy sendmail/folk
sendmail/graft sendmail/author sendmail/guise sendmail/backoff
sendmail/paper sendmail/idn sendmail/wording sendmail/comment sendmail/people
sendmail/parameter sendmail/mend sendmail/entity sendmail/quoted
sendmail/span sendmail/nest sendmail/mime
sendmail/excuse sendmail/trust sendmail/tls
sendmail/late sendmail/landlock sendmail/seccomp sendmail/sandbox sendmail/dial sendmail/wire sendmail/net sendmail/radix sendmail/bearer sendmail/plain sendmail/sasl sendmail/reply
sendmail/ehlo sendmail/auth sendmail/data sendmail/letter
sendmail/session sendmail/offer sendmail/smtp sendmail/verdict
sendmail/courier sendmail/batch sendmail/render sendmail/tender
sendmail/attempt sendmail/deliver sendmail/status sendmail/dsn
sendmail/bounce sendmail/settle sendmail/sweep sendmail/due sendmail/origin sendmail/runq sendmail/runner sendmail/herald
sendmail/lend sendmail/submit sendmail/dots sendmail/talk sendmail/command
sendmail/intake sendmail/answer sendmail/server sendmail/tell sendmail/finding sendmail/ground sendmail/check sendmail/verify
sendmail/sendmail"
mains='mailq/mailq sendmail/sendmail'
loggers='sendmail/log sendmail/attempt sendmail/deliver sendmail/settle'
loggers="$loggers sendmail/sweep sendmail/runq sendmail/lend sendmail/submit sendmail/sendmail"
rooms=$(ls conf/*.[ch] mailq/*.[ch] sendmail/*.[ch])
known=" $(echo $floors) "

# $T/code: "FILE LINE:code" with comments gone, strings empty, lines joined; but
# an include keeps its name.
# shellcheck disable=SC2086
awk '
	# What is left of line behind the literal that mark has begun.
	function behind(line, mark) {
		if (mark == "\"")
			match(line, /^([^"\\]|\\.)*"/)
		else
			match(line, /^([^\047\\]|\\.)*\047/)
		return substr(line, RLENGTH > 0 ? RLENGTH + 1 : 1)
	}
	FNR == 1 { is_comment = 0 }
	{
		line = $0
		number = FNR
		while (line ~ /\\$/ && (getline more) > 0)
			line = substr(line, 1, length(line) - 1) more
		code = ""
		while (line != "") {
			if (is_comment) {
				end = index(line, "*/")
				if (end == 0)
					break
				line = substr(line, end + 2)
				is_comment = 0
				code = code " "
			}
			if (!match(line, /\/\*|["\047]/)) {
				code = code line
				break
			}
			is_name = code substr(line, 1, RSTART - 1) \
			    ~ /^[ \t]*(#|%:)[ \t]*i[a-z_]*[ \t]*$/
			code = code substr(line, 1, RSTART - 1)
			mark = substr(line, RSTART, RLENGTH)
			line = substr(line, RSTART + RLENGTH)
			if (mark == "/*") {
				is_comment = 1
				continue
			}
			rest = behind(line, mark)
			name = substr(line, 1, length(line) - length(rest) - 1)
			code = code mark (is_name ? name : "") mark
			line = rest
		}
		print FILENAME " " number ":" code
	}' $rooms t/*.[ch] >"$T/code"

# $T/symbols: "ROOM NAME TYPE"
for tool in nm objdump ldd; do
	command -v $tool >/dev/null && continue
	echo "Bail out! no $tool: run sh t/prepare test"
	exit 1
done
objects=$(for r in $floors; do
	[ ! -f "$r.o" ] || echo "$r.o"
done)
# shellcheck disable=SC2086
nm -A -P $objects | sed 's/\.o: / /' >"$T/symbols"
found=$(for f in $(printf '%s.o ' $floors) sendmail/sendmail; do
	[ -f "$f" ] || echo "no $f: run make"
done)
verdict "all rooms are built, to be looked at" "$found"

code() { # extended regular expression: where it is in the rooms
	grep -v '^t/' "$T/code" | grep -E "^[^:]*:.*($1)"
}

# Callers of what matches, all but those named.
users() { # extended regular expression, rooms
	awk -v name="^($1)\$" -v but=" $2 " '
		$3 == "U" && $2 ~ name && !index(but, " " $1 " ") {
			print $1 " calls " $2
		}' "$T/symbols"
}

found=$(find conf mailq sendmail -name '*.[chSs]' | while read -r f; do
	case $known in *" ${f%.*} "*) ;; *) echo "$f is on no floor" ;; esac
done
for r in $floors; do
	[ -f "$r.c" ] || echo "$r.c is missing"
	[ -f "$r.h" ] || case " $mains " in *" $r "*) ;; *) echo "$r.h is missing" ;; esac
done
tr -s ' \t' '\n\n' <Makefile | grep -E '^(conf|mailq|sendmail)/[a-z]+\.o$' | sort -u >"$T/built"
printf '%s.o\n' $floors | sort | comm -23 - "$T/built" | sed 's/$/ is not in Makefile/')
verdict "every room stands on a floor of its own" "$found"

found=$(grep -E '^[^:]*:[[:space:]]*(#|%:)[[:space:]]*(inc|imp)' "$T/code" |
    awk '
	{ name = $0; sub(/^[^:]*:/, "", name); sub(/[ \t]+$/, "", name) }
	name ~ /^#include <[a-z0-9_\/.]+\.h>$/ &&
	    name !~ /<(conf|mailq|sendmail|t)\/|<\/|\.\./ { next }
	name ~ /^#include "(conf|mailq|sendmail|t)\/[a-z]+\.h"$/ &&
	    (/^t\// || name !~ /"t\//) { next }
	{ print }')
verdict "an include is written in one way" "$found"

found=$(awk -v floors="$known" '
	BEGIN { count = split(floors, f, " "); for (i in f) floor[f[i]] = i + 0 }
	!/^t\// && $0 ~ /^[^:]*:#include "/ {
		room = $1; sub(/\.[ch]$/, "", room)
		split($0, part, "\"")
		other = part[2]; sub(/\.h$/, "", other)
		if (other == room && $1 ~ /\.c$/)
			next
		if (!(other in floor) || floor[other] >= floor[room])
			print $1 " includes " part[2]
	}' "$T/code"
awk -v floors="$known" '
	BEGIN { count = split(floors, f, " "); for (i in f) floor[f[i]] = i + 0 }
	FNR == NR { if ($3 ~ /^[A-TV-Z]$/ && $2 != "main") owner[$2] = $1; next }
	$3 == "U" && $2 in owner && floor[owner[$2]] > floor[$1] {
		print $1 " calls " $2 " of " owner[$2]
	}' "$T/symbols" "$T/symbols")
verdict "no room includes or calls what is above its floor" "$found"

found=$(code '#include "' | grep '^conf/' | grep -v '"conf/'
code '#include "' | grep '^mailq/' | grep -vE '"(mailq/[a-z]+|conf/fault)\.h"')
verdict "conf stands on itself, mailq on itself and fault" "$found"

# Of a header only its own file may know, of the library's calls only its room.
door() { # header, symbols, the one file
	code "#include <$1" | grep -v "^$3 "
	users "$2" "${3%.*}"
}
# OpenSSL has three rooms, of which one alone is entered from elsewhere.
openssl='sendmail/tls sendmail/trust sendmail/excuse'
library() { # name: all that it defines
	ldd sendmail/sendmail | awk -v lib="lib$1.so" 'index($1, lib) { print $3 }' |
	    xargs nm -D -P --defined-only | sed -n 's/^\([A-Za-z][^@ ]*\)[@ ].*/\1/p'
}
found=$(door 'ini\.h' 'ini_.*' conf/conf.c
code '#include <gsasl\.h' | grep -v '^sendmail/late\.h '
code '#include "sendmail/late\.h' | grep -v '^sendmail/\(late\|sasl\|sandbox\)\.c '
users 'gsasl_.*' none
code '#include <openssl/' |
    grep -v '^sendmail/\(tls\.c\|trust\.[ch]\|excuse\.c\) '
code '#include "sendmail/(trust|excuse)\.h' |
    grep -v '^sendmail/\(tls\|trust\|excuse\)\.c '
users '(SSL|X509|BIO|EVP|OPENSSL)_.*|trust_.*|excuse(_.*)?' "$openssl"
door 'idn2\.h' 'idn2_.*' sendmail/idn.c
door 'syslog' '(__)?v?syslog(_chk)?|openlog|closelog|setlogmask' sendmail/log.h
door 'cmocka' '_cmocka_.*|_assert_.*' none
{ library ssl && library crypto; } >"$T/openssl"
awk 'FNR == NR { is_openssl[$1] = 1; next }
	$3 == "U" && $2 in is_openssl && !index(" " rooms " ", " " $1 " ") {
		print $1 " calls " $2
	}' rooms="$openssl" "$T/openssl" "$T/symbols"
code '\<dl(open|m?sym)\>' | grep -v '^sendmail/late\.c ')
verdict "each library has one door" "$found"

# Words that speak, then streams and descriptors by another name.
found=$(code '\<(stdout|stderr)\>|\<(v?d?printf|puts|putchar|putchar_unlocked|perror|psignal|psiginfo|v?warnx?|v?errx?|v?error|error_at_line) *\(|\<(write|writev|send|fdopen|dup) *\( *([12]|STD(OUT|ERR)_FILENO) *[,)]' |
    grep -vE '^(mailq/mailq|sendmail/sendmail)\.c '
users 'stdout|stderr|(__)?v?d?printf(_chk)?|puts|putchar|perror|psignal|psiginfo|v?warnx?|v?errx?|error|error_at_line' "$mains"
grep -nE '"/dev/(stdout|stderr|tty|console|fd/)' $rooms
users 'log_fate|log_say|log_trouble' "$loggers"
code '\<log_(fate|say|trouble) *\(' |
    grep -vE "^($(echo $loggers | tr ' ' '|'))\.[ch] ")
verdict "only those speak who may" "$found"

found=$(wc -l $rooms | awk '$1 > 400 && $2 != "total" {
	print $2 " has " $1 " lines" }')
verdict "no room is over 400 lines" "$found"

# A function begins with an opening brace in the first column, or behind its
# parameters if these begin there.
found=$(awk '
	{ number = $2; sub(/:.*/, "", number); number += 0
	  code = $0; sub(/^[^:]*:/, "", code) }
	$1 != file { file = $1; start = 0 }
	code ~ /^\{/ || code ~ /^[A-Za-z_].*\)[ \t]*\{[ \t]*$/ { start = number }
	code ~ /^\}/ {
		if (start && number - start - 1 > 60)
			print file ":" start " has " number - start - 1 " lines"
		start = 0
	}' "$T/code")
verdict "no function is over 60 lines" "$found"

found=$(code '\<(gets|strcpy|strcat|v?sprintf|strtok|atoi|strncpy|system|popen|rand|tmpfile|alloca|goto|typedef)\>'
grep -L 'SPDX-License-Identifier: ISC' $rooms conf/*.5 mailq/*.1 sendmail/*.8 \
    conf/onehop.conf t/*.[ch] t/*.sh $(ls t/torture/*.sh t/bench/*.* t/bench/run 2>/dev/null) \
    t/demo t/prepare Makefile .ci/run \
    $(ls t/*.t | grep -v 'unit\.t$') | sed 's/$/ lacks its licence/')
verdict "no banned call, and a licence in every file" "$found"

# Tables of pointers are const too, but relocated: .data.rel.ro.  The sanitizers
# bring variables of their own.
found=$(grep -v '^t/' "$T/code" | grep -E '^[^:]*:[[:space:]].*\<static\>' |
    grep -v 'static const '
# shellcheck disable=SC2086
objdump -t $objects | awk -F '\t' '
	/file format/ { room = $1; sub(/\.o:.*/, "", room) }
	NF == 2 {
		count = split($1, left, " ")
		split($2, right, " ")
		section = left[count]
		name = right[2]
		if (section ~ /^(\.t?(data|bss)|\*COM\*)/ &&
		    section !~ /^\.data\.rel\.ro/ &&
		    name !~ /^\.|asan|ubsan|odr|^_\.|^__unnamed_/)
			print room ": " name " is a variable of its own"
	}')
verdict "no variable outlives a function" "$found"

found=$(git ls-files 2>/dev/null | cut -d/ -f1 | sort -u |
    grep -vxE 'sendmail|mailq|conf|t|Makefile|INSTALL|README|\.ci|\.gitignore')
verdict "nothing more lies at the top" "$found"

echo "1..$n"
exit $bad
