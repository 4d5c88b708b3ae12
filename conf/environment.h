/*
 * environment - variables that override single keys
 *
 * ONEHOP_SECTION_KEY=value, in upper case.  Other variables are none of our
 * business, whatever they begin with.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef CONF_ENVIRONMENT_H
#define CONF_ENVIRONMENT_H

#include <stdbool.h>

#include "conf/fault.h"
#include "conf/setting.h"

#define ENVIRONMENT_PREFIX "ONEHOP_"

/*
 * Put what they say over what was read.  EX_CONFIG, with the name of the
 * variable; EX_TEMPFAIL.
 */
int environment_read(struct conf *, const char *home, struct fault *);

/* Whether any is a key of the unnamed smarthost. */
bool environment_has_smarthost(void);

#endif
