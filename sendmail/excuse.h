/*
 * excuse - why OpenSSL would not, in words that name a key to look at
 *
 * Its errors wait in a queue, the deepest first.  Nothing here takes one out:
 * who calls OpenSSL clears it before.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef SENDMAIL_EXCUSE_H
#define SENDMAIL_EXCUSE_H

/* The deepest error; otherwise, if there is none that has words. */
const char *excuse(const char *otherwise);

/* What to do about it, from ": " on; "" for what is rare. */
const char *excuse_advice(void);

/*
 * What is wrong with a certificate (X509_V_ERR_...) and what to do, to go on
 * behind "certificate of 'host' "; NULL for what is rare.
 */
const char *excuse_certificate(long result);

#endif
