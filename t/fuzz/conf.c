/*
 * The configuration as a file: it is refused with its line, and then nothing of
 * it counts, or each of its lines counts as a plain reader would read it, and
 * nothing else does.
 *
 * SPDX-License-Identifier: ISC
 */
#include <sys/mman.h>
#include <sys/stat.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "conf/conf.h"
#include "t/fuzz/judge.h"

#define HOME "/home/joe"
#define BLANKS " \t"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Of the file, as far as it was read. */
struct counts {
	int keys, sections;
};

static char *
strip(char *text)
{
	size_t len;

	text += strspn(text, BLANKS);
	for (len = strlen(text); len > 0; len--)
		if (strchr(BLANKS, text[len - 1]) == NULL)
			break;
	text[len] = '\0';
	return text;
}

static const struct smarthost *
find(const struct conf *conf, const char *section)
{
	const char *name = section + strlen("smarthost");

	return smarthost_find(
	    conf->smarthost, conf->smarthosts, name + strspn(name, BLANKS));
}

/* What is kept of a value that is kept as it is written; NULL: it is not. */
static const char *
kept(const struct conf *conf, const char *section, const char *key)
{
	const struct smarthost *s;

	if (strcmp(section, "aliases") == 0)
		return alias_find(conf->alias, conf->aliases, key)->to;
	if (strcmp(section, "sender") == 0 && strcmp(key, "domain") == 0)
		return conf->domain;
	if (strcmp(section, "sender") == 0 && strcmp(key, "address") == 0)
		return conf->address;
	if (strncmp(section, "smarthost", strlen("smarthost")) != 0)
		return NULL;
	s = find(conf, section);
	demand(s != NULL);
	if (strcmp(key, "user") == 0)
		return s->user;
	if (strcmp(key, "password") == 0)
		return s->password;
	if (strcmp(key, "password_command") == 0)
		return s->password_command;
	if (strcmp(key, "port") == 0)
		return s->port;
	if (strcmp(key, "address") == 0)
		return s->address;
	return strcmp(key, "hello") == 0 ? s->hello : NULL;
}

/* A path of a file, or NULL. */
static const char *
kept_path(const struct conf *conf, const char *section, const char *key)
{
	const struct smarthost *s;

	if (strcmp(section, "recipients") == 0)
		return conf->aliases_file;
	if (strncmp(section, "smarthost", strlen("smarthost")) != 0)
		return NULL;
	s = find(conf, section);
	demand(s != NULL);
	if (strcmp(key, "password_file") == 0)
		return s->password_file;
	if (strcmp(key, "ca") == 0)
		return s->ca;
	return strcmp(key, "certificate") == 0 ? s->certificate : NULL;
}

static void
judge_path(const char *path, const char *value)
{
	if (*value == '/') {
		demand(strcmp(path, value) == 0);
		return;
	}
	demand(strncmp(value, "~/", 2) == 0);
	demand(strncmp(path, HOME, strlen(HOME)) == 0);
	demand(strcmp(path + strlen(HOME), value + 1) == 0);
}

static void
judge_key(const struct conf *conf, const char *section, char *line)
{
	char *value = strchr(line, '='), *key;
	const char *text;
	size_t len;

	demand(value != NULL && section != NULL);
	*value++ = '\0';
	key = strip(line);
	value = strip(value);
	len = strlen(value);
	if (len > 1 && value[0] == '"' && value[len - 1] == '"') {
		value[len - 1] = '\0';
		value++;
	}
	demand(*key != '\0' && *value != '\0');
	demand(setting_is_set(conf, section, key));
	text = kept(conf, section, key);
	if (text != NULL)
		demand(strcmp(text, value) == 0);
	text = kept_path(conf, section, key);
	if (text != NULL)
		judge_path(text, value);
}

/* *section lives as long as the text. */
static void
judge_line(
    const struct conf *conf, char *line, char **section, struct counts *counts)
{
	const char *at;

	for (at = line; *at != '\0'; at++)
		demand((unsigned char)*at >= ' ' || *at == '\t');
	at = line + strspn(line, BLANKS);
	if (*at == '\0' || *at == '#' || *at == ';')
		return;
	demand(at == line);
	if (*line != '[') {
		counts->keys++;
		judge_key(conf, *section, line);
		return;
	}
	counts->sections++;
	*section = line + 1;
	line = strchr(line, ']');
	demand(line != NULL && strspn(line + 1, BLANKS) == strlen(line + 1));
	*line = '\0';
	demand(setting_has_section(*section));
}

static void
judge_bounds(const struct conf *conf)
{
	size_t i;

	for (i = 0; i < conf->smarthosts; i++)
		demand(conf->smarthost[i].timeout > 0 &&
		    conf->smarthost[i].timeout <= VALUE_LONGEST);
	demand(conf->retries > 0 && conf->retries <= SETTING_RETRIES);
	for (i = 0; i < conf->retries; i++)
		demand(conf->retry[i] > 0 && conf->retry[i] <= VALUE_LONGEST);
	demand(conf->patience >= 0 && conf->expire >= 0 && conf->warn >= 0);
}

static int
count_set(const struct conf *conf)
{
	int count = __builtin_popcountll(conf->set) + (int)conf->aliases;
	size_t i;

	for (i = 0; i < conf->smarthosts; i++)
		count += __builtin_popcountll(conf->smarthost[i].set);
	return count;
}

/* Every line counts, and nothing that is no line. */
static void
judge_whole(const struct conf *conf, char *text)
{
	struct counts counts = { 0 };
	char *section = NULL, *line;
	size_t len;

	if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;
	while (text != NULL) {
		line = strsep(&text, "\n");
		len = strlen(line);
		if (text != NULL && len > 0 && line[len - 1] == '\r')
			line[len - 1] = '\0';
		judge_line(conf, line, &section, &counts);
	}
	demand(counts.keys == count_set(conf));
	demand((size_t)counts.sections >= conf->smarthosts);
	judge_bounds(conf);
}

static void
judge_nothing(const struct conf *conf)
{
	demand(conf->smarthosts == 0 && conf->aliases == 0 && conf->set == 0);
	demand(conf->domain == NULL && conf->address == NULL);
	demand(conf->aliases_file == NULL);
	judge_bounds(conf);
}

/* A file of so many octets, which conf opens by that path. */
static int
write_file(const uint8_t *data, size_t size, char path[64])
{
	int fd = memfd_create("onehop.conf", 0);

	demand(fd != -1 && fchmod(fd, 0600) == 0);
	demand(write(fd, data, size) == (ssize_t)size);
	snprintf(path, 64, "/proc/self/fd/%d", fd);
	demand(setenv("ONEHOP_CONF", path, 1) == 0);
	return fd;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[64], *text = calloc(1, size + 1);
	int fd = write_file(data, size, path), rc;
	struct conf conf = { 0 };
	struct fault f = { 0 };

	demand(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	rc = conf_read(&conf, HOME, &f);
	demand(rc == f.code && (rc == EX_OK || rc == EX_CONFIG));
	demand(is_plain(f.text));
	demand(rc == EX_OK || strncmp(f.text, path, strlen(path)) == 0);
	/* "path:3: what" or, where only something is missing, "path: what". */
	if (rc == EX_OK || strncmp(f.text + strlen(path), ": ", 2) == 0) {
		demand(strlen(text) == size);
		judge_whole(&conf, text);
	} else
		judge_nothing(&conf);
	conf_free(&conf);
	close(fd);
	free(text);
	return 0;
}
