#pragma once

#include "daemon/task.h"

/* The last step of a write whose answer carries a signed receipt.  The newest reply has, beside
 * status, version, replayed and body, the columns leaf, kind, subject and at of the entry that
 * the write put into the journal's outbox.  Waits for the signer; Ed25519 is deterministic, so a
 * repeated call gives the same receipt. */
step_fn op_receipt;

/* Adds a member to the object that is the final reply's body. */
void reply_add(struct task *t, const char *name, struct text value);
