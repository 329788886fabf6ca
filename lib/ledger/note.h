#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/hash.h"
#include "lib/base/must.h"
#include "lib/base/sign.h"
#include "lib/base/text.h"

struct arena;

/* Signed notes (C2SP signed-note): a text of whole lines, an empty line, then signature lines
 * `— <key name> <base64 of key id || signature>`.  And the text of a log's checkpoint (C2SP
 * tlog-checkpoint), which such a note carries.  Ed25519 only. */
enum {
	NOTE_ID_LEN = 4,
	NOTE_NAME_MAX = 255,
	NOTE_SIGNATURES_MAX = 100,
	NOTE_SIGNATURE_MAX = 1024,
	CHECKPOINT_TEXT_MAX = 4096, /* the signed text, extension lines too */
	/* The byte of the signature's type, which enters the key id. */
	NOTE_ED25519 = 1,
	NOTE_COSIGNATURE = 4
};

/* The first four bytes of SHA-256(name || LF || type || key); type 1 where none is named. */
void note_key_id(struct text name, const uint8_t key[SIGN_KEY_LEN], uint8_t ret_id[NOTE_ID_LEN]);
void note_key_id_of(struct text name, uint8_t type, const uint8_t key[SIGN_KEY_LEN],
	uint8_t ret_id[NOTE_ID_LEN]);

/* `<name>+<key id hex>+<base64 of type || key>`, as verifiers are configured with. */
struct text note_vkey(struct arena *a, struct text name, const uint8_t key[SIGN_KEY_LEN]);
MUST_USE bool
note_vkey_parse(struct text vkey, struct text *ret_name, uint8_t ret_key[SIGN_KEY_LEN]);
struct text
note_vkey_of(struct arena *a, struct text name, uint8_t type, const uint8_t key[SIGN_KEY_LEN]);
MUST_USE bool note_vkey_parse_of(
	struct text vkey, uint8_t type, struct text *ret_name, uint8_t ret_key[SIGN_KEY_LEN]);

/* Not empty, UTF-8, without blanks and "+". */
bool note_name_holds(struct text name);

/* The note of one signature made over `text` (sign_make), which ends with LF.  Whoever holds the
 * key signs; so it may live in another process. */
struct text note_join(struct arena *a, struct text text, struct text name,
	const uint8_t key[SIGN_KEY_LEN], const uint8_t sig[SIGN_LEN]);
struct text
note_sign(struct arena *a, struct text text, struct text name, const uint8_t seed[SIGN_SEED_LEN]);

/* The note is well-formed and has a valid signature of this key and none of it that is not valid;
 * signatures of other keys are passed over.  *ret_text is the signed text. */
MUST_USE bool note_verify(
	struct text note, struct text name, const uint8_t key[SIGN_KEY_LEN], struct text *ret_text);

/* The parts of a note, for signatures of other types.  A signature is the key id and what follows
 * it; false at the first line that is none, and where nothing is left. */
struct note_signature {
	struct text name;
	uint8_t bytes[NOTE_SIGNATURE_MAX];
	size_t len; /* above NOTE_ID_LEN */
};
MUST_USE bool note_split(struct text note, struct text *ret_text, struct text *ret_signatures);
MUST_USE bool note_signature_cut(struct text *signatures, struct note_signature *ret_signature);
/* A signature line: key id and signature in base64. */
struct text note_line(struct arena *a, struct text name, const uint8_t *signature, size_t len);

/* `<origin>` LF `<size>` LF `<base64 root>` LF */
struct text
checkpoint_build(struct arena *a, struct text origin, uint64_t size, const struct hash *root);
/* Extension lines after the three are allowed and passed over. */
MUST_USE bool checkpoint_parse(
	struct text text, struct text *ret_origin, uint64_t *ret_size, struct hash *ret_root);
