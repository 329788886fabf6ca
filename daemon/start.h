#pragma once

#include <stdbool.h>

#include "daemon/db_pool.h"
#include "daemon/listen.h"
#include "lib/base/must.h"

struct config;
struct event;
struct loop;
struct pgserver;

enum {
	LOOPS_MAX = 64,
	CONNINFO_MAX = 8192,
	WHY_MAX = 1024
};

/* All that lives as long as the process.  Set up by start.c on the main thread, before any other
 * exists; run and taken down by serve.c. */
struct server {
	struct config *config;
	const char *const *args; /* as given: a reload reads them again */
	size_t args_count;
	const char *act_on; /* of a subcommand */

	struct pgserver *pg; /* NULL without --embedded */
	char writer[CONNINFO_MAX], reader[CONNINFO_MAX], migrator[CONNINFO_MAX];
	struct db_target *targets[LANE_COUNT];
	char cert[1100], key[1100]; /* paths */

	unsigned count;
	struct loop *loops[LOOPS_MAX];
	char names[CONN_KINDS][LISTEN_NAME]; /* addresses with the ports taken; "" none */
};

/* Everything up to open listeners, in the order that a failure leaves least behind: database,
 * migrations, reference data, signer, connections, sockets.  False: one clear sentence is on
 * standard error. */
MUST_USE bool start(struct server *s);

/* The database alone: for subcommands that need it (migrate, load, admin). */
MUST_USE bool start_database(struct server *s);

/* Migrations and reference data, once the database runs. */
MUST_USE bool start_migrations(struct server *s);
void start_undo_database(struct server *s);
