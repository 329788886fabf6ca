#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/must.h"
#include "lib/base/sign.h"
#include "lib/base/text.h"
#include "lib/draw/vrf.h"

struct arena;

/* A witness tells the market its two keys: the VRF key that it contributes to draws with, and the
 * Ed25519 key that it cosigns checkpoints with.  It shows that it holds both over one text:
 *
 *   fairlot-witness/v1
 *   origin <log origin>
 *   name <name in freezes and cosignatures>
 *   vrf-p256 <public key, hex>
 *   ed25519 <public key, hex>
 *   url <where it publishes its proofs, or ->
 *
 * as a signature (Ed25519) and as a VRF proof with this text as alpha.  No draw's alpha and no
 * cosigned text begins so: neither can stand in for the other. */
struct announcement {
	struct text origin, name;
	struct text url; /* empty for "-" */
	uint8_t vrf_key[VRF_KEY_LEN];
	uint8_t sign_key[SIGN_KEY_LEN];
};

/* An id that is not a contributor's own word: not "operator" or "owner". */
bool announcement_name_holds(struct text name);
/* Printable ASCII without blanks, quotes and backslashes, at most 200 characters; may be empty. */
bool announcement_url_holds(struct text url);

struct text announcement_text(struct arena *a, const struct announcement *n);

/* The text says what is asked, and both keys were used on it. */
MUST_USE bool announcement_holds(struct arena *a, const struct announcement *n,
	const uint8_t sig[SIGN_LEN], struct text proof);
