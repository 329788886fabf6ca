#include "tests/sql/choice.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/hex.h"
#include "lib/draw/draw.h"
#include "lib/policy/policy.h"
#include "proto/op.h"
#include "tests/support/folder.h"

/* The secret key of RFC 9381's first example: for tests only. */
static const char operator_secret[] =
	"c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";

const char *
choice_text(struct choice *w, const char *fmt, ...)
{
	struct buf b;
	va_list ap;
	char line[8192];

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	buf_init(&b, &w->pg->arena, strlen(line) + 1);
	buf_str(&b, line);
	buf_char(&b, '\0');
	return b.at;
}

static void
policy_enter(struct choice *w)
{
	struct buf settings;
	struct policy demo;
	const char *rules;

	ck_assert(policy_profile(text_of("demo"), &demo));
	rules = choice_text(w, TEXT_FMT, TEXT_ARG(policy_build(&demo, &w->pg->arena)));
	buf_init(&settings, &w->pg->arena, 2048);
	for (int i = 0; i < POLICY_KEYS; i++)
		buf_printf(&settings, "%s\"%s\":\"%s\"", i == 0 ? "{" : ",", policy_table[i].name,
			policy_table[i].demo);
	buf_str(&settings, "}");
	buf_char(&settings, '\0');
	pg_run(w->pg,
		"INSERT INTO market.policy (hash, name, version, body, settings, recorded_at) "
		"VALUES (sha256(convert_to('%s', 'UTF8')), 'demo', 1, '%s', '%s', api.now())",
		rules, rules, settings.at);
	pg_run(w->pg,
		"INSERT INTO market.setting VALUES ('demo', 'on'), "
		"('origin', 'fairlot.example/market') ON CONFLICT (key) DO UPDATE SET value "
		"= excluded.value");
}

static void
key_announce(struct choice *w)
{
	uint8_t secret[VRF_SECRET_LEN], key[VRF_KEY_LEN];
	char hex[2 * VRF_KEY_LEN + 1];

	ck_assert(hex_decode(text_of(operator_secret), secret, sizeof secret));
	ck_assert(vrf_public(secret, key));
	hex_encode(key, sizeof key, hex);
	pg_run(w->pg,
		"INSERT INTO market.draw_key (public_key, name, announced_at) "
		"VALUES ('\\x%s', 'operator', api.now())",
		hex);
	pg_run(w->pg, "INSERT INTO market.setting VALUES ('operator_key', '%s')", hex);
}

static const char *
agency_enter(struct choice *w, const char *key, int i)
{
	return pg_value(w->pg,
		"INSERT INTO market.agency (id, organisation_id, name, state, categories, "
		"legal_representative, phone, address, search, registered_at, recorded_at) "
		"VALUES (api.new_id('agc'), '%s', '机构%d', 'active', '{C01}', '法人', '1', "
		"'地址', "
		"'', api.now(), api.now()) RETURNING id",
		pg_org_of(w->pg, key), i);
}

const char *
choice_agency(struct choice *w, int i)
{
	const char *key = pg_person(w->pg, "agency", ROLE_AGENCY);

	(void)agency_enter(w, key, i);
	return key;
}

struct choice *
choice_new(void)
{
	struct choice *w = calloc(1, sizeof *w);

	ck_assert_ptr_nonnull(w);
	w->pg = pg_new();
	pg_clock_set(w->pg, "2024-03-01T09:00:00+08");
	policy_enter(w);
	pg_run(w->pg, "INSERT INTO market.category VALUES ('C01', '测绘', 'Surveying')");
	pg_run(w->pg,
		"INSERT INTO market.item (code, version, category_code, name_zh, name_en, "
		"legal_basis, approval_item, approval_department, service_mode, working_days, "
		"search, recorded_at) VALUES ('I001', 1, 'C01', '勘测', 'Survey', '法', '批', "
		"'局', "
		"'自行', 10, '', api.now())");
	w->owner = pg_person(w->pg, "owner", ROLE_OWNER);
	w->reviewer = pg_person(w->pg, "operator", ROLE_OPERATOR);
	w->reviewer2 = pg_person(w->pg, "operator", ROLE_OPERATOR);
	w->regulator = pg_person(w->pg, "regulator", ROLE_REGULATOR);
	for (int i = 0; i < CHOICE_AGENCIES; i++) {
		w->agency[i] = pg_person(w->pg, "agency", ROLE_AGENCY);
		w->agency_id[i] = agency_enter(w, w->agency[i], i);
	}
	key_announce(w);
	return w;
}

