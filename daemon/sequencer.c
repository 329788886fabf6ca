/* All of this runs on loop 0's thread, one task at a time: a round of steps from the lease to the
 * checkpoint.  A step that fails ends the round; the next one starts from what the database and the
 * lock file say. */
#include "daemon/sequencer.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/bind.h"
#include "daemon/config.h"
#include "daemon/db.h"
#include "daemon/fault.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/random.h"
#include "daemon/signer.h"
#include "daemon/task.h"
#include "daemon/tile_rows.h"
#include "lib/base/hex.h"
#include "lib/ledger/note.h"

#define LOG   "journal"
#define LEASE "10s"

enum {
	HOLDER_LEN = 16,
	VKEY_SIZE = 400
};

static _Atomic int halted; /* enum sequencer_halt */

static struct sequencer {
	struct loop *loop; /* NULL: not started */
	char origin[256];  /* of the log: the market's, and /journal */
	char holder[2 * HOLDER_LEN + 1];
	char vkey[VKEY_SIZE]; /* of the log, by this daemon's signer */
	bool running, again, stopping;
	bool leading, known; /* known: edge and lock were compared and are ours to continue */
	bool stored;	     /* the checkpoint of `lock` is public */
	uint64_t lead_ms, checkpoint_ms;
	struct tile_edge edge; /* of all that has an index */
	struct signer_lock lock;
} seq;

static const struct {
	const char *reason, *sentence;
} halts[] = {{"", ""},
#define HALT(name, reason, sentence) {reason, sentence},
	SEQUENCER_HALTS(HALT)
#undef HALT
};

struct round {
	uint64_t size, signed_size;
	struct hash root;
	bool checkpointed;
	int count; /* of the batch */
	struct tile_rows rows;
	struct hash proof[MERKLE_PATH_MAX];
	size_t proof_len;
	struct text checkpoint;
	struct signer_lock lock;
	struct signer_signature signature;
};

static step_fn seq_begin, seq_compare, seq_take, seq_checkpoint, seq_leave;

static enum turn
seq_end(struct task *t)
{
	return reply_empty(t, 204);
}

static void round_start(void);

static void
round_over(void *arg)
{
	struct sequencer *s = arg;

	s->running = false;
	if (s->stopping) {
		if (s->leading)
			(void)task_new_job(s->loop, seq_leave, (struct text){NULL, 0});
		s->leading = false;
	} else if (s->again && !s->loop->draining)
		round_start();
}

static void
round_start(void)
{
	struct task *t = task_new_job(seq.loop, seq_begin, (struct text){NULL, 0});

	seq.running = true;
	seq.again = false;
	t->frame = arena_new(&t->arena, struct round);
	arena_defer(&t->arena, round_over, &seq);
}

/* The database answered other than expected: all is read anew. */
static enum turn
seq_forget(struct task *t, const char *where)
{
	const struct db_reply *r = t->replies;

	seq.known = false;
	seq.leading = false;
	seq.lead_ms = loop_now_ms() + SEQUENCER_ASK_MS;
	if (r != NULL && r->err != OK)
		say(SAY_WARN, "journal.retry", say_str("step", where),
			say_str("error", err_row(r->err)->code));
	return seq_end(t);
}

/* Nothing more is sequenced or signed until an operator has looked (docs/OPERATING.md). */
static enum turn
seq_halt(struct task *t, enum sequencer_halt why)
{
	const struct round *round = t->frame;

	atomic_store(&halted, (int)why);
	say(SAY_ERROR, "journal.halted", say_str("reason", sequencer_reason(why)),
		say_str("why", sequencer_sentence(why)),
		say_int("database_size", (long long)round->size),
		say_int("lock_size", (long long)round->lock.size),
		say_str("lock_file", seq.loop->config->log_lock_file),
		say_str("recovery", "docs/OPERATING.md, \"The journal halts\""));
	return seq_end(t);
}

static uint64_t
number(const struct task *t, const char *column)
{
	uint64_t n;

	must(text_u64(db_value(t, 0, column), INT64_MAX, &n));
	return n;
}

/* ---- the lease ---- */

