/* `fairlot verify` by address: a draw, receipts, and the journal beside them, over TLS. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/file.h"
#include "lib/ledger/note.h"
#include "tests/api/life.h"
#include "tests/support/child.h"
#include "tests/support/journal.h"
#include "tests/support/suite.h"

enum {
	ARGS_MAX = 16
};

static struct scene *market;
static const char *draw, *leaf, *promise; /* of the first sign-up */
static char lock[96], log_path[96];

static const char *
address(struct scene *s, const char *path)
{
	return scene_text(s, "https://127.0.0.1%s%s", strrchr(s->daemon->tls, ':'), path);
}

static const char *
in_folder(struct scene *s, const char *name)
{
	return scene_text(s, "%s/%s", s->daemon->folder, name);
}

static void
daemon_log(struct scene *s)
{
	const char *flags[] = {"--log.lock_file", lock, "--cache.public", "0s", NULL};

	ck_assert_int_eq(daemon_stop(s->daemon), 0);
	scene_restart(s, flags);
	ck_assert(journal_settles(s->pg, SCENE_WAIT_MS));
}

/* A market with a journal, and a draw in it. */
static struct scene *
market_drawn(void)
{
	struct scene *s = market;
	const char *project;

	if (s != NULL)
		return s;
	s = market = scene_new("demo");
	(void)snprintf(lock, sizeof lock, "%s/log.lock", s->daemon->folder);
	(void)snprintf(log_path, sizeof log_path, "%s/verify.log", s->daemon->folder);
	ck_assert_int_eq(setenv("LC_ALL", "C", 1), 0);
	daemon_log(s);
	project = life_open(s, "draw", NULL, "");
	draw = scene_text(s, "%s.1", project);
	leaf = life_signup(s, project, 0);
	promise = scene_member(s, "/receipt");
	for (int i = 1; i < 3; i++)
		(void)life_signup(s, project, i);
	life_pass(s, project, "/deadline_at", "selecting");
	ck_assert(journal_settles(s->pg, SCENE_WAIT_MS));
	life_contribute(s, draw);
	scene_until(s, "drawn", "SELECT state FROM market.draw WHERE id = '%s'", draw);
	ck_assert(journal_settles(s->pg, SCENE_WAIT_MS));
	return s;
}

static const char *
said(struct scene *s)
{
	struct text bytes;

	return file_read(log_path, 1 << 20, &s->client->arena, &bytes) ? bytes.at : "";
}

static void
says(struct scene *s, const char *words)
{
	ck_assert_msg(strstr(said(s), words) != NULL, "%s, and not %s", said(s), words);
}

/* The exit status of `fairlot --ca … verify SUBJECT` with these further flags. */
static int
verify(struct scene *s, const char *subject, const char *const *more)
{
	const char *args[ARGS_MAX] = {
		getenv("FAIRLOT"), "--ca", in_folder(s, "tls/cert.pem"), "verify", subject};
	size_t n = 5;

	ck_assert_ptr_nonnull(args[0]);
	for (; more != NULL && *more != NULL && n + 1 < ARGS_MAX; more++)
		args[n++] = *more;
	return child_run(args, log_path);
}

static void
verifies(struct scene *s, int want, const char *subject, const char *const *more)
{
	int status = verify(s, subject, more);

	ck_assert_msg(status == want, "%s: %d, not %d: %s", subject, status, want, said(s));
}

START_TEST(a_draw_is_verified_by_its_address)
{
	struct scene *s = market_drawn();
	const char *const own[] = {"--draw-only", NULL};
	const char *page = address(s, scene_text(s, "/v1/draws/%s", draw));

	verifies(s, 0, page, own);
	says(s, "the draw's own records hold");
	says(s, scene_text(s, "draw %s\n", draw));
	verifies(s, 0, scene_text(s, "%s/", page), own);
	verifies(s, 0, scene_text(s, "%s/transcript", page), own);
	verifies(s, 3, page, NULL);
	says(s, "needs the journal");
	/* What would change nothing is refused, not passed over. */
	verifies(s, 2, page, (const char *const[]){"--entry", log_path, NULL});
	says(s, "--entry: has no use here");
	verifies(s, 2, page, (const char *const[]){"--cache", log_path, NULL});
	says(s, "--cache: has no use here");
}
END_TEST

/* Without a mirror: the transcript has its entries of the journal with it. */
START_TEST(a_transcript_proves_what_the_journal_holds)
{
	static const char *const rows[] = {"ok      log-key ", "ok      proof ", "ok      key-age ",
		"ok      spoken-in-turn "};
	struct scene *s = market_drawn();
	const char *page = address(s, scene_text(s, "/v1/draws/%s", draw));
	const char *keys = in_folder(s, "log.keys");
	const uint8_t key[SIGN_KEY_LEN] = {1};
	struct text line, vkey;
	char *other;

	verifies(s, 3, page, NULL);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		says(s, rows[i]);
	says(s, "compare it with a second source");
	scene_does(s, NOBODY, "GET /journal/keys", NULL, NULL);
	ck_assert(file_replace(keys, s->last.body, &s->client->arena));
	verifies(s, 3, page, (const char *const[]){"--log-key", keys, NULL});
	says(s, "it is the journal's key given here");
	/* Each file is served alone as well. */
	scene_does(s, NOBODY, scene_text(s, "GET /v1/draws/%s/transcript/value-2.tlog-proof", draw),
		NULL, NULL);
	ck_assert(text_starts(s->last.body, "c2sp.org/tlog-proof@v1\nextra "));
	scene_does(s, NOBODY, scene_text(s, "GET /v1/draws/%s/transcript/README.txt", draw), NULL,
		NULL);
	scene_refused(s, NOBODY,
		scene_text(s, "GET /v1/draws/%s/transcript/value-3.tlog-proof", draw), NULL, NULL,
		"not-found", "");
	scene_does(
		s, NOBODY, scene_text(s, "GET /v1/draws/%s/transcript/log.vkey", draw), NULL, NULL);
	line = s->last.body;
	other = arena_str(&s->client->arena, line.at, line.len - 1);
	verifies(s, 3, page, (const char *const[]){"--log-key", other, NULL});
	says(s, "it is the journal's key given here");
	/* Another log's key, and none. */
	vkey = note_vkey(&s->client->arena, text_of("localhost/market/journal"), key);
	verifies(s, 1, page, (const char *const[]){"--log-key", vkey.at, NULL});
	says(s, "FAILED  log-key ");
	keys = in_folder(s, "none");
	verifies(s, 2, page, (const char *const[]){"--log-key", keys, NULL});
}
END_TEST

