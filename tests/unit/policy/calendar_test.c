/* The calendar of data/holidays.csv, read as published, against dates worked out by hand from
 * the notices of the State Council. */
#include "lib/policy/calendar.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/suite.h"

enum {
	DAYS_MAX = 400,
	CHINA = 8 * 60
};

static struct calendar_day days[DAYS_MAX];
static struct calendar calendar;

static int32_t
day_at(const char *text)
{
	int32_t day = 0;

	ck_assert_msg(date_parse(text_of(text), &day), "%s", text);
	return day;
}

static void
calendar_load(void)
{
	char path[1024], line[256];
	FILE *f;

	ck_assert_ptr_nonnull(getenv("FAIRLOT_SOURCE"));
	(void)snprintf(path, sizeof path, "%s/data/holidays.csv", getenv("FAIRLOT_SOURCE"));
	f = fopen(path, "r");
	ck_assert_msg(f != NULL, "%s", path);
	calendar = (struct calendar){day_at("2021-01-01"), day_at("2026-12-31"), days, 0};
	ck_assert_ptr_nonnull(fgets(line, sizeof line, f));
	while (fgets(line, sizeof line, f) != NULL) {
		struct text rest = text_of(line), date, kind;
		struct calendar_day *d = &days[calendar.count++];

		ck_assert_uint_le(calendar.count, DAYS_MAX);
		ck_assert(text_cut(&rest, ',', &date) && text_cut(&rest, ',', &kind));
		ck_assert(date_parse(date, &d->day));
		d->worked = text_is(kind, "workday");
	}
	(void)fclose(f);
	ck_assert_uint_eq(calendar.count, 218);
}

static bool
worked(const char *date)
{
	bool is = false;

	ck_assert_int_eq(calendar_worked(&calendar, day_at(date), &is), OK);
	return is;
}

static const char *
due(const char *start, const char *duration)
{
	static char text[TIME_TEXT];
	struct utc t;
	struct duration d;

	ck_assert(time_parse(text_of(start), &t));
	ck_assert(duration_parse(text_of(duration), &d));
	ck_assert_int_eq(calendar_due(&calendar, CHINA, d, t, &t), OK);
	time_format(t, 0, text);
	return text;
}

START_TEST(days_are_worked_as_announced)
{
	calendar_load();
	ck_assert(worked("2021-09-26"));  /* a Sunday made up for National Day */
	ck_assert(worked("2021-09-30"));  /* a Thursday */
	ck_assert(!worked("2021-10-01")); /* a Friday */
	ck_assert(!worked("2021-10-07"));
	ck_assert(worked("2021-10-08"));
	ck_assert(worked("2021-10-09")); /* a Saturday */
	ck_assert(!worked("2021-10-10"));
	ck_assert(!worked("2022-12-31"));
	ck_assert(worked("2026-12-31"));
}
END_TEST

/* From Wednesday 29 September 2021, Beijing time: 30 Sep, 8 Oct (Fri), 9 Oct (Sat, worked),
 * 11 Oct (Mon) are the next four working days. */
START_TEST(national_day_2021_is_stepped_over)
{
	calendar_load();
	ck_assert_str_eq(due("2021-09-29T02:00:00Z", "1wd"), "2021-09-30T16:00:00Z");
	ck_assert_str_eq(due("2021-09-29T02:00:00Z", "2wd"), "2021-10-08T16:00:00Z");
	ck_assert_str_eq(due("2021-09-29T02:00:00Z", "3wd"), "2021-10-09T16:00:00Z");
	ck_assert_str_eq(due("2021-09-29T02:00:00Z", "4wd"), "2021-10-11T16:00:00Z");
}
END_TEST

START_TEST(the_day_of_the_start_is_the_zones_and_does_not_count)
{
	calendar_load();
	/* 23:59 and 00:01 of the next day in Beijing. */
	ck_assert_str_eq(due("2021-06-15T15:59:00Z", "1wd"), "2021-06-16T16:00:00Z");
	ck_assert_str_eq(due("2021-06-15T16:01:00Z", "1wd"), "2021-06-17T16:00:00Z");
	/* A start on a free day: the first working day after it is the first. */
	ck_assert_str_eq(due("2021-10-03T02:00:00Z", "1wd"), "2021-10-08T16:00:00Z");
}
END_TEST

START_TEST(a_year_end_is_crossed_inside_the_table)
{
	calendar_load();
	/* 31 Dec 2021 was a Friday and worked; 1-3 Jan 2022 were free. */
	ck_assert_str_eq(due("2021-12-30T02:00:00Z", "2wd"), "2022-01-04T16:00:00Z");
}
END_TEST

START_TEST(outside_the_table_nothing_is_guessed)
{
	struct duration d = {1, DURATION_WORKING_DAYS};
	struct utc t, end = {7};
	bool is = true;

	calendar_load();
	ck_assert_int_eq(calendar_worked(&calendar, day_at("2020-12-31"), &is), E_CALENDAR);
	ck_assert_int_eq(calendar_worked(&calendar, day_at("2027-01-01"), &is), E_CALENDAR);
	ck_assert(time_parse(text_of("2026-12-30T02:00:00Z"), &t));
	ck_assert_int_eq(calendar_due(&calendar, CHINA, d, t, &end), OK);
	d.n = 2;
	end.us = 7;
	ck_assert_int_eq(calendar_due(&calendar, CHINA, d, t, &end), E_CALENDAR);
	ck_assert_int_eq(end.us, 7);
	/* The day before the table: the first day after it is known, so the end is. */
	ck_assert(time_parse(text_of("2020-12-31T02:00:00Z"), &t));
	ck_assert_int_eq(calendar_due(&calendar, CHINA, d, t, &end), OK);
}
END_TEST

START_TEST(other_units_need_no_calendar)
{
	struct utc t, end;

	ck_assert(time_parse(text_of("2031-01-01T00:00:00Z"), &t));
	ck_assert_int_eq(
		calendar_due(NULL, CHINA, (struct duration){3, DURATION_SECONDS}, t, &end), OK);
	ck_assert_int_eq(end.us - t.us, 3 * UTC_SECOND);
	ck_assert_int_eq(
		calendar_due(NULL, CHINA, (struct duration){2, DURATION_HOURS}, t, &end), OK);
	ck_assert_int_eq(end.us - t.us, 7200 * UTC_SECOND);
	ck_assert_int_eq(
		calendar_due(NULL, CHINA, (struct duration){30, DURATION_DAYS}, t, &end), OK);
	ck_assert_int_eq(end.us - t.us, 30 * UTC_DAY);
}
END_TEST

SUITE(calendar, days_are_worked_as_announced, national_day_2021_is_stepped_over,
	the_day_of_the_start_is_the_zones_and_does_not_count,
	a_year_end_is_crossed_inside_the_table, outside_the_table_nothing_is_guessed,
	other_units_need_no_calendar)
