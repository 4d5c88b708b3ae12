/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "mailq/head.h"
#include "mailq/word.h"

#define RETURN 4     /* octets of ret: full, hdrs */
#define REPORT_OF 16 /* octets of an ID */

static bool
is_within(const char *word, size_t most)
{
	return word == NULL || strlen(word) <= most;
}

/* What is not so is neither written nor read. */
static int
check(const struct envelope *env, struct fault *f)
{
	size_t i;

	if (env->from == NULL || env->host == NULL || env->count == 0)
		return fault_set(f, EX_DATAERR, "an envelope lacks something");
	if (!is_within(env->ret, RETURN) ||
	    !is_within(env->envid, ENVELOPE_ENVID) ||
	    !is_within(env->report_of, REPORT_OF))
		return fault_set(f, EX_DATAERR, "an option is too long");
	for (i = 0; i < env->count; i++)
		if (!is_within(env->to[i].orcpt, ENVELOPE_ORCPT))
			return fault_set(f, EX_DATAERR,
			    "the orcpt of '%s' is too long", env->to[i].addr);
	return EX_OK;
}

/*
 * A line is put together apart and written at once.  For the stream may be one
 * into memory: where that ends, glibc's drops octets and its ferror(3) says
 * nothing; only the call that wrote them does.
 */
struct pen {
	FILE *line, *out;
	bool is_short; /* not all was written */
	char buf[TEXT_LINE];
};

static void
end_line(struct pen *pen)
{
	size_t size;

	putc('\n', pen->line);
	size = (size_t)ftell(pen->line);
	if (fflush(pen->line) != 0 || ferror(pen->line) ||
	    fwrite(pen->buf, 1, size, pen->out) != size)
		pen->is_short = true;
	fseek(pen->line, 0, SEEK_SET);
}

static void
write_word(FILE *out, const char *name, const char *word)
{
	if (word == NULL)
		return;
	fputs(name, out);
	word_write(out, word);
}

static void
write_line(struct pen *pen, const char *name, const char *word)
{
	if (word == NULL)
		return;
	write_word(pen->line, name, word);
	end_line(pen);
}

static void
write_lines(struct pen *pen, const struct envelope *env)
{
	size_t i;

	write_line(pen, "from ", env->from);
	write_line(pen, "host ", env->host);
	if (env->is_utf8) {
		fputs("option utf8", pen->line);
		end_line(pen);
	}
	write_line(pen, "option ret=", env->ret);
	write_line(pen, "option envid=", env->envid);
	write_line(pen, "option report-of=", env->report_of);
	for (i = 0; i < env->count; i++) {
		if (env->to[i].parent != ENVELOPE_NONE)
			continue;
		write_word(pen->line, "to ", env->to[i].addr);
		if (env->to[i].notify != 0)
			fprintf(pen->line, " notify=%s",
			    notify_words(env->to[i].notify));
		write_word(pen->line, " orcpt=", env->to[i].orcpt);
		end_line(pen);
	}
	end_line(pen);
}

