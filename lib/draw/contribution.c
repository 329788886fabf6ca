#include "lib/draw/contribution.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/hex.h"
#include "lib/draw/record.h"

/* Compressed points of BLS12-381. */
enum {
	DRAND_G1_LEN = 48,
	DRAND_G2_LEN = 96
};

static struct text
bytes(const void *p, size_t len)
{
	return text_span(p, len);
}

struct hash
commitment_of(struct text draw, struct text name, const uint8_t r[CONTRIBUTION_R_LEN])
{
	uint8_t draw_len = (uint8_t)draw.len, name_len = (uint8_t)name.len;
	struct text parts[] = {RECORD_TAG("commit"), bytes(&draw_len, 1), draw, bytes(&name_len, 1),
		name, bytes(r, CONTRIBUTION_R_LEN)};

	must(draw.len <= UINT8_MAX && name.len <= UINT8_MAX);
	return hash_parts(parts, sizeof parts / sizeof parts[0]);
}

static void
value_set(struct value *v, const void *p, size_t len)
{
	memcpy(v->at, p, len);
	v->len = (uint8_t)len;
}

enum check
contribution_check(const struct freeze *freeze, const struct hash *f, size_t index,
	struct text given, struct value *ret_value)
{
	const struct contributor *c = &freeze->contributors[index];
	uint8_t alpha[FREEZE_ALPHA_LEN];
	enum check fault = CHECK_OK;
	struct pulse pulse;
	struct hash h;

	must(index < freeze->contributors_count);
	switch (c->source) {
	case DRAW_VRF:
		freeze_alpha(f, alpha);
		fault = vrf_verify(c->key, bytes(alpha, sizeof alpha), given, &h);
		if (fault == CHECK_OK)
			value_set(ret_value, h.at, HASH_LEN);
		return fault;
	case DRAW_COMMIT:
		if (given.len != CONTRIBUTION_R_LEN)
			return CHECK_COMMITMENT;
		h = commitment_of(freeze->draw, c->name, (const uint8_t *)given.at);
		if (memcmp(h.at, c->hash.at, HASH_LEN) != 0)
			return CHECK_COMMITMENT;
		value_set(ret_value, given.at, CONTRIBUTION_R_LEN);
		return CHECK_OK;
	case DRAW_DRAND:
		if (given.len != DRAND_G1_LEN && given.len != DRAND_G2_LEN)
			return CHECK_BEACON_FORM;
		h = hash_of(given.at, given.len);
		value_set(ret_value, h.at, HASH_LEN);
		return CHECK_OK;
	case DRAW_NIST:
	default:
		if (!pulse_parse(given, &pulse))
			return CHECK_BEACON_FORM;
		hash512_of(given, ret_value->at);
		ret_value->len = HASH512_LEN;
		return CHECK_OK;
	}
}

struct hash
seed_of(const struct freeze *freeze, const struct hash *f, const struct value *values)
{
	uint8_t heads[FREEZE_CONTRIBUTORS_MAX + 1][3];
	struct text parts[3 + 2 * (FREEZE_CONTRIBUTORS_MAX + 1)];
	size_t n = 0, count = freeze->contributors_count;
	uint8_t u16[2] = {(uint8_t)(count >> 8), (uint8_t)count};

	must(count <= FREEZE_CONTRIBUTORS_MAX);
	parts[n++] = RECORD_TAG("seed");
	parts[n++] = bytes(f->at, HASH_LEN);
	parts[n++] = bytes(u16, 2);
	for (size_t i = 0; i < count; i++) {
		heads[i][0] = (uint8_t)freeze->contributors[i].source;
		heads[i][1] = 0;
		heads[i][2] = values[i].len;
		parts[n++] = bytes(heads[i], 3);
		parts[n++] = bytes(values[i].at, values[i].len);
	}
	return hash_parts(parts, n);
}

