#pragma once

#include "tests/verify/made.h"

/* Changes a transcript in one to three places; returns what was done, for a person to read.  Often
 * all that follows from the changed record is then made again, so that the change is met by the
 * check that is about it and not by the first hash over it. */
const char *change_make(struct arena *a, struct dice *d, struct made *m);
