/* SPDX-License-Identifier: ISC */
#include <idn2.h>

#include <string.h>

#include "sendmail/idn.h"

bool
idn_ascii(const char *domain, size_t size, char ascii[IDN_DOMAIN + 1])
{
	char name[4 * IDN_DOMAIN + 1];
	char *made = NULL;
	bool fits;

	if (size >= sizeof(name))
		return false;
	memcpy(name, domain, size);
	name[size] = '\0';
	if (idn2_to_ascii_8z(
		name, &made, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
		return false;
	fits = strlen(made) <= IDN_DOMAIN;
	if (fits)
		memcpy(ascii, made, strlen(made) + 1);
	idn2_free(made);
	return fits;
}
