#include "lib/draw/verify_journal.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/hex.h"
#include "lib/draw/record.h"
#include "lib/draw/signup.h"
#include "lib/draw/verify.h"
#include "lib/ledger/merkle.h"

struct look {
	struct arena *arena;
	const struct verify_journal *j;
	struct verify_attempt *t;
	const struct verify_entry *freeze;
};

static void
row_set(struct look *l, enum check c, enum verify_state state, struct text about)
{
	struct verify_row *row = &l->t->rows[c];

	if (row->state != VERIFY_FAILS)
		*row = (struct verify_row){.state = state, .about = about};
}

bool
verify_entry_parse(struct text bytes, uint64_t index, struct verify_entry *ret_entry)
{
	struct verify_entry e = {.index = index, .leaf = merkle_leaf(bytes)};
	struct text line = {0}, word = {0};

	if (!text_cut(&bytes, '\n', &line) || !text_cut(&line, ' ', &word) ||
		!text_is(word, "fairlot-entry/v1") || !text_cut(&line, ' ', &e.kind) ||
		!text_cut(&line, ' ', &e.subject) || !text_cut(&line, ' ', &word) ||
		!text_cut(&line, ' ', &e.time))
		return false;
	e.payload = bytes;
	*ret_entry = e;
	return true;
}

/* Canonical JSON has a member where it has its text: a quote inside a string is escaped. */
static bool
has(struct text payload, const char *member)
{
	size_t len = strlen(member);

	for (size_t i = 0; i + len <= payload.len; i++)
		if (memcmp(payload.at + i, member, len) == 0)
			return true;
	return false;
}

static bool
is_about(const struct look *l, const struct verify_entry *e, const char *kind)
{
	return text_is(e->kind, kind) && text_eq(e->subject, l->t->draw.freeze.draw);
}

/* One freeze of this attempt stands in the journal, and it is this one. */
static void
check_freeze(struct look *l, struct text freeze)
{
	size_t found = 0;

	for (size_t i = 0; i < l->j->count; i++) {
		const struct verify_entry *e = &l->j->entries[i];
		struct freeze other;
		uint32_t line;

		if (!is_about(l, e, "freeze") ||
			freeze_parse(l->arena, e->payload, &other, &line) != CHECK_OK ||
			other.attempt != l->t->number)
			continue;
		found++;
		if (text_eq(e->payload, freeze))
			l->freeze = e;
	}
	row_set(l, CHECK_FREEZE_ONCE, found == 1 && l->freeze != NULL ? VERIFY_HOLDS : VERIFY_FAILS,
		(struct text){0});
}

bool
verify_key_age(struct text rules, int64_t *ret_us)
{
	struct text line, word = {0};
	uint64_t n;

	while (text_cut(&rules, '\n', &line)) {
		int64_t unit;

		if (!text_cut(&line, ' ', &word) || !text_is(word, "vrf_key_age"))
			continue;
		if (line.len < 2)
			return false;
		switch (line.at[line.len - 1]) {
		case 's':
			unit = UTC_SECOND;
			break;
		case 'h':
			unit = 3600 * UTC_SECOND;
			break;
		case 'd':
			unit = UTC_DAY;
			break;
		default:
			return false;
		}
		if (!text_u64(text_span(line.at, line.len - 1), 100000, &n))
			return false;
		*ret_us = (int64_t)n * unit;
		return true;
	}
	return false;
}

/* Times are what the log said; the place before the freeze is what it cannot take back.  A witness
 * announces its own name; of the operator's key the name is the market's affair. */
static bool
key_is_announced(const struct look *l, const struct contributor *c, int64_t latest_us)
{
	char hex[2 * VRF_KEY_LEN + 1];
	const char *member;

	hex_encode(c->key, VRF_KEY_LEN, hex);
	member = arena_printf(l->arena, "\"public_key\":\"%s\"", hex);
	for (size_t i = 0; i < l->j->count; i++) {
		const struct verify_entry *e = &l->j->entries[i];
		struct utc at;

		if (text_is(e->kind, "key-announced") && has(e->payload, member) &&
			(l->freeze == NULL || e->index < l->freeze->index) &&
			(text_is(c->name, "operator") || text_eq(e->subject, c->name)) &&
			has(e->payload, "\"kind\":\"vrf-p256\"") && time_parse(e->time, &at) &&
			at.us <= latest_us)
			return true;
	}
	return false;
}

