/* Foreign witnesses (C2SP tlog-witness): one in this process asks for proof, answers as it likes or
 * not at all, and the journal goes on. */
#include <arpa/inet.h>
#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/b64.h"
#include "lib/ledger/merkle.h"
#include "lib/ledger/proof.h"
#include "tests/support/client.h"
#include "tests/support/daemon.h"
#include "tests/support/journal.h"
#include "tests/support/suite.h"
#include "tests/support/until.h"

#define NAME "witness.example/one"

enum {
	SOON_MS = 20000,
	REQUEST_SIZE = 16384
};

enum mode {
	MODE_GOOD,
	MODE_OTHER_KEY,	 /* signs with a key that nobody knows */
	MODE_OTHER_TEXT, /* cosigns another root of the same size: it saw another journal */
	MODE_AHEAD,	 /* says that it cosigned a larger one */
	MODE_RUBBISH,
	MODE_SILENT /* takes the request and never answers */
};

/* What it remembers; everything else is the test's. */
static struct foreign {
	int listener;
	unsigned port;
	pthread_t thread;
	atomic_int mode;
	atomic_bool ready, ended;
	struct text log_name;
	uint8_t log_key[SIGN_KEY_LEN], seed[SIGN_SEED_LEN];
	_Atomic uint64_t size; /* of the checkpoint it cosigned last */
	struct hash root;
	atomic_int conflicts, proofs, faults;
} one;

static bool
read_request(int fd, char *request)
{
	size_t used = 0, want = SIZE_MAX;
	const char *end, *length;

	while (used < want && used < REQUEST_SIZE - 1) {
		ssize_t n = read(fd, request + used, REQUEST_SIZE - 1 - used);
		uint64_t body = 0;

		if (n <= 0)
			return false;
		used += (size_t)n;
		request[used] = '\0';
		if (want != SIZE_MAX || (end = strstr(request, "\r\n\r\n")) == NULL ||
			(length = strcasestr(request, "\r\nContent-Length: ")) == NULL)
			continue;
		length += strlen("\r\nContent-Length: ");
		(void)!text_u64(text_span(length, strcspn(length, "\r")), REQUEST_SIZE, &body);
		want = (size_t)(end + 4 - request) + body;
	}
	return used == want;
}

struct asked {
	uint64_t old;
	struct hash path[MERKLE_PATH_MAX];
	size_t len;
	struct text note;
	struct checkpoint c;
};

static bool
asked_parse(char *request, struct asked *ret)
{
	struct text rest = text_of(strstr(request, "\r\n\r\n") + 4), line;
	size_t got;

	*ret = (struct asked){0};
	if (strncmp(request, "POST /w/add-checkpoint HTTP/1.1\r\n", 33) != 0 ||
		!text_cut(&rest, '\n', &line) || !text_starts(line, "old ") ||
		!text_u64(text_span(line.at + 4, line.len - 4), INT64_MAX, &ret->old))
		return false;
	while (text_cut(&rest, '\n', &line) && line.len > 0)
		if (ret->len == MERKLE_PATH_MAX ||
			!b64_decode(line, ret->path[ret->len++].at, HASH_LEN, &got))
			return false;
	ret->note = rest;
	return checkpoint_verify(rest, one.log_name, one.log_key, &ret->c);
}

