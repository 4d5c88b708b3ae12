/* SPDX-License-Identifier: ISC */
#include <time.h>

#include "sendmail/origin.h"
#include "sendmail/settle.h"

/* Have a claimed origin know of its report; that must not bring it forward. */
static int
finish(const struct bounce *b, struct item *origin, const struct item *report,
    struct fault *f)
{
	const off_t end = origin->journal.end;
	int rc;

	rc = bounce_finish(origin, report->id, f);
	if (rc == EX_OK && origin->journal.end != end)
		item_due(origin,
		    settle_next(
			b->courier->conf, origin->journal.attempts, time(NULL)),
		    f);
	return rc;
}

/* Tell the origin of a report, if it is in that queue; EX_NOINPUT: it is not. */
static int
tell(const struct bounce *b, const struct queue *queue,
    const struct item *report, struct fault *f)
{
	const char *id = report->env.report_of;
	struct item origin;
	struct fault one;
	enum folder i;
	int rc = EX_NOINPUT;

	for (i = 0; rc == EX_NOINPUT && i < QUEUE_FOLDERS; i++) {
		one = (struct fault){ 0 };
		rc = item_claim(queue, i, id, &origin, &one);
		if (rc == EX_OK)
			rc = finish(b, &origin, report, &one);
		item_free(&origin);
	}
	return rc == EX_OK ? EX_OK : fault_set(f, rc, "%s", one.text);
}

int
origin_tell(const struct bounce *b, const struct item *report, struct fault *f)
{
	const struct spool *spool = b->spool;
	struct queue queue;
	struct fault one = { 0 };
	size_t i;
	int rc = EX_NOINPUT;

	for (i = 0; rc == EX_NOINPUT && i < spool->count; i++) {
		one = (struct fault){ 0 };
		rc = queue_open(&queue, spool->path[i], false, &one);
		if (rc == EX_CANTCREAT)
			rc = EX_NOINPUT;
		if (rc != EX_OK)
			continue;
		rc = tell(b, &queue, report, &one);
		queue_close(&queue);
	}
	if (rc == EX_OK || rc == EX_NOINPUT || rc == EX_DATAERR)
		return EX_OK;
	return fault_set(f, rc, "%s", one.text);
}
