#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/text.h"

struct config;

/* What is configured of NIST's randomness beacon 2.0: the certificate that its pulses are held
 * against, and a pulse whose time is known.  Both or neither. */
enum {
	NIST_CERTIFICATE_MAX = 16384,
	NIST_PULSE_TEXT = 40
};

/* Once, before the loops; false with *reterr when an option is wrong. */
bool nist_open(const struct config *c, char *reterr, size_t reterr_size);

/* PEM; empty: no pulse can be checked here. */
struct text nist_certificate(void);

/* `<pulse> <seconds since 1970>`, as market.setting has it; empty: none. */
const char *nist_pulse(void);
