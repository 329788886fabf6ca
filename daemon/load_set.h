#pragma once

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/base/arena.h"
#include "lib/base/must.h"
#include "lib/base/text.h"
#include "lib/draw/stream.h"
#include "lib/draw/vrf.h"

/* What the parts of the generator share: load.c talks to the database and holds the dice,
 * load_people.c makes who takes part, load_plan.c decides what every order is and when,
 * load_choice.c makes the choices, load_order.c what follows an award. */

#define LOAD_SET "changde-2021"

/* The published figures. */
enum {
	LOAD_AGENCIES = 535,
	LOAD_CATEGORIES = 30,
	LOAD_ITEMS = 141,
	LOAD_USERS = 10112,
	LOAD_DRAWS = 500,
	LOAD_PICKS = 200,
	LOAD_AUCTIONS = 113,
	LOAD_ORDERS = LOAD_DRAWS + LOAD_PICKS + LOAD_AUCTIONS
};
#define LOAD_CONTRACTS_FEN INT64_C(48852400000)

enum {
	LOAD_OWNERS = 1140,
	LOAD_ORGANS = 280, /* of the owners: they spend fiscal funds */
	LOAD_BUREAUS = 16, /* regulators */
	LOAD_ID = 31	   /* "org_", 26 characters, NUL */
};

struct load_item {
	const char *code, *version, *name;
	int category; /* index */
	int working_days;
	int scale; /* of its fees, in quarters */
};

struct load_need { /* a qualification that items of a category ask for */
	int category;
	const char *qualification;
	const char *grades; /* enough ones, separated by '|'; "" when it has none */
};

struct load_agency {
	char id[LOAD_ID], organisation[LOAD_ID], user[LOAD_ID];
	int categories[2]; /* the second may be -1 */
	int group;	   /* of agencies under one control, or -1 */
	int64_t active_us;
};

struct load_owner {
	char organisation[LOAD_ID], user[LOAD_ID];
	const char *name;
	bool organ;
	int64_t registered_us;
};

enum load_mode {
	LOAD_DRAW,
	LOAD_PICK,
	LOAD_AUCTION
};

/* One project, its choice and its order.  Days are indices into load.days. */
struct load_plan {
	enum load_mode mode;
	int item, owner, fiscal_bp;
	int64_t fen;	     /* award and contract */
	int64_t ceiling_fen; /* budget too; a draw has a fixed price, which is fen */
	int64_t step_fen;
	int opened, chosen, awarded, contract, delivered, accepted, declared, evidenced;
	char project[LOAD_ID], order[LOAD_ID];
	int64_t opened_us, deadline_us, chosen_us, awarded_us;
	int winner; /* index of the agency */
};

struct load {
	PGconn *conn;
	FILE *progress;
	char *why;
	struct arena arena;   /* the set */
	struct arena scratch; /* one call */
	struct stream stream; /* every choice comes from here */
	uint8_t vrf_secret[VRF_SECRET_LEN], vrf_key[VRF_KEY_LEN];
	int32_t *days; /* working days of 2021, since 1970 */
	int days_count;
	const char *category_names[LOAD_CATEGORIES], *category_codes[LOAD_CATEGORIES];
	struct load_item items[LOAD_ITEMS];
	struct load_need *needs;
	size_t needs_count;
	struct load_agency agencies[LOAD_AGENCIES];
	struct load_owner owners[LOAD_OWNERS];
	char operators[4][LOAD_ID], regulator[LOAD_ID]; /* users */
	struct load_plan plans[LOAD_ORDERS];
};

/* --- load.c --- */

/* Runs sql/install/load_<name>.sql; NULL when it failed, and then l->why says it. */
PGresult *load_ask(struct load *l, const char *name, int count, const char *const *params);
MUST_USE bool load_call(struct load *l, const char *name, int count, const char *const *params);
MUST_USE bool load_fail(struct load *l, const char *why);

uint32_t load_below(struct load *l, uint32_t n);       /* 0 … n-1 */
int load_between(struct load *l, int least, int most); /* both included */
void load_id(struct load *l, const char *kind, char ret_id[LOAD_ID]);
void load_bytes(struct load *l, uint8_t *ret_bytes, size_t len);
void load_shuffle(struct load *l, int *items, int count);

/* An instant of a day in the zone +08:00, and one of its working hours by chance. */
int64_t load_at(int32_t day, int hour, int minute);
int64_t load_hour(struct load *l, int32_t day);
/* RFC 3339 with milliseconds, in the scratch arena. */
const char *load_time(struct load *l, int64_t us);

/* --- the parts, in the order they run --- */

MUST_USE bool load_people(struct load *l);
void load_plan(struct load *l);
MUST_USE bool load_choices(struct load *l);

/* Whether an agency may take part in a plan's choice. */
bool load_fits(const struct load *l, int agency, const struct load_plan *p);

MUST_USE bool load_order(struct load *l, const struct load_plan *p);
