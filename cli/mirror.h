#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/must.h"
#include "lib/ledger/proof.h"
#include "lib/ledger/tile.h"

struct arena;

/* A copy of the journal on the disk, under the names that it has at the server:
 *
 *	keys			the key of the log and of receipts, one a line
 *	checkpoint		the newest that was mirrored
 *	checkpoints.txt		`<size> <root> <signature>` in base64, of all so far, by size
 *	tile/entries/<n>	bundles; tile/<level>/<n> the hashes
 *
 * It needs lib, libcrypto and libc, so the offline verifier reads it too.  Tiles are computed from
 * the entries; a mirror grows from what it had, so a log that forked cannot be mirrored on. */
struct mirror_checkpoint {
	uint64_t size;
	struct hash root;
	uint8_t signature[SIGN_LEN];
};

struct mirror {
	struct arena *arena;
	const char *dir;
	struct text origin; /* of the log, which is its key's name */
	uint8_t key[SIGN_KEY_LEN];
	struct text note;	  /* of the newest checkpoint; empty: nothing was mirrored */
	struct checkpoint newest; /* size 0 then */
	struct mirror_checkpoint *past;
	size_t past_count, past_next;
	struct tile_edge edge;
	const char *fault; /* a sentence about the first thing that does not hold */
};

/* Takes each entry of a walk, in order; entry is a view that goes with its bundle. */
struct mirror_reader {
	void (*read)(void *arg, uint64_t index, struct text entry);
	void *arg;
};

/* Reads keys and checkpoints and checks their signatures.  False with m->fault. */
MUST_USE bool mirror_open(struct mirror *m, struct arena *a, const char *dir);

/* Takes the keys of a server into a new mirror: the line of the log. */
MUST_USE bool mirror_keys(struct mirror *m, struct text keys);

/* From nothing to the newest checkpoint: every entry's leaf, every tile, the root at every size
 * that was signed.  False with m->fault. */
MUST_USE bool mirror_verify(struct mirror *m, const struct mirror_reader *reader);

/* The edge as of the newest checkpoint, from the tiles: where mirroring goes on. */
MUST_USE bool mirror_resume(struct mirror *m);

/* Adds the entries of a bundle that the edge does not hold yet, and compares the roots of past
 * checkpoints on the way.  write: tiles that became full are written, else compared. */
MUST_USE bool mirror_add(struct mirror *m, const struct tile_id *id, struct text bundle, bool write,
	const struct mirror_reader *reader);

/* The tiles that are not full: written, or compared, when the edge stands at a checkpoint. */
MUST_USE bool mirror_edges(struct mirror *m, bool write);

/* The edge has the root of the newest checkpoint. */
MUST_USE bool mirror_root(struct mirror *m);

const char *mirror_path(struct mirror *m, const struct tile_id *id);
