/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "sendmail/wire.h"

#define HOST "mail.example.test"
#define DAY 86400L

/* What all tests share: one key for everybody, two authorities, a folder. */
struct world {
	EVP_PKEY *key;
	X509 *ca, *stranger;
	char dir[32];
	char ca_file[64], ca_dir[64];
};

/* How the server behaves. */
struct plan {
	const char *host; /* as the client calls it */
	const char *cn, *san;
	const char *ca;    /* of the client; NULL: the system's */
	const char *clear; /* said in place of a handshake */
	const char *words; /* the reason that must be given, or the greeting */
	long from, to;     /* validity, in seconds from now */
	int code;          /* what must come of it */
	int version;       /* the only one it speaks; 0: any */
	bool is_self_signed; /* else of the authority */
	bool is_strangers;   /* of one that nobody knows */
	bool is_silent;      /* nothing is said or done */
	bool is_rude;        /* ends within a line, without close_notify */
};

static X509 *
certificate(const struct world *w, const char *cn, const char *san,
    const X509 *issuer, long from, long to)
{
	X509 *cert = X509_new();
	X509_NAME *name = X509_get_subject_name(cert);
	X509_EXTENSION *ext;
	const char *basic =
	    san == NULL && issuer == NULL ? "CA:TRUE" : "CA:FALSE";

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), from);
	X509_gmtime_adj(X509_getm_notAfter(cert), to);
	X509_set_pubkey(cert, w->key);
	X509_NAME_add_entry_by_txt(
	    name, "CN", MBSTRING_ASC, (const unsigned char *)cn, -1, -1, 0);
	X509_set_issuer_name(
	    cert, issuer == NULL ? name : X509_get_subject_name(issuer));
	ext = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, basic);
	X509_add_ext(cert, ext, -1);
	X509_EXTENSION_free(ext);
	if (san != NULL) {
		ext =
		    X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, san);
		assert_non_null(ext);
		X509_add_ext(cert, ext, -1);
		X509_EXTENSION_free(ext);
	}
	assert_true(X509_sign(cert, w->key, EVP_sha256()) > 0);
	return cert;
}

static void
write_certificate(const char *path, X509 *cert)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	assert_int_equal(PEM_write_X509(out, cert), 1);
	assert_int_equal(fclose(out), 0);
}

static int
make_world(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	char path[128];

	signal(SIGPIPE, SIG_IGN);
	memcpy(w->dir, "/tmp/onehop-t-XXXXXX", 21);
	assert_non_null(mkdtemp(w->dir));
	w->key = EVP_EC_gen("P-256");
	w->ca = certificate(w, "our authority", NULL, NULL, -DAY, DAY);
	w->stranger = certificate(w, "no authority", NULL, NULL, -DAY, DAY);
	snprintf(w->ca_file, sizeof(w->ca_file), "%s/ca.pem", w->dir);
	snprintf(w->ca_dir, sizeof(w->ca_dir), "%s/ca", w->dir);
	write_certificate(w->ca_file, w->ca);
	assert_int_equal(mkdir(w->ca_dir, 0700), 0);
	snprintf(path, sizeof(path), "%s/%08lx.0", w->ca_dir,
	    X509_subject_name_hash(w->ca));
	write_certificate(path, w->ca);
	*state = w;
	return 0;
}

static int
end_world(void **state)
{
	struct world *w = *state;
	char path[128];

	snprintf(path, sizeof(path), "%s/%08lx.0", w->ca_dir,
	    X509_subject_name_hash(w->ca));
	unlink(path);
	rmdir(w->ca_dir);
	unlink(w->ca_file);
	rmdir(w->dir);
	X509_free(w->ca);
	X509_free(w->stranger);
	EVP_PKEY_free(w->key);
	free(w);
	return 0;
}

static SSL_CTX *
server_context(const struct world *w, const struct plan *p)
{
	const X509 *issuer = p->is_strangers ? w->stranger : w->ca;
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	X509 *cert = certificate(w, p->cn == NULL ? "server" : p->cn, p->san,
	    p->is_self_signed ? NULL : issuer, p->from == 0 ? -DAY : p->from,
	    p->to == 0 ? DAY : p->to);

	assert_int_equal(SSL_CTX_use_certificate(ctx, cert), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(ctx, w->key), 1);
	if (p->version != 0) {
		SSL_CTX_set_cipher_list(ctx, "DEFAULT:@SECLEVEL=0");
		SSL_CTX_set_min_proto_version(ctx, p->version);
		SSL_CTX_set_max_proto_version(ctx, p->version);
	}
	X509_free(cert);
	return ctx;
}

