#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/must.h"
#include "lib/base/text.h"

/* Instants and days without libc: no zone database, no locale, no hidden state.  The calendar
 * is the proleptic Gregorian one, years 1 … 9999; leap seconds do not exist, as in PostgreSQL. */

/* Microseconds since 1970-01-01T00:00:00Z. */
struct utc {
	int64_t us;
};

#define UTC_SECOND INT64_C(1000000)
#define UTC_DAY	   (86400 * UTC_SECOND)

/* A date as written; a day is its number, with 1970-01-01 as 0. */
struct civil {
	int year, month, day;
};

enum {
	TIME_TEXT = 28, /* "2021-12-31T16:00:00.000000Z" and NUL */
	DATE_TEXT = 11	/* "2021-12-31" and NUL */
};

bool civil_exists(struct civil c);
int32_t civil_day(struct civil c); /* c exists */
struct civil day_civil(int32_t day);
int day_weekday(int32_t day); /* 1 Monday … 7 Sunday (ISO 8601) */

/* The day on which the instant falls where clocks are zone_minutes ahead of UTC. */
int32_t time_day(struct utc t, int zone_minutes);

/* RFC 3339 with 'T', 'Z' and at most six digits after the point; second 60 is refused. */
MUST_USE bool time_parse(struct text text, struct utc *ret_time);
MUST_USE bool date_parse(struct text text, int32_t *ret_day);

/* places: digits after the point, 0 … 6; what is finer is cut off.  The year must be 1 … 9999. */
void time_format(struct utc t, int places, char ret_text[TIME_TEXT]);
void date_format(int32_t day, char ret_text[DATE_TEXT]);
