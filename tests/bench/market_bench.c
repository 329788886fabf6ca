/* Requests a second of the daemon over TLS, beside pgbench with the same SQL against the same
 * private PostgreSQL in the same run.  Figures, no judgement: nothing here is asserted but that
 * everything is answered.  FAIRLOT_BENCH_S: seconds a measurement (3), FAIRLOT_BENCH_CONNECTIONS
 * (16), FAIRLOT_BENCH_ROW: one row only, from 0; FAIRLOT_DURABLE: the database syncs. */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/api/life.h"
#include "tests/bench/cpu.h"
#include "tests/bench/load.h"
#include "tests/bench/pgbench.h"
#include "tests/support/folder.h"
#include "tests/support/suite.h"

enum {
	OFFERS = 2000,
	CONNECTIONS = 16,
	SECONDS = 3,
	WARM_MS = 500,
	/* Bids go down from here by one step each; no shape takes more. */
	FIRST_FEN = 1000000000
};

static struct scene *s;
static int connections = CONNECTIONS, seconds = SECONDS;
static struct arena text;  /* of the request being built */
static int64_t asked;	   /* requests so far */
static const char *bidder; /* id of the key */

/* --- the market --- */

static int
given(const char *name, int otherwise)
{
	uint64_t n;

	return getenv(name) != NULL && text_u64(text_of(getenv(name)), 100000, &n) ? (int)n
										   : otherwise;
}

/* Copies of one auction, each with its project and the sign-up of one bidder: name0, name1, … */
static void
auctions_copy(const char *project, const char *auction, const char *name)
{
	struct pg *pg = s->pg;

	pg_run(pg,
		"INSERT INTO market.project SELECT (jsonb_populate_record(p, jsonb_build_object("
		"'id', 'prj_%s' || i))).* FROM market.project p, generate_series(0, %d) i WHERE "
		"p.id "
		"= '%s'",
		name, connections, project);
	pg_run(pg,
		"INSERT INTO market.signup SELECT (jsonb_populate_record(u, jsonb_build_object("
		"'id', 'sgn_%s' || i, 'project_id', 'prj_%s' || i))).* FROM market.signup u,"
		" generate_series(0, %d) i WHERE u.project_id = '%s' AND u.agency_id = '%s'",
		name, name, connections, project, s->agency_id[0]);
	pg_run(pg,
		"INSERT INTO market.auction SELECT (jsonb_populate_record(a, jsonb_build_object("
		"'id', 'auc_%s' || i, 'project_id', 'prj_%s' || i, 'ceiling_fen', %d, 'step_fen',"
		" 1, 'effective_end', now() + interval '1 year', 'hard_end', now() + interval '1 "
		"year'))).* FROM market.auction a, generate_series(0, %d) i WHERE a.id = '%s'",
		name, name, FIRST_FEN, connections, auction);
}

static void
offers_copy(void)
{
	scene_does(s, AGENCY, "POST /v1/offers", NULL,
		"{\"item\":\"I001\",\"title\":\"勘测\",\"price_fen\":9000000,\"working_days\":10,"
		"\"promise\":\"按期提交成果报告，配合验收\"}");
	pg_run(s->pg,
		"INSERT INTO market.offer SELECT (jsonb_populate_record(o, jsonb_build_object('id',"
		" 'off_' || i, 'title', o.title || i, 'price_fen', 5000000 + i * 7919 %% "
		"4000000))).* "
		"FROM market.offer o, generate_series(0, %d) i WHERE o.id = '%s'",
		OFFERS - 1, scene_member(s, "/id"));
}

/* As the market has it outside of tests: the real clock, many connections, no rate limits. */
static void
daemon_begin(void)
{
	static const char *const flags[] = {"--db.writers", "16", "--db.readers", "8",
		"--rate.caller", "100000000", "--rate.address", "100000000", "--log.level", "error",
		NULL};
	char *clock = folder_source("sql/fn/000_clock.sql"), *create = strstr(clock, "FUNCTION");

	ck_assert_ptr_nonnull(create);
	pg_run(s->pg, "CREATE OR REPLACE %s", create);
	free(clock);
	ck_assert_int_eq(daemon_stop(s->daemon), 0);
	daemon_restart(s->daemon, flags);
	pg_run(s->pg, "VACUUM ANALYZE");
}

static void
market_begin(void)
{
	const char *project, *auction;

	s = scene_new("demo");
	bidder = pg_value(
		s->pg, "SELECT id FROM market.api_key WHERE user_id = '%s'", s->user_id[AGENCY]);
	project = life_open(s, "auction", NULL, "");
	for (int i = 0; i < 3; i++)
		(void)life_signup(s, project, i);
	life_pass(s, project, "/deadline_at", "selecting");
	auction = scene_look(s, scene_text(s, "/v1/projects/%s", project), "/auction_id");
	auctions_copy(project, auction, "o");
	auctions_copy(project, auction, "p");
	offers_copy();
	daemon_begin();
}

/* --- what is asked --- */

static const char *
request(const char *method, const char *target, const char *fields, const char *body)
{
	return arena_printf(&text, "%s %s HTTP/1.1\r\nHost: %s\r\n%sContent-Length: %zu\r\n\r\n%s",
		method, target, s->daemon->tls, fields, strlen(body), body);
}

