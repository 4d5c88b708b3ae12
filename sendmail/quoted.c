/* SPDX-License-Identifier: ISC */
#include "sendmail/quoted.h"

#define LINE 76 /* columns, the = that ends it softly among them */

static void
break_line(struct quoted *q)
{
	paper_say(q->out, q->from == QUOTED_FROM_BASE64 ? "\r\n" : "=\r\n");
	q->column = 0;
	q->is_soft = true;
}

static void
put_escaped(struct quoted *q, char c)
{
	static const char hex[] = "0123456789ABCDEF";
	char octets[3] = { '=' };

	if (q->column + 3 > LINE - 1)
		break_line(q);
	octets[1] = hex[(unsigned char)c >> 4];
	octets[2] = hex[(unsigned char)c & 15];
	paper_put(q->out, octets, sizeof(octets));
	q->column += 3;
}

/* Base64 has no = there, and lines of whole fours are the best known. */
static size_t
room(const struct quoted *q)
{
	return q->from == QUOTED_FROM_BASE64 ? LINE : LINE - 1;
}

static void
put_raw(struct quoted *q, char c)
{
	if (q->column + 1 > room(q) && q->escaped == 0)
		break_line(q);
	if (c == '-' && q->column == 0 && q->is_soft &&
	    q->from != QUOTED_FROM_BASE64) {
		put_escaped(q, c);
		return;
	}
	paper_put(q->out, &c, 1);
	q->column++;
}

/* What holds no secret for who reads it as it is. */
static bool
is_plain(char c)
{
	return c >= ' ' && c <= '~' && c != '=';
}

static void
release(struct quoted *q)
{
	if (q->blank != '\0')
		put_raw(q, q->blank);
	q->blank = '\0';
}

static void
encode(struct quoted *q, char c)
{
	release(q);
	if (c == ' ' || c == '\t')
		q->blank = c;
	else if (is_plain(c))
		put_raw(q, c);
	else
		put_escaped(q, c);
}

/* The two octets behind a = stay with it, or a line end would. */
static void
fold(struct quoted *q, char c)
{
	if (c == '=' && q->escaped == 0 && q->column + 3 > LINE - 1)
		break_line(q);
	put_raw(q, c);
	if (q->escaped > 0)
		q->escaped--;
	else if (c == '=' && q->from == QUOTED_FROM_QUOTED)
		q->escaped = 2;
}

void
quoted_put(struct quoted *q, const char *octets, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (q->from == QUOTED_FROM_PLAIN)
			encode(q, octets[i]);
		else
			fold(q, octets[i]);
}

void
quoted_end(struct quoted *q, bool has_crlf)
{
	if (q->blank != '\0')
		put_escaped(q, q->blank);
	if (has_crlf)
		paper_say(q->out, "\r\n");
	q->blank = '\0';
	q->column = q->escaped = 0;
	q->is_soft = false;
}
