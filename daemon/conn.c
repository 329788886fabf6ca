/* Sockets: opening, limits, deadlines, ordered answers, closing.  What the bytes mean is
 * conn_http.c's.  A connection is never freed inside a callback about it: it becomes CONN_DEAD
 * and is freed at the end of the loop's turn. */
#include "daemon/conn.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/config.h"
#include "daemon/fault.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/request.h"

enum {
	INPUT_MAX = 64 * 1024,	  /* unparsed bytes; then the socket is not read */
	OUTPUT_MAX = 1024 * 1024, /* unsent bytes; then no further request is read */
	JOINED_MAX = 16 * 1024	  /* answers joined into one TLS record, its largest */
};

static atomic_llong conns_total; /* of the process */

static void on_output(struct evbuffer *out, const struct evbuffer_cb_info *info, void *arg);

static void
slot_free(struct slot *s)
{
	TAILQ_REMOVE(&s->conn->slots, s, entry);
	s->conn->slots_count--;
	if (s->conn->body_slot == s)
		s->conn->body_slot = NULL;
	if (s->out != NULL)
		evbuffer_free(s->out);
	free(s);
}

/* The client is gone: its tasks lose their slots and go on. */
static void
slot_abandon(struct slot *s)
{
	struct task *t = s->task;

	if (t != NULL) {
		bool stream_waits = s->stream_waits;

		t->slot = NULL;
		t->answer = NULL;
		if (!t->body_there)
			request_body_there(t);
		if (stream_waits)
			task_resume(t);
	}
	slot_free(s);
}

void
conn_kill(struct conn *c)
{
	struct conns *all = c->loop->conns;
	struct slot *s;

	if (c->state == CONN_DEAD)
		return;
	c->state = CONN_DEAD;
	while ((s = TAILQ_FIRST(&c->slots)) != NULL)
		slot_abandon(s);
	(void)bufferevent_disable(c->bev, EV_READ | EV_WRITE);
	TAILQ_REMOVE(&all->open, c, entry);
	TAILQ_INSERT_TAIL(&all->dead, c, entry);
	event_active(all->reap, EV_TIMEOUT, 0);
}

static void
conn_free(struct conn *c)
{
	struct conns *all = c->loop->conns;

	TAILQ_REMOVE(&all->dead, c, entry);
	TAILQ_REMOVE(&all->by_address[c->address % CONN_BUCKETS], c, same);
	counter_add(&c->loop->counters.connections, -1);
	atomic_fetch_sub(&conns_total, 1);
	(void)evbuffer_remove_cb(bufferevent_get_output(c->bev), on_output, c);
	bufferevent_free(c->bev);
	free(c);
}

static void
reap(evutil_socket_t fd, short what, void *arg)
{
	struct conns *all = arg;
	struct conn *c;

	(void)fd;
	(void)what;
	while ((c = TAILQ_FIRST(&all->dead)) != NULL)
		conn_free(c);
}

/* Whether a new request may be read. */
bool
conn_takes(const struct conn *c)
{
	const struct config *config = c->loop->config;

	return c->state == CONN_HEAD && c->handshaken &&
		c->slots_count < (int)config->http_pipelined &&
		evbuffer_get_length(bufferevent_get_output(c->bev)) < OUTPUT_MAX &&
		(c->loop->tasks_count < (size_t)config->task_limit || c->kind == CONN_ADMIN);
}

/* Turns reading on or off, as the limits say. */
void
conn_update(struct conn *c)
{
	bool want = c->state == CONN_BODY || c->state == CONN_LINGER || conn_takes(c);

	if (c->state == CONN_DEAD || want == c->reading || !c->handshaken || c->eof)
		return;
	c->reading = want;
	if (want)
		(void)bufferevent_enable(c->bev, EV_READ);
	else
		(void)bufferevent_disable(c->bev, EV_READ);
}

/* The last answer is out: says so to the peer and waits for it to close.  Closing at once, with
 * unread bytes in the socket, would reset the connection and take the answer with it. */
