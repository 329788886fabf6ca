/* The sample lives in an arena of its own, which each sample begins anew; all of it but the reason
 * of a halt is loop 0's. */
#include "daemon/journal_watch.h"

#include <inttypes.h>
#include <stdbool.h>

#include "daemon/cosigner.h"
#include "daemon/db.h"
#include "daemon/loop.h"
#include "daemon/sequencer.h"
#include "daemon/task.h"

static struct watch {
	bool busy;
	uint64_t next_ms, sampled_ms; /* sampled_ms 0: never */
	struct arena arena;
	struct text sample; /* in the format of /metrics */
} watch;

static void
head(struct buf *b, const char *name, const char *help)
{
	buf_printf(b, "# HELP fairlot_journal_%s %s\n# TYPE fairlot_journal_%s gauge\n", name, help,
		name);
}

/* Every value is a number that the database wrote; null is no sample. */
static void
figure(struct task *t, struct buf *b, const char *column, const char *name, const char *help)
{
	struct text value = db_value(t, 0, column);

	if (value.at == NULL)
		return;
	head(b, name, help);
	buf_printf(b, "fairlot_journal_%s " TEXT_FMT "\n", name, TEXT_ARG(value));
}

/* A label's value; names of foreign witnesses may hold anything but blanks. */
static void
label(struct buf *b, struct text value)
{
	for (size_t i = 0; i < value.len; i++) {
		if (value.at[i] == '"' || value.at[i] == '\\')
			buf_char(b, '\\');
		buf_char(b, value.at[i]);
	}
}

static void
witnesses(struct task *t, struct buf *b, const char *column, const char *name, const char *help)
{
	head(b, name, help);
	for (int i = 0; i < db_rows(t); i++) {
		struct text who = db_value(t, i, "name"), value = db_value(t, i, column);

		if (who.at == NULL || value.at == NULL)
			continue;
		buf_printf(b, "fairlot_journal_%s{witness=\"", name);
		label(b, who);
		buf_printf(b, "\"} " TEXT_FMT "\n", TEXT_ARG(value));
	}
}

static enum turn
sampled(struct task *t)
{
	struct text led;
	struct buf b;

	if (t->replies->err != OK || db_rows(t) == 0)
		return reply_empty(t, 204);
	arena_reset(&watch.arena);
	buf_init(&b, &watch.arena, 2048);
	figure(t, &b, "size", "size", "Entries with an index");
	figure(t, &b, "signed", "signed_size", "Entries in the newest checkpoint");
	figure(t, &b, "waiting", "waiting", "Entries without an index, counted up to 10000");
	figure(t, &b, "unsigned_s", "unsigned_seconds",
		"Age of the oldest entry that no checkpoint holds; 0: there is none");
	figure(t, &b, "checkpoint_s", "checkpoint_age_seconds", "Age of the newest checkpoint");
	led = db_value(t, 0, "led");
	head(&b, "lease_held", "1: some daemon holds the lease and sequences");
	buf_printf(&b, "fairlot_journal_lease_held %d\n", text_is(led, "t"));
	witnesses(t, &b, "cosigned", "cosigned_size", "Entries in what a witness cosigned last");
	witnesses(t, &b, "cosigned_s", "cosigned_age_seconds",
		"Time since a cosignature of the witness came in");
	watch.sample = buf_text(&b);
	watch.sampled_ms = loop_now_ms();
	return reply_empty(t, 204);
}

/* Waits for the figures. */
static enum turn
sample(struct task *t)
{
	db_send(t, SQL_journal_watch, (const char *[]){"journal", cosigner_names()});
	return wait_for(t, sampled);
}

static void
sample_over(void *arg)
{
	((struct watch *)arg)->busy = false;
}

static void
on_tick(struct loop *loop)
{
	struct task *t;

	if (watch.busy || loop->draining || loop_now_ms() < watch.next_ms)
		return;
	watch.busy = true;
	watch.next_ms = loop_now_ms() + JOURNAL_WATCH_MS;
	t = task_new_job(loop, sample, (struct text){NULL, 0});
	arena_defer(&t->arena, sample_over, &watch);
}

void
journal_watch_start(struct loop *loop)
{
	arena_init(&watch.arena, SIZE_MAX / 2); /* as long as the process */
	loop_watch(loop, on_tick);
}

void
journal_watch_metrics(struct buf *b)
{
	head(b, "leads", "1: this daemon holds the lease");
	buf_printf(b, "fairlot_journal_leads %d\n", sequencer_leads());
	head(b, "halted", "1: this daemon will not continue the journal, for this reason");
	for (int i = SEQUENCER_RUNS + 1; i < SEQUENCER_HALTS_END; i++)
		buf_printf(b, "fairlot_journal_halted{reason=\"%s\"} %d\n",
			sequencer_reason((enum sequencer_halt)i), (int)sequencer_halted() == i);
	if (watch.sampled_ms == 0)
		return;
	head(b, "sample_age_seconds", "Age of the figures below");
	buf_printf(b, "fairlot_journal_sample_age_seconds %" PRIu64 "\n",
		(loop_now_ms() - watch.sampled_ms) / 1000);
	buf_add(b, watch.sample.at, watch.sample.len);
}

void
journal_watch_ready(struct buf *b)
{
	enum sequencer_halt halt = sequencer_halted();

	if (halt != SEQUENCER_RUNS)
		buf_printf(b, "journal halted: %s: %s\n", sequencer_reason(halt),
			sequencer_sentence(halt));
}
