/* The shared steps of operations whose whole work is one statement, and where the statement's
 * parameters come from. */
#include "daemon/bind.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/cache.h"
#include "daemon/db.h"
#include "lib/base/hex.h"
#include "proto/http_field.h"

enum {
	RETRIES_MAX = 3, /* of a transaction that lost against another */
	PARAMS_MAX = 32
};

enum source {
	FROM_NOBODY = -1,
	FROM_CALLER,
	FROM_NEED,
	FROM_IDEM,
	FROM_HASH,
	FROM_IF_MATCH,
	FROM_BODY,
	FROM_SUBJECT,
	FROM_PATH,			       /* plus the index in route.args */
	FROM_QUERY = FROM_PATH + PATH_ARGS_MAX /* plus the index in the query's shape */
};

static struct {
	int sources[PARAMS_MAX];
	const char *location; /* "/v1/projects/" of a created object that can be read, or NULL */
} bound[OP_COUNT];

/* The place of {name} among the parameters of a path, or -1. */
static int
path_find(const char *path, const char *name)
{
	size_t len = strlen(name);
	int n = 0;

	for (; (path = strchr(path, '{')) != NULL; path++, n++)
		if (strncmp(path + 1, name, len) == 0 && path[len + 1] == '}')
			return n;
	return -1;
}

