#pragma once

#include <stdint.h>

#include "lib/base/hash.h"
#include "lib/base/must.h"
#include "lib/base/sign.h"
#include "lib/base/text.h"

struct arena;

/* A receipt: the market's signed statement that it took an entry, given before the journal's
 * next checkpoint holds it.  A signed note (ledger/note.h) of the key `<origin>/receipts` over
 *
 *   fairlot-receipt/v1
 *   leaf <SHA-256(00 || entry), hex>
 *   kind <kind of the entry>
 *   subject <id>
 *   at <time of the entry>
 *   promise <time by which a checkpoint holds it, or ->
 */
struct receipt {
	struct hash leaf;
	struct text kind, subject;
	struct text at, promise; /* RFC 3339 UTC; promise is empty for "-" */
};

/* The text to be signed. */
struct text receipt_text(struct arena *a, const struct receipt *r);
/* The key's name: `<origin>/receipts`. */
struct text receipt_key_name(struct arena *a, struct text origin);

/* What a receipt says, if this key signed it; views of the note. */
MUST_USE bool receipt_verify(struct text note, struct text key_name,
	const uint8_t key[SIGN_KEY_LEN], struct receipt *ret_receipt);
