# onehop: sendmail and mailq for machines that send mail but receive none
# SPDX-License-Identifier: ISC
#
# GNU make and bmake.  CC, CFLAGS, LDFLAGS, PREFIX and DESTDIR are yours:
#
#	all demo test torture strict bench fuzz lint format install clean

CC = cc
CFLAGS = -O2 -g
LDFLAGS =
PREFIX = /usr
DESTDIR =
SPOOL = /var/spool/onehop

# What this compiler knows of it (an old one may not know all) and CFLAGS allow
# (without -O nothing can be fortified).
HARDEN != for f in '-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3' \
	-fstack-protector-strong -fstack-clash-protection \
	-fcf-protection -ftrivial-auto-var-init=zero; do \
	$(CC) -Werror $$f $(CFLAGS) -include stdlib.h -x c -S -o /dev/null \
	/dev/null 2>/dev/null && echo "$$f"; done; true
LIBS != pkg-config --libs openssl libidn2 inih \
	2>/dev/null || echo "-lssl -lcrypto -lidn2 -linih"
# An old libc has dlopen() in a library of its own.
DL != echo 'int main(void) { return 0; }' | $(CC) -x c -o /dev/null - -ldl \
	2>/dev/null && echo "-ldl"; true
# libgsasl is loaded when it is needed (late); its headers are built with.
GSASL != pkg-config --libs libgsasl 2>/dev/null || echo "-lgsasl"
# Debian needs none of it; FreeBSD keeps libraries in /usr/local.
INCLUDES != pkg-config --cflags openssl libgsasl libidn2 inih 2>/dev/null; true
LANGUAGE = -std=c11 -I. -D_GNU_SOURCE $(INCLUDES)
OURS = $(LANGUAGE) -Wall -Wextra -Wshadow -fPIE $(HARDEN)
LINK = -pie -Wl,-z,relro,-z,now,-z,noexecstack

CONF = conf/fault.o conf/host.o conf/words.o conf/shape.o conf/value.o \
	conf/alias.o conf/smarthost.o conf/setting.o conf/line.o \
	conf/door.o conf/environment.o conf/conf.o conf/secret.o
MAILQ = mailq/word.o mailq/clock.o mailq/descriptors.o mailq/signals.o \
	mailq/caller.o mailq/crc.o mailq/memory.o mailq/text.o \
	mailq/notify.o mailq/envelope.o mailq/kin.o mailq/head.o \
	mailq/journal.o mailq/pen.o mailq/note.o mailq/spool.o mailq/stamp.o \
	mailq/record.o mailq/queue.o mailq/item.o mailq/scratch.o \
	mailq/draft.o mailq/face.o mailq/list.o mailq/show.o mailq/visit.o mailq/change.o \
	mailq/users.o mailq/stead.o mailq/order.o mailq/errand.o
SENDMAIL = sendmail/period.o sendmail/mode.o sendmail/xtext.o sendmail/ask.o \
	sendmail/options.o sendmail/token.o sendmail/part.o \
	sendmail/address.o sendmail/encoded.o sendmail/header.o sendmail/crlf.o \
	sendmail/field.o sendmail/request.o sendmail/source.o sendmail/added.o \
	sendmail/message.o sendmail/log.o sendmail/aliases.o \
	sendmail/patience.o sendmail/lookup.o sendmail/route.o sendmail/policy.o \
	sendmail/folk.o sendmail/graft.o sendmail/author.o sendmail/guise.o \
	sendmail/backoff.o sendmail/paper.o sendmail/idn.o sendmail/wording.o \
	sendmail/comment.o sendmail/people.o sendmail/parameter.o sendmail/mend.o \
	sendmail/entity.o sendmail/quoted.o sendmail/span.o sendmail/nest.o \
	sendmail/mime.o \
	sendmail/excuse.o sendmail/trust.o sendmail/tls.o sendmail/late.o \
	sendmail/landlock.o sendmail/seccomp.o sendmail/sandbox.o \
	sendmail/dial.o sendmail/wire.o sendmail/net.o \
	sendmail/radix.o sendmail/bearer.o sendmail/plain.o \
	sendmail/sasl.o \
	sendmail/reply.o sendmail/ehlo.o sendmail/auth.o \
	sendmail/data.o sendmail/letter.o sendmail/session.o \
	sendmail/offer.o sendmail/smtp.o sendmail/verdict.o \
	sendmail/courier.o sendmail/batch.o sendmail/render.o sendmail/tender.o \
	sendmail/attempt.o sendmail/deliver.o sendmail/status.o sendmail/dsn.o \
	sendmail/bounce.o sendmail/settle.o sendmail/sweep.o sendmail/due.o \
	sendmail/origin.o sendmail/runq.o sendmail/runner.o sendmail/herald.o sendmail/lend.o \
	sendmail/submit.o sendmail/dots.o sendmail/talk.o \
	sendmail/command.o sendmail/intake.o sendmail/answer.o \
	sendmail/server.o sendmail/tell.o sendmail/finding.o \
	sendmail/ground.o sendmail/check.o sendmail/verify.o
