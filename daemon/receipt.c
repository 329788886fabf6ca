#include "daemon/receipt.h"

#include <string.h>

#include "daemon/bind.h"
#include "daemon/config.h"
#include "daemon/db.h"
#include "daemon/loop.h"
#include "lib/base/time.h"
#include "lib/ledger/note.h"
#include "lib/ledger/receipt.h"
#include "proto/json_quote.h"

void
reply_add(struct task *t, const char *name, struct text value)
{
	struct text body = t->reply.body;
	struct buf b;

	must(body.len > 2 && body.at[body.len - 1] == '}');
	buf_init(&b, &t->arena, body.len + 2 * value.len + 64);
	buf_add(&b, body.at, body.len - 1);
	buf_printf(&b, ",\"%s\":", name);
	quote_add(&b, value);
	buf_char(&b, '}');
	t->reply.body = buf_text(&b);
}

/* When a checkpoint will hold what was entered at this time. */
static struct text
promise_of(struct task *t, struct text at)
{
	int64_t promise_ms = t->loop->config->log_promise_ms;
	char *text = arena_alloc(&t->arena, TIME_TEXT);
	struct utc time;

	if (promise_ms == 0)
		return (struct text){0};
	must(time_parse(at, &time)); /* the database wrote it */
	time.us += promise_ms * 1000;
	time_format(time, 6, text);
	return text_of(text);
}

void
receipt_ask(struct task *t, const struct hash *leaf, struct receipt_wait *ret_wait)
{
	struct receipt r = {.leaf = *leaf,
		.kind = db_value(t, 0, "kind"),
		.subject = db_value(t, 0, "subject"),
		.at = db_value(t, 0, "at")};

	r.promise = promise_of(t, r.at);
	ret_wait->text = receipt_text(&t->arena, &r);
	signer_receipt(t, ret_wait->text, &ret_wait->signature);
}

bool
receipt_note(struct task *t, const struct receipt_wait *wait, struct text *ret_note)
{
	struct text name = receipt_key_name(&t->arena, text_of(t->loop->config->market_origin));

	if (!wait->signature.given)
		return false;
	*ret_note =
		note_join(&t->arena, wait->text, name, signer_keys()->receipt, wait->signature.at);
	return true;
}

static enum turn
op_receipt_signed(struct task *t)
{
	struct text note;

	/* What was written stays written: the repeat gets its receipt. */
	if (!receipt_note(t, t->frame, &note))
		return fail(t, E_UNCERTAIN, "", "回执未能签署", "the receipt could not be signed");
	reply_add(t, "receipt", note);
	return reply_json(t, t->reply.status, t->reply.body);
}

enum turn
op_receipt(struct task *t)
{
	struct receipt_wait *wait = arena_new(&t->arena, struct receipt_wait);
	struct text bytes;
	struct hash leaf;

	if (t->replies->err != OK)
		return op_reply(t);
	bytes = bind_read_bytes(t, 0, "leaf");
	must(bytes.len == HASH_LEN);
	memcpy(leaf.at, bytes.at, HASH_LEN);
	t->frame = wait;
	receipt_ask(t, &leaf, wait);
	(void)op_reply(t);
	return wait_for(t, op_receipt_signed);
}
