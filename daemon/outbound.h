#pragma once

#include <stdbool.h>

#include "lib/base/must.h"
#include "lib/base/text.h"

struct loop;
struct task;

/* The daemon's own requests to others: libcurl's multi interface on loop 0, so nothing waits for
 * them but the task that asked.  https, or http to this host; no redirects. */
enum {
	OUTBOUND_MS = 10000,	   /* for the whole of a request */
	OUTBOUND_BODY_MAX = 65536, /* of an answer; more is cut off as no answer */
	OUTBOUND_MAX = 32	   /* requests at work; more are not sent */
};

struct outbound_answer {
	int status; /* 0: none; `why` says what happened */
	struct text body;
	const char *why; /* static */
};

/* Before there are threads, on the thread of loop 0. */
void outbound_start(struct loop *loop);
/* What is under way is given up: its tasks go on, and what is asked later is not sent. */
void outbound_stop(void);
void outbound_end(void);

bool outbound_url_holds(struct text url);

/* For steps of loop 0; ret, url and body live in the task's arena; ret is filled before the task is
 * resumed. */
void outbound_post(
	struct task *t, const char *url, struct text body, struct outbound_answer *ret_answer);
