#include "daemon/cache.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/config.h"
#include "daemon/loop.h"
#include "daemon/task.h"
#include "lib/base/hash.h"

enum {
	CACHE_PLACES = 64,	    /* a power of two */
	CACHE_BODY_MAX = 256 * 1024 /* larger answers are not kept: 16 MiB a loop at most */
};

struct cached {
	struct hash key; /* of operation, path and query */
	int64_t version;
	uint64_t until_ms;
	const char *type; /* static */
	char *body;
	size_t len;
};

struct cache {
	struct cached at[CACHE_PLACES];
};

struct cache *
cache_new(void)
{
	struct cache *c = calloc(1, sizeof *c);

	must(c != NULL);
	return c;
}

void
cache_free(struct cache **cache)
{
	struct cache *old = *cache;

	*cache = NULL;
	for (int i = 0; old != NULL && i < CACHE_PLACES; i++)
		free(old->at[i].body);
	free(old);
}

static struct cached *
place(struct task *t, struct hash *ret_key)
{
	struct text parts[64] = {text_of(t->op->name), t->target};
	size_t n = 2;

	for (size_t i = 0; i < t->op->query->count && n + 3 <= 64; i++) {
		parts[n++] = text_of(t->query[i].at == NULL ? "\n-" : "\n=");
		parts[n++] = t->query[i];
	}
	*ret_key = hash_parts(parts, n);
	return &t->loop->cache->at[ret_key->at[0] % CACHE_PLACES];
}

bool
cache_get(struct task *t)
{
	struct hash key;
	const struct cached *c = place(t, &key);

	if (c->body == NULL || memcmp(&c->key, &key, sizeof key) != 0 ||
		loop_now_ms() >= c->until_ms)
		return false;
	t->reply.version = c->version;
	t->reply.cacheable = true;
	(void)reply_bytes(t, t->op->status, c->type,
		text_span(arena_copy(&t->arena, c->body, c->len), c->len));
	return true;
}

/* 52 bits of the hash: a version is a number that JSON readers keep exactly. */
static int64_t
version_of(struct text body)
{
	struct hash h = hash_of(body.at, body.len);
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | h.at[i];
	return (int64_t)(v >> 12);
}

void
cache_put(struct task *t)
{
	struct text body = t->reply.body;
	struct hash key;
	struct cached *c = place(t, &key);

	t->reply.version = version_of(body);
	t->reply.cacheable = true;
	if (body.len > CACHE_BODY_MAX || t->loop->config->cache_public_ms == 0)
		return;
	free(c->body);
	c->body = calloc(1, body.len + 1);
	must(c->body != NULL);
	memcpy(c->body, body.at, body.len);
	c->key = key;
	c->len = body.len;
	c->type = t->reply.type;
	c->version = t->reply.version;
	c->until_ms = loop_now_ms() + (uint64_t)t->loop->config->cache_public_ms;
}
