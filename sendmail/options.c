/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <strings.h>

#include "mailq/envelope.h"
#include "sendmail/options.h"
#include "sendmail/period.h"
#include "sendmail/xtext.h"

/* Every letter that a sendmail ever had, by what may stand behind it. */
static const char alone[] = "GIcimnsTtUvx";
static const char with_value[] = "ABbCDeFfhLMNOopRrVX";
static const char with_attached[] = "dEJQq";
static const char choices[] = "IRS"; /* behind -q */

/* The words that are not read yet. */
struct args {
	char **next; /* NULL stands behind the last */
	bool wants_version;
};

static const char *
sound_notify(const char *value)
{
	struct fault bad = { 0 };
	unsigned notify;

	return notify_parse(value, &notify, &bad) == EX_OK ? value : NULL;
}

static const char *
sound_ret(const char *value)
{
	if (strcasecmp(value, "full") == 0)
		return "full";
	return strcasecmp(value, "hdrs") == 0 ? "hdrs" : NULL;
}

static void
set_errors(struct options *o, const char *value)
{
	switch (value[0]) {
	case 'p':
		o->errors = ERRORS_PRINT;
		break;
	case 'm':
	case 'w':
		o->errors = ERRORS_MAIL;
		break;
	case 'q':
		o->errors = ERRORS_QUIET;
		break;
	case 'e':
		o->errors = ERRORS_BERKNET;
		break;
	}
}

static void
set_when(struct options *o, const char *value)
{
	switch (value[0]) {
	case 'i':
	case 'f':
		o->when = WHEN_NOW;
		break;
	case 'b':
		o->when = WHEN_BACKGROUND;
		break;
	case 'q':
	case 'd':
		o->when = WHEN_QUEUE;
		break;
	}
}

/* As sendmail reads booleans: no value is yes. */
static bool
is_yes(const char *value)
{
	return value[0] == '\0' || strchr("tTyY", value[0]) != NULL;
}

/* -o: what is not obeyed is a tunable of another program. */
static void
set_short(struct options *o, const char *value)
{
	switch (value[0]) {
	case 'd':
		set_when(o, value + 1);
		break;
	case 'e':
		set_errors(o, value + 1);
		break;
	case 'i':
		o->dot_is_text = is_yes(value + 1);
		break;
	case 'v':
		o->is_verbose = is_yes(value + 1);
		break;
	}
}

/* -O Name=value */
static void
set_long(struct options *o, const char *option)
{
	size_t size = strcspn(option, "=");
	const char *value = option + size + (option[size] == '=');

	if (size == 12 && strncasecmp(option, "DeliveryMode", size) == 0)
		set_when(o, value);
	if (size == 9 && strncasecmp(option, "ErrorMode", size) == 0)
		set_errors(o, value);
	if (size == 10 && strncasecmp(option, "IgnoreDots", size) == 0)
		o->dot_is_text = is_yes(value);
}

static int
set_mode(struct options *o, const char *value, struct fault *f)
{
	static const struct {
		char letter;
		enum mode mode;
	} known[] = {
		{ 'm', MODE_SUBMIT },
		{ 's', MODE_SERVER },
		{ 'p', MODE_LIST },
		{ 'i', MODE_ALIASES },
		{ 'v', MODE_VERIFY },
		{ 'C', MODE_CHECK },
		{ 'D', MODE_RUN },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (value[0] == known[i].letter && value[1] == '\0') {
			o->mode = known[i].mode;
			o->stays_here = value[0] == 'D';
			return EX_OK;
		}
	}
	return fault_set(f, EX_USAGE, "mode '-b%s' is not supported", value);
}

/* What to run: -qI, -qR, -qS, and the part that is sought. */
static int
set_choice(struct options *o, char kind, const char *part)
{
	o->mode = MODE_RUN;
	if (kind == 'I')
		o->run_id = part;
	else if (kind == 'R')
		o->run_recipient = part;
	else
		o->run_sender = part;
	return EX_OK;
}

/* f and p, foreground and persistent, say what we do anyway. */
static int
set_run(struct options *o, const char *value, struct fault *f)
{
	const char *every = value + (value[0] == 'p');

	o->mode = MODE_RUN;
	if (value[0] == '\0' || strcmp(value, "f") == 0 || value[0] == 'G')
		return EX_OK;
	if (strchr(choices, value[0]) != NULL && value[1] != '\0')
		return set_choice(o, value[0], value + 1);
	if (every[0] != '\0')
		o->run_every = period_parse(every);
	if (o->run_every == 0 && every[0] != '\0')
		return fault_set(f, EX_USAGE,
		    "'-q%s' is no run: use -q, -q15m, -qI ID, -qR text or "
		    "-qS text",
		    value);
	return EX_OK;
}

static void
set_flag(struct options *o, char letter)
{
	switch (letter) {
	case 'I':
		o->mode = MODE_ALIASES;
		break;
	case 'i':
		o->dot_is_text = true;
		break;
	case 't':
		o->recipients_in_header = true;
		break;
	case 'v':
		o->is_verbose = true;
		break;
	}
}

