#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "daemon/task.h"
#include "lib/base/text.h"

/* Who calls, and how often.  One of these a loop: keys are remembered at most auth.cache (5 s),
 * so a revoked key may still read that long; a write checks its key again in its statement. */
struct auth;

struct auth *auth_new(void);
void auth_free(struct auth **auth);

enum auth_result {
	AUTH_KNOWN, /* t->who is filled (empty: the public) */
	AUTH_ASKED, /* a statement was sent; auth_answer() reads its reply */
	AUTH_BAD    /* no credential of ours */
};

/* By the value of Authorization; at NULL is the public. */
enum auth_result auth_ask(struct task *t, struct text authorization);

/* After the wait: OK and t->who is filled, or UNAUTHORIZED, or the database's failure. */
enum err auth_answer(struct task *t);

/* Takes one request from the caller's (or address's) bucket; false: too many.  Fills
 * t->rate_header either way. */
bool auth_rate(struct task *t);

/* Notes once in auth.note which keys were used since: a loop_watch() function. */
void auth_watch(struct loop *loop);
