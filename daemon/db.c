/* Batches: sending, matching answers by order, and what a failure means to the caller.  An error
 * makes libpq skip everything up to the next Sync, so each batch has its own. */
#include "daemon/db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/config.h"
#include "daemon/db_pool.h"
#include "daemon/fault.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/task.h"

static void
result_clear(void *result)
{
	PQclear(result);
}

static void
batch_done(struct db_batch *b)
{
	struct task *t = b->task;

	t->writing = false;
	if (b->reply->err == OK && sql_table[b->id].kind == SQL_WRITES)
		t->writes_done = true;
	task_resume(t);
}

/* Takes the place of every answer that will not come any more. */
static void
batch_lose(struct db_batch *b)
{
	bool written =
		b->synced && sql_table[b->id].kind == SQL_WRITES && !fault_hit(FAULT_loss_hidden);

	counter_add(&b->task->loop->counters.batches_lost, 1);
	PQclear(b->result);
	b->result = NULL;
	b->reply->err = written ? E_UNCERTAIN : E_BUSY;
	b->reply->detail_zh = "与数据库的连接中断";
	b->reply->detail_en = "the database connection was lost";
	batch_done(b);
}

void
db_fail_all(struct db_conn *c)
{
	struct db_lane_pool *pool = &c->db->lanes[c->lane];
	struct db_batch *b;

	while ((b = TAILQ_FIRST(&c->sent)) != NULL) {
		TAILQ_REMOVE(&c->sent, b, sent);
		c->sent_count--;
		batch_lose(b);
	}
	while (pool->ready == 0 && (b = TAILQ_FIRST(&pool->waiting)) != NULL) {
		TAILQ_REMOVE(&pool->waiting, b, sent);
		batch_lose(b);
	}
}

/* Batches of requests and of jobs pass points of their own; looking for due jobs passes none. */
static bool
cut(const struct task *t, enum fault of_request, enum fault of_job)
{
	if (t->op != NULL)
		return fault_hit(of_request);
	return t->job != NULL && fault_hit(of_job);
}

static void
batch_send(struct db_conn *c, struct db_batch *b)
{
	const struct sql_stmt *s = &sql_table[b->id];
	const struct task *t = b->task;
	int sent;

	TAILQ_INSERT_TAIL(&c->sent, b, sent);
	c->sent_count++;
	b->task->writing = s->kind == SQL_WRITES;
	counter_add(&c->db->loop->counters.batches, 1);
	if (cut(t, FAULT_db_before_send, FAULT_job_before_send)) {
		db_lost(c, "fault");
		return;
	}
	sent = PQsendQueryPrepared(c->pg, s->name, s->params_count, b->params, NULL, NULL, 0);
	b->params = NULL;
	if (!sent) {
		db_lost(c, PQerrorMessage(c->pg));
		return;
	}
	b->synced = true;
	if (!PQpipelineSync(c->pg)) {
		db_lost(c, PQerrorMessage(c->pg));
		return;
	}
	db_flush(c);
	if (fault_hit(FAULT_exit))
		_exit(3);
	if (c->state == DB_READY && cut(t, FAULT_db_after_sync, FAULT_job_after_sync))
		db_lost(c, "fault");
}

static const char *const *
params_copy(struct arena *a, const char *const *params, int count)
{
	const char **copy = arena_array(a, const char *, (size_t)count + 1);

	for (int i = 0; i < count; i++)
		if (params[i] != NULL)
			copy[i] = arena_str(a, params[i], strlen(params[i]));
	return copy;
}

