#pragma once

#include <stdbool.h>

#include "lib/ledger/tile.h"

/* Tiles and bundles of the journal that a loop serves from memory; those not asked for longest go
 * first.  A tile of one width never changes, so what is here is never stale. */
struct task;
struct tile_cache;

enum {
	TILE_CACHE_BYTES = 16 << 20,  /* a loop */
	TILE_CACHE_BODY_MAX = 1 << 20 /* larger ones are read each time */
};

struct tile_cache *tile_cache_new(void);
void tile_cache_free(struct tile_cache **cache);

/* Of the task's loop.  A view that holds until the next put. */
bool tile_cache_get(struct task *t, const struct tile_id *id, struct text *ret_body);
void tile_cache_put(struct task *t, const struct tile_id *id, struct text body);
