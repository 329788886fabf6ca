/* Random lives of orders against a model that knows no postings: what every account must hold
 * follows from a few totals of its order.  FAIRLOT_SEED repeats a run. */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/text.h"
#include "tests/sql/choice.h"
#include "tests/support/suite.h"

enum {
	PROJECTS = 12,
	STEPS = 40,
	WINNERS_MAX = 3,
	ORDERS_MAX = WINNERS_MAX + STEPS,
	TOLERANCE_BP = 500 /* of the profile demo */
};

struct order {
	const char *id;
	int lot, agency;
	bool ended, filed, contracted, delivered, accepted;
	int64_t award, contract, declared, evidenced;
};

struct model {
	struct choice *w;
	uint64_t seed;
	const char *project;
	int winners, bp;
	int64_t budget;
	bool released;
	struct order orders[ORDERS_MAX];
	int count;
};

static uint64_t
dice(struct model *m, uint64_t n)
{
	/* xorshift64*: any will do, as long as a seed repeats it. */
	m->seed ^= m->seed >> 12;
	m->seed ^= m->seed << 25;
	m->seed ^= m->seed >> 27;
	return (m->seed * UINT64_C(2685821657736338717) >> 16) % n;
}

static int64_t
between(struct model *m, int64_t least, int64_t most)
{
	return least + (int64_t)dice(m, (uint64_t)(most - least) + 1);
}

static int64_t
lot_fen(const struct model *m, int lot)
{
	return m->budget / m->winners + (lot <= m->budget % m->winners ? 1 : 0);
}

static struct order *
holder(struct model *m, int lot)
{
	for (int i = 0; i < m->count; i++)
		if (m->orders[i].lot == lot && !m->orders[i].ended)
			return &m->orders[i];
	return NULL;
}

/* The part of one fund: fiscal 0, social 1. */
static int64_t
part(const struct model *m, int fund, int64_t fen)
{
	int64_t fiscal = fen * m->bp / 10000;

	return fund == 0 ? fiscal : fen - fiscal;
}

static int64_t
order_holds(const struct model *m, const struct order *o, const char *kind, int fund)
{
	int64_t agreed = o->contracted ? o->contract : o->award;

	if (strcmp(kind, "award_committed") == 0)
		return o->ended || o->contracted ? 0 : part(m, fund, o->award);
	if (strcmp(kind, "saving") == 0)
		return o->ended ? 0 : part(m, fund, lot_fen(m, o->lot)) - part(m, fund, agreed);
	if (strcmp(kind, "contract_committed") == 0)
		return o->contracted && !o->accepted ? part(m, fund, o->contract) : 0;
	if (strcmp(kind, "fee_payable") == 0)
		return o->accepted ? part(m, fund, o->contract) - part(m, fund, o->declared) : 0;
	if (strcmp(kind, "fee_paid_declared") == 0)
		return part(m, fund, o->declared) - part(m, fund, o->evidenced);
	ck_assert_str_eq(kind, "fee_paid_evidenced");
	return part(m, fund, o->evidenced);
}

static int64_t
budget_holds(struct model *m, const char *kind, int fund)
{
	int64_t all = 0, free = 0;

	for (int lot = 1; lot <= m->winners; lot++) {
		all += part(m, fund, lot_fen(m, lot));
		if (holder(m, lot) == NULL)
			free += part(m, fund, lot_fen(m, lot));
	}
	if (strcmp(kind, "budget_contra") == 0)
		return m->released ? -(all - free) : -all;
	ck_assert_str_eq(kind, "budget_committed");
	return m->released ? 0 : free;
}

static void
compare(struct model *m)
{
	struct pg_answer a = pg_ask(m->w->pg, m->w->pg->super,
		"SELECT a.order_id, a.kind, a.fund, a.debits_posted - a.credits_posted "
		"FROM market.account a WHERE a.order_id = '%s' OR a.order_id IN "
		"(SELECT o.id FROM market.orders o WHERE o.project_id = '%s')",
		m->project, m->project);

	for (int row = 0; row < PQntuples(a.rows); row++) {
		const char *id = PQgetvalue(a.rows, row, 0), *kind = PQgetvalue(a.rows, row, 1);
		int fund = strcmp(PQgetvalue(a.rows, row, 2), "social") == 0;
		int64_t have = strtoll(PQgetvalue(a.rows, row, 3), NULL, 10), want;
		int i = 0;

		while (i < m->count && strcmp(m->orders[i].id, id) != 0)
			i++;
		want = i < m->count ? order_holds(m, &m->orders[i], kind, fund)
				    : budget_holds(m, kind, fund);
		ck_assert_msg(have == want,
			"%s %s of fund %d: %" PRId64 ", the model says %" PRId64, id, kind, fund,
			have, want);
	}
}

/* --- one step of one order, by its door --- */

static void
door(struct model *m, const struct order *o, enum sql_id id, bool owner, const char *body)
{
	struct pg_answer a = choice_call(m->w, id, owner ? m->w->owner : m->w->agency[o->agency],
		o->id,
		pg_number(m->w->pg, "SELECT version FROM market.orders WHERE id = '%s'", o->id),
		body);

	ck_assert_msg(a.code[0] == '\0', "%s: %s %s", sql_table[id].name, a.code, a.en);
}

static void
follow(struct model *m)
{
	pg_run(m->w->pg, "UPDATE market.project SET state = 'awarded' WHERE id = '%s'", m->project);
	pg_run(m->w->pg,
		"INSERT INTO market.standing (project_id, round, place, agency_id, amount_fen, "
		"state, at) "
		"VALUES ('%s', 1, 1, '%s', 1, 'winner', api.now()) ON CONFLICT DO NOTHING",
		m->project, m->w->agency_id[0]);
	if (m->count > 0)
		pg_run(m->w->pg, "SELECT api.project_follow('%s', api.now())", m->project);
}