static int
source_of(const struct op *op, const char *name)
{
	static const char *const names[] = {"caller", "need", "idem", "hash", "if_match", "body"};
	int i;

	for (i = 0; i < (int)(sizeof names / sizeof names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return i;
	if ((i = path_find(op->path, name)) >= 0)
		return FROM_PATH + i;
	if ((i = shape_find(op->query, text_of(name))) >= 0)
		return FROM_QUERY + i;
	return FROM_NOBODY;
}

/* POST …/projects makes what GET /v1/projects/{id} reads. */
static const char *
location_of(const struct op *op)
{
	const char *last = strrchr(op->path, '/');

	for (int i = 0; i < OP_COUNT && op->status == 201; i++) {
		const char *path = op_table[i].path;
		size_t len = strlen(last);

		if (op_table[i].method == GET && strncmp(path, "/v1", 3) == 0 &&
			strncmp(path + 3, last, len) == 0 && strcmp(path + 3 + len, "/{id}") == 0)
			return path;
	}
	return NULL;
}

bool
bind_resolve(char *reterr, size_t reterr_size)
{
	for (int i = 0; i < OP_COUNT; i++) {
		const struct sql_stmt *s = &sql_table[op_steps[i].stmt];

		bound[i].location = location_of(&op_table[i]);
		must(s->params_count <= PARAMS_MAX);
		for (int p = 0; p < s->params_count; p++) {
			bound[i].sources[p] = source_of(&op_table[i], s->params[p].name);
			if (bound[i].sources[p] == FROM_NOBODY && op_steps[i].step == op_sql) {
				(void)snprintf(reterr, reterr_size,
					"statement %s: nothing of %s gives parameter %s", s->name,
					op_table[i].name, s->params[p].name);
				return false;
			}
		}
	}
	return true;
}

static const char *
str_or_null(struct task *t, struct text value)
{
	return value.at == NULL ? NULL : arena_str(&t->arena, value.at, value.len);
}

const char *
bind_literal(struct task *t, struct text bytes)
{
	char *hex = arena_alloc(&t->arena, 2 + 2 * bytes.len + 1);

	hex[0] = '\\';
	hex[1] = 'x';
	hex_encode((const uint8_t *)bytes.at, bytes.len, hex + 2);
	return hex;
}

struct text
bind_read_bytes(struct task *t, int row, const char *column)
{
	struct text value = db_value(t, row, column);
	uint8_t *bytes;
	size_t len;

	if (!text_starts(value, "\\x"))
		return (struct text){0};
	len = (value.len - 2) / 2;
	bytes = arena_alloc(&t->arena, len + 1);
	must(hex_decode(text_span(value.at + 2, value.len - 2), bytes, len));
	return text_span((const char *)bytes, len);
}

static const char *
value_of(struct task *t, int source)
{
	switch (source) {
	case FROM_CALLER:
		return t->who.key[0] == '\0' ? NULL : t->who.key;
	case FROM_NEED:
		return arena_printf(&t->arena, "%d", t->op->roles);
	case FROM_IDEM:
		return str_or_null(t, t->idem_key);
	case FROM_HASH:
		return bind_literal(t, text_span((const char *)t->idem_hash.at, HASH_LEN));
	case FROM_IF_MATCH:
		return t->if_match < 0 ? NULL : arena_printf(&t->arena, "%" PRId64, t->if_match);
	case FROM_BODY:
		return t->body.len == 0 ? NULL : str_or_null(t, t->body);
	case FROM_SUBJECT:
		return str_or_null(t, t->job_subject);
	case FROM_NOBODY:
		return NULL;
	default:
		return source < FROM_QUERY ? str_or_null(t, t->route.args[source - FROM_PATH])
					   : str_or_null(t, t->query[source - FROM_QUERY]);
	}
}

static int
source_for(const struct task *t, enum sql_id id, int param)
{
	const char *name = sql_table[id].params[param].name;

	if (t->op == NULL)
		return strcmp(name, "subject") == 0 ? FROM_SUBJECT : FROM_NOBODY;
	return op_steps[t->op - op_table].stmt == id ? bound[t->op - op_table].sources[param]
						     : source_of(t->op, name);
}

const char **
bind_params(struct task *t, enum sql_id id)
{
	int count = sql_table[id].params_count;
	const char **params = arena_array(&t->arena, const char *, (size_t)count + 1);

	for (int i = 0; i < count; i++)
		params[i] = value_of(t, source_for(t, id, i));
	return params;
}

void
bind_set(const char **params, enum sql_id id, const char *name, const char *value)
{
	for (int i = 0; i < sql_table[id].params_count; i++)
		if (strcmp(sql_table[id].params[i].name, name) == 0) {
			params[i] = value;
			return;
		}
	must_fail(__FILE__, __LINE__, name);
}

void
bind_bytes(struct task *t, const char **params, enum sql_id id, const char *name, struct text bytes)
{
	bind_set(params, id, name, bind_literal(t, bytes));
}

/* FNV-1a spreads well enough over some connections. */
static unsigned
affinity_of(struct text id)
{
	unsigned h = 2166136261U;

	for (size_t i = 0; i < id.len; i++)
		h = (h ^ (unsigned char)id.at[i]) * 16777619U;
	return h;
}

void
bind_send(struct task *t, enum sql_id id, const char *const *params)
{
	if (sql_table[id].kind == SQL_WRITES && t->route.args_count > 0)
		db_send_on(t, id, params, affinity_of(t->route.args[0]));
	else
		db_send(t, id, params);
}

enum turn
op_sql(struct task *t)
{
	enum sql_id id = op_steps[t->op - op_table].stmt;

	bind_send(t, id, bind_params(t, id));
	return wait_for(t, op_reply);
}

/* The id of an answer, which is its first member. */
static struct text
id_of(struct text body)
{
	static const char name[] = "\"id\"";
	size_t i = 0;
	const char *end;

	while (i < body.len && strchr("{ \n", body.at[i]) != NULL)
		i++;
	if (body.len - i < strlen(name) || memcmp(body.at + i, name, strlen(name)) != 0)
		return (struct text){0};
	for (i += strlen(name); i < body.len && strchr(" :", body.at[i]) != NULL;)
		i++;
	if (i >= body.len || body.at[i] != '"')
		return (struct text){0};
	i++;
	end = memchr(body.at + i, '"', body.len - i);
	return end == NULL ? (struct text){0} : text_span(body.at + i, (size_t)(end - body.at) - i);
}

static int64_t
number(struct task *t, const char *column, int64_t absent)
{
	struct text value = db_has_column(t, column) ? db_value(t, 0, column) : (struct text){0};
	uint64_t n;

	return value.at != NULL && text_u64(value, INT64_MAX, &n) ? (int64_t)n : absent;
}

static void
locate(struct task *t)
{
	const char *path = bound[t->op - op_table].location;
	struct text id;

	if (t->reply.status != 201 || path == NULL)
		return;
	id = id_of(t->reply.body);
	if (id.at != NULL)
		t->reply.location = text_of(arena_printf(
			&t->arena, "%.*s" TEXT_FMT, (int)strcspn(path, "{"), path, TEXT_ARG(id)));
}

enum turn
op_reply(struct task *t)
{
	struct reply *r = &t->reply;

	if (t->replies->err != OK) {
		if (!t->replies->again || t->retries++ >= RETRIES_MAX)
			return fail_db(t);
		t->frame = NULL;
		return next(t, op_steps[t->op - op_table].step);
	}
	if (db_rows(t) == 0 || db_value(t, 0, "body").at == NULL)
		return fail(t, E_NOT_FOUND, NULL, "没有可供查看的内容", "nothing is stored here");
	r->version = number(t, "version", -1);
	if (db_has_column(t, "replayed"))
		r->replayed = text_is(db_value(t, 0, "replayed"), "t");
	if (db_has_column(t, "next"))
		r->next_cursor = db_value(t, 0, "next");
	(void)reply_json(t, (int)number(t, "status", t->op->status), db_value(t, 0, "body"));
	if (t->op->flags & OP_CACHED)
		cache_put(t);
	if (t->op->flags & OP_READ && r->version >= 0 && t->none_match.at != NULL &&
		field_none_match(t->none_match, r->version)) {
		r->cacheable = t->op->roles == ROLE_PUBLIC;
		return reply_empty(t, 304);
	}
	locate(t);
	return TURN_DONE;
}
