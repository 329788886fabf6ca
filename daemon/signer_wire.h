#pragma once

#include <stdint.h>

#include "daemon/signer.h"

/* What passes between daemon and signer: fixed-size messages on a SOCK_SEQPACKET pair, so that a
 * message arrives whole or not at all.  A change of form is a change of SIGNER_VERSION. */
enum {
	SIGNER_VERSION = 1,
	SIGNER_SAY_MAX = 128
};

enum signer_kind {
	SIGNER_KEYS = 1, /* -> struct signer_keys */
	SIGNER_PROVE,	 /* alpha -> proof, value */
	SIGNER_RECEIPT,	 /* note text -> signature */
	SIGNER_KINDS
};

struct signer_ask {
	uint16_t version, kind;
	uint32_t serial;
	uint32_t len;
	uint8_t body[SIGNER_BODY_MAX];
};

struct signer_say {
	uint16_t version, kind;
	uint32_t serial;
	uint32_t permitted; /* 0: refused, body is empty */
	uint8_t body[SIGNER_SAY_MAX];
};
