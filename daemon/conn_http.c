/* HTTP/1.1 on a connection: heads become tasks, bodies their input, replies answers.  The parser
 * is proto/http.c; order, limits and deadlines are conn.c's. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>

#include "daemon/config.h"
#include "daemon/conn.h"
#include "daemon/local.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/request.h"
#include "proto/http_answer.h"
#include "proto/http_field.h"

static const char *
date_now(struct conns *all)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME_COARSE, &now);
	if (now.tv_sec != all->date_s)
		http_date(now.tv_sec, all->date);
	all->date_s = now.tv_sec;
	return all->date;
}

static void
count_answer(struct task *t)
{
	struct counters *k = &t->loop->counters;
	int status = t->reply.status;

	if (status >= 500)
		counter_add(&k->answers_5xx, 1);
	else if (status >= 400)
		counter_add(&k->answers_4xx, 1);
	else
		counter_add(&k->answers_2xx, 1);
	/* What a client sent is nobody's alarm here, also where the answer is 501 or 505. */
	say(status >= 500 && t->refused == OK ? SAY_WARN : SAY_DEBUG, "answer",
		say_str("request", t->request_id),
		say_str("operation",
			t->op != NULL		   ? t->op->name
				: t->local != NULL ? "local"
						   : "none"),
		say_int("status", status), say_str("user", t->who.user));
}

struct text
conn_http_answer(struct slot *s, struct task *t, bool chunked)
{
	const struct config *config = t->loop->config;
	const struct reply *r = &t->reply;
	struct http_answer a = {.status = r->status,
		.type = r->type != NULL && r->type[0] == '\0' ? NULL : r->type,
		.body = r->body,
		.version = r->version,
		.replayed = r->replayed,
		.cacheable = r->cacheable,
		.immutable = r->immutable,
		.cors = s->cors,
		.head = s->head,
		.close = s->close,
		.http10 = s->http10,
		.chunked = chunked,
		.retry_after_s = r->retry_after_s,
		.allow = r->allow,
		.request_id = t->request_id,
		.date = date_now(t->loop->conns),
		.location = r->location,
		.next_cursor = r->next_cursor,
		.path = t->target,
		.query = t->http->req.query};

	a.extra = arena_printf(&t->arena, "%.*s%s", (int)t->rate_header.len,
		t->rate_header.len == 0 ? "" : t->rate_header.at,
		config->tls_hsts && s->conn->kind == CONN_TLS
			? "Strict-Transport-Security: max-age=31536000\r\n"
			: "");
	count_answer(t);
	return http_answer(&a, &t->arena);
}

/* task->answer: the reply is final. */
static void
answer(struct task *t)
{
	struct slot *s = t->slot;
	struct conn *c = s->conn;
	struct text bytes;

	t->slot = NULL;
	s->task = NULL;
	if (s->stream) {
		/* A failure after the first chunk can only be shown by cutting the stream. */
		conn_kill(c);
		return;
	}
	if (c->body_slot == s) {
		/* Its rest is read and dropped, unless the client waits for a go-ahead. */
		c->body_slot = NULL;
		s->close = s->close || s->continue_owed || t->refused != OK;
	}
	if (t->loop->draining && TAILQ_NEXT(s, entry) == NULL)
		s->close = true;
	bytes = conn_http_answer(s, t, false);
	if (s->close && c->state != CONN_DEAD)
		conn_end(c);
	slot_write(s, bytes.at, bytes.len);
	slot_done(s);
}

static void
request_id_take(struct task *t)
{
	struct text given = t->http->req.fields[HTTP_X_REQUEST_ID];

	if (given.at != NULL && field_is_request_id(given) && given.len < sizeof t->request_id) {
		memcpy(t->request_id, given.at, given.len);
		t->request_id[given.len] = '\0';
	}
}

/* The task of a head; `refused` when the parser or a limit says no. */
static struct task *
request_new(struct conn *c, enum err refused, const char *zh, const char *en)
{
	struct task *t = task_new(c->loop, request_begin);
	struct http *kept = arena_new(&t->arena, struct http);
	const struct http_request *req = &kept->req;
	struct slot *s = slot_new(c, t);

	t->deadline_ms = 0; /* from the complete body on */
	t->slot = s;
	t->answer = answer;
	t->refused = refused;
	t->refused_zh = zh;
	t->refused_en = en;
	t->address = c->address;
	t->admin = c->kind == CONN_ADMIN;
	t->http = kept;
	counter_add(&c->loop->counters.requests, 1);
	if (refused != OK) {
		s->close = true;
		return t;
	}
	http_keep(&c->http, &t->arena);
	*kept = c->http;
	request_id_take(t);
	t->target = req->path;
	s->head = req->head;
	s->http10 = req->http10;
	s->close = !req->keep_alive;
	t->local = local_find(req->path, t->admin);
	if (t->local == NULL && !t->admin &&
		route_find(req->method, req->path, &t->route) == ROUTE_FOUND)
		t->op = t->route.op;
	s->cors = t->op == NULL || t->op->roles == ROLE_PUBLIC;
	return t;
}

