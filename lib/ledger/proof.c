#include "lib/ledger/proof.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/b64.h"

static const char version[] = "c2sp.org/tlog-proof@v1";

enum {
	TIME_LEN = 8,
	COSIGNATURE_LEN = NOTE_ID_LEN + TIME_LEN + SIGN_LEN,
	HEAD_MAX = sizeof "cosignature/v1\ntime 9223372036854775807\n" - 1
};

bool
checkpoint_verify(struct text note, struct text origin, const uint8_t key[SIGN_KEY_LEN],
	struct checkpoint *ret_checkpoint)
{
	struct checkpoint c;
	struct text said;

	if (!note_verify(note, origin, key, &c.text) ||
		!checkpoint_parse(c.text, &said, &c.size, &c.root) || !text_eq(said, origin))
		return false;
	*ret_checkpoint = c;
	return true;
}

struct text
tlog_proof_build(struct arena *a, const struct tlog_proof *p)
{
	char b64[B64_LEN(HASH_LEN) + 1];
	struct buf b;

	buf_init(&b, a, 1024);
	buf_printf(&b, "%s\n", version);
	if (p->extra.len > 0) {
		buf_str(&b, "extra ");
		buf_add(&b, p->extra.at, p->extra.len);
		buf_char(&b, '\n');
	}
	buf_printf(&b, "index %llu\n", (unsigned long long)p->index);
	for (size_t i = 0; i < p->len; i++) {
		b64_encode(p->path[i].at, HASH_LEN, b64);
		buf_printf(&b, "%s\n", b64);
	}
	buf_char(&b, '\n');
	buf_add(&b, p->note.at, p->note.len);
	return buf_text(&b);
}

bool
tlog_proof_parse(struct text text, struct tlog_proof *ret_proof)
{
	struct tlog_proof p = {0};
	struct text line, word = {0};
	size_t len;

	if (!text_cut(&text, '\n', &line) || !text_is(line, version) ||
		!text_cut(&text, '\n', &line))
		return false;
	if (text_starts(line, "extra ")) {
		p.extra = text_span(line.at + 6, line.len - 6);
		if (!text_cut(&text, '\n', &line))
			return false;
	}
	if (!text_cut(&line, ' ', &word) || !text_is(word, "index") ||
		!text_u64(line, INT64_MAX, &p.index))
		return false;
	for (;;) {
		if (!text_cut(&text, '\n', &line))
			return false;
		if (line.len == 0)
			break;
		if (p.len == MERKLE_PATH_MAX ||
			!b64_decode(line, p.path[p.len].at, HASH_LEN, &len) || len != HASH_LEN)
			return false;
		p.len++;
	}
	p.note = text;
	*ret_proof = p;
	return true;
}

bool
tlog_proof_verify(struct text text, const struct hash *leaf, struct text origin,
	const uint8_t key[SIGN_KEY_LEN], struct tlog_proof *ret_proof,
	struct checkpoint *ret_checkpoint)
{
	struct tlog_proof p;
	struct checkpoint c;

	if (!tlog_proof_parse(text, &p) || !checkpoint_verify(p.note, origin, key, &c) ||
		!merkle_includes(&c.root, c.size, leaf, p.index, p.path, p.len))
		return false;
	*ret_proof = p;
	*ret_checkpoint = c;
	return true;
}

struct text
cosignature_text(struct arena *a, struct text checkpoint, uint64_t time_s)
{
	must(time_s <= INT64_MAX);
	return text_of(arena_printf(a, "cosignature/v1\ntime %llu\n" TEXT_FMT,
		(unsigned long long)time_s, TEXT_ARG(checkpoint)));
}

struct text
cosignature_line(struct arena *a, struct text name, const uint8_t key[SIGN_KEY_LEN],
	uint64_t time_s, const uint8_t sig[SIGN_LEN])
{
	uint8_t bytes[COSIGNATURE_LEN];

	note_key_id_of(name, NOTE_COSIGNATURE, key, bytes);
	for (int i = 0; i < TIME_LEN; i++)
		bytes[NOTE_ID_LEN + i] = (uint8_t)(time_s >> (8 * (TIME_LEN - 1 - i)));
	memcpy(bytes + NOTE_ID_LEN + TIME_LEN, sig, SIGN_LEN);
	return note_line(a, name, bytes, sizeof bytes);
}

static uint64_t
time_of(const struct note_signature *s)
{
	uint64_t time_s = 0;

	for (int i = 0; i < TIME_LEN; i++)
		time_s = time_s << 8 | s->bytes[NOTE_ID_LEN + i];
	return time_s;
}

/* What is signed: `said` has the checkpoint's text behind room for the two lines before it, which
 * differ by the time. */
static bool
cosignature_holds(char said[HEAD_MAX + CHECKPOINT_TEXT_MAX], size_t len,
	const uint8_t key[SIGN_KEY_LEN], const struct note_signature *s)
{
	char head[HEAD_MAX + 1];
	size_t head_len;

	if (s->len != COSIGNATURE_LEN || time_of(s) > INT64_MAX)
		return false;
	head_len = (size_t)snprintf(
		head, sizeof head, "cosignature/v1\ntime %llu\n", (unsigned long long)time_of(s));
	memcpy(said + HEAD_MAX - head_len, head, head_len);
	return sign_holds(key, text_span(said + HEAD_MAX - head_len, head_len + len),
		s->bytes + NOTE_ID_LEN + TIME_LEN);
}

bool
cosignatures_read(struct text note, struct text name, const uint8_t key[SIGN_KEY_LEN],
	struct cosigned *ret_said)
{
	struct text text, signatures;
	uint8_t id[NOTE_ID_LEN];
	struct note_signature s;
	struct cosigned said = {0};
	char bytes[HEAD_MAX + CHECKPOINT_TEXT_MAX];
	size_t lines = 0;

	if (!note_split(note, &text, &signatures) || text.len > CHECKPOINT_TEXT_MAX)
		return false;
	memcpy(bytes + HEAD_MAX, text.at, text.len);
	note_key_id_of(name, NOTE_COSIGNATURE, key, id);
	while (signatures.len > 0) {
		if (++lines > NOTE_SIGNATURES_MAX || !note_signature_cut(&signatures, &s))
			return false;
		if (!text_eq(s.name, name) || memcmp(s.bytes, id, NOTE_ID_LEN) != 0)
			continue;
		if (!cosignature_holds(bytes, text.len, key, &s))
			return false;
		if (said.count == 0 || time_of(&s) < said.first_s)
			said.first_s = time_of(&s);
		if (time_of(&s) > said.last_s)
			said.last_s = time_of(&s);
		said.count++;
	}
	*ret_said = said;
	return true;
}

bool
cosignature_verify(
	struct text note, struct text name, const uint8_t key[SIGN_KEY_LEN], uint64_t *ret_time_s)
{
	struct cosigned said;

	if (!cosignatures_read(note, name, key, &said) || said.count == 0)
		return false;
	*ret_time_s = said.last_s;
	return true;
}

struct text
cosigner_vkey(struct arena *a, struct text name, const uint8_t key[SIGN_KEY_LEN])
{
	return note_vkey_of(a, name, NOTE_COSIGNATURE, key);
}

bool
cosigner_vkey_parse(struct text vkey, struct text *ret_name, uint8_t ret_key[SIGN_KEY_LEN])
{
	return note_vkey_parse_of(vkey, NOTE_COSIGNATURE, ret_name, ret_key);
}
