#include "tests/support/metric.h"

#include <check.h>
#include <stdint.h>
#include <string.h>

#include "tests/support/client.h"
#include "tests/support/daemon.h"
#include "tests/support/until.h"

static struct answer
metrics(struct client *c)
{
	struct answer a = client_call(c, "GET", "/metrics", "", NULL);

	ck_assert_int_eq(a.status, 200);
	ck_assert_uint_gt(a.body.len, 0);
	ck_assert_int_eq(a.body.at[a.body.len - 1], '\n');
	return a;
}

struct wanted {
	struct client *c;
	const char *line;
};

static bool
is_shown(void *arg)
{
	const struct wanted *w = arg;
	struct text rest = metrics(w->c).body, line;

	while (text_cut(&rest, '\n', &line))
		if (text_is(line, w->line))
			return true;
	return false;
}

bool
metric_shows(struct daemon *d, const char *line, int wait_ms)
{
	struct wanted w = {.c = client_new(d->admin, false), .line = line};
	bool shown = until(is_shown, &w, wait_ms);

	client_free(&w.c);
	return shown;
}

/* The digits before a decimal point. */
static struct text
whole(struct text line, size_t at)
{
	const char *point = memchr(line.at + at, '.', line.len - at);

	return text_span(
		line.at + at, point == NULL ? line.len - at : (size_t)(point - line.at) - at);
}

static int64_t
value_of(struct client *c, const char *name)
{
	struct text rest = metrics(c).body, line;
	size_t len = strlen(name);
	uint64_t value;

	while (text_cut(&rest, '\n', &line))
		if (text_starts(line, name) && line.len > len && line.at[len] == ' ') {
			ck_assert(text_u64(whole(line, len + 1), INT64_MAX, &value));
			return (int64_t)value;
		}
	return -1;
}

int64_t
metric_value(struct daemon *d, const char *name)
{
	struct client *c = client_new(d->admin, false);
	int64_t value = value_of(c, name);

	client_free(&c);
	return value;
}

struct least {
	struct client *c;
	const char *name;
	int64_t least;
};

static bool
is_reached(void *arg)
{
	const struct least *l = arg;

	return value_of(l->c, l->name) >= l->least;
}

bool
metric_reaches(struct daemon *d, const char *name, int64_t least, int wait_ms)
{
	struct least l = {.c = client_new(d->admin, false), .name = name, .least = least};
	bool reached = until(is_reached, &l, wait_ms);

	client_free(&l.c);
	return reached;
}
