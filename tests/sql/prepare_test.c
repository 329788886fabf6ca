/* Every prepared statement against a fresh database, as the role that will run it; and the rights
 * of the daemon's roles. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sql/embed.h"
#include "tests/support/folder.h"
#include "tests/support/pg.h"
#include "tests/support/suite.h"

static int findings;

static const char *
type_name(struct pg *pg, Oid type)
{
	return pg_value(pg, "SELECT format_type(%u, NULL)", type);
}

/* The header's short names against PostgreSQL's long ones. */
static bool
is_type(struct pg *pg, const char *header, Oid type)
{
	return strcmp(pg_value(pg, "SELECT format_type('%s'::regtype, NULL)", header),
		       type_name(pg, type)) == 0;
}

static void
params_compare(struct pg *pg, const struct sql_stmt *s, const PGresult *r)
{
	for (int i = 0; i < s->params_count && i < PQnparams(r); i++)
		if (!is_type(pg, s->params[i].type, PQparamtype(r, i))) {
			printf("SQL_%s: parameter %s is %s, the header says %s\n", s->name,
				s->params[i].name, type_name(pg, PQparamtype(r, i)),
				s->params[i].type);
			findings++;
		}
}

static void
columns_compare(struct pg *pg, const struct sql_stmt *s, const PGresult *r)
{
	for (int i = 0; i < s->columns_count && i < PQnfields(r); i++)
		if (strcmp(s->columns[i].name, PQfname(r, i)) != 0 ||
			!is_type(pg, s->columns[i].type, PQftype(r, i))) {
			printf("SQL_%s: column %d is %s %s, the header says %s %s\n", s->name,
				i + 1, PQfname(r, i), type_name(pg, PQftype(r, i)),
				s->columns[i].name, s->columns[i].type);
			findings++;
		}
}

static void
stmt_check(struct pg *pg, const struct sql_stmt *s)
{
	PGconn *conn = s->kind == SQL_WRITES ? pg->writer : pg->reader;
	PGresult *r = PQprepare(conn, s->name, s->text, s->params_count, NULL);

	if (PQresultStatus(r) == PGRES_COMMAND_OK) {
		PQclear(r);
		r = PQdescribePrepared(conn, s->name);
	}
	if (PQresultStatus(r) != PGRES_COMMAND_OK) {
		printf("SQL_%s: %s", s->name, PQresultErrorMessage(r));
		findings++;
	} else if (PQnparams(r) != s->params_count || PQnfields(r) != s->columns_count) {
		printf("SQL_%s: %d parameters, %d columns; the header says %d, %d\n", s->name,
			PQnparams(r), PQnfields(r), s->params_count, s->columns_count);
		findings++;
	} else {
		params_compare(pg, s, r);
		columns_compare(pg, s, r);
	}
	PQclear(r);
}

START_TEST(every_statement_prepares_as_its_header_says)
{
	struct pg *pg = pg_new();

	findings = 0;
	for (int i = SQL_none + 1; i < SQL_COUNT; i++)
		stmt_check(pg, &sql_table[i]);
	pg_free(&pg);
	ck_assert_int_eq(findings, 0);
}
END_TEST

/* Rows of a query that must have none, one printed line each. */
static void
find_rows(struct pg *pg, const char *what, const char *query)
{
	struct pg_answer a = pg_ask(pg, pg->super, "%s", query);

	ck_assert_msg(a.code[0] == '\0', "%s", a.en);
	for (int i = 0; i < PQntuples(a.rows); i++) {
		printf("%s: %s\n", PQgetvalue(a.rows, i, 0), what);
		findings++;
	}
}

START_TEST(the_daemons_roles_have_no_right_on_any_table)
{
	struct pg *pg = pg_new();

	findings = 0;
	find_rows(pg, "a daemon's role has a right on it",
		"SELECT r.rolname || ' ' || c.oid::regclass FROM pg_class c,"
		" pg_namespace n, pg_roles r WHERE n.oid = c.relnamespace"
		" AND n.nspname IN ('market', 'api', 'install') AND c.relkind IN ('r', 'v', 'm', "
		"'p')"
		" AND r.rolname IN ('fairlot_writer', 'fairlot_reader') AND (has_table_privilege("
		"r.oid, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')"
		" OR has_any_column_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, "
		"REFERENCES'))");
	find_rows(pg, "a daemon's role may use or fill it",
		"SELECT r.rolname || ' ' || n.nspname FROM pg_namespace n, pg_roles r"
		" WHERE r.rolname IN ('fairlot_writer', 'fairlot_reader')"
		" AND n.nspname IN ('market', 'api', 'install', 'public')"
		" AND (has_schema_privilege(r.oid, n.oid, 'CREATE') OR (n.nspname IN"
		" ('market', 'install') AND has_schema_privilege(r.oid, n.oid, 'USAGE')))");
	find_rows(pg, "may be made here by a daemon's role",
		"SELECT r.rolname || ' temporary table or schema' FROM pg_roles r"
		" WHERE r.rolname IN ('fairlot_writer', 'fairlot_reader')"
		" AND has_database_privilege(r.oid, current_database(), 'CREATE, TEMPORARY')");
	ck_assert_int_eq(findings, 0);
	ck_assert_str_eq(
		pg_ask(pg, pg->writer, "SELECT * FROM market.person").code, "sqlstate 42501");
	ck_assert_str_eq(
		pg_ask(pg, pg->reader, "SELECT * FROM market.person").code, "sqlstate 42501");
	ck_assert_str_eq(
		pg_ask(pg, pg->writer, "INSERT INTO market.category VALUES ('a', 'b', 'c')").code,
		"sqlstate 42501");
	ck_assert_str_eq(pg_ask(pg, pg->writer, "SELECT api.new_id('x')").code, "sqlstate 42501");
	pg_free(&pg);
}
END_TEST

