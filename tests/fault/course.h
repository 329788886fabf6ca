#pragma once

#include "tests/api/life.h"

/* A project of each mode from its draft to its payment, as its people and its timers take it.
 * Where the timers are cut, the course goes on when their next attempt is due. */
enum mode {
	MODE_DRAW,
	MODE_PICK,
	MODE_AUCTION,
	MODE_COUNT
};

/* One project.  `job_point` is the point (fault.def) at which each timer is cut at its 1st, 2nd …
 * batch, NULL: none.  `disturb` is called when a timer became due, NULL: nothing is; what it took
 * from a timer is claimed again when the lease is over. */
struct course {
	struct scene *s;
	const char *project, *job_point;
	void (*disturb)(struct course *c);
	int job_cuts;
};

void course_run(struct course *c, enum mode mode);

/* What there is in the market more than at the last course_mark(), as text: entries by kind,
 * transfers by event and amount, orders and the rest by state.  Two courses of one mode that did
 * the same have the same text, whatever happened on their way. */
void course_mark(struct scene *s);
const char *course_done(struct scene *s);
