/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/setting.h"

#define PATIENCE 30 /* seconds, as these are */
#define EXPIRE 432000
#define WARN 14400

#define BLANKS " \t"

struct setting {
	const char *section, *key;
	enum value kind;
	size_t offset; /* in struct smarthost, for its keys, or struct conf */
};

/* clang-format off */
#define HOST_KEY(key, field, kind) \
	{ "smarthost", key, kind, offsetof(struct smarthost, field) }
#define KEY(section, key, field, kind) \
	{ section, key, kind, offsetof(struct conf, field) }

static const struct setting settings[] = {
	HOST_KEY("host", host, VALUE_HOST),
	HOST_KEY("port", port, VALUE_PORT),
	HOST_KEY("tls", tls, VALUE_TLS),
	HOST_KEY("user", user, VALUE_TEXT),
	HOST_KEY("password", password, VALUE_TEXT),
	HOST_KEY("password_file", password_file, VALUE_PATH),
	HOST_KEY("password_command", password_command, VALUE_TEXT),
	HOST_KEY("auth", auth, VALUE_AUTH),
	HOST_KEY("senders", senders, VALUE_SENDERS),
	HOST_KEY("address", address, VALUE_ADDRESS),
	HOST_KEY("hello", hello, VALUE_HELLO),
	HOST_KEY("ca", ca, VALUE_PATH),
	HOST_KEY("pin", pin, VALUE_PINS),
	HOST_KEY("certificate", certificate, VALUE_PATH),
	HOST_KEY("key", key, VALUE_PATH),
	HOST_KEY("pipelining", no_pipelining, VALUE_NO),
	HOST_KEY("timeout", timeout, VALUE_TIMEOUT),
	KEY("sender", "domain", domain, VALUE_DOMAIN),
	KEY("sender", "address", address, VALUE_ADDRESS),
	KEY("sender", "rewrite", rewrite, VALUE_REWRITE),
	KEY("recipients", "aliases_file", aliases_file, VALUE_PATH),
	KEY("queue", "delivery", delivery, VALUE_DELIVERY),
	KEY("queue", "patience", patience, VALUE_TIME),
	KEY("queue", "keep", no_keep, VALUE_NO),
	KEY("queue", "retry", retry, VALUE_TIMES),
	KEY("queue", "expire", expire, VALUE_TIME),
	KEY("queue", "warn", warn, VALUE_TIME),
	KEY("queue", "runner", no_runner, VALUE_NO),
	KEY("log", "to", log_to, VALUE_LOG),
	KEY("log", "format", log_is_json, VALUE_JSON),
	KEY("security", "sandbox", no_sandbox, VALUE_NO),
};
/* clang-format on */
#define SETTINGS (sizeof(settings) / sizeof(settings[0]))

static_assert(SETTINGS <= 64, "a bit for each in the mask of those set");

/* A section as it is written, taken apart. */
struct section {
	const char *kind; /* one of ours */
	const char *name; /* of a smarthost, or "" */
	bool is_smarthost;
};

static bool
is_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= SETTING_NAME &&
	    strspn(name,
		"abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == len;
}

static int
take_apart(struct section *s, const char *written, struct fault *f)
{
	static const char *const kinds[] = { "smarthost", "sender", "aliases",
		"recipients", "queue", "log", "security" };
	size_t i, len = strcspn(written, BLANKS);

	*s = (struct section){ .name = "" };
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strlen(kinds[i]) == len &&
		    strncmp(kinds[i], written, len) == 0)
			s->kind = kinds[i];
	if (s->kind == NULL)
		return fault_set(f, EX_CONFIG,
		    "unknown section '%s': the sections are smarthost, sender, "
		    "aliases, recipients, queue, log, security",
		    written);
	s->is_smarthost = strcmp(s->kind, "smarthost") == 0;
	if (written[len] == '\0')
		return EX_OK;
	if (!s->is_smarthost)
		return fault_set(f, EX_CONFIG,
		    "section '%s' can have no name: write [%s]", written,
		    s->kind);
	s->name = written + len + strspn(written + len, BLANKS);
	if (!is_name(s->name))
		return fault_set(f, EX_CONFIG,
		    "bad name in section '%s': write up to %d letters, digits "
		    "and -_.",
		    written, SETTING_NAME);
	return EX_OK;
}

bool
setting_has_section(const char *section)
{
	struct fault ignored = { 0 };
	struct section s;

	return take_apart(&s, section, &ignored) == EX_OK;
}

/* NULL if there is no such key; never any in [aliases]. */
static const struct setting *
find(const char *section, const char *key)
{
	size_t i;

	for (i = 0; i < SETTINGS; i++)
		if (strcmp(settings[i].section, section) == 0 &&
		    strcmp(settings[i].key, key) == 0)
			return settings + i;
	return NULL;
}

static uint64_t
bit(const struct setting *row)
{
	return UINT64_C(1) << (row - settings);
}

