/* The program of a witness against a daemon, over TLS and nothing else: it contributes, cosigns, is
 * killed, and refuses what it must. */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/file.h"
#include "cli/folder.h"
#include "lib/draw/verify.h"
#include "tests/api/life.h"
#include "tests/support/child.h"
#include "tests/support/folder.h"
#include "tests/support/invariant.h"
#include "tests/support/journal.h"
#include "tests/support/suite.h"
#include "tests/support/until.h"

#define NAME "zhijian"

enum {
	ARGS_MAX = 24
};

static struct scene *market;
static char folder[96], lock[96];

static pid_t
witness_start(struct scene *s, const char *const *args)
{
	const char *program = getenv("FAIRLOT"), *at = strrchr(s->daemon->tls, ':');
	const char *ca = scene_text(s, "%s/tls/cert.pem", s->daemon->folder);
	const char *log = scene_text(s, "%s.log", folder);
	const char *list[ARGS_MAX] = {program, "--url", scene_text(s, "https://127.0.0.1%s", at),
		"--ca", ca, "--key", s->key[WITNESS], "witness"};
	size_t n = 8;
	pid_t pid;

	ck_assert_msg(program != NULL, "FAIRLOT names no program");
	for (; *args != NULL && n + 1 < ARGS_MAX; args++)
		list[n++] = *args;
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		int out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)dup2(out, STDOUT_FILENO);
		(void)dup2(out, STDERR_FILENO);
		(void)setenv("LC_ALL", "C", 1);
		(void)execv(program, (char *const *)(uintptr_t)list);
		_exit(127);
	}
	return pid;
}

