#include "daemon/tile_cache.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "daemon/loop.h"
#include "daemon/task.h"
#include "lib/base/must.h"

enum {
	BUCKETS = 1024 /* a power of two */
};

struct item {
	struct tile_id id;
	size_t len;
	TAILQ_ENTRY(item) used;
	LIST_ENTRY(item) same;
	char body[];
};

struct tile_cache {
	size_t bytes, most;
	TAILQ_HEAD(item_list, item) used; /* the latest first */
	LIST_HEAD(, item) buckets[BUCKETS];
};

struct tile_cache *
tile_cache_new(size_t most)
{
	struct tile_cache *c = calloc(1, sizeof *c);

	must(c != NULL);
	c->most = most;
	TAILQ_INIT(&c->used);
	return c;
}

static void
drop(struct tile_cache *c, struct item *i)
{
	c->bytes -= i->len + TILE_CACHE_ITEM;
	TAILQ_REMOVE(&c->used, i, used);
	LIST_REMOVE(i, same);
	free(i);
}

void
tile_cache_free(struct tile_cache **cache)
{
	struct tile_cache *old = *cache;

	*cache = NULL;
	while (old != NULL && !TAILQ_EMPTY(&old->used))
		drop(old, TAILQ_FIRST(&old->used));
	free(old);
}

struct tile_cache *
tile_cache_of(const struct task *t)
{
	return t->loop->tiles;
}

static size_t
bucket(const struct tile_id *id)
{
	uint64_t h = id->n * 512 + id->width + ((uint64_t)id->level << 56) +
		((uint64_t)id->entries << 60);

	return (size_t)(h * UINT64_C(0x9e3779b97f4a7c15) >> 40) % BUCKETS;
}

static struct item *
find(struct tile_cache *c, const struct tile_id *id)
{
	struct item *i;

	LIST_FOREACH (i, &c->buckets[bucket(id)], same)
		if (i->id.entries == id->entries && i->id.level == id->level && i->id.n == id->n &&
			i->id.width == id->width)
			return i;
	return NULL;
}

bool
tile_cache_get(struct tile_cache *c, const struct tile_id *id, struct text *ret_body)
{
	struct item *i = find(c, id);

	if (i == NULL)
		return false;
	TAILQ_REMOVE(&c->used, i, used);
	TAILQ_INSERT_HEAD(&c->used, i, used);
	*ret_body = text_span(i->body, i->len);
	return true;
}

void
tile_cache_put(struct tile_cache *c, const struct tile_id *id, struct text body)
{
	struct item *i;

	if (body.len > TILE_CACHE_BODY_MAX || body.len + TILE_CACHE_ITEM > c->most ||
		find(c, id) != NULL)
		return;
	while (c->bytes + body.len + TILE_CACHE_ITEM > c->most)
		drop(c, TAILQ_LAST(&c->used, item_list));
	i = calloc(1, sizeof *i + body.len);
	must(i != NULL);
	i->id = *id;
	i->len = body.len;
	memcpy(i->body, body.at, body.len);
	c->bytes += body.len + TILE_CACHE_ITEM;
	TAILQ_INSERT_HEAD(&c->used, i, used);
	LIST_INSERT_HEAD(&c->buckets[bucket(id)], i, same);
}

size_t
tile_cache_bytes(const struct tile_cache *c)
{
	return c->bytes;
}
