#pragma once

#include "lib/draw/pulse.h"

/* Pulses as NIST's beacon makes them, signed by the key of tests/vectors/nist/made_key.pem, and
 * what NIST itself published. */

/* A file of tests/vectors/nist. */
struct text pulse_file(struct arena *a, const char *name);

/* The fields of a pulse that holds; `fill` makes its random values. */
void pulse_make(struct arena *a, uint64_t chain, uint64_t number, struct utc at, uint8_t fill,
	struct pulse *ret_pulse);

/* Signs the fields as they are: the whole bytes. */
struct text pulse_sign(struct arena *a, const struct pulse *p);
