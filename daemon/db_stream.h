#pragma once

#include "daemon/task.h"

/* An answer in chunks (OP_STREAM), in constant memory.  A step begins the stream, then sends
 * chunk after chunk; each chunk frees what was allocated from t->arena since the one before, and
 * its next step runs only when the client has taken enough.  What must survive (t->frame) is
 * allocated before stream_begin().  A client that goes away ends the task at its next chunk.
 *
 *	stream_begin(t, 200, "text/csv; charset=utf-8");
 *	return stream_chunk(t, header, ledger_csv_page);
 *	…
 *	return stream_end(t);
 *
 * A step that fails in the middle cuts the connection: the client sees an incomplete body. */
void stream_begin(struct task *t, int status, const char *type);

/* Nothing may be owed to the task, and `chunk` may live in t->arena. */
enum turn stream_chunk(struct task *t, struct text chunk, step_fn *step);
enum turn stream_end(struct task *t);
