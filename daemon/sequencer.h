#pragma once

#include <stdbool.h>

struct loop;

/* Gives the entries of the journal their indices, and signs what came of it (docs/JOURNAL.md).
 *
 *	lead      one daemon holds a lease in the database; only one with log.lock_file asks for it
 *	compare   the tree of the database must extend what the lock file says was signed; else it
 *		  halts: nothing is sequenced or signed, everything else goes on
 *	take      up to SEQUENCER_BATCH entries that wait, in order of their outbox id
 *	append    one write gives them indices, with full tiles and the new root
 *	sign      the signer's lock file first, then the signature, then the checkpoint is public
 *
 * Each arrow is a point where the process may die: what was not written is done again, and comes
 * to the same bytes, since a batch's place, its tree and an Ed25519 signature follow from what was
 * written before. */
enum {
	SEQUENCER_BATCH = 4096,
	SEQUENCER_CHECKPOINT_MS = 200, /* at most so often, while entries arrive */
	SEQUENCER_LEASE_S = 10,
	SEQUENCER_PROLONG_MS = 3000,
	SEQUENCER_ASK_MS = 1000 /* whether the lease is free */
};

/* Why it halted, until the next start: HALT(name, reason on /metrics, sentence).  What to do stands
 * in docs/OPERATING.md under the same reasons. */
#define SEQUENCER_HALTS(HALT) \
	HALT(KEY, "log-key", "the log has another key than this daemon's signer") \
	HALT(BEHIND, "database-behind", "the database is behind what was signed") \
	HALT(DIFFERS, "database-differs", "the database differs from what was signed") \
	HALT(LOST, "lock-file-lost", "checkpoints were signed, and the lock file is lost") \
	HALT(LOCK, "lock-file-bad", "the lock file cannot be read, or is of another log") \
	HALT(TILES, "tiles-absent", "tiles of the database are absent") \
	HALT(ROOT, "tiles-differ", "the tiles of the database do not have its root")

enum sequencer_halt {
	SEQUENCER_RUNS,
#define HALT(name, ...) SEQUENCER_HALT_##name,
	SEQUENCER_HALTS(HALT)
#undef HALT
	SEQUENCER_HALTS_END
};

/* From any thread. */
enum sequencer_halt sequencer_halted(void);
const char *sequencer_reason(enum sequencer_halt halt); /* not of SEQUENCER_RUNS */
const char *sequencer_sentence(enum sequencer_halt halt);

/* On loop 0: it holds the lease, and may continue the log. */
bool sequencer_leads(void);

/* On loop 0, before it runs.  Without a lock file it does nothing. */
void sequencer_start(struct loop *loop);

/* The batch at work is finished, then the lease is left to others. */
void sequencer_stop(void);
