/* SPDX-License-Identifier: ISC */
#include <stddef.h>
#include <time.h>

#include "mailq/clock.h"
#include "sendmail/patience.h"

void
patience_begin(
    struct patience *p, int seconds, void (*over)(void *ctx), void *ctx)
{
	*p = (struct patience){ over, ctx, clock_ms() + seconds * 1000LL };
}

long long
patience_left(const struct patience *p, long long ms)
{
	long long left;

	if (p == NULL || p->over == NULL)
		return ms;
	left = p->end - clock_ms();
	if (left < 0)
		left = 0;
	return left < ms ? left : ms;
}

void
patience_check(struct patience *p)
{
	void (*over)(void *ctx);

	if (p == NULL || p->over == NULL || p->end > clock_ms())
		return;
	over = p->over;
	p->over = NULL;
	over(p->ctx);
}
