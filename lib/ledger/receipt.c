#include "lib/ledger/receipt.h"

#include "lib/base/arena.h"
#include "lib/base/hex.h"
#include "lib/base/time.h"
#include "lib/ledger/note.h"

static const char version[] = "fairlot-receipt/v1";

struct text
receipt_text(struct arena *a, const struct receipt *r)
{
	struct text promise = r->promise.len == 0 ? text_of("-") : r->promise;
	char leaf[2 * HASH_LEN + 1];
	struct buf b;

	hex_encode(r->leaf.at, HASH_LEN, leaf);
	buf_init(&b, a, 256);
	buf_printf(&b, "%s\nleaf %s\nkind " TEXT_FMT "\nsubject " TEXT_FMT "\n", version, leaf,
		TEXT_ARG(r->kind), TEXT_ARG(r->subject));
	buf_printf(
		&b, "at " TEXT_FMT "\npromise " TEXT_FMT "\n", TEXT_ARG(r->at), TEXT_ARG(promise));
	return buf_text(&b);
}

struct text
receipt_key_name(struct arena *a, struct text origin)
{
	return text_of(arena_printf(a, TEXT_FMT "/receipts", TEXT_ARG(origin)));
}

/* Takes the line `<key> <one word>`. */
static bool
take_line(struct text *rest, const char *key, struct text *ret_word)
{
	struct text line, word = {0};

	if (!text_cut(rest, '\n', &line) || !text_cut(&line, ' ', &word) || !text_is(word, key) ||
		line.len == 0)
		return false;
	*ret_word = line;
	for (size_t i = 0; i < line.len; i++)
		if (line.at[i] <= ' ' || line.at[i] > '~')
			return false;
	return true;
}

bool
receipt_verify(struct text note, struct text key_name, const uint8_t key[SIGN_KEY_LEN],
	struct receipt *ret_receipt)
{
	struct text text = {0}, line = {0}, leaf = {0};
	struct receipt r = {0};
	struct utc at;

	if (!note_verify(note, key_name, key, &text) || !text_cut(&text, '\n', &line) ||
		!text_is(line, version) || !take_line(&text, "leaf", &leaf) ||
		!hex_decode(leaf, r.leaf.at, HASH_LEN) || !take_line(&text, "kind", &r.kind) ||
		!take_line(&text, "subject", &r.subject) || !take_line(&text, "at", &r.at) ||
		!time_parse(r.at, &at) || !take_line(&text, "promise", &r.promise) || text.len > 0)
		return false;
	if (text_is(r.promise, "-"))
		r.promise = (struct text){0};
	else if (!time_parse(r.promise, &at))
		return false;
	*ret_receipt = r;
	return true;
}
