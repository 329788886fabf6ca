/* The export of the ledger: pages of one cut-off, so that a long export is of one moment. */
#include <string.h>

#include "daemon/bind.h"
#include "daemon/db.h"
#include "daemon/db_stream.h"
#include "daemon/task.h"

step_fn ledger_csv;

enum {
	PAGE = 1000,
	NUMBER_LEN = 20
};

/* last and cut outlive the pages, whose memory goes with each chunk. */
struct csv_frame {
	bool begun;
	const char **params;
	char last[NUMBER_LEN + 1], cut[NUMBER_LEN + 1]; /* decimal */
};

/* The number of a column becomes the next page's parameter. */
static void
number_keep(struct task *t, const char *column, const char *param, char *ret_number)
{
	struct csv_frame *frame = t->frame;
	struct text value = db_value(t, 0, column);

	must(value.len <= NUMBER_LEN);
	memcpy(ret_number, value.at, value.len);
	ret_number[value.len] = '\0';
	bind_set(frame->params, SQL_ledger_csv, param, ret_number);
}

static step_fn csv_page;

static enum turn
csv_chunk(struct task *t)
{
	struct csv_frame *frame = t->frame;

	if (t->replies->err != OK)
		return fail_db(t);
	if (!frame->begun)
		stream_begin(t, 200, "text/csv; charset=utf-8");
	frame->begun = true;
	if (db_value(t, 0, "last").at == NULL)
		return stream_chunk(t, db_value(t, 0, "chunk"), stream_end);
	number_keep(t, "last", "after", frame->last);
	number_keep(t, "cut", "upto", frame->cut);
	return stream_chunk(t, db_value(t, 0, "chunk"), csv_page);
}

static enum turn
csv_page(struct task *t)
{
	const struct csv_frame *frame = t->frame;

	db_send(t, SQL_ledger_csv, frame->params);
	return wait_for(t, csv_chunk);
}

/* Waits for each page, and for the client between two. */
enum turn
ledger_csv(struct task *t)
{
	struct csv_frame *frame = arena_new(&t->arena, struct csv_frame);

	frame->params = bind_params(t, SQL_ledger_csv);
	bind_set(frame->params, SQL_ledger_csv, "count", arena_printf(&t->arena, "%d", PAGE));
	t->frame = frame;
	return next(t, csv_page);
}
