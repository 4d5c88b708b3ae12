/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "mailq/envelope.h"
#include "t/script.h"

#define TEXT "Subject: hi\r\n\r\nhello\r\n.dot\r\n"

/* A server, and a letter for it. */
struct play {
	struct script script;
	struct smtp *smtp;
	struct fault f;
	struct text text;
	struct letter_rcpt to[3];
	struct letter letter;
};

static void
begin(struct play *p, const char *const *lines)
{
	*p = (struct play){ 0 };
	script_begin(&p->script, lines, 0);
	p->text = (struct text){ .mem = TEXT, .size = strlen(TEXT) };
	p->to[0].addr = "b@example.net";
	p->to[1].addr = "c@example.net";
	p->to[2].addr = "d@example.net";
	p->letter = (struct letter){ .from = "a@example.org",
		.to = p->to,
		.count = 1,
		.text = &p->text };
}

static void
open_it(struct play *p)
{
	assert_int_equal(
	    smtp_open(&p->smtp, &p->script.smarthost, NULL, NULL, &p->f),
	    EX_OK);
}

static void
send_it(struct play *p, bool is_last)
{
	assert_int_equal(smtp_offer(p->smtp, &p->letter, false, &p->f), EX_OK);
	assert_int_equal(p->letter.data.code, 354);
	assert_int_equal(
	    smtp_text(p->smtp, &p->letter, NULL, is_last, &p->f), EX_OK);
}

static void
end(struct play *p)
{
	smtp_close(p->smtp);
	script_end(&p->script);
}

#define EHLO_PIPELINING \
	"S 220 x", "C EHLO me.example", "S 250-x\r\n250 PIPELINING"
#define EHLO_PLAIN "S 220 x", "C EHLO me.example", "S 250-x\r\n250 HELP"
#define TEXT_LINES "C Subject: hi", "C ", "C hello", "C ..dot", "C ."

static void
test_group(void **state)
{
	static const char *const LINES[] = { EHLO_PIPELINING,
		"C MAIL FROM:<a@example.org>", "C RCPT TO:<b@example.net>",
		"C RCPT TO:<c@example.net>", "C RCPT TO:<d@example.net>",
		"C DATA", "S 250 ok\r\n250 2.1.5 ok\r\n550 5.1.1 no\r\n451 no",
		"S 354 go", TEXT_LINES, "C QUIT",
		"S 250 2.0.0 Ok: queued as X\r\n221 bye", NULL };
	struct play p;

	(void)state;
	begin(&p, LINES);
	p.letter.count = 3;
	open_it(&p);
	send_it(&p, true);
	assert_int_equal(p.letter.mail.code, 250);
	assert_int_equal(p.to[0].reply.code, 250);
	assert_int_equal(p.to[1].reply.code, 550);
	assert_int_equal(p.to[2].reply.code, 451);
	assert_true(p.letter.is_committed);
	assert_string_equal(p.letter.end.text, "250 2.0.0 Ok: queued as X");
	assert_int_equal(smtp_accepted(p.smtp), 1);
	assert_false(smtp_is_open(p.smtp));
	end(&p);
}

static void
test_groups(void **state)
{
	static const char *const LINES[] = { EHLO_PIPELINING,
		"C MAIL FROM:<a@example.org>", "C RCPT TO:<b@example.net>",
		"C DATA", "S 250 ok\r\n250 ok\r\n354 go", TEXT_LINES,
		"S 250 one", "C RSET", "C MAIL FROM:<a@example.org>",
		"C RCPT TO:<b@example.net>", "C DATA",
		"S 250 ok\r\n250 ok\r\n250 ok\r\n354 go", TEXT_LINES, "C QUIT",
		"S 452 full\r\n221 bye", NULL };
	struct play p;

	(void)state;
	begin(&p, LINES);
	open_it(&p);
	send_it(&p, false);
	assert_string_equal(p.letter.end.text, "250 one");
	assert_true(smtp_is_open(p.smtp));
	send_it(&p, true);
	assert_int_equal(p.letter.end.code, 452);
	assert_int_equal(smtp_accepted(p.smtp), 1);
	end(&p);
}

