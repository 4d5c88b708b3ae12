#!/bin/sh
# SPDX-License-Identifier: ISC
# The rules of t/0000-floors.t are rules: whoever breaks one in a copy of the tree
# is caught by that claim and by no other.
top=$(cd "${0%/*}/.." && pwd) || exit 1
n=0 bad=0
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
trap 'exit 1' HUP INT TERM
tree=$T/tree
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE

# The claims that fail in the tree.
failing() {
	sh "$tree/t/0000-floors.t" >"$T/out" 2>&1
	sed -n 's/^not ok [0-9]* - //p; s/^Bail/&/p' "$T/out" | paste -s -d ';' -
}

whole() {
	rm -rf "$tree"
	cp -RP "$T/whole" "$tree"
}

# The first place where an include may stand, the last of a file.
after_includes() { # file, line
	last=$(grep -n '^#include' "$tree/$1" | tail -n 1 | cut -d: -f1)
	printf '%s\n' "$2" | sed "$last r /dev/stdin" "$tree/$1" >"$T/new"
	mv "$T/new" "$tree/$1"
}

at_end() { # file, text
	printf '%s\n' "$2" >>"$tree/$1"
}

compile() { # file
	(cd "$tree" && ${CC:-cc} -std=c11 -I. -D_GNU_SOURCE -O1 -fPIE -w -c \
	    -o "${1%.c}.o" "$1") || exit 1
}

# Exactly these claims fail, with so many findings in all.
bites() { # claims, findings, description
	n=$((n + 1))
	failing=$(failing)
	findings=$(grep -c '^# ' "$T/out")
	if [ "$failing" = "$1" ] && [ "$findings" = "$2" ]; then
		echo "ok $n - $3"
	else
		echo "not ok $n - $3"
		printf '%s\n' "expected: $2 of: $1" "     got: $findings of: $failing" |
		    cat - "$T/out" | sed 's/^/# /'
		bad=1
	fi
	whole
}

