#include "tests/fault/course.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/api/beacon.h"
#include "tests/fault/hurt.h"
#include "tests/support/journal.h"
#include "tests/support/until.h"

/* --- the market --- */

const char *const *
course_flags(struct scene *s)
{
	static char lock[96];
	static const char *own[] = {"--log.lock_file", lock, NULL};
	const char *const *flags = beacon_flags(own);

	(void)snprintf(lock, sizeof lock, "%s/log.lock", s->daemon->folder);
	return flags == NULL ? own : flags;
}

struct scene *
course_scene(void)
{
	struct scene *s = scene_new("demo");

	ck_assert_int_eq(daemon_stop(s->daemon), 0);
	scene_restart(s, course_flags(s));
	return s;
}

/* --- the tally --- */

static const char tally[] =
	"CREATE OR REPLACE VIEW test.tally AS"
	" SELECT what, count(*) AS n FROM ("
	" SELECT 'entry ' || kind AS what FROM market.outbox"
	" UNION ALL SELECT 'transfer ' || event || ' ' || amount_fen FROM market.transfer"
	" UNION ALL SELECT 'project ' || state FROM market.project"
	" UNION ALL SELECT 'order ' || state FROM market.orders"
	" UNION ALL SELECT 'standing ' || state FROM market.standing"
	" UNION ALL SELECT 'draw ' || state FROM market.draw"
	" UNION ALL SELECT 'contribution' FROM market.contribution WHERE value IS NOT NULL"
	" UNION ALL SELECT 'auction ' || state FROM market.auction"
	" UNION ALL SELECT 'bid ' || seq || ' ' || amount_fen FROM market.bid"
	" UNION ALL SELECT 'pick ' || coalesce(answer, '-') FROM market.pick"
	" UNION ALL SELECT 'signup' FROM market.signup"
	" UNION ALL SELECT 'offer ' || state FROM market.offer"
	" UNION ALL SELECT 'payment ' || event || ' ' || amount_fen FROM market.payment"
	" UNION ALL SELECT 'rating' FROM market.rating"
	" UNION ALL SELECT 'credit ' || kind FROM market.credit_event"
	" UNION ALL SELECT 'key' FROM market.draw_key"
	" UNION ALL SELECT 'witness ' || (retired_at IS NULL) FROM market.witness"
	" UNION ALL SELECT 'cosignature' FROM market.log_cosignature"
	" UNION ALL SELECT 'void ' || state FROM market.void_request"
	" UNION ALL SELECT 'void signature' FROM market.void_signature"
	" UNION ALL SELECT 'disqualification ' || state FROM market.disqualification"
	" UNION ALL SELECT 'objection ' || state FROM market.objection"
	" UNION ALL SELECT 'job ' || kind FROM market.job"
	") t GROUP BY what";

void
course_mark(struct scene *s)
{
	pg_run(s->pg, "%s", tally);
	/* Nobody signs the contracts of courses before, and their time comes in this one. */
	pg_run(s->pg, "DELETE FROM market.job WHERE kind = 'contract_due'");
	pg_run(s->pg, "DROP TABLE IF EXISTS test.mark");
	pg_run(s->pg, "CREATE TABLE test.mark AS SELECT * FROM test.tally");
}

const char *
course_done(struct scene *s)
{
	return pg_value(s->pg,
		"SELECT string_agg(t.what || ': ' || t.n - coalesce(m.n, 0), E'\\n' ORDER BY "
		"t.what) FROM test.tally t LEFT JOIN test.mark m ON m.what = t.what"
		" WHERE t.n <> coalesce(m.n, 0)");
}

/* --- time --- */

struct awaited {
	struct course *c;
	const char *want, *sql;
};

static bool
is_there(const struct awaited *w)
{
	return strcmp(pg_value(w->c->s->pg, "%s", w->sql), w->want) == 0;
}

/* A timer whose failure was noted, or whose daemon is gone. */
static const char lost[] = "FROM market.job WHERE lease_until > api.now() AND ";

/* The timer has done its work, or it waits for its next attempt. */
static bool
is_settled(void *arg)
{
	const struct awaited *w = arg;
	struct course *c = w->c;

	if (is_there(w))
		return true;
	if (pg_number(c->s->pg, "SELECT count(*) %s attempt > 0", lost) > 0)
		return true;
	return c->disturb != NULL && hurt_figure(c->s->daemon, "tasks") == 1 &&
		pg_number(c->s->pg, "SELECT count(*) %s true", lost) > 0;
}

static bool
was_hit(struct course *c)
{
	if (c->job_point == NULL)
		return false;
	hurt_idle(c->s->daemon);
	if (!hurt_was_hit(c->s->daemon, c->job_point))
		return false;
	c->job_cuts++;
	return true;
}

void
course_expect(struct course *c)
{
	if (c->job_point != NULL)
		hurt_arm(c->s->daemon, c->job_point, 1);
	c->expected = true;
}

/* Cuts the timer at its k-th batch, for k = 1, 2, … until it passes without.  The clock stands: the
 * next attempt is due because its lease is over, and freezes what the first would have frozen. */
