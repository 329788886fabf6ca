/* The frame of every call (sql/fn/010_call.sql). */
#include <check.h>
#include <string.h>

#include "lib/base/hash.h"
#include "lib/base/hex.h"
#include "proto/op.h"
#include "tests/support/pg.h"
#include "tests/support/suite.h"

/* A write as every door is one; outcome decides how it ends. */
static const char write_function[] =
	"CREATE FUNCTION test.write(caller text, idem text, hash bytea, outcome text)"
	" RETURNS api.answer LANGUAGE plpgsql AS $$"
	" DECLARE c api.ctx; BEGIN"
	" c := api.begin(caller, 2, idem, hash);"
	" IF c.done THEN RETURN api.replay(c); END IF;"
	" PERFORM api.job_plan('test', c.user_id, api.now());"
	" IF outcome = 'refuse' THEN"
	"  PERFORM api.refuse('rule', 'TR1', '/price_fen', '不可', 'it may not'); END IF;"
	" RETURN api.finish(c, CASE outcome WHEN 'fail' THEN 422 ELSE 201 END, 7, '{\"n\":1}',"
	"  CASE outcome WHEN 'secret' THEN '{}' END);"
	"END $$";

static struct pg *
market_with_write(const char **ret_key)
{
	struct pg *pg = pg_new();

	pg_run(pg, "%s", write_function);
	*ret_key = pg_person(pg, "agency", ROLE_AGENCY);
	return pg;
}

static struct pg_answer
write_as(struct pg *pg, PGconn *conn, const char *key, const char *idem, const char *outcome)
{
	return pg_ask(pg, conn, "SELECT * FROM test.write('%s', '%s', '\\x%02x', '%s')", key, idem,
		(unsigned)outcome[0], outcome);
}

/* A session with the daemon's limit on locks but the rights to call test.write. */
static PGconn *
session(struct pg *pg)
{
	PGconn *conn = pg_connect(pg, "postgres");

	(void)pg_ask(pg, conn, "SET lock_timeout = '500ms'");
	return conn;
}

START_TEST(a_repeat_gets_the_stored_answer_and_changes_nothing)
{
	const char *key;
	struct pg *pg = market_with_write(&key);
	struct pg_answer first = write_as(pg, pg->super, key, "k", "write"), second;

	ck_assert_int_eq(first.status, 201);
	ck_assert(!first.replayed);
	pg_run(pg, "DELETE FROM market.job");
	second = write_as(pg, pg->super, key, "k", "write");
	ck_assert_int_eq(second.status, 201);
	ck_assert_int_eq(second.version, 7);
	ck_assert(second.replayed);
	ck_assert_str_eq(second.body, first.body);
	ck_assert_int_eq(pg_number(pg, "SELECT count(*) FROM market.job"), 0);
	pg_free(&pg);
}
END_TEST

START_TEST(a_key_belongs_to_one_request_and_one_person)
{
	const char *key, *other;
	struct pg *pg = market_with_write(&key);

	other = pg_person(pg, "agency", ROLE_AGENCY);
	(void)write_as(pg, pg->super, key, "k", "write");
	ck_assert_str_eq(
		write_as(pg, pg->super, key, "k", "secret").code, "idempotency-key-reused");
	ck_assert_int_eq(write_as(pg, pg->super, other, "k", "secret").status, 201);
	pg_free(&pg);
}
END_TEST

START_TEST(a_refusal_leaves_nothing_and_the_key_free)
{
	const char *key;
	struct pg *pg = market_with_write(&key);
	struct pg_answer a = write_as(pg, pg->super, key, "k", "refuse");

	ck_assert_str_eq(a.code, "rule");
	ck_assert_str_eq(a.rule, "TR1");
	ck_assert_str_eq(a.pointer, "/price_fen");
	ck_assert_str_eq(a.zh, "不可");
	ck_assert_str_eq(a.en, "it may not");
	ck_assert_str_eq(write_as(pg, pg->super, key, "k", "fail").code, "sqlstate P0001");
	ck_assert_int_eq(pg_number(pg, "SELECT count(*) FROM market.idempotency"), 0);
	ck_assert_int_eq(pg_number(pg, "SELECT count(*) FROM market.job"), 0);
	ck_assert_int_eq(write_as(pg, pg->super, key, "k", "write").status, 201);
	pg_free(&pg);
}
END_TEST

START_TEST(a_secret_is_answered_once_and_not_stored)
{
	const char *key;
	struct pg *pg = market_with_write(&key);

	ck_assert_str_eq(write_as(pg, pg->super, key, "k", "secret").body, "{\"n\":1}");
	ck_assert_str_eq(write_as(pg, pg->super, key, "k", "secret").body, "{}");
	pg_free(&pg);
}
END_TEST

