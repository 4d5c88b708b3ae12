/*
 * crc - the checksum of queue files, CRC-32C
 *
 * The polynomial of Castagnoli, reflected, as in RFC 3720, appendix B.4: the
 * sum of "123456789" is e3069283.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef MAILQ_CRC_H
#define MAILQ_CRC_H

#include <stddef.h>
#include <stdint.h>

/* What is known ahead, and the sum so far: 8 kB, made by crc_begin(). */
struct crc {
	uint32_t table[8][256];
	uint32_t state;
};

void crc_begin(struct crc *);
void crc_add(struct crc *, const void *, size_t);
uint32_t crc_sum(const struct crc *);

/* Of one short thing. */
uint32_t crc_of(const void *, size_t);

#endif
