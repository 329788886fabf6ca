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

SUITE(prepare, every_function_of_schema_api_is_valid, every_statement_prepares_as_its_header_says)
