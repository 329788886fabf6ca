#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/hash.h"
#include "lib/base/must.h"
#include "lib/base/text.h"
#include "lib/base/time.h"

struct arena;
struct contributor;

/* A pulse of NIST's randomness beacon 2.0, as the bytes that its outputValue is the SHA-512 of: the
 * signed fields, then the signature.  Their form is docs/DRAW.md's, after NIST's beacon-2.0.xsd. */
enum {
	PULSE_MAX = 2048,
	PULSE_LINKS = 5, /* previous, hour, day, month, year */
	PULSE_URI_MAX = 255,
	PULSE_VERSION_MAX = 32,
	PULSE_TIME_LEN = 24, /* with exactly milliseconds */
	PULSE_SIGNATURE_LEAST = 256,
	PULSE_SIGNATURE_MOST = 1024
};

/* Texts are borrowed; what NIST shows in hex is bytes here, HASH512_LEN of them. */
struct pulse {
	struct text uri, version, time;
	uint32_t cipher_suite, period_ms, external_status, status;
	uint64_t chain, number;
	struct text certificate, local, external_source, external_value, links[PULSE_LINKS],
		precommitment;
	struct text signature;
	/* Set by parsing. */
	struct text message; /* what is signed */
	struct utc at;
};

/* False: not of the form, or longer than PULSE_MAX. */
MUST_USE bool pulse_parse(struct text given, struct pulse *ret_pulse);

/* The bytes of these fields, in the form and with the signature, which may be empty yet.  It does
 * not look whether the form would be read. */
struct text pulse_build(struct arena *a, const struct pulse *p);

enum pulse_fault {
	PULSE_HOLDS,
	PULSE_OTHER,	/* of another chain, or another pulse */
	PULSE_BROKEN,	/* its status: a new chain, or a lost precommitment */
	PULSE_UNPINNED, /* it names another certificate */
	PULSE_UNSIGNED	/* the signature does not hold */
};

/* Whether this is the pulse that the contributor of a freeze names, by the certificate (PEM).
 * With an empty certificate the last two are not asked. */
enum pulse_fault
pulse_judge(const struct pulse *p, const struct contributor *c, struct text certificate);
