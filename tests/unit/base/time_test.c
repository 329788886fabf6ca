#include "lib/base/time.h"

#include <check.h>
#include <stdlib.h>

#include "lib/base/num.h"
#include "tests/support/suite.h"

START_TEST(every_day_of_ten_centuries_follows_the_one_before)
{
	struct civil c = {1600, 1, 1};
	int32_t day = civil_day(c);
	int weekday = day_weekday(day);

	ck_assert_int_eq(weekday, 6); /* 1600-01-01 was a Saturday */
	for (; c.year < 2600; day++, weekday = weekday % 7 + 1) {
		struct civil back = day_civil(day);

		ck_assert(back.year == c.year && back.month == c.month && back.day == c.day);
		ck_assert_int_eq(civil_day(c), day);
		ck_assert_int_eq(day_weekday(day), weekday);
		c.day++;
		if (!civil_exists(c))
			c = (struct civil){c.year, c.month + 1, 1};
		if (!civil_exists(c))
			c = (struct civil){c.year + 1, 1, 1};
	}
}
END_TEST

START_TEST(known_instants_are_read_and_written)
{
	static const struct {
		const char *text;
		int places;
		int64_t us;
	} cases[] = {
		{"1970-01-01T00:00:00Z", 0, 0},
		{"2021-12-31T15:59:59.999999Z", 6, INT64_C(1640966399999999)},
		{"2000-02-29T12:00:00.5Z", 1, INT64_C(951825600500000)},
		{"1969-12-31T23:59:59.999Z", 3, -1000},
		{"0001-01-01T00:00:00Z", 0, INT64_C(-62135596800000000)},
		{"9999-12-31T23:59:59Z", 0, INT64_C(253402300799000000)},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[TIME_TEXT];
		struct utc t;

		ck_assert_msg(time_parse(text_of(cases[i].text), &t), "%s", cases[i].text);
		ck_assert_int_eq(t.us, cases[i].us);
		time_format(t, cases[i].places, text);
		ck_assert_str_eq(text, cases[i].text);
	}
}
END_TEST

START_TEST(what_is_no_utc_time_is_refused_and_leaves_the_result)
{
	static const char *const bad[] = {
		"",
		"2021-02-29T00:00:00Z",
		"1900-02-29T00:00:00Z",
		"2021-13-01T00:00:00Z",
		"2021-00-01T00:00:00Z",
		"0000-01-01T00:00:00Z",
		"2021-01-01T24:00:00Z",
		"2021-01-01T00:60:00Z",
		"2021-01-01T00:00:60Z",
		"2021-01-01T00:00:00",
		"2021-01-01T00:00:00+08:00",
		"2021-01-01t00:00:00Z",
		"2021-01-01 00:00:00Z",
		"2021-01-01T00:00:00z",
		"2021-01-01T00:00:00.Z",
		"2021-01-01T00:00:00.1234567Z",
		"2021-01-01T00:00:00.12aZ",
		"2021-01-01T00:00:00.1",
		"2021-1-01T00:00:00Z",
		"2021-01-01T00:00:00ZZ",
		"2021-01-01T00:00:00.",
	};
	struct utc t = {7};
	int32_t day = 7;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ck_assert_msg(!time_parse(text_of(bad[i]), &t), "%s", bad[i]);
	ck_assert_int_eq(t.us, 7);
	ck_assert(!date_parse(text_of("2021-02-30"), &day));
	ck_assert(!date_parse(text_of("2021-02-03Z"), &day));
	ck_assert(!date_parse(text_of("2021-2-03"), &day));
	ck_assert_int_eq(day, 7);
	ck_assert(date_parse(text_of("2021-10-01"), &day));
	ck_assert_int_eq(day, civil_day((struct civil){2021, 10, 1}));
}
END_TEST

START_TEST(a_day_begins_at_midnight_of_its_zone)
{
	char text[DATE_TEXT];
	struct utc t;

	ck_assert(time_parse(text_of("2021-09-30T15:59:59.999999Z"), &t));
	date_format(time_day(t, 480), text);
	ck_assert_str_eq(text, "2021-09-30");
	t.us++;
	date_format(time_day(t, 480), text);
	ck_assert_str_eq(text, "2021-10-01");
	date_format(time_day(t, -480), text);
	ck_assert_str_eq(text, "2021-09-30");
	date_format(time_day((struct utc){-1}, 0), text);
	ck_assert_str_eq(text, "1969-12-31");
}
END_TEST

START_TEST(arithmetic_that_does_not_fit_is_told)
{
	int64_t n = 7;

	ck_assert(!num_add(INT64_MAX, 1, &n) && !num_sub(INT64_MIN, 1, &n));
	ck_assert(!num_mul(INT64_MAX / 2 + 1, 2, &n) && !num_mul(INT64_MIN, -1, &n));
	ck_assert_int_eq(n, 7);
	ck_assert(num_add(FEN_MAX, 1, &n) && n == INT64_C(1) << 53);
	ck_assert(num_sub(1, 3, &n) && n == -2);
	ck_assert(num_mul(-4, 3, &n) && n == -12);
}
END_TEST

SUITE(time, every_day_of_ten_centuries_follows_the_one_before, known_instants_are_read_and_written,
	what_is_no_utc_time_is_refused_and_leaves_the_result, a_day_begins_at_midnight_of_its_zone,
	arithmetic_that_does_not_fit_is_told)