/* OpenSMTPD closes on a command too early, also behind the dot. */
static void
test_one_by_one(void **state)
{
	static const char *const LINES[] = { "S 220 poolp.org ESMTP OpenSMTPD",
		"C EHLO me.example",
		"S 250-poolp.org Hello localhost [127.0.0.1], pleased",
		"S 250-8BITMIME\r\n250-ENHANCEDSTATUSCODES",
		"S 250-SIZE 36700160\r\n250-DSN\r\n250 HELP",
		"C MAIL FROM:<a@example.org> SIZE=28", "S 250 2.0.0: Ok",
		"C RCPT TO:<b@example.net>",
		"S 250 2.1.5 Destination address valid: Recipient ok",
		"C RCPT TO:<c@example.net>", "S 550 no", "C DATA",
		"S 354 Enter mail, end with \".\" on a line by itself",
		TEXT_LINES,
		"S 250 2.0.0: 832a2432 Message accepted for delivery", "C RSET",
		"S 250 2.0.0: Ok", "C MAIL FROM:<a@example.org> SIZE=28",
		"S 250 2.0.0: Ok", "C RCPT TO:<b@example.net>",
		"S 250 2.1.5 Ok", "C RCPT TO:<c@example.net>", "S 250 2.1.5 Ok",
		"C DATA", "S 354 Enter mail", TEXT_LINES, "S 250 2.0.0: 2 ok",
		"C QUIT", "S 221 2.0.0: Bye", NULL };
	struct play p;

	(void)state;
	begin(&p, LINES);
	p.letter.count = 2;
	open_it(&p);
	send_it(&p, false);
	assert_int_equal(p.to[1].reply.code, 550);
	assert_true(reply_has(&p.letter.end, 2, 0, 0));
	send_it(&p, true);
	assert_int_equal(p.to[1].reply.code, 250);
	assert_int_equal(smtp_accepted(p.smtp), 2);
	end(&p);
}

static void
test_not_offered(void **state)
{
	static const char *const LINES[] = { EHLO_PIPELINING,
		"C MAIL FROM:<a@example.org>", "S 250 ok",
		"C RCPT TO:<b@example.net>", "S 250 ok", "C DATA", "S 354 go",
		TEXT_LINES, "S 250 ok", "C QUIT", "S 221 bye", NULL };
	struct play p;

	(void)state;
	begin(&p, LINES);
	p.script.smarthost.no_pipelining = true;
	open_it(&p);
	send_it(&p, true);
	end(&p);
}

static void
test_nobody_taken(void **state)
{
	static const char *const LINES[] = { EHLO_PLAIN,
		"C MAIL FROM:<a@example.org>", "S 250 ok",
		"C RCPT TO:<b@example.net>", "S 550 no", "C RSET", "S 250 ok",
		"C MAIL FROM:<a@example.org>", "S 550 5.7.1 no", "C RSET",
		"S 250 ok", "C MAIL FROM:<a@example.org>", "S 250 ok",
		"C RCPT TO:<b@example.net>", "S 250 ok", "C DATA", "S 451 no",
		"C QUIT", "S 221 bye", NULL };
	struct play p;

	(void)state;
	begin(&p, LINES);
	open_it(&p);
	assert_int_equal(smtp_offer(p.smtp, &p.letter, false, &p.f), EX_OK);
	assert_int_equal(p.to[0].reply.code, 550);
	assert_int_equal(p.letter.data.code, 0);
	assert_int_equal(smtp_offer(p.smtp, &p.letter, false, &p.f), EX_OK);
	assert_int_equal(p.letter.mail.code, 550);
	assert_int_equal(p.to[0].reply.code, 0);
	assert_int_equal(smtp_offer(p.smtp, &p.letter, false, &p.f), EX_OK);
	assert_int_equal(p.letter.data.code, 451);
	assert_true(smtp_is_open(p.smtp));
	end(&p);
}