START_TEST(a_call_in_flight_is_told_apart_from_one_that_ended)
{
	const char *key;
	struct pg *pg = market_with_write(&key);
	PGconn *first = session(pg), *second = session(pg);
	struct pg_answer a;

	(void)pg_ask(pg, first, "BEGIN");
	ck_assert_int_eq(write_as(pg, first, key, "k", "write").status, 201);
	a = write_as(pg, second, key, "k", "write");
	ck_assert_str_eq(a.code, "idempotency-key-in-flight");

	pg_send_ask(pg, second, "SELECT * FROM test.write('%s', 'k', '\\x77', 'write')", key);
	ck_assert(pg_waits(pg, second));
	(void)pg_ask(pg, first, "COMMIT");
	a = pg_receive(pg, second);
	ck_assert_str_eq(a.code, "");
	ck_assert(a.replayed);
	PQfinish(first);
	PQfinish(second);
	pg_free(&pg);
}
END_TEST

START_TEST(a_call_behind_one_that_is_rolled_back_runs_itself)
{
	const char *key;
	struct pg *pg = market_with_write(&key);
	PGconn *first = session(pg), *second = session(pg);
	struct pg_answer a;

	(void)pg_ask(pg, first, "BEGIN");
	(void)write_as(pg, first, key, "k", "write");
	pg_send_ask(pg, second, "SELECT * FROM test.write('%s', 'k', '\\x77', 'write')", key);
	ck_assert(pg_waits(pg, second));
	(void)pg_ask(pg, first, "ROLLBACK");
	a = pg_receive(pg, second);
	ck_assert_int_eq(a.status, 201);
	ck_assert(!a.replayed);
	PQfinish(first);
	PQfinish(second);
	pg_free(&pg);
}
END_TEST

START_TEST(a_dead_key_or_another_role_does_not_write)
{
	const char *key, *owner;
	struct pg *pg = market_with_write(&key);

	owner = pg_person(pg, "owner", ROLE_OWNER);
	ck_assert_str_eq(write_as(pg, pg->super, owner, "k", "write").code, "forbidden");
	ck_assert_str_eq(write_as(pg, pg->super, "key_none", "k", "write").code, "unauthorized");
	pg_clock_set(pg, "2024-03-01T09:00:00+08");
	pg_run(pg, "UPDATE market.api_key SET expires_at = '2024-03-01T09:00:00+08'");
	ck_assert_str_eq(write_as(pg, pg->super, key, "k", "write").code, "unauthorized");
	pg_clock_move(pg, "-1 second");
	ck_assert_int_eq(write_as(pg, pg->super, key, "k", "write").status, 201);
	pg_run(pg, "UPDATE market.api_key SET revoked_at = api.now()");
	ck_assert_str_eq(write_as(pg, pg->super, key, "k", "write").code, "unauthorized");
	pg_free(&pg);
}
END_TEST

START_TEST(canonical_json_is_that_of_rfc_8785)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"{\"b\": 1, \"a\": [true, null, \"x\"], \"aa\": {}, \"B\": []}",
			"{\"B\":[],\"a\":[true,null,\"x\"],\"aa\":{},\"b\":1}"},
		{"{\"_\": 1, \"a_b\": 2, \"ab\": 3, \"a\": 4}",
			"{\"_\":1,\"a\":4,\"a_b\":2,\"ab\":3}"},
		{"\"\\u0008\\t\\n\\f\\r\\u001f\\u0001\\\"\\\\/\"",
			"\"\\b\\t\\n\\f\\r\\u001f\\u0001\\\"\\\\/\""},
		{"\"\\u007f\\u20ac\\u4e2d\\ud83d\\ude00\\u2028\"", "\"\x7f€中😀\u2028\""},
		{"[1.0, 1e3, -0, 9007199254740992]", "[1,1000,0,9007199254740992]"},
		{"false", "false"},
	};
	struct pg *pg = pg_new();

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		ck_assert_str_eq(
			pg_value(pg, "SELECT api.canon($j$%s$j$)", cases[i].in), cases[i].out);
	ck_assert_str_ne(pg_ask(pg, pg->super, "SELECT api.canon('1.5')").code, "");
	ck_assert_str_ne(pg_ask(pg, pg->super, "SELECT api.canon('9007199254740993')").code, "");
	pg_free(&pg);
}
END_TEST

/* 3000 ids: a character that misses at a place, or stands at one too often, is a fixed bit.  By
 * chance one of 26 × 32 counts is outside 40 … 160 (expected 94) with less than 1e-6. */
START_TEST(an_id_is_random_in_every_character)
{
	struct pg *pg = pg_new();

	pg_run(pg,
		"CREATE TABLE test.id AS SELECT api.new_id('agc') AS id"
		" FROM generate_series(1, 3000)");
	ck_assert_int_eq(pg_number(pg,
				 "SELECT count(DISTINCT id) FROM test.id"
				 " WHERE id ~ '^agc_[a-z2-7]{26}$'"),
		3000);
	ck_assert_int_eq(pg_number(pg,
				 "SELECT count(*) FROM (SELECT count(*) AS n FROM test.id,"
				 " generate_series(1, 26) p GROUP BY p, substr(id, 4 + p, 1)) s"
				 " WHERE n BETWEEN 40 AND 160"),
		26 * 32);
	pg_free(&pg);
}
END_TEST

