#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "daemon/metrics.h"

struct auth;
struct cache;
struct config;
struct conns;
struct db;
struct event;
struct event_base;
struct listener;
struct mailbox;
struct task;
struct tile_cache;

TAILQ_HEAD(task_list, task);

/* One thread's world: its event_base, its connections, its tasks.  Nothing here is shared; other
 * threads reach a loop through its mailbox, and read its counters. */
struct loop {
	unsigned index, count; /* this one, and all */
	struct event_base *base;
	struct config *config; /* this loop's reference to the snapshot */
	struct mailbox *mailbox;
	struct counters counters;

	struct task_list ready; /* to be run, in the order of their completions */
	struct task_list tasks; /* every task of the loop */
	size_t tasks_count;
	uint64_t serial; /* of tasks, for request ids */

	/* Each is made by its module, NULL where the loop does not have it. */
	struct db *db;
	struct auth *auth;
	struct cache *cache;
	struct tile_cache *tiles;
	struct conns *conns;
	struct listener *listeners;

	bool draining; /* no new requests; stop when nothing is left */
	bool stop;
	uint64_t drain_by_ms;

	/* private to loop.c */
	struct event *tick;
	struct loop_watcher *watchers;
};

/* Takes over the caller's reference to the configuration. */
struct loop *loop_new(unsigned index, unsigned count, struct config *config);
void loop_free(struct loop **loop);

/* Runs events and ready tasks until loop_stop(), or until a drain is over.  On the calling
 * thread, which owns the loop from now on. */
void loop_run(struct loop *loop);

/* On the loop's thread (elsewhere: post it). */
void loop_stop(struct loop *loop);
void loop_drain(struct loop *loop);

/* Which of the loops it is, for those that know it by name only. */
unsigned loop_index(const struct loop *loop);

/* Milliseconds of the monotonic clock, as of the kernel's last tick: for time-outs only. */
uint64_t loop_now_ms(void);

/* Calls run(loop) about every LOOP_TICK_MS, for modules that look after deadlines. */
enum {
	LOOP_TICK_MS = 50
};
void loop_watch(struct loop *loop, void (*run)(struct loop *loop));
