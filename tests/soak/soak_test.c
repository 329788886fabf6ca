/* Bounded load for a while: memory and descriptors stay, tasks return to none.  FAIRLOT_SOAK_S:
 * seconds of each of the four parts (10). */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/api/life.h"
#include "tests/bench/load.h"
#include "tests/fault/hurt.h"
#include "tests/support/invariant.h"
#include "tests/support/suite.h"
#include "tests/support/until.h"

enum {
	PARTS = 4,
	CONNECTIONS = 24,
	SOON_MS = 20000,
	GROWTH_KIB = 8192 /* what the allocators of the threads may still take */
};

static struct scene *s;
static struct arena text;
static int64_t asked;

/* Reads of all kinds, refusals, drafts. */
static const char *
next_ask(void *arg, int connection)
{
	static const char *const targets[] = {"/v1/statistics", "/v1/items?limit=20", "/v1/me",
		"/v1/me/projects?limit=5", "/v1/agencies", "/openapi.json", "/v1/nothing"};
	const char *body;

	(void)arg;
	(void)connection;
	arena_reset(&text);
	arena_init(&text, 1 << 20);
	if (asked++ % 8 != 7)
		return arena_printf(&text,
			"GET %s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n",
			targets[asked % 7], s->key[OWNER]);
	body = life_body(s, "draw", NULL, "");
	return arena_printf(&text,
		"POST /v1/projects HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n"
		"Content-Type: application/json\r\nIdempotency-Key: soak%" PRId64 "\r\n"
		"Content-Length: %zu\r\n\r\n%s",
		s->key[OWNER], asked, strlen(body), body);
}

static int64_t descriptors;

static bool
descriptors_are_back(void *arg)
{
	(void)arg;
	return hurt_descriptors(s->daemon->pid) <= descriptors;
}

START_TEST(load_leaves_nothing_behind)
{
	static const char *const flags[] = {
		"--rate.caller", "100000000", "--log.level", "error", NULL};
	const char *seconds = getenv("FAIRLOT_SOAK_S");
	uint64_t each = 10;
	struct load l;
	int64_t memory = 0;

	ck_assert(seconds == NULL || text_u64(text_of(seconds), 86400, &each));
	s = scene_new("demo");
	ck_assert_int_eq(daemon_stop(s->daemon), 0);
	daemon_restart(s->daemon, flags);
	arena_init(&text, 1 << 20);
	hurt_idle(s->daemon);
	descriptors = hurt_descriptors(s->daemon->pid);
	for (int part = 0; part < PARTS; part++) {
		l = (struct load){.address = s->daemon->tls,
			.connections = CONNECTIONS,
			.duration_ms = (int64_t)each * 1000,
			.ask = next_ask};
		load_run(&l);
		hurt_idle(s->daemon);
		ck_assert(until(descriptors_are_back, NULL, SOON_MS));
		printf("%" PRId64 " answered, %" PRId64 " refused; %" PRId64 " KiB\n", l.answered,
			l.refused, hurt_memory_kib(s->daemon->pid));
		/* The first part fills caches and the allocators' arenas. */
		if (part == 0)
			memory = hurt_memory_kib(s->daemon->pid);
	}
	ck_assert_int_le(hurt_memory_kib(s->daemon->pid), memory + GROWTH_KIB);
	invariants_hold(s->pg);
	arena_reset(&text);
	scene_free(&s);
}
END_TEST

SUITE(soak, load_leaves_nothing_behind)
