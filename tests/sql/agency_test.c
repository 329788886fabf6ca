/* The life of a registration, its certificates, and who is eligible. */
#include <check.h>
#include <string.h>

#include "tests/support/market.h"
#include "tests/support/suite.h"

#define DRAFT \
	"{\"legal_representative\":\"李四\",\"phone\":\"0736-7000000\",\"address\":\"某路1号\"," \
	"\"region\":\"430700\",\"categories\":[\"C02\",\"C01\"]}"
#define PAPER(q, g, n, day) \
	"{\"qualification\":\"" q "\"" g ",\"issuer\":\"某厅\",\"number\":\"" n \
	"\",\"expires_on\":\"" day "\"}"
#define PASS "{\"decision\":\"pass\"}"

struct bench {
	struct pg *pg;
	const char *agency, *operator, * id; /* keys; id of the agency */
};

static struct pg_answer
registers(struct bench *b, const char *idem, const char *body)
{
	return pg_call(b->pg, b->pg->writer, SQL_agency_register, "caller", b->agency, "need", "2",
		"idem", idem, "body", body, NULL);
}

static struct pg_answer
certifies(struct bench *b, const char *idem, const char *body)
{
	return pg_call(b->pg, b->pg->writer, SQL_agency_certify, "caller", b->agency, "need", "2",
		"idem", idem, "id", b->id, "body", body, NULL);
}

static struct pg_answer
submits(struct bench *b, const char *idem)
{
	return pg_call(b->pg, b->pg->writer, SQL_agency_submit, "caller", b->agency, "need", "2",
		"idem", idem, "id", b->id, NULL);
}

static struct pg_answer
checks(struct bench *b, const char *idem, const char *version, const char *body)
{
	return pg_call(b->pg, b->pg->writer, SQL_agency_check, "caller", b->operator, "need", "4",
		"idem", idem, "if_match", version, "id", b->id, "body", body, NULL);
}

static struct pg_answer
sees(struct bench *b, const char *caller)
{
	return pg_call(b->pg, b->pg->reader, SQL_agency_get, "caller", caller, "id", b->id, NULL);
}

static const char *
activates(struct bench *b)
{
	struct pg_answer a =
		pg_call(b->pg, b->pg->writer, SQL_job_agency_activate, "subject", b->id, NULL);

	ck_answered(a, 0);
	return PQgetvalue(a.rows, 0, 0);
}

static struct bench
bench_new(void)
{
	struct bench b = {.pg = market_new()};
	struct pg_answer a;

	pg_clock_set(b.pg, "2024-03-01T09:00:00+08");
	b.agency = pg_person(b.pg, "agency", 2);
	b.operator= pg_person(b.pg, "operator", 4);
	/* The fixture's organisation has no real credit code. */
	pg_run(b.pg,
		"UPDATE market.organisation SET credit_code = '91350100M000100Y43' WHERE id = '%s'",
		pg_org_of(b.pg, b.agency));
	a = registers(&b, "r", DRAFT);
	ck_answered(a, 201);
	b.id = pg_member(b.pg, a.body, "/id");
	return b;
}

