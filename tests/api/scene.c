#include "tests/api/scene.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/hex.h"
#include "lib/ident/uscc.h"
#include "proto/op.h"
#include "tests/support/until.h"

/* --- asking --- */

const char *
scene_text(struct scene *s, const char *fmt, ...)
{
	va_list ap, again;
	char *text;
	int len;

	va_start(ap, fmt);
	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	ck_assert_int_ge(len, 0);
	text = arena_alloc(&s->client->arena, (size_t)len + 1);
	(void)vsnprintf(text, (size_t)len + 1, fmt, again);
	va_end(again);
	return text;
}

struct answer *
scene_ask_with(struct scene *s, int who, const char *request, const char *fields, const char *body)
{
	const char *blank = strchr(request, ' ');
	struct client *c = s->client;

	ck_assert_ptr_nonnull(blank);
	(void)snprintf(c->key, sizeof c->key, "%s", s->key[who]);
	s->asked = scene_text(s, "%d: %s %s", who, request, body == NULL ? "" : body);
	s->last = client_call(
		c, scene_text(s, "%.*s", (int)(blank - request), request), blank + 1, fields, body);
	return &s->last;
}

struct answer *
scene_ask(struct scene *s, int who, const char *request, const char *version, const char *body)
{
	return scene_ask_with(s, who, request,
		version == NULL ? "" : scene_text(s, "If-Match: \"%s\"\r\n", version), body);
}

/* The operation of a request "POST /v1/projects?limit=1". */
static const struct op *
op_of(const char *request)
{
	struct route r;

	for (enum method m = 0; m < METHOD_COUNT; m++) {
		size_t len = strlen(method_name(m));

		if (strncmp(request, method_name(m), len) != 0 || request[len] != ' ')
			continue;
		request += len + 1;
		ck_assert_msg(
			route_find(m, text_span(request, strcspn(request, "?")), &r) == ROUTE_FOUND,
			"no operation is %s", request);
		return r.op;
	}
	ck_abort_msg("no method in %s", request);
	return NULL;
}

void
scene_does(struct scene *s, int who, const char *request, const char *version, const char *body)
{
	scene_ask(s, who, request, version, body);
	ck_assert_msg(s->last.status == op_of(request)->status, "%s\n%d " TEXT_FMT, s->asked,
		s->last.status, TEXT_ARG(s->last.body));
}

static const struct err_row *
err_named(const char *code)
{
	for (enum err e = 1; e < ERR_COUNT; e++)
		if (strcmp(err_row(e)->code, code) == 0)
			return err_row(e);
	ck_abort_msg("err.def has no %s", code);
	return NULL;
}

void
scene_is_refusal(struct scene *s, const char *code, const char *place)
{
	struct answer *a = &s->last;
	static const char *const places[] = {"/rule", "/errors/0/pointer", "/errors/0/parameter"};
	bool named = place[0] == '\0';

	ck_assert_msg(a->status == err_named(code)->http &&
			strcmp(scene_member(s, "/code"), code) == 0 &&
			text_is(answer_field(a, "Content-Type"), "application/problem+json"),
		"expected %s at '%s'; %s\n%d " TEXT_FMT, code, place, s->asked, a->status,
		TEXT_ARG(a->body));
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		named = named || strcmp(scene_member(s, places[i]), place) == 0;
	ck_assert_msg(
		named, "%s names no '%s'; %s\n" TEXT_FMT, code, place, s->asked, TEXT_ARG(a->body));
	ck_assert_int_eq(scene_number(s, "/status"), a->status);
	ck_assert_str_ne(scene_member(s, "/title"), "");
	ck_assert(text_is(answer_field(a, "X-Request-Id"), scene_member(s, "/request_id")));
}

void
scene_refused(struct scene *s, int who, const char *request, const char *version, const char *body,
	const char *code, const char *place)
{
	scene_ask(s, who, request, version, body);
	scene_is_refusal(s, code, place);
}

const char *
scene_member(struct scene *s, const char *pointer)
{
	return answer_member(s->client, &s->last, pointer);
}

int64_t
scene_number(struct scene *s, const char *pointer)
{
	const char *text = scene_member(s, pointer);
	uint64_t n = 0;

	ck_assert_msg(text_u64(text_of(text), INT64_MAX, &n), "%s: no number at %s in " TEXT_FMT,
		s->asked, pointer, TEXT_ARG(s->last.body));
	return (int64_t)n;
}

