#include "lib/draw/draw.h"

#include <string.h>

enum check
draw_freeze(struct arena *a, struct freeze *f, struct text candidates, struct text excluded,
	struct text *ret_text)
{
	struct candidates c;
	struct exclusions x;
	struct text both;
	enum check fault;

	if ((fault = candidates_parse(a, candidates, &c, NULL)) != CHECK_OK ||
		(fault = exclusions_parse(a, excluded, &x, NULL)) != CHECK_OK ||
		(fault = list_disjoint(&c, &x, &both)) != CHECK_OK)
		return fault;
	f->candidates = (uint32_t)c.count;
	f->candidates_root = c.root;
	f->excluded = (uint32_t)x.count;
	f->excluded_root = x.root;
	return freeze_build(a, f, ret_text);
}

enum check
draw_lists_check(const struct draw *d)
{
	const struct freeze *f = &d->freeze;
	struct text both;

	if (f->candidates != d->candidates.count)
		return CHECK_CANDIDATE_COUNT;
	if (memcmp(f->candidates_root.at, d->candidates.root.at, HASH_LEN) != 0)
		return CHECK_CANDIDATE_ROOT;
	if (f->excluded != d->excluded.count)
		return CHECK_EXCLUDED_COUNT;
	if (memcmp(f->excluded_root.at, d->excluded.root.at, HASH_LEN) != 0)
		return CHECK_EXCLUDED_ROOT;
	return list_disjoint(&d->candidates, &d->excluded, &both);
}

enum check
draw_open(struct arena *a, struct text freeze, struct text candidates, struct text excluded,
	struct draw *ret_draw)
{
	struct draw d;
	enum check fault;

	if ((fault = freeze_parse(a, freeze, &d.freeze, NULL)) != CHECK_OK ||
		(fault = candidates_parse(a, candidates, &d.candidates, NULL)) != CHECK_OK ||
		(fault = exclusions_parse(a, excluded, &d.excluded, NULL)) != CHECK_OK ||
		(fault = draw_lists_check(&d)) != CHECK_OK)
		return fault;
	d.f = freeze_hash(freeze);
	*ret_draw = d;
	return CHECK_OK;
}

enum check
draw_value(const struct draw *d, size_t index, struct text given, struct value *ret_value)
{
	return contribution_check(&d->freeze, &d->f, index, given, ret_value);
}

enum check
draw_finish(
	struct arena *a, const struct draw *d, const struct text *given, struct draw_end *ret_end)
{
	struct value values[FREEZE_CONTRIBUTORS_MAX];
	size_t count = d->freeze.contributors_count;
	struct draw_end end;
	enum check fault;
	struct hash seed;

	for (size_t i = 0; i < count; i++)
		if ((fault = draw_value(d, i, given[i], &values[i])) != CHECK_OK)
			return fault;
	seed = seed_of(&d->freeze, &d->f, values);
	result_of(a, &d->freeze, &d->candidates, &seed, &end.result);
	end.contributions_text = contributions_build(a, &d->freeze, &d->f, given, count);
	end.result_text = result_build(a, &d->freeze, &d->f, &d->candidates, &end.result);
	*ret_end = end;
	return CHECK_OK;
}
