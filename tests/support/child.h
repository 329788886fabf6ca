#pragma once

#include <sys/types.h>

/* Runs a program, found by PATH, and waits: its exit status, 128 and the number of a signal that
 * ended it.  args: its name first, NULL last.  log: a file for what it prints, emptied first; NULL
 * lets it print where the test does.  It dies with the test. */
int child_run(const char *const *args, const char *log);

/* The same in two steps; signal 0: waits until it ends by itself. */
pid_t child_start(const char *const *args, const char *log);
int child_end(pid_t pid, int signal);
