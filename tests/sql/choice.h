#pragma once

#include "lib/base/sign.h"
#include "tests/support/pg.h"

/* A small market for tests of the choice: an owner, two operators, a regulator, six
 * agencies that are eligible for the item, the demo profile, the operator's draw key.  The clock
 * stands; tests move it. */
enum {
	CHOICE_AGENCIES = 6
};

struct choice {
	struct pg *pg;
	const char *owner, *reviewer, *reviewer2, *regulator; /* keys: what `caller` is bound to */
	const char *agency[CHOICE_AGENCIES];		      /* keys */
	const char *agency_id[CHOICE_AGENCIES];
	int calls; /* numbers the Idempotency-Keys */
};

struct choice *choice_new(void);
/* Also holds what the test left against tests/sql/invariant.sql. */
void choice_free(struct choice **w);

/* Calls a write with a new Idempotency-Key.  if_match -1: none; NULL for what is not sent. */
struct pg_answer choice_call(struct choice *w, enum sql_id id, const char *caller,
	const char *object, long long if_match, const char *body);
/* The same on another connection, in two halves: pg_receive() gives the answer. */
void choice_send(struct choice *w, PGconn *conn, enum sql_id id, const char *caller,
	const char *object, long long if_match, const char *body);

/* One more sentence than ck_assert: what was refused, and why. */
void choice_accepts(const struct pg_answer *a, int status);
void choice_refuses(const struct pg_answer *a, const char *code, const char *rule);

/* choice_call() and what must come of it. */
struct pg_answer choice_done(struct choice *w, int status, enum sql_id id, const char *caller,
	const char *object, long long if_match, const char *body);
struct pg_answer
choice_refused(struct choice *w, const char *code, const char *rule, enum sql_id id,
	const char *caller, const char *object, long long if_match, const char *body);

/* A JSON body of a valid draft; more: members that come last, so that they count ("" or
 * ",\"winners\":2"). */
const char *choice_body(struct choice *w, const char *mode, const char *more);
/* Drafts; answers the project's id. */
const char *choice_draft(struct choice *w, const char *mode, const char *more);
/* The owner's r of a project's draw, hex, and the commitment to it. */
const char *choice_r(struct choice *w, const char *project);
const char *choice_commitment(struct choice *w, const char *project);
/* Drafts, commits, submits; then publishes too. */
const char *choice_review(struct choice *w, const char *mode, const char *more);
const char *choice_open(struct choice *w, const char *mode, const char *more);

/* Enters one more eligible agency, by a number in its name; answers its key. */
const char *choice_agency(struct choice *w, int i);
struct pg_answer choice_signup(struct choice *w, const char *project, int agency);
/* Moves the clock to the deadline and runs the job of a pick or an auction. */
void choice_deadline(struct choice *w, const char *project);
/* Runs a job; whether it did something. */
bool choice_job(struct choice *w, enum sql_id job, const char *subject);

/* Freezes a draw with lib/draw and the operator's test key; then opens the owner's value.  Both
 * answer what the database said; the first also in two halves. */
void choice_freeze_send(struct choice *w, PGconn *conn, const char *draw);
struct pg_answer choice_freeze(struct choice *w, const char *draw);
struct pg_answer choice_contribute(struct choice *w, const char *draw, const char *caller);

/* Gives any contributor's value (hex), with the result when it is the last. */
struct pg_answer
choice_give(struct choice *w, const char *draw, int index, const char *caller, const char *hex);
/* Enters and announces witness-<n>; answers its key.  Then its proof about the latest freeze. */
const char *choice_witness(struct choice *w, int n);
/* The seed of the key that it cosigns with. */
void choice_cosigner(int n, uint8_t ret_seed[SIGN_SEED_LEN]);
const char *choice_proof(struct choice *w, const char *draw, int n);
/* witness-<n>, by its key, signs a void with the cosigning key of another one or its own. */
struct pg_answer
choice_void_sign(struct choice *w, const char *request, const char *key, int n, int signature);

long long choice_version(struct choice *w, const char *project);
const char *choice_state(struct choice *w, const char *project);
/* text in printf's form, living as long as the database. */
__attribute__((format(printf, 2, 3))) const char *
choice_text(struct choice *w, const char *fmt, ...);
