#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "tests/support/pg.h"

/* A fairlotd of its own against a test database, on ports that the kernel chose. */
struct daemon {
	pid_t pid;
	char folder[64]; /* its data; removed by daemon_free() */
	char tls[80], plain[80], admin[80];
	struct pg *pg;
};

/* Starts it with these further flags (NULL-ended, may be NULL); waits for its ready line. */
struct daemon *daemon_new(struct pg *pg, const char *const *flags);

/* One that ended, once more: over another database, with a copy of its folder; not started. */
struct daemon *daemon_twin(const struct daemon *d, struct pg *pg);

/* SIGTERM; waits; the exit status. */
int daemon_stop(struct daemon *d);
void daemon_kill(struct daemon *d); /* SIGKILL */
void daemon_restart(struct daemon *d, const char *const *flags);
void daemon_free(struct daemon **d); /* stops it when it runs, and removes its folder */