static const char *
get(const char *target)
{
	return arena_printf(&text, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", target, s->daemon->tls);
}

static const char *
statistics_ask(int connection)
{
	(void)connection;
	return get("/v1/statistics");
}

static const char *
offer_ask(int connection)
{
	(void)connection;
	return get(arena_printf(&text, "/v1/offers/off_%" PRId64, asked * 7919 % OFFERS));
}

static const char *
offers_ask(int connection)
{
	(void)connection;
	return get("/v1/offers?item=I001&limit=20");
}

/* Each connection has an auction of its own. */
static const char *
bid_ask(int connection)
{
	return request("POST", arena_printf(&text, "/v1/auctions/auc_o%d/bids", connection),
		arena_printf(&text,
			"Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
			"Idempotency-Key: o%" PRId64 "\r\n",
			s->key[AGENCY], asked),
		arena_printf(&text, "{\"amount_fen\":%" PRId64 "}", FIRST_FEN - asked));
}

/* All on one auction; a bid that comes after a lower one is refused. */
static const char *
hot_ask(int connection)
{
	(void)connection;
	return bid_ask(connections);
}

static const struct row {
	const char *name;
	const char *(*ask)(int connection);
	const char *role, *script; /* of pgbench; NULL: none */
} rows[] = {
	{"cached read: statistics", statistics_ask, "fairlot_reader",
		"SELECT * FROM api.statistics_get(NULL);\n"},
	{"read: one offer", offer_ask, "fairlot_reader",
		"\\set i random(0, 1999)\nSELECT * FROM api.offer_get('off_' || :i);\n"},
	{"read: 20 of 2,000 offers", offers_ask, "fairlot_reader",
		"SELECT * FROM api.offer_list('I001', NULL, NULL, NULL, NULL, NULL, NULL, 20, "
		"NULL);\n"},
	{"bid, an auction each", bid_ask, "fairlot_writer",
		"\\set n :n + 1\n\\set fen 1000000000 - :n\n"
		"SELECT * FROM api.auction_bid('%s', 2, 'p' || :client_id || '-' || :n,"
		" '\\x00'::bytea, 'auc_p' || :client_id, ('{\"amount_fen\":' || :fen || "
		"'}')::jsonb);\n"},
	{"bid, all on one auction", hot_ask, NULL, NULL},
};

/* --- measuring --- */

static const char *
next_ask(void *arg, int connection)
{
	const struct row *row = arg;

	arena_reset(&text);
	arena_init(&text, 1 << 20);
	asked++;
	return row->ask(connection);
}

struct cpu {
	double daemon, signer, database;
};

static struct cpu
cpu_now(void)
{
	pid_t d = s->daemon->pid;
	pid_t server = parent_of((pid_t)PQbackendPID(s->pg->super));

	return (struct cpu){cpu_of(d), cpu_of_tree(d) - cpu_of(d), cpu_of_tree(server)};
}

static double
each_us(double after, double before, double count)
{
	return count > 0 ? (after - before) * 1e6 / count : 0;
}

static double
daemon_measure(const struct row *row)
{
	struct load l = {s->daemon->tls, connections, WARM_MS, next_ask, (void *)(uintptr_t)row, 0,
		0, 0, 0, 0};
	struct cpu before, after;
	double all;

	load_run(&l);
	l.duration_ms = (int64_t)seconds * 1000;
	before = cpu_now();
	load_run(&l);
	after = cpu_now();
	all = (double)(l.answered + l.refused);
	printf("%-26s fairlotd %8.0f/s  p50 %6.2f ms  p99 %6.2f ms  CPU each: daemon %4.0f us, "
	       "signer %4.0f us, database %5.0f us",
		row->name, (double)l.answered / l.seconds, l.p50_ms, l.p99_ms,
		each_us(after.daemon, before.daemon, all),
		each_us(after.signer, before.signer, all),
		each_us(after.database, before.database, all));
	if (l.refused > 0)
		printf("  refused %.1f %%", 100 * (double)l.refused / all);
	printf("\n");
	return (double)l.answered / l.seconds;
}

static double
database_measure(const struct row *row)
{
	struct pgbench b = {.conninfo = pg_conninfo(s->pg, row->role),
		.script = row->script,
		.clients = connections,
		.duration_s = seconds};
	struct cpu before = cpu_now(), after;

	if (strstr(row->script, "%s") != NULL)
		b.script = scene_text(s, "%.*s%s%s", (int)(strstr(row->script, "%s") - row->script),
			row->script, bidder, strstr(row->script, "%s") + 2);
	pgbench_run(&b);
	after = cpu_now();
	printf("%-26s pgbench  %8.0f/s  p50 %6.2f ms  p99 %6.2f ms  CPU each: database %5.0f us\n",
		"", b.rate, b.p50_ms, b.p99_ms,
		each_us(after.database, before.database, b.rate * seconds));
	return b.rate;
}

START_TEST(figures_are_printed)
{
	connections = given("FAIRLOT_BENCH_CONNECTIONS", CONNECTIONS);
	seconds = given("FAIRLOT_BENCH_S", SECONDS);
	arena_init(&text, 1 << 20);
	market_begin();
	printf("%d connections, %d s each, database %s\n", connections, seconds,
		getenv("FAIRLOT_DURABLE") == NULL ? "without fsync" : "with fsync");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		double ours;

		if (given("FAIRLOT_BENCH_ROW", (int)i) != (int)i)
			continue;
		ours = daemon_measure(&rows[i]);
		if (rows[i].script != NULL)
			printf("%-26s ratio    %8.2f\n", "", ours / database_measure(&rows[i]));
		(void)fflush(stdout);
	}
	arena_reset(&text);
	scene_free(&s);
}
END_TEST

SUITE(market_bench, figures_are_printed)
