#include "daemon/admin.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

#include "daemon/random.h"
#include "lib/base/hash.h"
#include "lib/base/hex.h"
#include "lib/ident/key.h"
#include "sql/stmt.h"

/* One statement, as the migrator; its first row's `column`, or why not. */
static PGresult *
ask(PGconn *pg, enum sql_id id, const char *const *params)
{
	PGresult *r = PQprepare(pg, "", sql_table[id].text, 0, NULL);

	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		return r;
	PQclear(r);
	return PQexecPrepared(pg, "", sql_table[id].params_count, params, NULL, NULL, 0);
}

static bool
create(PGconn *pg, const struct operator_given *given)
{
	char key[KEY_LEN + 1], literal[2 + 2 * HASH_LEN + 1] = "\\x";
	const char *params[] = {
		given->name, given->credit_code, given->override, given->user, literal};
	uint8_t random[KEY_RANDOM_LEN];
	struct hash hash;
	PGresult *r;
	bool ok;

	do
		random_bytes(random, sizeof random);
	while (!key_of_random(random, key));
	hash = hash_of(key, KEY_LEN);
	hex_encode(hash.at, HASH_LEN, literal + 2);
	r = ask(pg, SQL_admin_operator, params);
	ok = PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1;
	if (ok)
		printf("organisation %s\nuser %s\nkey %s\n",
			PQgetvalue(r, 0, PQfnumber(r, "organisation")),
			PQgetvalue(r, 0, PQfnumber(r, "user")), key);
	else
		(void)fprintf(stderr, "fairlotd: %s\n",
			PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) == NULL
				? PQerrorMessage(pg)
				: PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY));
	PQclear(r);
	return ok;
}

bool
admin_create_operator(const char *conninfo, const struct operator_given *given)
{
	PGconn *pg = PQconnectdb(conninfo);
	bool ok = PQstatus(pg) == CONNECTION_OK;

	if (!ok)
		(void)fprintf(stderr, "fairlotd: %s", PQerrorMessage(pg));
	ok = ok && create(pg, given);
	PQfinish(pg);
	return ok;
}
