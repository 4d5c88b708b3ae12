/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "sendmail/source.h"

/* Standard input may be a socket that somebody made non-blocking. */
static int
read_descriptor(
    void *ctx, char chunk[SOURCE_CHUNK], size_t *got, struct fault *f)
{
	struct pollfd ready = { .fd = *(int *)ctx, .events = POLLIN };
	ssize_t n;

	for (;;) {
		n = read(ready.fd, chunk, SOURCE_CHUNK);
		if (n >= 0)
			break;
		if (errno == EAGAIN)
			(void)poll(&ready, 1, -1);
		else if (errno == EBADF)
			return fault_set(
			    f, EX_NOINPUT, "standard input is closed");
		else if (errno != EINTR)
			return fault_errno(
			    f, EX_IOERR, "cannot read the message");
	}
	*got = (size_t)n;
	return EX_OK;
}

struct source
source_descriptor(int *fd)
{
	return (struct source){ read_descriptor, fd };
}

void
source_drain(const struct source *source)
{
	char chunk[SOURCE_CHUNK];
	struct fault no = { 0 };
	size_t all = 0, got = 1;

	while (got > 0 && all < SOURCE_DRAIN) {
		if (source->read(source->ctx, chunk, &got, &no) != EX_OK)
			return;
		all += got;
	}
}