START_TEST(what_cannot_be_read_is_named)
{
	struct scene *s = market_drawn();
	const char *page = address(s, scene_text(s, "/v1/draws/%s", draw));
	const char *const alone[] = {getenv("FAIRLOT"), "verify", page, NULL};

	verifies(s, 2, address(s, "/v1/draws/prj_none.1"), NULL);
	says(s, "404 not-found");
	verifies(s, 2, address(s, "/v1/items"), NULL);
	says(s, "no transcript, and no receipt");
	verifies(s, 2, "http://market.example/v1/draws/x.1", NULL);
	says(s, "https://");
	verifies(s, 2, scene_text(s, "%s/x", in_folder(s, "none")), NULL);
	says(s, "No such file");
	ck_assert_int_eq(child_run(alone, log_path), 2); /* without the certificate */
	says(s, "certificate");
	verifies(s, 2, page, (const char *const[]){"--journal", "https://127.0.0.1:1", NULL});
	says(s, "127.0.0.1:1");
}
END_TEST

START_TEST(a_draw_is_compared_with_a_journal_that_is_fetched)
{
	struct scene *s = market_drawn();
	const char *page = address(s, scene_text(s, "/v1/draws/%s", draw));
	const char *cache = in_folder(s, "cache");
	const char *temporary[] = {"--journal", address(s, ""), NULL};
	const char *kept[] = {"--journal", address(s, "/journal/"), "--cache", cache, NULL};
	const char *const verify_cache[] = {getenv("FAIRLOT"), "journal", "verify", cache, NULL};

	ck_assert_int_eq(setenv("TMPDIR", s->daemon->folder, 1), 0);
	ck_assert_int_ne(verify(s, page, temporary), 1);
	says(s, "ok      freeze-once");
	says(s, "ok      checkpoint ");
	/* It is gone: the folder is one more only by what is kept. */
	ck_assert_int_eq(child_run((const char *const[]){"sh", "-c",
					   "! ls -d \"$TMPDIR\"/fairlot-journal-*", NULL},
				 log_path),
		0);
	ck_assert_int_ne(verify(s, page, kept), 1);
	says(s, "ok      freeze-once");
	ck_assert_int_eq(child_run(verify_cache, log_path), 0);
	journal_put(s->pg, "x", 300);
	ck_assert(journal_settles(s->pg, SCENE_WAIT_MS));
	ck_assert_int_ne(verify(s, page, kept), 1);
	ck_assert_int_eq(child_run(verify_cache, log_path), 0);
	says(s,
		scene_text(s, ": %lld entries",
			(long long)pg_number(s->pg, "SELECT size FROM market.log_head")));
	/* Without an address the folder is read, as it is. */
	ck_assert_int_ne(verify(s, page, (const char *const[]){"--journal", cache, NULL}), 1);
	says(s, "ok      freeze-once");
	verifies(s, 1, page, (const char *const[]){"--journal", in_folder(s, "none"), NULL});
}
END_TEST

START_TEST(a_receipt_is_verified_by_address_and_from_a_file)
{
	struct scene *s = market_drawn();
	const char *proof = address(s, scene_text(s, "/v1/receipts/%s", leaf));
	const char *file = in_folder(s, "promise"), *keys = in_folder(s, "market.keys");
	const char *journal[] = {"--journal", address(s, ""), NULL};

	scene_does(s, NOBODY, "GET /journal/keys", NULL, NULL);
	ck_assert(file_replace(keys, s->last.body, &s->client->arena));
	ck_assert(file_replace(file, text_of(promise), &s->client->arena));
	verifies(s, 2, proof, NULL);
	says(s, "needs keys");
	verifies(s, 0, proof, (const char *const[]){"--keys", keys, NULL});
	says(s, "ok      inclusion");
	verifies(s, 0, proof, journal);
	says(s, "ok      checkpoint-mirrored");
	verifies(s, 3, file, (const char *const[]){"--keys", keys, NULL});
	verifies(s, 0, file, journal);
	says(s, "ok      promise-kept");
	verifies(s, 1, file, (const char *const[]){"--keys", keys, "--entry", keys, NULL});
	says(s, "FAILED  receipt-entry");
	verifies(s, 2, file, (const char *const[]){"--keys", keys, "--log-key", keys, NULL});
	verifies(s, 2, file, (const char *const[]){"--keys", keys, "--draw-only", NULL});
	scene_free(&market);
}
END_TEST

SUITE(verify, a_draw_is_verified_by_its_address, a_transcript_proves_what_the_journal_holds,
	what_cannot_be_read_is_named, a_draw_is_compared_with_a_journal_that_is_fetched,
	a_receipt_is_verified_by_address_and_from_a_file)