static enum turn
seq_led(struct task *t)
{
	struct round *round = t->frame;

	if (t->replies->err != OK)
		return seq_forget(t, "lead");
	if (db_rows(t) == 0)
		return seq_forget(t, "");
	round->size = number(t, "size");
	if (!text_is(db_value(t, 0, "ours"), "t"))
		return seq_halt(t, SEQUENCER_HALT_KEY);
	seq.leading = true;
	seq.lead_ms = loop_now_ms() + SEQUENCER_PROLONG_MS;
	round->signed_size = number(t, "signed");
	round->checkpointed = text_is(db_value(t, 0, "checkpointed"), "t");
	memcpy(round->root.at, bind_read_bytes(t, 0, "root").at, HASH_LEN);
	if (seq.known && seq.edge.size == round->size)
		return next(t, seq_take);
	seq.known = false;
	signer_lock(t, text_of(seq.origin), &round->lock);
	return wait_for(t, seq_compare);
}

/* Waits for the lease, when it is not held or has to be prolonged. */
static enum turn
seq_begin(struct task *t)
{
	if (seq.leading && seq.known && loop_now_ms() < seq.lead_ms)
		return next(t, seq_take);
	db_send(t, SQL_journal_lead, (const char *[]){LOG, seq.holder, LEASE, seq.vkey});
	return wait_for(t, seq_led);
}

static enum turn
seq_left(struct task *t)
{
	return seq_end(t);
}

static enum turn
seq_leave(struct task *t)
{
	db_send(t, SQL_journal_leave, (const char *[]){LOG, seq.holder});
	return wait_for(t, seq_left);
}

/* ---- the database against the lock file ---- */

static bool
lock_is_extended(struct round *round)
{
	struct tile_source source = tile_rows_source(&round->rows);

	if (round->lock.size == 0)
		return true;
	return tile_consistency(
		       &source, round->size, round->lock.size, round->proof, &round->proof_len) &&
		merkle_extends(&round->root, round->size, &round->lock.root, round->lock.size,
			round->proof, round->proof_len);
}

static enum turn
seq_edge(struct task *t)
{
	struct round *round = t->frame;
	struct hash root;

	if (t->replies->err != OK)
		return seq_forget(t, "compare");
	tile_rows_take(t, &round->rows);
	if (!tile_rows_edge(&round->rows, round->size, &seq.edge))
		return seq_halt(t, SEQUENCER_HALT_TILES);
	root = tile_edge_root(&seq.edge);
	if (memcmp(root.at, round->root.at, HASH_LEN) != 0)
		return seq_halt(t, SEQUENCER_HALT_ROOT);
	if (!lock_is_extended(round))
		return seq_halt(t, SEQUENCER_HALT_DIFFERS);
	seq.lock = round->lock;
	seq.stored = round->signed_size == round->lock.size;
	seq.known = true;
	say(SAY_INFO, "journal.leads", say_int("size", (long long)round->size),
		say_int("signed", (long long)round->lock.size));
	return next(t, seq_take);
}

/* Waits for the tiles of the right edge, and of the newest leaf that was signed. */
static enum turn
seq_compare(struct task *t)
{
	struct round *round = t->frame;

	if (!round->lock.given)
		return seq_forget(t, "");
	if (round->lock.state == SIGNER_LOCK_BAD)
		return seq_halt(t, SEQUENCER_HALT_LOCK);
	if (round->lock.state == SIGNER_LOCK_ABSENT && round->checkpointed)
		return seq_halt(t, SEQUENCER_HALT_LOST);
	if (round->lock.size > round->size)
		return seq_halt(t, SEQUENCER_HALT_BEHIND);
	db_send(t, SQL_journal_path,
		(const char *[]){LOG, arena_printf(&t->arena, "%" PRIu64, round->size),
			round->lock.size == 0
				? NULL
				: arena_printf(&t->arena, "%" PRIu64, round->lock.size - 1)});
	return wait_for(t, seq_edge);
}

/* ---- a batch ---- */

struct batch {
	struct buf levels, places, tiles, roots;
};