static void
submit(struct task *t, struct db_batch *b)
{
	struct db *db = t->loop->db; /* NULL at the very end of a drain */
	struct db_lane_pool *pool = db == NULL ? NULL : &db->lanes[db_lane_of(b->id)];
	struct db_conn *c = pool == NULL ? NULL : db_pick(pool, b->any, b->affinity);

	b->reply = arena_new(&t->arena, struct db_reply);
	if (t->replies_old)
		t->replies = NULL;
	t->replies_old = false;
	*b->reply = (struct db_reply){.older = t->replies,
		.id = b->id,
		.rule = "",
		.pointer = "",
		.detail_zh = "",
		.detail_en = ""};
	t->replies = b->reply;
	task_owe(t);
	if (c == NULL)
		batch_lose(b);
	else if (c->sent_count < (int)t->loop->config->db_batches)
		batch_send(c, b);
	else {
		b->params = params_copy(&t->arena, b->params, sql_table[b->id].params_count);
		TAILQ_INSERT_TAIL(&pool->waiting, b, sent);
	}
}

void
db_send(struct task *t, enum sql_id id, const char *const *params)
{
	struct db_batch *b = arena_new(&t->arena, struct db_batch);

	*b = (struct db_batch){.task = t, .params = params, .id = id, .any = true};
	submit(t, b);
}

void
db_send_on(struct task *t, enum sql_id id, const char *const *params, unsigned affinity)
{
	struct db_batch *b = arena_new(&t->arena, struct db_batch);

	*b = (struct db_batch){.task = t, .params = params, .id = id, .affinity = affinity};
	submit(t, b);
}

/* Places became free: the first that wait go out, in their order. */
void
db_refill(struct db_lane_pool *pool)
{
	struct db_batch *b;

	while ((b = TAILQ_FIRST(&pool->waiting)) != NULL) {
		struct db_conn *c = db_pick(pool, b->any, b->affinity);

		if (c == NULL || c->sent_count >= (int)c->db->loop->config->db_batches)
			return;
		TAILQ_REMOVE(&pool->waiting, b, sent);
		batch_send(c, b);
	}
}

static const char *
field(const PGresult *r, int code)
{
	const char *value = PQresultErrorField(r, code);

	return value == NULL ? "" : value;
}

/* What a SQLSTATE means to the caller.  Those that sql/fn raises are rows of err.def; the rest is
 * PostgreSQL's own (appendix A of its manual) and never shown. */
static enum err
err_of(const char *state, bool *ret_again)
{
	static const struct {
		const char *prefix;
		enum err err;
		bool again;
	} rows[] = {
		{"40001", E_BUSY, true},       /* serialization_failure */
		{"40P01", E_BUSY, true},       /* deadlock_detected */
		{"55P03", E_BUSY, false},      /* lock_timeout on a subject's row */
		{"57014", E_BUSY, false},      /* statement_timeout */
		{"25006", E_BUSY, false},      /* read only: a standby took over */
		{"53", E_BUSY, false},	       /* insufficient resources */
		{"23505", E_CONFLICT, false},  /* a race that a function did not map */
		{"22P02", E_BAD_INPUT, false}, /* a parameter's cast */
		{"22003", E_BAD_INPUT, false},
		{"22007", E_BAD_INPUT, false},
		{"22008", E_BAD_INPUT, false},
	};

	*ret_again = false;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strncmp(state, rows[i].prefix, strlen(rows[i].prefix)) == 0) {
			*ret_again = rows[i].again;
			return rows[i].err;
		}
	return err_of_sqlstate(state);
}

static void
refused(struct db_batch *b)
{
	struct db_reply *reply = b->reply;
	const char *state = field(b->result, PG_DIAG_SQLSTATE);

	reply->err = err_of(state, &reply->again);
	if (strncmp(state, "FL", 2) == 0) {
		reply->rule = field(b->result, PG_DIAG_MESSAGE_HINT);
		reply->pointer = field(b->result, PG_DIAG_COLUMN_NAME);
		reply->detail_zh = field(b->result, PG_DIAG_MESSAGE_DETAIL);
		reply->detail_en = field(b->result, PG_DIAG_MESSAGE_PRIMARY);
		return;
	}
	say(reply->err == E_INTERNAL ? SAY_ERROR : SAY_INFO, "db_error",
		say_str("request", b->task->request_id),
		say_str("statement", sql_table[b->id].name), say_str("sqlstate", state),
		say_str("constraint", field(b->result, PG_DIAG_CONSTRAINT_NAME)),
		say_str("message", field(b->result, PG_DIAG_MESSAGE_PRIMARY)),
		say_str("context", field(b->result, PG_DIAG_CONTEXT)));
}

