/* The records of a draw, as a tar or one by one.  Short ones come with the list of them; long ones
 * are read part by part and streamed, so that 100,000 candidates take no more memory than ten.  The
 * proofs are made here, from one statement for all entries and one for all tiles. */
#include <string.h>

#include "daemon/bind.h"
#include "daemon/db.h"
#include "daemon/db_stream.h"
#include "daemon/task.h"
#include "daemon/tile_rows.h"
#include "lib/base/b64.h"
#include "lib/ledger/proof.h"
#include "proto/tar.h"

step_fn draw_transcript, draw_file;

enum {
	AFTER_LEN = 64,		     /* an agency's id, or a number */
	TRANSCRIPT_MEMORY = 16 << 20 /* tiles and entries of the proofs of all attempts */
};

/* Views of the list's rows, which live as long as the stream. */
struct record_file {
	struct text name, body; /* body at NULL: in parts */
	const char *attempt, *n;
	uint64_t size;
};

/* A proof to be made: views of its row. */
struct proof_row {
	struct text name, entry, note;
	uint64_t index, size;
};

struct transcript_frame {
	bool tar;
	struct proof_row *proofs;
	size_t proofs_count;
	const char *id, *type;
	struct record_file *files;
	size_t count, now;
	bool more;		   /* of the file at hand, behind `after` */
	char after[AFTER_LEN + 1]; /* outlives the parts */
};

static step_fn file_next;

static void
file_begin(const struct transcript_frame *frame, struct buf *b)
{
	const struct record_file *f = &frame->files[frame->now];

	if (frame->tar)
		tar_head(b, f->name, f->size);
}

static void
file_end(struct transcript_frame *frame, struct buf *b)
{
	if (frame->tar)
		tar_fill(b, frame->files[frame->now].size);
	frame->now++;
	if (frame->tar && frame->now == frame->count)
		tar_end(b);
}

static enum turn
part_chunk(struct task *t)
{
	struct transcript_frame *frame = t->frame;
	struct text body, next;
	struct buf b;

	if (t->replies->err != OK)
		return fail_db(t);
	body = bind_read_bytes(t, 0, "body");
	next = db_value(t, 0, "next");
	buf_init(&b, &t->arena, body.len + 4096);
	if (!frame->more)
		file_begin(frame, &b);
	buf_add(&b, body.at, body.len);
	frame->more = next.at != NULL;
	if (frame->more) {
		must(next.len <= AFTER_LEN);
		memcpy(frame->after, next.at, next.len);
		frame->after[next.len] = '\0';
	} else {
		file_end(frame, &b);
	}
	return stream_chunk(t, buf_text(&b), frame->now == frame->count ? stream_end : file_next);
}

/* Waits for a part, or sends what is here. */
static enum turn
file_next(struct task *t)
{
	struct transcript_frame *frame = t->frame;
	const struct record_file *f = &frame->files[frame->now];
	struct buf b;

	if (f->body.at == NULL) {
		db_send(t, SQL_draw_part,
			(const char *[]){
				frame->id, f->attempt, f->n, frame->more ? frame->after : NULL});
		return wait_for(t, part_chunk);
	}
	buf_init(&b, &t->arena, f->body.len + 4096);
	file_begin(frame, &b);
	buf_add(&b, f->body.at, f->body.len);
	file_end(frame, &b);
	return stream_chunk(t, buf_text(&b), frame->now == frame->count ? stream_end : file_next);
}

static const char *
column(struct task *t, int row, const char *name)
{
	struct text value = db_value(t, row, name);

	return arena_str(&t->arena, value.at, value.len);
}

/* The files of the newest reply. */
static void
files_take(struct task *t, struct transcript_frame *frame)
{
	frame->count = (size_t)db_rows(t);
	frame->files = arena_array(&t->arena, struct record_file, frame->count);
	for (int i = 0; i < db_rows(t); i++) {
		struct record_file *f = &frame->files[i];

		*f = (struct record_file){.name = db_value(t, i, "name"),
			.body = bind_read_bytes(t, i, "body"),
			.attempt = column(t, i, "attempt"),
			.n = column(t, i, "n")};
		must(text_u64(db_value(t, i, "size"), INT64_MAX, &f->size));
	}
}

/* What is here, or the first part of what is not. */
static enum turn
transcript_send(struct task *t)
{
	struct transcript_frame *frame = t->frame;
	struct buf b;

	for (size_t i = 0; i < frame->count; i++)
		if (frame->files[i].body.at == NULL) {
			stream_begin(t, 200, frame->type);
			return next(t, file_next);
		}
	buf_init(&b, &t->arena, 16 * 1024);
	while (frame->now < frame->count) {
		const struct record_file *f = &frame->files[frame->now];

		file_begin(frame, &b);
		buf_add(&b, f->body.at, f->body.len);
		file_end(frame, &b);
	}
	return reply_bytes(t, 200, frame->type, buf_text(&b));
}

/* ---- proofs ---- */

static bool
proof_build(struct task *t, const struct proof_row *row, const struct tile_source *source,
	struct record_file *ret_file)
{
	struct tlog_proof proof = {.index = row->index, .note = row->note};
	char *extra = arena_alloc(&t->arena, B64_LEN(row->entry.len) + 1);