static void
batch_add(struct batch *b, struct hash leaf)
{
	unsigned full = tile_edge_add(&seq.edge, leaf);

	for (unsigned level = 0; level < full; level++) {
		const char *comma = b->levels.len > 1 ? "," : "";

		buf_printf(&b->levels, "%s%u", comma, level);
		buf_printf(
			&b->places, "%s%" PRIu64, comma, (seq.edge.size >> (8 * (level + 1))) - 1);
		buf_add(&b->tiles, seq.edge.at[level], sizeof seq.edge.at[level]);
		buf_add(&b->roots, &seq.edge.root[level], HASH_LEN);
	}
}

static void
batch_init(struct batch *b, struct arena *a)
{
	buf_init(&b->levels, a, 64);
	buf_init(&b->places, a, 64);
	buf_init(&b->tiles, a, (SEQUENCER_BATCH / TILE_WIDTH + 1) * TILE_WIDTH * HASH_LEN);
	buf_init(&b->roots, a, 256);
	buf_char(&b->levels, '{');
	buf_char(&b->places, '{');
}

static enum turn
seq_appended(struct task *t)
{
	struct round *round = t->frame;

	if (t->replies->err != OK || !text_is(db_value(t, 0, "done"), "t"))
		return seq_forget(t, "append");
	if (fault_hit(FAULT_journal_appended))
		_exit(3);
	seq.lead_ms = loop_now_ms() + SEQUENCER_PROLONG_MS;
	seq.again = round->count == SEQUENCER_BATCH;
	return next(t, seq_checkpoint);
}

/* Waits for the write.  The edge is ahead of the database meanwhile; a failure forgets it. */
static enum turn
seq_append(struct task *t, struct text leaves)
{
	const char *size = arena_printf(&t->arena, "%" PRIu64, seq.edge.size);
	struct text ids = db_value(t, 0, "ids");
	struct batch b;
	struct hash root;

	batch_init(&b, &t->arena);
	for (size_t i = 0; i < leaves.len; i += HASH_LEN) {
		struct hash leaf;

		memcpy(leaf.at, leaves.at + i, HASH_LEN);
		batch_add(&b, leaf);
	}
	buf_add(&b.levels, "}", 2);
	buf_add(&b.places, "}", 2);
	root = tile_edge_root(&seq.edge);
	db_send(t, SQL_journal_append,
		(const char *[]){LOG, seq.holder, LEASE, size,
			arena_str(&t->arena, ids.at, ids.len), b.levels.at, b.places.at,
			bind_literal(t, buf_text(&b.tiles)), bind_literal(t, buf_text(&b.roots)),
			bind_literal(t, text_span((const char *)root.at, HASH_LEN))});
	return wait_for(t, seq_appended);
}

static enum turn
seq_taken(struct task *t)
{
	struct round *round = t->frame;
	struct text leaves;

	if (t->replies->err != OK)
		return seq_forget(t, "take");
	round->count = (int)number(t, "count");
	if (round->count == 0)
		return next(t, seq_checkpoint);
	if (fault_hit(FAULT_journal_taken))
		_exit(3);
	leaves = bind_read_bytes(t, 0, "leaves");
	must(leaves.len == (size_t)round->count * HASH_LEN);
	return seq_append(t, leaves);
}

/* Waits for what waits. */
static enum turn
seq_take(struct task *t)
{
	db_send(t, SQL_journal_waiting,
		(const char *[]){LOG, arena_printf(&t->arena, "%d", SEQUENCER_BATCH)});
	return wait_for(t, seq_taken);
}

/* ---- a checkpoint ---- */

static enum turn
seq_stored(struct task *t)
{
	if (t->replies->err != OK || !text_is(db_value(t, 0, "done"), "t"))
		return seq_forget(t, "checkpoint");
	seq.stored = true;
	if (fault_hit(FAULT_journal_stored))
		_exit(3);
	return seq_end(t);
}

