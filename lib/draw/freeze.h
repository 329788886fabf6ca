#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/hash.h"
#include "lib/base/must.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/draw/check.h"
#include "lib/draw/vrf.h"

struct arena;

/* freeze.txt: the record that fixes everything a draw depends on, written at the deadline. */

enum draw_method {
	DRAW_FISHER_YATES,
	DRAW_WEIGHTED,
	DRAW_INTEGER
};

/* The numbers are the type bytes of the seed; 5 and 6 are reserved. */
enum draw_source {
	DRAW_VRF = 1,
	DRAW_COMMIT = 2,
	DRAW_DRAND = 3,
	DRAW_NIST = 4
};

enum {
	FREEZE_CONTRIBUTORS_MAX = 64,
	FREEZE_QUOTAS_MAX = 64,
	FREEZE_BEACON_DELAY_S = 120
};

struct contributor {
	enum draw_source source;
	struct text name;	  /* of a beacon: the chain's name (drand) or number (nist) */
	uint8_t key[VRF_KEY_LEN]; /* DRAW_VRF */
	struct hash hash;	  /* DRAW_COMMIT: the commitment; DRAW_DRAND: the chain's hash */
	uint64_t round;		  /* DRAW_DRAND: the round; DRAW_NIST: the pulse */
};

struct quota {
	struct text stratum;
	uint32_t winners;
};

/* Texts are borrowed; those of a parsed freeze are views of its bytes. */
struct freeze {
	struct text origin, draw;
	uint32_t attempt;
	bool has_previous;
	struct hash previous; /* SHA-256 of the void of the attempt before */
	struct hash notice, rules;
	enum draw_method method;
	uint32_t winners;
	struct text label;    /* empty for the main stream */
	uint64_t lo, hi;      /* DRAW_INTEGER only */
	struct quota *quotas; /* sorted bytewise */
	size_t quotas_count;
	uint32_t candidates, excluded;
	struct hash candidates_root, excluded_root;
	struct contributor *contributors; /* operator, owner, witnesses, then perhaps a beacon */
	size_t contributors_count;
	struct text close;   /* 2026-08-31T18:43:15Z */
	struct utc close_at; /* the same, set by parsing */
};

/* The record's bytes.  What it writes is checked by parsing it: a freeze that a verifier would
 * refuse is not written. */
MUST_USE enum check freeze_build(struct arena *a, const struct freeze *f, struct text *ret_text);
MUST_USE enum check
freeze_parse(struct arena *a, struct text text, struct freeze *ret_freeze, uint32_t *reterr_line);

/* F = SHA-256 of the record's exact bytes. */
struct hash freeze_hash(struct text text);

/* alpha, what every VRF contributor proves about: tag("vrf") || F. */
enum {
	FREEZE_ALPHA_LEN = 20 + HASH_LEN
};
void freeze_alpha(const struct hash *f, uint8_t ret_alpha[FREEZE_ALPHA_LEN]);

const char *draw_method_name(enum draw_method m);
const char *draw_source_name(enum draw_source s);
bool draw_source_is_beacon(enum draw_source s);