static void
test_nobody_and_354(void **state)
{
	static const char *const LINES[] = { EHLO_PIPELINING,
		"C MAIL FROM:<a@example.org>", "C RCPT TO:<b@example.net>",
		"C DATA", "S 250 ok\r\n550 no\r\n354 go", "C .",
		"S 554 no valid recipients", "C RSET",
		"C MAIL FROM:<a@example.org>", "C RCPT TO:<b@example.net>",
		"C DATA", "S 250 ok\r\n250 ok\r\n550 no\r\n503 no", "C QUIT",
		"S 221 bye", NULL };
	struct play p;

	(void)state;
	begin(&p, LINES);
	open_it(&p);
	assert_int_equal(smtp_offer(p.smtp, &p.letter, false, &p.f), EX_OK);
	assert_int_equal(p.to[0].reply.code, 550);
	assert_int_equal(p.letter.data.code, 0);
	assert_true(smtp_is_open(p.smtp));
	assert_int_equal(smtp_offer(p.smtp, &p.letter, false, &p.f), EX_OK);
	assert_int_equal(p.letter.data.code, 503);
	end(&p);
}

/* Not even a dot: the recipient would get an empty message. */
static void
test_sender_refused_and_354(void **state)
{
	static const char *const LINES[] = { EHLO_PIPELINING,
		"C MAIL FROM:<a@example.org>", "C RCPT TO:<b@example.net>",
		"C DATA", "S 550 no\r\n250 ok\r\n354 go", NULL };
	struct play p;

	(void)state;
	begin(&p, LINES);
	open_it(&p);
	assert_int_equal(smtp_offer(p.smtp, &p.letter, false, &p.f), EX_IOERR);
	assert_false(smtp_is_open(p.smtp));
	end(&p);
}

static void
test_354_unwanted(void **state)
{
	static const char *const LINES[] = { EHLO_PIPELINING,
		"C MAIL FROM:<a@example.org>", "C RCPT TO:<b@example.net>",
		"C DATA", "S 250 ok\r\n250 ok\r\n354 go", NULL };
	struct play p;

	(void)state;
	begin(&p, LINES);
	open_it(&p);
	assert_int_equal(smtp_offer(p.smtp, &p.letter, false, &p.f), EX_OK);
	end(&p);
}

static void
test_421(void **state)
{
	static const char *const LINES[] = { EHLO_PIPELINING,
		"C MAIL FROM:<a@example.org>", "C RCPT TO:<b@example.net>",
		"C RCPT TO:<c@example.net>", "C RCPT TO:<d@example.net>",
		"C DATA", "S 250 ok\r\n250 ok\r\n421 4.7.0 too many errors",
		NULL };
	struct play p;

	(void)state;
	begin(&p, LINES);
	p.letter.count = 3;
	open_it(&p);
	assert_int_equal(smtp_offer(p.smtp, &p.letter, false, &p.f), EX_IOERR);
	assert_non_null(strstr(p.f.text, "421 4.7.0 too many errors"));
	assert_int_equal(p.to[0].reply.code, 250);
	assert_int_equal(p.to[1].reply.code, 421);
	assert_int_equal(p.to[2].reply.code, 0);
	assert_int_equal(p.letter.data.code, 0);
	assert_false(smtp_is_open(p.smtp));
	assert_false(p.letter.is_committed);
	end(&p);
}

/* What stands where the reply to RCPT should. */
static const char *const STRANGE[] = { "850 NONSENSE", "", "221 bye", "354 go",
	"250-ok\r\n550 no", NULL };

static void
test_strange(void **state)
{
	char said[64];
	const char *lines[] = { EHLO_PIPELINING, "C MAIL FROM:<a@example.org>",
		"C RCPT TO:<b@example.net>", "C DATA", said, NULL };
	struct play p;
	size_t i;

	(void)state;
	for (i = 0; STRANGE[i] != NULL; i++) {
		snprintf(
		    said, sizeof(said), "S 250 ok\r\n%s\r\n354 go", STRANGE[i]);
		begin(&p, lines);
		open_it(&p);
		assert_int_equal(
		    smtp_offer(p.smtp, &p.letter, false, &p.f), EX_IOERR);
		assert_int_equal(p.letter.mail.code, 0);
		assert_int_equal(p.to[0].reply.code, 0);
		assert_false(smtp_is_open(p.smtp));
		end(&p);
	}
}

static void
test_strange_data(void **state)
{
	static const char *const LINES[] = { EHLO_PLAIN,
		"C MAIL FROM:<a@example.org>", "S 250 ok",
		"C RCPT TO:<b@example.net>", "S 251 ok", "C DATA", "S 250 ok",
		NULL };
	struct play p;

	(void)state;
	begin(&p, LINES);
	open_it(&p);
	assert_int_equal(smtp_offer(p.smtp, &p.letter, false, &p.f), EX_IOERR);
	assert_int_equal(p.to[0].reply.code, 0);
	assert_int_equal(p.letter.data.code, 0);
	end(&p);
}

