/* Many connections over several loops, with reloads, figures and a drain meanwhile: what threads
 * share is touched from all sides.  ThreadSanitizer ends the daemon with a status of its own. */
#include <check.h>
#include <signal.h>
#include <stdlib.h>

#include "proto/op.h"
#include "tests/support/client.h"
#include "tests/support/daemon.h"
#include "tests/support/suite.h"

enum {
	CLIENTS = 24,
	ROUNDS = 12
};

static const char *const targets[] = {"/v1/statistics", "/v1/items?limit=3", "/v1/me", "/readyz",
	"/v1/agencies", "/openapi.json"};

static void
ask_all(struct client *const *c, int round)
{
	for (int i = 0; i < CLIENTS; i++)
		client_say(c[i],
			arena_printf(&c[i]->arena,
				"GET %s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n",
				targets[(round + i) % 6], c[i]->key));
}

START_TEST(loops_share_nothing_that_races)
{
	static const char *const flags[] = {"--loops", "3", "--cache.public", "20ms", NULL};
	struct pg *pg = pg_new();
	struct daemon *d = daemon_new(pg, flags);
	struct client *c[CLIENTS], *admin = client_new(d->admin, false);

	for (int i = 0; i < CLIENTS; i++) {
		c[i] = client_new(i % 2 ? d->tls : d->plain, i % 2);
		client_become(c[i], pg, pg_person(pg, "operator", ROLE_OPERATOR));
	}
	for (int round = 0; round < ROUNDS; round++) {
		ask_all(c, round);
		if (round % 4 == 1)
			ck_assert_int_eq(kill(d->pid, SIGHUP), 0);
		ck_assert_int_eq(client_call(admin, "GET", "/metrics", "", NULL).status, 200);
		for (int i = 0; i < CLIENTS; i++)
			ck_assert_int_eq(client_answer(c[i], false).status, 200);
	}
	for (int i = 0; i < CLIENTS; i++)
		client_free(&c[i]);
	client_free(&admin);
	daemon_free(&d);
	pg_free(&pg);
}
END_TEST

SUITE(loops, loops_share_nothing_that_races)
