#pragma once

#include "tests/api/scene.h"

/* Draws with witnesses, whose keys are the test's own. */
extern const uint8_t cosign_seed[SIGN_SEED_LEN];

/* witness-<n>, of an organisation; only the first one's signature over a void counts. */
void announce(struct scene *s, int n, int who);

/* A draw of three agencies, frozen; more: as life_body() takes it. */
const char *drawing(struct scene *s, const char *more);

/* The request that gives a value, and the bodies: the owner's r, the proof of witness-<n>. */
const char *given(struct scene *s, const char *draw, int index);
void owner_opens(struct scene *s, const char *draw, const char *r);
const char *proof_of(struct scene *s, const char *draw, int n);

/* witness-0 cosigns the newest checkpoint, `late` seconds after the draw's beacon speaks. */
void witness_knows(struct scene *s, const char *draw, int64_t late);
