/* Who may announce and retire the keys of a witness, and what the journal then says. */
#include <check.h>
#include <string.h>

#include "tests/support/market.h"
#include "tests/support/suite.h"

static const char *
body(struct pg *pg, const char *name, char vrf, char cosign)
{
	return pg_value(pg,
		"SELECT json_build_object('name', '%s', 'origin', 'fairlot.example/market', "
		"'vrf_key', '02' || repeat('%c', 64), 'cosign_key', repeat('%c', 64), "
		"'proof', repeat('a', 162), 'signature', repeat('b', 128))",
		name, vrf, cosign);
}

static struct pg_answer
announce(struct pg *pg, const char *caller, const char *idem, const char *text)
{
	return pg_call(pg, pg->writer, SQL_witness_announce, "caller", caller, "need", "32", "idem",
		idem, "body", text, NULL);
}

static struct pg_answer
retire(struct pg *pg, const char *caller, const char *idem, const char *name)
{
	return pg_call(pg, pg->writer, SQL_witness_retire, "caller", caller, "need", "36", "idem",
		idem, "id", name, "body", "{\"reason\":\"lost\"}", NULL);
}

static struct pg *
witness_market(void)
{
	struct pg *pg = market_new();

	pg_run(pg,
		"INSERT INTO market.setting VALUES ('origin', 'fairlot.example/market') "
		"ON CONFLICT (key) DO UPDATE SET value = excluded.value");
	return pg;
}

START_TEST(both_keys_are_announced_in_the_journal)
{
	struct pg *pg = witness_market();
	const char *audit = pg_person(pg, "auditor", 16 | 32);
	struct pg_answer a = announce(pg, audit, "k1", body(pg, "audit", '1', '2')), list;

	ck_answered(a, 201);
	ck_assert_str_eq(pg_member(pg, a.body, "/state"), "announced");
	ck_assert(announce(pg, audit, "k1", body(pg, "audit", '1', '2')).replayed);
	ck_assert_int_eq(pg_number(pg,
				 "SELECT count(*) FROM market.outbox WHERE kind = 'key-announced' "
				 "AND subject = 'audit'"),
		2);
	ck_assert_int_eq(
		pg_number(pg,
			"SELECT count(*) FROM market.draw_key k JOIN market.witness w ON "
			"w.vrf_key = k.public_key AND w.name = k.name AND w.announced_at "
			"= k.announced_at WHERE k.name = 'audit' AND k.retired_at IS NULL"),
		1);
	list = pg_call(pg, pg->reader, SQL_witness_list, "limit", "10", NULL);
	ck_assert_str_eq(pg_member(pg, list.body, "/items/0/name"), "audit");
	ck_assert_str_eq(pg_member(pg, list.body, "/items/0/draws_contributed"), "0");
	pg_free(&pg);
}
END_TEST

START_TEST(names_keys_and_organisations_are_used_once)
{
	struct pg *pg = witness_market();
	const char *audit = pg_person(pg, "auditor", 16 | 32);
	const char *college = pg_person(pg, "witness", 32), *owner = pg_person(pg, "owner", 1);

	ck_answered(announce(pg, audit, "k1", body(pg, "audit", '1', '2')), 201);
	ck_refused(announce(pg, owner, "k", body(pg, "x", '5', '6')), "forbidden", "", "");
	ck_refused(announce(pg, audit, "k2", body(pg, "audit", '3', '4')), "duplicate",
		"witness.live", "");
	ck_refused(announce(pg, college, "k3", body(pg, "audit", '3', '4')), "duplicate",
		"witness.name", "/name");
	ck_refused(announce(pg, college, "k4", body(pg, "college", '1', '4')), "duplicate",
		"witness.key", "/vrf_key");
	ck_refused(announce(pg, college, "k5", body(pg, "college", '3', '2')), "duplicate",
		"witness.key", "/cosign_key");
	ck_refused(announce(pg, college, "k6", body(pg, "owner", '3', '4')), "rule", "witness.name",
		"/name");
	ck_refused(announce(pg, college, "k6b", body(pg, "operator", '3', '4')), "rule",
		"witness.name", "/name");
	pg_run(pg, "UPDATE market.setting SET value = 'x.example/y' WHERE key = 'origin'");
	ck_refused(announce(pg, college, "k7", body(pg, "college", '3', '4')), "rule",
		"witness.origin", "/origin");
	pg_free(&pg);
}
END_TEST

START_TEST(of_two_who_announce_one_name_at_once_one_is_refused)
{
	struct pg *pg = witness_market();
	const char *audit = pg_person(pg, "auditor", 16 | 32);
	const char *college = pg_person(pg, "witness", 32);
	PGconn *other = pg_connect(pg, "fairlot_writer");

	PQclear(PQexec(other, "BEGIN"));
	ck_answered(pg_call(pg, other, SQL_witness_announce, "caller", audit, "need", "32", "idem",
			    "k1", "body", body(pg, "audit", '1', '2'), NULL),
		201);
	pg_send(pg, pg->writer, SQL_witness_announce, "caller", college, "need", "32", "idem", "k2",
		"body", body(pg, "audit", '3', '4'), NULL);
	ck_assert(pg_waits(pg, pg->writer));
	PQclear(PQexec(other, "COMMIT"));
	ck_refused(pg_receive(pg, pg->writer), "duplicate", "witness.key", "");
	PQfinish(other);
	pg_free(&pg);
}
END_TEST

