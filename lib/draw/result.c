#include "lib/draw/result.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/hex.h"
#include "lib/draw/order.h"
#include "lib/draw/record.h"

void
result_of(struct arena *a, const struct freeze *freeze, const struct candidates *c,
	const struct hash *seed, struct result *ret_result)
{
	*ret_result = (struct result){.seed = *seed};
	if (freeze->method == DRAW_INTEGER) {
		ret_result->value = order_integer(seed, freeze->label, freeze->lo, freeze->hi);
		return;
	}
	ret_result->order = arena_array(a, uint32_t, c->count);
	order_of(a, freeze, c, seed, ret_result->order);
}

struct text
result_build(struct arena *a, const struct freeze *freeze, const struct hash *f,
	const struct candidates *c, const struct result *r)
{
	char f_hex[2 * HASH_LEN + 1], seed_hex[2 * HASH_LEN + 1];
	struct buf b;

	hex_encode(f->at, HASH_LEN, f_hex);
	hex_encode(r->seed.at, HASH_LEN, seed_hex);
	buf_init(&b, a, 512 + c->count * 32);
	buf_printf(&b, RECORD_PROTOCOL "\ndraw " TEXT_FMT "\nattempt %u\nfreeze %s\nseed %s\n",
		TEXT_ARG(freeze->draw), freeze->attempt, f_hex, seed_hex);
	if (freeze->method == DRAW_INTEGER) {
		buf_printf(&b, "value %llu\n", (unsigned long long)r->value);
		return buf_text(&b);
	}
	buf_str(&b, "order");
	for (size_t i = 0; i < c->count; i++) {
		struct text id = c->at[r->order[i]].id;

		buf_char(&b, ' ');
		buf_add(&b, id.at, id.len);
	}
	buf_char(&b, '\n');
	return buf_text(&b);
}

/* The index of an id in the sorted list; count when it is not there. */
static size_t
find(const struct candidates *c, struct text id)
{
	size_t lo = 0, hi = c->count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int d = text_order(c->at[mid].id, id);

		if (d == 0)
			return mid;
		if (d < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return c->count;
}

static void
parse_order(struct arena *a, struct record *r, const struct candidates *c, struct result *result)
{
	bool *seen = arena_array(a, bool, c->count);
	struct text id = {0};
	size_t n = 0;

	result->order = arena_array(a, uint32_t, c->count);
	while (r->fault == CHECK_OK && r->field.len > 0 && record_id(r, &id)) {
		size_t index = find(c, id);

		if (index == c->count || seen[index]) {
			record_fail(r, CHECK_PERMUTATION);
			return;
		}
		seen[index] = true;
		result->order[n++] = (uint32_t)index;
	}
	if (n != c->count)
		record_fail(r, CHECK_PERMUTATION);
}

enum check
result_parse(struct arena *a, struct text text, const struct freeze *freeze, const struct hash *f,
	const struct candidates *c, struct result *ret_result, uint32_t *reterr_line)
{
	struct result result = {0};
	struct hash of = {{0}};
	struct text draw = {0};
	uint64_t attempt = 0;
	struct record r;

	record_init(&r, text);
	if (record_protocol(&r) && record_key(&r, "draw") && record_id(&r, &draw) &&
		record_done(&r) && record_key(&r, "attempt") &&
		record_number(&r, 1, UINT32_MAX, &attempt) && record_done(&r) &&
		record_key(&r, "freeze") && record_hash(&r, &of) && record_done(&r) &&
		(!text_eq(draw, freeze->draw) || attempt != freeze->attempt ||
			memcmp(of.at, f->at, HASH_LEN) != 0))
		record_fail(&r, CHECK_RESULT_HEAD);
	if (record_key(&r, "seed") && record_hash(&r, &result.seed))
		(void)record_done(&r);
	if (freeze->method == DRAW_INTEGER) {
		if (record_key(&r, "value") && record_number(&r, 0, UINT64_MAX, &result.value))
			(void)record_done(&r);
	} else if (record_key(&r, "order")) {
		parse_order(a, &r, c, &result);
	}
	if (record_end(&r) != CHECK_OK) {
		if (reterr_line != NULL)
			*reterr_line = r.number;
		return r.fault;
	}
	*ret_result = result;
	return CHECK_OK;
}
