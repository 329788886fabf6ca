#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/must.h"
#include "lib/base/text.h"

/* Money as people write it, to fen and back, as decimal text: never floating point, and never
 * rounded.  What has a fraction of a fen, or exceeds 2^53-1 fen, is refused. */

enum amount_unit {
	AMOUNT_FEN,  /* 分 */
	AMOUNT_YUAN, /* 元 */
	AMOUNT_WAN   /* 万元 */
};

/* Digits, with at most one point between digits. */
MUST_USE bool amount_parse(struct text text, enum amount_unit unit, int64_t *ret_fen);

/* The same with the unit written behind: "12.5万" "12.5万元" "125000元" "12500000分".  Without a
 * unit it is refused: a bare number would be guessed. */
MUST_USE bool amount_parse_unit(struct text text, int64_t *ret_fen);

enum {
	AMOUNT_TEXT = 32
};

/* "125,000.00": yuan with two places. */
void amount_format(int64_t fen, char ret_text[AMOUNT_TEXT]);
