/* A witness over the interface: it announces its keys, contributes to a draw, cosigns a checkpoint,
 * and retires. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/hex.h"
#include "lib/draw/announce.h"
#include "lib/draw/draw.h"
#include "lib/ledger/proof.h"
#include "tests/api/life.h"
#include "tests/support/invariant.h"
#include "tests/support/journal.h"
#include "tests/support/suite.h"

/* The secret key of RFC 9381's second example, and any seed: for tests only. */
static const char vrf_secret[] = "2ca1411a41b17b24cc8c3b089cfd033f1920202a6c0de8abb97df1498d50d2c8";
static const uint8_t cosign_seed[SIGN_SEED_LEN] = {7};

static struct scene *market;
static uint8_t secret[VRF_SECRET_LEN], vrf_key[VRF_KEY_LEN], cosign_key[SIGN_KEY_LEN];

static const char *
hex_of(struct scene *s, const uint8_t *bytes, size_t len)
{
	char *hex = arena_alloc(&s->client->arena, 2 * len + 1);

	hex_encode(bytes, len, hex);
	return hex;
}

/* The body of an announcement under this name; for: what the proofs are made over. */
static const char *
announced_as(struct scene *s, const char *name, const char *proven_name)
{
	struct announcement n = {
		.origin = text_of("localhost/market"), .name = text_of(proven_name)};
	uint8_t sig[SIGN_LEN], proof[VRF_PROOF_LEN];
	struct text text;

	memcpy(n.vrf_key, vrf_key, sizeof vrf_key);
	memcpy(n.sign_key, cosign_key, sizeof cosign_key);
	text = announcement_text(&s->client->arena, &n);
	sign_make(cosign_seed, text, sig);
	ck_assert(vrf_prove(secret, text, proof));
	return scene_text(s,
		"{\"name\":\"%s\",\"origin\":\"localhost/"
		"market\",\"vrf_key\":\"%s\",\"cosign_key\":"
		"\"%s\",\"proof\":\"%s\",\"signature\":\"%s\"}",
		name, hex_of(s, vrf_key, sizeof vrf_key), hex_of(s, cosign_key, sizeof cosign_key),
		hex_of(s, proof, sizeof proof), hex_of(s, sig, sizeof sig));
}

static struct scene *
scene_market(void)
{
	if (market != NULL)
		return market;
	market = scene_new("demo");
	ck_assert(hex_decode(text_of(vrf_secret), secret, sizeof secret));
	ck_assert(vrf_public(secret, vrf_key));
	sign_public(cosign_seed, cosign_key);
	scene_refused(market, WITNESS, "POST /v1/witnesses", NULL,
		announced_as(market, "xiehui", "another"), "rule", "/proof");
	scene_refused(market, WITNESS, "POST /v1/witnesses", NULL,
		announced_as(market, "owner", "owner"), "rule", "");
	scene_does(market, WITNESS, "POST /v1/witnesses", NULL,
		announced_as(market, "xiehui", "xiehui"));
	ck_assert_str_eq(scene_member(market, "/state"), "announced");
	scene_refused(market, WITNESS, "POST /v1/witnesses", NULL,
		announced_as(market, "xiehui2", "xiehui2"), "duplicate", "witness.live");
	return market;
}

/* The only value that the witness can give to a frozen draw. */
static const char *
value_for(struct scene *s, const char *draw)
{
	uint8_t alpha[FREEZE_ALPHA_LEN], proof[VRF_PROOF_LEN];
	struct hash f;

	ck_assert(hex_decode(
		text_of(scene_look(s, scene_text(s, "/v1/draws/%s", draw), "/freeze_hash")), f.at,
		HASH_LEN));
	freeze_alpha(&f, alpha);
	ck_assert(vrf_prove(secret, text_span((const char *)alpha, sizeof alpha), proof));
	return scene_text(s, "{\"value\":\"%s\"}", hex_of(s, proof, sizeof proof));
}

START_TEST(draw_with_a_witness_is_of_level_2)
{
	struct scene *s = scene_market();
	const char *project = life_open(s, "draw", NULL, ",\"witnesses\":[\"xiehui\"]");
	const char *draw = scene_text(s, "%s.1", project), *owner;
	const char *put = scene_text(s, "PUT /v1/draws/%s/contributions/3", draw), *value;

	for (int i = 0; i < 3; i++)
		(void)life_signup(s, project, i);
	life_pass(s, project, "/deadline_at", "selecting");
	value = value_for(s, draw);
	owner = scene_text(s, "{\"value\":\"%s\"}", life_r(s, draw));
	scene_refused(s, WITNESS, put, NULL, value, "wrong-state", ""); /* the owner speaks first */
	scene_does(s, OWNER, scene_text(s, "PUT /v1/draws/%s/contributions/2", draw), NULL, owner);
	ck_assert_str_eq(scene_member(s, "/state"), "contributing");
	ck_assert_str_eq(scene_member(s, "/awaited"), "xiehui");
	scene_refused(s, OWNER, put, NULL, value, "forbidden", "");
	scene_refused(s, WITNESS, put, NULL, owner, "rule", "/value");
	scene_does(s, WITNESS, put, NULL, value);
	ck_assert_str_eq(scene_member(s, "/state"), "drawn");
	ck_assert_str_eq(scene_member(s, "/level"), "L2");
	scene_does(s, WITNESS, put, NULL, value); /* the same fact again */
	life_transcript_of(s, draw, 3, 2);
	life_pass(s, project, "/standstill_until", "awarded");
	(void)life_pay(s, project, life_agency(s, project, 0), 9000000);
	scene_does(s, NOBODY, "GET /v1/witnesses/xiehui", NULL, NULL);
	ck_assert_int_eq(scene_number(s, "/draws_contributed"), 1);
	scene_does(s, NOBODY, "GET /v1/witnesses", NULL, NULL);
	ck_assert_str_eq(scene_member(s, "/items/0/name"), "xiehui");
	invariants_hold(s->pg);
}
END_TEST

