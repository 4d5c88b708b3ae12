/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "sendmail/excuse.h"
#include "sendmail/trust.h"

#define SUM 32 /* octets of a SHA-256 */

/* RFC 6698, 2.1: this very key, by its SHA-256. */
#define DANE_EE 3
#define DANE_SPKI 1
#define DANE_SHA256 1

static int
load_file(SSL_CTX *ctx, const char *path, struct fault *f)
{
	if (SSL_CTX_load_verify_file(ctx, path) == 1)
		return EX_OK;
	return fault_set(f, EX_CONFIG,
	    "cannot use '%s' as ca: %s: set ca to a file of certificates", path,
	    excuse("unknown reason"));
}

/* Whether OpenSSL would find anything there: files named by their hash. */
static bool
has_hashes(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *e;
	bool found = false;
	size_t len;

	if (dir == NULL)
		return false;
	while (!found && (e = readdir(dir)) != NULL) {
		len = strlen(e->d_name);
		found = len > 2 && strcmp(e->d_name + len - 2, ".0") == 0;
	}
	closedir(dir);
	return found;
}

static int
load_dir(SSL_CTX *ctx, const char *path, struct fault *f)
{
	if (SSL_CTX_load_verify_dir(ctx, path) == 1)
		return EX_OK;
	return fault_set(f, EX_CONFIG, "cannot use '%s' as ca: %s", path,
	    excuse("unknown reason"));
}

static int
trust_ca(SSL_CTX *ctx, const char *path, struct fault *f)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return fault_errno(f, EX_CONFIG, "cannot use '%s' as ca", path);
	if (!S_ISDIR(st.st_mode))
		return load_file(ctx, path, f);
	if (!has_hashes(path))
		return fault_set(f, EX_CONFIG,
		    "cannot use '%s' as ca: no certificate is named by its "
		    "hash: run openssl rehash on it",
		    path);
	return load_dir(ctx, path, f);
}

/* SSL_CERT_DIR may be several directories, and is OpenSSL's to read. */
static int
trust_system(SSL_CTX *ctx, struct fault *f)
{
	const char *file = secure_getenv(X509_get_default_cert_file_env());
	const char *dir = secure_getenv(X509_get_default_cert_dir_env());
	int rc = EX_OK;

	if (dir != NULL)
		rc = load_dir(ctx, dir, f);
	if (rc == EX_OK && file != NULL)
		rc = load_file(ctx, file, f);
	if (dir != NULL || file != NULL)
		return rc;
	if (has_hashes(X509_get_default_cert_dir()))
		return load_dir(ctx, X509_get_default_cert_dir(), f);
	return load_file(ctx, X509_get_default_cert_file(), f);
}

void
trust_store(const char **file, const char **folders)
{
	const char *own_file = secure_getenv(X509_get_default_cert_file_env());
	const char *own = secure_getenv(X509_get_default_cert_dir_env());

	*file = own_file != NULL ? own_file : X509_get_default_cert_file();
	*folders = own != NULL ? own : X509_get_default_cert_dir();
}

/* Keys are looked up as RFC 7671, 5.1 has it for DANE-EE: no name, no date. */
static int
begin_pins(SSL_CTX *ctx, struct fault *f)
{
	if (SSL_CTX_dane_enable(ctx) != 1)
		return fault_set(f, EX_TEMPFAIL, "cannot heed pin: %s",
		    excuse("unknown reason"));
	SSL_CTX_dane_set_flags(ctx, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
	return EX_OK;
}

int
trust_begin(SSL_CTX *ctx, const struct smarthost *s, struct fault *f)
{
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	if (s->pin.count > 0)
		return begin_pins(ctx, f);
	return s->ca != NULL ? trust_ca(ctx, s->ca, f) : trust_system(ctx, f);
}

static bool
is_address(const char *host)
{
	unsigned char addr[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, addr) == 1 ||
	    inet_pton(AF_INET6, host, addr) == 1;
}

/* An address must be in the certificate as such, and is no SNI (RFC 6066, 3). */
static bool
expect_host(SSL *ssl, const char *host)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

	X509_VERIFY_PARAM_set_hostflags(param,
	    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
		X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	if (is_address(host))
		return X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1;
	return SSL_set1_host(ssl, host) == 1 &&
	    SSL_set_tlsext_host_name(ssl, host) == 1;
}

/* conf has seen to it that it is 64 digits, or 44 characters with one "=". */
static bool
decode(const char *pin, unsigned char sum[SUM + 1])
{
	size_t len = 0;

	if (strlen(pin) == (size_t)2 * SUM)
		return OPENSSL_hexstr2buf_ex(sum, SUM, &len, pin, '\0') == 1;
	return EVP_DecodeBlock(sum, (const unsigned char *)pin,
		   (int)strlen(pin)) == SUM + 1;
}

/* Without a record it can use OpenSSL would go by authorities in silence. */
static bool
expect_pins(SSL *ssl, const struct words *pin, const char *host)
{
	unsigned char sum[SUM + 1];
	size_t i;

	if (SSL_dane_enable(ssl, host) != 1)
		return false;
	if (is_address(host) && SSL_set_tlsext_host_name(ssl, NULL) != 1)
		return false;
	for (i = 0; i < pin->count; i++)
		if (!decode(pin->word[i], sum) ||
		    SSL_dane_tlsa_add(
			ssl, DANE_EE, DANE_SPKI, DANE_SHA256, sum, SUM) != 1)
			return false;
	return true;
}

int
trust_expect(
    SSL *ssl, const struct smarthost *s, const char *host, struct fault *f)
{
	bool is_set = s->pin.count > 0 ? expect_pins(ssl, &s->pin, host)
				       : expect_host(ssl, host);

	if (is_set)
		return EX_OK;
	return fault_set(f, EX_TEMPFAIL, "cannot have TLS expect '%s': %s",
	    host, excuse("unknown reason"));
}

bool
trust_is_met(SSL *ssl, bool is_pinned)
{
	if (SSL_get_verify_result(ssl) != X509_V_OK ||
	    SSL_get0_peer_certificate(ssl) == NULL)
		return false;
	return !is_pinned || SSL_get0_dane_authority(ssl, NULL, NULL) >= 0;
}
