/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mailq/memory.h"
#include "mailq/word.h"
#include "sendmail/log.h"

#define NAME "onehop"

static void
use_syslog(struct log *log)
{
	openlog(log->name, LOG_PID, LOG_MAIL);
	log->is_syslog = true;
}

void
log_open(struct log *log, const struct conf *conf, const char *name)
{
	const char *to = conf->log_to;

	*log = (struct log){ .fd = -1,
		.is_json = conf->log_is_json,
		.name = name == NULL ? NAME : name };
	if (to == NULL || strcmp(to, "syslog") == 0) {
		use_syslog(log);
	} else if (strcmp(to, "stderr") == 0) {
		log->fd = STDERR_FILENO;
	} else if (strcmp(to, "none") != 0) {
		/* A pipe without a reader must not hold up the mail. */
		log->fd = open(to,
		    O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_CLOEXEC |
			O_NONBLOCK,
		    0600);
		log->has_time = true;
		if (log->fd == -1) {
			log->trouble = errno;
			use_syslog(log);
		}
	}
}

static void
put_time(const struct log *log, FILE *out)
{
	char stamp[40];
	time_t now = time(NULL);
	struct tm tm;

	if (!log->has_time && !log->is_json)
		return;
	if (gmtime_r(&now, &tm) == NULL ||
	    strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return;
	fprintf(out, log->is_json ? "{\"time\": \"%s\"" : "%s ", stamp);
}

static void
put_name(const struct log *log, FILE *out)
{
	if (!log->is_syslog)
		fprintf(out, "%s[%ld]: ", log->name, (long)getpid());
}

static void
emit(const struct log *log, int priority, char *line, size_t size)
{
	ssize_t put;

	if (log->is_syslog) {
		syslog(priority, "%s", line);
	} else if (log->fd != -1) {
		line[size] = '\n';
		do
			put = write(log->fd, line, size + 1);
		while (put == -1 && errno == EINTR);
	}
}

static void
put_json(FILE *out, const char *key, const char *value)
{
	if (value == NULL || value[0] == '\0')
		return;
	fprintf(out, ", \"%s\": ", key);
	word_json(out, value);
}

static void
put_text(FILE *out, const char *format, const char *value)
{
	const char *at = strstr(format, "%s");

	if (value == NULL || value[0] == '\0')
		return;
	fwrite(format, 1, (size_t)(at - format), out);
	word_print(out, value);
	fputs(at + 2, out);
}

static void
fate_json(const struct log *log, FILE *out, const struct log_entry *entry)
{
	put_json(out, "name", log->name);
	put_json(out, "id", entry->id);
	fputs(", \"from\": ", out);
	word_json(out, entry->from);
	if (log->has_uid)
		fprintf(out, ", \"uid\": %ju", (uintmax_t)log->uid);
	put_json(out, "to", entry->to);
	put_json(out, "orig_to", entry->orig_to);
	put_json(out, "relay", entry->relay);
	put_json(out, "tls", entry->tls);
	put_json(out, "auth", entry->auth);
	put_json(out, "status", entry->status);
	put_json(out, "reply", entry->reply);
	fputc('}', out);
}

static void
fate_text(const struct log *log, FILE *out, const struct log_entry *entry)
{
	put_text(out, "%s: ", entry->id);
	fputs("from=<", out);
	word_print(out, entry->from);
	fputc('>', out);
	if (log->has_uid)
		fprintf(out, ", uid=%ju", (uintmax_t)log->uid);
	put_text(out, ", to=<%s>", entry->to);
	put_text(out, ", orig_to=<%s>", entry->orig_to);
	put_text(out, ", relay=%s", entry->relay);
	put_text(out, ", tls=%s", entry->tls);
	put_text(out, ", auth=%s", entry->auth);
	put_text(out, ", status=%s", entry->status);
	put_text(out, " (%s)", entry->reply);
}

void
log_fate(const struct log *log, const struct log_entry *entry)
{
	char *line = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&line, &size);
	struct fault unheard = { 0 };

	if (out == NULL)
		return;
	put_time(log, out);
	if (log->is_json) {
		fate_json(log, out, entry);
	} else {
		put_name(log, out);
		fate_text(log, out, entry);
	}
	if (memory_close(out, &line, &unheard) == EX_OK)
		emit(log, LOG_INFO, line, size);
	free(line);
}

void
log_say(const struct log *log, int priority, const char *text)
{
	char *line = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&line, &size);
	struct fault unheard = { 0 };

	if (out == NULL)
		return;
	put_time(log, out);
	if (log->is_json) {
		put_json(out, "name", log->name);
		put_json(out, "message", text);
		fputc('}', out);
	} else {
		put_name(log, out);
		word_print(out, text);
	}
	if (memory_close(out, &line, &unheard) == EX_OK)
		emit(log, priority, line, size);
	free(line);
}

void
log_trouble(
    const struct log *log, const char *id, const char *what, const char *why)
{
	char line[FAULT_TEXT + 512];

	snprintf(line, sizeof(line), "%.255s %s: %s", id, what, why);
	log_say(log, LOG_ERR, line);
}

void
log_close(struct log *log)
{
	if (log->is_syslog)
		closelog();
	if (log->fd != -1 && log->fd != STDERR_FILENO)
		close(log->fd);
	*log = (struct log){ .fd = -1, .name = NAME };
}
