/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "sendmail/period.h"

int
period_parse(const char *value)
{
	static const char units[] = "smhdw";
	static const int sizes[] = { 1, 60, 3600, 86400, 604800 };
	const char *unit;
	long total = 0, number;
	char *end;

	while (*value >= '0' && *value <= '9') {
		number = strtol(value, &end, 10);
		unit = *end == '\0' ? units + 1 : strchr(units, *end);
		if (unit == NULL || number < 0 || number > PERIOD_MOST)
			return 0;
		total += number * sizes[unit - units];
		value = *end == '\0' ? end : end + 1;
		if (total > PERIOD_MOST)
			return 0;
	}
	return *value == '\0' ? (int)total : 0;
}
