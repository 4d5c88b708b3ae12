/*
 * entity - what the header of a part says about its body
 *
 * Only as much as whoever changes an encoding has to know (RFC 2045, RFC 2046).
 * Read as tolerantly as mail readers do: an encoding that is none, such as
 * "8-bit" or "utf-8", is no encoding.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_ENTITY_H
#define SENDMAIL_ENTITY_H

#include <stdbool.h>
#include <stddef.h>

#include "sendmail/mend.h"
#include "sendmail/parameter.h"

enum entity_kind {
	ENTITY_LEAF,      /* a body of its own, whose encoding may change */
	ENTITY_MULTIPART, /* parts between boundaries */
	ENTITY_MESSAGE,   /* a message, header and all */
	ENTITY_SEALED     /* must not change: signed, encrypted, a report */
};

enum entity_encoding {
	ENTITY_PLAIN,
	ENTITY_QUOTED,
	ENTITY_BASE64,
	ENTITY_OTHER
};

struct entity {
	enum entity_kind kind;
	enum entity_encoding encoding;
	bool has_type, has_version;
	bool is_digest; /* its parts are messages if they say nothing */
	char boundary[PARAMETER_BOUNDARY];
};

/* in_digest: it is a part of such a one. */
void entity_read(
    const char *header, size_t size, bool in_digest, struct entity *);

/* What is written of it. */
enum entity_change {
	ENTITY_SAME,
	ENTITY_TO_7BIT,  /* its parts have no 8-bit octet any more */
	ENTITY_TO_QUOTED /* its body is quoted-printable now */
};

/*
 * Write the header, mended; charset is of a text that had no type, is_message:
 * it is no part, and says MIME-Version if it has to.  As mend().
 */
struct entity_writer {
	struct mend mend;
	enum entity_change change;
	const char *charset;
	bool is_message;
};
int entity_write(const struct entity_writer *, const char *header, size_t size,
    struct paper *, struct fault *);

#endif
