#pragma once

#include <stdbool.h>

#include "lib/base/must.h"
#include "lib/base/text.h"

struct arena;

/* Unpacks a tar (POSIX.1-1988 ustar) that came from somewhere else into `folder`, which must be
 * new.  The archive is checked whole before anything is written: only files and folders, names
 * of [A-Za-z0-9._-] segments that do not start with a dot, at most four deep, each once.  So
 * nothing lands outside, nothing is a link, nothing is overwritten.  False with *reterr. */
MUST_USE bool untar(struct text tar, const char *folder, struct arena *a, const char **reterr);

struct tar_entry {
	const char *name; /* in the arena */
	struct text bytes;
	bool folder;
};

enum tar_result {
	TAR_ENTRY,
	TAR_END,
	TAR_BAD
};

/* Takes the next entry off the front of *rest. */
enum tar_result tar_next(struct text *rest, struct arena *a, struct tar_entry *ret_entry);