static void
test_unknown(void **state)
{
	static const char *const ENDS[] = { "H", "S 850 NONSENSE", "S 221 bye",
		"S 354 go", "S ", NULL };
	const char *lines[] = { EHLO_PIPELINING, "C MAIL FROM:<a@example.org>",
		"C RCPT TO:<b@example.net>", "C DATA",
		"S 250 ok\r\n250 ok\r\n354 go", TEXT_LINES, "C QUIT", NULL,
		NULL };
	const char **last = lines;
	struct play p;
	size_t i;

	(void)state;
	while (*last != NULL)
		last++;
	for (i = 0; ENDS[i] != NULL; i++) {
		*last = ENDS[i];
		begin(&p, lines);
		open_it(&p);
		assert_int_equal(
		    smtp_offer(p.smtp, &p.letter, false, &p.f), EX_OK);
		assert_int_equal(
		    smtp_text(p.smtp, &p.letter, NULL, true, &p.f), EX_IOERR);
		assert_true(p.letter.is_committed);
		assert_int_equal(p.letter.end.code, 0);
		assert_int_equal(smtp_accepted(p.smtp), 0);
		assert_false(smtp_is_open(p.smtp));
		end(&p);
	}
}

static void
test_421_at_dot(void **state)
{
	static const char *const LINES[] = { EHLO_PLAIN,
		"C MAIL FROM:<a@example.org>", "S 250 ok",
		"C RCPT TO:<b@example.net>", "S 250 ok", "C DATA", "S 354 go",
		TEXT_LINES, "S 421 4.3.0: Temporary Error", NULL };
	struct play p;

	(void)state;
	begin(&p, LINES);
	open_it(&p);
	send_it(&p, false);
	assert_int_equal(p.letter.end.code, 421);
	assert_false(smtp_is_open(p.smtp));
	end(&p);
}

/* More text than a socket holds; the server has hung up by then. */
static void
test_refused_amid_text(void **state)
{
	static const char *const LINES[] = { EHLO_PLAIN,
		"C MAIL FROM:<a@example.org>", "S 250 ok",
		"C RCPT TO:<b@example.net>", "S 250 ok", "C DATA", "S 354 go",
		"I 552 5.3.4 too much", "H", NULL };
	size_t size = 8 << 20;
	char *mem = malloc(size);
	struct play p;

	(void)state;
	assert_non_null(mem);
	memset(mem, 'x', size);
	begin(&p, LINES);
	p.text = (struct text){ .mem = mem, .size = (off_t)size };
	open_it(&p);
	send_it(&p, true);
	assert_int_equal(p.letter.end.code, 552);
	assert_false(p.letter.is_committed);
	assert_false(smtp_is_open(p.smtp));
	end(&p);
	free(mem);
}

/* One reply too many: the server gets nothing of the text. */
static void
test_accepted_too_early(void **state)
{
	static const char *const LINES[] = { EHLO_PIPELINING,
		"C MAIL FROM:<a@example.org>", "C RCPT TO:<b@example.net>",
		"C DATA", "S 250 ok\r\n250 ok\r\n354 go\r\n250 ok", NULL };
	struct play p;

	(void)state;
	begin(&p, LINES);
	open_it(&p);
	assert_int_equal(smtp_offer(p.smtp, &p.letter, false, &p.f), EX_IOERR);
	assert_int_equal(p.to[0].reply.code, 0);
	assert_false(p.letter.is_committed);
	assert_int_equal(smtp_accepted(p.smtp), 0);
	assert_false(smtp_is_open(p.smtp));
	end(&p);
}

static void
test_too_many_replies(void **state)
{
	static const char *const LINES[] = { EHLO_PIPELINING,
		"C MAIL FROM:<a@example.org>", "C RCPT TO:<b@example.net>",
		"C DATA", "S 250 ok\r\n250 ok\r\n354 go", TEXT_LINES,
		"S 250 ok\r\n250 once more", NULL };
	struct play p;

	(void)state;
	begin(&p, LINES);
	open_it(&p);
	send_it(&p, false);
	assert_int_equal(smtp_offer(p.smtp, &p.letter, false, &p.f), EX_IOERR);
	assert_false(smtp_is_open(p.smtp));
	end(&p);
}

