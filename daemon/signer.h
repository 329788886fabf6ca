#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/hash.h"
#include "lib/base/must.h"
#include "lib/base/text.h"

struct event_base;
struct task;

/* The keys of the market live in a child process without network and database: it signs what a
 * table permits and nothing else.  One child; every loop has a channel of its own to it, so no
 * loop waits for another.  Answers of a channel come in the order of its questions.
 *
 * The child ends when all channels are closed; when it dies first, every waiting question is
 * answered "not signed" and the daemon stops (an operator restarts it, nothing is lost). */

enum {
	SIGNER_PROOF_LEN = 81,	 /* pi of RFC 9381, P-256 */
	SIGNER_VALUE_LEN = 32,	 /* beta */
	SIGNER_SIGN_LEN = 64,	 /* Ed25519 */
	SIGNER_BODY_MAX = 4096,	 /* a checkpoint and its proof: below 512 + 65 * 32 */
	SIGNER_CHANNELS_MAX = 64 /* loops */
};

/* Public keys, one purpose each. */
struct signer_keys {
	uint8_t vrf[33];     /* the operator's contribution to draws */
	uint8_t receipt[32]; /* signs receipts: <origin>/receipts */
	uint8_t log[32];     /* signs checkpoints of the journal */
};

struct signer_proof {
	bool given;
	uint8_t proof[SIGNER_PROOF_LEN], value[SIGNER_VALUE_LEN];
};
struct signer_signature {
	bool given;
	uint8_t at[SIGNER_SIGN_LEN];
};

/* What the lock file says of the log (daemon/signer_lock.h). */
enum signer_lock_state {
	SIGNER_LOCK_UNUSED, /* there is none for this daemon: it signs no checkpoint */
	SIGNER_LOCK_ABSENT, /* nothing was signed, or the file is lost */
	SIGNER_LOCK_HELD,
	SIGNER_LOCK_BAD /* not readable, or of another log */
};
struct signer_lock {
	bool given;
	enum signer_lock_state state;
	uint64_t size;
	struct hash root;
};

/* Starts the child before any thread exists.  folder holds {log,vrf,receipt}.key (hex and LF,
 * mode 0600), made at the first start; lock is the path of the lock file, "" when checkpoints are
 * not to be signed.  False: the reason is in the log. */
MUST_USE bool signer_start(const char *folder, const char *lock, unsigned channels);
const struct signer_keys *signer_keys(void);
pid_t signer_pid(void);

/* On the loop's own thread: answers of its channel arrive on this base; closed before the base
 * goes.  died is called when the child is gone. */
void signer_attach(unsigned channel, struct event_base *base, void (*died)(void));
void signer_detach(unsigned channel);

/* After the last loop has ended: reaps the child. */
void signer_stop(void);

/* For steps; ret lives in the task's arena and is filled before the task is resumed. */
void signer_prove(struct task *t, struct text alpha, struct signer_proof *ret_proof);
void signer_receipt(struct task *t, struct text note, struct signer_signature *ret_signature);

void signer_lock(struct task *t, struct text origin, struct signer_lock *ret_lock);
/* Signed only if it extends what the lock file holds, by this consistency proof; the lock file is
 * on the disk before the signature is given.  The same size and root again need no proof. */
void signer_checkpoint(struct task *t, struct text checkpoint, const struct hash *proof, size_t len,
	struct signer_signature *ret_signature);

/* The child: fairlotd signer FOLDER LOCK FD …; never called in the daemon. */
int signer_main(int argc, char **argv);
