/*
 * late - libgsasl, once a login needs it
 *
 * With the libraries that it brings it is a third of what the loader has to do
 * for a message, and most messages need none of it: those that log in by one
 * line, or not at all.  So it is loaded by the first login that does, and stays.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_LATE_H
#define SENDMAIL_LATE_H

#include <gsasl.h>

#include "conf/fault.h"

/* gsasl_init() and so on. */
struct late {
	__typeof__(gsasl_init) *init;
	__typeof__(gsasl_done) *done;
	__typeof__(gsasl_client_start) *client_start;
	__typeof__(gsasl_finish) *finish;
	__typeof__(gsasl_callback_set) *callback_set;
	__typeof__(gsasl_session_hook_set) *session_hook_set;
	__typeof__(gsasl_session_hook_get) *session_hook_get;
	__typeof__(gsasl_property_set) *property_set;
	__typeof__(gsasl_property_fast) *property_fast;
	__typeof__(gsasl_step) *step;
	__typeof__(gsasl_free) *free;
	__typeof__(gsasl_strerror) *strerror;
};

/*
 * Before the sandbox: load it now, where it lies out of reach of that, or may.  What
 * is wrong shows when it is needed.
 */
void late_prepare(void);

/* EX_UNAVAILABLE: there is none, or not the one that we were built with. */
int late_load(struct late *, struct fault *);

#endif
