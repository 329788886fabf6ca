#pragma once

#include <stdatomic.h>
#include <stdint.h>

struct loop;

/* Counters of one loop: written by its thread, read by any.  COUNTER(member, name on /metrics,
 * gauge or counter, help) */
#define COUNTERS(COUNTER) \
	COUNTER(connections, "connections", "gauge", "Open connections") \
	COUNTER(accepted, "connections_accepted_total", "counter", "Connections taken") \
	COUNTER(refused, "connections_refused_total", "counter", "Connections closed at a limit") \
	COUNTER(requests, "requests_total", "counter", "Requests routed or refused") \
	COUNTER(answers_2xx, "answers_2xx_total", "counter", "Answers with status 2xx") \
	COUNTER(answers_4xx, "answers_4xx_total", "counter", "Answers with status 4xx") \
	COUNTER(answers_5xx, "answers_5xx_total", "counter", "Answers with status 5xx") \
	COUNTER(timeouts, "timeouts_total", "counter", "Connections closed by a deadline") \
	COUNTER(tasks, "tasks", "gauge", "Requests and jobs at work") \
	COUNTER(tasks_late, "tasks_late_total", "counter", "Tasks that passed their deadline") \
	COUNTER(batches, "db_batches_total", "counter", "Statements sent to the database") \
	COUNTER(batches_lost, "db_batches_lost_total", "counter", \
		"Statements whose answer was lost") \
	COUNTER(db_lanes, "db_lanes_ready", "gauge", "Lanes with a database connection, of 3") \
	COUNTER(db_ready, "db_connections_ready", "gauge", "Database connections in use") \
	COUNTER(db_opened, "db_connections_opened_total", "counter", "Database connections opened")

struct counters {
#define COUNTER(member, ...) _Atomic int64_t member;
	COUNTERS(COUNTER)
#undef COUNTER
};

#define counter_add(counter, n) \
	((void)atomic_fetch_add_explicit((counter), (n), memory_order_relaxed))
#define counter_get(counter) atomic_load_explicit((counter), memory_order_relaxed)
