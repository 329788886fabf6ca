#pragma once

#include <stdbool.h>

#include "lib/base/must.h"
#include "lib/base/text.h"

struct arena;

/* Takes the next plain file off the front of a tar in memory (ustar; folders, links, devices, GNU
 * and pax headers are passed over).  The bytes are a view; the name, without "./" before it, is of
 * the arena and as the tar has it: whoever writes it to a disk checks it first.  False at the end,
 * and with *reterr, which is otherwise left alone, where it is no sound tar. */
MUST_USE bool tar_next(struct text *tar, struct arena *a, struct text *ret_name,
	struct text *ret_bytes, const char **reterr);
