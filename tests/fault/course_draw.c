/* Courses of draws in which witnesses and a beacon speak, and of a choice that others object to. */
#include <check.h>
#include <string.h>

#include "tests/api/beacon.h"
#include "tests/fault/course.h"
#include "tests/support/journal.h"

enum {
	SIGNED_UP = 3
};

/* A key is announced once, and the clock goes back for a beacon: each course has witnesses of its
 * own, of the same organisations. */
static void
witness_new(struct course *c, int nth)
{
	static unsigned keys;

	keys++;
	witness_make(&c->w[nth], scene_text(c->s, "witness-%u", keys), WITNESS + nth, keys);
}

/* Calls that another course is hurt at. */
static client_calls *
calm(struct course *c)
{
	client_calls *hurt = c->s->client->instead;

	c->s->client->instead = NULL;
	return hurt;
}

static void
gives(struct course *c, int who, int index, const char *body)
{
	/* A value waits until those before it are in a checkpoint. */
	ck_assert(journal_settles(c->s->pg, SCENE_WAIT_MS));
	scene_does(c->s, who, scene_text(c->s, "PUT /v1/draws/%s/contributions/%d", c->draw, index),
		NULL, body);
}

static void
owner_opens(struct course *c, const char *r)
{
	gives(c, OWNER, 2, scene_text(c->s, "{\"value\":\"%s\"}", r));
}

static void
witness_gives(struct course *c, const struct witness *w, int index)
{
	gives(c, w->who, index, witness_value(c->s, w, c->draw));
}

/* Everyone can verify what came out. */
static void
drawn(struct course *c, int level)
{
	client_calls *hurt;

	ck_assert_str_eq(scene_member(c->s, "/state"), "drawn");
	hurt = calm(c);
	ck_assert(journal_settles(c->s->pg, SCENE_WAIT_MS));
	life_transcript_of(c->s, c->draw, SIGNED_UP, level);
	c->s->client->instead = hurt;
}

void
witness_begin(struct course *c)
{
	witness_new(c, 0);
	witness_announce(c->s, &c->w[0]);
	(void)witness_cosign(c->s, &c->w[0]);
	course_open(c, NULL, scene_text(c->s, ",\"witnesses\":[\"%s\"]", c->w[0].name));
}

void
witness_end(struct course *c)
{
	course_pass(c, "/deadline_at", "selecting");
	owner_opens(c, life_r(c->s, c->draw));
	ck_assert_str_eq(scene_member(c->s, "/state"), "contributing");
	(void)witness_cosign(c->s, &c->w[0]);
	witness_gives(c, &c->w[0], 3);
	drawn(c, 2);
	(void)witness_cosign(c->s, &c->w[0]);
	course_pass(c, "/standstill_until", "awarded");
	witness_retire(c->s, &c->w[0]);
}

/* --- a witness that stalls --- */

/* The second witness stalled.  One person asks, another confirms, the first witness signs. */
static void
void_whole(struct course *c, const struct witness w[SCENE_WITNESSES])
{
	struct scene *s = c->s;
	const char *request;

	scene_does(s, OPERATOR, scene_text(s, "POST /v1/projects/%s/voids", c->project), NULL,
		scene_text(s,
			"{\"reason\":\"contributor-stalled\",\"stalled\":\"%s\","
			"\"replacement\":\"%s\"}",
			w[1].name, w[2].name));
	request = scene_member(s, "/id");
	scene_does(s, REVIEWER, scene_text(s, "POST /v1/voids/%s/confirmation", request),
		scene_member(s, "/version"), NULL);
	ck_assert_str_eq(scene_member(s, "/state"), "signing");
	scene_does(s, w[0].who, scene_text(s, "PUT /v1/voids/%s/signatures", request), NULL,
		witness_signature(s, &w[0], request, 0));
	ck_assert_str_eq(scene_member(s, "/state"), "confirmed");
}

/* The owner commits, later than before the review, and the list is frozen. */
static void
attempt_begin(struct course *c, int attempt, const char *r)
{
	course_expect(c);
	life_commit(c->s, c->project, c->draw, r);
	course_await(c, "contributing",
		scene_text(c->s, "SELECT state FROM market.draw WHERE id = '%s' AND attempt = %d",
			c->draw, attempt));
}

void
stall_begin(struct course *c)
{
	client_calls *hurt = calm(c);

	for (int i = 0; i < SCENE_WITNESSES; i++) {
		witness_new(c, i);
		witness_announce(c->s, &c->w[i]);
	}
	c->s->client->instead = hurt;
	course_open(c, NULL,
		scene_text(c->s, ",\"witnesses\":[\"%s\",\"%s\"]", c->w[0].name, c->w[1].name));
}

