/*
 * place - a directory of its own for a test of the configuration
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef T_PLACE_H
#define T_PLACE_H

#include <sys/stat.h>

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf/conf.h"

#define NOBODY 65534

extern char **environ;

#define BYTES(text) text, sizeof(text) - 1
#define HOST "[smarthost]\nhost=h\n"
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* A directory of its own, and what was read there last. */
struct place {
	char home[64], file[128];
	struct conf conf;
	struct fault fault;
};

/* Nothing of the environment that runs the test may count. */
static inline void
clean_environment(void)
{
	char name[256], **entry = environ;

	while (*entry != NULL) {
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(*entry, "="),
		    *entry);
		if (strncmp(name, "ONEHOP_", 7) != 0 || unsetenv(name) != 0)
			entry++;
	}
	unsetenv("XDG_CONFIG_HOME");
}

static inline int
set_up(void **state)
{
	struct place *p;

	p = calloc(1, sizeof(*p));
	assert_non_null(p);
	snprintf(p->home, sizeof(p->home), "/tmp/onehop-conf-XXXXXX");
	assert_non_null(mkdtemp(p->home));
	snprintf(p->file, sizeof(p->file), "%s/c", p->home);
	clean_environment();
	*state = p;
	return 0;
}

static inline int
remove_one(const char *path, const struct stat *st, int what, struct FTW *ftw)
{
	(void)st;
	(void)what;
	(void)ftw;
	return remove(path);
}

static inline int
tear_down(void **state)
{
	struct place *p = *state;

	conf_free(&p->conf);
	assert_int_equal(nftw(p->home, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	free(p);
	clean_environment();
	return 0;
}

static inline void
write_bytes(const char *path, const void *bytes, size_t len, mode_t mode)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, len, out), len);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static inline void
make_folder(const struct place *p, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", p->home, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

static inline void
write_in(const struct place *p, const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", p->home, name);
	write_bytes(path, text, strlen(text), 0600);
}

static inline int
read_again(struct place *p)
{
	conf_free(&p->conf);
	p->fault = (struct fault){ 0 };
	return conf_read(&p->conf, p->home, &p->fault);
}

static inline int
read_bytes(struct place *p, const void *bytes, size_t len)
{
	write_bytes(p->file, bytes, len, 0600);
	assert_int_equal(setenv("ONEHOP_CONF", p->file, 1), 0);
	return read_again(p);
}

static inline int
read_text(struct place *p, const char *text)
{
	return read_bytes(p, text, strlen(text));
}

/* The fault begins with the path of the file, and goes on so. */
static inline void
assert_says(const struct place *p, const char *text)
{
	char whole[FAULT_TEXT];

	snprintf(whole, sizeof(whole), "%s:%s", p->file, text);
	assert_string_equal(p->fault.text, whole);
}

#endif
