#pragma once

struct buf;
struct loop;

/* Figures of the journal for /metrics and /readyz.  The database is asked on loop 0, every
 * JOURNAL_WATCH_MS whether or not anyone looks: a scrape waits for nothing, and shows the last
 * figures with their age when the database hangs. */
enum {
	JOURNAL_WATCH_MS = 2000
};

/* On loop 0, before it runs, after cosigner_start(). */
void journal_watch_start(struct loop *loop);

/* On loop 0: adds what is known, in Prometheus' text format. */
void journal_watch_metrics(struct buf *b);

/* From any thread: a line when this daemon should sequence and does not. */
void journal_watch_ready(struct buf *b);