static int
witness_end(pid_t pid, int number)
{
	int status;

	if (number != 0)
		(void)kill(pid, number);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static const char *
file_text(struct scene *s, const char *path)
{
	struct text bytes;

	return file_read(path, 1 << 20, &s->client->arena, &bytes) ? bytes.at : "";
}

static int
witness(struct scene *s, const char *const *args)
{
	return witness_end(witness_start(s, args), 0);
}

static int
look(struct scene *s)
{
	return witness(s, (const char *[]){"run", folder, "--once", NULL});
}

static void
looks(struct scene *s, int want)
{
	int status = look(s);

	ck_assert_msg(status == want, "%d, not %d: %s", status, want,
		file_text(s, scene_text(s, "%s.log", folder)));
}

static pid_t
watch(struct scene *s)
{
	return witness_start(s, (const char *[]){"run", folder, "--interval", "100ms", NULL});
}

/* The daemon that sequences: its lock file lies beside its data. */
static void
daemon_log(struct scene *s)
{
	const char *flags[] = {"--log.lock_file", lock, "--cache.public", "0s", NULL};

	scene_restart(s, flags);
}

/* A market with a journal, whose witness announced its keys. */
static struct scene *
market_watched(void)
{
	if (market != NULL)
		return market;
	market = scene_new("demo");
	(void)snprintf(folder, sizeof folder, "%s/watch", market->daemon->folder);
	(void)snprintf(lock, sizeof lock, "%s/log.lock", market->daemon->folder);
	ck_assert_int_eq(daemon_stop(market->daemon), 0);
	daemon_log(market);
	ck_assert(journal_settles(market->pg, SCENE_WAIT_MS));
	ck_assert_int_eq(
		witness(market,
			(const char *[]){"init", folder, NAME, "https://zhijian.example/", NULL}),
		0);
	ck_assert_int_eq(witness(market, (const char *[]){"announce", folder, NULL}), 0);
	ck_assert_int_eq(witness(market, (const char *[]){"announce", folder, NULL}), 0);
	return market;
}

static void
settle(struct scene *s)
{
	ck_assert(journal_settles(s->pg, SCENE_WAIT_MS));
}

/* A draw that names the witness, at the usual price or another, with three sign-ups; answers its
 * project. */
static const char *
draw_open_at(struct scene *s, const char *price)
{
	const char *project = life_open(s, "draw", price, ",\"witnesses\":[\"" NAME "\"]");

	for (int i = 0; i < 3; i++)
		(void)life_signup(s, project, i);
	return project;
}

static const char *
draw_open_with(struct scene *s)
{
	return draw_open_at(s, NULL);
}

/* The owner opens a frozen draw, and the witness is awaited. */
static void
owner_opens(struct scene *s, const char *draw)
{
	settle(s); /* value 1 is public */
	scene_does(s, OWNER, scene_text(s, "PUT /v1/draws/%s/contributions/2", draw), NULL,
		scene_text(s, "{\"value\":\"%s\"}", life_r(s, draw)));
	ck_assert_str_eq(scene_member(s, "/awaited"), NAME);
	settle(s);
}

/* Frozen, and opened by its owner; answers its id. */
static const char *
draw_to_witness(struct scene *s, const char *project)
{
	const char *draw = scene_text(s, "%s.1", project);

	life_pass(s, project, "/deadline_at", "selecting");
	owner_opens(s, draw);
	return draw;
}

static const char *
state_of(struct scene *s, const char *draw, const char *pointer)
{
	return scene_look(s, scene_text(s, "/v1/draws/%s", draw), pointer);
}

/* The transcript alone, without a mirror, shows what the journal holds of the only attempt. */
static void
proofs_hold(struct scene *s, const char *draw)
{
	static const struct verify_options whole;
	struct arena *a = &s->client->arena;
	struct verify_report report;
	struct folder files;
	const char *why;

	scene_does(s, NOBODY, scene_text(s, "GET /v1/draws/%s/transcript", draw), NULL, NULL);
	ck_assert(folder_of_tar(a, s->last.body, &files, &why));
	draw_verify(a, files.files, files.count, &whole, &report);
	for (enum check c = CHECK_LOG_KEY; c <= CHECK_COSIGNATURE; c++)
		ck_assert_msg(report.attempts[0].rows[c].state == VERIFY_HOLDS, "%s: %d " TEXT_FMT,
			check_row(c)->code, report.attempts[0].rows[c].state,
			TEXT_ARG(report.attempts[0].rows[c].about));
}

START_TEST(a_program_run_apart_makes_a_draw_of_level_2)
{
	struct scene *s = market_watched();
	pid_t pid = watch(s);
	const char *draw = draw_to_witness(s, draw_open_with(s)), *public;

	scene_until(s, "drawn", "SELECT state FROM market.draw WHERE id = '%s'", draw);
	ck_assert_str_eq(state_of(s, draw, "/level"), "L2");
	life_transcript_of(s, draw, 3, 2);
	public = file_text(s, scene_text(s, "%s/public/draws/%s.1.txt", folder, draw));
	ck_assert_ptr_nonnull(strstr(public, state_of(s, draw, "/contributions/2/proof")));
	ck_assert_ptr_nonnull(strstr(public, state_of(s, draw, "/freeze_hash")));
	settle(s);
	scene_until(s, "t",
		"SELECT max(c.size) = (SELECT signed FROM market.log_head) FROM "
		"market.log_cosignature c WHERE c.name = '" NAME "'");
	scene_does(s, NOBODY, "GET /journal/checkpoint", NULL, NULL);
	ck_assert_ptr_nonnull(memmem(
		s->last.body.at, s->last.body.len, "\n— " NAME " ", strlen("\n— " NAME " ")));
	ck_assert_int_eq(witness_end(pid, SIGTERM), 0);
	proofs_hold(s, draw);
	/* Its mirror is one for everybody. */
	ck_assert_int_eq(child_run((const char *const[]){getenv("FAIRLOT"), "journal", "verify",
					   scene_text(s, "%s/mirror", folder), NULL},
				 NULL),
		0);
	ck_assert_str_eq(file_text(s, scene_text(s, "%s/public/refusals.txt", folder)), "");
	invariants_hold(s->pg);
}
END_TEST

/* What belongs to this draw is taken, from whom it belongs to, and nothing else. */
START_TEST(values_that_are_replayed_or_given_out_of_turn_are_not_taken)
{
	struct scene *s = market_watched();
	const char *old = pg_value(s->pg,
		"SELECT encode(proof, 'hex') FROM market.contribution WHERE name = '" NAME
		"' AND proof IS NOT NULL");
	const char *body = scene_text(s, "{\"value\":\"%s\"}", old), *project, *draw, *put;

	ck_assert_uint_eq(strlen(old), 162);
	project = draw_open_with(s);
	draw = scene_text(s, "%s.1", project);
	put = scene_text(s, "PUT /v1/draws/%s/contributions/3", draw);
	scene_refused(s, WITNESS, put, NULL, body, "wrong-state", "");
	life_pass(s, project, "/deadline_at", "selecting");
	settle(s);
	scene_refused(s, WITNESS, put, NULL, body, "wrong-state", ""); /* the owner speaks first */
	(void)draw_to_witness(s, project);
	scene_refused(s, WITNESS, put, NULL, body, "rule", "/value");
	scene_refused(s, OWNER, put, NULL, body, "forbidden", "");
	scene_refused(s, WITNESS, scene_text(s, "PUT /v1/draws/%s/contributions/1", draw), NULL,
		body, "forbidden", "");
	looks(s, 0);
	scene_until(s, "drawn", "SELECT state FROM market.draw WHERE id = '%s'", draw);
	life_transcript_of(s, draw, 3, 2);
}
END_TEST

/* The witness answers, once, and the draw ends with its value. */
static void
answered(struct scene *s, const char *draw, int candidates)
{
	looks(s, 0);
	scene_until(s, "drawn", "SELECT state FROM market.draw WHERE id = '%s'", draw);
	life_transcript_of(s, draw, candidates, 2);
	ck_assert_ptr_nonnull(
		strstr(file_text(s, scene_text(s, "%s/public/draws/%s.1.txt", folder, draw)),
			state_of(s, draw, "/freeze_hash")));
}

static void
frozen(struct scene *s, const char *draw)
{
	scene_until(s, "contributing", "SELECT state FROM market.draw WHERE id = '%s'", draw);
}

/* Its lists are those of the order, whose sign-ups the journal has under the order's name. */
START_TEST(a_coefficient_is_answered_as_its_order_was)
{
	struct scene *s = market_watched();
	const char *project = draw_open_at(s,
		"\"price_basis\":\"ceiling\",\"ceiling_fen\":10000001,\"coefficient\":{"
		"\"lo\":850,\"hi\":950}");
	const char *draw = draw_to_witness(s, project), *coef = scene_text(s, "%s.coef", draw);

	answered(s, draw, 3);
	life_commit(s, project, coef, life_r(s, coef));
	frozen(s, coef);
	owner_opens(s, coef);
	answered(s, coef, 3);
	ck_assert_str_eq(
		scene_look(s, scene_text(s, "/v1/projects/%s", project), "/state"), "selected");
}
END_TEST

/* The sign-ups of an auction name the tie that may follow. */
START_TEST(a_tie_is_answered)
{
	struct scene *s = market_watched();
	const char *project = life_open(s, "auction",
		"\"price_basis\":\"ceiling\",\"ceiling_fen\":10000000,\"floor_fen\":7000000",
		",\"witnesses\":[\"" NAME "\"]");
	const char *tie = scene_text(s, "%s.1.tie", project), *auction;

	for (int i = 0; i < 3; i++)
		(void)life_signup(s, project, i);
	life_pass(s, project, "/deadline_at", "selecting");
	auction = scene_text(s, "/v1/auctions/%s",
		scene_look(s, scene_text(s, "/v1/projects/%s", project), "/auction_id"));
	for (int i = 0; i < 3; i++)
		scene_does(s, AGENCY + i, scene_text(s, "POST %s/bids", auction), NULL,
			scene_text(s, "{\"amount_fen\":%d}", i == 0 ? 8000000 : 7000000));
	pg_clock_set(s->pg, scene_look(s, auction, "/effective_end"));
	frozen(s, tie);
	owner_opens(s, tie);
	answered(s, tie, 2);
}
END_TEST

static bool
never(void *arg)
{
	(void)arg;
	return false;
}

/* Killed at any moment it goes on where it was; while it is away, it is named. */
START_TEST(a_witness_that_goes_away_is_named_and_comes_back)
{
	struct scene *s = market_watched();
	const char *draw = draw_to_witness(s, draw_open_with(s));
	pid_t pid;

	pg_clock_set(s->pg, state_of(s, draw, "/stall_at"));
	scene_until(s, NAME, "SELECT stalled FROM market.draw WHERE id = '%s'", draw);
	ck_assert_str_eq(state_of(s, draw, "/state"), "contributing");
	for (int i = 0; i < 5; i++) {
		pid = watch(s);
		(void)until(never, NULL, 20 * i); /* into whatever it is doing then */
		(void)witness_end(pid, SIGKILL);
	}
	looks(s, 0);
	scene_until(s, "drawn", "SELECT state FROM market.draw WHERE id = '%s'", draw);
	life_transcript_of(s, draw, 3, 2);
	looks(s, 0);
}
END_TEST

START_TEST(a_list_that_leaves_a_signup_out_is_not_answered)
{
	struct scene *s = market_watched();
	const char *project = draw_open_with(s), *draw;

	/* A fourth agency signed up, as the journal says, and is in no list. */
	pg_run(s->pg,
		"SELECT api.entry('signup', '%s.1', '-', api.now(), api.canon(jsonb_build_object("
		"'draw', '%s.1', 'seal', repeat('ab', 32))) || E'\\n')",
		project, project);
	draw = draw_to_witness(s, project);
	looks(s, 1);
	ck_assert_str_eq(state_of(s, draw, "/state"), "contributing");
	ck_assert_ptr_nonnull(strstr(file_text(s, scene_text(s, "%s/public/refusals.txt", folder)),
		"the journal has 4 sign-ups, the lists have 3"));
	/* What it refused once it refuses again; checkpoints it cosigns all the same. */
	looks(s, 1);
	ck_assert_str_eq(state_of(s, draw, "/awaited"), NAME);
}
END_TEST

START_TEST(a_second_freeze_of_an_attempt_is_not_answered)
{
	struct scene *s = market_watched();
	const char *draw = draw_to_witness(s, draw_open_with(s));
	const char *path = scene_text(s, "%s/answers/%s.1", folder, draw);

	/* As if it had answered another freeze before this one was shown. */
	ck_assert(file_replace(
		path, text_of(scene_text(s, "%064d %0162d\n", 1, 2)), &s->client->arena));
	looks(s, 1);
	ck_assert_str_eq(state_of(s, draw, "/awaited"), NAME);
	ck_assert_int_eq(remove(path), 0);
	/* And as the journal would show it. */
	pg_run(s->pg,
		"SELECT api.entry('freeze', d.id, 'x', api.now(), replace(d.\"freeze\", 'winners "
		"1', "
		"'winners 2')) FROM market.draw d WHERE d.id = '%s'",
		draw);
	settle(s);
	looks(s, 1);
	ck_assert_ptr_nonnull(strstr(
		file_text(s, scene_text(s, "%s/public/refusals.txt", folder)), "two freezes"));
}
END_TEST

/* With a value public two people alone cannot void; a person of the witness agrees, or not. */
START_TEST(a_void_waits_for_the_witness_who_signs_by_hand)
{
	struct scene *s = market_watched();
	const char *project = draw_open_with(s), *id, *args[4] = {"void", folder, NULL, NULL};

	life_pass(s, project, "/deadline_at", "selecting");
	settle(s);
	scene_does(s, OPERATOR, scene_text(s, "POST /v1/projects/%s/voids", project), NULL,
		"{\"reason\":\"notice-error\"}");
	id = args[2] = scene_member(s, "/id");
	ck_assert_int_eq(witness(s, args), 2); /* it has no record before the second person */
	scene_does(s, REGULATOR, scene_text(s, "POST /v1/voids/%s/confirmation", id),
		scene_member(s, "/version"), NULL);
	ck_assert_str_eq(scene_member(s, "/state"), "signing");
	ck_assert_int_eq(witness(s, args), 1); /* it has not seen the freeze yet */
	looks(s, 0);
	ck_assert_int_eq(witness(s, args), 0);
	scene_does(s, OPERATOR, scene_text(s, "GET /v1/voids/%s", id), NULL, NULL);
	ck_assert_str_eq(scene_member(s, "/state"), "confirmed");
	life_until(s, project, "voided");
}
END_TEST

/* The last test: the journal is another one afterwards. */
START_TEST(a_journal_that_was_written_anew_is_refused_with_evidence)
{
	struct scene *s = market_watched();
	const char *kept = file_text(s, scene_text(s, "%s/checkpoint", folder));

	settle(s);
	ck_assert_int_eq(daemon_stop(s->daemon), 0);
	pg_run(s->pg,
		"SET session_replication_role = replica; DELETE FROM market.log_cosignature; "
		"DELETE FROM market.log_checkpoint; DELETE FROM market.log_tile; "
		"DELETE FROM market.log_entry; "
		"UPDATE market.outbox o SET entry = o.entry || '!', "
		"leaf = sha256('\\x00'::bytea || o.entry || '!') WHERE o.id = (SELECT min(id) "
		"FROM market.outbox); "
		"INSERT INTO market.log_waiting SELECT log, id FROM market.outbox; "
		"UPDATE market.log_head SET size = 0, signed = 0, root = sha256('')");
	ck_assert_int_eq(remove(lock), 0);
	daemon_log(s);
	settle(s);
	looks(s, 1);
	ck_assert_str_eq(file_text(s, scene_text(s, "%s/checkpoint", folder)), kept);
	ck_assert_ptr_nonnull(strstr(file_text(s, scene_text(s, "%s/public/refusals.txt", folder)),
		"contradicts the journal"));
	ck_assert_str_eq(pg_value(s->pg, "SELECT count(*) FROM market.log_cosignature"), "0");
	scene_free(&market);
}
END_TEST

/* A look reports what it refused again, so the refused draws come last. */
SUITE(watch, a_program_run_apart_makes_a_draw_of_level_2,
	values_that_are_replayed_or_given_out_of_turn_are_not_taken,
	a_coefficient_is_answered_as_its_order_was, a_tie_is_answered,
	a_witness_that_goes_away_is_named_and_comes_back,
	a_void_waits_for_the_witness_who_signs_by_hand,
	a_list_that_leaves_a_signup_out_is_not_answered,
	a_second_freeze_of_an_attempt_is_not_answered,
	a_journal_that_was_written_anew_is_refused_with_evidence)
