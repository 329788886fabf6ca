#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "lib/base/must.h"

/* Fills an empty market with a generated data set.  The only set is "changde-2021": the figures
 * that Changde's platform published for 2021, as agencies, people, projects, real draws, bids,
 * orders and payments that add up to the fen.  Everything in it is marked synthetic.
 *
 * The same set always comes out, byte for byte in the journal, since every choice is drawn from
 * one fixed seed.  One transaction: a failure leaves the market empty.  Blocks; its own process,
 * with no daemon needed.  The connection may become fairlot_owner (fairlot_migrator may). */
enum {
	LOAD_WHY = 1024
};

/* progress may be NULL.  False: ret_why says why. */
MUST_USE bool
load_run(const char *conninfo, const char *set, FILE *progress, char ret_why[LOAD_WHY]);
