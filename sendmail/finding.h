/*
 * finding - one line of a check
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_FINDING_H
#define SENDMAIL_FINDING_H

#include <stdio.h>

/* "kind: what" and the detail, made printable; kind is ok, wrong or note. */
void finding(FILE *, const char *kind, const char *what, const char *detail);

#endif
