#include "tests/support/pg.h"

#include <check.h>
#include <json-c/json.h>
#include <json-c/json_pointer.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/migrate.h"
#include "daemon/pgserver.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "lib/base/hex.h"
#include "lib/base/must.h"
#include "lib/base/text.h"
#include "tests/support/folder.h"
#include "tests/support/until.h"

enum {
	PARAMS_MAX = 64,
	WAIT_MS = 20000
};

static struct {
	struct pgserver *server;
	pid_t owner; /* the process that started it: a forked test must not stop it */
	char folder[64];
	int databases;
	bool has_template;
} cluster;

/* --- the cluster and its template --- */

static void
cluster_end(void)
{
	if (cluster.owner != getpid())
		return;
	pgserver_stop(&cluster.server);
	folder_remove(cluster.folder);
}

static void
cluster_begin(void)
{
	char why[PGSERVER_WHY], log[80];
	struct pgserver_options options = {.dir = cluster.folder,
		.log = log,
		.durable = getenv("FAIRLOT_DURABLE") != NULL,
		.tied = true};

	if (cluster.server != NULL)
		return;
	(void)snprintf(cluster.folder, sizeof cluster.folder, "/tmp/fairlot-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(cluster.folder));
	(void)snprintf(log, sizeof log, "%s/log", cluster.folder);
	cluster.owner = getpid();
	(void)atexit(cluster_end);
	if (!pgserver_start(&options, &cluster.server, why))
		ck_abort_msg("%s", why);
}

static void
conn_run(PGconn *conn, const char *sql)
{
	PGresult *r = PQexec(conn, sql);

	ck_assert_msg(PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK,
		"%s in: %s", PQresultErrorMessage(r), sql);
	PQclear(r);
}

static void
notice_drop(void *arg, const PGresult *r)
{
	(void)arg;
	(void)r;
}

static PGconn *
database_connect(const char *role, const char *database)
{
	char conninfo[PGSERVER_CONNINFO];
	PGconn *conn;

	pgserver_conninfo(cluster.server, role, database, conninfo);
	conn = PQconnectdb(conninfo);
	ck_assert_msg(PQstatus(conn) == CONNECTION_OK, "%s", PQerrorMessage(conn));
	(void)PQsetNoticeReceiver(conn, notice_drop, NULL);
	return conn;
}

static void
server_run(const char *sql)
{
	PGconn *conn = database_connect("postgres", "postgres");

	conn_run(conn, sql);
	PQfinish(conn);
}

/* The settable clock replaces api.now() after the functions are loaded, so a daemon that
 * migrates a clone finds schema api as it should be and leaves the clock alone. */
static void
template_make(void)
{
	char conninfo[PGSERVER_CONNINFO], why[MIGRATE_WHY];
	char *clock;
	PGconn *conn;

	if (cluster.has_template)
		return;
	server_run("DROP DATABASE IF EXISTS template_market WITH (FORCE)"); /* of a failed test */
	server_run("CREATE DATABASE template_market");
	pgserver_conninfo(cluster.server, "postgres", "template_market", conninfo);
	if (!migrate_run(conninfo, NULL, why))
		ck_abort_msg("%s", why);
	clock = folder_source("tests/sql/clock.sql");
	conn = database_connect("postgres", "template_market");
	conn_run(conn, clock);
	PQfinish(conn);
	free(clock);
	cluster.has_template = true;
}

/* --- databases --- */

static struct pg *
database_new(const char *template)
{
	struct pg *pg = calloc(1, sizeof *pg);
	char sql[128];

	must(pg != NULL);
	arena_init(&pg->arena, SIZE_MAX);
	(void)snprintf(pg->database, sizeof pg->database, "market_%d", ++cluster.databases);
	(void)snprintf(sql, sizeof sql, "CREATE DATABASE %s TEMPLATE %s", pg->database, template);
	server_run(sql);
	pg->super = database_connect("postgres", pg->database);
	return pg;
}

struct pg *
pg_new_empty(void)
{
	cluster_begin();
	return database_new("template0");
}

/* Settings of roles belong to a database by its name: a clone gets them by migrating, which finds
 * everything else done. */
static struct pg *
clone_of(const char *template)
{
	char why[MIGRATE_WHY];
	struct migrate_done done;
	struct pg *pg = database_new(template);

	if (!migrate_run(pg_conninfo(pg, "postgres"), &done, why))
		ck_abort_msg("%s", why);
	ck_assert(!done.api && done.migrations == 0);
	pg->writer = pg_connect(pg, "fairlot_writer");
	pg->reader = pg_connect(pg, "fairlot_reader");
	return pg;
}

struct pg *
pg_new(void)
{
	cluster_begin();
	template_make();
	return clone_of("template_market");
}

static void
connections_close(struct pg *pg)
{
	PQfinish(pg->super);
	PQfinish(pg->writer);
	PQfinish(pg->reader);
}

void
pg_free(struct pg **ret_pg)
{
	struct pg *pg = *ret_pg;
	char sql[128];

	if (pg == NULL)
		return;
	*ret_pg = NULL;
	connections_close(pg);
	(void)snprintf(sql, sizeof sql, "DROP DATABASE %s WITH (FORCE)", pg->database);
	server_run(sql);
	arena_reset(&pg->arena);
	free(pg);
}

static void
connections_open(struct pg *pg)
{
	pg->super = database_connect("postgres", pg->database);
	pg->writer = pg_connect(pg, "fairlot_writer");
	pg->reader = pg_connect(pg, "fairlot_reader");
}

struct pg *
pg_twin(struct pg *pg)
{
	struct pg *twin;

	connections_close(pg);
	twin = clone_of(pg->database);
	connections_open(pg);
	return twin;
}

void
pg_keep(struct pg *pg, const char *name)
{
	char sql[160];

	connections_close(pg);
	(void)snprintf(sql, sizeof sql, "CREATE DATABASE %s_%s TEMPLATE %s", pg->database, name,
		pg->database);
	server_run(sql);
	connections_open(pg);
}

void
pg_put_back(struct pg *pg, const char *name)
{
	char sql[160];

	connections_close(pg);
	(void)snprintf(sql, sizeof sql, "DROP DATABASE %s WITH (FORCE)", pg->database);
	server_run(sql);
	(void)snprintf(sql, sizeof sql, "ALTER DATABASE %s_%s RENAME TO %s", pg->database, name,
		pg->database);
	server_run(sql);
	connections_open(pg);
}

const char *
pg_conninfo(struct pg *pg, const char *role)
{
	char conninfo[PGSERVER_CONNINFO];

	pgserver_conninfo(cluster.server, role, pg->database, conninfo);
	return arena_str(&pg->arena, conninfo, strlen(conninfo));
}

PGconn *
pg_connect(struct pg *pg, const char *role)
{
	return database_connect(role, pg->database);
}

/* --- plain SQL --- */

__attribute__((format(printf, 2, 0))) static char *
formatted(struct pg *pg, const char *fmt, va_list ap)
{
	va_list again;
	char *sql;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, ap);
	must(len >= 0);
	sql = arena_alloc(&pg->arena, (size_t)len + 1);
	(void)vsnprintf(sql, (size_t)len + 1, fmt, again);
	va_end(again);
	return sql;
}

