/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/host.h"
#include "conf/shape.h"
#include "conf/value.h"

#define DIGITS "0123456789"

void
value_forget(char **text)
{
	if (*text == NULL)
		return;
	explicit_bzero(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

static int
keep(char **place, const char *value, size_t len, struct fault *f)
{
	char *copy;

	copy = strndup(value, len);
	if (copy == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot keep a setting");
	value_forget(place);
	*place = copy;
	return EX_OK;
}

static int
put_path(char **place, const char *value, const char *home, struct fault *f)
{
	char *path;

	if (value[0] == '/')
		return keep(place, value, strlen(value), f);
	if (strncmp(value, "~/", 2) != 0)
		return fault_set(f, EX_CONFIG,
		    "'%s' is no full path: begin it with / or ~/", value);
	if (home == NULL)
		return fault_set(f, EX_CONFIG,
		    "'%s': there is no home here: write the full path", value);
	if (asprintf(&path, "%s%s", home, value + 1) == -1)
		return fault_errno(f, EX_TEMPFAIL, "cannot keep a setting");
	value_forget(place);
	*place = path;
	return EX_OK;
}

static int
put_host(char **place, const char *value, struct fault *f)
{
	const char *host = value;
	size_t len = strlen(value);
	bool is_bracketed = value[0] == '[' && value[len - 1] == ']';

	if (is_bracketed) {
		host++;
		len -= 2;
	} else if (len > 1 && *host != '/' && host[len - 1] == '.') {
		len--; /* the root of the DNS, which no certificate names */
	}
	if (shape_is_ip(host, len) ||
	    (!is_bracketed && (*host == '/' || shape_is_host(host, len))))
		return keep(place, host, len, f);
	return fault_set(f, EX_CONFIG,
	    "'%s' is no host: write a name, an IP address or the path of a "
	    "socket; port is another key",
	    value);
}

static int
put_log(char **place, const char *value, const char *home, struct fault *f)
{
	if (strcmp(value, "syslog") == 0 || strcmp(value, "stderr") == 0 ||
	    strcmp(value, "none") == 0)
		return keep(place, value, strlen(value), f);
	if (value[0] != '/' && value[0] != '~')
		return fault_set(f, EX_CONFIG,
		    "'%s' is no log: write syslog, stderr, none or a path",
		    value);
	return put_path(place, value, home, f);
}

static int
put_port(char **place, const char *value, struct fault *f)
{
	size_t len = strlen(value);
	long port = 0;

	if (len <= 5 && strspn(value, DIGITS) == len)
		port = strtol(value, NULL, 10);
	if (port < 1 || port > 65535 || value[0] == '0')
		return fault_set(f, EX_CONFIG,
		    "'%s' is no port: write a number from 1 to 65535", value);
	return keep(place, value, len, f);
}

static int
put_address(char **place, const char *value, struct fault *f)
{
	if (!shape_is_address(value, strlen(value)))
		return fault_set(f, EX_CONFIG,
		    "'%s' is no address: write one like app@example.org",
		    value);
	return keep(place, value, strlen(value), f);
}

static int
put_hello(char **place, const char *value, struct fault *f)
{
	if (!host_is_name(value) && !shape_is_literal(value, strlen(value)))
		return fault_set(f, EX_CONFIG,
		    "'%s' is no host name: write one like web1.example.org, "
		    "or [192.0.2.1] or [IPv6:2001:db8::1]",
		    value);
	return keep(place, value, strlen(value), f);
}

static int
put_domain(char **place, const char *value, struct fault *f)
{
	if (!host_is_name(value))
		return fault_set(f, EX_CONFIG,
		    "'%s' is no domain: write one like example.org, in ASCII "
		    "(xn--...)",
		    value);
	return keep(place, value, strlen(value), f);
}

/* The new list takes the place of the old one only if it is good. */
static int
put_words(struct words *place, const char *value,
    bool (*judge)(const char *, size_t), const char *advice, struct fault *f)
{
	struct words words = { 0 };

	if (words_split(&words, value, judge, advice, f) != EX_OK) {
		words_free(&words);
		return f->code;
	}
	words_free(place);
	*place = words;
	return EX_OK;
}

static void
upcase(char *word)
{
	for (; *word != '\0'; word++)
		if (*word >= 'a' && *word <= 'z')
			*word -= 'a' - 'A';
}

static int
put_auth(struct words *place, const char *value, struct fault *f)
{
	bool is_auto = false, is_off = false;
	size_t i;

	if (put_words(place, value, shape_is_mechanism,
		"is no mechanism: write auto, off, or some of SCRAM-SHA-256 "
		"SCRAM-SHA-1 PLAIN LOGIN (see onehop.conf(5))",
		f) != EX_OK)
		return f->code;
	for (i = 0; i < place->count; i++) {
		upcase(place->word[i]);
		is_auto = is_auto || strcmp(place->word[i], "AUTO") == 0;
		is_off = is_off || strcmp(place->word[i], "OFF") == 0;
	}
	if ((is_auto || is_off) && place->count > 1)
		return fault_set(f, EX_CONFIG,
		    "'%s' contradicts itself: auto and off stand alone", value);
	if (is_auto)
		words_free(place);
	return EX_OK;
}

/* Seconds at *at, which moves behind them. */
static bool
read_time(const char **at, int *seconds)
{
	static const struct {
		char letter;
		long seconds;
	} unit[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	size_t i, digits = strspn(*at, DIGITS);
	long n;

	if (digits == 0 || digits > 8)
		return false;
	n = strtol(*at, NULL, 10);
	*at += digits;
	*seconds = 0;
	for (i = 0; i < sizeof(unit) / sizeof(unit[0]); i++) {
		if (**at != unit[i].letter)
			continue;
		if (n > VALUE_LONGEST / unit[i].seconds)
			return false;
		++*at;
		*seconds = (int)(n * unit[i].seconds);
		return true;
	}
	return n == 0;
}

static int
put_time(int *place, const char *value, int least, struct fault *f)
{
	const char *at = value;
	int seconds;

	if (!read_time(&at, &seconds) || *at != '\0')
		return fault_set(f, EX_CONFIG,
		    "'%s' is no time: write 30s, 5m, 2h or 5d, 365d at most",
		    value);
	if (seconds < least)
		return fault_set(f, EX_CONFIG,
		    "'%s' is too short: write %ds or more", value, least);
	*place = seconds;
	return EX_OK;
}

static int
put_times(int *place, const char *value, struct fault *f)
{
	int times[VALUE_STEPS] = { 0 };
	const char *at = value + strspn(value, WORDS_PARTING);
	size_t count = 0;
	bool is_good = *at != '\0';

	while (is_good && *at != '\0') {
		is_good = count < VALUE_STEPS &&
		    read_time(&at, times + count) && times[count] > 0 &&
		    (*at == '\0' || strspn(at, WORDS_PARTING) > 0);
		at += strspn(at, WORDS_PARTING);
		count++;
	}
	if (!is_good)
		return fault_set(f, EX_CONFIG,
		    "'%s' is no list of times: write up to %d like "
		    "1m 15m 2h, none of them 0",
		    value, VALUE_STEPS);
	memcpy(place, times, sizeof(times));
	return EX_OK;
}

/* Which one of the words, parted by blanks, it is. */
static int
choose(const char *value, const char *words, unsigned *n, struct fault *f)
{
	const char *at = words;
	size_t len;

	for (*n = 0; *at != '\0'; ++*n) {
		len = strcspn(at, " ");
		if (strlen(value) == len && strncmp(at, value, len) == 0)
			return EX_OK;
		at += len;
		at += strspn(at, " ");
	}
	return fault_set(
	    f, EX_CONFIG, "'%s' will not do: write one of %s", value, words);
}

static int
put_bool(bool *place, const char *value, const char *words, struct fault *f)
{
	unsigned n;

	if (choose(value, words, &n, f) != EX_OK)
		return f->code;
	*place = n == 1;
	return EX_OK;
}

/* Here and below, the words stand in the order of the enum. */
static int
put_tls(enum tls_use *place, const char *value, struct fault *f)
{
	unsigned n;

	if (choose(value, "starttls implicit off", &n, f) != EX_OK)
		return f->code;
	*place = (enum tls_use)n;
	return EX_OK;
}

static int
put_rewrite(enum rewrite *place, const char *value, struct fault *f)
{
	unsigned n;

	if (choose(value, "local all never", &n, f) != EX_OK)
		return f->code;
	*place = (enum rewrite)n;
	return EX_OK;
}

static int
put_delivery(enum delivery *place, const char *value, struct fault *f)
{
	unsigned n;

	if (choose(value, "now background queue", &n, f) != EX_OK)
		return f->code;
	*place = (enum delivery)n;
	return EX_OK;
}

/* The variables of the environment can hold what no line of a file can. */
static int
look_at(const char *value, struct fault *f)
{
	const unsigned char *at;

	if (value[0] == '\0')
		return fault_set(f, EX_CONFIG,
		    "there is no value: write one, or remove all of it");
	for (at = (const unsigned char *)value; *at != '\0'; at++)
		if ((*at < ' ' && *at != '\t') || *at == 0x7f)
			return fault_set(f, EX_CONFIG,
			    "the value holds octet 0x%02x (a line end?): "
			    "remove it",
			    *at);
	return EX_OK;
}

int
value_put(enum value kind, void *place, const char *value, const char *home,
    struct fault *f)
{
	if (look_at(value, f) != EX_OK)
		return f->code;
	switch (kind) {
	case VALUE_PATH:
		return put_path(place, value, home, f);
	case VALUE_LOG:
		return put_log(place, value, home, f);
	case VALUE_HOST:
		return put_host(place, value, f);
	case VALUE_PORT:
		return put_port(place, value, f);
	case VALUE_TLS:
		return put_tls(place, value, f);
	case VALUE_AUTH:
		return put_auth(place, value, f);
	case VALUE_SENDERS:
		return put_words(place, value, shape_is_sender,
		    "is no sender: write bob@example.org or @example.org", f);
	case VALUE_ADDRESS:
		return put_address(place, value, f);
	case VALUE_HELLO:
		return put_hello(place, value, f);
	case VALUE_DOMAIN:
		return put_domain(place, value, f);
	case VALUE_PINS:
		return put_words(place, value, shape_is_pin,
		    "is no pin: write a SHA-256 in base64 or hex", f);
	case VALUE_NO:
		return put_bool(place, value, "yes no", f);
	case VALUE_TIME:
		return put_time(place, value, 0, f);
	case VALUE_TIMEOUT:
		return put_time(place, value, 1, f);
	case VALUE_TIMES:
		return put_times(place, value, f);
	case VALUE_REWRITE:
		return put_rewrite(place, value, f);
	case VALUE_DELIVERY:
		return put_delivery(place, value, f);
	case VALUE_JSON:
		return put_bool(place, value, "text json", f);
	case VALUE_TEXT:
		break;
	}
	return keep(place, value, strlen(value), f);
}