static enum turn
seq_signed(struct task *t)
{
	struct round *round = t->frame;
	struct text note;

	if (!round->signature.given) {
		say(SAY_WARN, "journal.unsigned", say_int("size", (long long)seq.edge.size));
		return seq_forget(t, "");
	}
	if (fault_hit(FAULT_journal_signed))
		_exit(3);
	seq.lock.size = seq.edge.size;
	seq.lock.root = round->root;
	seq.stored = false;
	note = note_join(&t->arena, round->checkpoint, text_of(seq.origin), signer_keys()->log,
		round->signature.at);
	db_send(t, SQL_journal_signed,
		(const char *[]){LOG, arena_printf(&t->arena, "%" PRIu64, seq.edge.size),
			bind_literal(t, text_span((const char *)round->root.at, HASH_LEN)),
			arena_str(&t->arena, note.at, note.len)});
	return wait_for(t, seq_stored);
}

/* Waits for the signer, which waits for its disk. */
static enum turn
seq_sign(struct task *t)
{
	struct round *round = t->frame;

	round->root = tile_edge_root(&seq.edge);
	round->checkpoint =
		checkpoint_build(&t->arena, text_of(seq.origin), seq.edge.size, &round->root);
	signer_checkpoint(t, round->checkpoint, round->proof, round->proof_len, &round->signature);
	return wait_for(t, seq_signed);
}

static enum turn
seq_proof(struct task *t)
{
	struct round *round = t->frame;
	struct tile_source source = tile_rows_source(&round->rows);

	if (t->replies->err != OK)
		return seq_forget(t, "proof");
	tile_rows_take(t, &round->rows);
	if (!tile_consistency(
		    &source, seq.edge.size, seq.lock.size, round->proof, &round->proof_len))
		return seq_forget(t, "");
	return next(t, seq_sign);
}

/* Waits for the tiles of the consistency proof. */
static enum turn
seq_checkpoint(struct task *t)
{
	struct round *round = t->frame;
	uint64_t now = loop_now_ms();

	round->proof_len = 0;
	if (now < seq.checkpoint_ms || seq.edge.size == 0 ||
		(seq.stored && seq.edge.size == seq.lock.size))
		return seq_end(t);
	seq.checkpoint_ms = now + SEQUENCER_CHECKPOINT_MS;
	if (seq.lock.size == 0 || seq.lock.size == seq.edge.size)
		return next(t, seq_sign);
	db_send(t, SQL_journal_path,
		(const char *[]){LOG, arena_printf(&t->arena, "%" PRIu64, seq.edge.size),
			arena_printf(&t->arena, "%" PRIu64, seq.lock.size - 1)});
	return wait_for(t, seq_proof);
}

enum sequencer_halt
sequencer_halted(void)
{
	return (enum sequencer_halt)atomic_load(&halted);
}

const char *
sequencer_reason(enum sequencer_halt halt)
{
	return halts[halt].reason;
}

const char *
sequencer_sentence(enum sequencer_halt halt)
{
	return halts[halt].sentence;
}

bool
sequencer_leads(void)
{
	return seq.leading && seq.known && sequencer_halted() == SEQUENCER_RUNS;
}

static void
on_tick(struct loop *loop)
{
	if (seq.loop == NULL || seq.running || sequencer_halted() != SEQUENCER_RUNS ||
		seq.stopping || loop->draining || (!seq.leading && loop_now_ms() < seq.lead_ms))
		return;
	round_start();
}

void
sequencer_start(struct loop *loop)
{
	uint8_t bytes[HOLDER_LEN];
	struct arena a;
	struct text vkey;

	if (loop->config->log_lock_file[0] == '\0')
		return;
	seq = (struct sequencer){.loop = loop};
	(void)snprintf(seq.origin, sizeof seq.origin, "%s/" LOG, loop->config->market_origin);
	arena_init(&a, 4096);
	vkey = note_vkey(&a, text_of(seq.origin), signer_keys()->log);
	must(vkey.len < sizeof seq.vkey);
	memcpy(seq.vkey, vkey.at, vkey.len);
	arena_reset(&a);
	random_bytes(bytes, sizeof bytes);
	hex_encode(bytes, sizeof bytes, seq.holder);
	loop_watch(loop, on_tick);
}

void
sequencer_stop(void)
{
	if (seq.loop == NULL || seq.stopping)
		return;
	seq.stopping = true;
	if (!seq.running)
		round_over(&seq);
}