static void
check_keys(struct look *l, struct text rules)
{
	const struct freeze *f = &l->t->draw.freeze;
	int64_t age_us;

	if (!verify_key_age(rules, &age_us)) {
		row_set(l, CHECK_KEY_AGE, VERIFY_LEFT, text_of("rules.txt"));
		return;
	}
	for (size_t i = 0; i < f->contributors_count; i++)
		if (f->contributors[i].source == DRAW_VRF &&
			!key_is_announced(l, &f->contributors[i], f->close_at.us - age_us)) {
			row_set(l, CHECK_KEY_AGE, VERIFY_FAILS, f->contributors[i].name);
			return;
		}
	row_set(l, CHECK_KEY_AGE, VERIFY_HOLDS, (struct text){0});
}

/* The entry of value `nth` (from 1) with what the transcript says was given. */
static const struct verify_entry *
find_value(const struct look *l, size_t nth, struct text given)
{
	char *hex = arena_alloc(l->arena, 2 * given.len + 1);
	const char *attempt = arena_printf(l->arena, "{\"attempt\":%u,", l->t->number);
	const char *index = arena_printf(l->arena, "\"index\":%zu,", nth);
	const char *value, *proof;

	hex_encode((const uint8_t *)given.at, given.len, hex);
	value = arena_printf(l->arena, "\"value\":\"%s\"", hex);
	proof = arena_printf(l->arena, "\"proof\":\"%s\"", hex);
	for (size_t i = 0; i < l->j->count; i++) {
		const struct verify_entry *e = &l->j->entries[i];

		if (is_about(l, e, "contribution") && has(e->payload, attempt) &&
			has(e->payload, index) &&
			(has(e->payload, value) || has(e->payload, proof)))
			return e;
	}
	return NULL;
}

/* Some checkpoint holds the entry `before` and not the entry `after`. */
static bool
is_between(const struct verify_journal *j, uint64_t before, uint64_t after)
{
	for (size_t i = 0; i < j->sizes_count; i++)
		if (j->sizes[i] > before && j->sizes[i] <= after)
			return true;
	return false;
}

/* Value 1 may share the checkpoint of the freeze; each other comes after one that holds those
 * before it. */
static void
check_turns(struct look *l, struct text contributions)
{
	const struct freeze *f = &l->t->draw.freeze;
	struct text given[FREEZE_CONTRIBUTORS_MAX + 1];
	uint64_t before;
	uint32_t line;
	size_t count;

	if (contributions.at == NULL || l->freeze == NULL ||
		contributions_parse(l->arena, contributions, f, &l->t->draw.f, given, &count,
			&line) != CHECK_OK)
		return;
	before = l->freeze->index;
	for (size_t i = 0; i < count; i++) {
		const struct verify_entry *e = find_value(l, i + 1, given[i]);

		if (e == NULL) {
			row_set(l, CHECK_CHECKPOINT, VERIFY_FAILS, f->contributors[i].name);
			row_set(l, CHECK_SPOKEN_IN_TURN, VERIFY_LEFT, f->contributors[i].name);
			return;
		}
		if (i == 0 ? e->index <= before : !is_between(l->j, before, e->index)) {
			row_set(l, CHECK_SPOKEN_IN_TURN,
				i > 0 && l->j->sizes_count == 0 ? VERIFY_LEFT : VERIFY_FAILS,
				f->contributors[i].name);
			return;
		}
		before = e->index;
	}
	row_set(l, CHECK_SPOKEN_IN_TURN, VERIFY_HOLDS, (struct text){0});
}

static int
leaf_order(const void *a, const void *b)
{
	return memcmp(a, b, HASH_LEN);
}

/* The leaves of the lists, or of the journal's sign-ups for the draw, to be searched. */
struct leaves {
	struct hash *at;
	size_t count;
};

static void
leaves_sort(struct leaves *s)
{
	if (s->count > 0)
		qsort(s->at, s->count, sizeof *s->at, leaf_order);
}

static bool
leaves_have(const struct leaves *s, const struct hash *leaf)
{
	return s->count > 0 && bsearch(leaf, s->at, s->count, sizeof *s->at, leaf_order) != NULL;
}