void
stall_end(struct course *c)
{
	struct scene *s = c->s;
	const struct witness *w = c->w;
	client_calls *hurt;
	const char *r;

	course_pass(c, "/deadline_at", "selecting");
	owner_opens(c, life_r(s, c->draw));
	witness_gives(c, &w[0], 3);
	ck_assert_str_eq(scene_member(s, "/awaited"), w[1].name);
	pg_clock_set(s->pg, scene_look(s, scene_text(s, "/v1/draws/%s", c->draw), "/stall_at"));
	course_await(c, w[1].name,
		scene_text(s, "SELECT stalled FROM market.draw WHERE id = '%s'", c->draw));
	void_whole(c, w);
	r = life_r(s, scene_text(s, "%s again", c->draw));
	attempt_begin(c, 2, r);
	owner_opens(c, r);
	witness_gives(c, &w[0], 3);
	witness_gives(c, &w[2], 4);
	drawn(c, 2);
	course_pass(c, "/standstill_until", "awarded");
	hurt = calm(c);
	for (int i = 0; i < SCENE_WITNESSES; i++)
		witness_retire(s, &w[i]);
	s->client->instead = hurt;
}

/* --- a beacon --- */

void
beacon_begin(struct course *c)
{
	struct scene *s = c->s;
	client_calls *hurt = calm(c);

	(void)beacon_before(s);
	witness_new(c, 0);
	witness_announce(s, &c->w[0]);
	s->client->instead = hurt;
	course_open(c, NULL,
		scene_text(s, ",\"witnesses\":[\"%s\"],\"beacon\":\"drand\"", c->w[0].name));
}

void
beacon_end(struct course *c)
{
	struct scene *s = c->s;
	const struct witness *w = c->w;
	client_calls *hurt;

	course_pass(c, "/deadline_at", "selecting");
	owner_opens(c, life_r(s, c->draw));
	witness_gives(c, w, 3);
	ck_assert_str_eq(scene_member(s, "/awaited"), "quicknet");
	(void)witness_cosign(s, w); /* what is fixed before the round comes */
	beacon_comes(s);
	gives(c, AGENCY, 4, beacon_value(s));
	drawn(c, 3);
	course_pass(c, "/standstill_until", "awarded");
	hurt = calm(c);
	witness_retire(s, w);
	s->client->instead = hurt;
}

/* --- a coefficient --- */

enum {
	CEILING = 10000001, /* 900 per mille of it are 9,000,000.9 fen */
	PER_MILLE = 900	    /* of one number, so that every course leaves the same amounts */
};

void
coefficient_begin(struct course *c)
{
	client_calls *hurt = calm(c);

	course_open(c,
		scene_text(c->s,
			"\"price_basis\":\"ceiling\",\"ceiling_fen\":%d,"
			"\"coefficient\":{\"lo\":%d,\"hi\":%d}",
			CEILING, PER_MILLE, PER_MILLE),
		"");
	life_pass(c->s, c->project, "/deadline_at", "selecting");
	c->s->client->instead = hurt;
}

void
coefficient_end(struct course *c)
{
	struct scene *s = c->s;
	const char *path = scene_text(s, "/v1/projects/%s", c->project), *r;

	owner_opens(c, life_r(s, c->draw));
	drawn(c, 1);
	c->draw = scene_text(s, "%s.coef", c->draw);
	r = life_r(s, c->draw);
	attempt_begin(c, 1, r);
	owner_opens(c, r);
	ck_assert_int_eq(scene_number(s, "/value"), PER_MILLE);
	drawn(c, 1);
	course_pass(c, "/standstill_until", "awarded");
	ck_assert_str_eq(scene_look(s, path, "/standing/0/amount_fen"), "9000001");
}

/* --- objections --- */

static void
objection_decided(struct course *c, int who, const char *decision)
{
	struct scene *s = c->s;

	scene_does(s, who, scene_text(s, "POST /v1/projects/%s/objections", c->project), NULL,
		"{\"body\":\"中选机构与业主有关联\"}");
	scene_does(s, REGULATOR,
		scene_text(s, "POST /v1/objections/%s/decision", scene_member(s, "/id")),
		scene_member(s, "/version"),
		scene_text(s, "{\"decision\":\"%s\",\"reason\":\"经核查\"}", decision));
}

void
object_begin(struct course *c)
{
	struct scene *s = c->s;
	const char *path;

	course_open(c, NULL, "");
	path = scene_text(s, "/v1/projects/%s", c->project);
	scene_does(s, OWNER, scene_text(s, "POST %s/amendments", path),
		scene_look(s, path, "/version"),
		"{\"reason\":\"更正\",\"content\":\"勘测三号地块\"}");
}

void
object_end(struct course *c)
{
	struct scene *s = c->s;
	const char *path = scene_text(s, "/v1/projects/%s", c->project);
	int third;

	course_pass(c, "/deadline_at", "selecting");
	owner_opens(c, life_r(s, c->draw));
	drawn(c, 1);
	third = life_agency(s, c->project, 2);
	objection_decided(c, AGENCY + third, "dismissed");
	scene_does(s, OPERATOR, scene_text(s, "POST %s/disqualifications", path), NULL,
		"{\"place\":1,\"reason\":\"collusion\"}");
	scene_does(s, REGULATOR,
		scene_text(s, "POST /v1/disqualifications/%s/confirmation", scene_member(s, "/id")),
		scene_member(s, "/version"), NULL);
	objection_decided(c, AGENCY + third, "upheld");
	course_pass(c, "/standstill_until", "awarded");
	ck_assert_int_eq(life_agency(s, c->project, 2), third);
	ck_assert_str_eq(scene_look(s, path, "/standing/2/state"), "winner");
}
