#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/must.h"
#include "lib/base/time.h"
#include "lib/policy/policy.h"

/* Working days (工作日) over a given table: a day is worked if the table says so, is free if the
 * table says so, and else follows its day of the week.  Outside first … last nothing is known
 * and the answer is E_CALENDAR, never a guess. */
struct calendar_day {
	int32_t day;
	bool worked; /* false: holiday */
};
struct calendar {
	int32_t first, last;
	const struct calendar_day *days; /* ascending, each once; borrowed */
	size_t count;
};

MUST_USE enum err calendar_worked(const struct calendar *c, int32_t day, bool *ret_worked);

/* When a period that starts now ends.  Seconds, hours and days (of 24 hours) count from the
 * instant; N working days end at 24:00 of the N-th working day after the day of the start.
 * c may be NULL when the duration has no working days. */
MUST_USE enum err calendar_due(const struct calendar *c, int zone_minutes, struct duration d,
	struct utc start, struct utc *ret_due);
