#pragma once

#include "cli/session.h"
#include "cli/status.h"
#include "cli/witness_log.h"
#include "cli/witness_store.h"
#include "cli/witness_watch.h"
#include "lib/base/arena.h"
#include "lib/base/must.h"

/* A witness at work: pulls, checks, cosigns, contributes. */
struct witness {
	struct session *session;
	struct store store;
	struct witness_log log;
	struct watch watch;
	struct arena kept; /* what is remembered while the program runs */
	struct arena one;  /* of one look */
	uint64_t cosigned; /* size of the checkpoint that the market took a cosignature of */
	bool cosigned_any;
	char said[512]; /* the last complaint: it is not repeated every few seconds */
};

/* Opens the folder and reads the journal that it holds; with `work` no other program may.  Not
 * STATUS_OK: said why on stderr; it is closed all the same. */
MUST_USE enum status
witness_open(struct witness *x, struct session *s, const char *folder, bool work);
void witness_close(struct witness *x);

/* One look.  STATUS_REFUSED: something was refused; with *ret_fork the journal contradicts itself,
 * and nothing is signed any more.  STATUS_UNREACHED: to be tried again. */
MUST_USE enum status witness_turn(struct witness *x, bool *ret_fork);

/* Why the record of a void is not signed, by what the journal shows; NULL: nothing speaks against
 * it. */
const char *witness_void_fault(const struct watch *w, struct text record, struct arena *a);
