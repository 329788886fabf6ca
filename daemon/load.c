/* The generator of the data set, seen from the database: one connection, one transaction, the
 * statements of sql/install/load_*.sql; and the dice that every part throws. */
#include "daemon/load.h"

#include <string.h>

#include "daemon/load_set.h"
#include "lib/base/hash.h"
#include "lib/base/hex.h"
#include "lib/base/time.h"
#include "sql/embed.h"

static const char *
install_text(const char *name)
{
	char file[64];

	(void)snprintf(file, sizeof file, "load_%s", name);
	for (size_t i = 0; i < sql_install.count; i++)
		if (strcmp(sql_install.at[i].name, file) == 0)
			return sql_install.at[i].text;
	must_fail(__FILE__, __LINE__, "sql/install has no such file");
}

bool
load_fail(struct load *l, const char *why)
{
	(void)snprintf(l->why, LOAD_WHY, "%s", why);
	return false;
}

static bool
result_ok(struct load *l, PGresult *r, const char *name)
{
	ExecStatusType status = PQresultStatus(r);

	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
		return true;
	(void)snprintf(l->why, LOAD_WHY, "load %s: %s", name, PQresultErrorMessage(r));
	PQclear(r);
	return false;
}

PGresult *
load_ask(struct load *l, const char *name, int count, const char *const *params)
{
	PGresult *r = PQexecParams(l->conn, install_text(name), count, NULL, params, NULL, NULL, 0);

	return result_ok(l, r, name) ? r : NULL;
}

bool
load_call(struct load *l, const char *name, int count, const char *const *params)
{
	PGresult *r = load_ask(l, name, count, params);

	arena_reset(&l->scratch);
	PQclear(r);
	return r != NULL;
}

/* Several statements, without parameters. */
static bool
run(struct load *l, const char *name)
{
	PGresult *r = PQexec(l->conn, install_text(name));

	if (!result_ok(l, r, name))
		return false;
	PQclear(r);
	return true;
}

/* --- the dice --- */

uint32_t
load_below(struct load *l, uint32_t n)
{
	return stream_uniform(&l->stream.words, n);
}

int
load_between(struct load *l, int least, int most)
{
	return least + (int)load_below(l, (uint32_t)(most - least + 1));
}

void
load_id(struct load *l, const char *kind, char ret_id[LOAD_ID])
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
	size_t len = strlen(kind);

	memcpy(ret_id, kind, len);
	ret_id[len++] = '_';
	for (int i = 0; i < 26; i++)
		ret_id[len++] = alphabet[load_below(l, 32)];
	ret_id[len] = '\0';
}

void
load_bytes(struct load *l, uint8_t *ret_bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		ret_bytes[i] = (uint8_t)load_below(l, 256);
}

void
load_shuffle(struct load *l, int *items, int count)
{
	for (int i = count - 1; i > 0; i--) {
		int j = load_between(l, 0, i), kept = items[i];

		items[i] = items[j];
		items[j] = kept;
	}
}

int64_t
load_at(int32_t day, int hour, int minute)
{
	return day * UTC_DAY + ((hour - 8) * 60 + minute) * 60 * UTC_SECOND;
}

int64_t
load_hour(struct load *l, int32_t day)
{
	return load_at(day, 9, 0) + (int64_t)load_below(l, 8 * 3600 * 1000) * 1000;
}

const char *
load_time(struct load *l, int64_t us)
{
	char *text = arena_alloc(&l->scratch, TIME_TEXT);

	time_format((struct utc){us}, 3, text);
	return text;
}

/* --- what the market knows already --- */

static bool
days_read(struct load *l)
{
	PGresult *r = load_ask(l, "days", 2, (const char *const[]){"2021-01-01", "2021-12-31"});

	if (r == NULL)
		return false;
	l->days_count = PQntuples(r);
	l->days = arena_array(&l->arena, int32_t, (size_t)l->days_count + 1);
	for (int i = 0; i < l->days_count; i++) {
		uint64_t day;

		must(text_u64(text_of(PQgetvalue(r, i, 0)), INT32_MAX, &day));
		l->days[i] = (int32_t)day;
	}
	PQclear(r);
	return l->days_count > 240 || load_fail(l, "the calendar of 2021 is not loaded");
}

static const char *
kept(struct load *l, PGresult *r, int row, int column)
{
	return arena_str(
		&l->arena, PQgetvalue(r, row, column), (size_t)PQgetlength(r, row, column));
}

