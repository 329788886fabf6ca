/* Each file becomes one statement whose parameter is its rows as a JSON array.  Nothing is sent
 * before every file has been read; then all statements go down one pipeline and end with one
 * Sync, which makes them one transaction. */
#include "daemon/reference.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/csv.h"
#include "lib/policy/policy.h"
#include "sql/stmt.h"

enum {
	FILE_MAX = 16 << 20, /* items.csv has 41 kB */
	SENDS_MAX = 16
};

/* In the order in which they name one another. */
static const struct file {
	const char *name;
	enum sql_id id;
	const char *header;
} files[] = {
	{"categories.csv", SQL_reference_categories, "code,name_zh,name_en"},
	{"qualifications.csv", SQL_reference_qualifications, "code,name_zh,name_en,grades"},
	{"items.csv", SQL_reference_items,
		"code,name_zh,name_en,category_code,legal_basis,approval_item,"
		"approval_department,service_mode,working_days,required_qualification"},
	{"regions.csv", SQL_reference_regions, "code,name_zh,name_en"},
	{"holidays.csv", SQL_reference_calendar, "date,kind,name_zh"},
};
enum {
	FILES = sizeof files / sizeof files[0]
};

static const char *const profiles[] = {"demo", "cn-default"};

struct load {
	PGconn *conn;
	struct arena arena;
	struct csv tables[FILES];
	const char *sent[SENDS_MAX]; /* names, in the order of the answers */
	int sent_count;
	int changed;
	char *why; /* REFERENCE_WHY */
};

static bool
bytes_read(struct load *l, const char *path, struct text *ret_bytes)
{
	FILE *f = fopen(path, "rb");
	char part[8192];
	struct buf b;
	size_t n;

	if (f == NULL) {
		(void)snprintf(l->why, REFERENCE_WHY, "%s: %s", path, strerror(errno));
		return false;
	}
	buf_init(&b, &l->arena, sizeof part);
	while ((n = fread(part, 1, sizeof part, f)) > 0 && b.len <= FILE_MAX)
		buf_add(&b, part, n);
	*ret_bytes = buf_text(&b);
	n = (size_t)ferror(f);
	(void)fclose(f);
	if (n == 0 && b.len <= FILE_MAX)
		return true;
	(void)snprintf(l->why, REFERENCE_WHY, "%s: %s", path,
		n != 0 ? "cannot be read" : "is larger than 16 MiB");
	return false;
}

static bool
header_fits(const struct csv *table, const char *header)
{
	struct text rest = text_of(header), name;
	size_t n = 0;

	for (; text_cut(&rest, ',', &name); n++)
		if (n == table->columns || !text_eq(csv_at(table, 0, n), name))
			return false;
	return n == table->columns;
}

static void
json_text(struct buf *b, struct text t)
{
	buf_char(b, '"');
	for (size_t i = 0; i < t.len; i++) {
		if (t.at[i] == '"' || t.at[i] == '\\')
			buf_printf(b, "\\%c", t.at[i]);
		else if ((unsigned char)t.at[i] < 0x20)
			buf_printf(b, "\\u%04x", t.at[i]);
		else
			buf_char(b, t.at[i]);
	}
	buf_char(b, '"');
}

static const char *
json_rows(struct load *l, const struct csv *table)
{
	struct buf b;

	buf_init(&b, &l->arena, 65536);
	buf_char(&b, '[');
	for (size_t row = 1; row < table->rows; row++) {
		buf_str(&b, row == 1 ? "{" : ",{");
		for (size_t column = 0; column < table->columns; column++) {
			buf_str(&b, column == 0 ? "" : ",");
			json_text(&b, csv_at(table, 0, column));
			buf_char(&b, ':');
			json_text(&b, csv_at(table, row, column));
		}
		buf_char(&b, '}');
	}
	buf_add(&b, "]", 2);
	return b.at;
}

static bool
file_take(struct load *l, const char *folder, size_t n)
{
	const struct file *f = &files[n];
	const char *why;
	struct text bytes;
	size_t line;

	if (!bytes_read(l, arena_printf(&l->arena, "%s/%s", folder, f->name), &bytes))
		return false;
	if (csv_parse(bytes, &l->arena, &l->tables[n], &line, &why) != OK) {
		(void)snprintf(l->why, REFERENCE_WHY, "%s:%zu: %s", f->name, line, why);
		return false;
	}
	if (!header_fits(&l->tables[n], f->header)) {
		(void)snprintf(
			l->why, REFERENCE_WHY, "%s:1: the header is not %s", f->name, f->header);
		return false;
	}
	return true;
}

