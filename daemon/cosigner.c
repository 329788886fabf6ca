#include "daemon/cosigner.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/config.h"
#include "daemon/db.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/outbound.h"
#include "daemon/task.h"
#include "daemon/tile_rows.h"
#include "lib/base/b64.h"
#include "lib/ledger/proof.h"

#define LOG "journal"

struct cosigner {
	struct text name;
	const char *url; /* of add-checkpoint */
	uint8_t key[SIGN_KEY_LEN];
	bool busy, told; /* told: what it says differs from ours, and was reported */
	bool old_said;	 /* it told the size that it has */
	uint64_t old;
	uint64_t next_ms, pause_ms;
};

static struct cosigners {
	struct arena arena;
	struct cosigner at[COSIGNER_MAX];
	size_t count;
	const char *names; /* NULL: nobody is asked */
} all;

struct round {
	struct cosigner *w;
	uint64_t size, old;
	const char *note;
	struct tile_rows rows;
	struct outbound_answer answer;
};

/* --- the option --- */

static bool
word_cut(struct text *rest, struct text *ret_word)
{
	while (text_cut(rest, ' ', ret_word))
		if (ret_word->len > 0)
			return true;
	return false;
}

static const char *
option_read(const struct config *c, struct cosigners *ret_all)
{
	struct text rest = text_of(c->log_witnesses), vkey, url;

	ret_all->count = 0;
	while (word_cut(&rest, &vkey)) {
		struct cosigner *w = &ret_all->at[ret_all->count];

		if (ret_all->count == COSIGNER_MAX)
			return "too many of them";
		*w = (struct cosigner){0};
		if (!cosigner_vkey_parse(vkey, &w->name, w->key))
			return "not a key of cosignature/v1";
		if (!word_cut(&rest, &url) || !outbound_url_holds(url))
			return "a key without an https:// address";
		while (url.len > 0 && url.at[url.len - 1] == '/')
			url.len--;
		w->url = arena_printf(&ret_all->arena, TEXT_FMT "/add-checkpoint", TEXT_ARG(url));
		ret_all->count++;
	}
	return NULL;
}

bool
cosigner_check(const struct config *c, char *reterr, size_t reterr_size)
{
	struct cosigners one = {0};
	const char *why;

	arena_init(&one.arena, SIZE_MAX);
	why = option_read(c, &one);
	arena_reset(&one.arena);
	if (why == NULL)
		return true;
	(void)snprintf(reterr, reterr_size, "log.witnesses: %s", why);
	return false;
}

/* --- one round: what is newest, the proof, the request, the cosignature --- */

static void
round_over(void *arg)
{
	((struct cosigner *)arg)->busy = false;
}

static enum turn
round_end(struct task *t)
{
	return reply_empty(t, 204);
}

/* It comes to nothing now. */
static enum turn
round_fail(struct task *t, const char *why)
{
	const struct round *round = t->frame;
	struct cosigner *w = round->w;
	uint64_t pause = 2 * w->pause_ms;

	w->pause_ms = pause == 0		 ? COSIGNER_EVERY_MS
		: pause > COSIGNER_RETRY_MOST_MS ? COSIGNER_RETRY_MOST_MS
						 : pause;
	w->next_ms = loop_now_ms() + w->pause_ms;
	if (!w->told)
		say(SAY_WARN, "journal.witness",
			say_str("name", arena_str(&t->arena, w->name.at, w->name.len)),
			say_str("error", why), say_int("status", round->answer.status));
	w->told = true;
	return round_end(t);
}

static enum turn
cosigner_stored(struct task *t)
{
	const struct round *round = t->frame;

	if (t->replies->err != OK)
		return round_fail(t, err_row(t->replies->err)->code);
	round->w->old_said = false;
	round->w->pause_ms = 0;
	round->w->told = false;
	return round_end(t);
}

/* Of the lines that came, the one of the key we know: other keys are nobody's here. */
static bool
line_find(struct task *t, const struct round *round, const char **ret_line, uint64_t *ret_time_s)
{
	struct text rest = round->answer.body, line;

	while (text_cut(&rest, '\n', &line)) {
		struct text note = text_of(
			arena_printf(&t->arena, "%s" TEXT_FMT "\n", round->note, TEXT_ARG(line)));

		if (!cosignature_verify(note, round->w->name, round->w->key, ret_time_s))
			continue;
		*ret_line = arena_printf(&t->arena, TEXT_FMT "\n", TEXT_ARG(line));
		return true;
	}
	return false;
}

/* 409: it has another size than we thought, and says which. */
static enum turn
cosigner_conflict(struct task *t)
{
	const struct round *round = t->frame;
	struct text body = round->answer.body;
	uint64_t size;

	if (body.len > 0 && body.at[body.len - 1] == '\n')
		body.len--;
	if (!text_u64(body, INT64_MAX, &size) || size == round->old)
		return round_fail(t, "it refuses, and says no other size");
	if (size > round->size)
		return round_fail(t, "it knows a larger journal than this one");
	if (!round->w->old_said)
		round->w->next_ms = 0; /* at once, but not again and again */
	round->w->old = size;
	round->w->old_said = true;
	return round_end(t);
}

