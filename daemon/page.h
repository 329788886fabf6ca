#pragma once

#include "daemon/task.h"

/* "/", for people: what this is, its public figures, where to look, two lines to paste. */
step_fn page;

/* Where this process is reached and which file holds its certificate, for the lines to paste.
 * Before the loops run; both live as long as the process. */
void page_set(const char *address, const char *cert);
