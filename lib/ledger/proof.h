#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/base/hash.h"
#include "lib/base/must.h"
#include "lib/base/sign.h"
#include "lib/base/text.h"
#include "lib/ledger/merkle.h"
#include "lib/ledger/note.h"

struct arena;

/* Proofs that can be checked without the log: C2SP tlog-proof, the form of a receipt once its entry
 * is in a checkpoint, and C2SP tlog-cosignature, a witness's line under a checkpoint. */

/* A checkpoint of the log with this origin, which is its key's name too. */
struct checkpoint {
	uint64_t size;
	struct hash root;
	struct text text; /* what is signed; a view of the note */
};

/* The note is signed by this key and is a checkpoint of its log. */
MUST_USE bool checkpoint_verify(struct text note, struct text origin,
	const uint8_t key[SIGN_KEY_LEN], struct checkpoint *ret_checkpoint);

/*   c2sp.org/tlog-proof@v1
 *   extra <base64>            may be absent
 *   index <n>
 *   <base64 hash>             from the leaf's sibling up
 *                             an empty line, then the checkpoint's note
 * Nothing vouches for the extra data by itself; in a draw's transcript it is the entry whose leaf
 * is proved. */
struct tlog_proof {
	struct text extra; /* in base64; empty: none */
	uint64_t index;
	size_t len;
	struct hash path[MERKLE_PATH_MAX];
	struct text note;
};

struct text tlog_proof_build(struct arena *a, const struct tlog_proof *p);
MUST_USE bool tlog_proof_parse(struct text text, struct tlog_proof *ret_proof);

/* The proof's checkpoint is the log's, and holds this leaf. */
MUST_USE bool tlog_proof_verify(struct text text, const struct hash *leaf, struct text origin,
	const uint8_t key[SIGN_KEY_LEN], struct tlog_proof *ret_proof,
	struct checkpoint *ret_checkpoint);

/* cosignature/v1.  What a witness signs at a time (POSIX seconds): the checkpoint's text behind two
 * lines `cosignature/v1` and `time <seconds>`. */
struct text cosignature_text(struct arena *a, struct text checkpoint, uint64_t time_s);

/* `— <name> <base64 of key id, time as u64, signature>` LF, to be put under the note. */
struct text cosignature_line(struct arena *a, struct text name, const uint8_t key[SIGN_KEY_LEN],
	uint64_t time_s, const uint8_t sig[SIGN_LEN]);

/* What this witness says under a note; times are the earliest and the latest. */
struct cosigned {
	size_t count;
	uint64_t first_s, last_s;
};

/* False when a cosignature of this witness is not valid, or the note is none or has a longer text
 * than a checkpoint. */
MUST_USE bool cosignatures_read(struct text note, struct text name, const uint8_t key[SIGN_KEY_LEN],
	struct cosigned *ret_said);

/* The note carries a valid cosignature of this witness, and none of it that is not valid. */
MUST_USE bool cosignature_verify(
	struct text note, struct text name, const uint8_t key[SIGN_KEY_LEN], uint64_t *ret_time_s);

/* `<name>+<key id hex>+<base64 of 04 || key>`. */
struct text cosigner_vkey(struct arena *a, struct text name, const uint8_t key[SIGN_KEY_LEN]);
MUST_USE bool
cosigner_vkey_parse(struct text vkey, struct text *ret_name, uint8_t ret_key[SIGN_KEY_LEN]);