START_TEST(a_registration_goes_from_draft_over_check_and_notice_to_active)
{
	struct bench b = bench_new();
	struct pg *pg = b.pg;
	struct pg_answer a =
		certifies(&b, "c", PAPER("Q01", ",\"grade\":\"乙级\"", "1", "2026-01-01"));

	ck_answered(a, 201);
	ck_assert_str_eq(pg_member(pg, a.body, "/state"), "draft");
	ck_assert_str_eq(pg_member(pg, a.body, "/categories/0"), "C01");
	ck_assert_str_eq(pg_member(pg, a.body, "/certificates/0/state"), "pending");
	ck_assert_str_eq(pg_member(pg, submits(&b, "s").body, "/state"), "checking");
	a = checks(&b, "p", "3", PASS);
	ck_answered(a, 200);
	ck_assert_str_eq(pg_member(pg, a.body, "/state"), "notice");
	ck_assert_str_eq(pg_member(pg, a.body, "/notice_until"), "2024-03-01T01:00:01.000Z");
	ck_assert_str_eq(pg_member(pg, a.body, "/certificates/0/state"), "valid");
	/* AG3: not a moment early, and once. */
	pg_clock_move(pg, "0.999 seconds");
	ck_assert_str_eq(activates(&b), "f");
	ck_assert_int_eq(
		pg_number(pg, "SELECT count(*) FROM market.job WHERE kind = 'agency_activate'"), 1);
	pg_clock_move(pg, "0.001 seconds");
	ck_assert_str_eq(activates(&b), "t");
	ck_assert_str_eq(activates(&b), "f");
	ck_assert_int_eq(
		pg_number(pg, "SELECT count(*) FROM market.job WHERE kind = 'agency_activate'"), 0);
	ck_assert_str_eq(pg_member(pg, sees(&b, NULL).body, "/state"), "active");
	ck_assert_str_eq(
		pg_value(pg,
			"SELECT string_agg(convert_from(entry, 'UTF8')::text ~"
			" '^fairlot-entry/v1 agency-state agc_[a-z2-7]{26} (usr_[a-z2-7]{26}|"
			"clock) 2024-03-01T01:00:0[01].000000Z -\\n\\{\"agency\":' || '',"
			" ' ') FROM market.outbox WHERE kind = 'agency-state'"),
		"true true true");
	pg_free(&b.pg);
}
END_TEST

START_TEST(the_notice_of_a_market_without_demo_counts_working_days)
{
	struct bench b = bench_new();

	pg_run(b.pg, "DELETE FROM market.setting");
	(void)submits(&b, "s");
	ck_assert_str_eq(pg_member(b.pg, checks(&b, "p", "2", PASS).body, "/notice_until"),
		"2024-03-08T16:00:00.000Z");
	pg_free(&b.pg);
}
END_TEST

START_TEST(a_registration_is_refused_where_it_names_what_there_is_not)
{
	struct bench b = bench_new();
	struct pg *pg = b.pg;

	ck_refused(registers(&b, "r2", DRAFT), "duplicate", "AG1", "");
	b.agency = pg_person(pg, "agency", 2);
	ck_refused(registers(&b, "r3",
			   "{\"legal_representative\":\"x\",\"phone\":\"00000\",\"address\":\"x\","
			   "\"categories\":[\"C01\",\"C99\"]}"),
		"rule", "AG1", "/categories/1");
	ck_refused(registers(&b, "r4",
			   "{\"legal_representative\":\"x\",\"phone\":\"00000\",\"address\":\"x\","
			   "\"categories\":[]}"),
		"rule", "AG1", "/categories");
	ck_refused(registers(&b, "r5",
			   "{\"legal_representative\":\"x\",\"phone\":\"00000\",\"address\":\"x\","
			   "\"region\":\"110000\",\"categories\":[\"C01\"]}"),
		"rule", "catalogue.region", "/region");
	b.agency = pg_person(pg, "owner", 3);
	ck_refused(registers(&b, "r6", DRAFT), "rule", "AG1", "");
	pg_free(&b.pg);
}
END_TEST

static struct pg_answer
edits(struct bench *b, const char *version, const char *body)
{
	return pg_call(b->pg, b->pg->writer, SQL_agency_edit, "caller", b->agency, "need", "2",
		"if_match", version, "id", b->id, "body", body, NULL);
}

