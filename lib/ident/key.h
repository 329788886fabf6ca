#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/must.h"
#include "lib/base/text.h"

/* An API key: "flk_", 30 base62 characters (178 bits) and the CRC-32 of those 30 as 6 more.
 * The CRC finds a mistyped key without the database; it protects nothing. */
enum {
	KEY_PREFIX_LEN = 4,
	KEY_BODY_LEN = 30,
	KEY_CRC_LEN = 6, /* 62^6 > 2^32 */
	KEY_LEN = KEY_PREFIX_LEN + KEY_BODY_LEN + KEY_CRC_LEN,
	KEY_RANDOM_LEN = 64
};

bool key_is_whole(struct text key);

/* The key of a body; false when that is not 30 base62 characters.  Ends with NUL. */
MUST_USE bool key_complete(struct text body, char ret_key[KEY_LEN + 1]);

/* A key from random bytes.  A byte above 247 would favour some characters and is passed over;
 * false when fewer than 30 are left (less than once in 10^40): ask again with other bytes. */
MUST_USE bool key_of_random(const uint8_t random[KEY_RANDOM_LEN], char ret_key[KEY_LEN + 1]);