void
pg_run(struct pg *pg, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	conn_run(pg->super, formatted(pg, fmt, ap));
	va_end(ap);
}

static const char *
value_of(struct pg *pg, const char *sql)
{
	PGresult *r = PQexec(pg->super, sql);
	const char *value = "";

	ck_assert_msg(
		PQresultStatus(r) == PGRES_TUPLES_OK, "%s in: %s", PQresultErrorMessage(r), sql);
	if (PQntuples(r) > 0)
		value = arena_str(&pg->arena, PQgetvalue(r, 0, 0), (size_t)PQgetlength(r, 0, 0));
	PQclear(r);
	return value;
}

const char *
pg_value(struct pg *pg, const char *fmt, ...)
{
	const char *value;
	va_list ap;

	va_start(ap, fmt);
	value = value_of(pg, formatted(pg, fmt, ap));
	va_end(ap);
	return value;
}

int64_t
pg_number(struct pg *pg, const char *fmt, ...)
{
	const char *value;
	va_list ap;

	va_start(ap, fmt);
	value = value_of(pg, formatted(pg, fmt, ap));
	va_end(ap);
	return strtoll(value, NULL, 10);
}

void
pg_clock_set(struct pg *pg, const char *at)
{
	pg_run(pg, "UPDATE test.clock SET fixed = '%s'", at);
}

