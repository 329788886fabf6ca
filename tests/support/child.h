#pragma once

/* Runs a program, found by PATH, and waits: its exit status, 128 and the number of a signal that
 * ended it.  args: its name first, NULL last.  log: a file for what it prints, emptied first; NULL
 * lets it print where the test does.  It dies with the test. */
int child_run(const char *const *args, const char *log);