void
choice_free(struct choice **w)
{
	char *invariant = folder_source("tests/sql/invariant.sql");
	struct pg_answer a = pg_ask((*w)->pg, (*w)->pg->super, "%s", invariant);

	free(invariant);
	ck_assert_str_eq(a.code, "");
	for (int i = 0; i < PQntuples(a.rows); i++)
		printf("%s: %s\n", PQgetvalue(a.rows, i, 0), PQgetvalue(a.rows, i, 1));
	ck_assert_int_eq(PQntuples(a.rows), 0);
	pg_free(&(*w)->pg);
	free(*w);
	*w = NULL;
}

/* The roles op.def asks for do not matter here: "0" asks for none. */
struct pg_answer
choice_call(struct choice *w, enum sql_id id, const char *caller, const char *object,
	long long if_match, const char *body)
{
	choice_send(w, w->pg->writer, id, caller, object, if_match, body);
	return pg_receive(w->pg, w->pg->writer);
}

void
choice_send(struct choice *w, PGconn *conn, enum sql_id id, const char *caller, const char *object,
	long long if_match, const char *body)
{
	static const char *const known[] = {"id", "if_match", "body", "salt"};
	char key[32], version[32], salt[40];
	const char *const given[] = {object, if_match < 0 ? NULL : version, body, salt};
	const char *name[4] = {0}, *value[4] = {0};
	int n = 0;

	(void)snprintf(key, sizeof key, "k%d", ++w->calls);
	(void)snprintf(version, sizeof version, "%lld", if_match);
	(void)snprintf(salt, sizeof salt, "\\x%032x", (unsigned)w->calls);
	/* Only what the statement has is named; the first nameless pair ends the list. */
	for (int i = 0; i < 4; i++)
		for (int p = 0; p < sql_table[id].params_count; p++)
			if (strcmp(sql_table[id].params[p].name, known[i]) == 0) {
				name[n] = known[i];
				value[n++] = given[i];
			}
	pg_send(w->pg, conn, id, "caller", caller, "need", "0", "idem", key, name[0], value[0],
		name[1], value[1], name[2], value[2], name[3], value[3], NULL);
}

void
choice_accepts(const struct pg_answer *a, int status)
{
	if (a->code[0] != '\0')
		printf("refused: %s %s %s %s\n", a->code, a->rule, a->pointer, a->en);
	ck_assert_str_eq(a->code, "");
	ck_assert_int_eq(a->status, status);
}

void
choice_refuses(const struct pg_answer *a, const char *code, const char *rule)
{
	if (strcmp(a->code, code) != 0 || strcmp(a->rule, rule) != 0)
		printf("expected %s %s; got '%s' %s %s %s\n", code, rule, a->code, a->rule,
			a->pointer, a->en);
	ck_assert_str_eq(a->code, code);
	ck_assert_str_eq(a->rule, rule);
}

struct pg_answer
choice_done(struct choice *w, int status, enum sql_id id, const char *caller, const char *object,
	long long if_match, const char *body)
{
	struct pg_answer a = choice_call(w, id, caller, object, if_match, body);

	choice_accepts(&a, status);
	return a;
}

struct pg_answer
choice_refused(struct choice *w, const char *code, const char *rule, enum sql_id id,
	const char *caller, const char *object, long long if_match, const char *body)
{
	struct pg_answer a = choice_call(w, id, caller, object, if_match, body);

	choice_refuses(&a, code, rule);
	return a;
}

const char *
choice_body(struct choice *w, const char *mode, const char *more)
{
	const char *price = strcmp(mode, "draw") == 0
		? "\"price_basis\":\"fixed\",\"price_fen\":100000"
		: "\"price_basis\":\"ceiling\",\"ceiling_fen\":100000";
	const char *plain = choice_text(w,
		"{\"item\":\"I001\",\"title\":\"勘测项目\",\"content\":\"勘测 \\\"一\\\" "
		"号地\\n块\","
		"\"mode\":\"%s\",\"profile\":\"demo\",\"fiscal_bp\":10000,%s,\"budget_fen\":200000",
		mode, price);

	/* The later of two members counts in jsonb. */
	return choice_text(w, "%s%s}", plain, more);
}