START_TEST(a_draft_can_be_changed_until_it_is_handed_in)
{
	struct bench b = bench_new();
	struct pg *pg = b.pg;
	const char *mine = b.agency;
	struct pg_answer a = edits(&b, "1", "{\"phone\":\"0736-1\",\"categories\":[\"C03\"]}");

	ck_answered(a, 200);
	ck_assert_int_eq(a.version, 2);
	ck_assert_str_eq(pg_member(pg, a.body, "/phone"), "0736-1");
	ck_assert_str_eq(pg_member(pg, a.body, "/categories/0"), "C03");
	ck_assert_str_eq(pg_member(pg, a.body, "/address"), "某路1号");
	ck_assert_str_eq(pg_member(pg, a.body, "/region"), "430700");
	ck_refused(edits(&b, "1", "{}"), "stale", "", "");
	ck_refused(edits(&b, "2", "{\"categories\":[\"C99\"]}"), "rule", "AG1", "/categories/0");
	ck_refused(
		edits(&b, "2", "{\"region\":\"110000\"}"), "rule", "catalogue.region", "/region");
	b.agency = pg_person(pg, "agency", 2);
	ck_refused(edits(&b, "2", "{}"), "not-found", "", "id");
	b.agency = mine;
	(void)submits(&b, "s");
	ck_refused(edits(&b, "3", "{}"), "wrong-state", "AG1", "");
	pg_free(&b.pg);
}
END_TEST

START_TEST(a_certificate_is_refused_where_it_is_none)
{
	static const struct {
		const char *body, *code, *pointer;
	} cases[] = {
		{PAPER("Q99", "", "1", "2026-01-01"), "rule", "/qualification"},
		{PAPER("Q01", ",\"grade\":\"特级\"", "1", "2026-01-01"), "rule", "/grade"},
		{PAPER("Q01", "", "1", "2026-01-01"), "rule", "/grade"},
		{PAPER("Q04", ",\"grade\":\"甲级\"", "1", "2024-02-29"), "rule", "/expires_on"},
		{PAPER("Q01", ",\"grade\":\"甲级\"", "7", "2026-01-01"), "duplicate", "/number"},
	};
	struct bench b = bench_new();

	ck_answered(
		certifies(&b, "c0", PAPER("Q01", ",\"grade\":\"甲级\"", "7", "2026-01-01")), 201);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		ck_refused(certifies(&b, arena_printf(&b.pg->arena, "k%zu", i), cases[i].body),
			cases[i].code, "AG1", cases[i].pointer);
	/* Its last day still counts. */
	ck_answered(
		certifies(&b, "c1", PAPER("Q01", ",\"grade\":\"甲级\"", "8", "2024-03-01")), 201);
	/* A qualification without grades takes none. */
	pg_run(b.pg, "UPDATE market.qualification SET grades = '{}' WHERE code = 'Q02'");
	ck_refused(certifies(&b, "c2", PAPER("Q02", ",\"grade\":\"甲级\"", "9", "2026-01-01")),
		"rule", "AG1", "/grade");
	ck_answered(certifies(&b, "c3", PAPER("Q02", "", "9", "2026-01-01")), 201);
	pg_run(b.pg,
		"INSERT INTO market.certificate (id, agency_id, qualification_code, issuer, number,"
		" expires_on, recorded_at) SELECT 'x' || n, '%s', 'Q02', 'x', n, '2026-01-01', "
		"api.now()"
		" FROM generate_series(1, 197) n",
		b.id);
	ck_refused(certifies(&b, "c4", PAPER("Q02", "", "10", "2026-01-01")), "rule", "AG1", "");
	pg_free(&b.pg);
}
END_TEST

