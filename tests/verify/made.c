#include "tests/verify/made.h"

#include <string.h>

#include "lib/base/hex.h"
#include "lib/base/must.h"
#include "lib/draw/signup.h"
#include "lib/ledger/merkle.h"
#include "tests/unit/draw/pulse_make.h"

enum {
	AGENCIES_MAX = 60,
	WITNESSES_MAX = 3,
	CONTRIBUTORS_MAX = WITNESSES_MAX + 3
};

/* What one attempt is made of; the next attempt starts from it. */
struct plan {
	struct text draw, round; /* of a tie: the round's draw, whose sign-ups count */
	struct signup signups[AGENCIES_MAX];
	struct candidate candidates[AGENCIES_MAX];
	struct exclusion excluded[AGENCIES_MAX];
	size_t agencies, candidates_count, excluded_count;
	struct contributor contributors[CONTRIBUTORS_MAX];
	struct quota quotas[2];
	struct freeze freeze;
	struct text notice, rules;
	bool beside; /* notice, rules and sign-ups are there */
};

static const char *const strata[] = {"east", "north"};
static const char *const closes[] = {"2026-08-31T18:43:15Z", "2024-02-29T00:00:00Z",
	"2026-08-31T18:43:14Z", "2000-12-31T23:59:59Z", "2026-01-01T12:00:00Z"};

size_t
made_find(const struct made *m, const char *name)
{
	size_t i = 0;

	while (i < m->count && !text_is(m->files[i].name, name))
		i++;
	return i;
}

void
made_add(struct made *m, const char *name, struct text bytes)
{
	must(m->count < MADE_FILES_MAX);
	m->files[m->count++] = (struct verify_file){text_of(name), bytes};
}

void
made_drop(struct made *m, size_t index)
{
	m->count--;
	memmove(&m->files[index], &m->files[index + 1], (m->count - index) * sizeof m->files[0]);
}

static void
put(struct arena *a, struct made *m, uint32_t attempt, const char *name, struct text bytes)
{
	const char *whole = arena_printf(a, "attempt-%u/%s", attempt, name);
	size_t at = made_find(m, whole);

	if (at < m->count)
		m->files[at].bytes = bytes;
	else
		made_add(m, whole, bytes);
}

static void
fill(struct dice *d, void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((uint8_t *)bytes)[i] = (uint8_t)dice_word(d);
}

static void
key_make(struct made *m, struct dice *d, uint8_t ret_key[VRF_KEY_LEN])
{
	struct made_key *k = &m->keys[m->keys_count++];

	must(m->keys_count <= MADE_KEYS_MAX);
	fill(d, k->secret, VRF_SECRET_LEN);
	k->secret[0] &= 0x7f;
	must(vrf_public(k->secret, k->key));
	memcpy(ret_key, k->key, VRF_KEY_LEN);
}

static void
agencies_make(struct arena *a, struct dice *d, struct plan *p)
{
	static const char *const ends[] = {"", ".x", "-b_2", "Z9"};

	p->agencies = dice_once(d, 8) ? 1 + dice_below(d, AGENCIES_MAX) : 1 + dice_below(d, 12);
	for (size_t i = 0; i < p->agencies; i++) {
		struct signup *s = &p->signups[i];
		struct hash seal;

		s->id = text_of(arena_printf(a, "agy%02zu%s", i, ends[dice_below(d, 4)]));
		fill(d, s->salt, sizeof s->salt);
		seal = signup_seal(p->round, s->id, s->salt);
		s->entry = signup_entry(a, p->round,
			text_of(arena_printf(a, "2026-08-%02zuT%02zu:00:00.%06zuZ",
				1 + dice_below(d, 31), dice_below(d, 24), dice_below(d, 1000000))),
			&seal);
		s->leaf = merkle_leaf(s->entry);
	}
}

static uint32_t
weight_make(struct dice *d, bool weighted)
{
	if (!weighted)
		return 1;
	return (uint32_t)(1 + dice_below(d, dice_once(d, 10) ? 30000000 : 100));
}

/* Who may win and who may not; at least one may. */
static void
lists_make(struct dice *d, struct plan *p)
{
	static const char *const reasons[] = {"withdrawn", "not-active", "low-credit"};
	bool weighted = p->freeze.method == DRAW_WEIGHTED;

	p->candidates_count = p->excluded_count = 0;
	for (size_t i = 0; i < p->agencies; i++) {
		const struct signup *s = &p->signups[i];
		size_t stratum = dice_below(d, 3);

		if (i > 0 && dice_once(d, 5))
			p->excluded[p->excluded_count++] = (struct exclusion){
				s->id, text_of(reasons[dice_below(d, 3)]), s->leaf};
		else
			p->candidates[p->candidates_count++] = (struct candidate){s->id,
				stratum < 2 ? text_of(strata[stratum]) : (struct text){0},
				weight_make(d, weighted), s->leaf};
	}
}

