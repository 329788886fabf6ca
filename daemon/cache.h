#pragma once

#include <stdbool.h>

struct loop;
struct task;

/* Answers of OP_CACHED operations, public and the same for everyone, held by each loop for at
 * most cache.public.  The version (ETag) of one is taken from the hash of its bytes. */
struct cache;

struct cache *cache_new(void);
void cache_free(struct cache **cache);

/* Fills the task's reply from the cache; false when nothing fresh is there. */
bool cache_get(struct task *t);

/* Keeps the task's reply, and gives it its version. */
void cache_put(struct task *t);
