#include "tests/support/client.h"

#include <check.h>
#include <json-c/json.h>
#include <json-c/json_pointer.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/hash.h"
#include "lib/base/hex.h"
#include "lib/ident/key.h"
#include "tests/support/pg.h"
#include "tests/support/record.h"

enum {
	ANSWER_MS = 20000,
	READ_MAX = 64 * 1024
};

static int
dial(const char *address)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM}, *list;
	char host[80];
	char *colon;
	int fd;

	(void)snprintf(host, sizeof host, "%s", address);
	colon = strrchr(host, ':');
	ck_assert_ptr_nonnull(colon);
	*colon = '\0';
	ck_assert_int_eq(getaddrinfo(host, colon + 1, &hints, &list), 0);
	fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(connect(fd, list->ai_addr, list->ai_addrlen), 0);
	freeaddrinfo(list);
	return fd;
}

static void
open_up(struct client *c, bool tls)
{
	static SSL_CTX *ctx;

	c->fd = dial(c->address);
	c->ended = false;
	c->in_len = 0;
	if (!tls)
		return;
	if (ctx == NULL)
		ctx = SSL_CTX_new(TLS_client_method());
	(void)SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
	c->ssl = SSL_new(ctx);
	ck_assert_int_eq(SSL_set_fd(c->ssl, c->fd), 1);
	ck_assert_msg(
		SSL_connect(c->ssl) == 1, "TLS: %s", ERR_error_string(ERR_peek_last_error(), NULL));
}

static void
shut(struct client *c)
{
	if (c->ssl != NULL)
		SSL_free(c->ssl);
	c->ssl = NULL;
	if (c->fd >= 0)
		(void)close(c->fd);
	c->fd = -1;
}

struct client *
client_new(const char *address, bool tls)
{
	struct client *c = calloc(1, sizeof *c);

	ck_assert_ptr_nonnull(c);
	arena_init(&c->arena, SIZE_MAX / 2);
	(void)snprintf(c->address, sizeof c->address, "%s", address);
	open_up(c, tls);
	return c;
}

void
client_free(struct client **c)
{
	struct client *old = *c;

	*c = NULL;
	if (old == NULL)
		return;
	shut(old);
	arena_reset(&old->arena);
	free(old->in);
	free(old);
}

void
client_reopen(struct client *c)
{
	bool tls = c->ssl != NULL;

	shut(c);
	open_up(c, tls);
}

void
client_send(struct client *c, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0 && !c->ended) {
		ssize_t n = c->ssl != NULL
			? SSL_write(c->ssl, at, len > READ_MAX ? READ_MAX : (int)len)
			: send(c->fd, at, len, MSG_NOSIGNAL);

		if (n <= 0) {
			ERR_clear_error();
			return; /* the peer closed: its answer may still be read */
		}
		at += n;
		len -= (size_t)n;
	}
}

void
client_say(struct client *c, const char *text)
{
	client_send(c, text, strlen(text));
}

bool
client_wait(struct client *c, int wait_ms)
{
	struct pollfd p = {.fd = c->fd, .events = POLLIN};
	ssize_t n;

	if (c->ended)
		return false;
	if ((c->ssl == NULL || SSL_pending(c->ssl) == 0) && poll(&p, 1, wait_ms) == 0)
		return false;
	if (c->in_size - c->in_len < READ_MAX) {
		c->in_size += READ_MAX;
		c->in = realloc(c->in, c->in_size);
		ck_assert_ptr_nonnull(c->in);
	}
	/* TLS: what is readable may be no data (a session ticket); do not block on it. */
	if (c->ssl != NULL) {
		struct timeval soon = {.tv_usec = 50000};

		(void)setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
		n = SSL_read(c->ssl, c->in + c->in_len, READ_MAX - 1);
		if (n <= 0 && SSL_get_error(c->ssl, (int)n) == SSL_ERROR_WANT_READ) {
			ERR_clear_error();
			return true;
		}
		ERR_clear_error();
	} else
		n = recv(c->fd, c->in + c->in_len, READ_MAX - 1, 0);
	if (n <= 0) {
		c->ended = true;
		return false;
	}
	c->in_len += (size_t)n;
	return true;
}

bool
client_ends(struct client *c, int wait_ms)
{
	while (client_wait(c, wait_ms))
		;
	return c->ended;
}

struct text
answer_field(const struct answer *a, const char *name)
{
	struct text rest = a->head, line, field;

	while (text_cut(&rest, '\n', &line)) {
		if (!text_cut(&line, ':', &field) || !text_is_nocase(field, name))
			continue;
		while (line.len > 0 && line.at[0] == ' ')
			line = text_span(line.at + 1, line.len - 1);
		if (line.len > 0 && line.at[line.len - 1] == '\r')
			line.len--;
		return line;
	}
	return (struct text){0};
}

