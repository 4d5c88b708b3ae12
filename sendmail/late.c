/* SPDX-License-Identifier: ISC */
#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sendmail/late.h"

#if GSASL_VERSION_NUMBER >= 0x020000
#define LIBRARY "libgsasl.so.18"
#else
#define LIBRARY "libgsasl.so.7"
#endif

#define CALL(name)                                          \
	{                                                   \
		"gsasl_" #name, offsetof(struct late, name) \
	}

static const struct {
	const char *name;
	size_t at;
} calls[] = {
	CALL(init),
	CALL(done),
	CALL(client_start),
	CALL(finish),
	CALL(callback_set),
	CALL(session_hook_set),
	CALL(session_hook_get),
	CALL(property_set),
	CALL(property_fast),
	CALL(step),
	CALL(free),
	CALL(strerror),
};

/* Beside libc, in a folder that the sandbox leaves, where it is found without help. */
static bool
is_within_reach(void)
{
	void *const code = (void *)dlopen;
	char path[PATH_MAX];
	const char *end;
	Dl_info libc;

	if (getenv("LD_LIBRARY_PATH") != NULL || dladdr(code, &libc) == 0)
		return false;
	end = strrchr(libc.dli_fname, '/');
	if (end == NULL ||
	    (strncmp(libc.dli_fname, "/usr/", 5) != 0 &&
		strncmp(libc.dli_fname, "/lib", 4) != 0))
		return false;
	snprintf(path, sizeof(path), "%.*s/%s", (int)(end - libc.dli_fname),
	    libc.dli_fname, LIBRARY);
	return access(path, R_OK) == 0;
}

void
late_prepare(void)
{
	if (!is_within_reach())
		dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
}

int
late_load(struct late *late, struct fault *f)
{
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL), *call;
	size_t i;

	for (i = 0; library != NULL && i < sizeof(calls) / sizeof(*calls);
	     i++) {
		call = dlsym(library, calls[i].name);
		if (call == NULL)
			break;
		memcpy((char *)late + calls[i].at, &call, sizeof(call));
	}
	if (library == NULL || i < sizeof(calls) / sizeof(*calls))
		return fault_set(f, EX_UNAVAILABLE, "cannot load '%s': %s",
		    LIBRARY, dlerror());
	return EX_OK;
}
