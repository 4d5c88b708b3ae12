/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <strings.h>

#include "sendmail/ask.h"
#include "sendmail/options.h"
#include "sendmail/period.h"

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

/* -O Name=value, perhaps with blanks about the sign. */
static void
set_long(struct options *o, const char *option)
{
	size_t size = strcspn(option, "= ");
	const char *value = option + size + strspn(option + size, " ");

	if (*value == '=')
		value += 1 + strspn(value + 1, " ");
	if (size == 12 && strncasecmp(option, "DeliveryMode", size) == 0)
		set_when(o, value);
	if (size == 9 && strncasecmp(option, "ErrorMode", size) == 0)
		set_errors(o, value);
	if (size == 10 && strncasecmp(option, "IgnoreDots", size) == 0)
		o->dot_is_text = is_yes(value);
	if (size == 8 && strncasecmp(option, "SMTPUTF8", size) == 0)
		o->is_utf8 = is_yes(value);
}

static int
set_mode(struct options *o, const char *value, struct fault *f)
{
	o->stays_here = strcmp(value, "D") == 0;
	return mode_of_letter(value, &o->mode, f);
}

/* What to run: -qI, -qR, -qS, and the part that is sought; ! all others. */
static int
set_choice(struct options *o, const char *kind, const char *part)
{
	struct pick pick = { .part = part, .is_not = *kind == '!' };

	o->mode = MODE_RUN;
	switch (kind[pick.is_not]) {
	case 'I':
		o->run_id = pick;
		break;
	case 'R':
		o->run_recipient = pick;
		break;
	case 'S':
		o->run_sender = pick;
		break;
	}
	return EX_OK;
}

/* Octets of a choice, ! and letter, that a value of -q begins with; 0: none. */
static size_t
choice_size(const char *value)
{
	size_t is_not = value[0] == '!' ? 1 : 0;
	char letter = value[is_not];

	return letter != '\0' && strchr(choices, letter) != NULL ? is_not + 1
								 : 0;
}

/*
 * f and p, foreground and persistent, say what we do anyway; a queue group (G)
 * is all that there is, and nothing is in quarantine (Q) or lost (L).
 */
static int
set_run(struct options *o, const char *value, struct fault *f)
{
	const char *every = value + (value[0] == 'p');
	size_t choice = choice_size(value);

	o->mode = MODE_RUN;
	if (value[0] == '\0' || strcmp(value, "f") == 0 || value[0] == 'G')
		return EX_OK;
	if (value[0] == 'Q' || value[0] == 'L') {
		o->mode = MODE_NOTHING;
		return EX_OK;
	}
	if (choice > 0 && value[choice] != '\0')
		return set_choice(o, value, value + choice);
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
	case 'G':
		o->is_relayed = true;
		break;
	case 'I':
		o->mode = MODE_NOTHING;
		break;
	case 'i':
		o->dot_is_text = true;
		break;
	case 't':
		o->recipients_in_header = true;
		break;
	case 'U':
		o->is_utf8 = true;
		break;
	case 'v':
		o->is_verbose = true;
		break;
	}
}

/* In a log it stands before every line, and nobody may break out of it. */
static bool
is_tag(const char *text)
{
	size_t size = strlen(text), i;

	for (i = 0; i < size; i++)
		if (text[i] <= ' ' || text[i] > '~' ||
		    strchr("[]:%", text[i]) != NULL)
			return false;
	return size > 0 && size <= OPTIONS_TAG;
}

/* What was made of a value; a caller who asked in vain is told in the log. */
static const char *
sound(struct options *o, char letter, const char *value, const char *made)
{
	if (made == NULL)
		fault_set(&o->doubt, EX_USAGE,
		    "'-%c %s' is not sound: it counts as not given", letter,
		    value);
	return made;
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
	case 'L':
		o->tag = is_tag(value) ? value : NULL;
		break;
	case 'N':
		o->notify = sound(o, letter, value, ask_notify(value));
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
		o->ret = sound(o, letter, value, ask_ret(value));
		break;
	case 'V':
		o->envid = sound(o, letter, value, ask_envid(value));
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
	size_t size;
	char letter;

	for (letter = *at++; letter != '\0'; letter = *at++) {
		if (strchr(with_attached, letter) != NULL) {
			if (letter == 'd' && strcmp(at, "0.1") == 0)
				a->wants_version = true;
			size = letter == 'q' ? choice_size(at) : 0;
			if (size > 0 && at[size] == '\0' && *a->next != NULL)
				return set_choice(o, at, *a->next++);
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
	if (o->mode == MODE_SERVER)
		return o->count == 0
		    ? EX_OK
		    : fault_set(f, EX_USAGE,
			  "no recipients go with -bs: they are named in the "
			  "dialogue");
	return mode_takes_words(o->mode)
	    ? EX_OK
	    : fault_set(f, EX_USAGE,
		  "no recipients go with -q, -bp or -bi: leave them out");
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