START_TEST(a_cursor_that_is_not_ours_is_refused)
{
	static const char *const foreign[] = {
		"!", "a", "YQ==", "_w", "YR", "AA", "Y Q", "中", "YWI+"};
	struct pg *pg = pg_new();
	struct pg_answer a;

	ck_assert_str_eq(pg_value(pg, "SELECT api.cursor_get(api.cursor_put(repeat('中?>~', 40)))"),
		pg_value(pg, "SELECT repeat('中?>~', 40)"));
	ck_assert_str_eq(pg_value(pg, "SELECT api.cursor_get(NULL) IS NULL"), "t");
	for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
		a = pg_ask(pg, pg->super, "SELECT api.cursor_get('%s')", foreign[i]);
		ck_assert_msg(
			strcmp(a.code, "bad-input") == 0, "%s: %s %s", foreign[i], a.code, a.en);
		ck_assert_str_eq(a.pointer, "cursor");
	}
	pg_free(&pg);
}
END_TEST

START_TEST(an_entry_has_its_bytes_and_its_leaf)
{
	static const char bytes[] =
		"\0fairlot-entry/v1 notice prj_1 usr_1 2024-03-01T01:00:00.000123Z -\n{\"a\":1}\n";
	struct hash leaf = hash_of(bytes, sizeof bytes - 1);
	char hex[2 * HASH_LEN + 1];
	struct pg *pg = pg_new();

	hex_encode(leaf.at, HASH_LEN, hex);
	ck_assert_str_eq(pg_value(pg,
				 "SELECT encode(api.entry('notice', 'prj_1', 'usr_1',"
				 " '2024-03-01T09:00:00.000123+08', api.canon('{\"a\": 1}')"
				 " || E'\\n'), 'hex')"),
		hex);
	ck_assert_str_eq(pg_value(pg, "SELECT encode(leaf, 'hex') FROM market.outbox"), hex);
	ck_assert_str_ne(
		pg_ask(pg, pg->super, "SELECT api.entry('a b', 's', '-', api.now(), '')").code, "");
	ck_assert_str_ne(pg_ask(pg, pg->super, "DELETE FROM market.outbox").code, "");
	pg_free(&pg);
}
END_TEST

START_TEST(a_timer_is_planned_again_and_removed)
{
	struct pg *pg = pg_new();

	(void)pg_value(pg, "SELECT api.job_plan('k', 's', '2024-03-01T09:00:00Z')");
	pg_run(pg, "UPDATE market.job SET attempt = 3, lease_until = 'infinity'");
	(void)pg_value(pg, "SELECT api.job_plan('k', 's', '2024-03-02T09:00:00Z')");
	ck_assert_int_eq(pg_number(pg,
				 "SELECT count(*) FROM market.job WHERE attempt = 0 AND"
				 " due_at = '2024-03-02T09:00:00Z' AND lease_until = '-infinity'"),
		1);
	(void)pg_value(pg, "SELECT api.job_plan('k', 's', NULL)");
	ck_assert_int_eq(pg_number(pg, "SELECT count(*) FROM market.job"), 0);
	pg_free(&pg);
}
END_TEST

START_TEST(a_state_moves_only_by_its_list)
{
	struct pg *pg = pg_new();
	struct pg_answer a;

	ck_assert_str_eq(pg_value(pg, "SELECT api.move('project', 'draft', 'submit')"), "review");
	a = pg_ask(pg, pg->super, "SELECT api.move('project', 'open', 'submit')");
	ck_assert_str_eq(a.code, "wrong-state");
	ck_assert_str_eq(a.rule, "TR1");
	a = pg_ask(pg, pg->super, "SELECT api.match(1, 2)");
	ck_assert_str_eq(a.code, "stale");
	ck_assert_str_eq(pg_ask(pg, pg->super, "SELECT api.match(NULL, 2)").code, "");
	pg_free(&pg);
}
END_TEST

SUITE(call, a_repeat_gets_the_stored_answer_and_changes_nothing,
	a_key_belongs_to_one_request_and_one_person, a_refusal_leaves_nothing_and_the_key_free,
	a_secret_is_answered_once_and_not_stored,
	a_call_in_flight_is_told_apart_from_one_that_ended,
	a_call_behind_one_that_is_rolled_back_runs_itself,
	a_dead_key_or_another_role_does_not_write, canonical_json_is_that_of_rfc_8785,
	an_id_is_random_in_every_character, a_cursor_that_is_not_ours_is_refused,
	an_entry_has_its_bytes_and_its_leaf, a_timer_is_planned_again_and_removed,
	a_state_moves_only_by_its_list)
