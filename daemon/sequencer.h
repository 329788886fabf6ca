#pragma once

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

/* On loop 0, before it runs.  Without a lock file it does nothing. */
void sequencer_start(struct loop *loop);

/* The batch at work is finished, then the lease is left to others. */
void sequencer_stop(void);