static bool
stmt_send(struct load *l, const char *name, enum sql_id id, const char *const *params)
{
	const struct sql_stmt *s = &sql_table[id];

	must(l->sent_count < SENDS_MAX);
	l->sent[l->sent_count++] = name;
	return PQsendQueryParams(l->conn, s->text, s->params_count, NULL, params, NULL, NULL, 0) ==
		1;
}

static bool
profile_send(struct load *l, const char *name)
{
	struct policy p;
	struct text rules;

	if (!policy_profile(text_of(name), &p))
		must_fail(__FILE__, __LINE__, "lib/policy has no such profile");
	rules = policy_build(&p, &l->arena);
	return stmt_send(l, name, SQL_reference_policy,
		(const char *[]){name, arena_str(&l->arena, rules.at, rules.len)});
}

/* The server's answers are a few bytes each, so sending all before reading any cannot block. */
static bool
all_send(struct load *l)
{
	bool ok = PQenterPipelineMode(l->conn) == 1;

	for (size_t i = 0; i < FILES && ok; i++)
		ok = stmt_send(l, files[i].name, files[i].id,
			(const char *[]){json_rows(l, &l->tables[i])});
	for (size_t i = 0; i < sizeof profiles / sizeof profiles[0] && ok; i++)
		ok = profile_send(l, profiles[i]);
	ok = ok && stmt_send(l, "end", SQL_reference_end, NULL) && PQpipelineSync(l->conn) == 1;
	if (!ok)
		(void)snprintf(l->why, REFERENCE_WHY, "%s", PQerrorMessage(l->conn));
	return ok;
}

/* "items.csv:7: required_qualification: no such qualification": the database names row and column
 * as "/<row>/<column>", rows from 0 behind the header. */
static void
refusal_say(struct load *l, int n, const PGresult *r)
{
	const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	const char *place = PQresultErrorField(r, PG_DIAG_COLUMN_NAME);
	struct text rest = text_of(place == NULL ? "" : place), none, row;
	uint64_t index;

	text = text == NULL ? PQresultErrorMessage(r) : text;
	if (n < FILES && text_cut(&rest, '/', &none) && text_cut(&rest, '/', &row) &&
		text_u64(row, l->tables[n].rows, &index) && index + 1 < l->tables[n].rows)
		(void)snprintf(l->why, REFERENCE_WHY, "%s:%zu: " TEXT_FMT ": %s", l->sent[n],
			l->tables[n].line[index + 1], TEXT_ARG(rest), text);
	else
		(void)snprintf(l->why, REFERENCE_WHY, "%s: %s", l->sent[n], text);
}

/* The first failure speaks; what follows it in the pipeline was skipped. */
static bool
answers_take(struct load *l)
{
	bool ok = true, synced = false;
	int n = 0;

	while (!synced) {
		PGresult *r = PQgetResult(l->conn);

		if (r == NULL) {
			if (PQstatus(l->conn) != CONNECTION_OK) {
				(void)snprintf(
					l->why, REFERENCE_WHY, "%s", PQerrorMessage(l->conn));
				return false;
			}
			n++;
			continue;
		}
		switch (PQresultStatus(r)) {
		case PGRES_TUPLES_OK:
			l->changed += (int)strtoll(PQgetvalue(r, 0, 0), NULL, 10);
			break;
		case PGRES_PIPELINE_SYNC:
			synced = true;
			break;
		case PGRES_PIPELINE_ABORTED:
			break;
		default:
			if (ok)
				refusal_say(l, n, r);
			ok = false;
		}
		PQclear(r);
	}
	return ok;
}

bool
reference_load(PGconn *conn, const char *folder, int *ret_changed, char ret_why[REFERENCE_WHY])
{
	struct load l = {.conn = conn, .why = ret_why};
	bool ok = true;

	arena_init(&l.arena, SIZE_MAX);
	for (size_t i = 0; i < FILES && ok; i++)
		ok = file_take(&l, folder, i);
	if (ok && all_send(&l)) {
		ok = answers_take(&l);
		must(PQexitPipelineMode(conn) == 1 || !ok);
		if (ok)
			*ret_changed = l.changed;
	} else
		ok = false;
	arena_reset(&l.arena);
	return ok;
}
