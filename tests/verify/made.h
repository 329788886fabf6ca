#pragma once

#include <stddef.h>

#include "lib/base/arena.h"
#include "lib/draw/verify.h"
#include "tests/verify/dice.h"
#include "tests/unit/draw/prove.h"

/* Transcripts made by the library from a seed, of every kind that the protocol has, with what is
 * needed to speak again for their contributors after a record was changed. */
enum {
	MADE_FILES_MAX = 256,
	MADE_ATTEMPTS_MAX = 3,
	MADE_KEYS_MAX = MADE_ATTEMPTS_MAX * 8
};

struct made_key {
	uint8_t key[VRF_KEY_LEN], secret[VRF_SECRET_LEN];
};

struct made_opening {
	struct hash commitment;
	uint8_t r[CONTRIBUTION_R_LEN];
};

/* How the pulse is made; in a sound transcript it differs in nothing from what the freeze names. */
struct made_pulse {
	struct utc at;
	uint64_t chain_off, number_off;
	uint32_t status;
	uint8_t fill;
	int grow; /* bytes more or less than it has */
};

struct made {
	struct verify_file files[MADE_FILES_MAX];
	size_t count, attempts;
	struct made_key keys[MADE_KEYS_MAX];
	size_t keys_count;
	struct made_opening openings[MADE_ATTEMPTS_MAX];
	struct text drand; /* the signature of the one round that is known */
	struct made_pulse pulse;
	struct utc close_at;
	bool proofs; /* it carries the journal's: see tests/unit/draw/prove.h */
};

/* The round of quicknet whose signature is known: that of tests/vectors/draw.json. */
#define MADE_CHAIN "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
enum {
	MADE_ROUND = 31799517
};

void
made_make(struct arena *a, struct dice *d, struct text drand, bool proofs, struct made *ret_made);

/* The journal's proofs of the records as they are, where it carries any. */
void made_prove(struct arena *a, struct dice *d, struct made *m, enum twist twist);

/* The index of a file; count when it is not there. */
size_t made_find(const struct made *m, const char *name);
void made_add(struct made *m, const char *name, struct text bytes);
void made_drop(struct made *m, size_t index);

/* Another pulse than the one that was made, sound or not; made_speak() gives it. */
void made_pulse_turn(struct dice *d, struct made *m);

/* What the contributors of a freeze would give, the first `count` of them, and the result when all
 * gave and the lists are the frozen ones: replaces contributions.txt and result.txt. */
void made_speak(struct arena *a, struct made *m, uint32_t attempt, size_t count);
