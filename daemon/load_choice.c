/* The choices of the set: draws computed by lib/draw like live ones, picks of listed offers,
 * auctions with their bids. */
#include <stdlib.h>
#include <string.h>

#include "daemon/load_set.h"
#include "lib/base/hex.h"
#include "lib/base/time.h"
#include "lib/draw/draw.h"

enum {
	CANDIDATES_FEWEST = 3, /* min_draw_fiscal and min_auction_fiscal of cn-default */
	OFFERS = 800,	       /* besides those that are picked */
	BIDS_MAX = 40,
	BIDDERS_MAX = 6,
	BID_SPAN_S = 110 * 60, /* of the two hours; none in the window that extends */
	SALT_LEN = 16,
	MINUTE_MS = 60 * 1000
};

struct entrant {
	int agency;
	char id[LOAD_ID];
	uint8_t salt[SALT_LEN];
	struct hash leaf;
	int label; /* of a bidder, else 0 */
	int64_t at_us;
	bool withdrawn;
};

struct choice {
	struct load_plan *plan;
	uint8_t r[CONTRIBUTION_R_LEN];
	struct hash commitment;
	struct entrant *at;
	int count;
	const char *notice, *rules, *origin, *close; /* as answered */
	PGresult *said;
};

/* --- who takes part --- */

static struct entrant *
entrant_of(const struct choice *c, const char *agency, const struct load *l)
{
	for (int i = 0; i < c->count; i++)
		if (strcmp(l->agencies[c->at[i].agency].id, agency) == 0)
			return &c->at[i];
	must_fail(__FILE__, __LINE__, "an answer names an agency that did not sign up");
}

static bool
group_taken(const struct load *l, const struct choice *c, int group)
{
	for (int i = 0; group >= 0 && i < c->count; i++)
		if (l->agencies[c->at[i].agency].group == group)
			return true;
	return false;
}

/* At most `most` agencies that may, in random order, one of a group. */
static void
entrants_draw(struct load *l, struct choice *c, int most)
{
	int order[LOAD_AGENCIES], fit = 0;

	for (int i = 0; i < LOAD_AGENCIES; i++)
		if (load_fits(l, i, c->plan))
			order[fit++] = i;
	load_shuffle(l, order, fit);
	c->at = arena_array(&l->arena, struct entrant, (size_t)most);
	for (int i = 0; i < fit && c->count < most; i++)
		if (!group_taken(l, c, l->agencies[order[i]].group))
			c->at[c->count++].agency = order[i];
}

static void
entrants_make(struct load *l, struct choice *c)
{
	bool draw = c->plan->mode == LOAD_DRAW;
	int labels[BIDDERS_MAX],
		most = draw ? CANDIDATES_FEWEST + load_between(l, 0, 9) : BIDDERS_MAX;

	if (draw)
		most += load_between(l, 0, 8);
	else
		most = load_between(l, CANDIDATES_FEWEST, BIDDERS_MAX);
	entrants_draw(l, c, most);
	for (int i = 0; i < c->count && !draw; i++)
		labels[i] = i + 1;
	if (!draw)
		load_shuffle(l, labels, c->count);
	for (int i = 0; i < c->count; i++) {
		struct entrant *e = &c->at[i];

		load_id(l, "sgn", e->id);
		load_bytes(l, e->salt, SALT_LEN);
		e->at_us = load_hour(l, l->days[c->plan->opened + load_between(l, 1, 3)]);
		e->label = draw ? 0 : labels[i];
		e->withdrawn = draw && i >= CANDIDATES_FEWEST && load_below(l, 25) == 0;
	}
}

static const char *
entrants_json(struct load *l, const struct choice *c)
{
	char salt[2 * SALT_LEN + 1];
	struct buf b;

	buf_init(&b, &l->scratch, 4096);
	buf_char(&b, '[');
	for (int i = 0; i < c->count; i++) {
		const struct entrant *e = &c->at[i];

		hex_encode(e->salt, SALT_LEN, salt);
		buf_printf(&b,
			"%s{\"id\":\"%s\",\"agency\":\"%s\",\"salt\":\"\\\\x%s\",\"at\":\"%s\"",
			i == 0 ? "" : ",", e->id, l->agencies[e->agency].id, salt,
			load_time(l, e->at_us));
		if (e->label > 0)
			buf_printf(&b, ",\"label\":\"B%d\"", e->label);
		if (e->withdrawn)
			buf_printf(&b, ",\"withdrawn_at\":\"%s\"",
				load_time(l, e->at_us + 3600 * UTC_SECOND));
		buf_char(&b, '}');
	}
	buf_str(&b, "]");
	buf_char(&b, '\0');
	return b.at;
}