static void
refuse(struct conn *c, enum err e, const char *zh, const char *en)
{
	(void)request_new(c, e, zh, en);
	conn_end(c);
}

static void
body_done(struct conn *c)
{
	struct slot *s = c->body_slot;

	c->body_by = 0;
	c->body_slot = NULL;
	c->state = CONN_HEAD;
	http_init(&c->http);
	if (s != NULL && s->task != NULL) {
		s->continue_owed = false;
		s->task->body = buf_text(&c->body);
		request_body_there(s->task);
	}
	/* A client that does not want to go on gets its answer and no further request is read. */
	s = TAILQ_LAST(&c->slots, slot_list);
	if (s != NULL && s->close)
		conn_end(c);
}

static void
head_done(struct conn *c)
{
	const struct config *config = c->loop->config;
	struct task *t = request_new(c, OK, NULL, NULL);
	struct slot *s = t->slot;
	uint64_t size = c->http.req.content_length, max = request_body_max(t);

	c->head_by = 0;
	if (http_body_limit(&c->http, max) == HTTP_REFUSED) {
		t->refused = c->http.err;
		t->refused_zh = c->http.why_zh;
		t->refused_en = c->http.why;
		s->close = true;
		conn_end(c);
		return;
	}
	c->state = CONN_BODY;
	c->body_slot = s;
	s->continue_owed = c->http.req.expects;
	buf_init(&c->body, &t->arena, size > 0 ? (size_t)size : 0);
	c->body_by = loop_now_ms() + (uint64_t)config->http_body_ms +
		(c->http.req.chunked ? max : size) * 1000 / (uint64_t)config->http_body_rate;
}

/* True when something was taken and more may follow. */
static bool
head_input(struct conn *c, struct evbuffer *in)
{
	size_t len = evbuffer_get_length(in);
	enum http_result r;

	if (len == 0 || !conn_takes(c))
		return false;
	if (len > HTTP_UNREAD_MAX)
		len = HTTP_UNREAD_MAX;
	if (c->head_by == 0)
		c->head_by = loop_now_ms() + (uint64_t)c->loop->config->http_head_ms;
	r = http_head(&c->http, (const char *)evbuffer_pullup(in, (ev_ssize_t)len), len);
	if (r == HTTP_MORE)
		return false;
	if (r == HTTP_REFUSED) {
		refuse(c, c->http.err, c->http.why_zh, c->http.why);
		return false;
	}
	len = c->http.head_len;
	head_done(c);
	(void)evbuffer_drain(in, len);
	return c->state == CONN_BODY;
}

static void
body_refused(struct conn *c)
{
	struct slot *s = c->body_slot;

	if (s != NULL && s->task != NULL) {
		s->close = true;
		s->task->refused = c->http.err;
		s->task->refused_zh = c->http.why_zh;
		s->task->refused_en = c->http.why;
		request_body_there(s->task);
	}
	conn_end(c);
}

static bool
body_input(struct conn *c, struct evbuffer *in)
{
	struct evbuffer_iovec at = {0};
	struct text piece = {0};
	enum http_result r;
	size_t used = 0;

	(void)evbuffer_peek(in, -1, NULL, &at, 1);
	r = http_body(&c->http, at.iov_base == NULL ? "" : at.iov_base, at.iov_len, &used, &piece);
	if (piece.len > 0 && c->body_slot != NULL)
		buf_add(&c->body, piece.at, piece.len);
	(void)evbuffer_drain(in, used);
	if (r == HTTP_REFUSED) {
		body_refused(c);
		return false;
	}
	if (r == HTTP_MORE)
		return used > 0 && evbuffer_get_length(in) > 0;
	body_done(c);
	return c->state == CONN_HEAD;
}

void
conn_http_input(struct conn *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	bool more = true;

	while (more)
		more = c->state == CONN_HEAD	? head_input(c, in)
			: c->state == CONN_BODY ? body_input(c, in)
						: false;
	if (c->state == CONN_HEAD && evbuffer_get_length(in) == 0)
		c->head_by = 0;
	conn_update(c);
}

void
conn_http_late(struct conn *c)
{
	struct slot *s = c->body_slot;

	if (c->state == CONN_HEAD) {
		refuse(c, E_TIMEOUT, "请求头未在时限内到达", "the head did not arrive in time");
		return;
	}
	c->http.err = E_TIMEOUT;
	c->http.why_zh = "请求体未在时限内到达";
	c->http.why = "the body did not arrive in time";
	/* A body that was only dropped: its request is answered already. */
	if (s == NULL)
		conn_kill(c);
	else
		body_refused(c);
}

void
conn_want_body(struct task *t)
{
	struct slot *s = t->slot;

	if (s == NULL || !s->continue_owed)
		return;
	s->continue_owed = false;
	if (slot_is_first(s))
		slot_write(s, http_continue, strlen(http_continue));
	else
		s->continues = true;
}