/* Greets by the name it was called, then says how large each record is. */
static void
serve(int fd, SSL_CTX *ctx, const struct plan *p)
{
	SSL *ssl = SSL_new(ctx);
	char text[32768];
	const char *name;
	int n;

	if (p->is_silent)
		pause();
	if (p->clear != NULL)
		_exit(write(fd, p->clear, strlen(p->clear)) < 0);
	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) != 1)
		_exit(1);
	name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	n = snprintf(text, sizeof(text), "220 %s%s",
	    name == NULL ? "nobody" : name, p->is_rude ? "" : "\r\n");
	SSL_write(ssl, text, n);
	if (p->is_rude)
		_exit(0);
	while ((n = SSL_read(ssl, text, sizeof(text))) > 0) {
		n = snprintf(text, sizeof(text), "%d\r\n", n);
		SSL_write(ssl, text, n);
	}
	SSL_free(ssl);
	_exit(0);
}

struct session {
	pid_t pid;
	struct wire wire;
};

static int
client_socket(const struct sockaddr_in *addr)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(
	    connect(fd, (const struct sockaddr *)addr, sizeof(*addr)), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

/* A server by plan, and a connection in clear to it. */
static struct session *
meet(const struct world *w, const struct plan *p)
{
	struct session *s = calloc(1, sizeof(*s));
	struct sockaddr_in addr = { 0 };
	socklen_t size = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	SSL_CTX *ctx = server_context(w, p);

	addr.sin_family = AF_INET;
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, size), 0);
	assert_int_equal(listen(fd, 1), 0);
	getsockname(fd, (struct sockaddr *)&addr, &size);
	s->pid = fork();
	assert_true(s->pid >= 0);
	if (s->pid == 0) {
		alarm(20);
		serve(accept(fd, NULL, NULL), ctx, p);
	}
	close(fd);
	SSL_CTX_free(ctx);
	wire_open(&s->wire, client_socket(&addr), p->host, 1 << 20);
	wire_limit(&s->wire, 10);
	wire_deadline(&s->wire, p->is_silent ? 1 : 10);
	return s;
}

static void
part(struct session *s)
{
	wire_close(&s->wire);
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	free(s);
}

static int
encrypt(struct session *s, const struct plan *p, struct fault *f)
{
	struct smarthost smarthost = { 0 };
	char host[256], ca[128];

	snprintf(host, sizeof(host), "%s", p->host);
	snprintf(ca, sizeof(ca), "%s", p->ca == NULL ? "" : p->ca);
	smarthost.host = host;
	smarthost.ca = p->ca == NULL ? NULL : ca;
	return wire_tls(&s->wire, &smarthost, f);
}

static void
expect(struct wire *w, const char *text)
{
	struct fault f = { 0 };

	if (w->start == w->end)
		assert_int_equal(wire_hear(w, &f), EX_OK);
	assert_int_equal(w->end - w->start, strlen(text));
	assert_memory_equal(w->in + w->start, text, strlen(text));
	w->start = w->end;
}

/* Every handshake that fails was heard to say why, and nothing was verified. */
static void
try(const struct world *w, const struct plan *p)
{
	struct session *s = meet(w, p);
	struct fault f = { 0 };
	int rc = encrypt(s, p, &f);

	if (rc != p->code || (p->code != EX_OK && !strstr(f.text, p->words)))
		fail_msg("'%s': %d '%s' for %d '%s'", p->host, rc, f.text,
		    p->code, p->words);
	if (p->code == EX_OK && p->words != NULL)
		expect(&s->wire, p->words);
	part(s);
}

static void
a_good_certificate_is_taken(void **state)
{
	const struct world *w = *state;
	const struct plan plans[] = {
		{ .host = HOST,
		    .san = "DNS:" HOST,
		    .words = "220 " HOST "\r\n" },
		{ .host = HOST ".",
		    .san = "DNS:" HOST,
		    .words = "220 " HOST "\r\n" },
		{ .host = "MAIL.Example.TEST", .san = "DNS:" HOST },
		{ .host = HOST, .san = "DNS:a.test,DNS:" HOST },
		{ .host = HOST, .san = "DNS:*.example.test" },
		{ .host = "127.0.0.1",
		    .san = "IP:127.0.0.1",
		    .words = "220 nobody\r\n" },
		{ .host = "::1", .san = "IP:::1", .words = "220 nobody\r\n" },
		{ .host = "[::1]", .san = "IP:::1", .words = "220 nobody\r\n" },
		{ .host = HOST, .san = "DNS:" HOST, .version = TLS1_2_VERSION },
	};
	struct plan p;
	size_t i;

	for (i = 0; i < sizeof(plans) / sizeof(*plans); i++) {
		p = plans[i];
		p.ca = w->ca_file;
		try(w, &p);
	}
}

