#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/base/must.h"

/* A private PostgreSQL 15 as a child process: for --embedded and for tests.  Its data lies in
 * DIR/pg, it listens on a unix socket only, and lets in by peer authentication whoever runs this
 * process, as any role of the market.  Started by root, it runs as an unprivileged account.
 *
 * Starting and stopping block (start-up, shutdown, tests).  In between a loop asks
 * pgserver_poll(), or watches pgserver_fd(), and decides itself what a dead server means; nothing
 * is restarted silently.  One thread uses a server. */
struct pgserver;

enum pgserver_state {
	PGSERVER_READY,	   /* runs */
	PGSERVER_STOPPING, /* was asked to end and has not yet */
	PGSERVER_ENDED	   /* the process is gone and was waited for */
};

enum {
	PGSERVER_WHY = 512, /* room for what went wrong, with its NUL */
	PGSERVER_CONNINFO = 512,
	PGSERVER_SOCKET = 100 /* longest path of the socket's file; sun_path has 108 */
};

struct pgserver_options {
	const char *dir;    /* made when missing; data in dir/pg */
	const char *bindir; /* where initdb and postgres are; NULL: found */
	const char *log;    /* file that gets the server's messages; NULL: stderr */
	const char *role;   /* further database role to let in, or NULL */
	bool durable;	    /* false: no fsync, for tests that kill nothing */
	bool tied;	    /* ends (fast shutdown) when this process dies */
};

/* Makes the cluster when there is none, starts it and waits until it answers.  A server that a
 * killed process left behind in this directory is ended first.  False: ret_why says why. */
MUST_USE bool pgserver_start(const struct pgserver_options *options, struct pgserver **ret_server,
	char ret_why[PGSERVER_WHY]);

/* A libpq connection string for one role and database; its superuser is "postgres". */
void pgserver_conninfo(const struct pgserver *s, const char *role, const char *database,
	char ret_conninfo[PGSERVER_CONNINFO]);

pid_t pgserver_pid(const struct pgserver *s);

/* Readable when the process has ended; -1 where the kernel has no pidfd. */
int pgserver_fd(const struct pgserver *s);

/* Never blocks. */
enum pgserver_state pgserver_poll(struct pgserver *s);

/* Asks for a fast shutdown and returns at once; pgserver_poll() tells when it is done. */
void pgserver_stop_begin(struct pgserver *s);

/* Fast shutdown, after 30 s immediate, after 5 s more by force; waits; frees. */
void pgserver_stop(struct pgserver **s);
