/*
 * shim-key - a key that counts as it was told to
 *
 * Loaded ahead of libcrypto into the OpenSMTPD of Debian 12, which else cannot
 * speak TLS (OpenSMTPD's issue 1171): it takes the RSA key out of a public one,
 * tells that which process has the other half, and relies on it being the very
 * key; but since OpenSSL 3 it is a copy.  Put back, it is no copy any more.
 *
 * SPDX-License-Identifier: ISC
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <dlfcn.h>
#include <openssl/evp.h>
#include <string.h>

struct rsa_st *
EVP_PKEY_get1_RSA(EVP_PKEY *key)
{
	struct rsa_st *(*get)(EVP_PKEY *);
	void *symbol = dlsym(RTLD_NEXT, "EVP_PKEY_get1_RSA");
	struct rsa_st *rsa;

	memcpy(&get, &symbol, sizeof(get));
	rsa = get(key);
	if (rsa != NULL)
		EVP_PKEY_set1_RSA(key, rsa);
	return rsa;
}
