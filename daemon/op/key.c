/* A new API key: the secret is made here and shown once; the database keeps its hash. */
#include "daemon/bind.h"
#include "daemon/db.h"
#include "daemon/random.h"
#include "daemon/receipt.h"
#include "daemon/task.h"
#include "lib/ident/key.h"

step_fn key_create;

struct key_frame {
	char secret[KEY_LEN + 1];
};

static enum turn
key_create_show(struct task *t)
{
	const struct key_frame *frame = t->frame;
	enum turn turn = op_reply(t);

	/* A repeated call gets the key's row again, not its secret: that is nowhere. */
	if (turn == TURN_DONE && t->reply.status < 300 && !t->reply.replayed)
		reply_add(t, "secret", text_of(frame->secret));
	return turn;
}

/* Waits once, for the row. */
enum turn
key_create(struct task *t)
{
	struct key_frame *frame = arena_new(&t->arena, struct key_frame);
	const char **params = bind_params(t, SQL_key_create);
	uint8_t random[KEY_RANDOM_LEN];
	struct hash hash;

	do
		random_bytes(random, sizeof random);
	while (!key_of_random(random, frame->secret));
	hash = hash_of(frame->secret, KEY_LEN);
	bind_bytes(t, params, SQL_key_create, "secret_hash", text_span((char *)hash.at, HASH_LEN));
	t->frame = frame;
	bind_send(t, SQL_key_create, params);
	return wait_for(t, key_create_show);
}
