#pragma once

#include "tests/api/life.h"
#include "tests/api/witness.h"

/* A project of each kind, as its people and its timers take it: of each mode from its draft to its
 * payment, and draws in which others speak or object, as far as they differ from that.  Where the
 * timers are cut, the course goes on when their next attempt is due. */
enum mode {
	MODE_DRAW,
	MODE_PICK,
	MODE_AUCTION,
	MODE_WITNESS, /* keys announced, checkpoints cosigned, a value, keys retired: L2 */
	MODE_STALL,   /* one of two witnesses is silent; void, signature, the next attempt */
	MODE_BEACON,  /* a round of drand speaks last: L3 */
	MODE_COEF,    /* the price is drawn after the order */
	MODE_OBJECT,  /* amended; the first winner disqualified, objected to the second */
	MODE_COUNT
};

/* One project.  `job_point` is the point (fault.def) at which each timer is cut at its 1st, 2nd …
 * batch, NULL: none.  `disturb` is called when a timer became due, NULL: nothing is; what it took
 * from a timer is claimed again when the lease is over. */
struct course {
	struct scene *s;
	const char *project, *draw, *job_point;
	struct witness w[SCENE_WITNESSES]; /* who takes part */
	void (*disturb)(struct course *c);
	int job_cuts;
	bool expected; /* the next timer's first cut is armed */
};

/* A market whose daemon keeps the journal and can check drand rounds, where the packages of verify/
 * are installed; and its flags. */
struct scene *course_scene(void);
const char *const *course_flags(struct scene *s);

/* MODE_BEACON needs those packages. */
bool course_can(enum mode mode);
const char *course_name(enum mode mode);
void course_run(struct course *c, enum mode mode);
/* The same in two halves: until its list is closed, and from there on.  Of the modes before
 * MODE_WITNESS the first half has nothing. */
void course_begin(struct course *c, enum mode mode);
void course_end(struct course *c, enum mode mode);

/* What there is in the market more than at the last course_mark(), as text: entries by kind,
 * transfers by event and amount, orders and the rest by state.  Two courses of one mode that did
 * the same have the same text, whatever happened on their way. */
void course_mark(struct scene *s);
const char *course_done(struct scene *s);

/* --- for the courses themselves --- */

/* Opens a draw of three agencies, with life_open()'s price and more; it is in no course's way but
 * MODE_DRAW's, which is hurt there. */
void course_open(struct course *c, const char *price, const char *more);
/* Waits for what a timer does: this value of a query's.  The next one is due after the request that
 * follows: it can be cut from its first batch on. */
void course_await(struct course *c, const char *want, const char *sql);
void course_expect(struct course *c);
/* Moves the clock to a time that the project names, and waits for the state that follows. */
void course_pass(struct course *c, const char *member, const char *state);

typedef void course_runs(struct course *c);
course_runs witness_begin, witness_end, stall_begin, stall_end, beacon_begin, beacon_end,
	coefficient_begin, coefficient_end, object_begin, object_end;
