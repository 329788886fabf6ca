#pragma once

#include <stdbool.h>

struct daemon;

/* Waits until /metrics of the admin listener has this line. */
bool metric_shows(struct daemon *d, const char *line, int wait_ms);

/* The value of a name (with labels, as written) on /metrics; -1: it is not there. */
double metric_value(struct daemon *d, const char *name);

/* Waits until it is at least so much. */
bool metric_reaches(struct daemon *d, const char *name, double least, int wait_ms);