static void
conn_linger(struct conn *c)
{
	SSL *ssl = c->kind == CONN_TLS ? bufferevent_openssl_get_ssl(c->bev) : NULL;

	if (c->eof) {
		conn_kill(c);
		return;
	}
	c->state = CONN_LINGER;
	c->linger_by = loop_now_ms() + (uint64_t)c->loop->config->http_linger_ms;
	if (ssl != NULL) {
		(void)SSL_shutdown(ssl);
		ERR_clear_error(); /* the queue is the thread's: other connections read it */
	}
	(void)shutdown(bufferevent_getfd(c->bev), SHUT_WR);
	(void)evbuffer_drain(
		bufferevent_get_input(c->bev), evbuffer_get_length(bufferevent_get_input(c->bev)));
	conn_update(c);
}

/* No further request is read; closes when the last answer is out. */
void
conn_end(struct conn *c)
{
	if (c->state == CONN_DEAD || c->state == CONN_LINGER)
		return;
	c->state = CONN_ENDING;
	c->body_slot = NULL;
	c->head_by = c->body_by = c->idle_by = 0;
	if (TAILQ_EMPTY(&c->slots) && evbuffer_get_length(bufferevent_get_output(c->bev)) == 0)
		conn_linger(c);
	else
		conn_update(c);
}

struct slot *
slot_new(struct conn *c, struct task *t)
{
	struct slot *s = calloc(1, sizeof *s);

	must(s != NULL);
	s->conn = c;
	s->task = t;
	TAILQ_INSERT_TAIL(&c->slots, s, entry);
	c->slots_count++;
	c->idle_by = 0;
	return s;
}

bool
slot_is_first(const struct slot *s)
{
	return TAILQ_FIRST(&s->conn->slots) == s;
}

size_t
slot_unsent(const struct slot *s)
{
	if (slot_is_first(s))
		return evbuffer_get_length(bufferevent_get_output(s->conn->bev));
	return s->out == NULL ? 0 : evbuffer_get_length(s->out);
}

void
slot_write(struct slot *s, const void *bytes, size_t len)
{
	struct evbuffer *out = bufferevent_get_output(s->conn->bev);

	if (fault_hit(FAULT_short_write)) {
		(void)evbuffer_add(out, bytes, len / 2);
		conn_end(s->conn);
		return;
	}
	if (!slot_is_first(s) && s->out == NULL) {
		s->out = evbuffer_new();
		must(s->out != NULL);
	}
	must(evbuffer_add(slot_is_first(s) ? out : s->out, bytes, len) == 0);
	/* One TLS record for answers that leave together. */
	if (s->conn->kind == CONN_TLS && evbuffer_get_length(out) <= JOINED_MAX)
		(void)evbuffer_pullup(out, -1);
}

/* The first slot's turn has come. */
static void
slot_turn(struct slot *s)
{
	if (s->continues && !s->done)
		slot_write(s, http_continue, strlen(http_continue));
	s->continues = false;
	if (s->out != NULL) {
		(void)evbuffer_add_buffer(bufferevent_get_output(s->conn->bev), s->out);
		evbuffer_free(s->out);
		s->out = NULL;
	}
	if (s->stream_waits) {
		s->stream_waits = false;
		task_resume(s->task);
	}
}

/* An answer is complete: it and those behind it that wait for it only are on their way. */
void
slot_done(struct slot *s)
{
	struct conn *c = s->conn;
	bool ends = false;

	s->done = true;
	s->task = NULL;
	while (!ends && (s = TAILQ_FIRST(&c->slots)) != NULL && s->done) {
		ends = s->close;
		slot_turn(s);
		slot_free(s);
		if ((s = TAILQ_FIRST(&c->slots)) != NULL && !ends)
			slot_turn(s);
	}
	if (ends || (c->eof && TAILQ_EMPTY(&c->slots))) {
		conn_end(c);
		return;
	}
	if (TAILQ_EMPTY(&c->slots) && c->state == CONN_HEAD)
		c->idle_by = loop_now_ms() + (uint64_t)c->loop->config->http_idle_ms;
	conn_update(c);
	/* What was read before a limit was reached waits for nobody else. */
	if (conn_takes(c) && evbuffer_get_length(bufferevent_get_input(c->bev)) > 0)
		bufferevent_trigger(c->bev, EV_READ, BEV_OPT_DEFER_CALLBACKS);
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	struct conn *c = arg;

	if (c->state == CONN_LINGER)
		(void)evbuffer_drain(bufferevent_get_input(bev),
			evbuffer_get_length(bufferevent_get_input(bev)));
	else if (c->state != CONN_DEAD)
		conn_http_input(c);
}

