#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/sign.h"
#include "lib/base/time.h"
#include "lib/draw/check.h"
#include "lib/draw/freeze.h"
#include "lib/draw/verify_proof.h"

struct verify_row;

/* What was found of an attempt's proofs, for lib/draw/verify_proof.c alone.  Every byte comes from
 * whoever made the transcript; a file is read once, and what a check needs of it is kept here. */

/* What became of a proof that was looked for. */
enum found_state {
	FOUND_ABSENT,
	FOUND_BAD, /* or its record does not count */
	FOUND_GOOD
};

struct found {
	const char *file;
	enum found_state state;
	uint64_t index, size; /* of the entry, of the checkpoint */
	struct utc at;	      /* the entry's time */
	struct text payload, note;
};

struct vkey {
	struct text name;
	uint8_t key[SIGN_KEY_LEN];
};

struct look {
	const struct verify_proofs *p;
	const struct freeze *f;
	struct verify_row *rows;
	struct text log; /* the log's name; its key: */
	uint8_t key[SIGN_KEY_LEN];
	bool keyed;	    /* the log's key is known, so proofs were looked for */
	const char *absent; /* the first proof that is */
	struct found freeze, result, ended;
	struct found values[FREEZE_CONTRIBUTORS_MAX], keys[FREEZE_CONTRIBUTORS_MAX],
		cosigns[FREEZE_CONTRIBUTORS_MAX];
	struct found *all[3 + 3 * FREEZE_CONTRIBUTORS_MAX]; /* in the order of the page */
	size_t all_count;
	bool witness; /* some contributor is one */
	/* Of witnesses.vkeys: whether it is there, and well-formed. */
	bool vkeys_here, vkeys_good;
	struct vkey *vkeys;
	size_t vkeys_count;
	/* What each witness cosigns with, by contributor; set where cosigners_hold. */
	uint8_t cosigners[FREEZE_CONTRIBUTORS_MAX][SIGN_KEY_LEN];
	bool cosigners_hold;
};

/* Rows: a failure stays; what holds by a mirror is not left. */
void
look_fail(const struct look *l, enum check c, const char *file, uint32_t line, struct text about);
void look_hold(const struct look *l, enum check c, const char *about);
void look_leave(const struct look *l, enum check c, const char *about);
void look_absent(const struct look *l, enum check c);
/* A check goes on when this proof is good; else it is left, or nobody can tell. */
bool look_need(const struct look *l, enum check c, const struct found *f);

/* A file of the attempt, and one beside the attempts' folders. */
bool look_find(const struct look *l, const char *file, struct text *ret_bytes);
bool look_find_beside(const struct look *l, const char *file, struct text *ret_bytes);
bool look_is_witness(const struct freeze *f, size_t i);

/* Sets the log's key; false where none is known. */
bool look_log(struct look *l);
/* witnesses.vkeys, and whether it has a key under a name. */
void look_vkeys(struct look *l);
bool look_has_vkey(const struct look *l, struct text name, const uint8_t key[SIGN_KEY_LEN]);
/* Takes in the proofs of the records, and of the announced keys. */
void look_records(struct look *l);
void look_keys(struct look *l);
