#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/hash.h"
#include "lib/base/must.h"
#include "lib/base/text.h"
#include "lib/draw/check.h"

struct arena;

/* void.txt: why an attempt has no result that counts, who stalled it, and who says so. */
struct void_record {
	struct text draw;
	uint32_t attempt;
	bool has_freeze; /* voided before the freeze: "-" */
	struct hash freeze;
	struct text reason;
	struct text stalled; /* a contributor's name; empty for "-" */
	struct text by[2];   /* both empty, "- -", when a rule of the market ended the round */
	struct text at;	     /* whole seconds, UTC */
};

/* Checked by parsing what was written. */
MUST_USE enum check void_build(struct arena *a, const struct void_record *v, struct text *ret_text);
MUST_USE enum check
void_parse(struct text text, struct void_record *ret_void, uint32_t *reterr_line);
