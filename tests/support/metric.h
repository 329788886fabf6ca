#pragma once

#include <stdbool.h>
#include <stdint.h>

struct daemon;

/* Waits until /metrics of the admin listener has this line. */
bool metric_shows(struct daemon *d, const char *line, int wait_ms);

/* The whole part of a value on /metrics, by name with labels as written; -1: it is not there. */
int64_t metric_value(struct daemon *d, const char *name);

/* Waits until it is at least so much. */
bool metric_reaches(struct daemon *d, const char *name, int64_t least, int wait_ms);
