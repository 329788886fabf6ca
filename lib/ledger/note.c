#include "lib/ledger/note.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/b64.h"
#include "lib/base/hex.h"

/* An em dash and a blank start a signature line. */
static const char dash[] = "\xe2\x80\x94 ";

void
note_key_id_of(struct text name, uint8_t type, const uint8_t key[SIGN_KEY_LEN],
	uint8_t ret_id[NOTE_ID_LEN])
{
	struct text parts[] = {
		name, {"\n", 1}, {(const char *)&type, 1}, {(const char *)key, SIGN_KEY_LEN}};
	struct hash h = hash_parts(parts, 4);

	memcpy(ret_id, h.at, NOTE_ID_LEN);
}

void
note_key_id(struct text name, const uint8_t key[SIGN_KEY_LEN], uint8_t ret_id[NOTE_ID_LEN])
{
	note_key_id_of(name, NOTE_ED25519, key, ret_id);
}

bool
note_name_holds(struct text name)
{
	if (name.len == 0 || name.len > NOTE_NAME_MAX || !text_is_utf8(name))
		return false;
	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.at[i];

		if (c <= ' ' || c == '+' || c == 0x7f)
			return false;
	}
	return true;
}

struct text
note_vkey_of(struct arena *a, struct text name, uint8_t type, const uint8_t key[SIGN_KEY_LEN])
{
	uint8_t id[NOTE_ID_LEN], typed[1 + SIGN_KEY_LEN] = {type};
	char id_hex[2 * NOTE_ID_LEN + 1], b64[B64_LEN(sizeof typed) + 1];

	memcpy(typed + 1, key, SIGN_KEY_LEN);
	note_key_id_of(name, type, key, id);
	hex_encode(id, NOTE_ID_LEN, id_hex);
	b64_encode(typed, sizeof typed, b64);
	return text_of(arena_printf(a, TEXT_FMT "+%s+%s", TEXT_ARG(name), id_hex, b64));
}

struct text
note_vkey(struct arena *a, struct text name, const uint8_t key[SIGN_KEY_LEN])
{
	return note_vkey_of(a, name, NOTE_ED25519, key);
}

bool
note_vkey_parse_of(
	struct text vkey, uint8_t type, struct text *ret_name, uint8_t ret_key[SIGN_KEY_LEN])
{
	uint8_t id[NOTE_ID_LEN], want[NOTE_ID_LEN], typed[1 + SIGN_KEY_LEN];
	struct text name = {0}, hex = {0};
	size_t len;

	/* What is left holds no "+" of ours: base64 may, so it is not cut again. */
	if (!text_cut(&vkey, '+', &name) || !text_cut(&vkey, '+', &hex) || !note_name_holds(name) ||
		!hex_decode(hex, id, NOTE_ID_LEN) || !b64_decode(vkey, typed, sizeof typed, &len) ||
		len != sizeof typed || typed[0] != type)
		return false;
	note_key_id_of(name, type, typed + 1, want);
	if (memcmp(id, want, NOTE_ID_LEN) != 0)
		return false;
	memcpy(ret_key, typed + 1, SIGN_KEY_LEN);
	*ret_name = name;
	return true;
}

bool
note_vkey_parse(struct text vkey, struct text *ret_name, uint8_t ret_key[SIGN_KEY_LEN])
{
	return note_vkey_parse_of(vkey, NOTE_ED25519, ret_name, ret_key);
}

struct text
note_line(struct arena *a, struct text name, const uint8_t *signature, size_t len)
{
	char b64[B64_LEN(NOTE_SIGNATURE_MAX) + 1];

	must(note_name_holds(name) && len > NOTE_ID_LEN && len <= NOTE_SIGNATURE_MAX);
	b64_encode(signature, len, b64);
	return text_of(arena_printf(a, "%s" TEXT_FMT " %s\n", dash, TEXT_ARG(name), b64));
}

struct text
note_join(struct arena *a, struct text text, struct text name, const uint8_t key[SIGN_KEY_LEN],
	const uint8_t sig[SIGN_LEN])
{
	uint8_t bytes[NOTE_ID_LEN + SIGN_LEN];
	struct text line;

	must(text.len > 0 && text.at[text.len - 1] == '\n');
	note_key_id(name, key, bytes);
	memcpy(bytes + NOTE_ID_LEN, sig, SIGN_LEN);
	line = note_line(a, name, bytes, sizeof bytes);
	return text_of(arena_printf(a, TEXT_FMT "\n" TEXT_FMT, TEXT_ARG(text), TEXT_ARG(line)));
}

