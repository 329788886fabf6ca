#include "tests/api/contributor.h"

#include <check.h>
#include <string.h>

#include "lib/base/hex.h"
#include "lib/draw/draw.h"
#include "lib/ledger/proof.h"
#include "proto/op.h"
#include "tests/api/life.h"
#include "tests/support/journal.h"

const uint8_t cosign_seed[SIGN_SEED_LEN] = {9};

static void
secret_of(int n, uint8_t ret_secret[VRF_SECRET_LEN])
{
	memset(ret_secret, 0, VRF_SECRET_LEN);
	ret_secret[VRF_SECRET_LEN - 1] = (uint8_t)(n + 1);
}

void
announce(struct scene *s, int n, int who)
{
	uint8_t secret[VRF_SECRET_LEN], key[VRF_KEY_LEN], cosign[SIGN_KEY_LEN];
	char hex[2 * VRF_KEY_LEN + 1], cosign_hex[2 * SIGN_KEY_LEN + 1];

	secret_of(n, secret);
	ck_assert(vrf_public(secret, key));
	hex_encode(key, sizeof key, hex);
	sign_public(cosign_seed, cosign);
	cosign[0] = (uint8_t)(cosign[0] ^ n);
	hex_encode(cosign, sizeof cosign, cosign_hex);
	pg_run(s->pg,
		"INSERT INTO market.draw_key (public_key, name, witness_id, announced_at) VALUES "
		"('\\x%s', 'witness-%d', '%s', api.now()); INSERT INTO market.witness (vrf_key, "
		"cosign_key, name, organisation_id, announced_at) VALUES ('\\x%s', '\\x%s', "
		"'witness-%d', '%s', api.now())",
		hex, n, s->org_id[who], hex, cosign_hex, n, s->org_id[who]);
	pg_run(s->pg,
		"DO $$ BEGIN PERFORM api.witness_entry(w, 'key-announced', 'usr', api.now(), '{}') "
		"FROM market.witness w WHERE w.name = 'witness-%d'; END $$",
		n);
	pg_run(s->pg,
		"UPDATE market.person SET roles = roles | %d WHERE id = '%s'; UPDATE "
		"market.api_key SET roles = roles | %d WHERE user_id = '%s'",
		ROLE_WITNESS, s->user_id[who], ROLE_WITNESS, s->user_id[who]);
}

const char *
proof_of(struct scene *s, const char *draw, int n)
{
	uint8_t secret[VRF_SECRET_LEN], proof[VRF_PROOF_LEN], alpha[FREEZE_ALPHA_LEN];
	char hex[2 * VRF_PROOF_LEN + 1];
	struct hash f;

	ck_assert(hex_decode(
		text_of(scene_look(s, scene_text(s, "/v1/draws/%s", draw), "/freeze_hash")), f.at,
		HASH_LEN));
	freeze_alpha(&f, alpha);
	secret_of(n, secret);
	ck_assert(vrf_prove(secret, text_span((const char *)alpha, sizeof alpha), proof));
	hex_encode(proof, sizeof proof, hex);
	return scene_text(s, "{\"value\":\"%s\"}", hex);
}

const char *
given(struct scene *s, const char *draw, int index)
{
	return scene_text(s, "PUT /v1/draws/%s/contributions/%d", draw, index);
}

const char *
drawing(struct scene *s, const char *more)
{
	const char *project = life_open(s, "draw", NULL, more);

	for (int i = 0; i < 3; i++)
		(void)life_signup(s, project, i);
	life_pass(s, project, "/deadline_at", "selecting");
	return project;
}

void
owner_opens(struct scene *s, const char *draw, const char *r)
{
	scene_does(s, OWNER, given(s, draw, 2), NULL, scene_text(s, "{\"value\":\"%s\"}", r));
	ck_assert_str_eq(scene_member(s, "/state"), "contributing");
}

void
witness_knows(struct scene *s, const char *draw, int64_t late)
{
	struct arena *a = &s->client->arena;
	uint8_t key[SIGN_KEY_LEN], sig[SIGN_LEN];
	struct text text, line;
	int64_t seconds;
	uint64_t at;
	const char *size;

	ck_assert(journal_settles(s->pg, SCENE_WAIT_MS));
	seconds = pg_number(s->pg,
		"SELECT ceil(extract(epoch FROM api.beacon_time(kind, round))) FROM "
		"market.contribution WHERE draw_id = '%s' AND round IS NOT NULL ORDER BY attempt "
		"DESC "
		"LIMIT 1",
		draw);
	at = (uint64_t)(seconds + late);
	size = pg_value(s->pg, "SELECT signed FROM market.log_head WHERE log = 'journal'");
	text = text_of(pg_value(s->pg,
		"SELECT split_part(note, E'\\n\\n', 1) || E'\\n' FROM market.log_checkpoint WHERE "
		"size = %s",
		size));
	sign_public(cosign_seed, key);
	sign_make(cosign_seed, cosignature_text(a, text, at), sig);
	line = cosignature_line(a, text_of("witness-0"), key, at, sig);
	scene_does(s, WITNESS, "POST /v1/journal/cosignatures", NULL,
		scene_text(s, "{\"size\":%s,\"cosignature\":\"" TEXT_FMT "\"}", size,
			(int)line.len - 1, line.at));
}