static void
a_bad_certificate_is_refused_and_the_reason_said(void **state)
{
	static const char name[] = "'" HOST "' is not for that name";
	static const char addr[] = "'127.0.0.1' is not for that address";
	const struct world *w = *state;
	const struct plan plans[] = {
		{ .host = HOST, .san = "DNS:example.test", .words = name },
		{ .host = HOST, .san = "DNS:x." HOST, .words = name },
		{ .host = HOST, .san = "DNS:m*.example.test", .words = name },
		{ .host = HOST, .san = "DNS:*.test", .words = name },
		{ .host = HOST, .cn = HOST, .words = name },
		{ .host = HOST,
		    .cn = HOST,
		    .san = "IP:127.0.0.1",
		    .words = name },
		{ .host = "127.0.0.1", .san = "DNS:127.0.0.1", .words = addr },
		{ .host = "127.0.0.1", .cn = "127.0.0.1", .words = addr },
		{ .host = "127.0.0.1", .san = "IP:127.0.0.2", .words = addr },
		{ .host = HOST,
		    .san = "DNS:" HOST,
		    .from = -2 * DAY,
		    .to = -DAY,
		    .words = "has expired" },
		{ .host = HOST,
		    .san = "DNS:" HOST,
		    .from = DAY,
		    .to = 2 * DAY,
		    .words = "not yet valid" },
		{ .host = HOST,
		    .san = "DNS:" HOST,
		    .is_strangers = true,
		    .words = "unknown authority: set ca" },
		{ .host = HOST,
		    .san = "DNS:" HOST,
		    .is_self_signed = true,
		    .words = "is self-signed: set ca" },
		{ .host = HOST,
		    .san = "DNS:" HOST,
		    .version = TLS1_1_VERSION,
		    .words = "protocol version" },
	};
	struct plan p;
	size_t i;

	for (i = 0; i < sizeof(plans) / sizeof(*plans); i++) {
		p = plans[i];
		p.ca = w->ca_file;
		p.code = EX_PROTOCOL;
		try(w, &p);
	}
}

static void
what_is_no_handshake_is_refused(void **state)
{
	const struct world *w = *state;
	const struct plan plans[] = {
		{ .host = HOST,
		    .clear = "220 hello\r\n",
		    .words = "look at port and tls" },
		{ .host = HOST, .clear = "", .words = "failed: " },
		{ .host = HOST, .clear = "\x15\x03\x03", .words = "failed: " },
		{ .host = HOST,
		    .is_silent = true,
		    .words = "no answer in 1 s" },
	};
	struct plan p;
	size_t i;

	for (i = 0; i < sizeof(plans) / sizeof(*plans); i++) {
		p = plans[i];
		p.ca = w->ca_file;
		p.code = EX_PROTOCOL;
		try(w, &p);
	}
}

static void
octets_ahead_of_the_handshake_end_it(void **state)
{
	const struct world *w = *state;
	const struct plan p = {
		.host = HOST, .san = "DNS:" HOST, .ca = w->ca_file
	};
	struct session *s = meet(w, &p);
	struct fault f = { 0 };

	s->wire.in[0] = '2';
	s->wire.end = 1;
	assert_int_equal(encrypt(s, &p, &f), EX_PROTOCOL);
	assert_non_null(strstr(f.text, "octets after the reply to STARTTLS"));
	assert_null(s->wire.tls);
	part(s);
}

static void
a_host_that_no_certificate_can_bear_is_refused(void **state)
{
	static const char *const hosts[] = { "", ".", ".example.test", "a b",
		"m\xc3\xbcller.example" };
	const struct world *w = *state;
	struct plan p = { .san = "DNS:" HOST,
		.ca = w->ca_file,
		.code = EX_CONFIG,
		.words = "host '" };
	size_t i;

	for (i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		p.host = hosts[i];
		try(w, &p);
	}
}

static void
ca_may_be_a_directory_or_the_certificate_itself(void **state)
{
	const struct world *w = *state;
	struct plan p = { .host = HOST, .san = "DNS:" HOST, .ca = w->ca_dir };
	char path[64];
	X509 *self;

	try(w, &p);
	snprintf(path, sizeof(path), "%s/self.pem", w->dir);
	self = certificate(w, "server", p.san, NULL, -DAY, DAY);
	write_certificate(path, self);
	X509_free(self);
	p.ca = path;
	p.code = EX_PROTOCOL;
	p.words = "unknown authority";
	try(w, &p);
	unlink(path);
}

