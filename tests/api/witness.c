#include "tests/api/witness.h"

#include <check.h>
#include <inttypes.h>
#include <string.h>

#include "lib/base/hash.h"
#include "lib/base/hex.h"
#include "lib/draw/announce.h"
#include "lib/draw/draw.h"
#include "lib/ledger/proof.h"
#include "tests/support/journal.h"

static const char *
hex_of(struct scene *s, const uint8_t *bytes, size_t len)
{
	char *hex = arena_alloc(&s->client->arena, 2 * len + 1);

	hex_encode(bytes, len, hex);
	return hex;
}

void
witness_make(struct witness *w, const char *name, int who, unsigned keys)
{
	struct hash h = hash_of(&keys, sizeof keys);

	*w = (struct witness){.name = name, .who = who};
	memcpy(w->vrf_secret, h.at, sizeof w->vrf_secret);
	w->vrf_secret[0] = 1; /* below the order */
	ck_assert(vrf_public(w->vrf_secret, w->vrf_key));
	memcpy(w->cosign_seed, h.at, sizeof w->cosign_seed);
	sign_public(w->cosign_seed, w->cosign_key);
}

/* --- keys --- */

const char *
witness_announcement(struct scene *s, const struct witness *w, const char *proven)
{
	struct announcement n = {.origin = text_of("localhost/market"), .name = text_of(proven)};
	uint8_t sig[SIGN_LEN], proof[VRF_PROOF_LEN];
	struct text text;

	memcpy(n.vrf_key, w->vrf_key, sizeof w->vrf_key);
	memcpy(n.sign_key, w->cosign_key, sizeof w->cosign_key);
	text = announcement_text(&s->client->arena, &n);
	sign_make(w->cosign_seed, text, sig);
	ck_assert(vrf_prove(w->vrf_secret, text, proof));
	return scene_text(s,
		"{\"name\":\"%s\",\"origin\":\"localhost/market\",\"vrf_key\":\"%s\","
		"\"cosign_key\":\"%s\",\"proof\":\"%s\",\"signature\":\"%s\"}",
		w->name, hex_of(s, w->vrf_key, sizeof w->vrf_key),
		hex_of(s, w->cosign_key, sizeof w->cosign_key), hex_of(s, proof, sizeof proof),
		hex_of(s, sig, sizeof sig));
}

void
witness_announce(struct scene *s, const struct witness *w)
{
	scene_does(s, w->who, "POST /v1/witnesses", NULL, witness_announcement(s, w, w->name));
	ck_assert_str_eq(scene_member(s, "/state"), "announced");
}

void
witness_retire(struct scene *s, const struct witness *w)
{
	scene_does(s, w->who, scene_text(s, "POST /v1/witnesses/%s/retirement", w->name), NULL,
		"{\"reason\":\"更换密钥\"}");
	ck_assert_str_eq(scene_member(s, "/state"), "retired");
}

/* --- draws --- */

const char *
witness_value(struct scene *s, const struct witness *w, const char *draw)
{
	uint8_t alpha[FREEZE_ALPHA_LEN], proof[VRF_PROOF_LEN];
	struct hash f;

	ck_assert(hex_decode(
		text_of(pg_value(s->pg,
			"SELECT encode(freeze_hash, 'hex') FROM market.draw WHERE id = '%s'"
			" ORDER BY attempt DESC LIMIT 1",
			draw)),
		f.at, HASH_LEN));
	freeze_alpha(&f, alpha);
	ck_assert(vrf_prove(w->vrf_secret, text_span((const char *)alpha, sizeof alpha), proof));
	return scene_text(s, "{\"value\":\"%s\"}", hex_of(s, proof, sizeof proof));
}

void
witness_contribute(struct scene *s, const struct witness *w, const char *draw, int index)
{
	scene_does(s, w->who, scene_text(s, "PUT /v1/draws/%s/contributions/%d", draw, index), NULL,
		witness_value(s, w, draw));
}

/* --- the journal --- */

struct text
witness_sees(struct scene *s, int64_t size)
{
	return text_of(pg_value(s->pg,
		"SELECT split_part(note, E'\\n\\n', 1) || E'\\n' FROM market.log_checkpoint"
		" WHERE size = %" PRId64,
		size));
}

const char *
witness_cosignature(
	struct scene *s, const struct witness *w, int64_t size, struct text text, uint64_t time_s)
{
	struct arena *a = &s->client->arena;
	uint8_t sig[SIGN_LEN];
	struct text line;

	sign_make(w->cosign_seed, cosignature_text(a, text, time_s), sig);
	line = cosignature_line(a, text_of(w->name), w->cosign_key, time_s, sig);
	line.len--; /* LF */
	return scene_text(
		s, "{\"size\":%" PRId64 ",\"cosignature\":\"" TEXT_FMT "\"}", size, TEXT_ARG(line));
}

int64_t
witness_cosign(struct scene *s, const struct witness *w)
{
	int64_t now_s = pg_number(s->pg, "SELECT floor(extract(epoch FROM api.now()))::bigint"),
		size;

	ck_assert(journal_settles(s->pg, SCENE_WAIT_MS));
	size = pg_number(s->pg, "SELECT max(size) FROM market.log_checkpoint");
	scene_does(s, w->who, "POST /v1/journal/cosignatures", NULL,
		witness_cosignature(s, w, size, witness_sees(s, size), (uint64_t)now_s));
	ck_assert_str_eq(scene_member(s, "/name"), w->name);
	return size;
}

/* --- voids --- */

const char *
witness_signature(struct scene *s, const struct witness *w, const char *request, uint8_t change)
{
	const char *record =
		pg_value(s->pg, "SELECT record FROM market.void_request WHERE id = '%s'", request);
	uint8_t sig[SIGN_LEN];

	sign_make(w->cosign_seed, text_of(record), sig);
	sig[0] = (uint8_t)(sig[0] ^ change);
	return scene_text(s, "{\"signature\":\"%s\"}", hex_of(s, sig, sizeof sig));
}
