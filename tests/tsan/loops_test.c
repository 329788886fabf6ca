/* Many connections over several loops, with reloads, figures and a drain meanwhile: what threads
 * share is touched from all sides.  ThreadSanitizer ends the daemon with a status of its own. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/op.h"
#include "tests/api/life.h"
#include "tests/support/client.h"
#include "tests/support/daemon.h"
#include "tests/support/suite.h"

enum {
	CLIENTS = 24,
	ROUNDS = 12,
	BIDDERS = 3,
	EACH = 4
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

/* Bids of all agencies over several connections each: statements, signer channels and reloads on
 * every loop, a timer that asks the signer too; then a drain with bids at work. */
START_TEST(signer_channels_and_timers_do_not_race)
{
	struct scene *s = scene_new("demo");
	const char *draw = life_open(s, "draw", NULL, ""),
		   *auction = life_open(s, "auction", NULL, "");
	struct client *c[BIDDERS * EACH];
	int taken = 0, fen = 9000000;

	for (int i = 0; i < BIDDERS; i++) {
		(void)life_signup(s, draw, i);
		(void)life_signup(s, auction, i);
	}
	life_pass(s, auction, "/deadline_at", "selecting");
	auction = scene_look(s, scene_text(s, "/v1/projects/%s", auction), "/auction_id");
	for (int i = 0; i < BIDDERS * EACH; i++) {
		c[i] = client_new(i % 2 ? s->daemon->tls : s->daemon->plain, i % 2);
		(void)snprintf(c[i]->key, sizeof c[i]->key, "%s", s->key[AGENCY + i % BIDDERS]);
	}
	for (int round = 0; round <= ROUNDS; round++) {
		for (int i = 0; i < BIDDERS * EACH; i++)
			client_ask(c[i], "POST", scene_text(s, "/v1/auctions/%s/bids", auction), "",
				scene_text(s, "{\"amount_fen\":%d}", fen -= 10000));
		ck_assert_int_eq(kill(s->daemon->pid, round == ROUNDS ? SIGTERM : SIGHUP), 0);
		for (int i = 0; i < BIDDERS * EACH; i++)
			taken += client_answer(c[i], false).status == 201;
	}
	ck_assert_int_gt(taken, ROUNDS);
	for (int i = 0; i < BIDDERS * EACH; i++)
		client_free(&c[i]);
	scene_free(&s);
}
END_TEST

SUITE(loops, loops_share_nothing_that_races, signer_channels_and_timers_do_not_race)