static void
order_open(struct model *m, int lot)
{
	struct order *o = &m->orders[m->count];
	int64_t most = lot_fen(m, lot);

	*o = (struct order){.lot = lot,
		.agency = (int)dice(m, CHOICE_AGENCIES),
		.award = dice(m, 4) == 0 ? most : between(m, 1, most)};
	o->id = pg_value(m->w->pg,
		"SELECT api.order_open(p, %d, '%s', %" PRId64
		", api.now()) FROM market.project p WHERE p.id = '%s'",
		m->count + 1, m->w->agency_id[o->agency], o->award, m->project);
	m->count++;
	ck_assert_int_eq(
		pg_number(m->w->pg, "SELECT lot FROM market.orders WHERE id = '%s'", o->id), lot);
	follow(m);
}

static void
order_end(struct model *m, struct order *o)
{
	pg_run(m->w->pg,
		"SELECT api.order_end(p, %d, 'give-up', api.now()) FROM market.project p "
		"WHERE p.id = '%s'",
		(int)(o - m->orders) + 1, m->project);
	o->ended = true;
	follow(m);
}

static void
order_file(struct model *m, struct order *o)
{
	int64_t slack = o->award * TOLERANCE_BP / 10000, most = o->award + slack;

	if (most > lot_fen(m, o->lot))
		most = lot_fen(m, o->lot);
	o->contract = between(m, o->award - slack, most);
	door(m, o, SQL_order_contract, true,
		choice_text(m->w, "{\"amount_fen\":%" PRId64 ",\"number\":\"N\",\"text\":\"T\"}",
			o->contract));
	o->filed = true;
}

static void
order_money(struct model *m, struct order *o)
{
	bool declare =
		o->declared < o->contract && (o->declared == o->evidenced || dice(m, 2) == 0);
	int64_t most = declare ? o->contract - o->declared : o->declared - o->evidenced, fen;

	if (most == 0)
		return;
	fen = dice(m, 3) == 0 ? most : between(m, 1, most);
	door(m, o, declare ? SQL_order_pay : SQL_order_evidence, declare,
		choice_text(m->w, "{\"amount_fen\":%" PRId64 ",\"reference\":\"R\"}", fen));
	if (declare)
		o->declared += fen;
	else
		o->evidenced += fen;
}

static void
order_step(struct model *m, struct order *o)
{
	if (!o->contracted && dice(m, 6) == 0)
		order_end(m, o);
	else if (!o->filed || (!o->contracted && dice(m, 3) == 0))
		order_file(m, o);
	else if (!o->contracted) {
		door(m, o, SQL_order_confirm, false, NULL);
		o->contracted = true;
	} else if (!o->delivered) {
		door(m, o, SQL_order_deliver, false, "{\"note\":\"N\"}");
		o->delivered = true;
	} else if (!o->accepted) {
		door(m, o, SQL_order_accept, true, NULL);
		o->accepted = true;
	} else
		order_money(m, o);
}

static void
project_begin(struct model *m)
{
	m->winners = (int)between(m, 1, WINNERS_MAX);
	m->bp = dice(m, 3) == 0 ? (int)dice(m, 2) * 10000 : (int)between(m, 0, 10000);
	m->budget = dice(m, 2) == 0 ? between(m, m->winners, 50) : between(m, 100, 100000000);
	m->count = 0;
	m->released = false;
	m->project = choice_open(m->w, "draw",
		choice_text(m->w,
			",\"fiscal_bp\":%d,\"winners\":%d,\"price_fen\":%" PRId64
			",\"budget_fen\":%" PRId64,
			m->bp, m->winners, m->budget / m->winners, m->budget));
	follow(m);
}

static void
project_live(struct model *m)
{
	project_begin(m);
	compare(m);
	for (int i = 0; i < STEPS; i++) {
		int lot = (int)between(m, 1, m->winners), lowest = 1;

		while (lowest <= m->winners && holder(m, lowest) != NULL)
			lowest++;
		if (lowest <= m->winners && dice(m, 2) == 0)
			order_open(m, lowest);
		else if (holder(m, lot) != NULL)
			order_step(m, holder(m, lot));
		compare(m);
	}
	if (dice(m, 2) == 0) {
		pg_run(m->w->pg,
			"SELECT api.unpost_budget(p, api.now()) FROM market.project p "
			"WHERE p.id = '%s'",
			m->project);
		m->released = true;
		compare(m);
	}
}

START_TEST(accounts_hold_what_the_totals_of_their_orders_say)
{
	struct model m = {.w = choice_new()};
	const char *given = getenv("FAIRLOT_SEED");
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	m.seed = (uint64_t)now.tv_nsec * 1000003 + (uint64_t)now.tv_sec + 1;
	if (given != NULL)
		ck_assert(text_u64(text_of(given), INT64_MAX, &m.seed));
	m.seed &= INT64_MAX;
	printf("FAIRLOT_SEED=%" PRIu64 "\n", m.seed);
	for (int i = 0; i < PROJECTS; i++)
		project_live(&m);
	ck_assert_int_eq(pg_number(m.w->pg,
				 "SELECT sum(debits_posted - credits_posted) FROM market.account"),
		0);
	/* Not choice_free(): its invariants would see that these orders have no choice. */
	pg_free(&m.w->pg);
	free(m.w);
}
END_TEST

SUITE(ledger, accounts_hold_what_the_totals_of_their_orders_say)