static int
set_value(struct options *o, char letter, const char *value, struct fault *f)
{
	switch (letter) {
	case 'B':
		o->body = value;
		break;
	case 'b':
		return set_mode(o, value, f);
	case 'C':
		/* check_mailq calls `mailq -C dir'; nothing is read there. */
		if (o->mode == MODE_LIST)
			break;
		return fault_set(
		    f, EX_USAGE, "no -C here: name the file in ONEHOP_CONF");
	case 'e':
		set_errors(o, value);
		break;
	case 'F':
		o->name = value;
		break;
	case 'f':
	case 'r':
		o->from = value;
		break;
	case 'N':
		o->notify = sound_notify(value);
		break;
	case 'O':
		set_long(o, value);
		break;
	case 'o':
		set_short(o, value);
		break;
	case 'q':
		return set_run(o, value, f);
	case 'R':
		o->ret = sound_ret(value);
		break;
	case 'V':
		o->envid = xtext_is_sound(value, ENVELOPE_ENVID) ? value : NULL;
		break;
	}
	return EX_OK;
}

/* What stands behind the letter, or else the next word. */
static const char *
find_value(struct args *a, char letter, const char *attached)
{
	if (*attached != '\0')
		return attached;
	if (*a->next != NULL)
		return *a->next++;

	/* SwiftMailer ends with -f'', which the shell makes -f: no sender. */
	return letter == 'f' || letter == 'r' ? "" : NULL;
}

/* One word of options: flags, and perhaps one with a value behind them. */
static int
parse_word(struct args *a, struct options *o, struct fault *f)
{
	const char *at = *a->next++ + 1;
	const char *value;
	char letter;

	for (letter = *at++; letter != '\0'; letter = *at++) {
		if (strchr(with_attached, letter) != NULL) {
			if (letter == 'd' && strcmp(at, "0.1") == 0)
				a->wants_version = true;
			if (letter == 'q' && strchr(choices, *at) != NULL &&
			    *at != '\0' && at[1] == '\0' && *a->next != NULL)
				return set_choice(o, *at, *a->next++);
			return set_value(o, letter, at, f);
		}
		if (strchr(with_value, letter) != NULL) {
			value = find_value(a, letter, at);
			if (value == NULL)
				return fault_set(f, EX_USAGE,
				    "option '-%c' needs a value", letter);
			return set_value(o, letter, value, f);
		}
		if (strchr(alone, letter) == NULL)
			return fault_set(
			    f, EX_USAGE, "unknown option '-%c'", letter);
		set_flag(o, letter);
	}
	return EX_OK;
}

/* Two words of ours, which go with -q. */
static bool
parse_long(struct args *a, struct options *o)
{
	bool is_due = strcmp(*a->next, "--due") == 0;
	bool is_all = strcmp(*a->next, "--all-users") == 0;

	o->only_due = o->only_due || is_due;
	o->all_users = o->all_users || is_all;
	if (is_due || is_all)
		a->next++;
	return is_due || is_all;
}

/* Whoever gives recipients has a message: exit 0 must not mean it is gone. */
static int
settle(const struct args *a, struct options *o, struct fault *f)
{
	bool has_message = o->recipients_in_header || o->count > 0;

	if ((o->only_due || o->all_users) && o->mode != MODE_RUN)
		return fault_set(
		    f, EX_USAGE, "--due and --all-users go with -q");
	if (o->stays_here && o->run_every == 0)
		return fault_set(f, EX_USAGE,
		    "-bD runs the queue by the clock: say how often, -bD -q15m");
	if (!has_message) {
		if (a->wants_version && o->mode == MODE_SUBMIT)
			o->mode = MODE_VERSION;
		return EX_OK;
	}
	if (o->mode == MODE_SERVER && o->count > 0)
		return fault_set(f, EX_USAGE,
		    "no recipients go with -bs: they are named in the dialogue");
	if (o->mode == MODE_LIST || o->mode == MODE_ALIASES ||
	    o->mode == MODE_RUN)
		return fault_set(f, EX_USAGE,
		    "no recipients go with -q, -bp or -bi: leave them out");
	return EX_OK;
}

static enum mode
mode_of_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;

	if (strcmp(name, "mailq") == 0)
		return MODE_LIST;
	return strcmp(name, "newaliases") == 0 ? MODE_ALIASES : MODE_SUBMIT;
}

int
options_parse(struct options *o, int argc, char **argv, struct fault *f)
{
	struct args a = { .next = argv };
	int rc = EX_OK;

	*o = (struct options){ 0 };
	if (argc > 0)
		o->mode = mode_of_name(*a.next++);
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		o->mode = MODE_VERSION;
		return EX_OK;
	}
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		o->mode = MODE_HELP;
		return EX_OK;
	}
	while (rc == EX_OK && *a.next != NULL && (*a.next)[0] == '-' &&
	    (*a.next)[1] != '\0') {
		if (strcmp(*a.next, "--") == 0) {
			a.next++;
			break;
		}
		if (!parse_long(&a, o))
			rc = parse_word(&a, o, f);
	}
	if (rc != EX_OK)
		return rc;
	o->words = a.next;
	o->count = argc - (int)(a.next - argv);
	return settle(&a, o, f);
}