static void
take(struct client *c, size_t len)
{
	memmove(c->in, c->in + len, c->in_len - len);
	c->in_len -= len;
}

static bool
wait_len(struct client *c, size_t len)
{
	while (c->in_len < len)
		if (!client_wait(c, ANSWER_MS))
			return false;
	return true;
}

/* A body in chunks, put together. */
static bool
chunks_take(struct client *c, struct text *ret_body)
{
	struct buf b;

	buf_init(&b, &c->arena, 1024);
	for (;;) {
		unsigned long size;
		char *end;

		while ((end = memmem(c->in, c->in_len, "\r\n", 2)) == NULL)
			if (!client_wait(c, ANSWER_MS))
				return false;
		ck_assert_int_eq(sscanf(c->in, "%lx", &size), 1);
		take(c, (size_t)(end - c->in) + 2);
		if (!wait_len(c, size + 2))
			return false;
		buf_add(&b, c->in, size);
		take(c, size + 2);
		if (size == 0)
			break;
	}
	*ret_body = buf_text(&b);
	return true;
}

struct answer
client_answer(struct client *c, bool head)
{
	struct answer a = {0};
	struct text length;
	uint64_t len = 0;
	char *end;

	while (c->in == NULL || (end = memmem(c->in, c->in_len, "\r\n\r\n", 4)) == NULL)
		if (!client_wait(c, ANSWER_MS))
			return a;
	a.head.len = (size_t)(end - c->in) + 4;
	a.head.at = arena_str(&c->arena, c->in, a.head.len);
	ck_assert_int_eq(sscanf(a.head.at, "HTTP/1.1 %d ", &a.status), 1);
	take(c, a.head.len);
	length = answer_field(&a, "Content-Length");
	if (head || a.status < 200 || a.status == 204 || a.status == 304)
		return a;
	if (text_is(answer_field(&a, "Transfer-Encoding"), "chunked")) {
		if (!chunks_take(c, &a.body))
			a.status = 0;
		return a;
	}
	ck_assert_msg(text_u64(length, SIZE_MAX, &len), "no Content-Length: %s", a.head.at);
	if (!wait_len(c, len))
		return (struct answer){0};
	a.body = text_span(arena_str(&c->arena, c->in, len), len);
	take(c, len);
	return a;
}

const char *
answer_member(struct client *c, const struct answer *a, const char *pointer)
{
	struct json_object *json, *member = NULL;
	const char *value = "";

	json = json_tokener_parse(a->body.len == 0 ? "null" : a->body.at);
	if (json != NULL && json_pointer_get(json, pointer, &member) == 0 && member != NULL)
		value = arena_printf(&c->arena, "%s", json_object_get_string(member));
	json_object_put(json);
	return value;
}

void
client_ask(struct client *c, const char *method, const char *target, const char *fields,
	const char *body)
{
	bool post = strcmp(method, "POST") == 0 && strcasestr(fields, "idempotency-key:") == NULL;
	uint64_t random;
	struct buf b;

	ck_assert_int_eq(getrandom(&random, sizeof random, 0), sizeof random);
	buf_init(&b, &c->arena, 1024);
	buf_printf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n%s", method, target, c->address, fields);
	if (c->key[0] != '\0')
		buf_printf(&b, "Authorization: Bearer %s\r\n", c->key);
	if (post)
		buf_printf(&b, "Idempotency-Key: t%llx\r\n", (unsigned long long)random);
	if (body != NULL)
		buf_printf(&b, "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
			strlen(body), body);
	else
		buf_str(&b, "\r\n");
	if (c->ended)
		client_reopen(c);
	client_send(c, b.at, b.len);
}

struct answer
client_call(struct client *c, const char *method, const char *target, const char *fields,
	const char *body)
{
	client_calls *instead = c->instead;
	struct answer a;

	c->instead = NULL;
	if (instead != NULL)
		a = instead(c, method, target, fields, body);
	else {
		client_ask(c, method, target, fields, body);
		a = client_answer(c, strcmp(method, "HEAD") == 0);
	}
	c->instead = instead;
	record_answer(method, target, &a);
	return a;
}

void
client_become(struct client *c, struct pg *pg, const char *key)
{
	uint8_t random[KEY_RANDOM_LEN];
	char hex[2 * HASH_LEN + 1];
	struct hash h;

	do
		ck_assert_int_eq(getrandom(random, sizeof random, 0), sizeof random);
	while (!key_of_random(random, c->key));
	h = hash_of(c->key, KEY_LEN);
	hex_encode(h.at, HASH_LEN, hex);
	pg_run(pg, "UPDATE market.api_key SET secret_hash = '\\x%s' WHERE id = '%s'", hex, key);
}
