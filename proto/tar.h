#pragma once

#include <stddef.h>

#include "lib/base/text.h"

/* Writes a ustar archive (POSIX.1-1988) of plain files: mode 0644, no owner, time 0, so that the
 * same files always give the same bytes. */
enum {
	TAR_NAME_MAX = 99
};

/* Appends one file; its name is relative, of at most TAR_NAME_MAX bytes. */
void tar_add(struct buf *b, struct text name, struct text body);

/* The two empty blocks that end an archive. */
void tar_end(struct buf *b);
