/* Days are counted in years that begin in March, so that the leap day is a year's last day and
 * the months before it have a pattern of their own: 153 days in five months. */
#include "lib/base/time.h"

enum {
	YEAR_MAX = 9999,
	DAYS_4_CENTURIES = 146097,
	DAY_0_FROM_MARCH_0 = 719468 /* days from 0000-03-01 to 1970-01-01 */
};

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

bool
civil_exists(struct civil c)
{
	static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (c.year % 4 == 0 && c.year % 100 != 0) || c.year % 400 == 0;

	if (c.year < 1 || c.year > YEAR_MAX || c.month < 1 || c.month > 12 || c.day < 1)
		return false;
	return c.day <= days[c.month - 1] && (c.month != 2 || c.day < 29 || leap);
}

int32_t
civil_day(struct civil c)
{
	int year = c.month <= 2 ? c.year - 1 : c.year;
	int month = (c.month + 9) % 12; /* March is 0 */
	int era = year / 400, rest = year % 400;

	must(civil_exists(c));
	return era * DAYS_4_CENTURIES + rest * 365 + rest / 4 - rest / 100 + (153 * month + 2) / 5 +
		c.day - 1 - DAY_0_FROM_MARCH_0;
}

struct civil
day_civil(int32_t day)
{
	int64_t n = (int64_t)day + DAY_0_FROM_MARCH_0;
	int era = (int)floor_div(n, DAYS_4_CENTURIES);
	int of_era = (int)(n - (int64_t)era * DAYS_4_CENTURIES);
	int rest = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int of_year = of_era - (365 * rest + rest / 4 - rest / 100);
	int month = (5 * of_year + 2) / 153;
	struct civil c = {
		.year = era * 400 + rest + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = of_year - (153 * month + 2) / 5 + 1,
	};

	return c;
}

int
day_weekday(int32_t day)
{
	/* 1970-01-01 was a Thursday. */
	return (int)(((int64_t)day % 7 + 7 + 3) % 7) + 1;
}

int32_t
time_day(struct utc t, int zone_minutes)
{
	return (int32_t)floor_div(t.us + zone_minutes * 60 * UTC_SECOND, UTC_DAY);
}

/* Takes `len` digits off the front of *rest, then the character `end` if there is one. */
static bool
digits(struct text *rest, size_t len, char end, int *ret_value)
{
	int value = 0;

	if (rest->len < len + (end != '\0'))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (rest->at[i] < '0' || rest->at[i] > '9')
			return false;
		value = value * 10 + (rest->at[i] - '0');
	}
	if (end != '\0' && rest->at[len++] != end)
		return false;
	*rest = text_span(rest->at + len, rest->len - len);
	*ret_value = value;
	return true;
}

static bool
date_take(struct text *rest, char end, int32_t *ret_day)
{
	struct civil c;

	if (!digits(rest, 4, '-', &c.year) || !digits(rest, 2, '-', &c.month) ||
		!digits(rest, 2, end, &c.day) || !civil_exists(c))
		return false;
	*ret_day = civil_day(c);
	return true;
}

bool
date_parse(struct text text, int32_t *ret_day)
{
	int32_t day;

	if (!date_take(&text, '\0', &day) || text.len != 0)
		return false;
	*ret_day = day;
	return true;
}

bool
time_parse(struct text text, struct utc *ret_time)
{
	int hour, minute, second, us = 0;
	int32_t day;

	if (!date_take(&text, 'T', &day) || !digits(&text, 2, ':', &hour) ||
		!digits(&text, 2, ':', &minute) || !digits(&text, 2, '\0', &second))
		return false;
	if (hour > 23 || minute > 59 || second > 59 || text.len == 0)
		return false;
	if (text.at[0] == '.') {
		size_t places = text.len - 2; /* without the point and the Z */

		if (text.len < 3 || places > 6)
			return false;
		text = text_span(text.at + 1, text.len - 1);
		if (!digits(&text, places, '\0', &us))
			return false;
		for (; places < 6; places++)
			us *= 10;
	}
	if (!text_is(text, "Z"))
		return false;
	ret_time->us = day * UTC_DAY + ((hour * 60 + minute) * 60 + second) * UTC_SECOND + us;
	return true;
}

static char *
put(char *at, int len, int value)
{
	for (int i = len; i-- > 0; value /= 10)
		at[i] = (char)('0' + value % 10);
	return at + len;
}

static char *
put_date(char *at, int32_t day)
{
	struct civil c = day_civil(day);

	must(civil_exists(c));
	at = put(at, 4, c.year);
	*at++ = '-';
	at = put(at, 2, c.month);
	*at++ = '-';
	return put(at, 2, c.day);
}

void
time_format(struct utc t, int places, char ret_text[TIME_TEXT])
{
	int32_t day = time_day(t, 0);
	int64_t us = t.us - day * UTC_DAY;
	int second = (int)(us / UTC_SECOND), fraction = (int)(us % UTC_SECOND);
	char *at = put_date(ret_text, day);

	must(places >= 0 && places <= 6);
	*at++ = 'T';
	at = put(at, 2, second / 3600);
	*at++ = ':';
	at = put(at, 2, second / 60 % 60);
	*at++ = ':';
	at = put(at, 2, second % 60);
	if (places > 0) {
		for (int i = places; i < 6; i++)
			fraction /= 10;
		*at++ = '.';
		at = put(at, places, fraction);
	}
	*at++ = 'Z';
	*at = '\0';
}

void
date_format(int32_t day, char ret_text[DATE_TEXT])
{
	*put_date(ret_text, day) = '\0';
}
