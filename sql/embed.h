#pragma once

#include <stdbool.h>
#include <stddef.h>

/* What the daemon carries to set a database up; sqlgen writes the tables from the files of sql/.
 * Everything here is constant and lives as long as the program. */
struct sql_file {
	const char *name; /* of the file, without ".sql" */
	const char *text;
	const char *sha256; /* of the file's bytes, lower-case hex */
};

/* A list in the order of the names. */
struct sql_files {
	const struct sql_file *at;
	size_t count;
};

extern const struct sql_files sql_migrations; /* migrate/: applied once each, in order */
extern const struct sql_files sql_functions;  /* fn/ and the generated 020_lists: schema api */
extern const struct sql_files sql_install;    /* install/: what daemon/migrate.c itself asks */
extern const char sql_role[];		      /* role.sql: run first, does only what is missing */
extern const char sql_grants[];		      /* the doors' rights; run after sql_functions */

/* A function of schema api that a prepared statement names: what a daemon role may execute. */
struct sql_door {
	const char *name; /* without "api." */
	bool reads;	  /* a statement of kind reads names it: the reader may execute it too */
};
extern const struct sql_door sql_doors[];
extern const size_t sql_doors_count;
