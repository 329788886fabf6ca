#include "tests/api/beacon.h"

#include <check.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <json-c/json_pointer.h>
#include <stdlib.h>
#include <string.h>

#include "tests/api/second.h"
#include "tests/support/folder.h"

enum {
	GENESIS_S = 1692803367,
	PERIOD_S = 3,
	DELAY_S = 120, /* from the freeze, by the flags */
	NOTICE_S = 3,  /* of profile demo */
	FLAGS_MAX = 16
};

static const char *
member(struct scene *s, const char *name)
{
	char *text = folder_source("tests/vectors/draw.json");
	struct json_object *json = json_tokener_parse(text), *value = NULL;
	const char *copy;

	ck_assert(json_pointer_getf(json, &value, "/with_drand/contributions/3/%s", name) == 0);
	copy = scene_text(s, "%s", json_object_get_string(value));
	json_object_put(json);
	free(text);
	return copy;
}

const char *const *
beacon_flags(const char *const *more)
{
	static const char *flags[FLAGS_MAX];
	static char check[1024];
	size_t n = 0;

	if (!second_is_there())
		return NULL;
	(void)snprintf(
		check, sizeof check, "node %s/verify/bin/drand-check.js", getenv("FAIRLOT_SOURCE"));
	flags[n++] = "--draw.beacon_check";
	flags[n++] = check;
	flags[n++] = "--draw.beacon_delay";
	flags[n++] = "120s";
	flags[n++] = "--draw.beacon_wait";
	flags[n++] = "30s";
	for (; more != NULL && *more != NULL && n + 1 < FLAGS_MAX; more++)
		flags[n++] = *more;
	flags[n] = NULL;
	return flags;
}

static int64_t
time_s(struct scene *s)
{
	return GENESIS_S + PERIOD_S * (strtoll(member(s, "round"), NULL, 10) - 1);
}

static void
clock_set(struct scene *s, int64_t at_s)
{
	pg_clock_set(s->pg, pg_value(s->pg, "SELECT to_timestamp(%" PRId64 ")", at_s));
}

int64_t
beacon_before(struct scene *s)
{
	clock_set(s, time_s(s) - DELAY_S - NOTICE_S);
	return time_s(s);
}

void
beacon_comes(struct scene *s)
{
	clock_set(s, time_s(s));
}

const char *
beacon_value(struct scene *s)
{
	return scene_text(s, "{\"value\":\"%s\"}", member(s, "signature"));
}