static void
test_quit_unanswered(void **state)
{
	static const char *const LINES[] = { EHLO_PIPELINING,
		"C MAIL FROM:<a@example.org>", "C RCPT TO:<b@example.net>",
		"C DATA", "S 250 ok\r\n250 ok\r\n354 go", TEXT_LINES, "C QUIT",
		"S 250 ok", NULL };
	time_t start = time(NULL);
	struct play p;

	(void)state;
	begin(&p, LINES);
	open_it(&p);
	send_it(&p, true);
	assert_int_equal(p.letter.end.code, 250);
	end(&p);
	assert_true(time(NULL) - start < 6);
}

static void
test_rset_refused(void **state)
{
	static const char *const LINES[] = { EHLO_PLAIN,
		"C MAIL FROM:<a@example.org>", "S 450 no", "C RSET", "S 500 no",
		NULL };
	struct play p;

	(void)state;
	begin(&p, LINES);
	open_it(&p);
	assert_int_equal(smtp_offer(p.smtp, &p.letter, false, &p.f), EX_OK);
	assert_int_equal(smtp_offer(p.smtp, &p.letter, false, &p.f), EX_IOERR);
	assert_int_equal(p.letter.mail.code, 0);
	end(&p);
}

static void
test_too_large(void **state)
{
	static const char *const LINES[] = { "S 220 x", "C EHLO me.example",
		"S 250-x\r\n250 SIZE 27", "C QUIT", "S 221 bye", NULL };
	struct play p;

	(void)state;
	begin(&p, LINES);
	open_it(&p);
	assert_int_equal(smtp_offer(p.smtp, &p.letter, false, &p.f), EX_OK);
	assert_string_equal(p.letter.mail.text,
	    "552 5.3.4 message size 28 exceeds this server's limit of 27");
	assert_int_equal(p.to[0].reply.code, 0);
	assert_true(smtp_is_open(p.smtp));
	end(&p);
}

static void
test_beyond_ascii(void **state)
{
	static const char *const LINES[] = { EHLO_PIPELINING,
		"C MAIL FROM:<a@example.org>", "C RCPT TO:<c@example.net>",
		"C DATA", "S 250 ok\r\n250 ok\r\n354 go", TEXT_LINES,
		"S 250 ok", "C QUIT", "S 221 bye", NULL };
	struct play p;

	(void)state;
	begin(&p, LINES);
	p.letter.count = 2;
	p.letter.is_utf8 = true;
	p.to[0].addr = "j\xc3\xb6rg@example.net";
	open_it(&p);
	send_it(&p, false);
	assert_true(reply_has(&p.to[0].reply, 5, 6, 7));
	assert_int_equal(p.to[1].reply.code, 250);
	p.letter.from = "j\xc3\xb6rg@example.org";
	assert_int_equal(smtp_offer(p.smtp, &p.letter, false, &p.f), EX_OK);
	assert_int_equal(p.letter.mail.code, 553);
	p.letter.from = "";
	p.letter.count = 1;
	assert_int_equal(smtp_offer(p.smtp, &p.letter, false, &p.f), EX_OK);
	assert_int_equal(p.letter.mail.code, 0);
	assert_int_equal(p.to[0].reply.code, 553);
	end(&p);
}

static void
test_parameters(void **state)
{
	static const char *const LINES[] = { "S 220 x", "C EHLO me.example",
		"S 250-x\r\n250-SIZE\r\n250-8BITMIME\r\n250-SMTPUTF8",
		"S 250-PIPELINING\r\n250 DSN",
		("C MAIL FROM:<> SIZE=28 BODY=8BITMIME SMTPUTF8 RET=HDRS "
		 "ENVID=a+2Bb+20c"),
		("C RCPT TO:<j\xc3\xb6rg@example.net> NOTIFY=FAILURE,DELAY "
		 "ORCPT=rfc822;x+2By@example.net"),
		"C RCPT TO:<c@example.net> NOTIFY=NEVER",
		"C RCPT TO:<d@example.net>", "C DATA",
		"S 250 ok\r\n550 no\r\n550 no\r\n550 no\r\n503 no", "C QUIT",
		"S 221 bye", NULL };
	struct play p;

	(void)state;
	begin(&p, LINES);
	p.text.is_8bit = true;
	p.letter.from = "";
	p.letter.count = 3;
	p.letter.is_utf8 = true;
	p.letter.ret = "hdrs";
	p.letter.envid = "a+b c";
	p.to[0].addr = "j\xc3\xb6rg@example.net";
	p.to[0].notify = NOTIFY_FAILURE | NOTIFY_DELAY;
	p.to[0].orcpt = "rfc822;x+2By@example.net";
	p.to[1].notify = NOTIFY_NEVER;
	open_it(&p);
	assert_int_equal(smtp_offer(p.smtp, &p.letter, false, &p.f), EX_OK);
	end(&p);
}

