#include "tests/unit/draw/transcript.h"

#include <string.h>

#include "lib/base/must.h"
#include "lib/draw/signup.h"
#include "lib/draw/vrf.h"
#include "lib/ledger/merkle.h"

enum {
	AGENCIES = 6 /* the last one withdrew */
};

static const char draw[] = "prj-demo.1";
static const char notice[] = "{\"draw\":\"prj-demo.1\",\"title\":\"survey\"}\n";
static const char rules[] = "fairlot-policy/v1\nnotice 3s\nvrf_key_age 7d\nwinners_max 10\n";

static void
add(struct transcript *t, const char *name, struct text bytes)
{
	must(t->count < TRANSCRIPT_FILES);
	t->files[t->count++] = (struct verify_file){text_of(name), bytes};
}

/* Secrets for tests: any 32 bytes below the order. */
static void
secret_of(const char *name, uint8_t ret_secret[VRF_SECRET_LEN])
{
	struct hash h = hash_of(name, strlen(name));

	memcpy(ret_secret, h.at, VRF_SECRET_LEN);
	ret_secret[0] &= 0x7f;
}

static void
sign_up(struct arena *a, struct signup *ret_at)
{
	for (size_t i = 0; i < AGENCIES; i++) {
		struct signup *s = &ret_at[i];
		struct hash salt, seal;

		s->id = text_of(arena_printf(a, "agency-%zu", i + 1));
		salt = hash_of(s->id.at, s->id.len);
		memcpy(s->salt, salt.at, SIGNUP_SALT_LEN);
		seal = signup_seal(text_of(draw), s->id, s->salt);
		s->entry = signup_entry(a, text_of(draw),
			text_of(arena_printf(a, "2026-08-31T18:0%zu:00.000000Z", i)), &seal);
		s->leaf = merkle_leaf(s->entry);
	}
}

static void
lists_of(struct arena *a, const struct signup *s, struct text *ret_candidates,
	struct text *ret_excluded)
{
	struct candidate *c = arena_array(a, struct candidate, AGENCIES);
	struct exclusion x = {s[AGENCIES - 1].id, text_of("withdrawn"), s[AGENCIES - 1].leaf};

	for (size_t i = 0; i + 1 < AGENCIES; i++)
		c[i] = (struct candidate){s[i].id, {0}, 1, s[i].leaf};
	must(candidates_build(a, c, AGENCIES - 1, ret_candidates) == CHECK_OK);
	must(exclusions_build(a, &x, 1, ret_excluded) == CHECK_OK);
}