START_TEST(an_agency_moves_only_as_its_life_allows)
{
	struct bench b = bench_new();
	struct pg *pg = b.pg;
	const char *mine = b.agency;

	ck_refused(checks(&b, "p1", "1", PASS), "wrong-state", "AG2", "");
	ck_answered(submits(&b, "s"), 200);
	ck_refused(submits(&b, "s2"), "wrong-state", "AG1", "");
	ck_refused(certifies(&b, "c", PAPER("Q01", ",\"grade\":\"甲级\"", "1", "2026-01-01")),
		"wrong-state", "AG1", "");
	ck_refused(checks(&b, "p2", "1", PASS), "stale", "", "");
	ck_refused(checks(&b, "p3", "2", "{\"decision\":\"refuse\"}"), "rule", "AG2", "/reason");
	b.agency = pg_person(pg, "agency", 2);
	ck_refused(submits(&b, "s3"), "not-found", "", "id");
	ck_refused(certifies(&b, "c3", PAPER("Q01", ",\"grade\":\"甲级\"", "1", "2026-01-01")),
		"not-found", "", "id");
	b.operator= mine;
	ck_refused(checks(&b, "p4", "2", PASS), "forbidden", "", "");
	b.operator= pg_person(pg, "operator", 4);
	b.id = "agc_none";
	ck_refused(checks(&b, "p5", "2", PASS), "not-found", "", "id");
	pg_free(&b.pg);
}
END_TEST

START_TEST(of_two_operators_who_check_at_once_one_is_stale)
{
	struct bench b = bench_new();
	struct pg *pg = b.pg;
	PGconn *other = pg_connect(pg, "fairlot_writer");

	(void)submits(&b, "s");
	PQclear(PQexec(other, "BEGIN"));
	ck_answered(pg_call(pg, other, SQL_agency_check, "caller", b.operator, "need", "4", "idem",
			    "p1", "if_match", "2", "id", b.id, "body", PASS, NULL),
		200);
	pg_send(pg, pg->writer, SQL_agency_check, "caller", pg_person(pg, "operator", 4), "need",
		"4", "idem", "p2", "if_match", "2", "id", b.id, "body",
		"{\"decision\":\"refuse\",\"reason\":\"材料不全\"}", NULL);
	ck_assert(pg_waits(pg, pg->writer));
	PQclear(PQexec(other, "COMMIT"));
	ck_refused(pg_receive(pg, pg->writer), "stale", "", "");
	ck_assert_str_eq(pg_member(pg, sees(&b, NULL).body, "/state"), "notice");
	PQfinish(other);
	pg_free(&b.pg);
}
END_TEST

START_TEST(a_refused_registration_says_why_to_its_own_and_can_come_again)
{
	struct bench b = bench_new();
	struct pg *pg = b.pg;
	struct pg_answer a;

	(void)certifies(&b, "c", PAPER("Q01", ",\"grade\":\"甲级\"", "1", "2026-01-01"));
	(void)submits(&b, "s");
	a = checks(&b, "p", "3", "{\"decision\":\"refuse\",\"reason\":\"证书号有误\"}");
	ck_answered(a, 200);
	ck_assert_str_eq(pg_member(pg, a.body, "/state"), "draft");
	ck_assert_str_eq(pg_member(pg, a.body, "/certificates/0/state"), "refused");
	ck_assert_str_eq(pg_member(pg, sees(&b, b.agency).body, "/check_reason"), "证书号有误");
	ck_answered(
		certifies(&b, "c2", PAPER("Q01", ",\"grade\":\"甲级\"", "1", "2026-01-01")), 201);
	ck_assert_str_eq(pg_member(pg, submits(&b, "s2").body, "/check_reason"), "");
	pg_free(&b.pg);
}
END_TEST

START_TEST(a_wrong_credit_code_passes_the_check_only_with_a_reason)
{
	struct bench b = bench_new();
	struct pg *pg = b.pg;

	pg_run(pg,
		"UPDATE market.organisation SET credit_code = '91350100M000100Y44' WHERE id = '%s'",
		pg_org_of(pg, b.agency));
	(void)submits(&b, "s");
	ck_assert_str_eq(
		pg_member(pg, sees(&b, b.operator).body, "/warnings/0"), "credit-code-check");
	ck_refused(checks(&b, "p1", "2", PASS), "credit-code-check", "AG2", "/override");
	ck_answered(checks(&b, "p2", "2", "{\"decision\":\"pass\",\"override\":\"营业执照如此\"}"),
		200);
	ck_assert_str_eq(pg_value(pg,
				 "SELECT credit_code_override FROM market.organisation WHERE id ="
				 " '%s'",
				 pg_org_of(pg, b.agency)),
		"营业执照如此");
	pg_free(&b.pg);
}
END_TEST