static void
test_parameters_not_offered(void **state)
{
	static const char *const LINES[] = { EHLO_PIPELINING,
		"C MAIL FROM:<a@example.org>", "C RCPT TO:<b@example.net>",
		"C DATA", "S 250 ok\r\n550 no\r\n503 no", "C QUIT", "S 221 bye",
		NULL };
	struct play p;

	(void)state;
	begin(&p, LINES);
	p.text.is_8bit = true;
	p.letter.is_utf8 = true;
	p.letter.ret = "full";
	p.letter.envid = "x";
	p.to[0].notify = NOTIFY_SUCCESS;
	p.to[0].orcpt = "rfc822;b@example.net";
	open_it(&p);
	assert_int_equal(smtp_offer(p.smtp, &p.letter, false, &p.f), EX_OK);
	end(&p);
}

static void
test_probe(void **state)
{
	static const char *const GROUP[] = { EHLO_PIPELINING,
		"C MAIL FROM:<a@example.org>", "C RSET",
		"S 550 5.7.1 no\r\n250 ok", "C QUIT", "S 221 bye", NULL };
	static const char *const EACH[] = { EHLO_PLAIN,
		"C MAIL FROM:<a@example.org>", "S 250 ok", "C RSET", "S 250 ok",
		"C QUIT", "S 221 bye", NULL };
	struct play p;

	(void)state;
	begin(&p, GROUP);
	p.letter.count = 0;
	p.letter.text = NULL;
	open_it(&p);
	assert_int_equal(smtp_offer(p.smtp, &p.letter, true, &p.f), EX_OK);
	assert_int_equal(p.letter.mail.code, 550);
	end(&p);
	begin(&p, EACH);
	open_it(&p);
	assert_int_equal(smtp_offer(p.smtp, &p.letter, true, &p.f), EX_OK);
	assert_int_equal(p.letter.mail.code, 250);
	end(&p);
}

/* How a session may begin, and what becomes of it. */
static const struct {
	const char *lines[10];
	int rc;
	const char *why;
} BEGINNINGS[] = {
	{ { "S 554 no SMTP service here", "C QUIT", "S 221 bye", NULL },
	    EX_UNAVAILABLE, "554 no SMTP service here" },
	{ { "S 421 busy", "C QUIT", "S 221 bye", NULL }, EX_UNAVAILABLE,
	    "421 busy" },
	{ { "S 250 x", "C QUIT", "S 221 bye", NULL }, EX_UNAVAILABLE, "250 x" },
	{ { "S SSH-2.0-OpenSSH", "C QUIT", NULL }, EX_UNAVAILABLE,
	    "SSH-2.0-OpenSSH" },
	{ { "H", NULL }, EX_UNAVAILABLE, "" },
	{ { "S 220-x\r\n220 y", "C EHLO me.example", "S 250 x", "C QUIT",
	      "S 221 bye", NULL },
	    EX_OK, "" },
	{ { "S 220 x", "C EHLO me.example", "S 502 what?", "C HELO me.example",
	      "S 250 x", "C QUIT", "S 221 bye", NULL },
	    EX_OK, "" },
	{ { "S 220 x", "C EHLO me.example", "S 502 what?", "C HELO me.example",
	      "S 550 no", "C QUIT", "S 221 bye", NULL },
	    EX_UNAVAILABLE, "550 no" },
	{ { "S 220 x", "C EHLO me.example", "S 421 4.7.0 Try again later",
	      "C QUIT", "S 221 bye", NULL },
	    EX_UNAVAILABLE, "'me.example' (check hello): 421 4.7.0" },
	{ { "S 220 x", "C EHLO me.example", "S 354 go", "C QUIT", "S 221 bye",
	      NULL },
	    EX_UNAVAILABLE, "354 go" },
	{ { "S 220 x", "C EHLO me.example", "H", NULL }, EX_UNAVAILABLE, "" },
};