static void
method_make(struct dice *d, struct plan *p)
{
	static const char *const labels[] = {"shortlist", "tie/lot-1", "coef"};
	struct freeze *f = &p->freeze;
	size_t most = p->candidates_count < 5 ? p->candidates_count : 5;

	f->winners = (uint32_t)(1 + dice_below(d, most));
	f->label = dice_once(d, 4) ? text_of(labels[dice_below(d, 3)]) : (struct text){0};
	f->quotas = p->quotas;
	f->quotas_count = 0;
	if (f->method == DRAW_INTEGER) {
		f->lo = dice_once(d, 3) ? ((uint64_t)1 << 53) - 1 - ((uint64_t)1 << 31)
					: dice_below(d, 1000);
		f->hi = f->lo + (dice_once(d, 3) ? ((uint64_t)1 << 31) - 1 : dice_below(d, 300));
	}
	if (f->method == DRAW_FISHER_YATES && f->winners >= 2 && dice_once(d, 2)) {
		f->label = (struct text){0};
		for (size_t i = dice_below(d, 2); i < 2; i++)
			p->quotas[f->quotas_count++] = (struct quota){text_of(strata[i]), 1};
		if (f->quotas_count == 1)
			p->quotas[0].winners = f->winners;
	}
}

static void
beacon_make(struct dice *d, struct contributor *c)
{
	if (dice_once(d, 2)) {
		*c = (struct contributor){.source = DRAW_NIST,
			.name = text_of("2"),
			.round = 1 + dice_below(d, 1000000)};
		return;
	}
	*c = (struct contributor){
		.source = DRAW_DRAND, .name = text_of("quicknet"), .round = MADE_ROUND};
	must(hex_decode(text_of(MADE_CHAIN), c->hash.at, HASH_LEN));
	if (dice_once(d, 4)) /* a chain that no verifier knows */
		fill(d, c->hash.at, HASH_LEN);
}

static void
contributors_make(struct arena *a, struct made *m, struct dice *d, struct plan *p)
{
	struct contributor *c = p->contributors;
	size_t n = 2, witnesses = dice_below(d, WITNESSES_MAX + 1);

	c[0] = (struct contributor){.source = DRAW_VRF, .name = text_of("operator")};
	c[1] = (struct contributor){.source = DRAW_COMMIT, .name = text_of("owner")};
	key_make(m, d, c[0].key);
	for (size_t i = 0; i < witnesses; i++, n++) {
		c[n] = (struct contributor){
			.source = DRAW_VRF, .name = text_of(arena_printf(a, "witness-%zu", i))};
		key_make(m, d, c[n].key);
	}
	if (dice_once(d, 4))
		beacon_make(d, &c[n++]);
	p->freeze.contributors = c;
	p->freeze.contributors_count = n;
}

void
made_pulse_turn(struct dice *d, struct made *m)
{
	static const int64_t delays_ms[] = {119999, 120000, 120001, 119000, 3600000, -1};
	static const uint32_t statuses[] = {0, 0, 0, 1, 2, 3, 4};
	static const int grows[] = {0, 0, 0, 0, -1, -256, -257, 1, 512, 700};

	m->pulse.at.us = m->close_at.us + 1000 * delays_ms[dice_below(d, 6)];
	m->pulse.chain_off = dice_once(d, 4);
	m->pulse.number_off = dice_once(d, 4);
	m->pulse.status = statuses[dice_below(d, 7)];
	m->pulse.grow = grows[dice_below(d, 10)];
}

