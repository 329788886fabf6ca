#include "lib/draw/freeze.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/hex.h"
#include "lib/draw/list.h"
#include "lib/draw/record.h"
#include "lib/draw/stream.h"

enum {
	ORIGIN_MAX = 255
};

#define RANGE_SIZE_MAX ((uint64_t)1 << 31)
#define NUMBER_MAX     (((uint64_t)1 << 53) - 1) /* exact in every language's numbers */

static const char *const methods[] = {"fisher-yates", "weighted", "integer"};
static const char *const sources[] = {NULL, "vrf-p256", "commit", "drand", "nist"};

const char *
draw_method_name(enum draw_method m)
{
	return methods[m];
}

const char *
draw_source_name(enum draw_source s)
{
	return sources[s];
}

bool
draw_source_is_beacon(enum draw_source s)
{
	return s == DRAW_DRAND || s == DRAW_NIST;
}

struct hash
freeze_hash(struct text text)
{
	return hash_of(text.at, text.len);
}

void
freeze_alpha(const struct hash *f, uint8_t ret_alpha[FREEZE_ALPHA_LEN])
{
	struct text tag = RECORD_TAG("vrf");

	must(tag.len + HASH_LEN == FREEZE_ALPHA_LEN);
	memcpy(ret_alpha, tag.at, tag.len);
	memcpy(ret_alpha + tag.len, f->at, HASH_LEN);
}

static void
add_hash(struct buf *b, const char *before, const struct hash *h)
{
	char hex[2 * HASH_LEN + 1];

	hex_encode(h->at, HASH_LEN, hex);
	buf_printf(b, "%s%s\n", before, hex);
}

static void
add_contributor(struct buf *b, size_t number, const struct contributor *c)
{
	char hex[2 * VRF_KEY_LEN + 1];

	buf_printf(b, "contributor %zu %s " TEXT_FMT " ", number, sources[c->source],
		TEXT_ARG(c->name));
	if (c->source == DRAW_VRF) {
		hex_encode(c->key, VRF_KEY_LEN, hex);
		buf_printf(b, "%s\n", hex);
	} else if (c->source == DRAW_COMMIT) {
		add_hash(b, "", &c->hash);
	} else if (c->source == DRAW_DRAND) {
		hex_encode(c->hash.at, HASH_LEN, hex);
		buf_printf(b, "%s %llu\n", hex, (unsigned long long)c->round);
	} else {
		buf_printf(b, "%llu\n", (unsigned long long)c->round);
	}
}

enum check
freeze_build(struct arena *a, const struct freeze *f, struct text *ret_text)
{
	struct freeze parsed;
	enum check fault;
	struct buf b;

	buf_init(&b, a, 2048);
	buf_printf(&b, RECORD_PROTOCOL "\norigin " TEXT_FMT "\ndraw " TEXT_FMT "\nattempt %u\n",
		TEXT_ARG(f->origin), TEXT_ARG(f->draw), f->attempt);
	if (f->has_previous)
		add_hash(&b, "previous ", &f->previous);
	else
		buf_str(&b, "previous -\n");
	add_hash(&b, "notice ", &f->notice);
	add_hash(&b, "rules ", &f->rules);
	buf_printf(&b, "method %s\nwinners %u\n", methods[f->method], f->winners);
	if (f->label.len > 0)
		buf_printf(&b, "label " TEXT_FMT "\n", TEXT_ARG(f->label));
	if (f->method == DRAW_INTEGER)
		buf_printf(&b, "range %llu %llu\n", (unsigned long long)f->lo,
			(unsigned long long)f->hi);
	for (size_t i = 0; i < f->quotas_count; i++)
		buf_printf(&b, "quota " TEXT_FMT " %u\n", TEXT_ARG(f->quotas[i].stratum),
			f->quotas[i].winners);
	buf_printf(&b, "candidates %u", f->candidates);
	add_hash(&b, " ", &f->candidates_root);
	buf_printf(&b, "excluded %u", f->excluded);
	add_hash(&b, " ", &f->excluded_root);
	for (size_t i = 0; i < f->contributors_count; i++)
		add_contributor(&b, i + 1, &f->contributors[i]);
	buf_printf(&b, "close " TEXT_FMT "\n", TEXT_ARG(f->close));
	fault = freeze_parse(a, buf_text(&b), &parsed, NULL);
	if (fault == CHECK_OK)
		*ret_text = buf_text(&b);
	return fault;
}

