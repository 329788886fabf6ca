#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/witness_log.h"
#include "lib/base/hash.h"
#include "lib/base/must.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/draw/freeze.h"
#include "lib/draw/vrf.h"
#include "lib/draw/verify.h"

struct arena;

/* What a witness knows from the journal alone: announced keys, and the attempts of draws that name
 * it.  Fed with entries in order of index; everything lives in `arena`. */

/* An announced key, of a draw's contributor. */
struct watch_key {
	struct text name;
	uint8_t key[VRF_KEY_LEN];
	struct utc at;		 /* by the entry */
	uint64_t index, retired; /* of the entries; retired is UINT64_MAX while in use */
	bool synthetic;
};

/* A freeze that names this witness with its key. */
struct watch_attempt {
	struct text draw;
	uint32_t attempt;
	struct text text; /* the record */
	struct hash f;
	struct utc at; /* of its entry */
	uint64_t index;
	size_t place; /* of this witness among the contributors, from 0 */
	struct text values[FREEZE_CONTRIBUTORS_MAX]; /* what others gave, by the journal */
	size_t spoken;				     /* the first so many are in the journal */
	bool settled;	   /* given and in the journal, void, or refused */
	bool sent;	   /* the market took it; the journal does not show it yet */
	const char *fault; /* seen in the journal itself, or NULL */
	bool told;	   /* the fault was reported */
};

struct watch {
	struct arena *arena;
	uint8_t key[VRF_KEY_LEN]; /* of this witness */
	struct text origin;
	uint64_t next; /* index of the next entry */
	struct watch_key *keys;
	size_t keys_count, keys_room;
	struct watch_attempt *attempts;
	size_t attempts_count, attempts_room;
};

/* A mirror_taker. */
bool watch_entry(void *watch, uint64_t index, struct text entry);

/* The witness's turn: everyone before it has spoken, in the journal. */
bool watch_is_due(const struct watch_attempt *t);

/* Checks the freeze of an attempt against the transcript as it is served and the journal: NULL when
 * nothing speaks against answering it, else why not. */
const char *watch_judge(const struct watch *w, struct witness_log *l, const struct watch_attempt *t,
	const struct verify_file *files, size_t count, struct arena *a);