/* The Sync is answered: the transaction's outcome is certain. */
static void
batch_confirm(struct db_conn *c)
{
	struct db_batch *b = TAILQ_FIRST(&c->sent);

	TAILQ_REMOVE(&c->sent, b, sent);
	c->sent_count--;
	if (b->result == NULL)
		b->reply->err = E_INTERNAL;
	else {
		arena_defer(&b->task->arena, result_clear, b->result);
		b->reply->result = b->result;
		if (PQresultStatus(b->result) != PGRES_TUPLES_OK)
			refused(b);
	}
	batch_done(b);
}

/* A session that ends itself, or an error that libpq made up for a lost connection. */
static bool
is_loss(const PGconn *pg, const PGresult *r)
{
	const char *state = field(r, PG_DIAG_SQLSTATE);

	return PQstatus(pg) == CONNECTION_BAD || state[0] == '\0' ||
		(strncmp(state, "57P", 3) == 0) || strncmp(state, "08", 2) == 0;
}

/* One result of the oldest batch.  An error beats rows that came before it: a transaction can
 * still fail at its commit.  False when the connection went. */
static bool
result_take(struct db_conn *c, PGresult *r)
{
	struct db_batch *b = TAILQ_FIRST(&c->sent);
	ExecStatusType status = PQresultStatus(r);

	if (status == PGRES_PIPELINE_SYNC) {
		PQclear(r);
		batch_confirm(c);
		return true;
	}
	if (status == PGRES_FATAL_ERROR && is_loss(c->pg, r)) {
		PQclear(r);
		db_lost(c, "the server ended the session");
		return false;
	}
	if (b->result == NULL ||
		(PQresultStatus(b->result) == PGRES_TUPLES_OK && status == PGRES_FATAL_ERROR)) {
		PQclear(b->result);
		b->result = r;
	} else
		PQclear(r);
	return true;
}

void
db_readable(struct db_conn *c)
{
	const struct db_batch *first = TAILQ_FIRST(&c->sent);

	if (first != NULL && cut(first->task, FAULT_db_before_result, FAULT_job_before_result)) {
		db_lost(c, "fault");
		return;
	}
	if (!PQconsumeInput(c->pg)) {
		db_lost(c, PQerrorMessage(c->pg));
		return;
	}
	if (c->state == DB_PREPARING && !db_preparing(c))
		return;
	while (c->state == DB_READY && !TAILQ_EMPTY(&c->sent) && !PQisBusy(c->pg)) {
		PGresult *r = PQgetResult(c->pg);

		if (r != NULL && !result_take(c, r))
			return;
	}
	if (c->state == DB_READY && PQstatus(c->pg) == CONNECTION_BAD)
		db_lost(c, PQerrorMessage(c->pg));
	db_refill(&c->db->lanes[c->lane]);
}

int
db_rows(const struct task *t)
{
	must(t->replies != NULL && t->replies->err == OK);
	return PQntuples(t->replies->result);
}

bool
db_has_column(const struct task *t, const char *column)
{
	must(t->replies != NULL && t->replies->err == OK);
	return PQfnumber(t->replies->result, column) >= 0;
}

struct text
db_value(const struct task *t, int row, const char *column)
{
	const PGresult *r = t->replies->result;
	int i = PQfnumber(r, column);

	must(t->replies->err == OK && i >= 0 && row < PQntuples(r));
	if (PQgetisnull(r, row, i))
		return (struct text){0};
	return text_span(PQgetvalue(r, row, i), (size_t)PQgetlength(r, row, i));
}

enum turn
fail_db(struct task *t)
{
	const struct db_reply *r = t->replies;

	must(r != NULL && r->err != OK);
	return fail_at(t, r->err, r->rule, r->pointer, r->detail_zh, r->detail_en);
}