static void
plan_make(struct arena *a, struct made *m, struct dice *d, struct plan *ret_plan)
{
	struct plan *p = ret_plan;

	*p = (struct plan){0};
	p->round = text_of(
		arena_printf(a, "prj-%zu.%zu", dice_below(d, 100000), 1 + dice_below(d, 3)));
	p->draw = dice_once(d, 5) ? text_of(arena_printf(a, TEXT_FMT ".tie", TEXT_ARG(p->round)))
				  : p->round;
	p->notice = text_of(arena_printf(a, "{\"title\":\"%zu\"}\n", dice_below(d, 1000)));
	p->rules = text_of("fairlot-policy/v1\nnotice 3s\nvrf_key_age 7d\nwinners_max 10\n");
	p->beside = !dice_once(d, 6);
	p->freeze.origin = text_of("example.org/journal");
	p->freeze.draw = p->draw;
	p->freeze.notice = hash_of(p->notice.at, p->notice.len);
	p->freeze.rules = hash_of(p->rules.at, p->rules.len);
	p->freeze.method = (enum draw_method)dice_below(d, 3);
	p->freeze.close = text_of(closes[dice_below(d, sizeof closes / sizeof closes[0])]);
	must(time_parse(p->freeze.close, &p->freeze.close_at));
	m->close_at = p->freeze.close_at;
	m->pulse = (struct made_pulse){
		.at = {m->close_at.us + 120 * UTC_SECOND}, .fill = (uint8_t)dice_word(d)};
	agencies_make(a, d, p);
	lists_make(d, p);
	method_make(d, p);
	contributors_make(a, m, d, p);
}

static struct text
pulse_given(struct arena *a, const struct made_pulse *how, const struct contributor *c)
{
	struct text given;
	struct pulse p;
	uint64_t chain;

	if (!text_u64(c->name, UINT64_MAX, &chain))
		chain = 0;
	pulse_make(a, chain + how->chain_off, c->round + how->number_off, how->at, how->fill, &p);
	p.status = how->status;
	given = pulse_sign(a, &p);
	if (how->grow > 0) { /* what comes after it is zeros */
		char *more = arena_alloc(a, given.len + (size_t)how->grow);

		memcpy(more, given.at, given.len);
		given.at = more;
	}
	given.len += (size_t)how->grow;
	return given;
}

/* A proof, an opening, what the beacon said: given[i] as contributor i of the freeze would. */
static struct text
given_make(struct arena *a, const struct made *m, const struct contributor *c,
	const uint8_t alpha[FREEZE_ALPHA_LEN])
{
	uint8_t *bytes = arena_alloc(a, VRF_PROOF_LEN);

	if (c->source == DRAW_DRAND)
		return m->drand;
	if (c->source == DRAW_NIST)
		return pulse_given(a, &m->pulse, c);
	if (c->source == DRAW_COMMIT) {
		for (size_t i = 0; i < MADE_ATTEMPTS_MAX; i++)
			if (memcmp(m->openings[i].commitment.at, c->hash.at, HASH_LEN) == 0)
				memcpy(bytes, m->openings[i].r, CONTRIBUTION_R_LEN);
		return text_span((char *)bytes, CONTRIBUTION_R_LEN);
	}
	for (size_t i = 0; i < m->keys_count; i++)
		if (memcmp(m->keys[i].key, c->key, VRF_KEY_LEN) == 0)
			must(vrf_prove(m->keys[i].secret,
				text_span((const char *)alpha, FREEZE_ALPHA_LEN), bytes));
	return text_span((char *)bytes, VRF_PROOF_LEN);
}

static struct text
bytes_of(struct arena *a, const struct made *m, uint32_t attempt, const char *name)
{
	size_t at = made_find(m, arena_printf(a, "attempt-%u/%s", attempt, name));

	return at < m->count ? m->files[at].bytes : (struct text){0};
}

void
made_speak(struct arena *a, struct made *m, uint32_t attempt, size_t count)
{
	struct text freeze = bytes_of(a, m, attempt, "freeze.txt"), given[FREEZE_CONTRIBUTORS_MAX];
	uint8_t alpha[FREEZE_ALPHA_LEN];
	struct draw_end end;
	struct draw d = {0};
	size_t result;

	if (freeze_parse(a, freeze, &d.freeze, NULL) != CHECK_OK)
		return;
	d.f = freeze_hash(freeze);
	freeze_alpha(&d.f, alpha);
	count = count > d.freeze.contributors_count ? d.freeze.contributors_count : count;
	for (size_t i = 0; i < count; i++)
		given[i] = given_make(a, m, &d.freeze.contributors[i], alpha);
	put(a, m, attempt, "contributions.txt",
		contributions_build(a, &d.freeze, &d.f, given, count));
	if (count == d.freeze.contributors_count &&
		draw_open(a, freeze, bytes_of(a, m, attempt, "candidates.txt"),
			bytes_of(a, m, attempt, "excluded.txt"), &d) == CHECK_OK &&
		draw_finish(a, &d, given, &end) == CHECK_OK) {
		put(a, m, attempt, "result.txt", end.result_text);
		return;
	}
	result = made_find(m, arena_printf(a, "attempt-%u/result.txt", attempt));
	if (result < m->count)
		made_drop(m, result);
}