const char *
choice_draft(struct choice *w, const char *mode, const char *more)
{
	struct pg_answer a =
		choice_call(w, SQL_project_create, w->owner, NULL, -1, choice_body(w, mode, more));

	choice_accepts(&a, 201);
	return pg_member(w->pg, a.body, "/id");
}

static const char *
draw_of(struct choice *w, const char *project)
{
	return pg_value(
		w->pg, "SELECT api.draw_id(p) FROM market.project p WHERE p.id = '%s'", project);
}

const char *
choice_r(struct choice *w, const char *project)
{
	return pg_value(w->pg, "SELECT encode(sha256(convert_to('r of %s', 'UTF8')), 'hex')",
		draw_of(w, project));
}

const char *
choice_commitment(struct choice *w, const char *project)
{
	uint8_t r[CONTRIBUTION_R_LEN];
	char hex[2 * HASH_LEN + 1];
	struct hash c;

	ck_assert(hex_decode(text_of(choice_r(w, project)), r, sizeof r));
	c = commitment_of(text_of(draw_of(w, project)), text_of("owner"), r);
	hex_encode(c.at, HASH_LEN, hex);
	return choice_text(w, "{\"commitment\":\"%s\"}", hex);
}

long long
choice_version(struct choice *w, const char *project)
{
	return pg_number(w->pg, "SELECT version FROM market.project WHERE id = '%s'", project);
}

const char *
choice_state(struct choice *w, const char *project)
{
	return pg_value(w->pg, "SELECT state FROM market.project WHERE id = '%s'", project);
}

static void
to_review(struct choice *w, const char *project)
{
	struct pg_answer a = choice_call(w, SQL_project_commit, w->owner, project,
		choice_version(w, project), choice_commitment(w, project));

	choice_accepts(&a, 200);
	a = choice_call(w, SQL_project_submit, w->owner, project, -1, NULL);
	choice_accepts(&a, 200);
}

const char *
choice_review(struct choice *w, const char *mode, const char *more)
{
	const char *project = choice_draft(w, mode, more);

	to_review(w, project);
	return project;
}

const char *
choice_open(struct choice *w, const char *mode, const char *more)
{
	const char *project = choice_review(w, mode, more);
	struct pg_answer a = choice_call(w, SQL_project_review, w->reviewer, project,
		choice_version(w, project), "{\"publish\":true}");

	choice_accepts(&a, 200);
	return project;
}

struct pg_answer
choice_signup(struct choice *w, const char *project, int agency)
{
	return choice_call(w, SQL_signup_create, w->agency[agency], project, -1, NULL);
}

bool
choice_job(struct choice *w, enum sql_id job, const char *subject)
{
	struct pg_answer a = pg_call(w->pg, w->pg->writer, job, "subject", subject, NULL);

	if (a.code[0] != '\0')
		printf("job refused: %s %s %s\n", a.code, a.rule, a.en);
	ck_assert_str_eq(a.code, "");
	return strcmp(PQgetvalue(a.rows, 0, 0), "t") == 0;
}

void
choice_deadline(struct choice *w, const char *project)
{
	pg_clock_set(w->pg,
		pg_value(w->pg, "SELECT deadline_at FROM market.project WHERE id = '%s'", project));
	ck_assert(choice_job(w, SQL_job_project_deadline, project));
}

static const char *
column(const struct pg_answer *a, const char *name)
{
	int n = PQfnumber(a->rows, name);

	ck_assert_int_ge(n, 0);
	return PQgetvalue(a->rows, 0, n);
}

static uint32_t
number(const struct pg_answer *a, const char *name)
{
	uint64_t n = 0;

	ck_assert(text_u64(text_of(column(a, name)), UINT32_MAX, &n));
	return (uint32_t)n;
}

/* freeze.txt from what the database drafted, by lib/draw. */
static struct text
freeze_text(struct choice *w, const struct pg_answer *v)
{
	struct freeze f;
	struct text text;

	ck_assert_int_eq(
		freeze_parse(&w->pg->arena, text_of(column(v, "draft")), &f, NULL), CHECK_OK);
	ck_assert_int_eq(draw_freeze(&w->pg->arena, &f, text_of(column(v, "candidates")),
				 text_of(column(v, "excluded")), &text),
		CHECK_OK);
	return text;
}

static const char *
as_bytea(struct choice *w, const uint8_t *at, size_t len)
{
	char hex[256];

	hex_encode(at, len, hex);
	return choice_text(w, "\\x%s", hex);
}

