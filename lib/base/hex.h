#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/must.h"
#include "lib/base/text.h"

/* Writes 2 * len lower-case characters and a NUL. */
void hex_encode(const uint8_t *bytes, size_t len, char *ret_hex);

/* The value of a digit of either case, or -1. */
int hex_digit(char c);

/* Exactly 2 * len lower-case hex characters, else false. */
MUST_USE bool hex_decode(struct text hex, uint8_t *ret_bytes, size_t len);
