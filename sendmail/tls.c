/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>
#include <sys/types.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "conf/host.h"
#include "sendmail/tls.h"

struct tls {
	SSL_CTX *ctx;
	SSL *ssl;
	char host[HOST_NAME + 1]; /* as it is checked */
	bool is_up;               /* the handshake is over, and verified */
	bool is_broken;           /* nothing more may be said, not even bye */
};

/* The first that OpenSSL noted, for it lies deepest. */
static const char *
reason(const char *otherwise)
{
	unsigned long e = ERR_get_error();
	const char *text;

	if (e == 0)
		return otherwise;
	if (ERR_SYSTEM_ERROR(e))
		return strerror(ERR_GET_REASON(e));
	text = ERR_reason_error_string(e);
	return text == NULL ? otherwise : text;
}

/*
 * SSL_set1_host() takes "" for no check and ".x" for any name below x, and a
 * U-label never matches; so what may be no name is refused here.
 */
static int
name(struct tls *t, const char *host, struct fault *f)
{
	size_t len = strlen(host), i;

	if (len > 2 && host[0] == '[' && host[len - 1] == ']') {
		host++;
		len -= 2;
	}
	if (len > 0 && host[len - 1] == '.')
		len--;
	if (len == 0 || len > HOST_NAME || host[0] == '.')
		return fault_set(f, EX_CONFIG,
		    "host '%s' is no name that a certificate can bear", host);
	for (i = 0; i < len; i++)
		if (host[i] < 33 || host[i] > 126)
			return fault_set(f, EX_CONFIG,
			    "host '%s' is no ASCII name: write it as an A-label "
			    "(xn--...)",
			    host);
	memcpy(t->host, host, len);
	t->host[len] = '\0';
	return EX_OK;
}

static int
load_file(SSL_CTX *ctx, const char *path, struct fault *f)
{
	if (SSL_CTX_load_verify_file(ctx, path) == 1)
		return EX_OK;
	return fault_set(f, EX_CONFIG,
	    "cannot use '%s' as ca: %s: set ca to a file of certificates", path,
	    reason("unknown reason"));
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
	    reason("unknown reason"));
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

