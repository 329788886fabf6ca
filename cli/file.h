#pragma once

#include <stdbool.h>
#include <sys/types.h>
#include <stddef.h>

#include "lib/base/must.h"
#include "lib/base/text.h"

struct arena;

enum {
	FILE_SIZE_MAX = 256 << 20 /* a transcript of 100,000 candidates is below 64 MiB */
};

/* The whole file, NUL behind it; "-" is standard input.  False with errno set; EFBIG above
 * limit. */
MUST_USE bool file_read(const char *path, size_t limit, struct arena *a, struct text *ret_bytes);

/* A new file that only its owner can read, on the disk when this returns; EEXIST if there is
 * one.  Missing folders are made, for the owner alone. */
MUST_USE bool file_keep(const char *path, struct text bytes, struct arena *a);

/* Makes the folders above path that are missing. */
MUST_USE bool file_make_folders(const char *path, mode_t mode, struct arena *a);

/* Replaces the file in one step. */
MUST_USE bool file_replace(const char *path, struct text bytes, struct arena *a);

/* Somebody besides the owner may read it. */
bool file_is_open(const char *path);
