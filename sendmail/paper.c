/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "sendmail/paper.h"
#include "sendmail/token.h"

#define FIRST 4096 /* octets */

void
paper_begin(struct paper *p, int folder)
{
	*p = (struct paper){ .folder = folder,
		.scratch = { .fd = -1, .queue.dir = -1 } };
}

/* What is in memory goes to the file, which is made if there is none. */
static int
spill(struct paper *p)
{
	struct fault *f = &p->fault;

	if (p->scratch.fd == -1 &&
	    scratch_beside(&p->scratch, p->folder, f) != EX_OK)
		return f->code;
	if (text_write(p->scratch.fd, p->written, p->mem, p->used, f) != EX_OK)
		return f->code;
	p->written += (off_t)p->used;
	p->used = 0;
	return EX_OK;
}

static int
grow(struct paper *p)
{
	size_t room = p->room == 0 ? FIRST : p->room * 2;
	char *mem;

	if (p->room == PAPER_MEMORY)
		return spill(p);
	mem = realloc(p->mem, room);
	if (mem == NULL)
		return fault_errno(
		    &p->fault, EX_TEMPFAIL, "cannot write a text");
	p->mem = mem;
	p->room = room;
	return EX_OK;
}

void
paper_put(struct paper *p, const char *octets, size_t size)
{
	size_t n;

	p->is_8bit = p->is_8bit || !token_is_ascii(octets, size);
	while (size > 0 && p->fault.code == EX_OK) {
		if (p->used == p->room && grow(p) != EX_OK)
			return;
		n = p->room - p->used;
		if (n > size)
			n = size;
		memcpy(p->mem + p->used, octets, n);
		p->used += n;
		octets += n;
		size -= n;
	}
}

void
paper_say(struct paper *p, const char *words)
{
	paper_put(p, words, strlen(words));
}

int
paper_text(struct paper *p, struct text *text, struct fault *f)
{
	if (p->fault.code == EX_OK && p->written > 0)
		spill(p);
	if (p->fault.code != EX_OK)
		return fault_set(f, p->fault.code, "%s", p->fault.text);
	*text = (struct text){ .mem = p->written > 0 ? NULL : p->mem,
		.fd = p->scratch.fd,
		.size = p->written + (off_t)p->used,
		.is_8bit = p->is_8bit };
	return EX_OK;
}

void
paper_free(struct paper *p)
{
	if (p->room > 0)
		scratch_close(&p->scratch);
	free(p->mem);
	*p = (struct paper){ 0 };
}
