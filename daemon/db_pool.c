/* The life of a connection: down, connecting, preparing, ready, down.  All on the loop's thread.
 * libpq may change its socket between two polls, so the event on it is made anew each time, and
 * freed before PQconnectPoll() could close the descriptor under it. */
#include "daemon/db_pool.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config.h"
#include "daemon/log.h"
#include "daemon/loop.h"

static void dial(struct db_conn *c);

enum db_lane
db_lane_of(enum sql_id id)
{
	const struct sql_stmt *s = &sql_table[id];

	if (s->lane == SQL_LONG)
		return LANE_LONG;
	return s->kind == SQL_READS ? LANE_READER : LANE_WRITER;
}

static const char *
lane_name(enum db_lane lane)
{
	static const char *const names[] = {"writer", "reader", "long"};

	return names[lane];
}

struct db_conn *
db_pick(struct db_lane_pool *pool, bool any, unsigned affinity)
{
	struct db_conn *best = NULL;

	for (size_t i = 0; i < pool->count; i++) {
		struct db_conn *c = &pool->conns[(affinity + i) % pool->count];

		if (c->state != DB_READY)
			continue;
		if (!any)
			return c;
		if (best == NULL || c->sent_count < best->sent_count)
			best = c;
	}
	return best;
}

static void
event_drop(struct event **e)
{
	if (*e != NULL)
		event_free(*e);
	*e = NULL;
}

static void
timer_set(struct db_conn *c, int64_t ms)
{
	struct timeval in = {ms / 1000, ms % 1000 * 1000};

	must(event_add(c->timer, &in) == 0);
}

static void
ready_count(struct db_conn *c, int change)
{
	struct db_lane_pool *pool = &c->db->lanes[c->lane];
	struct counters *k = &c->db->loop->counters;
	bool before = pool->ready > 0;

	pool->ready = pool->ready + (size_t)change;
	counter_add(&k->db_ready, change);
	if (before != (pool->ready > 0))
		counter_add(&k->db_lanes, change);
}

/* A batch whose Sync went out may have committed with only the confirmation lost; one whose Sync
 * never left cannot have.  db_fail_all() tells them apart. */
void
db_lost(struct db_conn *c, const char *why)
{
	const struct config *config = c->db->loop->config;
	const struct db_target *target = c->db->lanes[c->lane].target;
	int64_t pause = config->db_retry_least_ms;

	/* A server that is down is told at the 1st, 2nd, 4th, 8th … attempt. */
	say(c->db->closing || (c->failures & (c->failures - 1)) != 0 ? SAY_DEBUG : SAY_WARN,
		"db_lost", say_str("lane", lane_name(c->lane)),
		say_str("host", db_target_name(target, c->host)), say_int("batches", c->sent_count),
		say_str("why", why));
	if (c->state == DB_READY)
		ready_count(c, -1);
	else
		c->failures++;
	c->state = DB_DOWN;
	event_drop(&c->io);
	event_drop(&c->out);
	db_fail_all(c);
	if (c->pg != NULL)
		PQfinish(c->pg);
	c->pg = NULL;
	if (c->failures > 0)
		c->host = (c->host + 1) % db_target_hosts(target);
	for (size_t i = db_target_hosts(target); i < c->failures; i++)
		pause = pause * 2 < config->db_retry_most_ms ? pause * 2 : config->db_retry_most_ms;
	timer_set(c, c->failures < db_target_hosts(target) ? 1 : pause);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct db_conn *c = arg;

	(void)fd;
	(void)what;
	if (c->state == DB_DOWN)
		dial(c);
	else
		db_lost(c, "no connection in time");
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	db_readable(arg);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct db_conn *c = arg;

	(void)fd;
	(void)what;
	db_flush(c);
}

/* Sends what libpq holds; what the socket does not take waits for it to become writable. */
void
db_flush(struct db_conn *c)
{
	int left = PQflush(c->pg);

	if (left < 0) {
		db_lost(c, PQerrorMessage(c->pg));
		return;
	}
	if (left == 0) {
		event_drop(&c->out);
		return;
	}
	if (c->out == NULL) {
		c->out = event_new(
			c->db->loop->base, PQsocket(c->pg), EV_WRITE | EV_PERSIST, on_writable, c);
		must(c->out != NULL && event_add(c->out, NULL) == 0);
	}
}

/* One batch prepares every statement of the lane. */
static bool
prepare_send(PGconn *pg, enum db_lane lane)
{
	for (int id = 1; id < SQL_COUNT; id++)
		if (db_lane_of((enum sql_id)id) == lane &&
			!PQsendPrepare(pg, sql_table[id].name, sql_table[id].text, 0, NULL))
			return false;
	return PQpipelineSync(pg) == 1;
}

static void
connected(struct db_conn *c)
{
	event_drop(&c->io);
	c->io = event_new(c->db->loop->base, PQsocket(c->pg), EV_READ | EV_PERSIST, on_readable, c);
	must(c->io != NULL && event_add(c->io, NULL) == 0);
	c->state = DB_PREPARING;
	if (PQsetnonblocking(c->pg, 1) != 0 || !PQenterPipelineMode(c->pg) ||
		!prepare_send(c->pg, c->lane)) {
		db_lost(c, PQerrorMessage(c->pg));
		return;
	}
	db_flush(c);
}

