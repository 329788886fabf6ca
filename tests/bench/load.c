#include "tests/bench/load.h"

#include <check.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/text.h"
#include "tests/support/client.h"

enum {
	ANSWER_MAX = 1024 * 1024,
	CONNECTIONS_MAX = 256,
	SILENCE_MS = 10000,
	SAMPLES_MAX = 4 * 1024 * 1024
};

struct line {
	struct client *c;
	int index;
	char *in;
	size_t len;
	int64_t asked_us;
};

struct run {
	struct load *l;
	int epoll;
	int64_t until_us;
	int busy; /* lines that wait for an answer */
	uint32_t *us;
};

static int64_t
now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
line_ask(struct run *r, struct line *n)
{
	const char *request = r->l->ask(r->l->arg, n->index);
	int len = (int)strlen(request);

	n->asked_us = now_us();
	n->len = 0;
	ck_assert_int_eq(SSL_write(n->c->ssl, request, len), len);
	r->busy++;
}

/* Bytes of the whole answer, 0: its head is not there yet. */
static size_t
answer_len(const struct line *n)
{
	static const char name[] = "\r\nContent-Length: ";
	const char *end = memmem(n->in, n->len, "\r\n\r\n", 4), *length;
	unsigned long body = 0;

	if (end == NULL)
		return 0;
	length = memmem(n->in, (size_t)(end - n->in), name, strlen(name));
	if (length != NULL)
		ck_assert_int_eq(sscanf(length + strlen(name), "%lu", &body), 1);
	return (size_t)(end - n->in) + 4 + body;
}

static void
line_answered(struct run *r, struct line *n)
{
	struct load *l = r->l;
	int64_t at = now_us();

	r->busy--;
	if (n->in[9] == '2') {
		if (l->answered < SAMPLES_MAX)
			r->us[l->answered] = (uint32_t)(at - n->asked_us);
		l->answered++;
	} else
		l->refused++;
	if (at < r->until_us)
		line_ask(r, n);
}

static void
line_read(struct run *r, struct line *n)
{
	for (;;) {
		int got = SSL_read(n->c->ssl, n->in + n->len, (int)(ANSWER_MAX - 1 - n->len));
		size_t whole;

		if (got <= 0) {
			ck_assert_int_eq(SSL_get_error(n->c->ssl, got), SSL_ERROR_WANT_READ);
			return;
		}
		n->len += (size_t)got;
		n->in[n->len] = '\0';
		whole = answer_len(n);
		ck_assert_uint_le(n->len, whole == 0 ? ANSWER_MAX : whole);
		if (whole != 0 && n->len == whole)
			line_answered(r, n);
	}
}

static void
line_open(struct run *r, struct line *n)
{
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = n};

	n->c = client_new(r->l->address, true);
	n->in = calloc(1, ANSWER_MAX);
	ck_assert_ptr_nonnull(n->in);
	ck_assert_int_eq(fcntl(n->c->fd, F_SETFL, O_NONBLOCK), 0);
	ck_assert_int_eq(epoll_ctl(r->epoll, EPOLL_CTL_ADD, n->c->fd, &e), 0);
}

static int
by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

double
percentile(uint32_t *values, int64_t n, int percent)
{
	if (n == 0)
		return 0;
	qsort(values, (size_t)n, sizeof *values, by_value);
	return values[(n - 1) * percent / 100];
}

static void
lines_run(struct run *r, struct line *lines)
{
	struct epoll_event events[CONNECTIONS_MAX];

	for (int i = 0; i < r->l->connections; i++)
		line_ask(r, &lines[i]);
	while (r->busy > 0) {
		int n = epoll_wait(r->epoll, events, CONNECTIONS_MAX, SILENCE_MS);

		ck_assert_int_gt(n, 0);
		for (int i = 0; i < n; i++)
			line_read(r, events[i].data.ptr);
	}
}

void
load_run(struct load *l)
{
	static struct line lines[CONNECTIONS_MAX];
	struct run r = {.l = l, .epoll = epoll_create1(EPOLL_CLOEXEC)};
	int64_t begin, kept;

	ck_assert_int_le(l->connections, CONNECTIONS_MAX);
	r.us = calloc(SAMPLES_MAX, sizeof *r.us);
	ck_assert_ptr_nonnull(r.us);
	l->answered = l->refused = 0;
	for (int i = 0; i < l->connections; i++) {
		lines[i] = (struct line){.index = i};
		line_open(&r, &lines[i]);
	}
	begin = now_us();
	r.until_us = begin + l->duration_ms * 1000;
	lines_run(&r, lines);
	l->seconds = (double)(now_us() - begin) / 1e6;
	kept = l->answered < SAMPLES_MAX ? l->answered : SAMPLES_MAX;
	l->p50_ms = percentile(r.us, kept, 50) / 1e3;
	l->p99_ms = percentile(r.us, kept, 99) / 1e3;
	for (int i = 0; i < l->connections; i++) {
		client_free(&lines[i].c);
		free(lines[i].in);
	}
	(void)close(r.epoll);
	free(r.us);
}