mkdir "$T/whole"
(cd "$top" && cp -RP conf mailq sendmail Makefile .ci .gitignore "$T/whole" &&
    mkdir "$T/whole/t" && cp t/*.[ch] t/*.sh t/demo t/prepare "$T/whole/t" &&
    cp t/0000-floors.t "$T/whole/t" && cd "$T/whole" && git init -q &&
    git add . 2>/dev/null) || exit 1
whole
bites '' 0 "the tree as it is breaks no rule"

floor='every room stands on a floor of its own'
echo '/* SPDX-License-Identifier: ISC */' >"$tree/mailq/attic.c"
mkdir "$tree/conf/cellar"
cp "$tree/mailq/attic.c" "$tree/conf/cellar/wine.c"
sed 's,mailq/crc\.o,,' "$top/Makefile" >"$tree/Makefile"
bites "$floor" 3 "a room on no floor, within a room, that is not built"
rm "$tree/conf/words.o"
bites 'all rooms are built, to be looked at' 1 "a room that cannot be seen"

above='no room includes or calls what is above its floor'
own='conf stands on itself, mailq on itself and fault'
after_includes mailq/crc.c '#include "mailq/list.h"'
after_includes mailq/note.h '#include "mailq/list.h"'
after_includes sendmail/net.c '#include "sendmail/nowhere.h"'
after_includes conf/fault.c '/* #include "mailq/list.h" */'
bites "$above" 3 "an include from above, in a header, from nowhere"
after_includes mailq/mailq.c '#include "sendmail/log.h"'
bites "$above;$own" 2 "an include from above, in a program"
after_includes mailq/list.c '#include "conf/host.h"'
bites "$own" 1 "mailq that includes conf"
at_end mailq/crc.c 'int list_print(void);
int crc_up(void) { return list_print(); }'
compile mailq/crc.c
bites "$above" 1 "a call upstairs by a prototype of one's own"

for line in '  #include "mailq/list.h"' '#  include "mailq/list.h"' \
    '#include	"mailq/list.h"' '#include <mailq/list.h>' \
    '#include "../mailq/list.h"' '#include "list.h"' \
    '/**/ #include "mailq/list.h"' '#/**/include "mailq/list.h"' \
    '#include "mailq/list.c"' '%:include "mailq/list.h"' '#include LIST' \
    '#import "mailq/list.h"' '#include_next "mailq/list.h"' \
    '#include	<openssl/ssl.h>' '#inc\
lude  "mailq/list.h"'; do
	at_end mailq/crc.c "$line"
done
at_end t/smarthost.c '#include "sendmail/tls.c"'
# Three of them name no room, and so break two rules more.
bites "an include is written in one way;$above;$own" 22 \
    "an include in fifteen other ways, and by a test"

door='each library has one door'
for line in '<ini.h>' '<openssl/ssl.h>' '<gsasl.h>' '<syslog.h>'; do
	after_includes sendmail/offer.c "#include $line"
done
after_includes sendmail/tls.h '#include <openssl/ssl.h>'
after_includes sendmail/wire.c '#include "sendmail/trust.h"'
bites "$door" 6 "a second door, a back door, a door left open by its header"
for call in ini_parse gsasl_init SSL_new SHA256 d2i_X509 dlsym; do
	at_end sendmail/data.c "int $call(void);
int data_$call(void) { return $call(); }"
done
compile sendmail/data.c
# SSL_new is found twice, for its name and in the library; dlsym in two lines.
bites "$door" 8 "calls without the header"

speak='only those speak who may'
for call in 'printf("%d", x)' 'puts("x")' 'putchar (x)' 'perror("x")' \
    'fputs("x", stderr)' 'vfprintf(stdout, "", ap)' 'dprintf(2, "x")' \
    'write(2, "x", 1)' 'write(STDOUT_FILENO, "x", 1)' 'warnx("x")' \
    'err(1, "x")' 'fdopen(2, "w")' 'fopen("/dev/stderr", "w")' \
    'open("/dev/tty", 1)' 'log_say(log, 1, "x")' 'log_fate(log, entry)' \
    '/* here */ puts("x"); /* and here */' 'fputs("\"", "/*"), puts("*/")'; do
	at_end mailq/text.c "	$call;"
done
at_end sendmail/tls.h 'static inline int tls_say(void) { return puts(""); }'
bites "$speak" 19 "rooms that say in as many ways, and a header"
at_end mailq/text.c '/* puts("x") */
const char x[] = "puts(x) stderr";
/*
 * stderr, and printf() of it
 */'
bites '' 0 "comments and strings are silent"
at_end sendmail/data.c '#define SAY(a, b) a##b
int SAY(pu, ts)(const char *);
int SAY(log_, say)(void);
int data_say(void) { return SAY(pu, ts)("x"); }
int data_log(void) { return SAY(log_, say)(); }'
compile sendmail/data.c
bites "$speak" 2 "a macro that says"
# syslog() is a library, too.
at_end sendmail/data.c 'void syslog(int, const char *, ...);
void data_say(void) { syslog(1, "x"); }'
compile sendmail/data.c
bites "$door" 1 "a room that knows syslog"

yes '/* a line */' | head -n 400 >>"$tree/conf/host.c"
yes '/* a line */' | head -n 400 >>"$tree/conf/host.h"
bites 'no room is over 400 lines' 2 "a large room, a large header"

long='no function is over 60 lines'
body=$(yes '	x++;' | head -n 61)
at_end conf/host.c "
static int
f(int x)
{
$body
}"
at_end conf/host.h "static int f(int x) {
$body
}"
at_end t/smarthost.c "int f(int x)
{
$body
}"
bites "$long" 3 "a long function, its brace elsewhere, one of the tests"
at_end conf/host.c "
static int
f(int x)
{
$(echo "$body" | sed 1d)
}"
bites '' 0 "one of 60 lines"

for call in 'strcpy(a, b)' 'sprintf(a, "")' 'system("")' 'goto out' \
    'atoi(a)' 'rand()' 'popen("", "")' 'tmpfile()'; do
	at_end conf/words.c "	$call;"
done
sed 's/SPDX.*//' "$top/conf/line.c" >"$tree/conf/line.c"
bites 'no banned call, and a licence in every file' 9 \
    "banned calls, a file without a licence"

alive='no variable outlives a function'
at_end conf/words.c 'int f(void)
{
	static int calls;
	return ++calls;
}
static const char *const names[] = { "a", "b" };
const char *g(int i) { return names[i]; }'
bites "$alive" 1 "a static within a function, before it is compiled"
at_end conf/words.c 'int first; int second = 2;
_Thread_local int third;
const char *fourth[] = { "a", "b" };
int f(void) { static int fifth; return ++fifth; }
int g(void) { static int sixth = 6; return ++sixth; }
static const char *const names[] = { "a", "b" };
const char *h(int i) { return names[i]; }'
compile conf/words.c
bites "$alive" 6 "six variables, and a table that is none"

echo >"$tree/NEWS"
(cd "$tree" && git add NEWS)
bites 'nothing more lies at the top' 1 "one more file at the top"

echo "1..$n"
exit $bad
