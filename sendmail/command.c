/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sendmail/address.h"
#include "sendmail/command.h"
#include "sendmail/token.h"
#include "sendmail/xtext.h"

#define BLANK " \t"

/* One parameter, cut out of its line. */
struct parameter {
	char *key, *value; /* value: NULL without a = */
};

enum verb
command_verb(char *line, const char **argument)
{
	static const struct {
		const char *word;
		enum verb verb;
	} known[] = {
		{ "HELO", VERB_HELO },
		{ "EHLO", VERB_EHLO },
		{ "MAIL", VERB_MAIL },
		{ "RCPT", VERB_RCPT },
		{ "DATA", VERB_DATA },
		{ "RSET", VERB_RSET },
		{ "NOOP", VERB_NOOP },
		{ "VRFY", VERB_VRFY },
		{ "HELP", VERB_HELP },
		{ "VERB", VERB_VERB },
		{ "XVRB", VERB_VERB },
		{ "ONEX", VERB_VERB },
		{ "QUIT", VERB_QUIT },
		{ "AUTH", VERB_NOT_HERE },
		{ "BDAT", VERB_NOT_HERE },
		{ "ETRN", VERB_NOT_HERE },
		{ "EXPN", VERB_NOT_HERE },
		{ "STARTTLS", VERB_NOT_HERE },
	};
	size_t size = strcspn(line, BLANK), end = strlen(line), i;

	while (end > size && strchr(BLANK, line[end - 1]) != NULL)
		line[--end] = '\0';
	*argument = line + size + strspn(line + size, BLANK);
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i].word) == size &&
		    strncasecmp(line, known[i].word, size) == 0)
			return known[i].verb;
	return VERB_UNKNOWN;
}

static int
no_memory(struct fault *f)
{
	return fault_set(f, EX_TEMPFAIL, "451 4.3.0 out of memory");
}

/*
 * How many octets at the start are a path, by its look; 0: none are.  In quotes
 * anything goes.
 */
static size_t
measure(const char *text)
{
	const bool has_bracket = text[0] == '<';
	bool is_quoted = false;
	size_t i;

	for (i = 0; text[i] != '\0'; i++) {
		if (is_quoted && text[i] == '\\' && text[i + 1] != '\0')
			i++;
		else if (text[i] == '"')
			is_quoted = !is_quoted;
		else if (is_quoted)
			continue;
		else if (text[i] == '(' || text[i] == ')')
			return 0;
		else if (has_bracket && text[i] == '>')
			return strchr(BLANK, text[i + 1]) != NULL ? i + 1 : 0;
		else if (strchr(BLANK, text[i]) != NULL)
			return has_bracket ? 0 : i;
	}
	return has_bracket || is_quoted ? 0 : i;
}

/* The address behind "FROM:" or "TO:"; *rest is what comes behind it. */
static int
read_path(const char *argument, const char *word, char **addr,
    const char **rest, struct fault *f)
{
	const size_t size = strlen(word);
	struct fault why = { 0 };
	char *path;
	size_t len;
	int rc;

	if (strncasecmp(argument, word, size) != 0)
		return fault_set(
		    f, EX_DATAERR, "501 5.5.4 write %s<address>", word);
	argument += size + strspn(argument + size, BLANK);
	len = measure(argument);
	if (len == 0)
		return fault_set(f, EX_DATAERR,
		    "501 5.1.%d no <address> behind %s",
		    strcmp(word, "TO:") == 0 ? 3 : 7, word);
	path = strndup(argument, len);
	if (path == NULL)
		return no_memory(f);
	rc = address_one(path, addr, &why);
	free(path);
	*rest = argument + len;
	if (rc == EX_TEMPFAIL)
		return no_memory(f);
	if (rc != EX_OK)
		return fault_set(f, EX_DATAERR, "501 5.1.%d bad address: %s",
		    strcmp(word, "TO:") == 0 ? 3 : 7, why.text);
	return EX_OK;
}

static int
bad_value(const struct parameter *p, struct fault *f)
{
	return fault_set(f, EX_DATAERR, "501 5.5.4 bad value of %.20s", p->key);
}

static int
keep(char **to, const struct parameter *p, const char *value, struct fault *f)
{
	if (*to != NULL)
		return fault_set(
		    f, EX_DATAERR, "501 5.5.4 %.20s is there twice", p->key);
	*to = strdup(value);
	return *to != NULL ? EX_OK : no_memory(f);
}

static int
set_size(const struct parameter *p, struct fault *f)
{
	size_t digits = strspn(p->value, "0123456789");

	/* RFC 1870, 3. */
	if (digits == 0 || digits > 20 || p->value[digits] != '\0')
		return bad_value(p, f);
	if (strtoull(p->value, NULL, 10) > (unsigned long long)COMMAND_SIZE)
		return fault_set(f, EX_DATAERR,
		    "552 5.3.4 more than %ld octets are not taken",
		    COMMAND_SIZE);
	return EX_OK;
}

static int
set_envid(struct envelope *env, const struct parameter *p, struct fault *f)
{
	if (!xtext_is_sound(p->value, ENVELOPE_ENVID))
		return bad_value(p, f);
	if (keep(&env->envid, p, p->value, f) == EX_OK)
		xtext_decode(env->envid);
	return f->code;
}

