/* A draw of 100,000 sign-ups through the daemon: from the deadline to the freeze, from the last
 * value to the served result, the transcript, its verification.  Figures; asserted is only that it
 * verifies.  FAIRLOT_BENCH_CANDIDATES: another number. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/folder.h"
#include "lib/draw/verify.h"
#include "tests/api/life.h"
#include "tests/support/suite.h"

enum {
	CANDIDATES = 100000
};

static double
now_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Copies of the first agency with a certificate and a sign-up each, as the functions enter them. */
static void
crowd_enter(struct scene *s, const char *project, unsigned count)
{
	const char *draw = scene_text(s, "%s.1", project);

	pg_run(s->pg,
		"INSERT INTO market.organisation (id, kind, name, credit_code, registered_at, "
		"recorded_at) SELECT 'org_' || lpad(i::text, 26, 'a'), 'agency', '机构' || i, 'cc' "
		"|| "
		"i, api.now(), api.now() FROM generate_series(1, %u) i",
		count);
	pg_run(s->pg,
		"INSERT INTO market.agency SELECT (jsonb_populate_record(a, "
		"jsonb_build_object('id', "
		"'agc_' || lpad(i::text, 26, 'a'), 'organisation_id', 'org_' || lpad(i::text, 26, "
		"'a')))).* FROM market.agency a, generate_series(1, %u) i WHERE a.id = '%s'",
		count, s->agency_id[0]);
	pg_run(s->pg,
		"INSERT INTO market.certificate SELECT (jsonb_populate_record(c, "
		"jsonb_build_object('id', 'crt_' || lpad(i::text, 26, 'a'), 'agency_id', 'agc_' || "
		"lpad(i::text, 26, 'a'), 'number', i))).* FROM market.certificate c, "
		"generate_series(1, %u) i "
		"WHERE "
		"c.agency_id = '%s'",
		count, s->agency_id[0]);
	pg_run(s->pg,
		"CREATE TEMPORARY TABLE crowd AS SELECT i, a, salt, convert_to('fairlot-entry/v1 "
		"signup "
		"%s - ' || api.utc_us(api.now()) || E' -\\n{\"draw\":\"%s\",\"seal\":\"' || "
		"encode(api.draw_seal('signup', '%s', a, salt), 'hex') || E'\"}\\n', 'UTF8') AS "
		"entry "
		"FROM (SELECT i, 'agc_' || lpad(i::text, 26, 'a') AS a, "
		"substring(sha256(i::text::bytea) FROM 1 FOR 16) AS salt FROM generate_series(1, "
		"%u) i) n",
		draw, draw, draw, count);
	pg_run(s->pg,
		"INSERT INTO market.outbox (log, kind, subject, entry, leaf, recorded_at) SELECT "
		"'journal', 'signup', '%s', entry, api.leaf(entry), api.now() FROM crowd",
		draw);
	pg_run(s->pg,
		"INSERT INTO market.signup (id, project_id, round, agency_id, ticket, salt, leaf, "
		"at, "
		"recorded_at) SELECT 'sgn_' || lpad(i::text, 26, 'a'), '%s', 1, a, a, salt, "
		"api.leaf(entry), api.now(), api.now() FROM crowd; ANALYZE",
		project);
}

static void
transcript_judge(struct scene *s, const char *draw, unsigned count)
{
	static const struct verify_options options = {.draw_only = true};
	struct verify_report report;
	struct folder folder;
	const char *why = "";
	struct arena a;
	double begin = now_s(), fetched;

	arena_init(&a, (size_t)1 << 30);
	scene_does(s, NOBODY, scene_text(s, "GET /v1/draws/%s/transcript", draw), NULL, NULL);
	fetched = now_s();
	ck_assert_msg(folder_of_tar(&a, s->last.body, &folder, &why), "%s", why);
	draw_verify(&a, folder.files, folder.count, &options, &report);
	printf("transcript of %.1f MB: served in %.2f s, verified in %.2f s\n",
		(double)s->last.body.len / 1e6, fetched - begin, now_s() - fetched);
	for (int c = CHECK_OK + 1; c < CHECK_COUNT; c++)
		ck_assert_msg(report.attempts[0].rows[c].state != VERIFY_FAILS, "%s",
			check_row((enum check)c)->code);
	ck_assert_uint_eq(report.attempts[0].draw.candidates.count, count);
	arena_reset(&a);
}

START_TEST(figures_are_printed)
{
	uint64_t asked = CANDIDATES;
	struct scene *s = scene_new("demo");
	const char *project = life_open(s, "draw", NULL, ",\"winners\":2");
	const char *draw = scene_text(s, "%s.1", project);
	double begin;

	if (getenv("FAIRLOT_BENCH_CANDIDATES") != NULL)
		ck_assert(text_u64(text_of(getenv("FAIRLOT_BENCH_CANDIDATES")), 1000000, &asked));
	crowd_enter(s, project, (unsigned)asked);
	begin = now_s();
	life_pass(s, project, "/deadline_at", "selecting");
	printf("%u sign-ups: frozen in %.2f s\n", (unsigned)asked, now_s() - begin);
	begin = now_s();
	life_contribute(s, draw);
	printf("last value to served result: %.2f s\n", now_s() - begin);
	begin = now_s();
	scene_does(s, NOBODY, scene_text(s, "GET /v1/projects/%s", project), NULL, NULL);
	printf("the project: %.2f s, %zu bytes\n", now_s() - begin, s->last.body.len);
	transcript_judge(s, draw, (unsigned)asked);
	scene_free(&s);
}
END_TEST

SUITE(large_bench, figures_are_printed)
