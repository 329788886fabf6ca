#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/hash.h"
#include "lib/base/must.h"
#include "lib/base/sign.h"
#include "lib/base/text.h"
#include "lib/draw/announce.h"
#include "lib/draw/vrf.h"

struct arena;

/* The folder of a witness.  What is written here before anything is sent is what makes it one: it
 * never cosigns two histories and never answers twice for one attempt, whatever it is told later.
 *
 *   vrf.key cosign.key     secrets, hex and LF, mode 0600
 *   market                 `origin`, `log` (the journal's key), `name`, `url`: a line each
 *   checkpoint             the newest checkpoint that was seen and found to extend those before
 *   mirror/                the journal, as `fairlot journal mirror` keeps it
 *   answers/DRAW.ATTEMPT   `<F> <proof>`: the one answer to this attempt, for ever
 *   public/                to be served to everyone: announcement, checkpoint with cosignature,
 *                          proofs, refusals, evidence
 *   lock                   held while a program works in the folder */
struct store {
	const char *folder;
	int lock;
	struct announcement own; /* texts live as long as the arena of store_open() */
	uint8_t vrf_secret[VRF_SECRET_LEN], seed[SIGN_SEED_LEN];
	struct text vkey;     /* of the journal */
	struct text log_name; /* `<origin>/journal` */
	uint8_t log_key[SIGN_KEY_LEN];
};

/* The market's origin and the journal's name, by the key of its journal; false: it is none. */
MUST_USE bool store_log(struct text vkey, struct text *ret_origin, struct text *ret_log_name,
	uint8_t ret_key[SIGN_KEY_LEN]);

/* Makes the folder with new keys; refuses one that has keys. */
MUST_USE bool store_init(const char *folder, const struct announcement *n, struct text vkey,
	struct arena *a, const char **reterr);

/* Reads it, and with `work` locks it against a second program; whoever only signs or shows what is
 * there need not. */
MUST_USE bool
store_open(struct store *s, const char *folder, bool work, struct arena *a, const char **reterr);
void store_close(struct store *s);

/* The announcement with its two proofs: the body of POST /v1/witnesses. */
struct text store_announcement(const struct store *s, struct arena *a);

/* The remembered checkpoint as it was signed; empty text when there is none yet. */
MUST_USE bool store_checkpoint(
	const struct store *s, struct arena *a, struct text *ret_note, const char **reterr);
MUST_USE bool store_remember(const struct store *s, struct text note, struct arena *a);

enum store_answer {
	STORE_NEW,   /* kept now, on the disk */
	STORE_SAME,  /* it was given before */
	STORE_OTHER, /* another freeze was answered: *ret_kept is its F */
	STORE_BROKEN /* the disk: errno */
};
/* The first answer to an attempt stays. */
enum store_answer
store_answer_keep(const struct store *s, struct text draw, uint32_t attempt, const struct hash *f,
	const uint8_t proof[VRF_PROOF_LEN], struct arena *a, struct hash *ret_kept);

/* A file below public/, replaced in one step. */
MUST_USE bool
store_publish(const struct store *s, const char *name, struct text bytes, struct arena *a);
/* A line behind public/refusals.txt, with the time. */
void store_refuse(const struct store *s, const char *what, struct arena *a);
