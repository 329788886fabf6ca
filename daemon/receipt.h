#pragma once

#include "daemon/signer.h"
#include "daemon/task.h"

/* The last step of a write whose answer carries a signed receipt.  The newest reply has, beside
 * status, version, replayed and body, the columns leaf, kind, subject and at of the entry that
 * the write put into the journal's outbox.  Waits for the signer; Ed25519 is deterministic, so a
 * repeated call gives the same receipt. */
step_fn op_receipt;

/* The signed promise alone, of an entry whose columns kind, subject and at the newest reply has. */
struct receipt_wait {
	struct text text;
	struct signer_signature signature;
};
void receipt_ask(struct task *t, const struct hash *leaf, struct receipt_wait *ret_wait);
/* After the wait; false when the signer did not sign. */
MUST_USE bool receipt_note(struct task *t, const struct receipt_wait *wait, struct text *ret_note);

/* Adds a member to the object that is the final reply's body. */
void reply_add(struct task *t, const char *name, struct text value);
