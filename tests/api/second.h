#pragma once

#include <stdbool.h>

#include "tests/api/scene.h"

/* The transcript of a draw as it is served, given to both verifiers' programs: `fairlot verify` and
 * verify/bin/fairlot-verify.js.  Both must end with `status` and print the same report, in English
 * and in Chinese; with a beacon of drand, that only the second one knows, the first only says
 * that it was not checked.  The second one's report must say `level` (0: none).  Nothing is
 * asked where the second verifier's packages are not installed. */
bool second_is_there(void);
void second_verifies(struct scene *s, const char *draw, int status, int level);
void second_verifies_beacon(struct scene *s, const char *draw, int status, int level);