/* Everything was handed to the socket. */
static void
on_write(struct bufferevent *bev, void *arg)
{
	struct conn *c = arg;

	if (evbuffer_get_length(bufferevent_get_output(bev)) > 0)
		return;
	if (c->state == CONN_ENDING && TAILQ_EMPTY(&c->slots))
		conn_linger(c);
	else
		conn_update(c);
}

static void
on_output(struct evbuffer *out, const struct evbuffer_cb_info *info, void *arg)
{
	struct conn *c = arg;
	struct slot *s = TAILQ_FIRST(&c->slots);
	size_t low = (size_t)c->loop->config->http_stream_buffer / 2;

	if (info->n_deleted > 0 || info->orig_size == 0)
		c->progress_ms = loop_now_ms();
	if (s != NULL && s->stream_waits && evbuffer_get_length(out) <= low) {
		s->stream_waits = false;
		task_resume(s->task);
	}
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct conn *c = arg;

	(void)bev;
	if (c->state == CONN_DEAD)
		return;
	if (what & BEV_EVENT_CONNECTED) {
		c->handshaken = true;
		c->handshake_by = 0;
		c->idle_by = loop_now_ms() + (uint64_t)c->loop->config->http_idle_ms;
		conn_update(c);
		return;
	}
	/* An end between messages, after all is answered, is an end; a client that still waits
	 * for answers has closed its side only, and gets them; inside a message it is a
	 * truncation. */
	if (what & BEV_EVENT_EOF && c->state != CONN_LINGER && c->handshaken) {
		c->eof = true;
		if (c->body_slot != NULL && c->body_slot->task != NULL)
			slot_abandon(c->body_slot);
		if (!TAILQ_EMPTY(&c->slots) ||
			evbuffer_get_length(bufferevent_get_output(c->bev)) > 0) {
			conn_end(c);
			return;
		}
	}
	conn_kill(c);
}

static uint64_t
address_of(const struct sockaddr *from)
{
	struct text bytes = {0};
	struct hash h;
	uint64_t key;

	/* An IPv6 customer has a /64: one address. */
	if (from->sa_family == AF_INET)
		bytes = text_span(
			(const char *)&((const struct sockaddr_in *)(const void *)from)->sin_addr,
			4);
	else if (from->sa_family == AF_INET6)
		bytes = text_span(
			(const char *)&((const struct sockaddr_in6 *)(const void *)from)->sin6_addr,
			8);
	h = hash_of(bytes.at, bytes.len);
	memcpy(&key, h.at, sizeof key);
	return key;
}

static bool
within_limits(struct loop *loop, uint64_t address)
{
	struct conn *c;
	int64_t same = 0;

	if (atomic_load(&conns_total) >= loop->config->listen_connections)
		return false;
	TAILQ_FOREACH (c, &loop->conns->by_address[address % CONN_BUCKETS], same)
		same += c->address == address;
	return same < loop->config->listen_per_address;
}

static struct bufferevent *
bufferevent_of(struct loop *loop, int fd, enum conn_kind kind)
{
	int options = BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS;
	struct bufferevent *bev;
	SSL *ssl;

	if (kind != CONN_TLS)
		return bufferevent_socket_new(loop->base, fd, options);
	if ((ssl = SSL_new(loop->conns->tls)) == NULL)
		return NULL;
	bev = bufferevent_openssl_socket_new(
		loop->base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING, options);
	if (bev == NULL)
		SSL_free(ssl);
	return bev;
}

