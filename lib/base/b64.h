#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/must.h"
#include "lib/base/text.h"

/* Base64 of RFC 4648 section 4 (with + and /, padded). */

#define B64_LEN(n) (((n) + 2) / 3 * 4)

/* Writes B64_LEN(len) characters and a NUL. */
void b64_encode(const uint8_t *bytes, size_t len, char *ret_text);

/* Strict: whole groups of four, padding only at the end, unused bits zero, nothing else, so
 * that each byte string has one spelling.  False as well when it does not fit into room. */
MUST_USE bool b64_decode(struct text text, uint8_t *ret_bytes, size_t room, size_t *ret_len);
