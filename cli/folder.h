#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/must.h"
#include "lib/base/text.h"
#include "lib/draw/verify.h"

struct arena;

/* A transcript in memory: its files by name, as draw_verify() takes them.  A folder around all
 * of them is taken off, unless it is an attempt's. */
enum {
	FOLDER_FILES_MAX = 10000,
	FOLDER_DEPTH_MAX = 3
};
#define FOLDER_SIZE_MAX ((size_t)512 << 20) /* of all files together */

struct folder {
	struct verify_file *files;
	size_t count;
};

/* Views of the tar's bytes (ustar; GNU and pax headers are passed over).  False with *reterr. */
MUST_USE bool
folder_of_tar(struct arena *a, struct text tar, struct folder *ret_folder, const char **reterr);

/* A folder or a tar on the disk, read whole. */
MUST_USE bool
folder_read(struct arena *a, const char *path, struct folder *ret_folder, const char **reterr);