/* --- the project --- */

static const char *
project_json(struct load *l, const struct choice *c)
{
	static const char *const modes[] = {"draw", "pick", "auction"};
	const struct load_plan *p = c->plan;
	const struct load_owner *o = &l->owners[p->owner];
	const struct load_item *item = &l->items[p->item];
	char commitment[2 * HASH_LEN + 1];
	struct buf b;

	hex_encode(c->commitment.at, HASH_LEN, commitment);
	buf_init(&b, &l->scratch, 2048);
	buf_printf(&b,
		"{\"id\":\"%s\",\"owner_id\":\"%s\",\"author_id\":\"%s\",\"item_code\":\"%s\","
		"\"item_version\":%s,\"title\":\"%s%s\",\"content\":\"示例数据：%s委托%s。\","
		"\"mode\":\"%s\",\"profile\":\"" LOAD_SET "\",\"fiscal_bp\":%d,"
		"\"budget_fen\":%lld,\"commitment\":\"\\\\x%s\",\"reviewer_id\":\"%s\",",
		p->project, o->organisation, o->user, item->code, item->version, o->name,
		item->name, o->name, item->name, modes[p->mode], p->fiscal_bp,
		(long long)p->ceiling_fen, commitment, l->operators[load_below(l, 4)]);
	if (p->mode == LOAD_DRAW)
		buf_printf(&b, "\"price_basis\":\"fixed\",\"price_fen\":%lld,", (long long)p->fen);
	else
		buf_printf(&b, "\"price_basis\":\"ceiling\",\"ceiling_fen\":%lld,",
			(long long)p->ceiling_fen);
	if (p->mode == LOAD_AUCTION)
		buf_printf(&b, "\"step_fen\":%lld,", (long long)p->step_fen);
	buf_printf(&b, "\"created_at\":\"%s\",\"opened_at\":\"%s\",",
		load_time(l, p->opened_us - 3600 * UTC_SECOND), load_time(l, p->opened_us));
	buf_printf(&b, "\"deadline_at\":\"%s\",", load_time(l, p->deadline_us));
	buf_printf(&b, "\"standstill_until\":\"%s\",\"awarded_at\":\"%s\"}",
		load_time(l, load_at(l->days[p->awarded - 1] + 1, 0, 0)),
		load_time(l, p->awarded_us));
	buf_char(&b, '\0');
	return b.at;
}

/* Sends the project with its sign-ups and keeps what a freeze needs of the answer. */
static bool
project_send(struct load *l, struct choice *c)
{
	PGresult *r = load_ask(
		l, "project", 2, (const char *const[]){project_json(l, c), entrants_json(l, c)});

	arena_reset(&l->scratch);
	if (r == NULL)
		return false;
	for (int i = 0; i < PQntuples(r) && c->count > 0; i++)
		must(hex_decode(text_of(PQgetvalue(r, i, 1)),
			entrant_of(c, PQgetvalue(r, i, 0), l)->leaf.at, HASH_LEN));
	c->said = r;
	c->notice = PQgetvalue(r, 0, 2);
	c->rules = PQgetvalue(r, 0, 3);
	c->origin = PQgetvalue(r, 0, 4);
	c->close = PQgetvalue(r, 0, 5);
	return *c->origin != '\0' || load_fail(l, "the market has no origin yet");
}

static const char *
draw_id(struct load *l, const struct load_plan *p)
{
	return arena_printf(&l->arena, "%s.1%s", p->project, p->mode == LOAD_AUCTION ? ".tie" : "");
}

/* --- draws --- */

struct lists {
	struct text candidates, excluded, signups;
};

static int
entrant_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* signups.txt: the openings, in the bytewise order of agencies. */
static struct text
signups_build(struct load *l, const struct choice *c)
{
	const char **lines = arena_array(&l->scratch, const char *, (size_t)c->count);
	char salt[2 * SALT_LEN + 1];
	struct buf b;

	for (int i = 0; i < c->count; i++) {
		hex_encode(c->at[i].salt, SALT_LEN, salt);
		lines[i] =
			arena_printf(&l->scratch, "%s %s\n", l->agencies[c->at[i].agency].id, salt);
	}
	qsort(lines, (size_t)c->count, sizeof lines[0], entrant_order);
	buf_init(&b, &l->scratch, 1024);
	for (int i = 0; i < c->count; i++)
		buf_str(&b, lines[i]);
	return buf_text(&b);
}