void
pg_clock_move(struct pg *pg, const char *by)
{
	pg_run(pg, "UPDATE test.clock SET fixed = fixed + '%s', shift = shift + '%s'", by, by);
}

void
pg_clock_run(struct pg *pg)
{
	pg_run(pg, "UPDATE test.clock SET fixed = NULL, shift = '0'");
}

const char *
pg_person(struct pg *pg, const char *kind, int roles)
{
	return pg_value(pg, "SELECT test.person('%s', %d)", kind, roles);
}

const char *
pg_org_of(struct pg *pg, const char *key)
{
	return pg_value(pg, "SELECT organisation_id FROM market.api_key WHERE id = '%s'", key);
}

const char *
pg_user_of(struct pg *pg, const char *key)
{
	return pg_value(pg, "SELECT user_id FROM market.api_key WHERE id = '%s'", key);
}

/* --- prepared statements --- */

static int
param_index(const struct sql_stmt *s, const char *name)
{
	for (int i = 0; i < s->params_count; i++)
		if (strcmp(s->params[i].name, name) == 0)
			return i;
	return -1;
}

/* SHA-256 over name and value of every parameter that is given, as a bytea literal. */
static const char *
hash_made(struct pg *pg, const struct sql_stmt *s, const char *const *values)
{
	struct hash hash;
	struct buf b;
	char hex[2 * HASH_LEN + 1];

	buf_init(&b, &pg->arena, 256);
	for (int i = 0; i < s->params_count; i++)
		if (values[i] != NULL)
			buf_printf(&b, "%s=%s\n", s->params[i].name, values[i]);
	hash = hash_of(b.at, b.len);
	hex_encode(hash.at, HASH_LEN, hex);
	return arena_printf(&pg->arena, "\\x%s", hex);
}

static void
send_with(struct pg *pg, PGconn *conn, enum sql_id id, va_list ap)
{
	const struct sql_stmt *s = &sql_table[id];
	const char *values[PARAMS_MAX] = {NULL};
	const char *name;
	int idem = param_index(s, "idem"), hash = param_index(s, "hash");

	ck_assert_int_le(s->params_count, PARAMS_MAX);
	while ((name = va_arg(ap, const char *)) != NULL) {
		int i = param_index(s, name);

		ck_assert_msg(i >= 0, "SQL_%s has no parameter %s", s->name, name);
		values[i] = va_arg(ap, const char *);
	}
	if (idem >= 0 && hash >= 0 && values[idem] != NULL && values[hash] == NULL)
		values[hash] = hash_made(pg, s, values);
	ck_assert_msg(
		PQsendQueryParams(conn, s->text, s->params_count, NULL, values, NULL, NULL, 0),
		"%s", PQerrorMessage(conn));
}

static void
result_clear(void *result)
{
	PQclear(result);
}

static const char *
column(const PGresult *r, const char *name)
{
	int i = PQfnumber(r, name);

	return i < 0 || PQntuples(r) == 0 ? "" : PQgetvalue(r, 0, i);
}

static const char *
refusal(const PGresult *r, int field)
{
	const char *text = PQresultErrorField(r, field);

	return text == NULL ? "" : text;
}

static const char *
code_of(struct pg *pg, const char *sqlstate)
{
	enum err e = err_of_sqlstate(sqlstate);

	if (e == E_INTERNAL)
		return arena_printf(&pg->arena, "sqlstate %s", sqlstate);
	return err_row(e)->code;
}

