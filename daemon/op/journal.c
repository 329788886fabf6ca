/* The journal as everyone reads it.  What is served here never changes but the checkpoint; the
 * database shows nothing beyond that. */
#include <string.h>

#include "daemon/bind.h"
#include "daemon/cache.h"
#include "daemon/db.h"
#include "daemon/receipt.h"
#include "daemon/task.h"
#include "daemon/tile_cache.h"
#include "daemon/tile_rows.h"
#include "lib/base/hex.h"
#include "lib/ledger/proof.h"
#include "proto/http_field.h"

step_fn journal_text, journal_tile, receipt_get;

enum {
	/* 256 entries of 64 KiB, once as read and once in the answer. */
	BUNDLE_MEMORY = 48 << 20
};

static const char text_type[] = "text/plain; charset=utf-8";

/* ---- the checkpoint, and the keys ---- */

static enum turn
text_reply(struct task *t)
{
	struct text body;

	if (t->replies->err != OK)
		return fail_db(t);
	if (db_rows(t) == 0)
		return fail(t, E_NOT_FOUND, "", "尚未签署检查点", "no checkpoint was signed yet");
	body = db_value(t, 0, "body");
	(void)reply_bytes(t, 200, text_type, body);
	cache_put(t);
	if (t->none_match.at != NULL && field_none_match(t->none_match, t->reply.version))
		return reply_empty(t, 304);
	return TURN_DONE;
}

/* Waits once, for the text. */
enum turn
journal_text(struct task *t)
{
	enum sql_id id = op_steps[t->op - op_table].stmt;

	bind_send(t, id, bind_params(t, id));
	return wait_for(t, text_reply);
}

/* ---- tiles ---- */

static enum turn
tile_answer(struct task *t, struct text body)
{
	t->reply.immutable = true;
	return reply_bytes(t, 200, "application/octet-stream", body);
}

static enum turn
tile_reply(struct task *t)
{
	struct text body;

	if (t->replies->err != OK)
		return fail_db(t);
	body = db_rows(t) == 0 ? (struct text){0} : bind_read_bytes(t, 0, "body");
	if (body.at == NULL)
		return fail(t, E_NOT_FOUND, "", "最新检查点没有此分块",
			"the newest checkpoint has no such tile");
	tile_cache_put(tile_cache_of(t), t->frame, body);
	return tile_answer(t, body);
}

/* Waits once, unless this loop has it. */
enum turn
journal_tile(struct task *t)
{
	struct tile_id *id = arena_new(&t->arena, struct tile_id);
	const char *n, *width;
	struct text body;

	must(tile_path_parse(t->route.args[0], id)); /* it was routed by its form */
	if (tile_cache_get(tile_cache_of(t), id, &body))
		return tile_answer(
			t, text_span(arena_copy(&t->arena, body.at, body.len), body.len));
	t->frame = id;
	n = arena_printf(&t->arena, "%llu", (unsigned long long)id->n);
	width = arena_printf(&t->arena, "%u", id->width);
	if (id->entries) {
		t->arena.limit = t->arena.limit > BUNDLE_MEMORY ? t->arena.limit : BUNDLE_MEMORY;
		db_send(t, SQL_journal_bundle, (const char *[]){n, width});
	} else
		db_send(t, SQL_journal_tile,
			(const char *[]){arena_printf(&t->arena, "%u", id->level), n, width});
	return wait_for(t, tile_reply);
}

/* ---- the receipt of a leaf ---- */

struct receipt_frame {
	struct hash leaf;
	struct receipt_wait promise;
	uint64_t size;
	struct tlog_proof proof;
	struct tile_rows rows;
};

static enum turn
promise_reply(struct task *t)
{
	const struct receipt_frame *frame = t->frame;
	struct text note;

	if (!receipt_note(t, &frame->promise, &note))
		return fail(t, E_BUSY, "", "回执未能签署", "the receipt could not be signed");
	return reply_bytes(t, 200, text_type, note);
}

static enum turn
proof_reply(struct task *t)
{
	struct receipt_frame *frame = t->frame;
	struct tile_source source = tile_rows_source(&frame->rows);

	if (t->replies->err != OK)
		return fail_db(t);
	tile_rows_take(t, &frame->rows);
	if (!tile_inclusion(
		    &source, frame->size, frame->proof.index, frame->proof.path, &frame->proof.len))
		return fail(t, E_INTERNAL, "", "缺少分块", "tiles are absent");
	return reply_bytes(t, 200, text_type, tlog_proof_build(&t->arena, &frame->proof));
}

static enum turn
receipt_decide(struct task *t)
{
	struct receipt_frame *frame = t->frame;
	struct text index, size;

	if (t->replies->err != OK)
		return fail_db(t);
	if (db_rows(t) == 0)
		return fail(t, E_NOT_FOUND, "", "没有条目对应此叶", "no entry has this leaf");
	index = db_value(t, 0, "index");
	size = db_value(t, 0, "size");
	if (index.at == NULL) {
		receipt_ask(t, &frame->leaf, &frame->promise);
		return wait_for(t, promise_reply);
	}
	must(text_u64(index, INT64_MAX, &frame->proof.index) &&
		text_u64(size, INT64_MAX, &frame->size));
	frame->proof.note = db_value(t, 0, "note");
	db_send(t, SQL_journal_path,
		(const char *[]){"journal", arena_str(&t->arena, size.at, size.len),
			arena_str(&t->arena, index.at, index.len)});
	return wait_for(t, proof_reply);
}

/* Waits for the entry, then for its tiles or for the signer. */
enum turn
receipt_get(struct task *t)
{
	struct receipt_frame *frame = arena_new(&t->arena, struct receipt_frame);

	if (!hex_decode(t->route.args[0], frame->leaf.at, HASH_LEN))
		return fail(t, E_NOT_FOUND, "", "叶为 64 位十六进制数", "a leaf is 64 hex digits");
	t->frame = frame;
	bind_send(t, SQL_receipt_get, bind_params(t, SQL_receipt_get));
	return wait_for(t, receipt_decide);
}
