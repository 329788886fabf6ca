#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"
#include "lib/base/text.h"
#include "sql/stmt.h"

struct loop;
struct task;

/* One batch = one request = one transaction = one Sync.  Every send leads to one completion:
 * rows, a refusal, a time-out or a loss, delivered through task_resume(), never from inside the
 * send.  After the wait, t->replies holds the answer of each send, newest first. */
struct db_reply {
	struct db_reply *older;
	enum sql_id id;
	enum err err; /* OK: result holds the rows */
	bool again;   /* lost against a concurrent transaction: the same send may succeed */
	void *result; /* PGresult, owned by the task's arena */
	/* of a refusal raised by sql/fn; "" when absent */
	const char *rule, *pointer, *detail_zh, *detail_en;
};

/* Sends one prepared statement; params in text format, NULL is SQL null, at[count of the
 * statement].  Pointers need to live until the next return only.  `affinity` of db_send_on picks
 * the connection (hash of the subject: writes to one auction go to one connection). */
void db_send(struct task *t, enum sql_id id, const char *const *params);
void db_send_on(struct task *t, enum sql_id id, const char *const *params, unsigned affinity);

/* Of the newest reply: rows, and a value by column name; at NULL when SQL null. */
int db_rows(const struct task *t);
struct text db_value(const struct task *t, int row, const char *column);
bool db_has_column(const struct task *t, const char *column);

/* Ends a step with the newest reply's failure (must be one). */
#include "daemon/task.h"
enum turn fail_db(struct task *t);