/* A key and one word that is the whole rest of its line. */
static bool
one_word(struct record *r, const char *key, struct text *ret_word)
{
	return record_key(r, key) && record_word(r, ret_word) && record_done(r);
}

static bool
one_hash(struct record *r, const char *key, struct hash *ret_hash)
{
	return record_key(r, key) && record_hash(r, ret_hash) && record_done(r);
}

static bool
number32(struct record *r, uint64_t min, uint64_t max, uint32_t *ret_number)
{
	uint64_t number;

	if (!record_number(r, min, max, &number))
		return false;
	*ret_number = (uint32_t)number;
	return true;
}

static void
parse_head(struct record *r, struct freeze *f)
{
	struct text word = {0};

	(void)record_protocol(r);
	if (one_word(r, "origin", &f->origin) && f->origin.len > ORIGIN_MAX)
		record_fail(r, CHECK_ID);
	if (one_word(r, "draw", &f->draw) && !record_is_id(f->draw))
		record_fail(r, CHECK_ID);
	if (record_key(r, "attempt") && number32(r, 1, LIST_MAX, &f->attempt))
		(void)record_done(r);
	if (one_word(r, "previous", &word) && !text_is(word, "-")) {
		f->has_previous = true;
		if (!hex_decode(word, f->previous.at, HASH_LEN))
			record_fail(r, CHECK_HASH);
	}
	(void)one_hash(r, "notice", &f->notice);
	(void)one_hash(r, "rules", &f->rules);
	if (one_word(r, "method", &word)) {
		unsigned m = 0;

		while (m <= DRAW_INTEGER && !text_is(word, methods[m]))
			m++;
		if (m > DRAW_INTEGER)
			record_fail(r, CHECK_METHOD);
		f->method = (enum draw_method)m;
	}
	if (record_key(r, "winners") && number32(r, 0, LIST_MAX, &f->winners))
		(void)record_done(r);
}

/* Ids joined by "/", at most STREAM_LABEL_MAX bytes. */
static bool
is_label(struct text label)
{
	struct text part = {0};

	if (label.len == 0 || label.len > STREAM_LABEL_MAX || label.at[label.len - 1] == '/')
		return false;
	while (text_cut(&label, '/', &part))
		if (!record_is_id(part))
			return false;
	return true;
}

static void
parse_quotas(struct record *r, struct freeze *f)
{
	uint64_t sum = 0;

	while (record_key_if(r, "quota")) {
		struct quota *q = &f->quotas[f->quotas_count];

		if (f->quotas_count == FREEZE_QUOTAS_MAX) {
			record_fail(r, CHECK_QUOTA);
			return;
		}
		if (!record_id(r, &q->stratum) || !number32(r, 1, LIST_MAX, &q->winners) ||
			!record_done(r))
			return;
		sum += q->winners;
		if ((f->quotas_count > 0 && text_order(q[-1].stratum, q->stratum) >= 0) ||
			sum > f->winners || f->method != DRAW_FISHER_YATES || f->label.len > 0)
			record_fail(r, CHECK_QUOTA);
		f->quotas_count++;
	}
}

static void
parse_options(struct record *r, struct freeze *f)
{
	bool ranged = false;

	if (record_key_if(r, "label") &&
		(!record_word(r, &f->label) || !record_done(r) || !is_label(f->label)))
		record_fail(r, CHECK_LABEL);
	if (record_key_if(r, "range")) {
		ranged = record_number(r, 0, NUMBER_MAX, &f->lo) &&
			record_number(r, 0, NUMBER_MAX, &f->hi) && record_done(r);
		if (ranged && (f->lo > f->hi || f->hi - f->lo >= RANGE_SIZE_MAX))
			record_fail(r, CHECK_RANGE);
	}
	if (ranged != (f->method == DRAW_INTEGER))
		record_fail(r, CHECK_RANGE);
	parse_quotas(r, f);
}