ROOMS = $(CONF) $(MAILQ) $(SENDMAIL)
HEADERS != ls conf/*.h mailq/*.h sendmail/*.h
TEST_HEADERS != ls t/*.h t/fuzz/*.h 2>/dev/null; true
SOURCES != ls conf/*.c mailq/*.c sendmail/*.c t/*.c t/bench/*.c t/fuzz/*.c 2>/dev/null; true
PAGES = conf/onehop.conf.5 mailq/mailq.1 sendmail/sendmail.8
UNITS != ls t/*-unit.c 2>/dev/null | sed 's/c$$/t/'
SHIMS = t/shim-malloc.so t/shim-clock.so t/shim-sync.so t/shim-key.so

all: sendmail/sendmail mailq/mailq

sendmail/sendmail: sendmail/sendmail.o $(ROOMS)
	$(CC) $(CFLAGS) $(LINK) $(LDFLAGS) -o $@ sendmail/sendmail.o \
	    $(ROOMS) $(LIBS) $(DL)

mailq/mailq: mailq/mailq.o conf/fault.o $(MAILQ)
	$(CC) $(CFLAGS) $(LINK) $(LDFLAGS) -o $@ mailq/mailq.o \
	    conf/fault.o $(MAILQ)

.SUFFIXES:
.SUFFIXES: .c .o .t .so
.c.o:
	$(CC) $(OURS) $(CFLAGS) -c -o $@ $<
.c.t:
	$(CC) $(OURS) $(CFLAGS) $(LINK) $(LDFLAGS) -o $@ $< \
	    $(ROOMS) $(LIBS) $(DL) $(GSASL) -lcmocka
# Without CFLAGS: what is loaded ahead of a sanitizer must not bring another.
.c.so:
	$(CC) $(LANGUAGE) -Wall -Wextra -Wshadow -O2 -fPIC -shared -o $@ $<

$(ROOMS) sendmail/sendmail.o mailq/mailq.o: $(HEADERS)
$(UNITS): $(ROOMS) $(TEST_HEADERS)

SMARTHOST = t/smarthost.c t/smarthost-wire.c t/smarthost-rules.c \
	t/smarthost-auth.c t/smarthost-text.c t/smarthost-talk.c \
	t/smarthost-replay.c t/smarthost-spoil.c

t/smarthost: $(SMARTHOST) t/smarthost.h
	$(CC) $(OURS) $(CFLAGS) $(LINK) $(LDFLAGS) -o $@ \
	    $(SMARTHOST) -lssl -lcrypto -lgsasl

t/bench/bare: t/bench/bare.c
	$(CC) $(OURS) $(CFLAGS) $(LINK) $(LDFLAGS) -o $@ t/bench/bare.c \
	    -lssl -lcrypto

t/bench/clock: t/bench/clock.c
	$(CC) $(OURS) $(CFLAGS) $(LINK) $(LDFLAGS) -o $@ t/bench/clock.c

tests: all t/smarthost $(SHIMS) $(UNITS) t/bench/bare t/bench/clock

# Each installs what it needs first, which changes what the lines above found.
demo:
	sh t/prepare demo
	$(MAKE) -s all t/smarthost
	@sh t/demo

test:
	sh t/prepare test
	$(MAKE) -s -j 2 tests
	$(MAKE) -s prove

# All but those that WITHOUT finds; those that take longest begin.
WITHOUT = ^$$
prove: tests
	prove -j 6 -e '' $$(printf '%s\n' t/5*.t t/94*.t t/[!59]*.t \
	    t/9[!4]*.t | grep -v "$(WITHOUT)")

strict-gcc strict-clang strict-valgrind strict-fuzz:
	rm -rf $@
	mkdir $@
	cp -RP .ci .gitignore Makefile README INSTALL conf mailq sendmail t $@
	cd $@ && $(MAKE) clean

# The same tests once more for each compiler, in a tree of its own; but a
# sanitizer has its own malloc(), which cannot be made to fail, two tests build
# for themselves what make test has seen built just so, in the copy no program is
# set-id, as some real callers are, who is killed has no more to answer for, and
# what is counted and timed (915x) is the program's, not a sanitizer's.  What happens
# at every call and stage, under every limit, in each row of a table and with real
# servers is the same for both: one of them is enough.  gcc's libraries, linked as
# clang links its own, begin sooner.
SAN = -O1 -g -Werror -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=all
SAN_GCC = -static-libasan -static-libubsan
WITHOUT_GCC = 5210-memory\|5050-crash\|0020-build\|0010-floors-bite\|/93\|/915
WITHOUT_CLANG = $(WITHOUT_GCC)\|520[0-9]-inject\|52[2-4]0\|/913[1-3]\|/920\|/94
strict:
	sh t/prepare strict
	@for cc in gcc clang; do echo "strict: $$cc"; \
	    case $$cc in \
	    gcc) without='$(WITHOUT_GCC)' link='$(SAN_GCC)' ;; \
	    *) without='$(WITHOUT_CLANG)' link= ;; esac; \
	    $(MAKE) -s strict-$$cc && (cd strict-$$cc && \
	    $(MAKE) -s -j 2 CC=$$cc CFLAGS="$(SAN)" LDFLAGS="$$link" \
	        HARDEN= tests && \
	    $(MAKE) -s CC=$$cc CFLAGS="$(SAN)" LDFLAGS="$$link" \
	        HARDEN= WITHOUT="$$without" prove) || exit; done

# What no sanitizer of both compilers sees: memory read before it was written.
# Then every fault there is, where make test tries some; power cuts need root.
MEMCHECK = valgrind --quiet --error-exitcode=1 --leak-check=full \
	--child-silent-after-fork=yes
torture:
	sh t/prepare torture
	$(MAKE) -s -j 2 tests
	LIMIT=1800 prove -e '' t/torture/*.t
	$(MAKE) -s strict-valgrind
	@cd strict-valgrind && $(MAKE) -s -j 2 CFLAGS="-O1 -g" HARDEN= tests && \
	    prove -j 2 -e "$(MEMCHECK)" $(UNITS)
	$(MAKE) -s -j 2 tests
	TORTURE=1 prove -j 4 -e '' t/5046-kin.t t/52*.t t/9420-chance.t t/torture/*.sh

# As often as RUNS says.
RUNS = 3
bench:
	sh t/prepare bench
	$(MAKE) -s -j 2 all t/smarthost t/bench/bare t/bench/clock
	@sh t/bench/run $(RUNS)

# Each t/fuzz/NAME.c, from the seeds in t/fuzz/NAME, for so long, two at a time;
# FUZZERS may name one.  What it chokes on is left in strict-fuzz/t/fuzz.
SECONDS = 600
FUZZERS != ls t/fuzz/*.c | sed 's,.*/,,; s/c$$//; s/\.//'
FUZZ = -O1 -g -Werror -fno-omit-frame-pointer -fno-sanitize-recover=all
fuzz:
	sh t/prepare fuzz
	$(MAKE) -s strict-fuzz
	@cd strict-fuzz && $(MAKE) -s -j 2 CC=clang HARDEN= \
	    CFLAGS="$(FUZZ) -fsanitize=fuzzer-no-link,address,undefined" rooms
	@cd strict-fuzz && for fuzzer in $(FUZZERS); do \
	    clang $(LANGUAGE) $(FUZZ) -fsanitize=fuzzer,address,undefined \
	        -o t/fuzz/fuzz-$$fuzzer t/fuzz/$$fuzzer.c $(ROOMS) $(LIBS) $(DL) || \
	    exit; done
	@cd strict-fuzz && printf '%s\n' $(FUZZERS) | \
	    xargs -I NAME -P 2 sh t/fuzz/run NAME $(SECONDS)

