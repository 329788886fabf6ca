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
	bool sync;	    /* what is written waits for the disk */
	struct text origin; /* of the log, which is its key's name */
	uint8_t key[SIGN_KEY_LEN];
	struct text note;	  /* of the newest checkpoint; empty: nothing was mirrored */
	struct checkpoint newest; /* size 0 then */
	/* Up to the newest; lines beyond it are of a run that was cut off, and come again. */
	struct mirror_checkpoint *past;
	size_t past_count, past_next, past_room;
	size_t past_bytes; /* of checkpoints.txt, up to the newest */
	struct tile_edge edge;
	bool disk_failed;		      /* the fault is not the log's */
	const char *fault;		      /* a sentence about the first thing that fails */
	const struct mirror_checkpoint *fork; /* signed, with a root that the entries have not */
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
 * checkpoints on the way; those that it holds must be the same.  write: tiles that became full are
 * written, else compared. */
MUST_USE bool mirror_add(struct mirror *m, const struct tile_id *id, struct text bundle, bool write,
	const struct mirror_reader *reader);

/* The tiles that are not full: written, or compared, when the edge stands at a checkpoint. */
MUST_USE bool mirror_edges(struct mirror *m, bool write);

/* The edge has the root of the newest checkpoint. */
MUST_USE bool mirror_root(struct mirror *m);

/* The root of the first `size` entries, up to the newest checkpoint's, from the tiles. */
MUST_USE bool mirror_root_at(struct mirror *m, uint64_t size, struct hash *ret_root);

/* The entries from index `from` on up to the newest checkpoint, in order, until take() says false.
 * Nothing is verified.  False when a bundle cannot be read. */
typedef bool mirror_taker(void *arg, uint64_t index, struct text entry);
MUST_USE bool mirror_scan(struct mirror *m, uint64_t from, mirror_taker *take, void *arg);

const char *mirror_path(struct mirror *m, const struct tile_id *id);
