/* The records of a draw, as a tar or one by one.  Short ones come with the list of them; long ones
 * are read part by part and streamed, so that 100,000 candidates take no more memory than ten. */
#include <string.h>

#include "daemon/bind.h"
#include "daemon/db.h"
#include "daemon/db_stream.h"
#include "daemon/task.h"
#include "proto/tar.h"

step_fn draw_transcript, draw_file;

enum {
	AFTER_LEN = 64 /* an agency's id, or a number */
};

/* Views of the list's rows, which live as long as the stream. */
struct record_file {
	struct text name, body; /* body at NULL: in parts */
	const char *attempt, *n;
	uint64_t size;
};

struct transcript_frame {
	bool tar;
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

/* The files of the newest reply; whether all of them are here. */
static bool
files_take(struct task *t, struct transcript_frame *frame)
{
	bool whole = true;

	frame->count = (size_t)db_rows(t);
	frame->files = arena_array(&t->arena, struct record_file, frame->count);
	for (int i = 0; i < db_rows(t); i++) {
		struct record_file *f = &frame->files[i];

		*f = (struct record_file){.name = db_value(t, i, "name"),
			.body = bind_read_bytes(t, i, "body"),
			.attempt = column(t, i, "attempt"),
			.n = column(t, i, "n")};
		must(text_u64(db_value(t, i, "size"), INT64_MAX, &f->size));
		whole = whole && f->body.at != NULL;
	}
	return whole;
}

static enum turn
transcript_reply(struct task *t)
{
	struct transcript_frame *frame = t->frame;
	struct buf b;

	if (t->replies->err != OK)
		return fail_db(t);
	if (db_rows(t) == 0)
		return fail(t, E_NOT_FOUND, "", "没有此记录", "there is no such record");
	if (!frame->tar)
		frame->type = column(t, 0, "type");
	if (!files_take(t, frame)) {
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

static enum turn
transcript_ask(struct task *t, enum sql_id id, bool tar)
{
	struct transcript_frame *frame = arena_new(&t->arena, struct transcript_frame);

	frame->tar = tar;
	frame->type = "application/x-tar";
	frame->id = arena_str(&t->arena, t->route.args[0].at, t->route.args[0].len);
	t->frame = frame;
	bind_send(t, id, bind_params(t, id));
	return wait_for(t, transcript_reply);
}

/* Waits for the list, then for each part of a long record, and for the client between two. */
enum turn
draw_transcript(struct task *t)
{
	return transcript_ask(t, SQL_draw_transcript, true);
}

enum turn
draw_file(struct task *t)
{
	return transcript_ask(t, SQL_draw_file, false);
}
