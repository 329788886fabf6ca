#include "daemon/admin.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/random.h"
#include "lib/base/hash.h"
#include "lib/base/hex.h"
#include "lib/ident/key.h"
#include "sql/stmt.h"

enum {
	DEMO_AGENCIES = 6,
	LITERAL_LEN = 2 + 2 * HASH_LEN
};

static void
complain(const char *why)
{
	(void)fprintf(stderr, "fairlotd: %.*s\n", (int)strcspn(why, "\n"), why);
}

/* One statement's rows, as the migrator; NULL after saying why not. */
static PGresult *
ask(PGconn *pg, enum sql_id id, const char *const *params)
{
	PGresult *r = PQprepare(pg, "", sql_table[id].text, 0, NULL);
	const char *why;

	if (PQresultStatus(r) == PGRES_COMMAND_OK) {
		PQclear(r);
		r = PQexecPrepared(pg, "", sql_table[id].params_count, params, NULL, NULL, 0);
	}
	if (PQresultStatus(r) == PGRES_TUPLES_OK)
		return r;
	why = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	complain(why == NULL ? PQerrorMessage(pg) : why);
	PQclear(r);
	return NULL;
}

/* A fresh secret, and the literal of its hash, which is all that the database gets. */
static void
secret_make(char ret_secret[KEY_LEN + 1], char ret_hash[LITERAL_LEN + 1])
{
	uint8_t random[KEY_RANDOM_LEN];
	struct hash hash;

	do
		random_bytes(random, sizeof random);
	while (!key_of_random(random, ret_secret));
	explicit_bzero(random, sizeof random);
	hash = hash_of(ret_secret, KEY_LEN);
	memcpy(ret_hash, "\\x", 2);
	hex_encode(hash.at, HASH_LEN, ret_hash + 2);
}

static bool
operator_create(PGconn *pg, const struct operator_given *given)
{
	char secret[KEY_LEN + 1], hash[LITERAL_LEN + 1];
	PGresult *r;

	secret_make(secret, hash);
	r = ask(pg, SQL_admin_operator,
		(const char *[]){
			given->name, given->credit_code, given->override, given->user, hash});
	if (r == NULL)
		return false;
	(void)printf("organisation %s\nuser %s\nkey %s\n",
		PQgetvalue(r, 0, PQfnumber(r, "organisation")),
		PQgetvalue(r, 0, PQfnumber(r, "user")), secret);
	PQclear(r);
	return true;
}

static PGconn *
connect_as(const char *conninfo)
{
	PGconn *pg = PQconnectdb(conninfo);

	if (PQstatus(pg) == CONNECTION_OK)
		return pg;
	complain(PQerrorMessage(pg));
	PQfinish(pg);
	return NULL;
}

bool
admin_create_operator(const char *conninfo, const struct operator_given *given)
{
	PGconn *pg = connect_as(conninfo);
	bool ok = pg != NULL && operator_create(pg, given);

	PQfinish(pg);
	return ok;
}

/* The members "role":"key" of people[0 … n-1]; false when one of them got no key. */
static bool
keys_print(PGconn *pg, const PGresult *people, FILE *out)
{
	for (int i = 0; i < PQntuples(people); i++) {
		char secret[KEY_LEN + 1], hash[LITERAL_LEN + 1];
		PGresult *key;

		secret_make(secret, hash);
		key = ask(pg, SQL_admin_key,
			(const char *[]){
				PQgetvalue(people, i, 1), "demo", PQgetvalue(people, i, 2), hash});
		if (key == NULL)
			return false;
		PQclear(key);
		(void)fprintf(out, "%s\"%s\":\"%s\"", i == 0 ? "" : ",", PQgetvalue(people, i, 0),
			secret);
		explicit_bzero(secret, sizeof secret);
	}
	return true;
}

static bool
keys_write(PGconn *pg, FILE *out, const char *base_url, const char *ca)
{
	char agencies[12];
	PGresult *people;
	bool ok;

	(void)snprintf(agencies, sizeof agencies, "%d", DEMO_AGENCIES);
	people = ask(pg, SQL_admin_demo_people, (const char *[]){agencies});
	if (people == NULL)
		return false;
	(void)fprintf(out, "{\"base_url\":\"%s\",\"ca\":\"%s\",\"keys\":{", base_url, ca);
	ok = keys_print(pg, people, out);
	(void)fprintf(out, "}}\n");
	PQclear(people);
	return fflush(out) == 0 && fsync(fileno(out)) == 0 && ok;
}

/* The file appears whole under its name, after the keys are in the database. */
bool
admin_demo_keys(const char *conninfo, const char *path, const char *base_url, const char *ca)
{
	char fresh[1100];
	PGconn *pg = connect_as(conninfo);
	FILE *out;
	int fd;
	bool ok;

	(void)snprintf(fresh, sizeof fresh, "%s.new", path);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	ok = pg != NULL && out != NULL && keys_write(pg, out, base_url, ca);
	if (out != NULL)
		ok = fclose(out) == 0 && ok;
	PQfinish(pg);
	if (ok && rename(fresh, path) == 0)
		return true;
	(void)unlink(fresh);
	complain("the keys of the demonstration were not written");
	return false;
}
