/* A witness over the interface: it announces its keys, contributes to a draw, cosigns a checkpoint,
 * and retires. */
#include <check.h>
#include <stdio.h>

#include "lib/ledger/proof.h"
#include "tests/api/life.h"
#include "tests/api/witness.h"
#include "tests/support/invariant.h"
#include "tests/support/journal.h"
#include "tests/support/suite.h"

static struct scene *market;
static struct witness xiehui;

static struct scene *
scene_market(void)
{
	struct witness owner, second;

	if (market != NULL)
		return market;
	market = scene_new("demo");
	witness_make(&xiehui, "xiehui", WITNESS, 1);
	witness_make(&owner, "owner", WITNESS, 1);
	witness_make(&second, "xiehui2", WITNESS, 1);
	scene_refused(market, WITNESS, "POST /v1/witnesses", NULL,
		witness_announcement(market, &xiehui, "another"), "rule", "/proof");
	scene_refused(market, WITNESS, "POST /v1/witnesses", NULL,
		witness_announcement(market, &owner, "owner"), "rule", "");
	witness_announce(market, &xiehui);
	scene_refused(market, WITNESS, "POST /v1/witnesses", NULL,
		witness_announcement(market, &second, "xiehui2"), "duplicate", "witness.live");
	return market;
}

START_TEST(draw_with_a_witness_is_of_level_2)
{
	struct scene *s = scene_market();
	const char *project = life_open(s, "draw", NULL, ",\"witnesses\":[\"xiehui\"]");
	const char *draw = scene_text(s, "%s.1", project), *owner;
	const char *put = scene_text(s, "PUT /v1/draws/%s/contributions/3", draw), *value;

	for (int i = 0; i < 3; i++)
		(void)life_signup(s, project, i);
	life_pass(s, project, "/deadline_at", "selecting");
	value = witness_value(s, &xiehui, draw);
	owner = scene_text(s, "{\"value\":\"%s\"}", life_r(s, draw));
	scene_refused(s, WITNESS, put, NULL, value, "wrong-state", ""); /* the owner speaks first */
	scene_does(s, OWNER, scene_text(s, "PUT /v1/draws/%s/contributions/2", draw), NULL, owner);
	ck_assert_str_eq(scene_member(s, "/state"), "contributing");
	ck_assert_str_eq(scene_member(s, "/awaited"), "xiehui");
	scene_refused(s, OWNER, put, NULL, value, "forbidden", "");
	scene_refused(s, WITNESS, put, NULL, owner, "rule", "/value");
	scene_does(s, WITNESS, put, NULL, value);
	ck_assert_str_eq(scene_member(s, "/state"), "drawn");
	ck_assert_str_eq(scene_member(s, "/level"), "L2");
	scene_does(s, WITNESS, put, NULL, value); /* the same fact again */
	life_transcript_of(s, draw, 3, 2);
	life_pass(s, project, "/standstill_until", "awarded");
	(void)life_pay(s, project, life_agency(s, project, 0), 9000000);
	scene_does(s, NOBODY, "GET /v1/witnesses/xiehui", NULL, NULL);
	ck_assert_int_eq(scene_number(s, "/draws_contributed"), 1);
	scene_does(s, NOBODY, "GET /v1/witnesses", NULL, NULL);
	ck_assert_str_eq(scene_member(s, "/items/0/name"), "xiehui");
	invariants_hold(s->pg);
}
END_TEST

/* What somebody posts about the checkpoint of this size; text: what it signed. */
static void
cosign(struct scene *s, const struct witness *w, int64_t size, struct text text, uint64_t time_s)
{
	scene_ask(s, WITNESS, "POST /v1/journal/cosignatures", NULL,
		witness_cosignature(s, w, size, text, time_s));
}

/* A daemon that may sign serves checkpoints; a cosignature is taken from the announced key only,
 * over this journal's text, once. */
START_TEST(checkpoint_is_cosigned_by_whoever_holds_the_key)
{
	struct scene *s = scene_market();
	char lock[96];
	const char *flags[] = {"--log.lock_file", lock, NULL}, *first;
	struct witness wrong;
	struct text text, other;
	struct hash root = {{0}};
	int64_t size;

	(void)snprintf(lock, sizeof lock, "%s/log.lock", s->daemon->folder);
	ck_assert_int_eq(daemon_stop(s->daemon), 0);
	scene_restart(s, flags);
	ck_assert(journal_settles(s->pg, SCENE_WAIT_MS));
	scene_does(s, NOBODY, "GET /v1/journal/checkpoints?limit=200", NULL, NULL);
	size = scene_number(s, "/items/0/size");
	text = witness_sees(s, size);
	other = checkpoint_build(
		&s->client->arena, text_of("localhost/market/journal"), (uint64_t)size, &root);
	witness_make(&wrong, "xiehui", WITNESS, 2);
	cosign(s, &wrong, size, text, 1709254800);
	scene_is_refusal(s, "rule", "/cosignature");
	cosign(s, &xiehui, size, other, 1709254800); /* it saw another journal */
	scene_is_refusal(s, "rule", "/cosignature");
	cosign(s, &xiehui, size + 1000000, other, 1709254800);
	scene_is_refusal(s, "rule", "/size");
	ck_assert_int_eq(witness_cosign(s, &xiehui), size);
	first = scene_member(s, "/cosigned_at");
	cosign(s, &xiehui, size, text, 1709258400); /* and says another time now */
	ck_assert_int_eq(s->last.status, 200);
	ck_assert_str_eq(scene_member(s, "/cosigned_at"), first);
	scene_does(s, NOBODY, "GET /v1/witnesses/xiehui", NULL, NULL);
	ck_assert_int_eq(scene_number(s, "/cosigned_size"), size);
	invariants_hold(s->pg);
}
END_TEST

START_TEST(retired_witness_takes_part_no_more)
{
	struct scene *s = scene_market();

	scene_refused(s, OWNER, "POST /v1/witnesses/xiehui/retirement", NULL,
		"{\"reason\":\"更换密钥\"}", "forbidden", "");
	witness_retire(s, &xiehui);
	scene_refused(s, OWNER, "POST /v1/projects", NULL,
		life_body(s, "draw", NULL, ",\"witnesses\":[\"xiehui\"]"), "rule", "/witnesses");
	cosign(s, &xiehui, 1, text_of("x"), 1709254800);
	scene_is_refusal(s, "rule", "witness.live");
	invariants_hold(s->pg);
	scene_free(&market);
}
END_TEST

SUITE(witness, draw_with_a_witness_is_of_level_2, checkpoint_is_cosigned_by_whoever_holds_the_key,
	retired_witness_takes_part_no_more)
