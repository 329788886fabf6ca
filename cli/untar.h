#pragma once

#include <stdbool.h>

#include "lib/base/must.h"
#include "lib/base/text.h"

struct arena;

/* Unpacks the files of a tar that came from somewhere else into `folder`, which must be new.  All
 * names are checked before anything is written: segments of [A-Za-z0-9._-] that do not start with
 * a dot, at most FOLDER_DEPTH_MAX deep.  Links, devices and the like are passed over; nothing
 * lands outside, nothing is overwritten.  False with *reterr. */
MUST_USE bool untar(struct text tar, const char *folder, struct arena *a, const char **reterr);
