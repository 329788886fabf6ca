#include "daemon/receipt.h"

#include <string.h>

#include "daemon/bind.h"
#include "daemon/config.h"
#include "daemon/db.h"
#include "daemon/loop.h"
#include "daemon/signer.h"
#include "lib/ledger/note.h"
#include "lib/ledger/receipt.h"
#include "proto/json_quote.h"

struct receipt_frame {
	struct text text;
	struct signer_signature signature;
};

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

static enum turn
op_receipt_signed(struct task *t)
{
	const struct receipt_frame *frame = t->frame;
	struct text name = receipt_key_name(&t->arena, text_of(t->loop->config->market_origin));

	/* What was written stays written: the repeat gets its receipt. */
	if (!frame->signature.given)
		return fail(t, E_UNCERTAIN, "", "the receipt could not be signed");
	reply_add(t, "receipt",
		note_join(
			&t->arena, frame->text, name, signer_keys()->receipt, frame->signature.at));
	return reply_json(t, t->reply.status, t->reply.body);
}

enum turn
op_receipt(struct task *t)
{
	struct receipt_frame *frame = arena_new(&t->arena, struct receipt_frame);
	struct receipt r = {0};
	struct text leaf;

	if (t->replies->err != OK)
		return op_reply(t);
	leaf = bind_read_bytes(t, 0, "leaf");
	must(leaf.len == HASH_LEN);
	memcpy(r.leaf.at, leaf.at, HASH_LEN);
	r.kind = db_value(t, 0, "kind");
	r.subject = db_value(t, 0, "subject");
	r.at = db_value(t, 0, "at");
	frame->text = receipt_text(&t->arena, &r);
	t->frame = frame;
	(void)op_reply(t);
	signer_receipt(t, frame->text, &frame->signature);
	return wait_for(t, op_receipt_signed);
}
