/* What every order of the set is: which way of choosing, item, owner, fee, and on which working
 * days it was opened, chosen, contracted, delivered, accepted and paid; all within 2021.  Fees
 * are spread like a log-normal distribution, in integers, and add up to the published sum. */
#include <stdlib.h>
#include <string.h>

#include "daemon/load_set.h"
#include "lib/base/num.h"
#include "lib/base/time.h"

/* 1024 · 2^(i/16), rounded. */
static const int32_t roots[16] = {1024, 1069, 1117, 1166, 1218, 1272, 1328, 1387, 1448, 1512, 1579,
	1649, 1722, 1798, 1878, 1961};

enum {
	DICE = 6,	 /* their sum is near a normal distribution */
	DICE_SIDES = 32, /* 16 steps are a factor of 2: sigma is about 1.4 octaves */
	AUCTION_FACTOR = 4,
	PICK_FACTOR = 36,
	PICK_FEN_MAX = 20000000, /* pick_limit_fen of cn-default */
	PICK_FEN_MIN = 200000,
	YUAN = 100,
	STEP_FEN_MIN = 10000, /* auction_step_min_fen of cn-default */

	/* In working days.  Three of notice and three of standstill are whole days, so what follows
	 * happens on the fourth. */
	WAIT_DAYS = 4,
	CONTRACT_DAYS = 12, /* with holidays less than the profile's 30 days */
	ACCEPT_DAYS = 7,    /* less than the profile's 10 */
	PAY_DAYS = 15,
	SERVICE_DAYS_MAX = 150,
	OTHER_DAYS = 2 * WAIT_DAYS + 1 + CONTRACT_DAYS + ACCEPT_DAYS + PAY_DAYS + 2
};

/* Below 2^26: the sum to spread times a weight stays below 2^62. */
static int64_t
fee_weight(struct load *l, const struct load_plan *p)
{
	int sum = 0;

	for (int i = 0; i < DICE; i++)
		sum += load_between(l, 0, DICE_SIDES - 1);
	return ((int64_t)roots[sum % 16] << (sum / 16)) * l->items[p->item].scale / 4 *
		(p->mode == LOAD_AUCTION ? AUCTION_FACTOR : 1);
}

static void
fees_spread(struct load *l)
{
	int64_t weights[LOAD_ORDERS], total = 0, left = LOAD_CONTRACTS_FEN, rest;
	int largest = 0;

	for (int i = 0; i < LOAD_ORDERS; i++) {
		struct load_plan *p = &l->plans[i];

		weights[i] = fee_weight(l, p);
		if (p->mode != LOAD_PICK) {
			total += weights[i];
			continue;
		}
		p->fen = weights[i] * PICK_FACTOR / YUAN * YUAN;
		p->fen = p->fen > PICK_FEN_MAX ? PICK_FEN_MAX : p->fen;
		p->fen = p->fen < PICK_FEN_MIN ? PICK_FEN_MIN : p->fen;
		left -= p->fen;
	}
	rest = left;
	for (int i = 0; i < LOAD_ORDERS; i++) {
		struct load_plan *p = &l->plans[i];
		int64_t product;

		if (p->mode == LOAD_PICK)
			continue;
		must(num_mul(left, weights[i], &product));
		p->fen = product / total / YUAN * YUAN;
		rest -= p->fen;
		if (p->fen > l->plans[largest].fen)
			largest = i;
	}
	l->plans[largest].fen += rest;
}

/* What the owner is ready to pay: a fixed price, or a ceiling above what it will come to. */
static void
ceiling_set(struct load *l, struct load_plan *p)
{
	p->ceiling_fen = p->fen;
	if (p->mode == LOAD_PICK)
		p->ceiling_fen += p->fen * load_between(l, 0, 30) / 100 / YUAN * YUAN;
	if (p->mode == LOAD_AUCTION) {
		p->step_fen = p->fen / 200 / YUAN * YUAN;
		p->step_fen = p->step_fen < STEP_FEN_MIN ? STEP_FEN_MIN : p->step_fen;
		p->ceiling_fen += p->step_fen * load_between(l, 8, 40);
	}
}

static void
days_set(struct load *l, struct load_plan *p)
{
	int service = l->items[p->item].working_days * load_between(l, 60, 110) / 100;
	int most = l->days_count - 1 - OTHER_DAYS - 3;

	service = service < 3 ? 3 : service > SERVICE_DAYS_MAX ? SERVICE_DAYS_MAX : service;
	p->opened = load_between(l, 0, most - service);
	p->chosen = p->opened + WAIT_DAYS + (p->mode == LOAD_PICK ? load_between(l, 0, 1) : 0);
	p->awarded = p->chosen + WAIT_DAYS;
	p->contract = p->awarded + load_between(l, 2, CONTRACT_DAYS);
	p->delivered = p->contract + service;
	p->accepted = p->delivered + load_between(l, 1, ACCEPT_DAYS);
	p->declared = p->accepted + load_between(l, 2, PAY_DAYS);
	p->evidenced = p->declared + load_between(l, 1, 2);
	must(p->evidenced < l->days_count);

	p->opened_us = load_hour(l, l->days[p->opened]);
	p->deadline_us = p->mode == LOAD_AUCTION ? load_at(l->days[p->opened + WAIT_DAYS], 9, 30)
						 : load_at(l->days[p->opened + WAIT_DAYS], 10, 0);
	p->awarded_us =
		load_at(l->days[p->awarded], 8, 30) + (int64_t)load_below(l, 1800 * 1000) * 1000;
}

bool
load_fits(const struct load *l, int agency, const struct load_plan *p)
{
	const struct load_agency *a = &l->agencies[agency];
	int category = l->items[p->item].category;

	return a->active_us < p->opened_us &&
		(a->categories[0] == category || a->categories[1] == category);
}

/* Organs spend public money, firms mostly their own. */
static void
owner_set(struct load *l, struct load_plan *p)
{
	static const int shares[] = {10000, 10000, 10000, 8000, 5000, 3000};

	do
		p->owner = load_below(l, 2) == 0 ? load_between(l, 0, LOAD_ORGANS - 1)
						 : load_between(l, 0, LOAD_OWNERS - 1);
	while (l->owners[p->owner].registered_us >= p->opened_us);
	p->fiscal_bp = l->owners[p->owner].organ ? shares[load_below(l, 6)] : 0;
}

static int
plan_order(const void *a, const void *b)
{
	const struct load_plan *left = a, *right = b;

	if (left->opened_us != right->opened_us)
		return left->opened_us < right->opened_us ? -1 : 1;
	return strcmp(left->project, right->project);
}

void
load_plan(struct load *l)
{
	for (int i = 0; i < LOAD_ORDERS; i++) {
		struct load_plan *p = &l->plans[i];

		p->mode = i < LOAD_DRAWS	      ? LOAD_DRAW
			: i < LOAD_DRAWS + LOAD_PICKS ? LOAD_PICK
						      : LOAD_AUCTION;
		p->item = load_between(l, 0, LOAD_ITEMS - 1);
		load_id(l, "prj", p->project);
		load_id(l, "ord", p->order);
		days_set(l, p);
		owner_set(l, p);
	}
	fees_spread(l);
	for (int i = 0; i < LOAD_ORDERS; i++)
		ceiling_set(l, &l->plans[i]);
	qsort(l->plans, LOAD_ORDERS, sizeof l->plans[0], plan_order);
}
