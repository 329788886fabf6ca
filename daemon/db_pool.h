#pragma once

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "daemon/db.h"
#include "daemon/db_target.h"

struct event;
struct loop;

/* The database connections of one loop, by lanes.  A slow statement in a pipeline delays all
 * behind it, so reports have connections of their own; readers are another role, read only. */
enum db_lane {
	LANE_WRITER,
	LANE_READER,
	LANE_LONG,
	LANE_COUNT
};

enum db_state {
	DB_DOWN,       /* waits for its retry timer */
	DB_CONNECTING, /* PQconnectPoll() has the word */
	DB_PREPARING,  /* every statement of the lane was sent, answers are read */
	DB_READY
};

/* One statement on its way.  Lives in its task's arena: a waiting task is never freed. */
struct db_batch {
	struct task *task;
	struct db_reply *reply;
	const char *const *params; /* copied only while the batch waits for a place */
	enum sql_id id;
	bool any; /* goes to the least busy connection, else by affinity */
	unsigned affinity;
	bool synced;		    /* set before PQpipelineSync(): from here on it may commit */
	PGresult *result;	    /* kept until the Sync has been answered */
	TAILQ_ENTRY(db_batch) sent; /* answers arrive in exactly this order */
};

TAILQ_HEAD(db_batch_list, db_batch);

struct db_conn {
	struct db *db;
	enum db_lane lane;
	enum db_state state;
	PGconn *pg;
	struct event *io;    /* readable; while connecting: what PQconnectPoll() asked for */
	struct event *out;   /* writable, while libpq holds unsent bytes */
	struct event *timer; /* connect time-out, or the pause before a retry */
	size_t host, failures;
	struct db_batch_list sent;
	int sent_count;
};

struct db_lane_pool {
	const struct db_target *target;
	struct db_conn *conns;
	size_t count, ready;
	struct db_batch_list waiting; /* every connection is full */
};

struct db {
	struct loop *loop;
	struct db_lane_pool lanes[LANE_COUNT];
	bool closing;
};

/* Opens counts[lane] connections a lane; they become ready while the loop runs. */
struct db *db_open(struct loop *loop, const struct db_target *const targets[LANE_COUNT],
	const size_t counts[LANE_COUNT]);

/* After the loop's last task. */
void db_close(struct db **db);

/* Connects once to each lane, blocking, and prepares everything: a statement that does not fit
 * the schema stops the start, not a user's request. */
MUST_USE bool
db_check(const struct db_target *const targets[LANE_COUNT], char *reterr, size_t reterr_size);

/* Of db_pool.c and db.c alone. */
enum db_lane db_lane_of(enum sql_id id);
struct db_conn *db_pick(struct db_lane_pool *pool, bool any, unsigned affinity);
void db_flush(struct db_conn *c);
void db_lost(struct db_conn *c, const char *why);
void db_readable(struct db_conn *c);
bool db_preparing(struct db_conn *c);
void db_refill(struct db_lane_pool *pool);
void db_fail_all(struct db_conn *c);