static enum check
lists_build(struct load *l, const struct choice *c, struct lists *ret_lists)
{
	struct candidate *in = arena_array(&l->scratch, struct candidate, (size_t)c->count);
	struct exclusion *out = arena_array(&l->scratch, struct exclusion, (size_t)c->count + 1);
	size_t in_count = 0, out_count = 0;
	enum check e;

	for (int i = 0; i < c->count; i++) {
		const struct entrant *s = &c->at[i];
		struct text id = text_of(l->agencies[s->agency].id);

		if (s->withdrawn)
			out[out_count++] = (struct exclusion){id, text_of("withdrawn"), s->leaf};
		else
			in[in_count++] = (struct candidate){.id = id, .weight = 1, .leaf = s->leaf};
	}
	ret_lists->signups = signups_build(l, c);
	e = candidates_build(&l->scratch, in, in_count, &ret_lists->candidates);
	return e != CHECK_OK ? e
			     : exclusions_build(&l->scratch, out, out_count, &ret_lists->excluded);
}

static enum check
freeze_make(
	struct load *l, const struct choice *c, const struct lists *lists, struct text *ret_text)
{
	struct contributor contributors[2] = {{.source = DRAW_VRF, .name = text_of("operator")},
		{.source = DRAW_COMMIT, .name = text_of("owner"), .hash = c->commitment}};
	struct freeze f = {.origin = text_of(c->origin),
		.draw = text_of(draw_id(l, c->plan)),
		.attempt = 1,
		.method = DRAW_FISHER_YATES,
		.winners = 1,
		.contributors = contributors,
		.contributors_count = 2,
		.close = text_of(c->close)};

	memcpy(contributors[0].key, l->vrf_key, VRF_KEY_LEN);
	must(hex_decode(text_of(c->notice), f.notice.at, HASH_LEN));
	must(hex_decode(text_of(c->rules), f.rules.at, HASH_LEN));
	return draw_freeze(&l->scratch, &f, lists->candidates, lists->excluded, ret_text);
}

struct computed {
	struct text freeze;
	uint8_t proof[VRF_PROOF_LEN];
	struct value beta;
	struct draw draw;
	struct draw_end end;
};

/* As in a live draw: freeze, the operator's proof about it, the owner's value, seed, order. */
static enum check
draw_compute(struct load *l, const struct choice *c, const struct lists *lists,
	struct computed *ret_draw)
{
	uint8_t alpha[FREEZE_ALPHA_LEN];
	struct text given[2] = {text_span((const char *)ret_draw->proof, VRF_PROOF_LEN),
		text_span((const char *)c->r, CONTRIBUTION_R_LEN)};
	struct hash f;
	enum check e = freeze_make(l, c, lists, &ret_draw->freeze);

	if (e != CHECK_OK)
		return e;
	f = freeze_hash(ret_draw->freeze);
	freeze_alpha(&f, alpha);
	must(vrf_prove(
		l->vrf_secret, text_span((const char *)alpha, sizeof alpha), ret_draw->proof));
	e = draw_open(
		&l->scratch, ret_draw->freeze, lists->candidates, lists->excluded, &ret_draw->draw);
	if (e == CHECK_OK)
		e = draw_value(&ret_draw->draw, 0, given[0], &ret_draw->beta);
	if (e == CHECK_OK)
		e = draw_finish(&l->scratch, &ret_draw->draw, given, &ret_draw->end);
	return e;
}

static const char *
hex_of(struct load *l, const uint8_t *bytes, size_t len)
{
	char *hex = arena_alloc(&l->scratch, 2 * len + 1);

	hex_encode(bytes, len, hex);
	return hex;
}

static const char *
str_of(struct load *l, struct text t)
{
	return arena_str(&l->scratch, t.at, t.len);
}

