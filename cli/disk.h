#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/must.h"
#include "lib/base/text.h"

struct arena;

/* Files of a mirror.  All answer false with errno set. */
MUST_USE bool disk_read(const char *path, size_t limit, struct arena *a, struct text *ret_bytes);

/* Makes the folders; the file appears whole.  A mirror's files are many, and each can be fetched
 * again, so none waits for the disk unless `sync` asks for it: a name that is there after a loss of
 * power then has its bytes. */
MUST_USE bool disk_write(const char *path, struct text bytes, bool sync, struct arena *a);

/* The first `keep` bytes stay; `bytes` follow them and are the end. */
MUST_USE bool disk_append(const char *path, size_t keep, struct text bytes, bool sync);

/* A folder and all in it, without following links. */
void disk_remove(const char *folder);
/* Syncs the folder of a file: a new name is on the disk only when its folder is. */
MUST_USE bool disk_folder_sync(const char *path, struct arena *a);
