#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "daemon/task.h"
#include "lib/base/must.h"
#include "sql/stmt.h"

/* What an operation starts with, from op.def. */
struct op_step {
	step_fn *step;
	enum sql_id stmt;
};
extern const struct op_step op_steps[OP_COUNT];

/* Finds for each parameter of each statement that op_sql sends where its value comes from, by
 * name: caller need idem hash if_match body, a path parameter, a query field.  False when nothing
 * provides a name: the start stops.  Once, before the loops run. */
MUST_USE bool bind_resolve(char *reterr, size_t reterr_size);

/* The parameters of a statement for this request, by name; they live in its arena.  What nobody
 * provides is null, for the step to set.  A job provides its subject. */
const char **bind_params(struct task *t, enum sql_id id);

/* Sets one by its name, which the statement must have; the value is not copied. */
void bind_set(const char **params, enum sql_id id, const char *name, const char *value);
void bind_bytes(
	struct task *t, const char **params, enum sql_id id, const char *name, struct text bytes);

/* Bytes as PostgreSQL reads and writes them in text format: "\\x" and hex. */
const char *bind_literal(struct task *t, struct text bytes);
struct text bind_read_bytes(struct task *t, int row, const char *column);

/* db_send(), or for a write to one object db_send_on(): writes to one object take one connection,
 * in their order, for on two they would only wait for each other's row lock. */
void bind_send(struct task *t, enum sql_id id, const char *const *params);