START_TEST(a_draft_is_seen_by_its_own_and_by_supervisors_only)
{
	struct bench b = bench_new();
	struct pg *pg = b.pg;

	ck_refused(sees(&b, NULL), "not-found", "", "id");
	ck_refused(sees(&b, pg_person(pg, "agency", 2)), "not-found", "", "id");
	ck_answered(sees(&b, b.agency), 0);
	ck_answered(sees(&b, pg_person(pg, "regulator", 8)), 0);
	ck_assert_str_eq(pg_member(pg, sees(&b, b.agency).body, "/warnings"), "");
	(void)submits(&b, "s");
	ck_refused(sees(&b, NULL), "not-found", "", "id");
	(void)checks(&b, "p", "2", PASS);
	ck_answered(sees(&b, NULL), 0);
	pg_free(&b.pg);
}
END_TEST

START_TEST(a_new_certificate_of_an_active_agency_counts_after_its_check)
{
	struct bench b = bench_new();
	struct pg *pg = b.pg;
	struct pg_answer a;

	(void)submits(&b, "s");
	(void)checks(&b, "p", "2", PASS);
	pg_clock_move(pg, "1 second");
	ck_assert_str_eq(activates(&b), "t");
	ck_refused(checks(&b, "p1", "4", PASS), "wrong-state", "AG2", "");
	ck_answered(
		certifies(&b, "c", PAPER("Q01", ",\"grade\":\"甲级\"", "1", "2026-01-01")), 201);
	ck_assert_str_eq(pg_value(pg, "SELECT api.ineligible('%s', 'I001', 1, api.now())", b.id),
		"no-qualification");
	/* What is not checked yet is shown to its own and to supervisors. */
	ck_assert_str_eq(pg_member(pg, sees(&b, NULL).body, "/certificates/0"), "");
	a = pg_call(pg, pg->reader, SQL_agency_list, "caller", b.operator, "pending", "true", NULL);
	ck_assert_str_eq(pg_member(pg, a.body, "/items/0/id"), b.id);
	a = checks(&b, "p2", "5", PASS);
	ck_answered(a, 200);
	ck_assert_str_eq(pg_member(pg, a.body, "/state"), "active");
	ck_assert_str_eq(
		pg_value(pg, "SELECT api.ineligible('%s', 'I001', 1, api.now())", b.id), "");
	pg_free(&b.pg);
}
END_TEST

START_TEST(agencies_under_one_control_become_one_ticket)
{
	struct bench b = bench_new();
	struct pg *pg = b.pg;
	const char *other = market_agency_of(pg, market_agency(pg, "active", "{C01}"));
	const char *third = market_agency_of(pg, market_agency(pg, "active", "{C01}"));

	(void)submits(&b, "s");
	ck_refused(checks(&b, "p0", "2", "{\"decision\":\"pass\",\"group_with\":\"agc_none\"}"),
		"rule", "AG2", "/group_with");
	ck_refused(checks(&b, "p1", "2",
			   arena_printf(&pg->arena, "{\"decision\":\"pass\",\"group_with\":\"%s\"}",
				   b.id)),
		"rule", "AG2", "/group_with");
	pg_run(pg, "UPDATE market.agency SET phone = '0736-7000000' WHERE id = '%s'", other);
	pg_run(pg, "UPDATE market.agency SET controller_group = 'grp_x' WHERE id IN ('%s', '%s')",
		other, third);
	ck_assert_str_eq(pg_member(pg, sees(&b, b.operator).body, "/related/0/agency_id"), other);
	ck_assert_str_eq(pg_value(pg, "SELECT api.ticket('%s')", b.id), b.id);
	ck_answered(checks(&b, "p2", "2",
			    arena_printf(&pg->arena,
				    "{\"decision\":\"pass\",\"group_with\":\"%s\"}", other)),
		200);
	ck_assert_str_eq(pg_value(pg, "SELECT api.ticket('%s')", b.id), "grp_x");
	ck_assert_str_eq(pg_value(pg, "SELECT api.ticket('%s')", third), "grp_x");
	pg_free(&b.pg);
}
END_TEST