static enum turn
cosigner_answered(struct task *t)
{
	const struct round *round = t->frame;
	const struct outbound_answer *a = &round->answer;
	const char *line = NULL;
	uint64_t time_s = 0;

	if (a->status == 409)
		return cosigner_conflict(t);
	if (a->status != 200)
		return round_fail(t, a->status == 0 ? a->why : "it refuses");
	if (!line_find(t, round, &line, &time_s))
		return round_fail(t, "its answer has no cosignature that holds");
	db_send(t, SQL_journal_cosigned,
		(const char *[]){arena_printf(&t->arena, "%" PRIu64, round->size),
			arena_str(&t->arena, round->w->name.at, round->w->name.len), line,
			arena_printf(&t->arena, "%" PRIu64, time_s)});
	return wait_for(t, cosigner_stored);
}

/* Waits for the witness. */
static enum turn
cosigner_send(struct task *t)
{
	struct round *round = t->frame;
	struct tile_source source = tile_rows_source(&round->rows);
	struct hash path[MERKLE_PATH_MAX];
	char line[B64_LEN(HASH_LEN) + 1];
	struct buf body;
	size_t len = 0;

	if (round->old > 0 && round->old < round->size) {
		if (t->replies->err != OK)
			return round_fail(t, err_row(t->replies->err)->code);
		tile_rows_take(t, &round->rows);
		if (!tile_consistency(&source, round->size, round->old, path, &len))
			return round_fail(t, "tiles are absent");
	}
	buf_init(&body, &t->arena, 4096);
	buf_printf(&body, "old %" PRIu64 "\n", round->old);
	for (size_t i = 0; i < len; i++) {
		b64_encode(path[i].at, HASH_LEN, line);
		buf_printf(&body, "%s\n", line);
	}
	buf_printf(&body, "\n%s", round->note);
	outbound_post(t, round->w->url, buf_text(&body), &round->answer);
	return wait_for(t, cosigner_answered);
}

static enum turn
cosigner_decide(struct task *t)
{
	struct round *round = t->frame;
	struct text note;
	uint64_t cosigned;

	if (t->replies->err != OK)
		return round_fail(t, err_row(t->replies->err)->code);
	if (db_rows(t) == 0)
		return round_end(t);
	note = db_value(t, 0, "note");
	round->note = arena_str(&t->arena, note.at, note.len);
	must(text_u64(db_value(t, 0, "size"), INT64_MAX, &round->size) &&
		text_u64(db_value(t, 0, "cosigned"), INT64_MAX, &cosigned));
	if (cosigned == round->size)
		return round_end(t);
	round->old = round->w->old_said ? round->w->old : cosigned;
	if (round->old == 0 || round->old >= round->size)
		return next(t, cosigner_send);
	db_send(t, SQL_journal_path,
		(const char *[]){LOG, arena_printf(&t->arena, "%" PRIu64, round->size),
			arena_printf(&t->arena, "%" PRIu64, round->old - 1)});
	return wait_for(t, cosigner_send);
}

/* Waits for what is newest, for the tiles of the proof, for the witness, for the write. */
static enum turn
cosigner_begin(struct task *t)
{
	const struct round *round = t->frame;

	db_send(t, SQL_journal_cosign_due,
		(const char *[]){arena_str(&t->arena, round->w->name.at, round->w->name.len)});
	return wait_for(t, cosigner_decide);
}

static void
on_tick(struct loop *loop)
{
	uint64_t now = loop_now_ms();

	for (size_t i = 0; i < all.count && !loop->draining; i++) {
		struct cosigner *w = &all.at[i];
		struct round *round;
		struct task *t;

		if (w->busy || now < w->next_ms)
			continue;
		w->busy = true;
		w->next_ms = now + COSIGNER_EVERY_MS;
		t = task_new_job(loop, cosigner_begin, (struct text){NULL, 0});
		arena_defer(&t->arena, round_over, w);
		round = arena_new(&t->arena, struct round);
		round->w = w;
		t->frame = round;
	}
}

const char *
cosigner_names(void)
{
	return all.names == NULL ? "" : all.names;
}

void
cosigner_start(struct loop *loop)
{
	struct buf b;

	/* Whoever sequences asks: one daemon, or those that share its lock file. */
	if (loop->config->log_lock_file[0] == '\0')
		return;
	arena_init(&all.arena, SIZE_MAX);
	must(option_read(loop->config, &all) == NULL);
	if (all.count == 0)
		return;
	buf_init(&b, &all.arena, 256);
	for (size_t i = 0; i < all.count; i++)
		buf_printf(&b, "%s" TEXT_FMT, i == 0 ? "" : " ", TEXT_ARG(all.at[i].name));
	buf_char(&b, '\0');
	all.names = b.at;
	loop_watch(loop, on_tick);
}
