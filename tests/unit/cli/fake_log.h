#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cli/witness_log.h"
#include "cli/witness_store.h"
#include "lib/base/arena.h"

/* A journal in memory, served as the market serves its own, and the folder of a witness of it. */
enum {
	FAKE_ENTRIES = 1000
};

struct fake {
	struct arena arena;
	char folder[64];
	uint8_t seed[SIGN_SEED_LEN]; /* of the journal's key */
	const char *origin;	     /* of the market */
	struct text entries[FAKE_ENTRIES];
	uint64_t count;			  /* there are */
	uint64_t size;			  /* in the newest checkpoint */
	bool signed_at[FAKE_ENTRIES + 1]; /* these sizes have a checkpoint in the list */
	bool gone;			  /* does not answer */
	int bundles_left;		  /* so many bundles are given yet */
	uint64_t other_root;		  /* this size is signed with a root of nothing */
	struct store store;
	struct witness_log log;
};

/* With its store open and its log at nothing. */
struct fake *fake_new(const char *origin);
void fake_free(struct fake **f);

/* Adds one; the next checkpoint holds it. */
void fake_put(struct fake *f, struct text entry);
void fake_fill(struct fake *f, uint64_t count); /* any entries, up to so many */

struct text fake_note(struct fake *f, uint64_t size);
enum pull fake_pull(struct fake *f);
/* The program ends and starts again. */
bool fake_reopen(struct fake *f);
