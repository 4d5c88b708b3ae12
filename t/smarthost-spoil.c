/* SPDX-License-Identifier: ISC */
#include <sys/time.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "t/smarthost.h"

#define NOISE 1000 /* octets at once, at most */

/* xorshift64*, which is the same everywhere. */
static size_t
below(struct peer *p, size_t count)
{
	p->chance ^= p->chance >> 12;
	p->chance ^= p->chance << 25;
	p->chance ^= p->chance >> 27;
	return count == 0
	    ? 0
	    : (size_t)((p->chance * UINT64_C(0x2545f4914f6cdd1d)) >> 32) %
		count;
}

/*
 * A client may have been left to wait: who says nothing more hangs up soon, or
 * so late that the client has to.
 */
static void
be_gone(struct peer *p)
{
	static const struct itimerval soon = { .it_value.tv_usec = 100000 };
	static const struct itimerval late = { .it_value.tv_sec = 2 };

	setitimer(ITIMER_REAL, below(p, 16) == 0 ? &late : &soon, NULL);
}

void
spoil_begin(struct peer *p, const char *seed)
{
	p->chance = strtoull(seed, NULL, 10) * UINT64_C(0x9e3779b97f4a7c15) + 1;
	be_gone(p);
}

/* Octets of any kind, or those that replies are made of. */
static size_t
make_noise(struct peer *p, char noise[NOISE])
{
	static const char alphabet[] = "2345501 --..\r\n\r\n\tOk<>=+/@\"\x1b";
	size_t i, size = 1 + below(p, 1 + below(p, NOISE));
	bool is_raw = below(p, 2) == 0;

	for (i = 0; i < size; i++)
		noise[i] = is_raw ? (char)below(p, 256)
				  : alphabet[below(p, sizeof(alphabet))];
	return size;
}

void
spoil_noise(struct peer *p)
{
	char noise[NOISE] = { 0 };

	peer_put(p, noise, make_noise(p, noise));
}

static void
flip(struct peer *p)
{
	size_t left = 1 + below(p, 4);

	for (; left > 0; left--)
		p->out[below(p, p->put)] ^= (char)(1 << below(p, 8));
}

static void
cut(struct peer *p)
{
	size_t at = below(p, p->put), size = 1 + below(p, p->put - at);

	memmove(p->out + at, p->out + at + size, p->put - at - size);
	p->put -= size;
}

/* Octets of one's own or of others come in between. */
static void
insert(struct peer *p, const char *octets, size_t size)
{
	size_t at = below(p, p->put);

	if (size > PEER_BUFFER - p->put)
		return;
	memmove(p->out + at + size, p->out + at, p->put - at);
	memcpy(p->out + at, octets, size);
	p->put += size;
}

static void
insert_noise(struct peer *p)
{
	char noise[NOISE] = { 0 };

	insert(p, noise, make_noise(p, noise));
}

static void
say_twice(struct peer *p)
{
	char piece[NOISE];
	size_t at = below(p, p->put), size = p->put - at;

	if (size > NOISE)
		size = NOISE;
	memcpy(piece, p->out + at, size);
	insert(p, piece, size);
}

void
spoil(struct peer *p)
{
	be_gone(p);
	switch (below(p, 12)) {
	case 0:
		flip(p);
		break;
	case 1:
		cut(p);
		break;
	case 2:
		insert_noise(p);
		break;
	case 3:
		say_twice(p);
		break;
	case 4: /* another class */
		p->out[0] = "2345"[below(p, 4)];
		break;
	case 5: /* more is to come */
		if (p->put > 3)
			p->out[3] = '-';
		break;
	default: /* to get further */
		break;
	}
}