const char *
scene_look(struct scene *s, const char *target, const char *pointer)
{
	struct answer kept = s->last;
	const char *value;

	scene_does(s, OPERATOR, scene_text(s, "GET %s", target), NULL, NULL);
	value = scene_member(s, pointer);
	s->last = kept;
	return value;
}

struct wanted {
	struct scene *s;
	const char *want, *sql, *have;
};

static bool
is_so(void *arg)
{
	struct wanted *w = arg;

	w->have = pg_value(w->s->pg, "%s", w->sql);
	return strcmp(w->have, w->want) == 0;
}

void
scene_until(struct scene *s, const char *want, const char *fmt, ...)
{
	struct wanted w = {s, want, NULL, ""};
	char sql[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(sql, sizeof sql, fmt, ap);
	va_end(ap);
	w.sql = sql;
	ck_assert_msg(until(is_so, &w, SCENE_WAIT_MS), "'%s', not '%s': %s; jobs: %s", w.have, want,
		sql,
		pg_value(s->pg,
			"SELECT string_agg(j::text, ' ' ORDER BY j.due_at) FROM market.job j"));
}

/* The row is locked; who claims passes over it. */
PGconn *
scene_hold(struct scene *s, const char *kind, const char *subject)
{
	PGconn *holder = pg_connect(s->pg, "postgres");
	PGresult *r = PQexec(holder, "BEGIN");

	PQclear(r);
	r = PQexec(holder,
		scene_text(s,
			"SELECT FROM market.job WHERE kind = '%s' AND subject = '%s' FOR UPDATE",
			kind, subject));
	ck_assert_int_eq(PQntuples(r), 1);
	PQclear(r);
	return holder;
}

void
scene_release(PGconn **holder)
{
	PQfinish(*holder);
	*holder = NULL;
}

/* --- people --- */

const char *
scene_credit_code(struct scene *s)
{
	char code[USCC_LEN + 1] = "91430700";

	(void)snprintf(code + 8, sizeof code - 8, "%08d", ++s->codes % 10000000);
	ck_assert(uscc_org_complete(text_span(code + 8, USCC_ORG_LEN - 1), &code[16]));
	ck_assert(uscc_complete(text_span(code, USCC_LEN - 1), &code[17]));
	return scene_text(s, "%s", code);
}

/* An organisation, a user and the user's key. */
static void
enter(struct scene *s, int who, const char *kind, const char *name)
{
	scene_does(s, OPERATOR, "POST /v1/organisations", NULL,
		scene_text(s,
			"{\"kind\":\"%s\",\"name\":\"%s\",\"credit_code\":\"%s\",\"region\":"
			"\"430700\"}",
			kind, name, scene_credit_code(s)));
	s->org_id[who] = scene_member(s, "/id");
	scene_does(s, OPERATOR, scene_text(s, "POST /v1/organisations/%s/users", s->org_id[who]),
		NULL, scene_text(s, "{\"name\":\"经办人\",\"roles\":[\"%s\"]}", kind));
	s->user_id[who] = scene_member(s, "/id");
	scene_does(s, OPERATOR, scene_text(s, "POST /v1/users/%s/keys", s->user_id[who]), NULL,
		scene_text(s, "{\"label\":\"console\",\"roles\":[\"%s\"]}", kind));
	(void)snprintf(s->key[who], sizeof s->key[who], "%s", scene_member(s, "/secret"));
	ck_assert_uint_eq(strlen(s->key[who]), KEY_LEN);
	/* From here on as if made at the machine: the operator reviews what others drafted. */
	pg_run(s->pg, "UPDATE market.api_key SET made_by = '{}' WHERE user_id = '%s'",
		s->user_id[who]);
	scene_does(s, who, "GET /v1/me", NULL, NULL);
	ck_assert_str_eq(scene_member(s, "/organisation_id"), s->org_id[who]);
}

void
scene_agency(struct scene *s, int agency, const char *expires_on)
{
	int who = AGENCY + agency;
	const char *path, *version;

	enter(s, who, "agency", scene_text(s, "测绘公司%d", agency));
	scene_does(s, who, "POST /v1/agencies", NULL,
		scene_text(s,
			"{\"legal_representative\":\"法人%d\",\"phone\":\"0736-700000%d\","
			"\"address\":\"朗州路%d号\",\"region\":\"430700\",\"categories\":[\"C01\"]"
			"}",
			agency, agency, agency));
	s->agency_id[agency] = scene_member(s, "/id");
	path = scene_text(s, "/v1/agencies/%s", s->agency_id[agency]);
	scene_does(s, who, scene_text(s, "POST %s/certificates", path), NULL,
		scene_text(s,
			"{\"qualification\":\"Q01\",\"grade\":\"甲级\",\"issuer\":\"省厅\","
			"\"number\":\"CH-%d\",\"expires_on\":\"%s\"}",
			agency, expires_on));
	scene_does(s, who, scene_text(s, "POST %s/submission", path), NULL, NULL);
	ck_assert_str_eq(scene_member(s, "/state"), "checking");
	version = scene_member(s, "/version");
	scene_does(s, OPERATOR, scene_text(s, "POST %s/check", path), version,
		"{\"decision\":\"pass\"}");
	ck_assert_str_eq(scene_member(s, "/state"), "notice");
}

/* The public key of receipts; the daemon's signer keeps the secret in its folder. */
static void
receipt_key_read(struct scene *s)
{
	uint8_t seed[SIGN_SEED_LEN];
	char path[128], hex[2 * SIGN_SEED_LEN + 2] = "";
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/signer/receipt.key", s->daemon->folder);
	f = fopen(path, "re");
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(hex, sizeof hex, f));
	(void)fclose(f);
	ck_assert(hex_decode(text_span(hex, sizeof hex - 2), seed, sizeof seed));
	sign_public(seed, s->receipt_key);
}