/* What the text holds is what counts, whatever BODY says. */
static int
set_mail(struct envelope *env, const struct parameter *p, struct fault *f)
{
	if (strcasecmp(p->key, "SMTPUTF8") == 0 && p->value == NULL) {
		env->is_utf8 = true;
		return EX_OK;
	}
	if (p->value == NULL)
		return fault_set(
		    f, EX_DATAERR, "555 5.5.4 unknown parameter %.20s", p->key);
	if (strcasecmp(p->key, "SIZE") == 0)
		return set_size(p, f);
	if (strcasecmp(p->key, "BODY") == 0)
		return strcasecmp(p->value, "7BIT") == 0 ||
			strcasecmp(p->value, "8BITMIME") == 0
		    ? EX_OK
		    : bad_value(p, f);
	if (strcasecmp(p->key, "RET") == 0) {
		if (strcasecmp(p->value, "FULL") == 0)
			return keep(&env->ret, p, "full", f);
		if (strcasecmp(p->value, "HDRS") == 0)
			return keep(&env->ret, p, "hdrs", f);
		return bad_value(p, f);
	}
	if (strcasecmp(p->key, "ENVID") == 0)
		return set_envid(env, p, f);
	return fault_set(
	    f, EX_DATAERR, "555 5.5.4 unknown parameter %.20s", p->key);
}

/* RFC 3461, 4.2: the type of the address, which is an atom, and the address. */
static int
set_orcpt(struct rcpt *rcpt, const struct parameter *p, struct fault *f)
{
	const char *value = p->value;
	size_t type = strcspn(value, ";"), i;

	if (type == 0 || value[type] == '\0' || strlen(value) > ENVELOPE_ORCPT)
		return bad_value(p, f);
	for (i = 0; i < type; i++)
		if ((value[i] & 0x80) != 0 || !token_is_atext(value[i]))
			return bad_value(p, f);
	if (!xtext_is_sound(value + type + 1, ENVELOPE_ORCPT))
		return bad_value(p, f);
	return keep(&rcpt->orcpt, p, value, f);
}

static int
set_rcpt(struct envelope *env, const struct parameter *p, struct fault *f)
{
	struct rcpt *rcpt = env->to + env->count - 1;
	struct fault why = { 0 };

	if (p->value != NULL && strcasecmp(p->key, "NOTIFY") == 0) {
		if (rcpt->notify != 0 ||
		    notify_parse(p->value, &rcpt->notify, &why) != EX_OK)
			return bad_value(p, f);
		return EX_OK;
	}
	if (p->value != NULL && strcasecmp(p->key, "ORCPT") == 0)
		return set_orcpt(rcpt, p, f);
	return fault_set(
	    f, EX_DATAERR, "555 5.5.4 unknown parameter %.20s", p->key);
}

static int
read_parameters(const char *text, struct envelope *env,
    int (*set)(struct envelope *, const struct parameter *, struct fault *),
    struct fault *f)
{
	struct parameter p;
	char *copy = strdup(text), *rest = copy;
	int rc = EX_OK;

	if (copy == NULL)
		return no_memory(f);
	while (rc == EX_OK && (p.key = strsep(&rest, BLANK)) != NULL) {
		if (p.key[0] == '\0')
			continue;
		p.value = strchr(p.key, '=');
		if (p.value != NULL)
			*p.value++ = '\0';
		rc = set(env, &p, f);
	}
	free(copy);
	return rc;
}

/* The envelope has limits of its own. */
static int
put_address(int rc, const struct fault *why, int detail, struct fault *f)
{
	if (rc == EX_TEMPFAIL)
		return no_memory(f);
	if (rc != EX_OK)
		fault_set(f, EX_DATAERR, "501 5.1.%d bad address: %s", detail,
		    why->text);
	return f->code;
}

int
command_mail(const char *argument, struct envelope *env, struct fault *f)
{
	struct fault why = { 0 };
	const char *rest = "";
	char *addr = NULL;
	int rc;

	rc = read_path(argument, "FROM:", &addr, &rest, f);
	if (rc == EX_OK)
		rc = put_address(envelope_from(env, addr, &why), &why, 7, f);
	free(addr);
	return rc == EX_OK ? read_parameters(rest, env, set_mail, f) : rc;
}

/* One that is refused is not in the envelope. */
static void
take_back(struct envelope *env)
{
	struct rcpt *rcpt = env->to + --env->count;

	free(rcpt->addr);
	free(rcpt->orcpt);
	*rcpt = (struct rcpt){ 0 };
}

int
command_rcpt(const char *argument, struct envelope *env, struct fault *f)
{
	struct fault why = { 0 };
	const char *rest = "";
	char *addr = NULL;
	int rc;

	if (env->count == ENVELOPE_RCPTS)
		return fault_set(
		    f, EX_DATAERR, "452 4.5.3 too many recipients");
	rc = read_path(argument, "TO:", &addr, &rest, f);
	if (rc == EX_OK && (addr == NULL || addr[0] == '\0'))
		rc = fault_set(f, EX_DATAERR, "501 5.1.3 <> is no recipient");
	if (rc == EX_OK)
		rc = put_address(envelope_to(env, addr, &why), &why, 3, f);
	free(addr);
	if (rc != EX_OK)
		return rc;
	rc = read_parameters(rest, env, set_rcpt, f);
	if (rc != EX_OK)
		take_back(env);
	return rc;
}
