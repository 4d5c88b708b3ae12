/*
 * smarthost - a scripted SMTP server for the tests
 *
 * Listens on loopback or on a local socket, one process for each connection,
 * and behaves well unless its rules say otherwise; or replays a dialogue word
 * for word.  Whatever happens stands in a transcript, a line each:
 *
 *	-- connect            S: what it said
 *	-- tls TLSv1.3        C: what it heard
 *	-- turn               it had answered, and had to wait for more
 *	-- text 123           so many octets of text, dot-stuffing undone
 *	-- violation ...      the client broke a rule
 *	-- mismatch ...       the client left the dialogue
 *	-- end                the dialogue was replayed to its last line
 *	-- close
 *
 * A message that was accepted is N.msg, octet for octet as it was received save
 * dot-stuffing, and N.env, its MAIL and RCPT commands.  N.env comes first: who
 * sees N.msg sees all.  Without a directory nothing is kept, nor measured.
 *
 * Rules are read anew for each connection, a line each, the first that fits:
 *
 *	VERB[from-to] PATTERN ACTION
 *
 * VERB is GREETING, TLS (in place of a handshake), EHLO, HELO, STARTTLS, AUTH,
 * STEP, MAIL, RCPT, DATA, TEXT, DOT (also for the end of a BDAT), RSET, NOOP or
 * QUIT.  [n], [n-] or [n-m]
 * counts the verb within the connection, RCPT within the transaction, TEXT in
 * octets, STEP the replies within a login: who is told 235 there is in, after
 * 334 comes the next.  PATTERN is a glob for the address, the mechanism, the
 * EHLO name; for DATA, TEXT and DOT the sender.  Both may be left out.  ACTION
 * is:
 *
 *	550 5.1.1 text   this reply; "\n" parts its lines; 221 and 421 close
 *	close, reset     the connection ends, without close_notify
 *	hang             no word more
 *	flood [BYTES]    a reply without an end, or these over and over
 *	garbage          octets that are no reply
 *	raw BYTES        just these, with \r \n \t \\ \xHH
 *	inject BYTES     these in the same write behind the usual reply
 *	drip MS ACTION   one octet every so many milliseconds
 *	delay MS ACTION  later; no ACTION is the usual one
 *	until PATH ACTION   later, once there is such a file
 *	keep ACTION      at DOT: the message is stored all the same
 *	noise SEED       octets by chance, the same for each seed
 *	spoil SEED       the usual reply, but what is said from here on is spoilt
 *	                 by chance, and who is left to wait sees the connection end
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef T_SMARTHOST_H
#define T_SMARTHOST_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SETUP_LIST 32     /* users, lines of EHLO */
#define PEER_BUFFER 65536 /* octets of a line, or read at once */
#define PEER_RULES 256

/* What it was told to be. */
struct setup {
	const char *address, *port, *socket, *port_file;
	const char *directory, *transcript;
	const char *rules, *dialogue;
	bool is_implicit, has_starttls, has_auth_in_clear;
	const char *certificate, *key, *client_ca, *versions;
	const char *user[SETUP_LIST]; /* name:password */
	size_t users;
	const char *mechanisms;
	const char *iterations;
	const char *binding; /* taken for that of the connection, or NULL */
	const char *offer[SETUP_LIST];
	size_t offers;
	const char *hello; /* what a dialogue expects */
	int behind; /* ms that a client may betray in that it does not wait */
};

struct rule {
	char *verb, *pattern, *action;
	unsigned long from, to;
};

/* One connection. */
struct peer {
	const struct setup *setup;
	int fd;
	int transcript; /* -1: none */
	SSL *ssl;
	char in[PEER_BUFFER], out[PEER_BUFFER];
	size_t at, end, put;
	bool has_spoken;
	int drip;        /* ms an octet */
	uint64_t chance; /* the state of what spoils */
	bool is_spoilt;
	char *inject; /* behind the next reply */
	struct rule rule[PEER_RULES];
	size_t rules;
	unsigned long count[16]; /* of each verb */

	bool has_hello, has_pipelining, has_chunking, is_known;
	unsigned long steps; /* replies within a login */
	int scripted;        /* the code of the last, if the rules gave it */
	char *sender;        /* NULL: no transaction */
	unsigned long rcpts, accepted;
	char *envelope; /* MAIL and RCPT commands */
};

/*
 * smarthost-wire.c: lines in and out.  What was said is gathered and leaves in
 * one write when there is nothing more to answer.  None of these fails: at the
 * end of a connection the process ends.
 */
_Noreturn void peer_end(struct peer *, const char *why);
void peer_note(struct peer *, const char *mark, const char *text);
void peer_put(struct peer *, const void *, size_t);
void peer_reply(struct peer *, const char *reply);
void peer_flush(struct peer *);
void peer_wait(struct peer *); /* for input; there is some afterwards */
const char *peer_line(struct peer *);
bool peer_has_input(struct peer *);
void peer_alone(struct peer *, const char *verb, bool is_last);
void peer_tls(struct peer *);

/* smarthost-rules.c: what to do otherwise. */
void rules_read(struct peer *);
const char *rule_find(
    struct peer *, const char *verb, const char *arg, unsigned long count);

/* Act; the code of the reply that was given, 0: do as usual, -1: handled. */
int rule_act(struct peer *, const char *action);

/*
 * smarthost-spoil.c: chance, from a seed; to put octets by it, and to spoil what
 * was gathered.
 */
void spoil_begin(struct peer *, const char *seed);
void spoil_noise(struct peer *);
void spoil(struct peer *);

/* smarthost-auth.c: a login; its outcome is given as a reply, true: known. */
bool auth_talk(struct peer *, const char *mechanism, const char *initial);

/* smarthost-text.c: receive a text, up to its dot or of so many octets; keep it. */
FILE *text_receive(struct peer *, char **path);
FILE *text_receive_octets(struct peer *, char **path, unsigned long octets);
void text_keep(struct peer *, FILE *, char *path, bool is_wanted);

/* smarthost-talk.c, smarthost-replay.c: the two manners. */
_Noreturn void talk(struct peer *);
_Noreturn void replay(struct peer *);

#endif
