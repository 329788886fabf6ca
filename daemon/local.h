#pragma once

#include <stdbool.h>

#include "daemon/task.h"
#include "lib/base/text.h"

/* Paths of the daemon's own, which are no operations: health, figures of the process, the
 * document of the interface, the page at "/". */
struct local;

/* NULL when this listener has no such path. */
const struct local *local_find(struct text path, bool admin);

step_fn local_begin;

/* The process takes requests: every loop has its database, and no drain has begun.  Set by start.c
 * from loop 0, read by all. */
bool local_is_ready(void);
void local_set_ready(bool ready);

/* The loops, for sums over their counters. */
void local_set_loops(struct loop *const *loops, unsigned count);
