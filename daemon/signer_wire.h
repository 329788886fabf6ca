#pragma once

#include <stddef.h>
#include <stdint.h>

#include "daemon/signer.h"

/* What passes between daemon and signer: messages on a SOCK_SEQPACKET pair, so that one arrives
 * whole or not at all.  A question is sent up to the end of its body.  A change of form is a change
 * of SIGNER_VERSION. */
enum {
	SIGNER_VERSION = 2,
	SIGNER_SAY_MAX = 128
};

enum signer_kind {
	SIGNER_KEYS = 1,   /* -> struct signer_keys */
	SIGNER_PROVE,	   /* alpha -> proof, value */
	SIGNER_RECEIPT,	   /* note text -> signature */
	SIGNER_LOCK,	   /* origin of the log -> state, size as u64, root */
	SIGNER_CHECKPOINT, /* checkpoint's text, 00, hashes of the proof -> signature */
	SIGNER_KINDS
};

struct signer_ask {
	uint16_t version, kind;
	uint32_t serial;
	uint32_t len;
	uint8_t body[SIGNER_BODY_MAX];
};

#define SIGNER_ASK_LEN(len) (offsetof(struct signer_ask, body) + (len))

struct signer_say {
	uint16_t version, kind;
	uint32_t serial;
	uint32_t permitted; /* 0: refused, body is empty */
	uint8_t body[SIGNER_SAY_MAX];
};
