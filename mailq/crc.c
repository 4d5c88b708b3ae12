/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <string.h>

#include "mailq/crc.h"

#define POLYNOMIAL 0x82f63b78U /* 1edc6f41, reflected */

static uint32_t
step(uint32_t state)
{
	return state >> 1 ^ (state & 1 ? POLYNOMIAL : 0);
}

/* Row n tells what an octet comes to that has n more behind it. */
void
crc_begin(struct crc *crc)
{
	uint32_t i, sum;
	int bit, row;

	for (i = 0; i < 256; i++) {
		sum = i;
		for (bit = 0; bit < 8; bit++)
			sum = step(sum);
		crc->table[0][i] = sum;
	}
	for (i = 0; i < 256; i++) {
		sum = crc->table[0][i];
		for (row = 1; row < 8; row++) {
			sum = sum >> 8 ^ crc->table[0][sum & 0xff];
			crc->table[row][i] = sum;
		}
	}
	crc->state = 0xffffffffU;
}

/* Little-endian whatever the machine is. */
static uint32_t
load(const unsigned char *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	    (uint32_t)at[3] << 24;
}

#if defined(__x86_64__) && !defined(__ILP32__)
/* Since 2008 there is an instruction for this very polynomial. */
__attribute__((target("sse4.2"))) static uint32_t
add_words(uint32_t state, const unsigned char *at, size_t words)
{
	uint64_t sum = state, word;

	for (; words > 0; at += 8, words--) {
		memcpy(&word, at, sizeof(word));
		sum = __builtin_ia32_crc32di(sum, word);
	}
	return (uint32_t)sum;
}

static bool
has_instruction(void)
{
	return __builtin_cpu_supports("sse4.2");
}
#else
static uint32_t
add_words(uint32_t state, const unsigned char *at, size_t words)
{
	(void)at;
	(void)words;
	return state;
}

static bool
has_instruction(void)
{
	return false;
}
#endif

void
crc_add(struct crc *crc, const void *data, size_t size)
{
	uint32_t(*const t)[256] = crc->table;
	const unsigned char *at = data;
	uint32_t low, high, sum = crc->state;

	if (size >= 8 && has_instruction()) {
		sum = add_words(sum, at, size / 8);
		at += size / 8 * 8;
		size %= 8;
	}

	for (; size >= 8; at += 8, size -= 8) {
		low = load(at) ^ sum;
		high = load(at + 4);
		sum = t[7][low & 0xff] ^ t[6][low >> 8 & 0xff] ^
		    t[5][low >> 16 & 0xff] ^ t[4][low >> 24] ^
		    t[3][high & 0xff] ^ t[2][high >> 8 & 0xff] ^
		    t[1][high >> 16 & 0xff] ^ t[0][high >> 24];
	}
	for (; size > 0; at++, size--)
		sum = sum >> 8 ^ t[0][(sum ^ *at) & 0xff];
	crc->state = sum;
}

uint32_t
crc_sum(const struct crc *crc)
{
	return crc->state ^ 0xffffffffU;
}

/* A table would cost more than it saves here. */
uint32_t
crc_of(const void *data, size_t size)
{
	const unsigned char *at = data;
	uint32_t sum = 0xffffffffU;
	int bit;

	for (; size > 0; at++, size--) {
		sum ^= *at;
		for (bit = 0; bit < 8; bit++)
			sum = step(sum);
	}
	return sum ^ 0xffffffffU;
}
