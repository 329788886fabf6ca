#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/hash.h"
#include "lib/base/must.h"
#include "lib/base/text.h"
#include "lib/ledger/merkle.h"

/* The tiles of C2SP tlog-tiles: hashes of one level of the tree, 256 side by side.  Hash i of tile
 * n at level l is the root of the 256^l leaves from (256 n + i) 256^l on; so level 0 holds leaf
 * hashes, and each higher hash is the root of a full tile below.  The last tile of a level may be
 * partial; an empty one does not exist. */
enum {
	TILE_WIDTH = 256,
	TILE_LEVELS = 8,       /* 256^8 leaves: the indices of a log are 63 bits */
	TILE_PATH_SIZE = 64,   /* "entries/x009/x223/x372/x036/x854/x775/807.p/255" and NUL */
	TILE_ENTRY_MAX = 65535 /* bytes of one entry in a bundle */
};

/* What a path names behind `tile/`: `<level>/<n>[.p/<width>]`, or `entries/<n>[.p/<width>]` for
 * the bundle of the entries below a tile of level 0.  n is cut into groups of three digits, all
 * but the last behind an x: 1234067 is x001/x234/067. */
struct tile_id {
	bool entries; /* level is 0 */
	unsigned level;
	uint64_t n;
	unsigned width; /* 1 … 256; 256 is a full tile, which has no suffix */
};

MUST_USE bool tile_path_parse(struct text path, struct tile_id *ret_id);
void tile_path_write(const struct tile_id *id, char ret_path[TILE_PATH_SIZE]);

/* How wide tile n of a level is in a tree of this size; 0 when it does not exist. */
unsigned tile_width(uint64_t size, unsigned level, uint64_t n);

/* Takes the next entry of a bundle (u16 big-endian length, entry); false at the end, where
 * *bundle is empty unless it was cut off. */
MUST_USE bool bundle_cut(struct text *bundle, struct text *ret_entry);

/* The right edge of a growing tree: each level's tile that is not full yet.  Start with {0}. */
struct tile_edge {
	uint64_t size;
	struct hash at[TILE_LEVELS][TILE_WIDTH];
	struct hash root[TILE_LEVELS]; /* of the tile that became full last */
};

/* Adds a leaf; returns how many tiles it made full: those of levels 0 … result - 1, the one of
 * level l being number size / 256^(l+1) - 1.  Their hashes stand in at[l] and their roots in
 * root[l] until the next leaf. */
unsigned tile_edge_add(struct tile_edge *e, struct hash leaf);
struct hash tile_edge_root(const struct tile_edge *e);

/* Where proofs find tiles.  *ret_hashes holds at least `width` hashes until the next call; false
 * when there is no such tile, which ends the computation. */
struct tile_source {
	bool (*read)(void *arg, unsigned level, uint64_t n, unsigned width,
		const struct hash **ret_hashes);
	void *arg;
};

/* For a tree of `size` leaves, from its tiles; as the functions of the same names in merkle.h. */
MUST_USE bool tile_root(const struct tile_source *s, uint64_t size, struct hash *ret_root);
MUST_USE bool tile_inclusion(const struct tile_source *s, uint64_t size, uint64_t index,
	struct hash ret_path[MERKLE_PATH_MAX], size_t *ret_len);
MUST_USE bool tile_consistency(const struct tile_source *s, uint64_t size, uint64_t old,
	struct hash ret_path[MERKLE_PATH_MAX], size_t *ret_len);
