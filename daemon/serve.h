#pragma once

#include "daemon/start.h"

/* Runs the loops, one a thread, the first on this one, until SIGTERM or SIGINT has drained them.
 * Returns the exit status: 0, or 1 when a child died. */
int serve(struct server *s);