static void
put_file(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

static void
a_trust_store_without_trust_fails_closed(void **state)
{
	const struct world *w = *state;
	struct plan p = { .host = HOST,
		.san = "DNS:" HOST,
		.code = EX_CONFIG,
		.words = "as ca: " };
	char path[64];

	snprintf(path, sizeof(path), "%s/x", w->dir);
	p.ca = path;
	try(w, &p);
	put_file(path, "");
	try(w, &p);
	put_file(path,
	    "-----BEGIN CERTIFICATE-----\nAAAA\n"
	    "-----END CERTIFICATE-----\n");
	try(w, &p);
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	p.words = "openssl rehash";
	try(w, &p);
	rmdir(path);
}

static void
the_environment_says_what_the_system_trusts(void **state)
{
	const struct world *w = *state;
	struct plan p = { .host = HOST, .san = "DNS:" HOST };

	setenv("SSL_CERT_FILE", w->ca_file, 1);
	try(w, &p);
	setenv("SSL_CERT_FILE", "/nonexistent", 1);
	p.code = EX_CONFIG;
	p.words = "'/nonexistent' as ca: ";
	try(w, &p);
	unsetenv("SSL_CERT_FILE");
	setenv("SSL_CERT_DIR", w->ca_dir, 1);
	p.code = EX_OK;
	p.words = NULL;
	try(w, &p);
	setenv("SSL_CERT_DIR", "/nonexistent", 1);
	p.code = EX_PROTOCOL;
	p.words = "unknown authority";
	try(w, &p);
	unsetenv("SSL_CERT_DIR");
}

static void
a_group_is_one_record(void **state)
{
	const struct world *w = *state;
	const struct plan p = {
		.host = HOST, .san = "DNS:" HOST, .ca = w->ca_file
	};
	struct session *s = meet(w, &p);
	struct fault f = { 0 };
	char group[16384];

	memset(group, 'x', sizeof(group));
	assert_int_equal(encrypt(s, &p, &f), EX_OK);
	assert_string_equal(tls_version(s->wire.tls), "TLSv1.3");
	expect(&s->wire, "220 " HOST "\r\n");
	assert_int_equal(wire_say(&s->wire, group, 10, &f), EX_OK);
	expect(&s->wire, "10\r\n");
	assert_int_equal(wire_say(&s->wire, group, sizeof(group), &f), EX_OK);
	expect(&s->wire, "16384\r\n");
	part(s);
}

static void
an_end_without_goodbye_is_a_fault(void **state)
{
	const struct world *w = *state;
	const struct plan p = { .host = HOST,
		.san = "DNS:" HOST,
		.ca = w->ca_file,
		.is_rude = true };
	struct session *s = meet(w, &p);
	struct fault f = { 0 };

	assert_int_equal(encrypt(s, &p, &f), EX_OK);
	expect(&s->wire, "220 " HOST);
	assert_int_equal(wire_hear(&s->wire, &f), EX_IOERR);
	assert_non_null(strstr(f.text, "lost"));
	part(s);
}

/* OpenSSL reads its configuration once, so this is for a process of its own. */
static void
a_stricter_administrator_is_obeyed(void **state)
{
	const struct world *w = *state;
	char path[64], self[PATH_MAX + 1] = "";
	pid_t pid;
	int status;

	/* By its own name, for valgrind's /proc/self/exe is another. */
	assert_true(readlink("/proc/self/exe", self, PATH_MAX) > 0);
	snprintf(path, sizeof(path), "%s/openssl.cnf", w->dir);
	put_file(path,
	    "openssl_conf = a\n[a]\nssl_conf = b\n[b]\n"
	    "system_default = c\n[c]\nMinProtocol = TLSv1.3\n");
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		setenv("OPENSSL_CONF", path, 1);
		dup2(open("/dev/null", O_WRONLY), 1);
		execl(self, "4020-tls-unit.t", "strict", NULL);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	unlink(path);
}

static void
tls_1_2_is_refused_there(void **state)
{
	const struct world *w = *state;
	const struct plan p = { .host = HOST,
		.san = "DNS:" HOST,
		.ca = w->ca_file,
		.version = TLS1_2_VERSION,
		.code = EX_PROTOCOL,
		.words = "protocol version" };

	try(w, &p);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_certificate_is_taken),
		cmocka_unit_test(
		    a_bad_certificate_is_refused_and_the_reason_said),
		cmocka_unit_test(what_is_no_handshake_is_refused),
		cmocka_unit_test(octets_ahead_of_the_handshake_end_it),
		cmocka_unit_test(
		    a_host_that_no_certificate_can_bear_is_refused),
		cmocka_unit_test(
		    ca_may_be_a_directory_or_the_certificate_itself),
		cmocka_unit_test(a_trust_store_without_trust_fails_closed),
		cmocka_unit_test(the_environment_says_what_the_system_trusts),
		cmocka_unit_test(a_group_is_one_record),
		cmocka_unit_test(an_end_without_goodbye_is_a_fault),
		cmocka_unit_test(a_stricter_administrator_is_obeyed),
	};
	const struct CMUnitTest strict[] = {
		cmocka_unit_test(tls_1_2_is_refused_there),
	};

	(void)argv;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (argc > 1)
		return cmocka_run_group_tests(strict, make_world, end_world);
	return cmocka_run_group_tests(tests, make_world, end_world);
}