static void
on_poll(evutil_socket_t fd, short what, void *arg)
{
	struct db_conn *c = arg;
	PostgresPollingStatusType polled;

	(void)fd;
	(void)what;
	event_drop(&c->io);
	polled = PQconnectPoll(c->pg);
	if (polled == PGRES_POLLING_OK) {
		connected(c);
		return;
	}
	if (polled == PGRES_POLLING_FAILED) {
		db_lost(c, PQerrorMessage(c->pg));
		return;
	}
	c->io = event_new(c->db->loop->base, PQsocket(c->pg),
		polled == PGRES_POLLING_READING ? EV_READ : EV_WRITE, on_poll, c);
	must(c->io != NULL && event_add(c->io, NULL) == 0);
}

static void
dial(struct db_conn *c)
{
	const struct db_target *target = c->db->lanes[c->lane].target;

	c->state = DB_CONNECTING;
	timer_set(c, c->db->loop->config->db_connect_ms);
	c->pg = PQconnectStartParams(
		db_target_keys(target, c->host), db_target_values(target, c->host), 0);
	must(c->pg != NULL);
	if (PQstatus(c->pg) == CONNECTION_BAD) {
		db_lost(c, PQerrorMessage(c->pg));
		return;
	}
	c->io = event_new(c->db->loop->base, PQsocket(c->pg), EV_WRITE, on_poll, c);
	must(c->io != NULL && event_add(c->io, NULL) == 0);
}

/* The answer to the statements' preparation is read in full. */
static bool
prepared(struct db_conn *c, PGresult *r)
{
	bool done = PQresultStatus(r) == PGRES_PIPELINE_SYNC;

	if (PQresultStatus(r) == PGRES_FATAL_ERROR) {
		say(SAY_ERROR, "db_prepare", say_str("lane", lane_name(c->lane)),
			say_str("why", PQresultErrorMessage(r)));
		PQclear(r);
		db_lost(c, "a statement does not fit the schema");
		return false;
	}
	PQclear(r);
	if (!done)
		return true;
	(void)event_del(c->timer);
	c->state = DB_READY;
	c->failures = 0;
	ready_count(c, 1);
	counter_add(&c->db->loop->counters.db_opened, 1);
	return true;
}

/* Reads the answers to prepare_send(); false when the connection went. */
bool
db_preparing(struct db_conn *c)
{
	while (c->state == DB_PREPARING && !PQisBusy(c->pg)) {
		PGresult *r = PQgetResult(c->pg);

		if (r != NULL && !prepared(c, r))
			return false;
	}
	return c->state != DB_DOWN;
}

struct db *
db_open(struct loop *loop, const struct db_target *const targets[LANE_COUNT],
	const size_t counts[LANE_COUNT])
{
	struct db *db = calloc(1, sizeof *db);

	must(db != NULL);
	db->loop = loop;
	for (int lane = 0; lane < LANE_COUNT; lane++) {
		struct db_lane_pool *pool = &db->lanes[lane];

		pool->target = targets[lane];
		pool->count = counts[lane];
		pool->conns = calloc(pool->count, sizeof *pool->conns);
		must(pool->conns != NULL);
		TAILQ_INIT(&pool->waiting);
		for (size_t i = 0; i < pool->count; i++) {
			struct db_conn *c = &pool->conns[i];

			c->db = db;
			c->lane = (enum db_lane)lane;
			TAILQ_INIT(&c->sent);
			c->timer = evtimer_new(loop->base, on_timer, c);
			must(c->timer != NULL);
			dial(c);
		}
	}
	return db;
}

void
db_close(struct db **db)
{
	struct db *old = *db;

	*db = NULL;
	if (old == NULL)
		return;
	old->closing = true;
	for (int lane = 0; lane < LANE_COUNT; lane++) {
		for (size_t i = 0; i < old->lanes[lane].count; i++) {
			db_lost(&old->lanes[lane].conns[i], "closing");
			event_free(old->lanes[lane].conns[i].timer);
		}
		free(old->lanes[lane].conns);
	}
	free(old);
}

static bool
check_lane(PGconn *pg, enum db_lane lane, char *reterr, size_t size)
{
	for (int id = 1; id < SQL_COUNT; id++) {
		PGresult *r;
		bool ok;

		if (db_lane_of((enum sql_id)id) != lane)
			continue;
		r = PQprepare(pg, sql_table[id].name, sql_table[id].text, 0, NULL);
		ok = PQresultStatus(r) == PGRES_COMMAND_OK;
		if (!ok)
			(void)snprintf(reterr, size, "statement %s: %s", sql_table[id].name,
				PQresultErrorMessage(r));
		PQclear(r);
		if (!ok)
			return false;
	}
	return true;
}

bool
db_check(const struct db_target *const targets[LANE_COUNT], char *reterr, size_t reterr_size)
{
	for (int lane = 0; lane < LANE_COUNT; lane++) {
		const struct db_target *t = targets[lane];
		bool ok = false;

		for (size_t i = 0; i < db_target_hosts(t) && !ok; i++) {
			PGconn *pg =
				PQconnectdbParams(db_target_keys(t, i), db_target_values(t, i), 0);
			bool up = PQstatus(pg) == CONNECTION_OK;

			if (!up)
				(void)snprintf(reterr, reterr_size, "database (%s): %s",
					lane_name((enum db_lane)lane), PQerrorMessage(pg));
			ok = up && check_lane(pg, (enum db_lane)lane, reterr, reterr_size);
			PQfinish(pg);
			if (up && !ok)
				return false;
		}
		if (!ok)
			return false;
	}
	return true;
}
