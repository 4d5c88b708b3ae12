/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>

#include <err.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "t/smarthost.h"

static bool
is_action(const char *word)
{
	static const char *const actions[] = { "close", "reset", "hang",
		"flood", "garbage", "raw", "inject", "drip", "delay", "keep",
		"until", "noise", "spoil" };
	size_t n = strcspn(word, " ");
	size_t i;

	if (n == 3 && strspn(word, "0123456789") == 3)
		return true;
	for (i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		if (n == strlen(actions[i]) &&
		    strncmp(word, actions[i], n) == 0)
			return true;
	return false;
}

/* Behind the word and its blanks; the word is ended. */
static char *
next(char *word)
{
	char *end = word + strcspn(word, " \t");

	if (*end != '\0')
		*end++ = '\0';
	return end + strspn(end, " \t");
}

static void
range(struct rule *rule)
{
	char *at = strchr(rule->verb, '[');

	rule->from = 1;
	rule->to = ULONG_MAX;
	if (at == NULL)
		return;
	*at++ = '\0';
	rule->from = strtoul(at, &at, 10);
	if (*at == ']')
		rule->to = rule->from;
	else if (*at == '-' && at[1] != ']')
		rule->to = strtoul(at + 1, NULL, 10);
}

void
rules_read(struct peer *p)
{
	char *line = NULL;
	size_t size = 0;
	struct rule *rule;
	FILE *in;

	if (p->setup->rules == NULL)
		return;
	in = fopen(p->setup->rules, "r");
	if (in == NULL)
		return;
	while (p->rules < PEER_RULES && getline(&line, &size, in) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (*line == '\0' || *line == '#')
			continue;
		rule = p->rule + p->rules++;
		rule->verb = strdup(line);
		if (rule->verb == NULL)
			err(EX_OSERR, "no memory");
		rule->action = next(rule->verb);
		rule->pattern = NULL;
		if (!is_action(rule->action)) {
			rule->pattern = rule->action;
			rule->action = next(rule->pattern);
		}
		if (!is_action(rule->action))
			errx(EX_DATAERR, "no action in rule '%s'", line);
		range(rule);
	}
	free(line);
	fclose(in);
}

const char *
rule_find(
    struct peer *p, const char *verb, const char *arg, unsigned long count)
{
	const struct rule *rule;
	size_t i;

	for (i = 0; i < p->rules; i++) {
		rule = p->rule + i;
		if (strcmp(rule->verb, verb) != 0)
			continue;
		if (count < rule->from || count > rule->to)
			continue;
		if (rule->pattern != NULL &&
		    fnmatch(rule->pattern, arg == NULL ? "" : arg, 0) != 0)
			continue;
		return rule->action;
	}
	return NULL;
}

static char
escaped(const char **at)
{
	char hex[3] = { 0 };

	switch (*(*at)++) {
	case 'r':
		return '\r';
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'x':
		memcpy(hex, *at, strnlen(*at, 2));
		*at += strlen(hex);
		return (char)strtoul(hex, NULL, 16);
	default:
		return (*at)[-1];
	}
}

/* What it stands for; *size may hold NULs. */
static char *
unescape(const char *text, size_t *size)
{
	char *bytes = calloc(1, strlen(text) + 1);

	if (bytes == NULL)
		err(EX_OSERR, "no memory");
	for (*size = 0; *text != '\0'; ++*size) {
		bytes[*size] = *text++;
		if (bytes[*size] == '\\' && *text != '\0')
			bytes[*size] = escaped(&text);
	}
	return bytes;
}

static void
put_raw(struct peer *p, const char *text)
{
	size_t size;
	char *bytes = unescape(text, &size);

	peer_note(p, "S:", text);
	peer_put(p, bytes, size);
	peer_flush(p);
	free(bytes);
}

static _Noreturn void
flood(struct peer *p, const char *text)
{
	size_t size;
	char *bytes = unescape(
	    *text != '\0' ? text : "250-and another thing\\r\\n", &size);

	for (;;)
		peer_put(p, bytes, size);
}

static _Noreturn void
reset(struct peer *p)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	peer_flush(p);
	(void)setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	peer_end(p, "reset");
}

static _Noreturn void
hang(struct peer *p)
{
	peer_flush(p);
	peer_note(p, "-- hang", "");
	for (;;)
		pause();
}

/* Those with a number of milliseconds before another action. */
static const char *
act_timed(struct peer *p, const char *action, const char *name)
{
	char *rest;
	long ms;

	ms = strtol(action + strlen(name), &rest, 10);
	if (strcmp(name, "drip") == 0) {
		peer_flush(p);
		p->drip = (int)ms;
	} else {
		nanosleep(
		    &(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
	}
	return rest + strspn(rest, " ");
}

/* What comes behind the name of the file, once it is there. */
static const char *
act_later(struct peer *p, const char *action)
{
	const char *path = action + strlen("until ");
	size_t len = strcspn(path, " ");
	char *name = strndup(path, len);

	if (name == NULL)
		err(EX_OSERR, "no memory");
	peer_flush(p);
	peer_note(p, "-- until", name);
	while (access(name, F_OK) != 0)
		nanosleep(&(struct timespec){ 0, 20000000 }, NULL);
	free(name);
	return path + len + strspn(path + len, " ");
}

int
rule_act(struct peer *p, const char *action)
{
	size_t size;
	char *reply;
	int code;

	if (action == NULL || *action == '\0')
		return 0;
	if (strcmp(action, "close") == 0)
		peer_end(p, NULL);
	if (strcmp(action, "reset") == 0)
		reset(p);
	if (strcmp(action, "hang") == 0)
		hang(p);
	if (strncmp(action, "flood", 5) == 0)
		flood(p, action + 5 + strspn(action + 5, " "));
	if (strncmp(action, "keep", 4) == 0)
		return rule_act(p, action + 4 + strspn(action + 4, " "));
	if (strncmp(action, "drip", 4) == 0)
		return rule_act(p, act_timed(p, action, "drip"));
	if (strncmp(action, "delay", 5) == 0)
		return rule_act(p, act_timed(p, action, "delay"));
	if (strncmp(action, "until ", 6) == 0)
		return rule_act(p, act_later(p, action));
	if (strncmp(action, "inject ", 7) == 0) {
		p->inject = unescape(action + 7, &size);
		return 0;
	}
	if (strncmp(action, "spoil ", 6) == 0) {
		spoil_begin(p, action + 6);
		p->is_spoilt = true;
		return 0;
	}
	if (strncmp(action, "noise ", 6) == 0) {
		spoil_begin(p, action + 6);
		spoil_noise(p);
		return -1;
	}
	if (strcmp(action, "garbage") == 0)
		action = "raw \\x00\\xff\\x80 no reply\\r\\n\\x07\\x1b[31m\\n";
	if (strncmp(action, "raw ", 4) == 0) {
		put_raw(p, action + 4);
		return -1;
	}
	reply = unescape(action, &size);
	peer_reply(p, reply);
	code = (int)strtol(reply, NULL, 10);
	free(reply);
	return code;
}
