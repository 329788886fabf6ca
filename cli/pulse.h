#pragma once

#include <stdbool.h>

#include "lib/base/must.h"
#include "lib/base/text.h"

struct arena;

/* The JSON in which NIST's beacon answers a pulse, as the bytes that are given (draw/pulse.h).
 * The outputValue must be theirs; the signature is not asked.  False with *reterr. */
MUST_USE bool
pulse_of_json(struct arena *a, struct text json, struct text *ret_given, const char **reterr);
