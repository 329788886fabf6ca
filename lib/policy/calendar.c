#include "lib/policy/calendar.h"

#include "lib/base/num.h"

enum err
calendar_worked(const struct calendar *c, int32_t day, bool *ret_worked)
{
	size_t low = 0, high = c->count;

	if (day < c->first || day > c->last)
		return E_CALENDAR;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c->days[middle].day < day)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_worked = low < c->count && c->days[low].day == day ? c->days[low].worked
								: day_weekday(day) <= 5;
	return OK;
}

static enum err
working_days_due(const struct calendar *c, int zone_minutes, uint32_t n, struct utc start,
	struct utc *ret_due)
{
	int32_t day = time_day(start, zone_minutes);

	must(c != NULL);
	while (n > 0) {
		bool worked;
		enum err e = calendar_worked(c, ++day, &worked);

		if (e != OK)
			return e;
		n -= worked;
	}
	ret_due->us = (day + 1) * UTC_DAY - zone_minutes * 60 * UTC_SECOND;
	return OK;
}

enum err
calendar_due(const struct calendar *c, int zone_minutes, struct duration d, struct utc start,
	struct utc *ret_due)
{
	static const int64_t unit_us[] = {
		[DURATION_SECONDS] = UTC_SECOND,
		[DURATION_HOURS] = 3600 * UTC_SECOND,
		[DURATION_DAYS] = UTC_DAY,
	};

	if (d.unit == DURATION_WORKING_DAYS)
		return working_days_due(c, zone_minutes, d.n, start, ret_due);
	must(num_add(start.us, d.n * unit_us[d.unit], &ret_due->us));
	return OK;
}