START_TEST(agencies_are_listed_by_state_category_region_and_words)
{
	struct pg *pg = market_new();
	const char *key = market_agency(pg, "active", "{C01}");
	const char *operator= pg_person(pg, "operator", 4);
	struct pg_answer a;

	for (int i = 0; i < 4; i++)
		(void)market_agency(pg, "active", "{C02,C03}");
	(void)market_agency(pg, "draft", "{C01}");
	pg_run(pg,
		"UPDATE market.agency SET search = api.normal('常德Ｃｈａｎｇｄｅ 测绘院'),"
		" region = '430100' WHERE id = '%s'",
		market_agency_of(pg, key));
#define COUNT(...) \
	pg_number(pg, "SELECT json_array_length('%s'::json -> 'items')", \
		pg_call(pg, pg->reader, SQL_agency_list, __VA_ARGS__, NULL).body)
	ck_assert_int_eq(COUNT("state", NULL), 5);
	ck_assert_int_eq(COUNT("category", "C01"), 1);
	ck_assert_int_eq(COUNT("category", "C02"), 4);
	ck_assert_int_eq(COUNT("region", "430100"), 1);
	ck_assert_int_eq(COUNT("search", "changde"), 1);
	ck_assert_int_eq(COUNT("search", "测绘院"), 1);
	ck_assert_int_eq(COUNT("search", "没有"), 0);
	ck_assert_int_eq(COUNT("caller", operator, "state", "draft"), 1);
	ck_refused(pg_call(pg, pg->reader, SQL_agency_list, "state", "draft", NULL), "forbidden",
		"", "state");
	ck_refused(pg_call(pg, pg->reader, SQL_agency_list, "pending", "true", NULL), "forbidden",
		"", "pending");
	a = pg_call(pg, pg->reader, SQL_agency_list, "limit", "3", NULL);
	ck_assert_str_ne(a.next, "");
	ck_assert_int_eq(COUNT("limit", "3", "cursor", a.next), 2);
	ck_refused(pg_call(pg, pg->reader, SQL_agency_list, "cursor", "b2Zm", NULL), "bad-input",
		"", "cursor");
	pg_free(&pg);
}
END_TEST