static const char *
answer_to(char *request, struct arena *a)
{
	uint8_t key[SIGN_KEY_LEN], sig[SIGN_LEN], seed[SIGN_SEED_LEN];
	struct asked asked;
	struct text line;

	if (!asked_parse(request, &asked)) {
		one.faults++;
		return "HTTP/1.1 400 x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
	}
	if (asked.old != one.size || one.mode == MODE_AHEAD) {
		const char *size = arena_printf(a, "%llu\n",
			(unsigned long long)one.size + (one.mode == MODE_AHEAD ? 1000000 : 0));

		one.conflicts++;
		return arena_printf(a,
			"HTTP/1.1 409 x\r\nConnection: close\r\nContent-Type: text/x.tlog.size\r\n"
			"Content-Length: %zu\r\n\r\n%s",
			strlen(size), size);
	}
	if (asked.old > 0 &&
		!merkle_extends(
			&asked.c.root, asked.c.size, &one.root, asked.old, asked.path, asked.len)) {
		one.faults++;
		return "HTTP/1.1 422 x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
	}
	one.proofs += asked.old > 0;
	memcpy(seed, one.seed, sizeof seed);
	sign_public(seed, key);
	seed[0] ^= one.mode == MODE_OTHER_KEY;
	if (one.mode == MODE_OTHER_TEXT) {
		asked.c.root.at[0] ^= 1;
		asked.c.text = checkpoint_build(a, one.log_name, asked.c.size, &asked.c.root);
	}
	sign_make(seed, cosignature_text(a, asked.c.text, 1700000000), sig);
	line = cosignature_line(a, text_of(NAME), key, 1700000000, sig);
	if (one.mode == MODE_RUBBISH)
		line = text_of("— nobody AAAA\nrubbish\n");
	if (one.mode == MODE_GOOD) {
		one.root = asked.c.root;
		one.size = asked.c.size;
	}
	return arena_printf(a,
		"HTTP/1.1 200 x\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n" TEXT_FMT,
		line.len, TEXT_ARG(line));
}

static void *
serve(void *arg)
{
	static char request[REQUEST_SIZE];
	int held = -1;

	(void)arg;
	while (!one.ended) {
		int fd = accept(one.listener, NULL, NULL);
		struct arena a;

		if (fd < 0)
			continue;
		if (one.mode == MODE_SILENT) {
			if (held >= 0)
				(void)close(held);
			held = fd;
			continue;
		}
		arena_init(&a, SIZE_MAX);
		if (one.ready && read_request(fd, request)) {
			const char *answer = answer_to(request, &a);

			(void)!write(fd, answer, strlen(answer));
		}
		arena_reset(&a);
		(void)shutdown(fd, SHUT_WR);
		(void)close(fd);
	}
	if (held >= 0)
		(void)close(held);
	return NULL;
}

static void
foreign_start(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof at;

	memset(&one, 0, sizeof one);
	memset(one.seed, 5, sizeof one.seed);
	one.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(one.listener, (struct sockaddr *)&at, sizeof at), 0);
	ck_assert_int_eq(listen(one.listener, 8), 0);
	ck_assert_int_eq(getsockname(one.listener, (struct sockaddr *)&at, &len), 0);
	one.port = ntohs(at.sin_port);
	ck_assert_int_eq(pthread_create(&one.thread, NULL, serve, NULL), 0);
}

static void
foreign_end(void)
{
	one.ended = true;
	(void)shutdown(one.listener, SHUT_RDWR);
	ck_assert_int_eq(pthread_join(one.thread, NULL), 0);
	(void)close(one.listener);
}

static char lock_path[96], option[400];
static const char *flags[] = {
	"--log.lock_file", lock_path, "--log.witnesses", option, "--cache.public", "0s", NULL};

/* A daemon that is told of the witness; the witness learns the journal's key. */
static struct daemon *
begin(void)
{
	struct pg *pg = pg_new();
	uint8_t key[SIGN_KEY_LEN];
	struct text vkey;
	struct daemon *d;

	foreign_start();
	sign_public(one.seed, key);
	vkey = cosigner_vkey(&pg->arena, text_of(NAME), key);
	(void)snprintf(option, sizeof option, TEXT_FMT " http://127.0.0.1:%u/w/", TEXT_ARG(vkey),
		one.port);
	(void)snprintf(lock_path, sizeof lock_path, "/tmp/fairlot-lock-%ld-%s", (long)getpid(),
		pg->database);
	(void)remove(lock_path);
	d = daemon_new(pg, flags);
	ck_assert(note_vkey_parse(
		text_of(pg_value(pg, "SELECT value FROM market.setting WHERE key = 'log_vkey'")),
		&one.log_name, one.log_key));
	one.ready = true;
	return d;
}

