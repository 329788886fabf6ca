#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "lib/base/text.h"
#include "proto/op.h"
#include "proto/problem.h"

struct json_object;
struct http;
struct local;
struct loop;
struct slot;
struct db_reply;

/* A request (or a job) that waits.  A step runs to its end without blocking and says what
 * happens next; task_run() is the only caller of steps, and only the loop calls it. */
enum turn {
	TURN_NEXT, /* run task->step again now */
	TURN_WAIT, /* something was submitted; a completion will resume the task */
	TURN_DONE  /* task->reply is final */
};

struct task;
typedef enum turn step_fn(struct task *);

/* Who calls: filled from the loop's cache or the database; empty for the public. */
struct principal {
	char key[48];  /* id of the API key, "" for the public */
	char user[48]; /* ids */
	char organisation[48];
	int roles; /* enum role */
};

/* What goes back.  body must live in the arena (or be static).  One contiguous write. */
struct reply {
	int status;
	const char *type; /* media type; NULL means application/json */
	struct text body;
	int64_t version;	 /* ETag, -1 when the resource has none */
	bool replayed;		 /* Idempotency-Replayed: true */
	bool cacheable;		 /* public: the client may keep it, and asks whether it changed */
	bool immutable;		 /* public, and never changes */
	unsigned allow;		 /* bits of enum method, for Allow; 0: none */
	struct text next_cursor; /* Link: rel="next" */
	struct text location;
	int retry_after_s; /* 0: none */
};

struct task {
	/* what came in; const for the steps */
	struct arena arena;
	const struct op *op; /* NULL for a job */
	struct route route;
	struct text target;	  /* path of the request, for Link and the request hash */
	struct text *query;	  /* op->query->count values, at NULL when absent */
	struct text body;	  /* raw bytes, checked by scan and shape */
	struct json_object *json; /* the parsed body or NULL; freed by the arena */
	struct principal who;
	struct text idem_key;	/* unquoted; at NULL when none */
	struct hash idem_hash;	/* of method, route, parameters, body */
	int64_t if_match;	/* -1: none given */
	struct text none_match; /* If-None-Match as given */
	enum lang lang;
	char request_id[36];
	struct text job_subject; /* for jobs */
	void *job;		 /* of job.c */

	/* what goes out */
	struct reply reply;

	/* of the operation: what must survive a wait */
	void *frame;
	struct db_reply *replies; /* newest first, one per db_send since the last wait */

	/* private to request.c and conn_http.c */
	const struct http *http;   /* the kept head */
	const struct local *local; /* a path of the daemon's own, instead of op */
	enum err refused;	   /* the head or the body was refused by the parser, or OK */
	const char *refused_zh, *refused_en; /* static */
	uint64_t address;		     /* of the client, for rate limits */
	struct text rate_header;	     /* RateLimit lines, at NULL when none */
	bool admin;			     /* came in on the admin listener */
	bool body_there, body_owed;	     /* read in full; the task waits for it */

	/* private to task.c, loop.c, db.c and conn.c */
	step_fn *step;
	struct loop *loop;
	struct slot *slot;	       /* where the answer goes; NULL once answered or gone */
	void (*answer)(struct task *); /* takes the final reply; called at most once */
	struct arena kept;	       /* of a stream: what was allocated before it began */
	int waits;		       /* completions still owed */
	int retries;		       /* of a statement that lost against a concurrent one */
	bool owed;		       /* a submit happened in the running step */
	bool replies_old;	       /* replies are of an earlier run; the next send drops them */
	bool writing;		       /* a write is under way: a time-out's outcome is unknown */
	bool writes_done;	       /* a write is confirmed: the arena limit no longer applies */
	uint64_t deadline_ms;
	TAILQ_ENTRY(task) ready;
	TAILQ_ENTRY(task) all;
};

/* A task of a loop, queued to run `step`.  The request's (or job's) fields are filled by the
 * caller before the loop's next turn. */
struct task *task_new(struct loop *loop, step_fn *step);

/* A job: no connection, no deadline; `subject` is copied. */
struct task *task_new_job(struct loop *loop, step_fn *step, struct text subject);

/* Only the loop calls these. */
void task_run(struct task *t);
void task_check_deadlines(struct loop *loop);

/* The ways a step ends. */
enum turn next(struct task *t, step_fn *step);
enum turn wait_for(struct task *t, step_fn *step);
enum turn reply_empty(struct task *t, int status);
enum turn reply_json(struct task *t, int status, struct text body);
enum turn reply_bytes(struct task *t, int status, const char *type, struct text body);
/* rule NULL: none.  Both texts are what the caller reads: no detail has one language only. */
enum turn
fail(struct task *t, enum err e, const char *rule, const char *detail_zh, const char *detail_en);

/* fail() with a JSON Pointer, as a refusal that SQL raised carries it. */
enum turn fail_at(struct task *t, enum err e, const char *rule, const char *pointer,
	const char *detail_zh, const char *detail_en);

/* fail() with all a problem can say; its language and request id are the caller's. */
enum turn fail_problem(struct task *t, const struct problem *p);

/* A submit function calls task_owe() before it submits; the completion calls task_resume()
 * exactly once, which only counts down and queues the task on its loop. */
void task_owe(struct task *t);
void task_resume(struct task *t);

/* The shared steps: send op's statement with parameters bound by name, then answer its row. */
step_fn op_sql;
step_fn op_reply; /* the row of the last db_send is the answer, or its refusal */