struct text
contributions_build(struct arena *a, const struct freeze *freeze, const struct hash *f,
	const struct text *given, size_t count)
{
	char hex[2 * CONTRIBUTION_GIVEN_MAX + 1];
	struct buf b;

	must(count <= freeze->contributors_count);
	buf_init(&b, a, 1024);
	hex_encode(f->at, HASH_LEN, hex);
	buf_printf(&b, RECORD_PROTOCOL "\ndraw " TEXT_FMT "\nattempt %u\nfreeze %s\n",
		TEXT_ARG(freeze->draw), freeze->attempt, hex);
	for (size_t i = 0; i < count; i++) {
		must(given[i].len <= CONTRIBUTION_GIVEN_MAX);
		hex_encode((const uint8_t *)given[i].at, given[i].len, hex);
		buf_printf(&b, "value %zu %s %s\n", i + 1,
			draw_source_name(freeze->contributors[i].source), hex);
	}
	return buf_text(&b);
}

static void
head_parse(struct record *r, const struct freeze *freeze, const struct hash *f)
{
	struct text draw = {0};
	struct hash of = {{0}};
	uint64_t attempt = 0;

	if (!record_protocol(r) || !record_key(r, "draw") || !record_id(r, &draw) ||
		!record_done(r) || !record_key(r, "attempt") ||
		!record_number(r, 1, UINT32_MAX, &attempt) || !record_done(r) ||
		!record_key(r, "freeze") || !record_hash(r, &of) || !record_done(r))
		return;
	if (!text_eq(draw, freeze->draw) || attempt != freeze->attempt ||
		memcmp(of.at, f->at, HASH_LEN) != 0)
		record_fail(r, CHECK_VALUE_HEAD);
}

static void
value_parse(struct arena *a, struct record *r, const struct freeze *freeze, size_t index,
	struct text *ret_given)
{
	struct text source = {0}, hex = {0};
	uint64_t number = 0;
	uint8_t *at;

	if (!record_number(r, 0, UINT32_MAX, &number) || !record_word(r, &source) ||
		!record_word(r, &hex) || !record_done(r))
		return;
	if (index >= freeze->contributors_count || number != index + 1 ||
		!text_is(source, draw_source_name(freeze->contributors[index].source))) {
		record_fail(r, CHECK_VALUE_ORDER);
		return;
	}
	at = arena_alloc(a, hex.len / 2 + 1);
	if (hex.len > 2 * CONTRIBUTION_GIVEN_MAX || !hex_decode(hex, at, hex.len / 2))
		record_fail(r, CHECK_HASH);
	*ret_given = bytes(at, hex.len / 2);
}

enum check
contributions_parse(struct arena *a, struct text text, const struct freeze *freeze,
	const struct hash *f, struct text *ret_given, size_t *ret_count, uint32_t *reterr_line)
{
	struct text given[FREEZE_CONTRIBUTORS_MAX + 1] = {{0}};
	struct record r;
	size_t count = 0;

	record_init(&r, text);
	head_parse(&r, freeze, f);
	while (record_key_if(&r, "value")) {
		value_parse(a, &r, freeze, count, &given[count]);
		count++;
	}
	if (record_end(&r) != CHECK_OK) {
		if (reterr_line != NULL)
			*reterr_line = r.number;
		return r.fault;
	}
	for (size_t i = 0; i < count; i++)
		ret_given[i] = given[i];
	*ret_count = count;
	return CHECK_OK;
}

bool
drand_round_time(const struct hash *chain, uint64_t round, struct utc *ret_time)
{
	/* The chain's published parameters: genesis 2023-08-23T15:09:27Z, a round every 3 s. */
	static const char quicknet[] =
		"52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971";
	const int64_t genesis = 1692803367, period = 3;
	uint8_t known[HASH_LEN];

	must(hex_decode(text_of(quicknet), known, HASH_LEN));
	if (memcmp(chain->at, known, HASH_LEN) != 0 || round < 1 || round > UINT32_MAX)
		return false;
	ret_time->us = (genesis + (int64_t)(round - 1) * period) * UTC_SECOND;
	return true;
}