void
choice_freeze_send(struct choice *w, PGconn *conn, const char *draw)
{
	struct pg_answer v =
		pg_call(w->pg, w->pg->reader, SQL_draw_freeze_read, "subject", draw, NULL);
	uint8_t secret[VRF_SECRET_LEN], key[VRF_KEY_LEN], proof[VRF_PROOF_LEN];
	uint8_t alpha[FREEZE_ALPHA_LEN];
	struct text freeze;
	struct hash f, value;

	ck_assert_str_eq(v.code, "");
	if (strcmp(column(&v, "state"), "open") != 0 ||
		number(&v, "eligible") < number(&v, "minimum")) {
		pg_send(w->pg, conn, SQL_draw_too_few, "subject", draw, "version",
			column(&v, "version"), NULL);
		return;
	}
	freeze = freeze_text(w, &v);
	f = freeze_hash(freeze);
	freeze_alpha(&f, alpha);
	ck_assert(hex_decode(text_of(operator_secret), secret, sizeof secret));
	ck_assert(vrf_public(secret, key));
	ck_assert(vrf_prove(secret, text_span((const char *)alpha, sizeof alpha), proof));
	ck_assert_int_eq(vrf_verify(key, text_span((const char *)alpha, sizeof alpha),
				 text_span((const char *)proof, sizeof proof), &value),
		CHECK_OK);
	pg_send(w->pg, conn, SQL_draw_freeze_write, "subject", draw, "version",
		column(&v, "version"), "candidates", column(&v, "candidates"), "excluded",
		column(&v, "excluded"), "signups", column(&v, "signups"), "freeze",
		choice_text(w, TEXT_FMT, TEXT_ARG(freeze)), "freeze_hash",
		as_bytea(w, f.at, HASH_LEN), "proof", as_bytea(w, proof, sizeof proof), "value",
		as_bytea(w, value.at, HASH_LEN), "public_key", as_bytea(w, key, sizeof key), NULL);
}

struct pg_answer
choice_freeze(struct choice *w, const char *draw)
{
	choice_freeze_send(w, w->pg->writer, draw);
	return pg_receive(w->pg, w->pg->writer);
}

static struct text
bytes_of(struct choice *w, struct text hex)
{
	uint8_t *at = arena_alloc(&w->pg->arena, hex.len / 2 + 1);

	ck_assert(hex_decode(hex, at, hex.len / 2));
	return text_span((const char *)at, hex.len / 2);
}

/* What the last value brings with it. */
static struct draw_end
end_of(struct choice *w, const struct pg_answer *v, struct text given)
{
	struct text before = text_of(column(v, "before")), hex = {0}, all[FREEZE_CONTRIBUTORS_MAX];
	struct draw d;
	struct draw_end end;
	size_t n = 0;

	while (text_cut(&before, ' ', &hex))
		all[n++] = bytes_of(w, hex);
	all[n++] = given;
	ck_assert_int_eq(
		draw_open(&w->pg->arena, text_of(column(v, "freeze")),
			text_of(column(v, "candidates")), text_of(column(v, "excluded")), &d),
		CHECK_OK);
	ck_assert_uint_eq(n, d.freeze.contributors_count);
	ck_assert_int_eq(draw_finish(&w->pg->arena, &d, all, &end), CHECK_OK);
	return end;
}

struct pg_answer
choice_give(struct choice *w, const char *draw, int index, const char *caller, const char *hex)
{
	const char *nth = choice_text(w, "%d", index), *proof = NULL, *seed = NULL, *result = NULL;
	struct pg_answer v = pg_call(w->pg, w->pg->reader, SQL_draw_read, "caller", caller, "id",
		draw, "index", nth, NULL);
	struct text given = bytes_of(w, text_of(hex));
	struct freeze freeze;
	struct hash f;
	struct value value;
	struct draw_end end;

	if (v.code[0] != '\0')
		return v;
	f = freeze_hash(text_of(column(&v, "freeze")));
	ck_assert_int_eq(freeze_parse(&w->pg->arena, text_of(column(&v, "freeze")), &freeze, NULL),
		CHECK_OK);
	ck_assert_int_eq(
		contribution_check(&freeze, &f, (size_t)index - 1, given, &value), CHECK_OK);
	if (value.len != given.len || memcmp(value.at, given.at, value.len) != 0)
		proof = as_bytea(w, (const uint8_t *)given.at, given.len);
	if (column(&v, "candidates")[0] != '\0') {
		end = end_of(w, &v, given);
		seed = as_bytea(w, end.result.seed.at, HASH_LEN);
		result = choice_text(w, TEXT_FMT, TEXT_ARG(end.result_text));
	}
	return pg_call(w->pg, w->pg->writer, SQL_draw_write, "caller", caller, "need", "63", "id",
		draw, "index", nth, "version", column(&v, "version"), "value",
		as_bytea(w, value.at, value.len), "proof", proof, "seed", seed, "result", result,
		NULL);
}