void
conn_open(struct loop *loop, int fd, enum conn_kind kind, const struct sockaddr *from)
{
	uint64_t address = address_of(from), now = loop_now_ms();
	struct bufferevent *bev = NULL;
	struct conn *c;
	int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (kind == CONN_ADMIN || within_limits(loop, address))
		bev = bufferevent_of(loop, fd, kind);
	if (bev == NULL) {
		counter_add(&loop->counters.refused, 1);
		(void)close(fd);
		return;
	}
	c = calloc(1, sizeof *c);
	must(c != NULL);
	c->loop = loop;
	c->bev = bev;
	c->kind = kind;
	c->address = address;
	c->progress_ms = now;
	c->handshaken = kind != CONN_TLS;
	if (kind == CONN_TLS)
		c->handshake_by = now + (uint64_t)loop->config->http_handshake_ms;
	else
		c->idle_by = now + (uint64_t)loop->config->http_idle_ms;
	http_init(&c->http);
	TAILQ_INIT(&c->slots);
	TAILQ_INSERT_TAIL(&loop->conns->open, c, entry);
	TAILQ_INSERT_TAIL(&loop->conns->by_address[address % CONN_BUCKETS], c, same);
	atomic_fetch_add(&conns_total, 1);
	counter_add(&loop->counters.connections, 1);
	counter_add(&loop->counters.accepted, 1);
	bufferevent_setcb(bev, on_read, on_write, on_event, c);
	bufferevent_setwatermark(bev, EV_READ, 0, INPUT_MAX);
	(void)evbuffer_add_cb(bufferevent_get_output(bev), on_output, c);
	c->reading = true;
	(void)bufferevent_enable(bev, EV_READ | EV_WRITE);
}

/* Which deadline has passed; the answer, where one is due. */
static void
conn_check(struct conn *c, uint64_t now)
{
	const struct config *config = c->loop->config;
	size_t unsent = evbuffer_get_length(bufferevent_get_output(c->bev));
	bool late = (c->handshake_by != 0 && c->handshake_by <= now) ||
		(c->idle_by != 0 && c->idle_by <= now && c->state == CONN_HEAD) ||
		(c->linger_by != 0 && c->linger_by <= now) ||
		(unsent > 0 && c->progress_ms + (uint64_t)config->http_write_ms <= now);

	if (late) {
		counter_add(&c->loop->counters.timeouts, c->linger_by == 0);
		conn_kill(c);
		return;
	}
	if ((c->state == CONN_HEAD && c->head_by != 0 && c->head_by <= now) ||
		(c->state == CONN_BODY && c->body_by != 0 && c->body_by <= now)) {
		counter_add(&c->loop->counters.timeouts, 1);
		conn_http_late(c);
		return;
	}
	if (c->loop->draining && c->state == CONN_HEAD && TAILQ_EMPTY(&c->slots) && unsent == 0 &&
		c->head_by == 0) {
		conn_end(c);
		return;
	}
	conn_update(c);
	if (conn_takes(c) && c->head_by == 0 &&
		evbuffer_get_length(bufferevent_get_input(c->bev)) > 0)
		conn_http_input(c);
}

static void
conns_check(struct loop *loop)
{
	uint64_t now = loop_now_ms();
	struct conn *c, *after;

	for (c = TAILQ_FIRST(&loop->conns->open); c != NULL; c = after) {
		after = TAILQ_NEXT(c, entry);
		conn_check(c, now);
	}
}

void
conns_open(struct loop *loop, struct ssl_ctx_st *tls)
{
	struct conns *all = calloc(1, sizeof *all);

	must(all != NULL);
	all->loop = loop;
	all->tls = tls;
	TAILQ_INIT(&all->open);
	TAILQ_INIT(&all->dead);
	for (int i = 0; i < CONN_BUCKETS; i++)
		TAILQ_INIT(&all->by_address[i]);
	all->reap = event_new(loop->base, -1, 0, reap, all);
	must(all->reap != NULL);
	loop->conns = all;
	loop_watch(loop, conns_check);
}

void
conns_cut(struct loop *loop)
{
	struct conn *c;

	while ((c = TAILQ_FIRST(&loop->conns->open)) != NULL)
		conn_kill(c);
}

void
conns_close(struct loop *loop)
{
	struct conns *all = loop->conns;

	conns_cut(loop);
	reap(-1, 0, all);
	event_free(all->reap);
	SSL_CTX_free(all->tls);
	free(all);
	loop->conns = NULL;
}

void
conns_set_tls(struct loop *loop, struct ssl_ctx_st *tls)
{
	SSL_CTX_free(loop->conns->tls);
	loop->conns->tls = tls;
}