static bool
draw_send(struct load *l, struct choice *c)
{
	struct load_plan *p = c->plan;
	struct lists lists;
	struct computed *d = arena_new(&l->scratch, struct computed);
	int64_t frozen_us = p->deadline_us + load_between(l, 150, 900) * 1000;
	enum check e = lists_build(l, c, &lists);

	p->chosen_us =
		p->deadline_us + (int64_t)load_between(l, 10 * MINUTE_MS, 240 * MINUTE_MS) * 1000;
	if (e == CHECK_OK)
		e = draw_compute(l, c, &lists, d);
	if (e != CHECK_OK)
		return load_fail(l, check_row(e)->en);
	p->winner = entrant_of(c, str_of(l, d->draw.candidates.at[d->end.result.order[0]].id), l)
			    ->agency;
	return load_call(l, "draw", 6,
		(const char *const[]){
			arena_printf(&l->scratch,
				"{\"project_id\":\"%s\",\"frozen_at\":\"%s\",\"drawn_at\":\"%s\","
				"\"key\":\"%s\",\"proof\":\"%s\",\"beta\":\"%s\",\"r\":\"%s\","
				"\"seed\":\"%s\"}",
				p->project, load_time(l, frozen_us), load_time(l, p->chosen_us),
				hex_of(l, l->vrf_key, VRF_KEY_LEN),
				hex_of(l, d->proof, VRF_PROOF_LEN),
				hex_of(l, d->beta.at, d->beta.len),
				hex_of(l, c->r, CONTRIBUTION_R_LEN),
				hex_of(l, d->end.result.seed.at, HASH_LEN)),
			str_of(l, lists.candidates), str_of(l, lists.excluded),
			str_of(l, lists.signups), str_of(l, d->freeze),
			str_of(l, d->end.result_text)});
}

/* --- offers and picks --- */

static void
offer_add(struct load *l, struct buf *b, const char *id, int agency, const struct load_item *item,
	int64_t fen, int64_t at_us)
{
	int days = item->working_days * load_between(l, 70, 110) / 100;

	if (b->len > 1)
		buf_char(b, ',');
	/* The id's end keeps titles apart that one agency lists for one item. */
	buf_printf(b,
		"{\"id\":\"%s\",\"agency\":\"%s\",\"item\":\"%s\",\"title\":\"%s标准服务 %.4s\","
		"\"price_fen\":%lld,\"working_days\":%d,\"promise\":"
		"\"按期交付，成果不合格免费返工。\","
		"\"at\":\"%s\"}",
		id, l->agencies[agency].id, item->code, item->name, id + 4, (long long)fen,
		days < 1 ? 1 : days, load_time(l, at_us));
}

static bool
offers_send(struct load *l)
{
	struct buf b;
	char id[LOAD_ID];

	buf_init(&b, &l->scratch, 1 << 18);
	buf_char(&b, '[');
	for (int i = 0; i < OFFERS;) {
		int agency = load_between(l, 0, LOAD_AGENCIES - 1);
		struct load_plan p = {.item = load_between(l, 0, LOAD_ITEMS - 1)};
		int64_t fen = (int64_t)load_between(l, 20, 400) * 500 * l->items[p.item].scale * 10;

		p.opened_us = l->agencies[agency].active_us + 1;
		if (!load_fits(l, agency, &p))
			continue;
		load_id(l, "off", id);
		offer_add(l, &b, id, agency, &l->items[p.item], fen,
			load_hour(l, l->days[load_between(l, 90, 249)]));
		i++;
	}
	buf_str(&b, "]");
	buf_char(&b, '\0');
	return load_call(l, "offers", 1, (const char *const[]){b.at});
}

static bool
pick_send(struct load *l, struct choice *c)
{
	static const char *const reasons[] = {"价格合理，工期满足要求", "曾有良好合作，信用评价高",
		"熟悉本地情况，服务响应快", "报价最低且资质满足要求"};
	struct load_plan *p = c->plan;
	int64_t picked_us = p->deadline_us + load_between(l, 20, 90) * 60 * UTC_SECOND;
	const char *reason = reasons[load_below(l, 4)];
	char offer[LOAD_ID];
	struct buf b;

	entrants_draw(l, c, 1);
	if (c->count < 1)
		return load_fail(l, "no agency for a pick");
	p->winner = c->at[0].agency;
	p->chosen_us = p->chosen == p->opened + 4
		? picked_us + load_between(l, 10, 200) * 60 * UTC_SECOND
		: load_hour(l, l->days[p->chosen]);
	load_id(l, "off", offer);
	buf_init(&b, &l->scratch, 1024);
	buf_char(&b, '[');
	offer_add(l, &b, offer, p->winner, &l->items[p->item], p->fen,
		p->opened_us + 1800 * UTC_SECOND);
	buf_str(&b, "]");
	buf_char(&b, '\0');
	if (!load_call(l, "offers", 1, (const char *const[]){b.at}))
		return false;
	return load_call(l, "pick", 1,
		(const char *const[]){arena_printf(&l->scratch,
			"{\"project_id\":\"%s\",\"offer_id\":\"%s\",\"agency_id\":\"%s\","
			"\"amount_fen\":%lld,\"reason\":\"%s\",\"at\":\"%s\",\"answered_at\":\"%"
			"s\"}",
			p->project, offer, l->agencies[p->winner].id, (long long)p->fen, reason,
			load_time(l, picked_us), load_time(l, p->chosen_us))});
}