rooms: $(ROOMS)

# A tool speaks only if it found something; what is installed here is no matter.
FORMAT = clang-format --style=file:.ci/clang-format
lint:
	sh t/prepare lint
	@$(FORMAT) --dry-run -Werror $(SOURCES) $(HEADERS) $(TEST_HEADERS)
	@printf '%s\n' $(SOURCES) | xargs -n 1 -P 2 sh -c 'found=$$(clang-tidy \
	    --quiet --config-file=.ci/clang-tidy "$$1" -- $(LANGUAGE) 2>&1) || \
	    { echo "$$found"; exit 1; }' tidy
	@cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 -I. \
	    --enable=warning,performance,portability conf mailq sendmail t
	@mandoc -T lint -W warning $(PAGES)
	@! mandoc -T lint -W style $(PAGES) | \
	    grep -v 'STYLE: referenced manual not found'
	@echo 'lint: nothing found'

format:
	$(FORMAT) -i $(SOURCES) $(HEADERS) $(TEST_HEADERS)

# Whatever the umask.  In the spool anyone may have laid anything: a folder that
# is there is left alone.
ROOT = $(DESTDIR)$(PREFIX)
install: all
	umask 022; install -d "$(ROOT)/sbin" "$(ROOT)/bin" "$(ROOT)/lib" \
	    "$(ROOT)/share/man/man1" "$(ROOT)/share/man/man5" \
	    "$(ROOT)/share/man/man8" "$(ROOT)/share/doc/onehop"
	install -m 755 sendmail/sendmail "$(ROOT)/sbin"
	install -m 755 mailq/mailq "$(ROOT)/bin"
	ln -sf ../sbin/sendmail "$(ROOT)/lib/sendmail"
	ln -sf ../sbin/sendmail "$(ROOT)/bin/newaliases"
	install -m 644 mailq/mailq.1 "$(ROOT)/share/man/man1"
	install -m 644 conf/onehop.conf.5 "$(ROOT)/share/man/man5"
	install -m 644 sendmail/sendmail.8 "$(ROOT)/share/man/man8"
	ln -sf sendmail.8 "$(ROOT)/share/man/man8/newaliases.8"
	install -m 644 conf/onehop.conf README INSTALL "$(ROOT)/share/doc/onehop"
	umask 022; install -d -m 1777 "$(DESTDIR)$(SPOOL)"
	if [ -d /usr/lib/systemd/system ] || [ -d /lib/systemd/system ]; then \
	    umask 022; \
	    install -d "$(ROOT)/lib/systemd/system" "$(ROOT)/lib/systemd/user"; \
	    for unit in onehop-queue.service onehop-queue.timer \
	        onehop.socket onehop@.service; do \
	        sed 's,/usr/sbin/,$(PREFIX)/sbin/,' "conf/$$unit" \
	            >"$(ROOT)/lib/systemd/system/$$unit" || exit 1; \
	    done; \
	    sed 's,/usr/sbin/,$(PREFIX)/sbin/,' conf/onehop-queue-user.service \
	        >"$(ROOT)/lib/systemd/user/onehop-queue.service" && \
	    install -m 644 conf/onehop-queue.timer "$(ROOT)/lib/systemd/user"; fi
	if [ -d /usr/lib/sysusers.d ] || [ -d /lib/sysusers.d ]; then \
	    umask 022; install -d "$(ROOT)/lib/sysusers.d" && \
	    install -m 644 conf/onehop.sysusers \
	        "$(ROOT)/lib/sysusers.d/onehop.conf"; fi
	if [ -d /etc/cron.d ]; then \
	    umask 022; install -d "$(DESTDIR)/etc/cron.d" && \
	    sed 's,/usr/sbin/,$(PREFIX)/sbin/,' conf/onehop.cron \
	        >"$(DESTDIR)/etc/cron.d/onehop"; fi
	if [ "$$(id -u)" = 0 ] && uid=$$(id -u www-data 2>/dev/null) && \
	    mkdir -m 700 "$(DESTDIR)$(SPOOL)/$$uid" 2>/dev/null; then \
	    chown www-data:www-data "$(DESTDIR)$(SPOOL)/$$uid"; fi

clean:
	rm -f sendmail/sendmail mailq/mailq t/smarthost $(SHIMS) $(UNITS)
	rm -f t/bench/bare t/bench/clock
	rm -f conf/*.o mailq/*.o sendmail/*.o
	rm -rf strict-gcc strict-clang strict-valgrind strict-fuzz

.PHONY: all rooms tests demo test prove torture strict strict-gcc \
	strict-clang strict-valgrind strict-fuzz bench fuzz lint format install clean
