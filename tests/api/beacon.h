#pragma once

#include "tests/api/scene.h"

/* The one round of drand's quicknet whose signature is known here (tests/vectors/draw.json), and
 * the checker of verify/, which knows what a signature of a round is. */

/* The daemon's flags with that checker, NULL-ended; more: further pairs, NULL: none.  NULL where
 * the checker's packages are not installed. */
const char *const *beacon_flags(const char *const *more);

/* Sets the clock so that a draw which is opened now, and frozen on time, waits for that round;
 * answers when the round comes (seconds since 1970). */
int64_t beacon_before(struct scene *s);
/* Sets it to that time. */
void beacon_comes(struct scene *s);

/* The body with the round's signature. */
const char *beacon_value(struct scene *s);