void
course_await(struct course *c, const char *want, const char *sql)
{
	struct awaited w = {c, want, sql};
	bool hit = true;

	for (int k = 1; hit || !is_there(&w); k++) {
		if (c->job_point != NULL && hit && !c->expected)
			hurt_arm(c->s->daemon, c->job_point, k);
		c->expected = false;
		if (k > 1)
			pg_run(c->s->pg,
				"UPDATE market.job SET lease_until = api.now() WHERE lease_until > "
				"api.now()");
		if (c->disturb != NULL)
			c->disturb(c);
		ck_assert_msg(
			until(is_settled, &w, SCENE_WAIT_MS), "%s does not come: %s", want, sql);
		hit = was_hit(c);
	}
	if (c->job_point != NULL)
		hurt_arm(c->s->daemon, c->job_point, 0);
}

static void
state_pass(struct course *c, const char *path, const char *member, const char *state)
{
	pg_clock_set(c->s->pg, scene_look(c->s, path, member));
	course_await(c, state,
		scene_text(c->s, "SELECT state FROM market.project WHERE id = '%s'", c->project));
}

void
course_pass(struct course *c, const char *member, const char *state)
{
	state_pass(c, scene_text(c->s, "/v1/projects/%s", c->project), member, state);
}

/* --- the modes --- */

enum {
	SIGNED_UP = 3,
	PRICE_FEN = 9000000
};

static void
sign_up(struct course *c)
{
	for (int i = 0; i < SIGNED_UP; i++)
		(void)life_signup(c->s, c->project, i);
}

void
course_open(struct course *c, const char *price, const char *more)
{
	client_calls *hurt = c->s->client->instead;

	c->s->client->instead = NULL;
	c->project = life_open(c->s, "draw", price, more);
	c->draw = scene_text(c->s, "%s.1", c->project);
	sign_up(c);
	c->s->client->instead = hurt;
}

static void
draw_choose(struct course *c)
{
	c->project = life_open(c->s, "draw", NULL, "");
	sign_up(c);
	course_pass(c, "/deadline_at", "selecting");
	ck_assert(journal_settles(c->s->pg, SCENE_WAIT_MS));
	life_contribute(c->s, scene_text(c->s, "%s.1", c->project));
}

static void
pick_choose(struct course *c)
{
	struct scene *s = c->s;
	const char *offer, *path;

	scene_does(s, AGENCY, "POST /v1/offers", NULL,
		scene_text(s,
			"{\"item\":\"I001\",\"title\":\"勘测\",\"price_fen\":%d,"
			"\"working_days\":10,\"promise\":\"按期\"}",
			PRICE_FEN));
	offer = scene_member(s, "/id");
	c->project = life_open(s, "pick", NULL, "");
	course_pass(c, "/deadline_at", "selecting");
	path = scene_text(s, "/v1/projects/%s", c->project);
	scene_does(s, OWNER, scene_text(s, "POST %s/pick", path), NULL,
		scene_text(s, "{\"offer_id\":\"%s\",\"reason\":\"业绩最好\"}", offer));
	scene_does(s, AGENCY, scene_text(s, "POST %s/pick/answer", path),
		scene_member(s, "/version"), "{\"accept\":true}");
	pg_run(s->pg, "UPDATE market.offer SET state = 'withdrawn' WHERE id = '%s'", offer);
}

static void
auction_choose(struct course *c)
{
	struct scene *s = c->s;
	const char *path;

	c->project = life_open(s, "auction", NULL, "");
	sign_up(c);
	course_pass(c, "/deadline_at", "selecting");
	path = scene_text(s, "/v1/auctions/%s",
		scene_look(s, scene_text(s, "/v1/projects/%s", c->project), "/auction_id"));
	for (int i = 0; i < SIGNED_UP; i++) {
		scene_does(s, AGENCY + i, scene_text(s, "POST %s/bids", path), NULL,
			scene_text(s, "{\"amount_fen\":%d}", PRICE_FEN + (2 - i) * 200000));
		life_receipt(s, "bid", scene_member(s, "/auction_id"));
	}
	state_pass(c, path, "/effective_end", "selected");
}

bool
course_can(enum mode mode)
{
	return mode != MODE_BEACON || beacon_flags(NULL) != NULL;
}

/* Without a first half they go on to the payment. */
static const struct {
	const char *name;
	course_runs *begin, *end;
} courses[MODE_COUNT] = {
	[MODE_DRAW] = {"draw", NULL, draw_choose},
	[MODE_PICK] = {"pick", NULL, pick_choose},
	[MODE_AUCTION] = {"auction", NULL, auction_choose},
	[MODE_WITNESS] = {"witness", witness_begin, witness_end},
	[MODE_STALL] = {"stall", stall_begin, stall_end},
	[MODE_BEACON] = {"beacon", beacon_begin, beacon_end},
	[MODE_COEF] = {"coefficient", coefficient_begin, coefficient_end},
	[MODE_OBJECT] = {"object", object_begin, object_end},
};

const char *
course_name(enum mode mode)
{
	return courses[mode].name;
}

void
course_begin(struct course *c, enum mode mode)
{
	if (courses[mode].begin != NULL)
		courses[mode].begin(c);
}

void
course_end(struct course *c, enum mode mode)
{
	courses[mode].end(c);
	if (courses[mode].begin != NULL)
		return;
	ck_assert_str_eq(
		scene_look(c->s, scene_text(c->s, "/v1/projects/%s", c->project), "/state"),
		"selected");
	course_pass(c, "/standstill_until", "awarded");
	(void)life_pay(c->s, c->project, life_agency(c->s, c->project, 0), PRICE_FEN);
}

void
course_run(struct course *c, enum mode mode)
{
	course_begin(c, mode);
	course_end(c, mode);
}