/* Reads openssl.cnf: what the administrator demands beyond this stays. */
static int
begin_context(struct tls *t, struct fault *f)
{
	t->ctx = SSL_CTX_new(TLS_client_method());
	if (t->ctx == NULL)
		return fault_set(f, EX_TEMPFAIL, "cannot begin TLS: %s",
		    reason("unknown reason"));
	if (SSL_CTX_get_min_proto_version(t->ctx) < TLS1_2_VERSION &&
	    SSL_CTX_set_min_proto_version(t->ctx, TLS1_2_VERSION) != 1)
		return fault_set(f, EX_TEMPFAIL, "cannot demand TLS 1.2: %s",
		    reason("unknown reason"));
	SSL_CTX_set_options(
	    t->ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_mode(t->ctx,
	    SSL_MODE_ENABLE_PARTIAL_WRITE |
		SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, NULL);
	return EX_OK;
}

/* An address must be in the certificate as such, and is no SNI (RFC 6066, 3). */
static bool
expect_host(SSL *ssl, const char *host)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	unsigned char addr[sizeof(struct in6_addr)];

	X509_VERIFY_PARAM_set_hostflags(param,
	    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
		X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	if (inet_pton(AF_INET, host, addr) == 1 ||
	    inet_pton(AF_INET6, host, addr) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1;
	return SSL_set1_host(ssl, host) == 1 &&
	    SSL_set_tlsext_host_name(ssl, host) == 1;
}

static int
begin_connection(struct tls *t, int fd, struct fault *f)
{
	t->ssl = SSL_new(t->ctx);
	if (t->ssl == NULL || SSL_set_fd(t->ssl, fd) != 1)
		return fault_set(f, EX_TEMPFAIL, "cannot begin TLS: %s",
		    reason("unknown reason"));
	if (!expect_host(t->ssl, t->host))
		return fault_set(f, EX_TEMPFAIL,
		    "cannot have TLS check the name '%s': %s", t->host,
		    reason("unknown reason"));
	return EX_OK;
}

int
tls_open(struct tls **made, const struct smarthost *s, int fd, struct fault *f)
{
	struct tls *t = calloc(1, sizeof(*t));
	int rc;

	if (t == NULL)
		return fault_errno(f, EX_TEMPFAIL, "cannot begin TLS");
	ERR_clear_error();
	rc = name(t, s->host, f);
	if (rc == EX_OK)
		rc = begin_context(t, f);
	if (rc == EX_OK && s->ca != NULL)
		rc = trust_ca(t->ctx, s->ca, f);
	else if (rc == EX_OK)
		rc = trust_system(t->ctx, f);
	if (rc == EX_OK)
		rc = begin_connection(t, fd, f);
	if (rc != EX_OK) {
		tls_close(t, true);
		return rc;
	}
	*made = t;
	return EX_OK;
}

/* What is wrong with a certificate, and what to do; NULL for what is rare. */
static const char *
advice(long result)
{
	switch (result) {
	case X509_V_ERR_HOSTNAME_MISMATCH:
		return "is not for that name: set host to a name that it bears";
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return "is not for that address: set host to a name that it "
		       "bears";
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return "has expired: renew it, or set this machine's clock";
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return "is not yet valid: set this machine's clock";
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return "is self-signed: set ca to a file that holds it";
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		return "is from an unknown authority: set ca to a file that "
		       "holds its certificate";
	default:
		return NULL;
	}
}

static enum tls_want
distrust(struct tls *t, long result, struct fault *f)
{
	const char *text = advice(result);

	t->is_broken = true;
	if (text != NULL)
		fault_set(
		    f, EX_PROTOCOL, "certificate of '%s' %s", t->host, text);
	else
		fault_set(f, EX_PROTOCOL, "certificate of '%s' is refused: %s",
		    t->host, X509_verify_cert_error_string(result));
	return TLS_FAILED;
}

/* A key to try, for the failures that a wrong setting brings about. */
static const char *
hint(unsigned long e)
{
	if (ERR_GET_LIB(e) != ERR_LIB_SSL)
		return "";
	switch (ERR_GET_REASON(e)) {
	case SSL_R_WRONG_VERSION_NUMBER:
		return ": no TLS is spoken there: look at port and tls";
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
		return ": the server's protocol version is below ours";
	default:
		return "";
	}
}

static enum tls_want
fail_handshake(struct tls *t, int why, struct fault *f)
{
	unsigned long e = ERR_peek_error();
	long result = SSL_get_verify_result(t->ssl);

	if (result != X509_V_OK)
		return distrust(t, result, f);
	t->is_broken = true;
	fault_set(f, EX_PROTOCOL, "TLS with '%s' failed: %s%s", t->host,
	    reason(why == 0 ? "the server hung up" : strerror(why)), hint(e));
	return TLS_FAILED;
}

/* The handshake fails without these; but on them hangs all, so we ask again. */
static enum tls_want
verify(struct tls *t, struct fault *f)
{
	long result = SSL_get_verify_result(t->ssl);

	if (result != X509_V_OK)
		return distrust(t, result, f);
	if (SSL_get0_peer_certificate(t->ssl) == NULL) {
		t->is_broken = true;
		fault_set(
		    f, EX_PROTOCOL, "'%s' showed no certificate", t->host);
		return TLS_FAILED;
	}
	t->is_up = true;
	return TLS_DONE;
}

enum tls_want
tls_handshake(struct tls *t, struct fault *f)
{
	int rc, error, why;

	ERR_clear_error();
	errno = 0;
	rc = SSL_connect(t->ssl);
	why = errno;
	if (rc == 1)
		return verify(t, f);
	error = SSL_get_error(t->ssl, rc);
	if (error == SSL_ERROR_WANT_READ)
		return TLS_WANT_READ;
	if (error == SSL_ERROR_WANT_WRITE)
		return TLS_WANT_WRITE;
	return fail_handshake(t, why, f);
}

/* After SSL_read_ex() or SSL_write_ex() did not do what was asked. */
static enum tls_want
stalled(struct tls *t, const char *act, int why, struct fault *f)
{
	int error = SSL_get_error(t->ssl, 0);

	if (error == SSL_ERROR_WANT_READ)
		return TLS_WANT_READ;
	if (error == SSL_ERROR_WANT_WRITE)
		return TLS_WANT_WRITE;
	t->is_broken = true;
	fault_set(f, EX_IOERR, "connection to '%s' lost while %s: %s", t->host,
	    act, reason(why == 0 ? "the server hung up" : strerror(why)));
	return TLS_FAILED;
}

enum tls_want
tls_read(struct tls *t, void *buf, size_t size, size_t *got, struct fault *f)
{
	int why;

	*got = 0;
	ERR_clear_error();
	errno = 0;
	if (SSL_read_ex(t->ssl, buf, size, got) == 1)
		return TLS_DONE;
	why = errno;
	if (SSL_get_error(t->ssl, 0) == SSL_ERROR_ZERO_RETURN)
		return TLS_DONE;
	return stalled(t, "waiting for an answer", why, f);
}

enum tls_want
tls_write(
    struct tls *t, const void *buf, size_t size, size_t *put, struct fault *f)
{
	int why;

	*put = 0;
	ERR_clear_error();
	errno = 0;
	if (SSL_write_ex(t->ssl, buf, size, put) == 1)
		return TLS_DONE;
	why = errno;
	return stalled(t, "sending", why, f);
}

const char *
tls_version(const struct tls *t)
{
	return SSL_get_version(t->ssl);
}

void
tls_close(struct tls *t, bool is_silent)
{
	if (t == NULL)
		return;
	ERR_clear_error();
	if (t->is_up && !t->is_broken && !is_silent)
		SSL_shutdown(t->ssl);
	SSL_free(t->ssl);
	SSL_CTX_free(t->ctx);
	free(t);
}
