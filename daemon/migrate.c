/* Sets a database up and keeps it up to date.  Its SQL stands in sql/install and sql/role.sql;
 * the one place besides pgserver.c that talks to PostgreSQL in blocking calls. */
#include "daemon/migrate.h"

#include <libpq-fe.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/hash.h"
#include "lib/base/hex.h"
#include "sql/embed.h"

enum {
	TRIES_MAX = 8 /* as many daemons set up one empty database at the same moment */
};

struct migrate {
	PGconn *conn;
	char *why; /* MIGRATE_WHY */
	char sqlstate[6];
	char api_sha256[2 * HASH_LEN + 1];
	PGresult *applied; /* name, sha256 */
	bool api_stands;
};

static const char *
install_text(const char *name)
{
	for (size_t i = 0; i < sql_install.count; i++)
		if (strcmp(sql_install.at[i].name, name) == 0)
			return sql_install.at[i].text;
	must_fail(__FILE__, __LINE__, "sql/install has no such file");
}

/* Takes the result; keeps why and the SQLSTATE of a failure. */
static bool
result_ok(struct migrate *m, PGresult *r, const char *what)
{
	ExecStatusType status = PQresultStatus(r);
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);

	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
		return true;
	(void)snprintf(m->sqlstate, sizeof m->sqlstate, "%s", state == NULL ? "" : state);
	(void)snprintf(m->why, MIGRATE_WHY, "%s: %s", what, PQerrorMessage(m->conn));
	m->why[strcspn(m->why, "\n") == 0 ? 0 : strlen(m->why) - 1] = '\0';
	return false;
}

static bool
run_text(struct migrate *m, const char *what, const char *text)
{
	PGresult *r = PQexec(m->conn, text);
	bool ok = result_ok(m, r, what);

	PQclear(r);
	return ok;
}

static bool
run(struct migrate *m, const char *name)
{
	return run_text(m, name, install_text(name));
}

static bool
run_with(struct migrate *m, const char *name, int count, const char *const *params)
{
	PGresult *r = PQexecParams(m->conn, install_text(name), count, NULL, params, NULL, NULL, 0);
	bool ok = result_ok(m, r, name);

	PQclear(r);
	return ok;
}

/* The first value of the first row; "" without one. */
static bool
ask(struct migrate *m, const char *name, char *ret_value, size_t size)
{
	PGresult *r = PQexec(m->conn, install_text(name));
	bool ok = result_ok(m, r, name);

	if (ok)
		(void)snprintf(ret_value, size, "%s", PQntuples(r) > 0 ? PQgetvalue(r, 0, 0) : "");
	PQclear(r);
	return ok;
}

/* Of all that makes schema api: a change of any of it makes the schema anew. */
static void
api_hash(char ret_hex[2 * HASH_LEN + 1])
{
	struct arena arena;
	struct buf b;
	struct hash hash;

	arena_init(&arena, SIZE_MAX);
	buf_init(&b, &arena, 4096);
	for (size_t i = 0; i < sql_functions.count; i++)
		buf_printf(&b, "%s %s\n", sql_functions.at[i].name, sql_functions.at[i].sha256);
	buf_str(&b, sql_grants);
	hash = hash_of(b.at, b.len);
	hex_encode(hash.at, HASH_LEN, ret_hex);
	arena_reset(&arena);
}

static bool
migrate_open(struct migrate *m, const char *conninfo)
{
	char fits[8];

	m->conn = PQconnectdb(conninfo);
	if (PQstatus(m->conn) != CONNECTION_OK || PQsetClientEncoding(m->conn, "UTF8") != 0) {
		(void)snprintf(m->why, MIGRATE_WHY, "%s", PQerrorMessage(m->conn));
		return false;
	}
	api_hash(m->api_sha256);
	if (!ask(m, "encoding", fits, sizeof fits))
		return false;
	if (strcmp(fits, "t") != 0) {
		(void)snprintf(m->why, MIGRATE_WHY,
			"the database is not encoded in UTF8, or older than PostgreSQL 15");
		return false;
	}
	return true;
}

static void
migrate_close(struct migrate *m)
{
	PQclear(m->applied);
	PQfinish(m->conn);
}

/* --- what stands, what is missing --- */

static const char *
applied_sha256(const struct migrate *m, const char *name)
{
	for (int i = 0; m->applied != NULL && i < PQntuples(m->applied); i++)
		if (strcmp(PQgetvalue(m->applied, i, 0), name) == 0)
			return PQgetvalue(m->applied, i, 1);
	return NULL;
}

static bool
is_known(const char *name)
{
	for (size_t i = 0; i < sql_migrations.count; i++)
		if (strcmp(sql_migrations.at[i].name, name) == 0)
			return true;
	return false;
}

