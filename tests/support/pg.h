#pragma once

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "sql/stmt.h"

/* A PostgreSQL for tests: one private cluster per test program (made at first use, gone at its
 * end), one database per test, cloned from a template that has roles, tables, functions and the
 * settable clock of tests/sql/clock.sql.  Anything unexpected fails the running test. */
struct pg {
	char database[32];
	PGconn *super;	/* may do everything: fixtures, looking into tables */
	PGconn *writer; /* the daemon's roles, with their settings */
	PGconn *reader;
	struct arena arena; /* holds answers until pg_free() */
};

struct pg *pg_new(void);
void pg_free(struct pg **pg);

/* For a daemon, or a further session.  Roles: postgres, fairlot_migrator, fairlot_writer,
 * fairlot_reader, fairlot_audit.  The caller closes the connection by PQfinish(). */
const char *pg_conninfo(struct pg *pg, const char *role);
PGconn *pg_connect(struct pg *pg, const char *role);

/* A backup under a name of up to 8 letters, and the return to it, once for each.  Nobody else may
 * be connected; what was read before stays valid. */
void pg_keep(struct pg *pg, const char *name);
void pg_put_back(struct pg *pg, const char *name);

/* A copy of it as it is now, to be used beside it. */
struct pg *pg_twin(struct pg *pg);

/* An empty database (no roles' settings, no tables) for tests of the set-up itself. */
struct pg *pg_new_empty(void);

/* --- plain SQL, as the superuser unless another connection is named --- */

__attribute__((format(printf, 2, 3))) void pg_run(struct pg *pg, const char *fmt, ...);
/* First column of the first row as text, "" for null or no row; lives as long as pg. */
__attribute__((format(printf, 2, 3))) const char *pg_value(struct pg *pg, const char *fmt, ...);
__attribute__((format(printf, 2, 3))) int64_t pg_number(struct pg *pg, const char *fmt, ...);

/* --- the clock --- */

void pg_clock_set(struct pg *pg, const char *at);  /* stands still at "2024-03-01T09:00:00+08" */
void pg_clock_move(struct pg *pg, const char *by); /* by an interval: "3 days", "-1 hour" */
void pg_clock_run(struct pg *pg);		   /* the real time again */

/* --- people --- */

/* An organisation of a kind ('owner', 'agency', …) with one person that has these roles (bits of
 * proto/op.h) and an API key; the id of the key, which is what `caller` is bound to. */
const char *pg_person(struct pg *pg, const char *kind, int roles);
const char *pg_org_of(struct pg *pg, const char *key);	/* id of the key's organisation */
const char *pg_user_of(struct pg *pg, const char *key); /* id of the key's person */

/* --- prepared statements by name --- */

/* What a statement answered.  code "" when it was not refused; else of err.def, "sqlstate XXXXX"
 * when PostgreSQL itself raised it.  All texts are "" when absent and live as long as pg. */
struct pg_answer {
	int status; /* 0 for reads, jobs without such a column, refusals */
	int64_t version;
	bool replayed;
	const char *body, *next;
	const char *code, *rule, *pointer, *zh, *en;
	PGresult *rows; /* every column; freed by pg_free() */
};

/* Pairs of parameter name and value (const char *, NULL is null), ended by NULL; what is not
 * named is null.  `hash` defaults to SHA-256 of all others where `idem` is given.
 *
 *	struct pg_answer a = pg_call(pg, pg->writer, SQL_offer_create, "caller", key,
 *		"need", "2", "idem", "k1", "body", "{…}", NULL);
 *	ck_assert_int_eq(a.status, 201);
 *	ck_assert_str_eq(pg_member(pg, a.body, "/state"), "listed"); */
struct pg_answer
pg_call(struct pg *pg, PGconn *conn, enum sql_id id, ...) __attribute__((sentinel));

/* The same in two halves, for races: the statement runs while the test goes on.  One at a time
 * per connection. */
void pg_send(struct pg *pg, PGconn *conn, enum sql_id id, ...) __attribute__((sentinel));
struct pg_answer pg_receive(struct pg *pg, PGconn *conn);

/* The same for a statement that is written in the test. */
__attribute__((format(printf, 3, 4))) struct pg_answer
pg_ask(struct pg *pg, PGconn *conn, const char *fmt, ...);
__attribute__((format(printf, 3, 4))) void
pg_send_ask(struct pg *pg, PGconn *conn, const char *fmt, ...);

/* Waits until the connection's session waits for a lock (true), or its statement ended. */
bool pg_waits(struct pg *pg, PGconn *conn);

/* A member of a JSON text by JSON Pointer, strings without quotes, others as JSON; "" if absent. */
const char *pg_member(struct pg *pg, const char *json, const char *pointer);
