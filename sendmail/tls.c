/* SPDX-License-Identifier: ISC */
#ifdef __linux__
#include <malloc.h>
#endif

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <stdlib.h>
#include <string.h>

#include "conf/host.h"
#include "sendmail/excuse.h"
#include "sendmail/tls.h"
#include "sendmail/trust.h"

/* Octets that OpenSSL takes for a connection, or more. */
#define MEMORY (1 << 20)

struct tls {
	SSL_CTX *ctx;
	SSL *ssl;
	char host[HOST_NAME + 1]; /* as it is checked */
	bool is_pinned;           /* by its key, not by name */
	bool is_up;               /* the handshake is over, and verified */
	bool is_broken;           /* nothing more may be said, not even bye */
};

/* What it needs comes in many small pieces: have it all at once. */
void
tls_ready(void)
{
#ifdef M_TOP_PAD
	mallopt(M_TOP_PAD, MEMORY);
#endif
	OPENSSL_init_ssl(OPENSSL_INIT_LOAD_CONFIG, NULL);
}

void
tls_store(const char **file, const char **folders)
{
	trust_store(file, folders);
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

/* Reads openssl.cnf: what the administrator demands beyond this stays. */
static int
begin_context(struct tls *t, struct fault *f)
{
	t->ctx = SSL_CTX_new(TLS_client_method());
	if (t->ctx == NULL)
		return fault_set(f, EX_TEMPFAIL, "cannot begin TLS: %s",
		    excuse("unknown reason"));
	if (SSL_CTX_get_min_proto_version(t->ctx) < TLS1_2_VERSION &&
	    SSL_CTX_set_min_proto_version(t->ctx, TLS1_2_VERSION) != 1)
		return fault_set(f, EX_TEMPFAIL, "cannot demand TLS 1.2: %s",
		    excuse("unknown reason"));
	SSL_CTX_set_options(
	    t->ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	/* A record is a head and a body: two reads, unless what is there is had. */
	SSL_CTX_set_read_ahead(t->ctx, 1);
	SSL_CTX_set_mode(t->ctx,
	    SSL_MODE_ENABLE_PARTIAL_WRITE |
		SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	return EX_OK;
}

/* Never asks at a terminal. */
static int
give_no_passphrase(char *buf, int size, int is_writing, void *ctx)
{
	(void)buf;
	(void)size;
	(void)is_writing;
	(void)ctx;
	return 0;
}

/* Ours, for a server that asks (RFC 8314, 5.5). */
static int
show(SSL_CTX *ctx, const struct smarthost *s, struct fault *f)
{
	SSL_CTX_set_default_passwd_cb(ctx, give_no_passphrase);
	if (SSL_CTX_use_certificate_chain_file(ctx, s->certificate) != 1)
		return fault_set(f, EX_CONFIG,
		    "cannot use '%s' as certificate: %s: set certificate to a "
		    "file in PEM",
		    s->certificate, excuse("unknown reason"));
	if (SSL_CTX_use_PrivateKey_file(ctx, s->key, SSL_FILETYPE_PEM) != 1)
		return fault_set(f, EX_CONFIG,
		    "cannot use '%s' as key: %s: set key to a file in PEM "
		    "without a passphrase, that of certificate",
		    s->key, excuse("unknown reason"));
	return EX_OK;
}

static int
begin_connection(
    struct tls *t, const struct smarthost *s, int fd, struct fault *f)
{
	t->is_pinned = s->pin.count > 0;
	t->ssl = SSL_new(t->ctx);
	if (t->ssl == NULL || SSL_set_fd(t->ssl, fd) != 1)
		return fault_set(f, EX_TEMPFAIL, "cannot begin TLS: %s",
		    excuse("unknown reason"));
	return trust_expect(t->ssl, s, t->host, f);
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
	if (rc == EX_OK)
		rc = trust_begin(t->ctx, s, f);
	if (rc == EX_OK && s->certificate != NULL)
		rc = show(t->ctx, s, f);
	if (rc == EX_OK)
		rc = begin_connection(t, s, fd, f);
	if (rc != EX_OK) {
		tls_close(t, true);
		return rc;
	}
	*made = t;
	return EX_OK;
}

static enum tls_want
distrust(struct tls *t, long result, struct fault *f)
{
	const char *text = excuse_certificate(result);

	t->is_broken = true;
	if (text != NULL)
		fault_set(
		    f, EX_PROTOCOL, "certificate of '%s' %s", t->host, text);
	else
		fault_set(f, EX_PROTOCOL, "certificate of '%s' is refused: %s",
		    t->host, X509_verify_cert_error_string(result));
	return TLS_FAILED;
}

static enum tls_want
fail_handshake(struct tls *t, int why, struct fault *f)
{
	long result = SSL_get_verify_result(t->ssl);

	if (result != X509_V_OK)
		return distrust(t, result, f);
	t->is_broken = true;
	fault_set(f, EX_PROTOCOL, "TLS with '%s' failed: %s%s", t->host,
	    excuse(why == 0 ? "the server hung up" : strerror(why)),
	    excuse_advice());
	return TLS_FAILED;
}

static enum tls_want
verify(struct tls *t, struct fault *f)
{
	if (trust_is_met(t->ssl, t->is_pinned)) {
		t->is_up = true;
		return TLS_DONE;
	}
	t->is_broken = true;
	fault_set(
	    f, EX_PROTOCOL, "certificate of '%s' was not verified", t->host);
	return TLS_FAILED;
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

/*
 * Under TLS 1.3 a server that turns our certificate down may be gone before we
 * say a word; its alert then lies where we have not yet read.  What else lies
 * there stays.
 */
static void
hear_alert(struct tls *t)
{
	char octet;
	size_t got;

	ERR_clear_error();
	SSL_peek_ex(t->ssl, &octet, 1, &got);
	if (excuse_advice()[0] == '\0')
		ERR_clear_error();
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
	if (error == SSL_ERROR_SYSCALL)
		hear_alert(t);
	fault_set(f, EX_IOERR, "connection to '%s' lost while %s: %s%s",
	    t->host, act,
	    excuse(why == 0 ? "the server hung up" : strerror(why)),
	    excuse_advice());
	return TLS_FAILED;
}

bool
tls_has_input(const struct tls *t)
{
	return SSL_has_pending(t->ssl) == 1;
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

bool
tls_binding(const struct tls *t, char text[TLS_BINDING])
{
	static const char label[] = "EXPORTER-Channel-Binding";
	unsigned char binding[32];

	if (SSL_version(t->ssl) < TLS1_3_VERSION)
		return false;
	if (SSL_export_keying_material(t->ssl, binding, sizeof(binding), label,
		strlen(label), (const unsigned char *)"", 0, 1) != 1)
		return false;
	EVP_EncodeBlock((unsigned char *)text, binding, sizeof(binding));
	return true;
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