static void
end(struct daemon **d)
{
	struct pg *pg = (*d)->pg;

	foreign_end();
	daemon_free(d);
	pg_free(&pg);
	(void)remove(lock_path);
}

static bool
is_cosigned(void *arg)
{
	return pg_number(arg,
		       "SELECT count(*) FROM market.log_cosignature s, market.log_head h WHERE "
		       "s.size = h.signed AND h.signed = h.size AND s.name = '" NAME "'") == 1;
}

static void
grow(struct daemon *d, int count)
{
	journal_put(d->pg, "x", count);
	ck_assert(journal_settles(d->pg, SOON_MS));
}

START_TEST(a_foreign_witness_cosigns_as_the_journal_grows)
{
	struct daemon *d = begin();
	struct client *c = client_new(d->tls, true);
	struct answer a;

	grow(d, 3);
	ck_assert(until(is_cosigned, d->pg, SOON_MS));
	grow(d, 600);
	ck_assert(until(is_cosigned, d->pg, SOON_MS));
	ck_assert_int_gt(one.proofs, 0);
	ck_assert_int_eq(one.faults, 0);
	a = client_call(c, "GET", "/journal/checkpoint", "", NULL);
	ck_assert_ptr_nonnull(
		memmem(a.body.at, a.body.len, "\n— " NAME " ", strlen("\n— " NAME " ")));
	client_free(&c);
	end(&d);
}
END_TEST

START_TEST(one_that_remembers_less_is_asked_from_where_it_is)
{
	struct daemon *d = begin();

	grow(d, 5);
	ck_assert(until(is_cosigned, d->pg, SOON_MS));
	one.size = 0; /* it lost its memory */
	grow(d, 5);
	ck_assert(until(is_cosigned, d->pg, SOON_MS));
	ck_assert_int_gt(one.conflicts, 0);
	ck_assert_int_eq(one.faults, 0);
	end(&d);
}
END_TEST

START_TEST(what_does_not_hold_is_not_stored_and_holds_nothing_up)
{
	static const enum mode modes[] = {
		MODE_OTHER_KEY, MODE_OTHER_TEXT, MODE_AHEAD, MODE_RUBBISH};
	struct daemon *d = begin();

	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		int before;

		grow(d, 2);
		ck_assert(until(is_cosigned, d->pg, SOON_MS));
		before = modes[i] == MODE_AHEAD ? one.conflicts : one.proofs;
		one.mode = modes[i];
		grow(d, 2);
		ck_assert(!until(is_cosigned, d->pg, 1500));
		ck_assert_int_gt(modes[i] == MODE_AHEAD ? one.conflicts : one.proofs, before);
		one.mode = MODE_GOOD;
		ck_assert(until(is_cosigned, d->pg, SOON_MS));
	}
	end(&d);
}
END_TEST

START_TEST(one_that_is_silent_holds_nothing_up_not_even_the_end)
{
	struct daemon *d = begin();

	grow(d, 2);
	ck_assert(until(is_cosigned, d->pg, SOON_MS));
	one.mode = MODE_SILENT;
	grow(d, 500);
	ck_assert(!until(is_cosigned, d->pg, 1500));
	grow(d, 500);
	ck_assert_int_eq(daemon_stop(d), 0);
	one.mode = MODE_GOOD;
	daemon_restart(d, flags);
	ck_assert(until(is_cosigned, d->pg, SOON_MS));
	end(&d);
}
END_TEST

SUITE(cosigner, a_foreign_witness_cosigns_as_the_journal_grows,
	one_that_remembers_less_is_asked_from_where_it_is,
	what_does_not_hold_is_not_stored_and_holds_nothing_up,
	one_that_is_silent_holds_nothing_up_not_even_the_end)