	b64_encode((const uint8_t *)row->entry.at, row->entry.len, extra);
	proof.extra = text_of(extra);
	if (!tile_inclusion(source, row->size, row->index, proof.path, &proof.len))
		return false;
	*ret_file = (struct record_file){
		.name = row->name, .body = tlog_proof_build(&t->arena, &proof)};
	ret_file->size = ret_file->body.len;
	return true;
}

static enum turn
paths_reply(struct task *t)
{
	struct transcript_frame *frame = t->frame;
	struct record_file *files =
		arena_array(&t->arena, struct record_file, frame->count + frame->proofs_count);
	struct tile_rows rows;
	struct tile_source source;

	if (t->replies->err != OK)
		return fail_db(t);
	tile_rows_take(t, &rows);
	source = tile_rows_source(&rows);
	if (frame->count > 0)
		memcpy(files, frame->files, frame->count * sizeof files[0]);
	frame->files = files;
	for (size_t i = 0; i < frame->proofs_count; i++)
		if (!proof_build(t, &frame->proofs[i], &source, &files[frame->count++]))
			return fail(t, E_INTERNAL, "", "缺少分块", "tiles are absent");
	return next(t, transcript_send);
}

static enum turn
proofs_reply(struct task *t)
{
	struct transcript_frame *frame = t->frame;
	struct buf sizes, leaves;

	if (t->replies->err != OK)
		return fail_db(t);
	if (db_rows(t) == 0 && frame->count == 0)
		return fail(t, E_NOT_FOUND, "", "没有此记录", "there is no such record");
	frame->proofs_count = (size_t)db_rows(t);
	frame->proofs = arena_array(&t->arena, struct proof_row, frame->proofs_count);
	buf_init(&sizes, &t->arena, 256);
	buf_init(&leaves, &t->arena, 256);
	for (int i = 0; i < db_rows(t); i++) {
		struct proof_row *row = &frame->proofs[i];

		*row = (struct proof_row){.name = db_value(t, i, "name"),
			.entry = bind_read_bytes(t, i, "entry"),
			.note = db_value(t, i, "note")};
		must(text_u64(db_value(t, i, "index"), INT64_MAX, &row->index) &&
			text_u64(db_value(t, i, "size"), INT64_MAX, &row->size));
		buf_printf(&sizes, "%c%llu", i == 0 ? '{' : ',', (unsigned long long)row->size);
		buf_printf(&leaves, "%c%llu", i == 0 ? '{' : ',', (unsigned long long)row->index);
	}
	if (frame->proofs_count == 0)
		return next(t, transcript_send);
	buf_str(&sizes, "}");
	buf_str(&leaves, "}");
	db_send(t, SQL_journal_paths,
		(const char *[]){"journal", arena_str(&t->arena, sizes.at, sizes.len),
			arena_str(&t->arena, leaves.at, leaves.len)});
	return wait_for(t, paths_reply);
}

static enum turn
proofs_ask(struct task *t, const char *file)
{
	struct transcript_frame *frame = t->frame;

	if (t->arena.limit < TRANSCRIPT_MEMORY)
		t->arena.limit = TRANSCRIPT_MEMORY;
	db_send(t, SQL_draw_proofs, (const char *[]){frame->id, file});
	return wait_for(t, proofs_reply);
}

/* ---- the operations ---- */

static enum turn
transcript_reply(struct task *t)
{
	struct transcript_frame *frame = t->frame;

	if (t->replies->err != OK)
		return fail_db(t);
	if (db_rows(t) == 0)
		return fail(t, E_NOT_FOUND, "", "没有此记录", "there is no such record");
	if (!frame->tar)
		frame->type = column(t, 0, "type");
	files_take(t, frame);
	return frame->tar ? proofs_ask(t, NULL) : next(t, transcript_send);
}

static struct transcript_frame *
frame_new(struct task *t, bool tar, const char *type)
{
	struct transcript_frame *frame = arena_new(&t->arena, struct transcript_frame);

	frame->tar = tar;
	frame->type = type;
	frame->id = arena_str(&t->arena, t->route.args[0].at, t->route.args[0].len);
	t->frame = frame;
	return frame;
}

static enum turn
transcript_ask(struct task *t, enum sql_id id)
{
	bind_send(t, id, bind_params(t, id));
	return wait_for(t, transcript_reply);
}

/* Waits for the list, for the entries to be proved and for their tiles; then for each part of a
 * long record, and for the client between two. */
enum turn
draw_transcript(struct task *t)
{
	(void)frame_new(t, true, "application/x-tar");
	return transcript_ask(t, SQL_draw_transcript);
}

/* The same of one file; a proof is in no list. */
enum turn
draw_file(struct task *t)
{
	static const char end[] = ".tlog-proof";
	size_t len = sizeof end - 1;
	struct text file = t->route.args[1];

	(void)frame_new(t, false, "text/plain; charset=utf-8");
	if (file.len > len && memcmp(file.at + file.len - len, end, len) == 0)
		return proofs_ask(t, arena_str(&t->arena, file.at, file.len));
	return transcript_ask(t, SQL_draw_file);
}