int
head_write(const struct envelope *env, FILE *out, struct fault *f)
{
	struct pen pen = { .out = out };

	if (check(env, f) != EX_OK)
		return f->code;
	pen.line = fmemopen(pen.buf, sizeof(pen.buf), "w");
	if (pen.line == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot keep an envelope");
	write_lines(&pen, env);
	fclose(pen.line);
	if (fflush(out) != 0 || ferror(out) || pen.is_short)
		return fault_errno(f, EX_IOERR, "cannot write an envelope");
	return EX_OK;
}

static int
strange(const char *line, struct fault *f)
{
	return fault_set(f, EX_DATAERR, "strange line '%.80s'", line);
}

/* What follows that name, or NULL: it is another. */
static char *
behind(char *line, const char *name)
{
	size_t len = strlen(name);

	return strncmp(line, name, len) == 0 ? line + len : NULL;
}

static int
keep(char **to, char *word, struct fault *f)
{
	if (word_decode(word, f) != EX_OK)
		return f->code;
	*to = strdup(word);
	if (*to == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot keep an envelope");
	return EX_OK;
}

static int
read_option(struct envelope *env, char *word, struct fault *f)
{
	const struct {
		const char *name;
		char **to;
	} options[] = {
		{ "ret=", &env->ret },
		{ "envid=", &env->envid },
		{ "report-of=", &env->report_of },
	};
	char *value;
	size_t i;

	/* Backwards: none may follow itself, or one that is written later. */
	for (i = sizeof(options) / sizeof(options[0]); i-- > 0;) {
		if (*options[i].to != NULL)
			return strange(word, f);
		value = behind(word, options[i].name);
		if (value != NULL)
			return keep(options[i].to, value, f);
	}
	if (env->is_utf8 || strcmp(word, "utf8") != 0)
		return strange(word, f);
	env->is_utf8 = true;
	return EX_OK;
}

/* Each word once, in the order in which they are written. */
static int
read_notify(struct rcpt *rcpt, const char *words, struct fault *f)
{
	if (notify_parse(words, &rcpt->notify, f) != EX_OK)
		return f->code;
	return strcmp(words, notify_words(rcpt->notify)) == 0
	    ? EX_OK
	    : strange(words, f);
}

static int
read_parameter(struct rcpt *rcpt, char *word, struct fault *f)
{
	char *value;

	if (rcpt->orcpt != NULL)
		return strange(word, f);
	value = behind(word, "notify=");
	if (value != NULL && rcpt->notify == 0)
		return read_notify(rcpt, value, f);
	value = behind(word, "orcpt=");
	if (value != NULL)
		return keep(&rcpt->orcpt, value, f);
	return strange(word, f);
}

static int
read_to(struct envelope *env, char *line, struct fault *f)
{
	char *addr = strsep(&line, " "), *word;
	int rc;

	rc = word_decode(addr, f);
	if (rc == EX_OK)
		rc = envelope_to(env, addr, f);
	while (rc == EX_OK && line != NULL) {
		word = strsep(&line, " ");
		rc = read_parameter(env->to + env->count - 1, word, f);
	}
	return rc;
}

static int
read_line(struct envelope *env, char *line, struct fault *f)
{
	char *rest;

	rest = behind(line, "to ");
	if (rest != NULL && env->host != NULL)
		return read_to(env, rest, f);
	rest = behind(line, "option ");
	if (rest != NULL && env->host != NULL && env->count == 0)
		return read_option(env, rest, f);
	rest = behind(line, "from ");
	if (rest != NULL && env->from == NULL)
		return word_decode(rest, f) == EX_OK
		    ? envelope_from(env, rest, f)
		    : f->code;
	rest = behind(line, "host ");
	if (rest != NULL && env->from != NULL && env->host == NULL)
		return word_decode(rest, f) == EX_OK
		    ? envelope_host(env, rest, f)
		    : f->code;
	return strange(line, f);
}

/* The line that ends it is the last one, and is whole. */
static bool
is_end(const struct text_lines *in)
{
	return !in->is_torn && in->given == in->have &&
	    in->at == in->text->size;
}

int
head_read(struct envelope *env, const struct text *text, struct fault *f)
{
	struct text_lines in = { .text = text };
	char *line;
	size_t size;
	int rc;

	rc = text_line(&in, &line, &size, f);
	while (rc == EX_OK && line != NULL && size > 0) {
		if (strlen(line) != size || size == TEXT_LINE - 1)
			rc = strange(line, f);
		if (rc == EX_OK)
			rc = read_line(env, line, f);
		if (rc == EX_OK)
			rc = text_line(&in, &line, &size, f);
	}

	/* A file cut short must not pass for a message nobody waits for. */
	if (rc == EX_OK && (line == NULL || !is_end(&in)))
		rc = fault_set(f, EX_DATAERR, "the envelope is cut short");
	return rc == EX_OK ? check(env, f) : rc;
}