static void
test_beginnings(void **state)
{
	struct play p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(BEGINNINGS) / sizeof(BEGINNINGS[0]); i++) {
		begin(&p, BEGINNINGS[i].lines);
		assert_int_equal(
		    smtp_open(&p.smtp, &p.script.smarthost, NULL, NULL, &p.f),
		    BEGINNINGS[i].rc);
		assert_int_equal(p.f.code, BEGINNINGS[i].rc);
		assert_non_null(strstr(p.f.text, BEGINNINGS[i].why));
		assert_true(BEGINNINGS[i].rc == EX_OK || p.smtp == NULL);
		end(&p);
	}
}

static void
test_peer(void **state)
{
	static const char *const LINES[] = { "S 220 x", "C EHLO me.example",
		"S 250-x\r\n250 AUTH PLAIN", "C QUIT", "S 221 bye", NULL };
	struct smtp_peer peer;
	struct play p;

	(void)state;
	begin(&p, LINES);
	p.script.smarthost.user = "nobody needs it at a local socket";
	open_it(&p);
	peer = smtp_peer(p.smtp);
	assert_string_equal(peer.relay, p.script.path.sun_path);
	assert_string_equal(peer.tls, "");
	assert_string_equal(peer.auth, "");
	assert_true(peer.offers_auth);
	end(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{ "a letter is three writes: EHLO, group, text with QUIT",
		    test_group, NULL, NULL, NULL },
		{ "RSET stands between two groups", test_groups, NULL, NULL,
		    NULL },
		{ "without PIPELINING one command goes at a time, also at the "
		  "dot",
		    test_one_by_one, NULL, NULL, NULL },
		{ "pipelining = no is obeyed", test_not_offered, NULL, NULL,
		    NULL },
		{ "who takes nobody gets no DATA", test_nobody_taken, NULL,
		    NULL, NULL },
		{ "who takes nobody and says 354 gets a dot",
		    test_nobody_and_354, NULL, NULL, NULL },
		{ "who refuses the sender and says 354 gets nothing",
		    test_sender_refused_and_354, NULL, NULL, NULL },
		{ "a 354 that nobody wants any more ends the connection",
		    test_354_unwanted, NULL, NULL, NULL },
		{ "behind 421 everything is unanswered", test_421, NULL, NULL,
		    NULL },
		{ "a strange reply ends the session", test_strange, NULL, NULL,
		    NULL },
		{ "only 354 is a go-ahead", test_strange_data, NULL, NULL,
		    NULL },
		{ "silence or nonsense at the dot is an unknown outcome",
		    test_unknown, NULL, NULL, NULL },
		{ "421 at the dot is an answer", test_421_at_dot, NULL, NULL,
		    NULL },
		{ "a refusal amid the text is heard", test_refused_amid_text,
		    NULL, NULL, NULL },
		{ "an acceptance ahead of the dot is none",
		    test_accepted_too_early, NULL, NULL, NULL },
		{ "a reply too many ends the session", test_too_many_replies,
		    NULL, NULL, NULL },
		{ "an unanswered QUIT costs two seconds", test_quit_unanswered,
		    NULL, NULL, NULL },
		{ "a refused RSET ends the session", test_rset_refused, NULL,
		    NULL, NULL },
		{ "what is too large is refused without a word", test_too_large,
		    NULL, NULL, NULL },
		{ "addresses beyond ASCII are refused one by one",
		    test_beyond_ascii, NULL, NULL, NULL },
		{ "parameters go where they are offered", test_parameters, NULL,
		    NULL, NULL },
		{ "and nowhere else", test_parameters_not_offered, NULL, NULL,
		    NULL },
		{ "a probe is MAIL and RSET", test_probe, NULL, NULL, NULL },
		{ "a session may begin badly", test_beginnings, NULL, NULL,
		    NULL },
		{ "the log learns who it was", test_peer, NULL, NULL, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("smtp", tests, NULL, NULL);
}