struct scene *
scene_new(const char *profile)
{
	static const char *const flags[] = {"--market.demo", "off", NULL};
	struct scene *s = calloc(1, sizeof *s);
	const char *key;

	ck_assert_ptr_nonnull(s);
	s->profile = profile;
	s->pg = pg_new();
	pg_clock_set(s->pg, "2024-02-19T09:00:00+08");
	s->daemon = daemon_new(s->pg, strcmp(profile, "demo") == 0 ? NULL : flags);
	s->client = client_new(s->daemon->tls, true);
	receipt_key_read(s);
	key = pg_person(s->pg, "operator", ROLE_OPERATOR);
	client_become(s->client, s->pg, key);
	memcpy(s->key[OPERATOR], s->client->key, sizeof s->key[OPERATOR]);
	s->org_id[OPERATOR] = pg_org_of(s->pg, key);
	s->user_id[OPERATOR] = pg_user_of(s->pg, key);
	enter(s, REVIEWER, "operator", "中介超市管理处");
	enter(s, OWNER, "owner", "市水利局");
	enter(s, STRANGER, "owner", "市教育局");
	enter(s, REGULATOR, "regulator", "市自然资源局");
	enter(s, AUDITOR, "auditor", "市审计局");
	for (int i = 0; i < SCENE_WITNESSES; i++)
		enter(s, WITNESS + i, "witness", scene_text(s, "行业协会%d", i));
	for (int i = 0; i < SCENE_AGENCIES; i++)
		scene_agency(s, i, i == SCENE_AGENCIES - 1 ? "2024-03-04" : "2027-12-31");
	pg_clock_set(s->pg, scene_member(s, "/notice_until"));
	scene_until(s, scene_text(s, "%d", SCENE_AGENCIES),
		"SELECT count(*) FROM market.agency WHERE state = 'active'");
	pg_clock_set(s->pg, "2024-03-01T09:00:00+08");
	return s;
}

void
scene_restart(struct scene *s, const char *const *flags)
{
	daemon_restart(s->daemon, flags);
	if (s->client == NULL) {
		s->client = client_new(s->daemon->tls, true);
		return;
	}
	memcpy(s->client->address, s->daemon->tls, sizeof s->daemon->tls);
	client_reopen(s->client);
}

struct scene *
scene_twin(struct scene *s)
{
	struct scene *twin = calloc(1, sizeof *twin);

	ck_assert_ptr_nonnull(twin);
	*twin = *s;
	twin->pg = pg_twin(s->pg);
	twin->daemon = daemon_twin(s->daemon, twin->pg);
	twin->client = NULL;
	return twin;
}

void
scene_free(struct scene **s)
{
	struct scene *old = *s;

	*s = NULL;
	if (old == NULL)
		return;
	client_free(&old->client);
	daemon_free(&old->daemon);
	pg_free(&old->pg);
	free(old);
}
