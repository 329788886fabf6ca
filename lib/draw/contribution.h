#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/hash.h"
#include "lib/base/must.h"
#include "lib/base/text.h"
#include "lib/draw/check.h"
#include "lib/draw/freeze.h"
#include "lib/draw/pulse.h"

struct arena;

/* What each contributor gives, what it counts as, and the seed that follows.
 *
 * "Given" is what was published: a VRF proof (81 bytes), the opened r (32), a drand signature
 * (48, or 96 on chains with signatures on G2), a NIST pulse (draw/pulse.h).  The value is what
 * enters the seed. */
enum {
	CONTRIBUTION_R_LEN = 32,
	CONTRIBUTION_GIVEN_MAX = PULSE_MAX,
	CONTRIBUTION_VALUE_MAX = HASH512_LEN
};

struct value {
	uint8_t at[CONTRIBUTION_VALUE_MAX];
	uint8_t len;
};

/* C = SHA-256(tag("commit") || lp(draw) || lp(name) || r); name is "owner". */
struct hash commitment_of(struct text draw, struct text name, const uint8_t r[CONTRIBUTION_R_LEN]);

/* Checks what contributor `index` (from 0) of the freeze with hash *f gave.  A beacon's
 * authenticity is not checked here, only its form: see pulse_judge() and draw/verify.h. */
MUST_USE enum check contribution_check(const struct freeze *freeze, const struct hash *f,
	size_t index, struct text given, struct value *ret_value);

/* S; values has one per contributor. */
struct hash seed_of(const struct freeze *freeze, const struct hash *f, const struct value *values);

/* contributions.txt: the first `count` contributors in order, at most all. */
struct text contributions_build(struct arena *a, const struct freeze *freeze, const struct hash *f,
	const struct text *given, size_t count);
/* ret_given has room for freeze->contributors_count; the bytes live in the arena.  CHECK_VALUE_HEAD
 * when the record is about another freeze, CHECK_VALUE_ORDER when order or types differ. */
MUST_USE enum check
contributions_parse(struct arena *a, struct text text, const struct freeze *freeze,
	const struct hash *f, struct text *ret_given, size_t *ret_count, uint32_t *reterr_line);

/* When a round of drand's quicknet (the chain with this hash) is published; false for other chains,
 * whose times are not known here. */
bool drand_round_time(const struct hash *chain, uint64_t round, struct utc *ret_time);
