#include "tests/support/invariant.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/pg.h"

enum {
	TEXT_MAX = 65536
};

void
invariants_hold(struct pg *pg)
{
	char path[512], text[TEXT_MAX];
	size_t len;
	PGresult *r;
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/tests/sql/invariant.sql", getenv("FAIRLOT_SOURCE"));
	f = fopen(path, "rb");
	ck_assert_ptr_nonnull(f);
	len = fread(text, 1, sizeof text - 1, f);
	(void)fclose(f);
	text[len] = '\0';
	r = PQexec(pg->super, text);
	ck_assert_msg(PQresultStatus(r) == PGRES_TUPLES_OK, "%s", PQresultErrorMessage(r));
	for (int i = 0; i < PQntuples(r); i++)
		printf("violated: %s (%s)\n", PQgetvalue(r, i, 0), PQgetvalue(r, i, 1));
	ck_assert_int_eq(PQntuples(r), 0);
	PQclear(r);
}