/* One attempt's records; values are given up to `values`.  Returns freeze.txt. */
static struct text
attempt_make(struct arena *a, struct transcript *t, uint32_t number, const struct hash *previous,
	const char *witness, size_t values)
{
	const char *const names[] = {"operator", "owner", witness};
	struct signup signups[AGENCIES];
	struct contributor c[3] = {0};
	struct freeze f = {.origin = text_of("example.org/journal"),
		.draw = text_of(draw),
		.attempt = number,
		.notice = hash_of(notice, strlen(notice)),
		.rules = hash_of(rules, strlen(rules)),
		.winners = 2,
		.contributors = c,
		.contributors_count = 3,
		.close = text_of("2026-08-31T18:43:15Z")};
	struct text candidates, excluded, text = {0}, txt, bin, given[3];
	uint8_t secrets[3][VRF_SECRET_LEN], alpha[FREEZE_ALPHA_LEN], proofs[3][VRF_PROOF_LEN];
	struct draw_end end;
	struct draw d;

	sign_up(a, signups);
	signups_build(a, signups, AGENCIES, &txt, &bin);
	lists_of(a, signups, &candidates, &excluded);
	for (size_t i = 0; i < 3; i++) {
		secret_of(names[i], secrets[i]);
		secrets[i][1] ^= (uint8_t)(i == 1 ? number : 0); /* a commitment serves once */
		c[i].source = i == 1 ? DRAW_COMMIT : DRAW_VRF;
		c[i].name = text_of(names[i]);
		must(vrf_public(secrets[i], c[i].key));
	}
	c[1].hash = commitment_of(f.draw, c[1].name, secrets[1]);
	f.has_previous = previous != NULL;
	f.previous = previous != NULL ? *previous : f.previous;
	must(draw_freeze(a, &f, candidates, excluded, &text) == CHECK_OK);
	must(draw_open(a, text, candidates, excluded, &d) == CHECK_OK);
	freeze_alpha(&d.f, alpha);
	for (size_t i = 0; i < 3; i++) {
		must(vrf_prove(secrets[i], text_span((char *)alpha, sizeof alpha), proofs[i]));
		given[i] = text_span((char *)proofs[i], VRF_PROOF_LEN);
	}
	given[1] = text_span((char *)secrets[1], CONTRIBUTION_R_LEN);
	must(draw_finish(a, &d, given, &end) == CHECK_OK);
	add(t, arena_printf(a, "attempt-%u/freeze.txt", number), text);
	add(t, arena_printf(a, "attempt-%u/candidates.txt", number), candidates);
	add(t, arena_printf(a, "attempt-%u/excluded.txt", number), excluded);
	add(t, arena_printf(a, "attempt-%u/contributions.txt", number),
		contributions_build(a, &d.freeze, &d.f, given, values));
	if (values == 3)
		add(t, arena_printf(a, "attempt-%u/result.txt", number), end.result_text);
	add(t, arena_printf(a, "attempt-%u/signups.txt", number), txt);
	add(t, arena_printf(a, "attempt-%u/signups.bin", number), bin);
	add(t, arena_printf(a, "attempt-%u/notice.txt", number), text_of(notice));
	add(t, arena_printf(a, "attempt-%u/rules.txt", number), text_of(rules));
	return text;
}

void
transcript_make(struct arena *a, struct transcript *ret_t)
{
	struct void_record v = {.draw = text_of(draw),
		.attempt = 1,
		.has_freeze = true,
		.reason = text_of("contributor-stalled"),
		.stalled = text_of("auditor-1"),
		.by = {text_of("usr-a"), text_of("usr-b")},
		.at = text_of("2026-09-01T08:00:00Z")};
	struct text text;
	struct hash h;

	*ret_t = (struct transcript){0};
	text = attempt_make(a, ret_t, 1, NULL, "auditor-1", 2);
	v.freeze = freeze_hash(text);
	must(void_build(a, &v, &text) == CHECK_OK);
	add(ret_t, "attempt-1/void.txt", text);
	h = hash_of(text.at, text.len);
	(void)attempt_make(a, ret_t, 2, &h, "auditor-2", 3);
}

struct text *
transcript_file(struct transcript *t, const char *name)
{
	for (size_t i = 0; i < t->count; i++)
		if (text_is(t->files[i].name, name))
			return &t->files[i].bytes;
	must_fail(__FILE__, __LINE__, name);
}

void
transcript_drop(struct transcript *t, const char *name)
{
	for (size_t i = 0; i < t->count; i++)
		if (text_is(t->files[i].name, name)) {
			t->files[i] = t->files[--t->count];
			return;
		}
	must_fail(__FILE__, __LINE__, name);
}

void
transcript_edit(
	struct arena *a, struct transcript *t, const char *name, const char *old, const char *new)
{
	struct text *bytes = transcript_file(t, name);
	const char *at = memmem(bytes->at, bytes->len, old, strlen(old));
	struct buf b;

	if (at == NULL)
		must_fail(__FILE__, __LINE__, old);
	buf_init(&b, a, bytes->len + strlen(new));
	buf_add(&b, bytes->at, (size_t)(at - bytes->at));
	buf_str(&b, new);
	buf_add(&b, at + strlen(old), bytes->len - (size_t)(at - bytes->at) - strlen(old));
	*bytes = buf_text(&b);
}