struct pg_answer
choice_contribute(struct choice *w, const char *draw, const char *caller)
{
	return choice_give(w, draw, 2, caller,
		pg_value(w->pg, "SELECT encode(sha256(convert_to('r of %s', 'UTF8')), 'hex')",
			draw));
}

static void
witness_secret(int n, uint8_t ret_secret[VRF_SECRET_LEN])
{
	memset(ret_secret, 0, VRF_SECRET_LEN);
	ret_secret[VRF_SECRET_LEN - 1] = (uint8_t)(n + 1);
}

void
choice_cosigner(int n, uint8_t ret_seed[SIGN_SEED_LEN])
{
	memset(ret_seed, n + 1, SIGN_SEED_LEN);
}

const char *
choice_witness(struct choice *w, int n)
{
	const char *key = pg_person(w->pg, "witness", ROLE_WITNESS);
	uint8_t secret[VRF_SECRET_LEN], public[VRF_KEY_LEN], seed[SIGN_SEED_LEN],
		cosign[SIGN_KEY_LEN];
	char hex[2 * VRF_KEY_LEN + 1], cosign_hex[2 * SIGN_KEY_LEN + 1];

	witness_secret(n, secret);
	ck_assert(vrf_public(secret, public));
	hex_encode(public, sizeof public, hex);
	pg_run(w->pg,
		"INSERT INTO market.draw_key (public_key, name, witness_id, announced_at) "
		"VALUES ('\\x%s', 'witness-%d', '%s', api.now())",
		hex, n, pg_org_of(w->pg, key));
	choice_cosigner(n, seed);
	sign_public(seed, cosign);
	hex_encode(cosign, sizeof cosign, cosign_hex);
	pg_run(w->pg,
		"INSERT INTO market.witness (vrf_key, cosign_key, name, organisation_id, "
		"announced_at) "
		"VALUES ('\\x%s', '\\x%s', 'witness-%d', '%s', api.now())",
		hex, cosign_hex, n, pg_org_of(w->pg, key));
	return key;
}

struct pg_answer
choice_void_sign(struct choice *w, const char *request, const char *key, int n, int signature)
{
	const char *name = choice_text(w, "witness-%d", n);
	uint8_t seed[SIGN_SEED_LEN], sig[SIGN_LEN];
	char hex[2 * SIGN_LEN + 1];

	choice_cosigner(signature, seed);
	sign_make(seed,
		text_of(pg_value(w->pg,
			"SELECT coalesce(record, '') FROM market.void_request WHERE id = '%s'",
			request)),
		sig);
	hex_encode(sig, sizeof sig, hex);
	return pg_call(w->pg, w->pg->writer, SQL_void_sign, "caller", key, "need", "32", "id",
		request, "name", name, "cosign_key",
		pg_value(w->pg, "SELECT cosign_key FROM market.witness WHERE name = '%s'", name),
		"signature", choice_text(w, "\\x%s", hex), NULL);
}

const char *
choice_proof(struct choice *w, const char *draw, int n)
{
	uint8_t secret[VRF_SECRET_LEN], proof[VRF_PROOF_LEN], alpha[FREEZE_ALPHA_LEN];
	char hex[2 * VRF_PROOF_LEN + 1];
	struct hash f;

	ck_assert(hex_decode(
		text_of(pg_value(w->pg,
			"SELECT encode(freeze_hash, 'hex') FROM market.draw WHERE id = '%s' "
			"ORDER BY attempt DESC LIMIT 1",
			draw)),
		f.at, HASH_LEN));
	freeze_alpha(&f, alpha);
	witness_secret(n, secret);
	ck_assert(vrf_prove(secret, text_span((const char *)alpha, sizeof alpha), proof));
	hex_encode(proof, sizeof proof, hex);
	return choice_text(w, "%s", hex);
}
