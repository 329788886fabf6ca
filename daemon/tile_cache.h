#pragma once

#include <stdbool.h>

#include "lib/ledger/tile.h"

/* Tiles and bundles of the journal that a loop serves from memory; those not asked for longest go
 * first.  A tile of one width never changes, so what is here is never stale. */
struct task;
struct tile_cache;

enum {
	TILE_CACHE_BYTES = 16 << 20,   /* a loop */
	TILE_CACHE_BODY_MAX = 1 << 20, /* larger ones are read each time */
	TILE_CACHE_ITEM = 128	       /* of an item, besides its body */
};

/* most: what all bodies may take, with TILE_CACHE_ITEM for each. */
struct tile_cache *tile_cache_new(size_t most);
void tile_cache_free(struct tile_cache **cache);

struct tile_cache *tile_cache_of(const struct task *t); /* of its loop */

/* A view that holds until the next put. */
bool tile_cache_get(struct tile_cache *c, const struct tile_id *id, struct text *ret_body);
void tile_cache_put(struct tile_cache *c, const struct tile_id *id, struct text body);
size_t tile_cache_bytes(const struct tile_cache *c);