static struct pg_answer
answer_of(struct pg *pg, PGresult *r)
{
	struct pg_answer a = {.code = "",
		.rule = "",
		.pointer = "",
		.zh = "",
		.en = "",
		.body = "",
		.next = "",
		.rows = r};

	arena_defer(&pg->arena, result_clear, r);
	if (PQresultStatus(r) != PGRES_TUPLES_OK && PQresultStatus(r) != PGRES_COMMAND_OK) {
		a.code = code_of(pg, refusal(r, PG_DIAG_SQLSTATE));
		a.rule = refusal(r, PG_DIAG_MESSAGE_HINT);
		a.pointer = refusal(r, PG_DIAG_COLUMN_NAME);
		a.zh = refusal(r, PG_DIAG_MESSAGE_DETAIL);
		a.en = refusal(r, PG_DIAG_MESSAGE_PRIMARY);
		return a;
	}
	a.status = (int)strtoll(column(r, "status"), NULL, 10);
	a.version = strtoll(column(r, "version"), NULL, 10);
	a.replayed = strcmp(column(r, "replayed"), "t") == 0;
	a.body = column(r, "body");
	a.next = column(r, "next");
	return a;
}

static bool
has_result(void *conn)
{
	return PQconsumeInput(conn) == 0 || PQisBusy(conn) == 0;
}

struct pg_answer
pg_receive(struct pg *pg, PGconn *conn)
{
	PGresult *r, *more;

	ck_assert_msg(until(has_result, conn, WAIT_MS), "no answer within %d s", WAIT_MS / 1000);
	r = PQgetResult(conn);
	ck_assert_msg(r != NULL, "%s", PQerrorMessage(conn));
	/* Of several statements the last answers: it is where a failure ends them. */
	while ((more = PQgetResult(conn)) != NULL) {
		PQclear(r);
		r = more;
	}
	return answer_of(pg, r);
}

void
pg_send(struct pg *pg, PGconn *conn, enum sql_id id, ...)
{
	va_list ap;

	va_start(ap, id);
	send_with(pg, conn, id, ap);
	va_end(ap);
}

struct pg_answer
pg_call(struct pg *pg, PGconn *conn, enum sql_id id, ...)
{
	va_list ap;

	va_start(ap, id);
	send_with(pg, conn, id, ap);
	va_end(ap);
	return pg_receive(pg, conn);
}

void
pg_send_ask(struct pg *pg, PGconn *conn, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	ck_assert_msg(PQsendQuery(conn, formatted(pg, fmt, ap)), "%s", PQerrorMessage(conn));
	va_end(ap);
}

struct pg_answer
pg_ask(struct pg *pg, PGconn *conn, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	ck_assert_msg(PQsendQuery(conn, formatted(pg, fmt, ap)), "%s", PQerrorMessage(conn));
	va_end(ap);
	return pg_receive(pg, conn);
}

struct waiter {
	struct pg *pg;
	PGconn *conn;
	bool locked;
};

static bool
waits_or_ended(void *arg)
{
	struct waiter *w = arg;

	w->locked = pg_number(w->pg,
			    "SELECT count(*) FROM pg_stat_activity WHERE pid = %d"
			    " AND wait_event_type = 'Lock'",
			    PQbackendPID(w->conn)) == 1;
	return w->locked || has_result(w->conn);
}

bool
pg_waits(struct pg *pg, PGconn *conn)
{
	struct waiter w = {pg, conn, false};

	ck_assert_msg(until(waits_or_ended, &w, WAIT_MS), "it neither waits nor ends");
	return w.locked;
}

const char *
pg_member(struct pg *pg, const char *json, const char *pointer)
{
	struct json_object *whole = json_tokener_parse(json), *member = NULL;
	const char *text = "";

	ck_assert_msg(whole != NULL, "not JSON: %s", json);
	if (json_pointer_get(whole, pointer, &member) == 0 && member != NULL) {
		text = json_object_is_type(member, json_type_string)
			? json_object_get_string(member)
			: json_object_to_json_string_ext(member, JSON_C_TO_STRING_PLAIN);
		text = arena_str(&pg->arena, text, strlen(text));
	}
	json_object_put(whole);
	return text;
}
