#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "daemon/signer.h"

/* The lock file of a log: the newest size and root that were signed, kept by the signer outside
 * the database and its backups, so that a restored database cannot sign a fork.
 *
 *	fairlot-lock/v1
 *	origin <origin of the log>
 *	size <n>
 *	root <hex>
 *
 * It is replaced as a whole, and is on the disk before a signature leaves; whoever reads or
 * replaces it holds flock() on its folder, so several signers may share it. */

/* Fills state, size and root. */
void lock_read(const char *path, struct text origin, struct signer_lock *ret_lock);

/* The checkpoint is of this log and extends what the file holds, by the proof; then the file holds
 * it.  The first one makes the file.  False: the file is as before, unless the disk failed. */
MUST_USE bool
lock_extend(const char *path, struct text checkpoint, const struct hash *proof, size_t len);