/* Who may stand at which place: operator, owner, then witnesses, a beacon only last. */
static void
place_check(struct record *r, const struct freeze *f, const struct contributor *c)
{
	size_t i = f->contributors_count;

	if ((i == 0 && (c->source != DRAW_VRF || !text_is(c->name, "operator"))) ||
		(i == 1 && (c->source != DRAW_COMMIT || !text_is(c->name, "owner"))))
		record_fail(r, CHECK_CONTRIBUTOR_FIRST);
	if (i > 1 && (c->source == DRAW_COMMIT || draw_source_is_beacon(c[-1].source)))
		record_fail(r, CHECK_CONTRIBUTOR_ORDER);
	for (const struct contributor *o = f->contributors; o < c; o++) {
		if (text_eq(o->name, c->name))
			record_fail(r, CHECK_CONTRIBUTOR_NAME);
		if (o->source == DRAW_VRF && c->source == DRAW_VRF &&
			memcmp(o->key, c->key, VRF_KEY_LEN) == 0)
			record_fail(r, CHECK_CONTRIBUTOR_KEY);
	}
	if (c->source == DRAW_VRF && !vrf_key_holds(c->key))
		record_fail(r, CHECK_KEY_POINT);
}

static void
parse_contributor(struct record *r, struct freeze *f)
{
	struct contributor *c = &f->contributors[f->contributors_count];
	struct text source = {0};
	unsigned s = DRAW_VRF;
	uint64_t number;

	if (!record_number(r, 0, NUMBER_MAX, &number) || !record_word(r, &source) ||
		!record_id(r, &c->name))
		return;
	while (s <= DRAW_NIST && !text_is(source, sources[s]))
		s++;
	if (number != f->contributors_count + 1 || f->contributors_count == FREEZE_CONTRIBUTORS_MAX)
		record_fail(r, CHECK_CONTRIBUTOR_ORDER);
	if (s > DRAW_NIST)
		record_fail(r, CHECK_RECORD);
	if (r->fault != CHECK_OK)
		return;
	c->source = (enum draw_source)s;
	if (s == DRAW_VRF)
		(void)record_hex(r, c->key, VRF_KEY_LEN);
	else if (s != DRAW_NIST)
		(void)record_hash(r, &c->hash);
	if (draw_source_is_beacon(c->source))
		(void)record_number(r, 1, NUMBER_MAX, &c->round);
	if (!record_done(r))
		return;
	place_check(r, f, c);
	f->contributors_count++;
}

enum check
freeze_parse(struct arena *a, struct text text, struct freeze *ret_freeze, uint32_t *reterr_line)
{
	struct freeze f = {0};
	struct record r;

	f.quotas = arena_array(a, struct quota, FREEZE_QUOTAS_MAX + 1);
	f.contributors = arena_array(a, struct contributor, FREEZE_CONTRIBUTORS_MAX + 1);
	record_init(&r, text);
	parse_head(&r, &f);
	parse_options(&r, &f);
	if (record_key(&r, "candidates") && number32(&r, 0, LIST_MAX, &f.candidates) &&
		record_hash(&r, &f.candidates_root) && record_done(&r) &&
		(f.winners < 1 || f.winners > f.candidates))
		record_fail(&r, CHECK_WINNERS);
	if (record_key(&r, "excluded") && number32(&r, 0, LIST_MAX, &f.excluded) &&
		record_hash(&r, &f.excluded_root))
		(void)record_done(&r);
	while (record_key_if(&r, "contributor"))
		parse_contributor(&r, &f);
	if (f.contributors_count < 2)
		record_fail(&r, CHECK_CONTRIBUTOR_FIRST);
	if (one_word(&r, "close", &f.close) && !record_is_time(f.close, false, &f.close_at))
		record_fail(&r, CHECK_CLOSE);
	if (record_end(&r) != CHECK_OK) {
		if (reterr_line != NULL)
			*reterr_line = r.number;
		return r.fault;
	}
	*ret_freeze = f;
	return CHECK_OK;
}
