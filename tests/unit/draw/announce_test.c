/* Announcements of witnesses: exact text, and both keys shown. */
#include <check.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/draw/announce.h"
#include "tests/support/suite.h"

static struct arena arena;
static uint8_t vrf_secret[VRF_SECRET_LEN], seed[SIGN_SEED_LEN];

struct shown {
	struct announcement n;
	uint8_t sig[SIGN_LEN], proof[VRF_PROOF_LEN];
};

static struct shown
shown_new(const char *name, const char *url)
{
	struct shown s = {.n = {.origin = text_of("fairlot.example/market"),
				  .name = text_of(name),
				  .url = text_of(url)}};
	struct text text;

	memset(vrf_secret, 7, sizeof vrf_secret);
	memset(seed, 9, sizeof seed);
	ck_assert(vrf_public(vrf_secret, s.n.vrf_key));
	sign_public(seed, s.n.sign_key);
	text = announcement_text(&arena, &s.n);
	sign_make(seed, text, s.sig);
	ck_assert(vrf_prove(vrf_secret, text, s.proof));
	return s;
}

static bool
holds(const struct shown *s)
{
	return announcement_holds(
		&arena, &s->n, s->sig, text_span((const char *)s->proof, sizeof s->proof));
}

START_TEST(the_text_is_exact)
{
	struct shown s;

	arena_init(&arena, SIZE_MAX);
	s = shown_new("audit", NULL);
	ck_assert(text_is(announcement_text(&arena, &s.n),
		"fairlot-witness/v1\norigin fairlot.example/market\nname audit\nvrf-p256 "
		"031e18532fd4754c02f3041d9c75ceb33b83ffd81ac7ce4fe882ccb1c98bc5896e\ned25519 "
		"fd1724385aa0c75b64fb78cd602fa1d991fdebf76b13c58ed702eac835e9f618\nurl -\n"));
	arena_reset(&arena);
}
END_TEST

START_TEST(whoever_holds_both_keys_is_believed)
{
	struct shown s;

	arena_init(&arena, SIZE_MAX);
	s = shown_new("audit", "https://audit.example/fairlot");
	ck_assert(holds(&s));
	arena_reset(&arena);
}
END_TEST

START_TEST(a_proof_of_one_key_or_of_another_text_is_not)
{
	struct shown s, other;

	arena_init(&arena, SIZE_MAX);
	s = shown_new("audit", NULL);
	other = shown_new("college", NULL);
	memcpy(s.sig, other.sig, sizeof s.sig);
	ck_assert(!holds(&s));
	s = shown_new("audit", NULL);
	memcpy(s.proof, other.proof, sizeof s.proof);
	ck_assert(!holds(&s));
	s = shown_new("audit", NULL);
	s.n.origin = text_of("other.example/market");
	ck_assert(!holds(&s));
	s = shown_new("audit", NULL);
	s.n.url = text_of("https://audit.example");
	ck_assert(!holds(&s));
	arena_reset(&arena);
}
END_TEST

START_TEST(reserved_names_and_addresses_with_blanks_are_refused)
{
	struct shown s;

	arena_init(&arena, SIZE_MAX);
	s = shown_new("operator", NULL);
	ck_assert(!holds(&s));
	s = shown_new("owner", NULL);
	ck_assert(!holds(&s));
	s = shown_new("a\nb", NULL);
	ck_assert(!holds(&s));
	s = shown_new("audit", "https://a b");
	ck_assert(!holds(&s));
	s = shown_new("audit", "x\ny");
	ck_assert(!holds(&s));
	arena_reset(&arena);
}
END_TEST

SUITE(announce, the_text_is_exact, whoever_holds_both_keys_is_believed,
	a_proof_of_one_key_or_of_another_text_is_not,
	reserved_names_and_addresses_with_blanks_are_refused)
