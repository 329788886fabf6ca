#pragma once

#include "lib/base/sign.h"
#include "lib/draw/vrf.h"
#include "tests/api/scene.h"

/* A witness, as its organisation's own program would be: it holds the two keys, and asks over the
 * interface. */
struct witness {
	const char *name; /* in freezes and cosignatures */
	int who;
	uint8_t vrf_secret[VRF_SECRET_LEN], vrf_key[VRF_KEY_LEN];
	uint8_t cosign_seed[SIGN_SEED_LEN], cosign_key[SIGN_KEY_LEN];
};

/* keys: the same number gives the same two keys, for tests only. */
void witness_make(struct witness *w, const char *name, int who, unsigned keys);

/* Announces its keys.  The body of that; proven: the name that the proofs are made over. */
void witness_announce(struct scene *s, const struct witness *w);
const char *witness_announcement(struct scene *s, const struct witness *w, const char *proven);
void witness_retire(struct scene *s, const struct witness *w);

/* Its only value for a frozen draw: the body, and giving it as contributor `index`. */
const char *witness_value(struct scene *s, const struct witness *w, const char *draw);
void witness_contribute(struct scene *s, const struct witness *w, const char *draw, int index);

/* Waits until all entries are in a checkpoint, and cosigns it at the time of the clock.  Answers
 * its size. */
int64_t witness_cosign(struct scene *s, const struct witness *w);
/* The text of the checkpoint of this size; the body for any text and time (seconds since 1970). */
struct text witness_sees(struct scene *s, int64_t size);
const char *witness_cosignature(
	struct scene *s, const struct witness *w, int64_t size, struct text text, uint64_t time_s);

/* Its signature of a void request's record: the body; change: 0, or what spoils it. */
const char *
witness_signature(struct scene *s, const struct witness *w, const char *request, uint8_t change);