static bool
is_signup(const struct look *l, const struct verify_entry *e)
{
	return text_is(e->kind, "signup") && signup_is_of(e->subject, l->t->draw.freeze.draw);
}

/* Who has a seal in the journal stands in a list: nobody is left out. */
static void
check_left_out(struct look *l)
{
	const struct draw *d = &l->t->draw;
	struct leaves listed = {
		arena_array(l->arena, struct hash, d->candidates.count + d->excluded.count), 0};

	for (size_t i = 0; i < d->candidates.count; i++)
		listed.at[listed.count++] = d->candidates.at[i].leaf;
	for (size_t i = 0; i < d->excluded.count; i++)
		listed.at[listed.count++] = d->excluded.at[i].leaf;
	leaves_sort(&listed);
	for (size_t i = 0; i < l->j->count; i++) {
		const struct verify_entry *e = &l->j->entries[i];
		char *hex;

		if (!is_signup(l, e) || leaves_have(&listed, &e->leaf))
			continue;
		hex = arena_alloc(l->arena, 2 * HASH_LEN + 1);
		hex_encode(e->leaf.at, HASH_LEN, hex);
		row_set(l, CHECK_SIGNUP_SET, VERIFY_FAILS, text_of(hex));
		return;
	}
}

/* Every sign-up that the lists name is an entry, and the other way round. */
static void
check_signups(struct look *l)
{
	const struct draw *d = &l->t->draw;
	struct leaves entered = {arena_array(l->arena, struct hash, l->j->count + 1), 0};

	for (size_t i = 0; i < l->j->count; i++)
		if (is_signup(l, &l->j->entries[i]))
			entered.at[entered.count++] = l->j->entries[i].leaf;
	leaves_sort(&entered);
	check_left_out(l);
	for (size_t i = 0; i < d->candidates.count; i++)
		if (!leaves_have(&entered, &d->candidates.at[i].leaf)) {
			row_set(l, CHECK_CHECKPOINT, VERIFY_FAILS, d->candidates.at[i].id);
			return;
		}
	for (size_t i = 0; i < d->excluded.count; i++)
		if (!leaves_have(&entered, &d->excluded.at[i].leaf)) {
			row_set(l, CHECK_CHECKPOINT, VERIFY_FAILS, d->excluded.at[i].id);
			return;
		}
}

/* A void that the journal has is the one that is shown. */
static void
check_void(struct look *l, struct text ended)
{
	for (size_t i = 0; i < l->j->count; i++) {
		const struct verify_entry *e = &l->j->entries[i];
		struct void_record r;

		if (is_about(l, e, "void") && void_parse(e->payload, &r, NULL) == CHECK_OK &&
			r.attempt == l->t->number &&
			(ended.at == NULL || !text_eq(e->payload, ended)))
			row_set(l, CHECK_CHECKPOINT, VERIFY_FAILS, text_of("void.txt"));
	}
}

void
verify_journal(struct arena *a, const struct verify_journal *j,
	const struct verify_journal_files *files, struct verify_attempt *t)
{
	struct look l = {a, j, t, NULL};

	check_freeze(&l, files->freeze);
	check_keys(&l, files->rules);
	check_turns(&l, files->contributions);
	if (t->listed)
		check_signups(&l);
	check_void(&l, files->ended);
	if (l.freeze == NULL)
		row_set(&l, CHECK_CHECKPOINT, VERIFY_FAILS, text_of("freeze.txt"));
	else
		row_set(&l, CHECK_CHECKPOINT, t->listed ? VERIFY_HOLDS : VERIFY_LEFT,
			text_of("candidates.txt"));
	if (t->rows[CHECK_SPOKEN_IN_TURN].state == VERIFY_UNREACHED)
		row_set(&l, CHECK_SPOKEN_IN_TURN, VERIFY_LEFT, text_of("contributions.txt"));
}

bool
verify_journal_froze(struct arena *a, const struct verify_journal *j, struct text draw,
	uint32_t least, uint32_t most)
{
	for (size_t i = 0; i < j->count; i++) {
		const struct verify_entry *e = &j->entries[i];
		struct freeze f;
		uint32_t line;

		if (text_is(e->kind, "freeze") && text_eq(e->subject, draw) &&
			freeze_parse(a, e->payload, &f, &line) == CHECK_OK && f.attempt >= least &&
			f.attempt <= most)
			return true;
	}
	return false;
}
