#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct daemon;

/* A daemon's points of injection and its figures, through its admin listener; each call has a
 * connection of its own. */

/* The n-th passing from now on is hit; 0: none. */
void hurt_arm(const struct daemon *d, const char *point, int n);
bool hurt_was_hit(const struct daemon *d, const char *point);

/* A figure of /metrics by its name without "fairlot_". */
int64_t hurt_figure(const struct daemon *d, const char *name);

/* Waits until no request and no job is at work. */
void hurt_idle(const struct daemon *d);

/* Of a process, from /proc: open descriptors, resident memory in KiB. */
int64_t hurt_descriptors(pid_t pid);
int64_t hurt_memory_kib(pid_t pid);