/* What the witness posts about the checkpoint of this size; text: what it signed. */
static void
cosign(struct scene *s, int64_t size, struct text text, const uint8_t *seed, uint64_t time_s)
{
	uint8_t sig[SIGN_LEN];
	struct text line;

	sign_make(seed, cosignature_text(&s->client->arena, text, time_s), sig);
	line = cosignature_line(&s->client->arena, text_of("xiehui"), cosign_key, time_s, sig);
	line.len--; /* LF */
	scene_ask(s, WITNESS, "POST /v1/journal/cosignatures", NULL,
		scene_text(s, "{\"size\":%lld,\"cosignature\":\"" TEXT_FMT "\"}", (long long)size,
			TEXT_ARG(line)));
}

/* A daemon that may sign serves checkpoints; a cosignature is taken from the announced key only,
 * over this journal's text, once. */
START_TEST(checkpoint_is_cosigned_by_whoever_holds_the_key)
{
	struct scene *s = scene_market();
	char lock[96];
	const char *flags[] = {"--log.lock_file", lock, NULL}, *first;
	uint8_t wrong[SIGN_SEED_LEN] = {8};
	struct text text, other;
	struct hash root = {{0}};
	int64_t size;

	(void)snprintf(lock, sizeof lock, "%s/log.lock", s->daemon->folder);
	ck_assert_int_eq(daemon_stop(s->daemon), 0);
	daemon_restart(s->daemon, flags);
	memcpy(s->client->address, s->daemon->tls, sizeof s->daemon->tls);
	client_reopen(s->client);
	ck_assert(journal_settles(s->pg, SCENE_WAIT_MS));
	scene_does(s, NOBODY, "GET /v1/journal/checkpoints?limit=200", NULL, NULL);
	size = scene_number(s, "/items/0/size");
	text = text_of(pg_value(s->pg,
		"SELECT split_part(note, E'\\n\\n', 1) || E'\\n' FROM market.log_checkpoint WHERE "
		"size = %lld",
		(long long)size));
	other = checkpoint_build(
		&s->client->arena, text_of("localhost/market/journal"), (uint64_t)size, &root);
	cosign(s, size, text, wrong, 1709254800);
	scene_is_refusal(s, "rule", "/cosignature");
	cosign(s, size, other, cosign_seed, 1709254800); /* it saw another journal */
	scene_is_refusal(s, "rule", "/cosignature");
	cosign(s, size + 1000000, other, cosign_seed, 1709254800);
	scene_is_refusal(s, "rule", "/size");
	cosign(s, size, text, cosign_seed, 1709254800);
	ck_assert_msg(s->last.status == 200, TEXT_FMT, TEXT_ARG(s->last.body));
	ck_assert_str_eq(scene_member(s, "/name"), "xiehui");
	first = scene_member(s, "/cosigned_at");
	cosign(s, size, text, cosign_seed, 1709258400); /* and says another time now */
	ck_assert_int_eq(s->last.status, 200);
	ck_assert_str_eq(scene_member(s, "/cosigned_at"), first);
	scene_does(s, NOBODY, "GET /v1/witnesses/xiehui", NULL, NULL);
	ck_assert_int_eq(scene_number(s, "/cosigned_size"), size);
	invariants_hold(s->pg);
}
END_TEST

START_TEST(retired_witness_takes_part_no_more)
{
	struct scene *s = scene_market();
	const char *body = "{\"reason\":\"更换密钥\"}";

	scene_refused(
		s, OWNER, "POST /v1/witnesses/xiehui/retirement", NULL, body, "forbidden", "");
	scene_does(s, WITNESS, "POST /v1/witnesses/xiehui/retirement", NULL, body);
	ck_assert_str_eq(scene_member(s, "/state"), "retired");
	scene_refused(s, OWNER, "POST /v1/projects", NULL,
		life_body(s, "draw", NULL, ",\"witnesses\":[\"xiehui\"]"), "rule", "/witnesses");
	cosign(s, 1, text_of("x"), cosign_seed, 1709254800);
	scene_is_refusal(s, "rule", "witness.live");
	invariants_hold(s->pg);
	scene_free(&market);
}
END_TEST

SUITE(witness, draw_with_a_witness_is_of_level_2, checkpoint_is_cosigned_by_whoever_holds_the_key,
	retired_witness_takes_part_no_more)
