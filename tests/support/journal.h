#pragma once

#include <stdint.h>

#include "tests/support/pg.h"

/* Entries of the journal in the database, about a subject. */
void journal_put(struct pg *pg, const char *subject, int count);

/* Waits until everything that waits is in a checkpoint; false when it does not come to that. */
bool journal_settles(struct pg *pg, int wait_ms);

/* Recomputes the journal from its entries and fails the running test unless indices have no gap,
 * every leaf is the hash of its entry, every stored tile is right, every checkpoint there is has
 * the root of that many entries and the signature of the log's key, and the lock file (its path;
 * NULL: none) says the same as the newest one. */
void journal_holds(struct pg *pg, const char *lock_file);
