/* The bid rule a second time, in C, against the database: random bidders, amounts and clocks,
 * drawn near the places where the rule turns.  The seed is printed; FAIRLOT_SEED gives it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/text.h"
#include "tests/sql/choice.h"
#include "tests/support/suite.h"

enum {
	BIDDERS = 4,
	AUCTIONS = 16,
	BIDS = 60,
	SECOND = 1000000,
	WINDOW = 2 * SECOND /* of the demo profile */
};

/* Times are microseconds from the auction's start. */
struct model {
	long long ceiling, floor, step; /* floor 0: none */
	long long best;			/* 0: no bid yet */
	long long end, hard_end, last;
	int bids;
	bool at_floor[BIDDERS];
};

static uint64_t state;

/* splitmix64 */
static uint64_t
draw(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static long long
draw_between(long long lo, long long hi)
{
	return lo + (long long)(draw() % (uint64_t)(hi - lo + 1));
}

static void
seed_choose(void)
{
	const char *given = getenv("FAIRLOT_SEED");
	struct timespec now;

	ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &now), 0);
	state = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	if (given != NULL)
		ck_assert(text_u64(text_of(given), UINT64_MAX, &state));
	printf("FAIRLOT_SEED=%llu\n", (unsigned long long)state);
}

/* The rule that refuses a bid, or "" after taking it. */
static const char *
model_bid(struct model *m, int who, long long amount, long long now)
{
	long long t = now > m->last ? now : m->last;
	bool improves = m->best == 0 || amount < m->best;

	if (t >= m->end)
		return "auction.end";
	if (amount > m->ceiling)
		return "auction.ceiling";
	if (amount < m->floor)
		return "auction.floor";
	if (m->best != 0 && amount > m->best - m->step) {
		if (m->floor == 0 || amount != m->floor)
			return "auction.step";
		if (m->at_floor[who])
			return "auction.floor-once";
	}
	if (improves && t >= m->end - WINDOW) {
		m->end = t + WINDOW;
		if (m->end > m->hard_end)
			m->end = m->hard_end;
	}
	if (improves)
		m->best = amount;
	if (amount == m->floor)
		m->at_floor[who] = true;
	m->last = t;
	m->bids++;
	return "";
}

/* Near a place where the rule turns, mostly; the floor seldom, since it ends the descent. */
static long long
amount_choose(const struct model *m)
{
	long long near = draw_between(-1, 1), amount;
	int kind = (int)draw_between(0, 19);

	if (kind == 0 && m->floor > 0)
		amount = m->floor + near;
	else if (kind < 2 || m->best == 0)
		amount = m->ceiling + near;
	else if (kind == 2)
		amount = m->best + near;
	else if (kind < 12)
		amount = m->best - m->step + near;
	else
		amount = m->best - draw_between(m->step, 3 * m->step);
	return amount < 1 ? 1 : amount;
}

/* How far the clock goes before the next bid: to the window, to the end or just before it;
 * sometimes back, as the clocks of two servers do. */
static long long
pause_choose(const struct model *m, long long now)
{
	long long window = m->end - WINDOW - now, end = m->end - now;

	switch (draw_between(0, 15)) {
	case 0:
	case 1:
		return -draw_between(0, 1000);
	case 2:
	case 3:
		return (window > 0 ? window : 1) + draw_between(-1, 1);
	case 4:
	case 5:
	case 6:
	case 7:
		return end - draw_between(1, 3);
	case 8:
		return draw_between(0, 3) == 0 ? end : 1;
	default:
		return draw_between(0, 2000);
	}
}

static const char *
auction_begin(struct choice *w, struct model *m)
{
	const char *project;

	*m = (struct model){.ceiling = draw_between(5000000, 10000000),
		.step = draw_between(100, 5000),
		.end = 4 * SECOND,
		.hard_end = 20 * SECOND};
	if (draw_between(0, 2) > 0)
		m->floor = m->ceiling - draw_between(0, 300 * m->step);
	project = choice_open(w, "auction",
		choice_text(w, ",\"budget_fen\":10000000,\"ceiling_fen\":%lld,\"step_fen\":%lld%s",
			m->ceiling, m->step,
			m->floor == 0 ? "" : choice_text(w, ",\"floor_fen\":%lld", m->floor)));
	for (int i = 0; i < BIDDERS; i++)
		choice_signup(w, project, i);
	choice_deadline(w, project);
	return pg_value(w->pg, "SELECT id FROM market.auction WHERE project_id = '%s'", project);
}

static void
bid_compare(struct choice *w, const char *auction, struct model *m, long long now)
{
	int who = (int)draw_between(0, BIDDERS - 1);
	long long amount = amount_choose(m);
	const char *want = model_bid(m, who, amount, now);
	struct pg_answer a = choice_call(w, SQL_auction_bid, w->agency[who], auction, -1,
		choice_text(w, "{\"amount_fen\":%lld}", amount));

	if (strcmp(a.rule, want) != 0)
		printf("bid %d of %lld at %lld: the model says '%s', the database '%s' %s\n", who,
			amount, now, want, a.rule, a.en);
	ck_assert_str_eq(a.rule, want);
	ck_assert_str_eq(
		pg_value(w->pg,
			"SELECT format('%%s bids, best %%s, last %%s, end %%s', bids, "
			"coalesce(best_fen, 0),"
			" coalesce(extract(epoch FROM last_bid_at - starts_at) * 1000000, "
			"0)::bigint,"
			" (extract(epoch FROM effective_end - starts_at) * 1000000)::bigint)"
			" FROM market.auction WHERE id = '%s'",
			auction),
		choice_text(w, "%d bids, best %lld, last %lld, end %lld", m->bids, m->best, m->last,
			m->end));
}

START_TEST(the_database_judges_bids_as_the_model_does)
{
	struct choice *w = choice_new();
	int taken = 0, tried = 0, capped = 0;

	seed_choose();
	for (int n = 0; n < AUCTIONS; n++) {
		struct model m;
		const char *auction = auction_begin(w, &m);
		long long now = 0;

		for (int i = 0; i < BIDS; i++) {
			long long pause = pause_choose(&m, now);

			now += pause;
			pg_clock_move(w->pg, choice_text(w, "%lld microseconds", pause));
			bid_compare(w, auction, &m, now);
			tried++;
			capped += m.end == m.hard_end;
		}
		taken += m.bids;
	}
	printf("%d of %d bids taken, %d at the hard end\n", taken, tried, capped);
	/* A walk that takes or refuses all tests nothing. */
	ck_assert_int_gt(taken, AUCTIONS);
	ck_assert_int_gt(tried - taken, AUCTIONS);
	choice_free(&w);
}
END_TEST

SUITE(prop_auction, the_database_judges_bids_as_the_model_does)
