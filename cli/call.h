#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "cli/profile.h"
#include "lib/base/must.h"
#include "lib/base/text.h"
#include "proto/op.h"

struct arena;

/* One connection to one server, kept between calls; libcurl, HTTPS, no redirects. */
struct caller {
	void *curl;
	const struct target *target;
	bool quiet; /* says nothing while it tries again */
};

MUST_USE bool caller_open(struct caller *c, const struct target *t, const char **reterr);
void caller_close(struct caller *c);

struct call {
	enum method method;
	const char *path;	 /* with the query */
	struct text body;	 /* at NULL: none */
	const char *if_match;	 /* a version's digits, or NULL */
	const char *idempotency; /* the key, or NULL */
	bool repeatable;	 /* sending it twice is the same as once */
	FILE *sink;		 /* takes the body of a 2xx answer; NULL: memory */
	size_t limit;		 /* bytes of an answer; 0: FILE_SIZE_MAX */
	int time_s;		 /* of one try; 0: as long as bytes come */
};

enum outcome {
	OUTCOME_ANSWER, /* a whole answer, whatever its status */
	OUTCOME_UNSENT, /* nothing reached the server */
	OUTCOME_LOST,	/* it may have been carried out */
	OUTCOME_BROKEN	/* trying again cannot help: certificate, address, disk */
};

struct answer {
	enum outcome outcome;
	int status;
	struct text body;  /* in the arena of the call */
	char version[24];  /* of ETag "N"; empty without */
	int retry_after_s; /* -1 without */
	bool replayed;	   /* the stored answer of an earlier request with this key */
	char error[256];   /* without an answer */
};

/* Sends and, where that is safe, sends again with the same key. */
void
call_send(struct caller *c, const struct call *call, struct arena *a, struct answer *ret_answer);

enum {
	CALL_TRIES_MAX = 6,
	CALL_GET_S = 900 /* of one try of caller_get() */
};

/* Milliseconds to wait before try number `tries` + 1, or -1 to stop.  An answer that says the
 * request was not carried out may be followed by any request; where that is not known, only
 * by a repeatable one. */
int call_delay_ms(const struct answer *r, bool repeatable, int tries);

/* A GET that is answered by 200; else *reterr says what happened.  `caller` is a struct caller: the
 * source of a mirror (cli/mirror_pull.h). */
MUST_USE bool caller_get(void *caller, const char *path, struct arena *a, struct text *ret_body,
	const char **reterr);
/* The same of at most so many bytes. */
MUST_USE bool caller_get_most(struct caller *c, const char *path, size_t limit, struct arena *a,
	struct text *ret_body, const char **reterr);

/* A stable "code" of the problem document, or "". */
struct text answer_code(const struct answer *r, struct arena *a);

/* 128 random bits as hex: an Idempotency-Key. */
const char *call_new_key(struct arena *a);

/* Between two tries, or two looks at something that is not ready yet. */
void call_wait_ms(int ms);