static void
door_check(struct pg *pg, const struct sql_door *door)
{
	const char *stands = pg_value(pg,
		"SELECT concat_ws(' ', count(*), bool_and(p.prosecdef),"
		" bool_and(p.proconfig = ARRAY['search_path=pg_catalog, pg_temp']),"
		" bool_and(pg_get_userbyid(p.proowner) = 'fairlot_owner'),"
		" bool_and(has_function_privilege('fairlot_writer', p.oid, 'EXECUTE')),"
		" bool_and(has_function_privilege('fairlot_reader', p.oid, 'EXECUTE') = %s))"
		" FROM pg_proc p WHERE p.pronamespace = 'api'::regnamespace AND p.proname = '%s'",
		door->reads ? "true" : "false", door->name);

	if (strcmp(stands, "1 t t t t t") != 0) {
		printf("api.%s: not one definer of fairlot_owner with a pinned path: %s\n",
			door->name, stands);
		findings++;
	}
	pg_run(pg, "INSERT INTO test.door VALUES ('%s', %s)", door->name,
		door->reads ? "true" : "false");
}

START_TEST(doors_are_definers_and_nothing_else_opens)
{
	struct pg *pg = pg_new();

	findings = 0;
	pg_run(pg, "CREATE TABLE test.door (name text, reads boolean)");
	for (size_t i = 0; i < sql_doors_count; i++)
		door_check(pg, &sql_doors[i]);
	find_rows(pg, "no statement names it, yet a daemon's role may execute it",
		"SELECT p.oid::regprocedure FROM pg_proc p, pg_roles r WHERE p.pronamespace ="
		" 'api'::regnamespace AND r.rolname IN ('fairlot_writer', 'fairlot_reader',"
		" 'fairlot_audit') AND has_function_privilege(r.oid, p.oid, 'EXECUTE')"
		" AND p.proname NOT IN (SELECT d.name FROM test.door d)");
	find_rows(pg, "runs as its owner and is no door",
		"SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace ="
		" 'api'::regnamespace AND p.prosecdef AND p.proname NOT IN (SELECT d.name FROM"
		" test.door d)");
	pg_free(&pg);
	ck_assert_int_eq(findings, 0);
}
END_TEST

START_TEST(sessions_have_their_limits)
{
	struct pg *pg = pg_new();

	ck_assert_str_eq(
		PQgetvalue(pg_ask(pg, pg->writer, "SHOW statement_timeout").rows, 0, 0), "2s");
	ck_assert_str_eq(
		PQgetvalue(pg_ask(pg, pg->writer, "SHOW lock_timeout").rows, 0, 0), "500ms");
	ck_assert_str_eq(
		PQgetvalue(pg_ask(pg, pg->writer, "SHOW search_path").rows, 0, 0), "pg_catalog");
	ck_assert_str_eq(
		PQgetvalue(pg_ask(pg, pg->writer, "SHOW enable_seqscan").rows, 0, 0), "off");
	ck_assert_str_eq(
		PQgetvalue(pg_ask(pg, pg->reader, "SHOW statement_timeout").rows, 0, 0), "2s");
	ck_assert_str_eq(
		PQgetvalue(pg_ask(pg, pg->reader, "SHOW transaction_read_only").rows, 0, 0), "on");
	pg_free(&pg);
}
END_TEST

/* Schema api is dropped with all that depends on it, so nothing of the tables may. */
START_TEST(no_table_depends_on_schema_api)
{
	struct pg *pg = pg_new();

	findings = 0;
	find_rows(pg, "would go with schema api",
		"SELECT DISTINCT pg_describe_object(d.classid, d.objid, d.objsubid) FROM pg_depend "
		"d,"
		" LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) o,"
		" LATERAL pg_identify_object(d.refclassid, d.refobjid, d.refobjsubid) r"
		" WHERE r.schema = 'api' AND o.schema = 'market'");
	pg_free(&pg);
	ck_assert_int_eq(findings, 0);
}
END_TEST

START_TEST(every_function_of_schema_api_is_valid)
{
	struct pg *pg = pg_new();
	char *check = folder_source("tests/sql/valid.sql");
	PGconn *conn = pg_connect(pg, "postgres");
	struct pg_answer a = pg_ask(pg, conn, "%s", check);

	free(check);
	PQfinish(conn);
	ck_assert_msg(a.code[0] == '\0', "%s", a.en);
	pg_free(&pg);
}
END_TEST

SUITE(prepare, every_statement_prepares_as_its_header_says,
	the_daemons_roles_have_no_right_on_any_table, doors_are_definers_and_nothing_else_opens,
	sessions_have_their_limits, no_table_depends_on_schema_api,
	every_function_of_schema_api_is_valid)