/* The item's rule; what the agency has; the moment; the reason against it, or "". */
static const struct {
	const char *rule, *qualification, *grade, *expires_on, *at, *why;
} chances[] = {
	{NULL, NULL, NULL, NULL, "2024-03-01 00:00+08", ""},
	{"{\"all\":[{\"qualification\":\"Q02\",\"grade\":\"乙级\"}]}", NULL, NULL, NULL,
		"2024-03-01 00:00+08", "no-qualification"},
	/* 综合资质|甲级|乙级|丙级: the grade asked for or a better one. */
	{"{\"all\":[{\"qualification\":\"Q02\",\"grade\":\"乙级\"}]}", "Q02", "乙级", "2024-12-31",
		"2024-03-01 00:00+08", ""},
	{"{\"all\":[{\"qualification\":\"Q02\",\"grade\":\"乙级\"}]}", "Q02", "综合资质",
		"2024-12-31", "2024-03-01 00:00+08", ""},
	{"{\"all\":[{\"qualification\":\"Q02\",\"grade\":\"乙级\"}]}", "Q02", "丙级", "2024-12-31",
		"2024-03-01 00:00+08", "no-qualification"},
	{"{\"all\":[{\"qualification\":\"Q02\",\"grade\":\"乙级\"}]}", "Q03", "甲级", "2024-12-31",
		"2024-03-01 00:00+08", "no-qualification"},
	/* Without a grade any will do. */
	{"{\"all\":[{\"qualification\":\"Q02\",\"grade\":null}]}", "Q02", "丙级", "2024-12-31",
		"2024-03-01 00:00+08", ""},
	/* Good to the end of its last day in +08:00, then ended by itself. */
	{"{\"all\":[{\"qualification\":\"Q02\",\"grade\":null}]}", "Q02", "丙级", "2024-03-01",
		"2024-03-01 23:59:59.999999+08", ""},
	{"{\"all\":[{\"qualification\":\"Q02\",\"grade\":null}]}", "Q02", "丙级", "2024-03-01",
		"2024-03-02 00:00+08", "no-qualification"},
	/* Any of two, all of two. */
	{"{\"any\":[{\"qualification\":\"Q03\",\"grade\":\"甲级\"},{\"qualification\":\"Q02\","
	 "\"grade\":\"乙级\"}]}",
		"Q02", "甲级", "2024-12-31", "2024-03-01 00:00+08", ""},
	{"{\"any\":[{\"qualification\":\"Q03\",\"grade\":\"甲级\"},{\"qualification\":\"Q01\","
	 "\"grade\":\"乙级\"}]}",
		"Q02", "甲级", "2024-12-31", "2024-03-01 00:00+08", "no-qualification"},
	{"{\"all\":[{\"qualification\":\"Q03\",\"grade\":\"甲级\"},{\"qualification\":\"Q02\","
	 "\"grade\":\"乙级\"}]}",
		"Q02", "甲级", "2024-12-31", "2024-03-01 00:00+08", "no-qualification"},
	{"{\"all\":[{\"qualification\":\"Q02\",\"grade\":null},{\"qualification\":\"Q02\","
	 "\"grade\":\"乙级\"}]}",
		"Q02", "甲级", "2024-12-31", "2024-03-01 00:00+08", ""},
	/* A grade that the qualification no longer has is met by nobody. */
	{"{\"all\":[{\"qualification\":\"Q02\",\"grade\":\"特级\"}]}", "Q02", "甲级", "2024-12-31",
		"2024-03-01 00:00+08", "no-qualification"},
};

START_TEST(eligibility_follows_rule_grade_and_expiry)
{
	struct pg *pg = market_new();

	for (size_t i = 0; i < sizeof chances / sizeof chances[0]; i++) {
		const char *id = market_agency_of(pg, market_agency(pg, "active", "{C01}"));

		if (chances[i].rule == NULL)
			pg_run(pg, "UPDATE market.item SET rule = NULL WHERE code = 'I001'");
		else
			pg_run(pg, "UPDATE market.item SET rule = '%s' WHERE code = 'I001'",
				chances[i].rule);
		if (chances[i].qualification != NULL)
			market_certificate(pg, id, chances[i].qualification, chances[i].grade,
				chances[i].expires_on);
		ck_assert_msg(strcmp(pg_value(pg, "SELECT api.ineligible('%s', 'I001', 1, '%s')",
					     id, chances[i].at),
				      chances[i].why) == 0,
			"case %zu", i);
	}
	pg_free(&pg);
}
END_TEST

