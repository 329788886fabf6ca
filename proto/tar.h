#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/base/text.h"

/* Writes a ustar archive (POSIX.1-1988) of plain files: mode 0644, no owner, time 0, so that the
 * same files always give the same bytes. */
enum {
	TAR_NAME_MAX = 99
};

/* Appends one file; its name is relative, of at most TAR_NAME_MAX bytes. */
void tar_add(struct buf *b, struct text name, struct text body);

/* The same in parts: the head of a file of this size, its bytes, what fills its last block. */
void tar_head(struct buf *b, struct text name, uint64_t size);
void tar_fill(struct buf *b, uint64_t size);

/* The two empty blocks that end an archive. */
void tar_end(struct buf *b);
