/* SPDX-License-Identifier: ISC */
#include "sendmail/dots.h"

/* Where an octet leads that is text. */
static enum dots_state
go_on(const struct dots *d, char c)
{
	if (c == '\r')
		return DOTS_TEXT_CR;
	if (c != '\n')
		return DOTS_TEXT;
	return d->by_feed || d->state == DOTS_TEXT_CR ? DOTS_BEGIN : DOTS_TEXT;
}

/* Whether the line end that came behind a lone dot is one. */
static bool
is_end(const struct dots *d, char c)
{
	return c == '\n' && (d->by_feed || d->state == DOTS_DOT_CR);
}

size_t
dots_take(
    struct dots *d, const char *octets, size_t size, char *text, size_t *used)
{
	size_t i;
	char c;

	*used = 0;
	for (i = 0; i < size && d->state != DOTS_OVER; i++) {
		c = octets[i];
		if (d->state == DOTS_BEGIN && c == '.') {
			d->state = DOTS_DOT;
		} else if (d->state == DOTS_DOT && c == '\r') {
			d->state = DOTS_DOT_CR;
		} else if ((d->state == DOTS_DOT || d->state == DOTS_DOT_CR) &&
		    is_end(d, c)) {
			d->state = DOTS_OVER;
		} else {
			if (d->state == DOTS_DOT_CR)
				text[(*used)++] = '\r';
			text[(*used)++] = c;
			d->state = go_on(d, c);
		}
	}
	return i;
}
