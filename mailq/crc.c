/* SPDX-License-Identifier: ISC */
#if defined(__x86_64__) && !defined(__ILP32__)
#include <immintrin.h>
#endif

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
/*
 * Since 2008 there is an instruction for this very polynomial.  One after another
 * each waits for the last, so three go side by side, each over a block of its own.
 * What comes of a block then goes on as if zeros followed: it is multiplied by x
 * to the power of their bits, less the 33 that the instruction adds by itself.
 */
#define BLOCK ((size_t)1024)  /* octets */
#define SHIFT_ONE 0x170076faU /* x^(8 * BLOCK - 33), reflected */
#define SHIFT_TWO 0xa51b6135U /* x^(16 * BLOCK - 33) */

__attribute__((target("sse4.2,pclmul"))) static uint64_t
shift(uint64_t sum, uint32_t power)
{
	const __m128i product = _mm_clmulepi64_si128(
	    _mm_cvtsi64_si128((long long)sum), _mm_cvtsi64_si128(power), 0);

	return _mm_crc32_u64(0, (uint64_t)_mm_cvtsi128_si64(product));
}

static uint64_t
word_at(const unsigned char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

__attribute__((target("sse4.2,pclmul"))) static uint32_t
add_words(uint32_t state, const unsigned char *at, size_t words)
{
	const unsigned char *block;
	uint64_t sum = state, second, third;

	for (; words >= 3 * BLOCK / 8; words -= 3 * BLOCK / 8) {
		second = third = 0;
		for (block = at; at < block + BLOCK; at += 8) {
			sum = _mm_crc32_u64(sum, word_at(at));
			second = _mm_crc32_u64(second, word_at(at + BLOCK));
			third = _mm_crc32_u64(third, word_at(at + 2 * BLOCK));
		}
		at += 2 * BLOCK;
		sum = shift(sum, SHIFT_TWO) ^ shift(second, SHIFT_ONE) ^ third;
	}
	for (; words > 0; at += 8, words--)
		sum = _mm_crc32_u64(sum, word_at(at));
	return (uint32_t)sum;
}

static bool
has_instruction(void)
{
	return __builtin_cpu_supports("sse4.2") &&
	    __builtin_cpu_supports("pclmul");
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
