#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/must.h"
#include "lib/base/text.h"

struct arena;

/* Files of a mirror: many, and each can be fetched again, so none waits for the disk. */
MUST_USE bool disk_read(const char *path, size_t limit, struct arena *a, struct text *ret_bytes);

/* Makes the folders; the file appears whole.  False with errno set. */
MUST_USE bool disk_write(const char *path, struct text bytes, struct arena *a);
