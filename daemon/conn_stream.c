#include "daemon/db_stream.h"

#include <event2/bufferevent.h>
#include <string.h>

#include "daemon/config.h"
#include "daemon/conn.h"
#include "daemon/loop.h"

void
stream_begin(struct task *t, int status, const char *type)
{
	struct slot *s = t->slot;
	struct text head;

	t->deadline_ms = 0; /* as long as its reader takes bytes */
	t->reply.status = status;
	t->reply.type = type;
	t->reply.body = (struct text){0};
	if (s != NULL) {
		if (t->loop->draining && TAILQ_NEXT(s, entry) == NULL)
			s->close = true;
		if (s->http10)
			s->close = true; /* no chunks in HTTP/1.0: the end is the end */
		head = conn_http_answer(s, t, true);
		slot_write(s, head.at, head.len);
		s->stream = true;
	}
	t->kept = t->arena;
	arena_init(&t->arena, t->kept.limit);
}

/* The chunk was copied into the connection's buffer; its memory and that of the rows it came from
 * goes. */
static void
memory_drop(struct task *t)
{
	must(t->waits == 1);
	t->replies = NULL;
	arena_reset(&t->arena);
}

enum turn
stream_chunk(struct task *t, struct text chunk, step_fn *step)
{
	struct slot *s = t->slot;
	struct buf framed;

	if (s == NULL || s->head)
		return stream_end(t);
	if (s->http10)
		slot_write(s, chunk.at, chunk.len);
	else {
		buf_init(&framed, &t->arena, chunk.len + 32);
		http_chunk(&framed, chunk);
		slot_write(s, framed.at, framed.len);
	}
	memory_drop(t);
	if (t->slot == NULL)
		return stream_end(t);
	if (slot_is_first(s) && slot_unsent(s) < (size_t)t->loop->config->http_stream_buffer)
		return next(t, step);
	s->stream_waits = true;
	task_owe(t);
	return wait_for(t, step);
}

enum turn
stream_end(struct task *t)
{
	struct slot *s = t->slot;

	t->answer = NULL;
	t->slot = NULL;
	if (s == NULL)
		return TURN_DONE;
	if (!s->http10 && !s->head)
		slot_write(s, http_chunk_end, strlen(http_chunk_end));
	slot_done(s);
	return TURN_DONE;
}
