# onehop: sendmail and mailq for machines that send mail but receive none
# SPDX-License-Identifier: ISC
#
# GNU make and bmake.  CC, CFLAGS, LDFLAGS, PREFIX and DESTDIR are yours:
#
#	all demo test torture strict lint format install clean

CC = cc
CFLAGS = -O2 -g
LDFLAGS =
PREFIX = /usr
DESTDIR =
SPOOL = /var/spool/onehop

# What this compiler knows of it (an old one may not know all).
HARDEN != for f in -D_FORTIFY_SOURCE=3 -fstack-protector-strong \
	-fstack-clash-protection -fcf-protection \
	-ftrivial-auto-var-init=zero; do \
	$(CC) -Werror $$f -x c -fsyntax-only /dev/null 2>/dev/null && \
	echo "$$f"; done; true
LIBS != pkg-config --libs openssl libgsasl inih 2>/dev/null || \
	echo "-lssl -lcrypto -lgsasl -linih"
CPPFLAGS = -I. -D_GNU_SOURCE
OURS = -std=c11 -Wall -Wextra -Wshadow -fPIE $(HARDEN)
LINK = -pie -Wl,-z,relro,-z,now,-z,noexecstack

CONF = conf/fault.o conf/host.o conf/words.o conf/shape.o conf/value.o \
	conf/alias.o conf/smarthost.o conf/setting.o conf/line.o \
	conf/conf.o conf/secret.o
MAILQ = mailq/word.o mailq/caller.o mailq/crc.o mailq/text.o \
	mailq/envelope.o mailq/head.o mailq/journal.o mailq/note.o \
	mailq/spool.o mailq/record.o mailq/queue.o mailq/item.o \
	mailq/scratch.o mailq/draft.o mailq/list.o
SENDMAIL = sendmail/options.o sendmail/token.o sendmail/part.o \
	sendmail/address.o sendmail/header.o sendmail/crlf.o sendmail/field.o \
	sendmail/request.o sendmail/message.o sendmail/log.o \
	sendmail/aliases.o sendmail/policy.o sendmail/tls.o sendmail/dial.o \
	sendmail/wire.o sendmail/net.o sendmail/sasl.o sendmail/reply.o \
	sendmail/ehlo.o sendmail/auth.o sendmail/data.o sendmail/letter.o \
	sendmail/session.o sendmail/offer.o sendmail/smtp.o \
	sendmail/verdict.o sendmail/courier.o sendmail/batch.o \
	sendmail/deliver.o sendmail/runq.o sendmail/submit.o sendmail/check.o
ROOMS = $(CONF) $(MAILQ) $(SENDMAIL)
HEADERS != ls conf/*.h mailq/*.h sendmail/*.h
SOURCES != ls conf/*.c mailq/*.c sendmail/*.c t/*.c 2>/dev/null
UNITS != ls t/*-unit.c 2>/dev/null | sed 's/c$$/t/'

all: sendmail/sendmail mailq/mailq

sendmail/sendmail: sendmail/sendmail.o $(ROOMS)
	$(CC) $(CFLAGS) $(LINK) $(LDFLAGS) -o $@ sendmail/sendmail.o \
	    $(ROOMS) $(LIBS)

mailq/mailq: mailq/mailq.o conf/fault.o $(MAILQ)
	$(CC) $(CFLAGS) $(LINK) $(LDFLAGS) -o $@ mailq/mailq.o \
	    conf/fault.o $(MAILQ)

.SUFFIXES:
.SUFFIXES: .c .o .t
.c.o:
	$(CC) $(CPPFLAGS) $(OURS) $(CFLAGS) -c -o $@ $<
.c.t:
	$(CC) $(CPPFLAGS) $(OURS) $(CFLAGS) $(LINK) $(LDFLAGS) -o $@ $< \
	    $(ROOMS) $(LIBS) -lcmocka

$(ROOMS) sendmail/sendmail.o mailq/mailq.o: $(HEADERS)
$(UNITS): $(ROOMS)

SMARTHOST = t/smarthost.c t/smarthost-wire.c t/smarthost-rules.c \
	t/smarthost-auth.c t/smarthost-text.c t/smarthost-talk.c \
	t/smarthost-replay.c

t/smarthost: $(SMARTHOST) t/smarthost.h
	$(CC) $(CPPFLAGS) $(OURS) $(CFLAGS) $(LINK) $(LDFLAGS) -o $@ \
	    $(SMARTHOST) -lssl -lcrypto -lgsasl

tests: all t/smarthost $(UNITS)

# Both install what they need, which changes what the lines above found.
demo:
	sh t/prepare demo
	$(MAKE) CC="$(CC)" all t/smarthost
	sh t/demo

test:
	sh t/prepare test
	$(MAKE) CC="$(CC)" CFLAGS="$(CFLAGS)" LDFLAGS="$(LDFLAGS)" prove

prove: tests
	prove -j 4 -e '' t/*.t

SAN = -O1 -g -Werror -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=all
strict:
	for cc in gcc clang; do \
	    $(MAKE) clean && \
	    $(MAKE) CC=$$cc CFLAGS="$(SAN)" HARDEN= prove || exit 1; \
	done
	$(MAKE) clean

FORMAT = clang-format --style=file:.ci/clang-format
lint:
	$(FORMAT) --dry-run -Werror $(SOURCES) $(HEADERS)
	clang-tidy --quiet --config-file=.ci/clang-tidy $(SOURCES) -- \
	    $(CPPFLAGS) -std=c11 2>/dev/null
	cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 -I. \
	    --enable=warning,performance,portability conf mailq sendmail t
	mandoc -T lint -W style conf/onehop.conf.5 mailq/mailq.1 \
	    sendmail/sendmail.8

format:
	$(FORMAT) -i $(SOURCES) $(HEADERS)

install: all
	install -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/bin \
	    $(DESTDIR)$(PREFIX)/lib $(DESTDIR)$(PREFIX)/share/man/man1 \
	    $(DESTDIR)$(PREFIX)/share/man/man5 \
	    $(DESTDIR)$(PREFIX)/share/man/man8 \
	    $(DESTDIR)$(PREFIX)/share/doc/onehop
	install -m 755 sendmail/sendmail $(DESTDIR)$(PREFIX)/sbin/sendmail
	install -m 755 mailq/mailq $(DESTDIR)$(PREFIX)/bin/mailq
	ln -sf ../sbin/sendmail $(DESTDIR)$(PREFIX)/lib/sendmail
	ln -sf ../sbin/sendmail $(DESTDIR)$(PREFIX)/bin/newaliases
	install -m 644 sendmail/sendmail.8 $(DESTDIR)$(PREFIX)/share/man/man8
	install -m 644 mailq/mailq.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 conf/onehop.conf.5 $(DESTDIR)$(PREFIX)/share/man/man5
	ln -sf sendmail.8 $(DESTDIR)$(PREFIX)/share/man/man8/newaliases.8
	install -m 644 conf/onehop.conf README INSTALL \
	    $(DESTDIR)$(PREFIX)/share/doc/onehop
	install -d -m 1777 $(DESTDIR)$(SPOOL)
	if [ "$$(id -u)" = 0 ] && u=$$(id -u www-data 2>/dev/null); then \
	    install -d -m 700 -o www-data -g www-data \
	        $(DESTDIR)$(SPOOL)/$$u; fi

clean:
	rm -f sendmail/sendmail mailq/mailq t/smarthost $(UNITS)
	rm -f conf/*.o mailq/*.o sendmail/*.o

.PHONY: all tests demo test prove torture strict lint format install clean