START_TEST(eligibility_needs_an_active_agency_of_the_category_with_credit)
{
	struct pg *pg = market_new();
	const char *id = market_agency_of(pg, market_agency(pg, "notice", "{C02}"));

	pg_clock_set(pg, "2024-03-01T09:00:00+08");
	pg_run(pg, "UPDATE market.item SET rule = NULL WHERE code = 'I001'");
#define WHY(at) pg_value(pg, "SELECT api.ineligible('%s', 'I001', 1, '%s')", id, at)
	ck_assert_str_eq(WHY("2024-03-01"), "not-active");
	pg_run(pg, "UPDATE market.agency SET state = 'active' WHERE id = '%s'", id);
	ck_assert_str_eq(WHY("2024-03-01"), "no-category");
	pg_run(pg, "UPDATE market.agency SET categories = '{C01}' WHERE id = '%s'", id);
	ck_assert_str_eq(WHY("2024-03-01"), "");
	/* 100 points, 60 are needed: two give-ups leave 60, a late contract takes it below. */
	pg_run(pg, "SELECT api.credit_event('%s', 'give-up', 'prj_1', '2024-03-02')", id);
	pg_run(pg, "SELECT api.credit_event('%s', 'give-up', 'prj_2', '2024-03-03')", id);
	ck_assert_str_eq(WHY("2024-03-03"), "");
	pg_run(pg, "SELECT api.credit_event('%s', 'contract-not-confirmed', 'o', '2024-03-04')",
		id);
	ck_assert_str_eq(WHY("2024-03-04"), "low-credit");
	ck_assert_str_eq(WHY("2024-03-03"), "");
	/* A project is judged by the profile that was frozen into it, not by today's. */
	pg_run(pg,
		"INSERT INTO market.policy (hash, name, version, body, settings, in_force,"
		" recorded_at) SELECT '\\x01', 'lenient', 1, body, settings || '{\"credit_min\":"
		" \"40\"}', false, recorded_at FROM market.policy WHERE name = 'cn-default'");
	ck_assert_str_eq(
		pg_value(pg, "SELECT api.ineligible('%s', 'I001', 1, '2024-03-04', '\\x01')", id),
		"");
	ck_assert_str_eq(pg_value(pg, "SELECT api.ineligible('agc_none', 'I001', 1, '2024-03-01')"),
		"not-active");
	pg_free(&pg);
}
END_TEST

START_TEST(a_credit_event_counts_once)
{
	struct pg *pg = market_new();
	const char *id = market_agency_of(pg, market_agency(pg, "active", "{C01}"));

	for (int i = 0; i < 2; i++)
		pg_run(pg, "SELECT api.credit_event('%s', 'give-up', 'prj_1', api.now())", id);
	ck_assert_int_eq(
		pg_number(pg, "SELECT credit_points FROM market.agency WHERE id = '%s'", id), 80);
	ck_assert_int_eq(
		pg_number(pg, "SELECT count(*) FROM market.outbox WHERE kind = 'credit-event'"), 1);
	pg_free(&pg);
}
END_TEST

START_TEST(every_credit_event_that_a_function_raises_has_its_points)
{
	struct pg *pg = pg_new();
	const char *raised = "FROM pg_proc p, regexp_matches(p.prosrc,"
			     " $r$PERFORM api\\.credit_event\\([^']*'([^']*)'$r$, 'g') m";

	ck_assert_int_ge(pg_number(pg, "SELECT count(*) %s", raised), 3);
	ck_assert_str_eq(pg_value(pg,
				 "SELECT string_agg(m[1], ' ') %s WHERE m[1] NOT IN"
				 " (SELECT kind FROM api.credit_table())",
				 raised),
		"");
	pg_free(&pg);
}
END_TEST

SUITE(agency, a_registration_goes_from_draft_over_check_and_notice_to_active,
	the_notice_of_a_market_without_demo_counts_working_days,
	a_registration_is_refused_where_it_names_what_there_is_not,
	a_draft_can_be_changed_until_it_is_handed_in, a_certificate_is_refused_where_it_is_none,
	an_agency_moves_only_as_its_life_allows, of_two_operators_who_check_at_once_one_is_stale,
	a_refused_registration_says_why_to_its_own_and_can_come_again,
	a_wrong_credit_code_passes_the_check_only_with_a_reason,
	a_draft_is_seen_by_its_own_and_by_supervisors_only,
	a_new_certificate_of_an_active_agency_counts_after_its_check,
	agencies_under_one_control_become_one_ticket,
	agencies_are_listed_by_state_category_region_and_words,
	eligibility_follows_rule_grade_and_expiry,
	eligibility_needs_an_active_agency_of_the_category_with_credit, a_credit_event_counts_once,
	every_credit_event_that_a_function_raises_has_its_points)