static bool
categories_read(struct load *l)
{
	PGresult *r = load_ask(l, "categories", 0, NULL);
	bool fits;

	if (r == NULL)
		return false;
	fits = PQntuples(r) == LOAD_CATEGORIES;
	for (int i = 0; fits && i < LOAD_CATEGORIES; i++) {
		l->category_codes[i] = kept(l, r, i, 0);
		l->category_names[i] = kept(l, r, i, 1);
	}
	PQclear(r);
	return fits || load_fail(l, "the catalogue has not the categories of data/");
}

static int
category_of(const struct load *l, const char *code)
{
	for (int i = 0; i < LOAD_CATEGORIES; i++)
		if (strcmp(l->category_codes[i], code) == 0)
			return i;
	must_fail(__FILE__, __LINE__, "an item names a category that is not there");
}

/* An item has a row for each qualification it asks for, and one when it asks for none. */
static bool
items_read(struct load *l)
{
	PGresult *r = load_ask(l, "items", 0, NULL);
	int count = 0, rows;

	if (r == NULL)
		return false;
	rows = PQntuples(r);
	l->needs = arena_array(&l->arena, struct load_need, (size_t)rows + 1);
	for (int i = 0; i < rows; i++) {
		int category = category_of(l, PQgetvalue(r, i, 2));
		uint64_t days;

		if (!PQgetisnull(r, i, 5))
			l->needs[l->needs_count++] =
				(struct load_need){category, kept(l, r, i, 5), kept(l, r, i, 6)};
		if (i > 0 && strcmp(PQgetvalue(r, i, 0), PQgetvalue(r, i - 1, 0)) == 0)
			continue;
		if (count < LOAD_ITEMS) {
			must(text_u64(text_of(PQgetvalue(r, i, 4)), 10000, &days));
			l->items[count] = (struct load_item){kept(l, r, i, 0), kept(l, r, i, 1),
				kept(l, r, i, 3), category, (int)days, load_between(l, 2, 16)};
		}
		count++;
	}
	PQclear(r);
	return count == LOAD_ITEMS || load_fail(l, "the catalogue has not the items of data/");
}

/* --- the run --- */

static bool
set_begin(struct load *l)
{
	char key[2 * VRF_KEY_LEN + 3] = "\\x";
	PGresult *r;
	bool empty;

	load_bytes(l, l->vrf_secret, VRF_SECRET_LEN);
	must(vrf_public(l->vrf_secret, l->vrf_key));
	hex_encode(l->vrf_key, VRF_KEY_LEN, key + 2);
	r = load_ask(
		l, "begin", 3, (const char *const[]){LOAD_SET, key, "2021-01-01T00:00:00+08:00"});
	if (r == NULL)
		return false;
	empty = strcmp(PQgetvalue(r, 0, 0), "t") == 0;
	PQclear(r);
	return empty ||
		load_fail(l, "the market is not empty; a data set is loaded into an empty one");
}

static bool
set_load(struct load *l)
{
	if (!run(l, "frame") || !days_read(l) || !categories_read(l) || !items_read(l) ||
		!set_begin(l) || !load_people(l))
		return false;
	load_plan(l);
	return load_choices(l) && run(l, "commit") && run(l, "vacuum");
}

bool
load_run(const char *conninfo, const char *set, FILE *progress, char ret_why[LOAD_WHY])
{
	static const char seed[] = "fairlot synthetic data set " LOAD_SET;
	struct hash h = hash_of(seed, sizeof seed - 1);
	struct arena arena;
	struct load *l;
	bool ok;

	arena_init(&arena, SIZE_MAX);
	l = arena_new(&arena, struct load);
	l->progress = progress;
	l->why = ret_why;
	if (strcmp(set, LOAD_SET) != 0)
		ok = load_fail(l, "the only data set is " LOAD_SET);
	else {
		arena_init(&l->arena, SIZE_MAX);
		arena_init(&l->scratch, SIZE_MAX);
		stream_init(&l->stream, &h, text_of("load"));
		l->conn = PQconnectdb(conninfo);
		ok = PQstatus(l->conn) == CONNECTION_OK ? set_load(l)
							: load_fail(l, PQerrorMessage(l->conn));
		PQfinish(l->conn);
		arena_reset(&l->scratch);
		arena_reset(&l->arena);
	}
	arena_reset(&arena);
	return ok;
}
