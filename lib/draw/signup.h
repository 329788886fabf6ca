#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/hash.h"
#include "lib/base/must.h"
#include "lib/base/text.h"
#include "lib/draw/check.h"

struct arena;

/* Sign-ups stay sealed until the freeze: their journal entries name nobody and carry a hash, which
 * signups.txt (`<id> <salt hex>`) opens; signups.bin holds the entries (u16 length || entry), in
 * the same order. */
enum {
	SIGNUP_SALT_LEN = 16
};

struct signup {
	struct text id; /* the agency */
	uint8_t salt[SIGNUP_SALT_LEN];
	struct text entry;
	struct hash leaf; /* of the entry; set by parsing */
};

/* SHA-256(tag("signup") || lp(draw) || lp(agency) || salt) */
struct hash signup_seal(struct text draw, struct text agency, const uint8_t salt[SIGNUP_SALT_LEN]);

/* The journal entry of a sign-up at `time` (2026-08-31T18:43:15.000000Z). */
struct text
signup_entry(struct arena *a, struct text draw, struct text time, const struct hash *seal);

/* The two files; the array is sorted bytewise by id. */
void signups_build(struct arena *a, const struct signup *at, size_t count, struct text *ret_txt,
	struct text *ret_bin);
MUST_USE enum check signups_parse(struct arena *a, struct text txt, struct text bin,
	struct signup **ret_at, size_t *ret_count, uint32_t *reterr_line);

/* draw is `of`, or `of` with one more part that starts with a small letter: its sign-ups are those
 * of `of`. */
bool signup_is_of(struct text of, struct text draw);

/* The entry is a sign-up of this draw or, when the draw is a tie or coefficient of a round
 * (`<round's draw>.<purpose>`), of the round's draw; and its seal opens. */
MUST_USE enum check signup_check(const struct signup *s, struct text draw);