struct text
note_sign(struct arena *a, struct text text, struct text name, const uint8_t seed[SIGN_SEED_LEN])
{
	uint8_t key[SIGN_KEY_LEN], sig[SIGN_LEN];

	sign_public(seed, key);
	sign_make(seed, text, sig);
	return note_join(a, text, name, key, sig);
}

/* The last empty line parts text and signatures. */
bool
note_split(struct text note, struct text *ret_text, struct text *ret_signatures)
{
	if (note.len < 3 || note.at[note.len - 1] != '\n' || !text_is_utf8(note))
		return false;
	for (size_t i = 0; i < note.len; i++) {
		unsigned char c = (unsigned char)note.at[i];

		if (c < ' ' && c != '\n')
			return false;
	}
	for (size_t i = note.len - 1; i > 1; i--)
		if (note.at[i - 1] == '\n' && note.at[i - 2] == '\n') {
			*ret_text = text_span(note.at, i - 1);
			*ret_signatures = text_span(note.at + i, note.len - i);
			return true;
		}
	return false;
}

bool
note_signature_cut(struct text *signatures, struct note_signature *ret_signature)
{
	struct text line;

	if (!text_cut(signatures, '\n', &line) || !text_starts(line, dash))
		return false;
	line = text_span(line.at + sizeof dash - 1, line.len - (sizeof dash - 1));
	return text_cut(&line, ' ', &ret_signature->name) && note_name_holds(ret_signature->name) &&
		b64_decode(line, ret_signature->bytes, NOTE_SIGNATURE_MAX, &ret_signature->len) &&
		ret_signature->len > NOTE_ID_LEN;
}

bool
note_verify(
	struct text note, struct text name, const uint8_t key[SIGN_KEY_LEN], struct text *ret_text)
{
	struct text text, signatures;
	uint8_t id[NOTE_ID_LEN];
	struct note_signature s;
	size_t count = 0, valid = 0;

	if (!note_split(note, &text, &signatures))
		return false;
	note_key_id(name, key, id);
	while (signatures.len > 0) {
		if (++count > NOTE_SIGNATURES_MAX || !note_signature_cut(&signatures, &s))
			return false;
		if (!text_eq(s.name, name) || memcmp(s.bytes, id, NOTE_ID_LEN) != 0)
			continue;
		if (s.len != NOTE_ID_LEN + SIGN_LEN ||
			!sign_holds(key, text, s.bytes + NOTE_ID_LEN))
			return false;
		valid++;
	}
	if (valid == 0)
		return false;
	*ret_text = text;
	return true;
}

struct text
checkpoint_build(struct arena *a, struct text origin, uint64_t size, const struct hash *root)
{
	char b64[B64_LEN(HASH_LEN) + 1];

	b64_encode(root->at, HASH_LEN, b64);
	return text_of(arena_printf(
		a, TEXT_FMT "\n%llu\n%s\n", TEXT_ARG(origin), (unsigned long long)size, b64));
}

bool
checkpoint_parse(
	struct text text, struct text *ret_origin, uint64_t *ret_size, struct hash *ret_root)
{
	struct text origin = {0}, size_text = {0}, root_text = {0}, line;
	struct hash root;
	uint64_t size;
	size_t len;

	if (text.len == 0 || text.len > CHECKPOINT_TEXT_MAX || text.at[text.len - 1] != '\n' ||
		!text_cut(&text, '\n', &origin) || origin.len == 0 ||
		!text_cut(&text, '\n', &size_text) || !text_u64(size_text, INT64_MAX, &size) ||
		!text_cut(&text, '\n', &root_text) ||
		!b64_decode(root_text, root.at, HASH_LEN, &len) || len != HASH_LEN)
		return false;
	while (text_cut(&text, '\n', &line))
		if (line.len == 0)
			return false;
	*ret_origin = origin;
	*ret_size = size;
	*ret_root = root;
	return true;
}