static int
put_alias(struct conf *conf, const char *name, const char *to, struct fault *f)
{
	char *copy = NULL;
	int rc;

	rc = value_put(VALUE_TEXT, &copy, to, NULL, f);
	if (rc == EX_OK)
		rc = alias_put(&conf->alias, &conf->aliases, name, copy, f);
	free(copy);
	return rc;
}

static bool
is_password(const struct setting *row)
{
	return strncmp(row->key, "password", strlen("password")) == 0;
}

static int
put_in(struct smarthost *host, const struct setting *row, const char *value,
    const char *home, struct fault *f)
{
	size_t i;

	for (i = 0; is_password(row) && i < SETTINGS; i++)
		if (settings + i != row && is_password(settings + i) &&
		    (host->set & bit(settings + i)) != 0)
			return fault_set(f, EX_CONFIG,
			    "'%s' beside '%s': keep one of them", row->key,
			    settings[i].key);
	host->set |= bit(row);
	host->tls_is_set = host->tls_is_set || row->kind == VALUE_TLS;
	return value_put(row->kind, (char *)host + row->offset, value, home, f);
}

static void
count_retries(struct conf *conf)
{
	conf->retries = 0;
	while (
	    conf->retries < SETTING_RETRIES && conf->retry[conf->retries] != 0)
		conf->retries++;
}

int
setting_put(struct conf *conf, const char *section, const char *key,
    const char *value, const char *home, struct fault *f)
{
	const struct setting *row;
	struct smarthost *host;
	struct section s;

	if (take_apart(&s, section, f) != EX_OK)
		return f->code;
	if (s.is_smarthost &&
	    smarthost_open(&conf->smarthost, &conf->smarthosts, s.name, f) !=
		EX_OK)
		return f->code;
	if (key == NULL)
		return EX_OK;
	if (strcmp(s.kind, "aliases") == 0)
		return put_alias(conf, key, value, f);

	/* What has a blank may be a password that lost its =. */
	row = find(s.kind, key);
	if (row == NULL)
		return fault_set(f, EX_CONFIG,
		    "unknown key '%s' in [%s]: see onehop.conf(5)",
		    strpbrk(key, BLANKS) == NULL ? key : "...", section);
	if (s.is_smarthost) {
		host =
		    smarthost_find(conf->smarthost, conf->smarthosts, s.name);
		return put_in(host, row, value, home, f);
	}
	conf->set |= bit(row);
	value_put(row->kind, (char *)conf + row->offset, value, home, f);
	count_retries(conf);
	return f->code;
}

bool
setting_is_set(const struct conf *conf, const char *section, const char *key)
{
	struct fault ignored = { 0 };
	const struct smarthost *host;
	const struct setting *row;
	struct section s;

	if (take_apart(&s, section, &ignored) != EX_OK)
		return false;
	if (strcmp(s.kind, "aliases") == 0)
		return alias_find(conf->alias, conf->aliases, key) != NULL;
	row = find(s.kind, key);
	if (row == NULL)
		return false;
	if (!s.is_smarthost)
		return (conf->set & bit(row)) != 0;
	host = smarthost_find(conf->smarthost, conf->smarthosts, s.name);
	return host != NULL && (host->set & bit(row)) != 0;
}

void
setting_drop_password(struct conf *conf)
{
	struct smarthost *host;
	size_t i;

	host = smarthost_find(conf->smarthost, conf->smarthosts, "");
	if (host == NULL)
		return;
	for (i = 0; i < SETTINGS; i++)
		if (is_password(settings + i))
			host->set &= ~bit(settings + i);
	smarthost_drop_password(host);
}

int
setting_finish(struct conf *conf, struct fault *f)
{
	size_t i;
	int rc = EX_OK;

	for (i = 0; rc == EX_OK && i < conf->smarthosts; i++)
		rc = smarthost_finish(conf->smarthost + i, f);
	if (rc == EX_OK && conf->smarthosts == 0)
		rc = fault_set(f, EX_CONFIG,
		    "no [smarthost]: write this section, and in it host = the "
		    "name of the server");
	return rc;
}

int
setting_begin(struct conf *conf, struct fault *f)
{
	static const int steps[] = { 60, 300, 900, 1800, 3600, 7200, 14400 };

	conf->patience = PATIENCE;
	conf->expire = EXPIRE;
	conf->warn = WARN;
	memcpy(conf->retry, steps, sizeof(steps));
	conf->retries = sizeof(steps) / sizeof(steps[0]);
	return value_put(VALUE_LOG, &conf->log_to, "syslog", NULL, f);
}

void
setting_free(struct conf *conf)
{
	smarthost_free(conf->smarthost, conf->smarthosts);
	alias_free(conf->alias, conf->aliases);
	free(conf->path);
	free(conf->domain);
	free(conf->address);
	free(conf->aliases_file);
	free(conf->log_to);
	*conf = (struct conf){ 0 };
}