/* Reads what was applied and refuses a past that is not ours. */
static bool
past_read(struct migrate *m, const char *lock)
{
	char api[2 * HASH_LEN + 1];

	if (!ask(m, lock, api, sizeof api))
		return false;
	m->api_stands = strcmp(api, m->api_sha256) == 0;
	m->applied = PQexec(m->conn, install_text("applied"));
	if (!result_ok(m, m->applied, "applied"))
		return false;
	for (int i = 0; i < PQntuples(m->applied); i++)
		if (!is_known(PQgetvalue(m->applied, i, 0))) {
			(void)snprintf(m->why, MIGRATE_WHY,
				"the database has migration %s, which this program does not know: "
				"it belongs to a newer one",
				PQgetvalue(m->applied, i, 0));
			return false;
		}
	for (size_t i = 0; i < sql_migrations.count; i++) {
		const struct sql_file *f = &sql_migrations.at[i];
		const char *sha256 = applied_sha256(m, f->name);

		if (sha256 != NULL && strcmp(sha256, f->sha256) != 0) {
			(void)snprintf(m->why, MIGRATE_WHY,
				"migration %s was applied and has been edited since", f->name);
			return false;
		}
	}
	return true;
}

/* --- doing it --- */

/* The roles and the frame.  Daemons that find an empty database at the same moment run into one
 * another here; whoever loses finds everything made on its next try. */
static bool
frame_make(struct migrate *m)
{
	static const char *const races[] = {
		"23505", "42710", "42P06", "42P07", "XX000", "40001", "40P01"};

	for (int i = 0; i < TRIES_MAX; i++) {
		bool again = false;

		m->sqlstate[0] = '\0';
		if (run(m, "begin") && run_text(m, "role.sql", sql_role) && run(m, "owner") &&
			run(m, "frame") && run(m, "commit"))
			return true;
		PQclear(PQexec(m->conn, "ROLLBACK"));
		for (size_t r = 0; r < sizeof races / sizeof races[0]; r++)
			again = again || strcmp(m->sqlstate, races[r]) == 0;
		if (!again)
			return false;
	}
	return false;
}

static bool
migrations_apply(struct migrate *m, struct migrate_done *done)
{
	for (size_t i = 0; i < sql_migrations.count; i++) {
		const struct sql_file *f = &sql_migrations.at[i];

		if (applied_sha256(m, f->name) != NULL)
			continue;
		if (!run_text(m, f->name, f->text) ||
			!run_with(m, "record", 2, (const char *[]){f->name, f->sha256}))
			return false;
		done->migrations++;
	}
	return true;
}

static bool
api_load(struct migrate *m, struct migrate_done *done)
{
	if (m->api_stands && done->migrations == 0)
		return true;
	if (!run(m, "clear"))
		return false;
	for (size_t i = 0; i < sql_functions.count; i++)
		if (!run_text(m, sql_functions.at[i].name, sql_functions.at[i].text))
			return false;
	done->api = true;
	return run_text(m, "grants", sql_grants) &&
		run_with(m, "loaded", 1, (const char *[]){m->api_sha256});
}

bool
migrate_run(const char *conninfo, struct migrate_done *ret_done, char ret_why[MIGRATE_WHY])
{
	struct migrate m = {.why = ret_why};
	struct migrate_done done = {0, false};
	bool ok = migrate_open(&m, conninfo) && frame_make(&m) && run(&m, "begin") &&
		run(&m, "owner") && past_read(&m, "lock") && migrations_apply(&m, &done) &&
		api_load(&m, &done) && run(&m, "commit");

	migrate_close(&m); /* rolls back what was not committed */
	if (ok && ret_done != NULL)
		*ret_done = done;
	return ok;
}

bool
migrate_plan(const char *conninfo, FILE *out, char ret_why[MIGRATE_WHY])
{
	struct migrate m = {.why = ret_why};
	char framed[8] = "";
	bool ok = migrate_open(&m, conninfo) && run(&m, "begin") &&
		ask(&m, "framed", framed, sizeof framed),
	     any = false;

	if (ok && strcmp(framed, "t") == 0)
		ok = run(&m, "owner") && past_read(&m, "state");
	else if (ok)
		(void)fprintf(out, "make roles and the record of migrations\n");
	for (size_t i = 0; ok && i < sql_migrations.count; i++)
		if (applied_sha256(&m, sql_migrations.at[i].name) == NULL) {
			(void)fprintf(out, "apply %s\n", sql_migrations.at[i].name);
			any = true;
		}
	if (ok && (any || !m.api_stands))
		(void)fprintf(out, "make schema api anew\n");
	else if (ok)
		(void)fprintf(out, "nothing to do\n");
	migrate_close(&m);
	return ok;
}