START_TEST(keys_are_retired_by_their_witness_or_the_operator_and_never_return)
{
	struct pg *pg = witness_market();
	const char *audit = pg_person(pg, "auditor", 16 | 32);
	const char *college = pg_person(pg, "witness", 32);
	const char *operator= pg_person(pg, "operator", 4);
	struct pg_answer a;

	ck_answered(announce(pg, audit, "k1", body(pg, "audit", '1', '2')), 201);
	ck_answered(announce(pg, college, "k2", body(pg, "college", '3', '4')), 201);
	ck_refused(retire(pg, college, "k3", "audit"), "not-found", "", "id");
	ck_refused(retire(pg, college, "k4", "nobody"), "not-found", "", "id");
	a = retire(pg, audit, "k5", "audit");
	ck_answered(a, 200);
	ck_assert_str_eq(pg_member(pg, a.body, "/state"), "retired");
	ck_assert_str_eq(pg_member(pg, a.body, "/retire_reason"), "lost");
	ck_refused(retire(pg, audit, "k6", "audit"), "wrong-state", "witness.retired", "");
	ck_answered(retire(pg, operator, "k7", "college"), 200);
	ck_refused(announce(pg, audit, "k8", body(pg, "audit", '1', '5')), "duplicate",
		"witness.key", "/vrf_key");
	ck_answered(announce(pg, audit, "k9", body(pg, "audit", '5', '6')), 201);
	ck_assert_int_eq(pg_number(pg,
				 "SELECT count(*) FROM market.outbox WHERE kind = 'key-retired' "
				 "AND convert_from(entry, 'UTF8') LIKE '%%\"reason\":\"lost\"%%'"),
		4);
	ck_assert_int_eq(pg_number(pg,
				 "SELECT count(*) FROM market.draw_key WHERE retired_at IS NULL "
				 "AND name = 'audit'"),
		1);
	pg_free(&pg);
}
END_TEST

START_TEST(the_list_is_paged_by_name)
{
	struct pg *pg = witness_market();
	struct pg_answer first, second;

	for (int i = 0; i < 3; i++) {
		char name[] = {'w', (char)('a' + i), '\0'};

		ck_answered(announce(pg, pg_person(pg, "witness", 32), name,
				    body(pg, name, (char)('1' + i), (char)('4' + i))),
			201);
	}
	first = pg_call(pg, pg->reader, SQL_witness_list, "limit", "2", NULL);
	second =
		pg_call(pg, pg->reader, SQL_witness_list, "limit", "2", "cursor", first.next, NULL);
	ck_assert_str_eq(pg_member(pg, first.body, "/items/1/name"), "wb");
	ck_assert_str_eq(pg_member(pg, second.body, "/items/0/name"), "wc");
	ck_assert_str_eq(second.next, "");
	ck_refused(pg_call(pg, pg->reader, SQL_witness_list, "cursor", "eHg", NULL), "bad-input",
		"", "cursor");
	pg_free(&pg);
}
END_TEST

static struct pg_answer
cosign(struct pg *pg, const char *caller, const char *size, const char *name, char key)
{
	return pg_call(pg, pg->writer, SQL_journal_cosign, "caller", caller, "need", "32", "size",
		size, "name", name, "cosign_key",
		pg_value(pg, "SELECT '\\x' || repeat('%c', 64)", key), "line",
		pg_value(pg, "SELECT '— %s line' || E'\\n'", name), "time_s", "1700000000", NULL);
}

START_TEST(a_cosignature_joins_its_checkpoint_once)
{
	struct pg *pg = witness_market();
	const char *audit = pg_person(pg, "auditor", 16 | 32);
	const char *college = pg_person(pg, "witness", 32);
	struct pg_answer a;

	ck_answered(announce(pg, audit, "k1", body(pg, "audit", '1', '2')), 201);
	pg_run(pg,
		"INSERT INTO market.log_checkpoint VALUES ('journal', 5, repeat('x', 32)::bytea, "
		"E'note\n', now()); UPDATE market.log_head SET size = 9, signed = 5");
	a = pg_call(pg, pg->reader, SQL_journal_cosign_read, "caller", audit, "size", "5", NULL);
	ck_assert_str_eq(PQgetvalue(a.rows, 0, 0), "audit");
	ck_assert_str_eq(PQgetvalue(a.rows, 0, 2), "note\n");
	ck_refused(pg_call(pg, pg->reader, SQL_journal_cosign_read, "caller", audit, "size", "6",
			   NULL),
		"rule", "witness.checkpoint", "/size");
	ck_refused(pg_call(pg, pg->reader, SQL_journal_cosign_read, "caller", college, "size", "5",
			   NULL),
		"rule", "witness.live", "");
	ck_answered(cosign(pg, audit, "5", "audit", '2'), 200);
	ck_answered(cosign(pg, audit, "5", "audit", '2'), 200);
	a = pg_call(pg, pg->reader, SQL_journal_checkpoint, NULL);
	ck_assert_str_eq(PQgetvalue(a.rows, 0, 0), "note\n— audit line\n");
	a = pg_call(pg, pg->reader, SQL_witness_get, "id", "audit", NULL);
	ck_assert_str_eq(pg_member(pg, a.body, "/cosigned_size"), "5");
	/* The key that was read is not the key any more. */
	ck_refused(cosign(pg, audit, "5", "audit", '3'), "conflict", "witness.live", "");
	ck_answered(retire(pg, audit, "k2", "audit"), 200);
	ck_refused(cosign(pg, audit, "5", "audit", '2'), "conflict", "witness.live", "");
	pg_free(&pg);
}
END_TEST

SUITE(witness, both_keys_are_announced_in_the_journal, names_keys_and_organisations_are_used_once,
	of_two_who_announce_one_name_at_once_one_is_refused,
	keys_are_retired_by_their_witness_or_the_operator_and_never_return,
	the_list_is_paged_by_name, a_cosignature_joins_its_checkpoint_once)
