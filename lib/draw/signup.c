#include "lib/draw/signup.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/hex.h"
#include "lib/draw/list.h"
#include "lib/draw/record.h"
#include "lib/ledger/merkle.h"

static const char payload_head[] = "{\"draw\":\"", payload_middle[] = "\",\"seal\":\"",
		  payload_end[] = "\"}\n";

struct hash
signup_seal(struct text draw, struct text agency, const uint8_t salt[SIGNUP_SALT_LEN])
{
	uint8_t draw_len = (uint8_t)draw.len, agency_len = (uint8_t)agency.len;
	struct text parts[] = {RECORD_TAG("signup"), {(const char *)&draw_len, 1}, draw,
		{(const char *)&agency_len, 1}, agency, {(const char *)salt, SIGNUP_SALT_LEN}};

	must(draw.len <= UINT8_MAX && agency.len <= UINT8_MAX);
	return hash_parts(parts, sizeof parts / sizeof parts[0]);
}

struct text
signup_entry(struct arena *a, struct text draw, struct text time, const struct hash *seal)
{
	char hex[2 * HASH_LEN + 1];
	struct buf b;

	hex_encode(seal->at, HASH_LEN, hex);
	buf_init(&b, a, 256);
	buf_printf(&b, "fairlot-entry/v1 signup " TEXT_FMT " - " TEXT_FMT " -\n", TEXT_ARG(draw),
		TEXT_ARG(time));
	buf_printf(&b, "%s" TEXT_FMT "%s%s%s", payload_head, TEXT_ARG(draw), payload_middle, hex,
		payload_end);
	return buf_text(&b);
}

void
signups_build(struct arena *a, const struct signup *at, size_t count, struct text *ret_txt,
	struct text *ret_bin)
{
	struct buf txt, bin;

	buf_init(&txt, a, count * 80);
	buf_init(&bin, a, count * 280);
	for (size_t i = 0; i < count; i++) {
		char hex[2 * SIGNUP_SALT_LEN + 1];

		must(at[i].entry.len <= UINT16_MAX);
		hex_encode(at[i].salt, SIGNUP_SALT_LEN, hex);
		buf_printf(&txt, TEXT_FMT " %s\n", TEXT_ARG(at[i].id), hex);
		buf_char(&bin, (char)(at[i].entry.len >> 8));
		buf_char(&bin, (char)(at[i].entry.len & 0xff));
		buf_add(&bin, at[i].entry.at, at[i].entry.len);
	}
	*ret_txt = buf_text(&txt);
	*ret_bin = buf_text(&bin);
}

static bool
take_entry(struct text *bin, struct text *ret_entry)
{
	size_t len;

	if (bin->len < 2)
		return false;
	len = (size_t)(unsigned char)bin->at[0] << 8 | (unsigned char)bin->at[1];
	if (len > bin->len - 2)
		return false;
	*ret_entry = text_span(bin->at + 2, len);
	*bin = text_span(bin->at + 2 + len, bin->len - 2 - len);
	return true;
}

enum check
signups_parse(struct arena *a, struct text txt, struct text bin, struct signup **ret_at,
	size_t *ret_count, uint32_t *reterr_line)
{
	struct signup *at;
	struct record r;
	size_t count = 0, lines = 0;

	for (size_t i = 0; i < txt.len; i++)
		lines += txt.at[i] == '\n';
	record_init(&r, txt);
	if (lines > 2 * (size_t)LIST_MAX)
		record_fail(&r, CHECK_NUMBER);
	at = arena_array(a, struct signup, r.fault == CHECK_OK ? lines : 0);
	while (r.fault == CHECK_OK && !record_at_end(&r)) {
		struct signup *s = &at[count];

		if (!record_line(&r) || !record_id(&r, &s->id) ||
			!record_hex(&r, s->salt, SIGNUP_SALT_LEN) || !record_done(&r))
			break;
		if (count > 0 && text_order(s[-1].id, s->id) >= 0)
			record_fail(&r, CHECK_SIGNUP_SET);
		if (!take_entry(&bin, &s->entry))
			record_fail(&r, CHECK_SIGNUP_ENTRY);
		else
			s->leaf = merkle_leaf(s->entry);
		count++;
	}
	if (bin.len > 0)
		record_fail(&r, CHECK_SIGNUP_ENTRY);
	if (record_end(&r) != CHECK_OK) {
		if (reterr_line != NULL)
			*reterr_line = r.number;
		return r.fault;
	}
	*ret_at = at;
	*ret_count = count;
	return CHECK_OK;
}

bool
signup_is_of(struct text of, struct text draw)
{
	char first;

	if (text_eq(of, draw))
		return true;
	if (draw.len < of.len + 2 || !text_eq(text_span(draw.at, of.len), of) ||
		draw.at[of.len] != '.')
		return false;
	first = draw.at[of.len + 1];
	return first >= 'a' && first <= 'z' &&
		memchr(draw.at + of.len + 1, '.', draw.len - of.len - 1) == NULL;
}

static bool
head_holds(struct record *r, struct text draw, struct text *ret_of)
{
	struct text word = {0};
	struct utc at;

	return record_line(r) && record_word(r, &word) && text_is(word, "fairlot-entry/v1") &&
		record_word(r, &word) && text_is(word, "signup") && record_id(r, ret_of) &&
		signup_is_of(*ret_of, draw) && record_word(r, &word) && text_is(word, "-") &&
		record_word(r, &word) && record_is_time(word, true, &at) && record_word(r, &word) &&
		text_is(word, "-") && record_done(r);
}

static bool
take_text(struct text *rest, struct text want)
{
	if (rest->len < want.len || !text_eq(text_span(rest->at, want.len), want))
		return false;
	*rest = text_span(rest->at + want.len, rest->len - want.len);
	return true;
}

enum check
signup_check(const struct signup *s, struct text draw)
{
	uint8_t seal[HASH_LEN];
	struct text of = {0}, rest;
	struct record r;
	struct hash want;

	record_init(&r, s->entry);
	if (!head_holds(&r, draw, &of))
		return CHECK_SIGNUP_ENTRY;
	rest = r.rest;
	if (!take_text(&rest, text_of(payload_head)) || !take_text(&rest, of) ||
		!take_text(&rest, text_of(payload_middle)) || rest.len < 2 * HASH_LEN ||
		!hex_decode(text_span(rest.at, 2 * HASH_LEN), seal, HASH_LEN))
		return CHECK_SIGNUP_ENTRY;
	rest = text_span(rest.at + 2 * HASH_LEN, rest.len - 2 * HASH_LEN);
	if (!text_is(rest, payload_end))
		return CHECK_SIGNUP_ENTRY;
	want = signup_seal(of, s->id, s->salt);
	return memcmp(want.at, seal, HASH_LEN) == 0 ? CHECK_OK : CHECK_SIGNUP_SEAL;
}