static void
attempt_make(struct arena *a, struct made *m, struct dice *d, struct plan *p, size_t count)
{
	struct made_opening *o = &m->openings[p->freeze.attempt - 1];
	struct text candidates, excluded, freeze, txt, bin;

	fill(d, o->r, sizeof o->r);
	o->commitment = p->contributors[1].hash = commitment_of(p->draw, text_of("owner"), o->r);
	must(candidates_build(a, p->candidates, p->candidates_count, &candidates) == CHECK_OK);
	must(exclusions_build(a, p->excluded, p->excluded_count, &excluded) == CHECK_OK);
	must(draw_freeze(a, &p->freeze, candidates, excluded, &freeze) == CHECK_OK);
	put(a, m, p->freeze.attempt, "freeze.txt", freeze);
	put(a, m, p->freeze.attempt, "candidates.txt", candidates);
	put(a, m, p->freeze.attempt, "excluded.txt", excluded);
	if (p->beside) {
		signups_build(a, p->signups, p->agencies, &txt, &bin);
		put(a, m, p->freeze.attempt, "signups.txt", txt);
		put(a, m, p->freeze.attempt, "signups.bin", bin);
		put(a, m, p->freeze.attempt, "notice.txt", p->notice);
		put(a, m, p->freeze.attempt, "rules.txt", p->rules);
	}
	made_speak(a, m, p->freeze.attempt, count);
}

/* Who stalled is replaced; an owner does not stall here, since that ends a round. */
static struct text
staller_replace(struct arena *a, struct made *m, struct dice *d, struct plan *p, size_t spoken)
{
	struct contributor *c = &p->contributors[spoken];
	struct text name = c->name;

	if (c->source != DRAW_VRF)
		return (struct text){0};
	key_make(m, d, c->key);
	if (spoken > 0)
		c->name = text_of(arena_printf(a, "witness-%zu-%u", spoken, p->freeze.attempt + 1));
	return name;
}

static void
void_make(struct arena *a, struct made *m, struct dice *d, struct plan *p, struct text stalled,
	bool frozen)
{
	struct text freeze = bytes_of(a, m, p->freeze.attempt, "freeze.txt"), text;
	struct void_record v = {.draw = p->draw,
		.attempt = p->freeze.attempt,
		.has_freeze = frozen,
		.freeze = freeze_hash(freeze),
		.stalled = stalled,
		.by = {text_of("usr-a"), text_of("usr-b")},
		.at = text_of("2026-09-01T08:00:00Z")};
	bool list = dice_once(d, 3);

	v.reason = text_of(list ? "list-changed" : "contributor-stalled");
	must(void_build(a, &v, &text) == CHECK_OK);
	put(a, m, p->freeze.attempt, "void.txt", text);
	p->freeze.has_previous = true;
	p->freeze.previous = hash_of(text.at, text.len);
	if (list) {
		lists_make(d, p);
		method_make(d, p);
	}
}

void
made_prove(struct arena *a, struct dice *d, struct made *m, enum twist twist)
{
	if (m->proofs)
		prove(a, (struct prove_files){m->files, &m->count, MADE_FILES_MAX}, d, twist);
}

void
made_make(struct arena *a, struct dice *d, struct text drand, bool proofs, struct made *ret_made)
{
	struct made *m = ret_made;
	struct plan *p = arena_new(a, struct plan);
	size_t all;

	*m = (struct made){.drand = drand, .proofs = proofs && !dice_once(d, 8)};
	m->attempts = dice_once(d, 3) ? 1 + dice_below(d, MADE_ATTEMPTS_MAX) : 1;
	plan_make(a, m, d, p);
	all = p->freeze.contributors_count;
	for (p->freeze.attempt = 1; p->freeze.attempt < m->attempts; p->freeze.attempt++) {
		size_t spoken = dice_below(d, all);
		bool frozen = !dice_once(d, 6);
		struct text stalled = {0};

		if (frozen) {
			attempt_make(a, m, d, p, spoken);
			stalled = staller_replace(a, m, d, p, spoken);
		}
		void_make(a, m, d, p, stalled, frozen);
	}
	attempt_make(a, m, d, p, dice_once(d, 10) ? dice_below(d, all) : all);
	made_prove(a, d, m, TWIST_NONE);
}
