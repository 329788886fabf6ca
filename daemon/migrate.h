#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "lib/base/must.h"

/* Brings a database to what this program carries (sql/embed.h): roles, migrations, schema api,
 * rights.  Everything but the roles happens in one transaction behind one locked row, so daemons
 * that start at once all succeed and a failure changes nothing.  Blocks; start-up only.
 *
 * The connection is a superuser's the first time; later fairlot_migrator is enough.  Refused are:
 * another encoding than UTF-8, an applied migration whose text changed, a database with a
 * migration that this program does not know. */
enum {
	MIGRATE_WHY = 1024
};

struct migrate_done {
	int migrations; /* applied now */
	bool api;	/* schema api was made anew */
};

/* ret_done may be NULL.  False: ret_why says why. */
MUST_USE bool
migrate_run(const char *conninfo, struct migrate_done *ret_done, char ret_why[MIGRATE_WHY]);

/* Prints what migrate_run() would do, a line each, and changes nothing. */
MUST_USE bool migrate_plan(const char *conninfo, FILE *out, char ret_why[MIGRATE_WHY]);