/* --- auctions --- */

/* Amounts from the last bid upwards, each at least a step above; at most the ceiling. */
static int
bids_make(struct load *l, const struct load_plan *p, int64_t ret_fen[BIDS_MAX])
{
	int count = 0;
	int64_t fen = p->fen;

	while (fen <= p->ceiling_fen && count < BIDS_MAX) {
		ret_fen[count++] = fen;
		fen += p->step_fen + p->step_fen * load_between(l, 0, 99) / 100 / 100 * 100;
	}
	return count;
}

static bool
auction_send(struct load *l, struct choice *c)
{
	struct load_plan *p = c->plan;
	int64_t fen[BIDS_MAX], slot_ms;
	int count = bids_make(l, p, fen), bidder = 0;
	char id[LOAD_ID];
	struct buf b;

	load_id(l, "auc", id);
	slot_ms = BID_SPAN_S * 1000 / (count + 1);
	buf_init(&b, &l->scratch, 4096);
	buf_char(&b, '[');
	for (int i = 0; i < count; i++) {
		int64_t at = p->deadline_us +
			((i + 1) * slot_ms - load_between(l, 0, (int)slot_ms / 2)) * 1000;

		/* Everyone bids once, then whoever did not bid last. */
		if (i < c->count)
			bidder = i;
		else
			bidder = (bidder + load_between(l, 1, c->count - 1)) % c->count;
		buf_printf(&b, "%s{\"agency\":\"%s\",\"amount_fen\":%lld,\"at\":\"%s\"}",
			i == 0 ? "" : ",", l->agencies[c->at[bidder].agency].id,
			(long long)fen[count - 1 - i], load_time(l, at));
	}
	buf_str(&b, "]");
	buf_char(&b, '\0');
	p->winner = c->at[bidder].agency;
	p->chosen_us = p->deadline_us + 2 * 3600 * UTC_SECOND;
	return load_call(l, "auction", 2,
		(const char *const[]){
			arena_printf(&l->scratch, "{\"id\":\"%s\",\"project_id\":\"%s\"}", id,
				p->project),
			b.at});
}

/* --- one after the other --- */

static bool
choice_make(struct load *l, struct choice *c)
{
	struct load_plan *p = c->plan;
	const char *id = draw_id(l, p);

	load_bytes(l, c->r, sizeof c->r);
	c->commitment = commitment_of(text_of(id), text_of("owner"), c->r);
	if (p->mode != LOAD_PICK) {
		entrants_make(l, c);
		if (c->count < CANDIDATES_FEWEST)
			return load_fail(l, "too few agencies for a choice");
	}
	if (!project_send(l, c))
		return false;
	switch (p->mode) {
	case LOAD_DRAW:
		return draw_send(l, c);
	case LOAD_PICK:
		return pick_send(l, c);
	case LOAD_AUCTION:
	default:
		return auction_send(l, c);
	}
}

bool
load_choices(struct load *l)
{
	if (!offers_send(l))
		return false;
	for (int i = 0; i < LOAD_ORDERS; i++) {
		struct choice c = {.plan = &l->plans[i]};
		bool ok = choice_make(l, &c) && load_order(l, c.plan);

		PQclear(c.said);
		if (!ok)
			return false;
		if (l->progress != NULL && ((i + 1) % 100 == 0 || i + 1 == LOAD_ORDERS))
			(void)fprintf(l->progress, "%d of %d orders\n", i + 1, LOAD_ORDERS);
	}
	return true;
}
