#pragma once

#include <libpq-fe.h>
#include <stdbool.h>

#include "lib/base/must.h"

/* Brings the reference data into a market: categories, qualifications, items, regions and the
 * calendar from the CSV files of a folder (data/README.md), and the policy profiles of lib/policy.
 * All or nothing, in one transaction; loading the same again changes nothing.  Blocks; start-up
 * only.  The connection is fairlot_migrator's or a superuser's. */
enum {
	REFERENCE_WHY = 512
};

/* ret_changed: rows that are new or different.  False: ret_why names file, line and column. */
MUST_USE bool
reference_load(PGconn *conn, const char *folder, int *ret_changed, char ret_why[REFERENCE_WHY]);
