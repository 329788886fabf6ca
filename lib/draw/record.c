#include "lib/draw/record.h"

#include <string.h>

#include "lib/base/hex.h"

void
record_init(struct record *r, struct text bytes)
{
	*r = (struct record){.rest = bytes};
}

void
record_fail(struct record *r, enum check fault)
{
	if (r->fault == CHECK_OK)
		r->fault = fault;
}

bool
record_at_end(const struct record *r)
{
	return r->fault == CHECK_OK && r->rest.len == 0;
}

enum check
record_end(struct record *r)
{
	if (r->fault == CHECK_OK && r->rest.len > 0) {
		r->number++;
		r->fault = CHECK_RECORD;
	}
	return r->fault;
}

/* Printable ASCII, no blank at an end, none beside another. */
static enum check
line_form(struct text line)
{
	bool blank = true;

	for (size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.at[i];

		if (c == '\r')
			return CHECK_LINE_END;
		if (c < 0x20 || c > 0x7e || (c == ' ' && blank))
			return CHECK_RECORD;
		blank = c == ' ';
	}
	return blank ? CHECK_RECORD : CHECK_OK;
}

bool
record_line(struct record *r)
{
	const char *end;

	if (r->fault != CHECK_OK)
		return false;
	r->number++;
	if (r->rest.len == 0) {
		r->fault = CHECK_RECORD;
		return false;
	}
	end = memchr(r->rest.at, '\n', r->rest.len);
	if (end == NULL) {
		r->fault = CHECK_LINE_END;
		return false;
	}
	r->line = text_span(r->rest.at, (size_t)(end - r->rest.at));
	r->field = r->line;
	r->rest = text_span(end + 1, r->rest.len - r->line.len - 1);
	r->fault = line_form(r->line);
	return r->fault == CHECK_OK;
}

static bool
starts_with_word(struct text line, const char *word)
{
	size_t len = strlen(word);

	return text_starts(line, word) &&
		(line.len == len || line.at[len] == ' ' || line.at[len] == '\n');
}

bool
record_key(struct record *r, const char *key)
{
	struct text word;

	if (!record_line(r))
		return false;
	(void)record_word(r, &word);
	if (!text_is(word, key))
		record_fail(r, CHECK_RECORD);
	return r->fault == CHECK_OK;
}

bool
record_key_if(struct record *r, const char *key)
{
	return r->fault == CHECK_OK && starts_with_word(r->rest, key) && record_key(r, key);
}

bool
record_protocol(struct record *r)
{
	if (record_line(r) && !text_is(r->line, RECORD_PROTOCOL))
		record_fail(r, CHECK_PROTOCOL);
	return r->fault == CHECK_OK;
}

bool
record_word(struct record *r, struct text *ret_word)
{
	if (r->fault != CHECK_OK)
		return false;
	if (!text_cut(&r->field, ' ', ret_word)) {
		record_fail(r, CHECK_RECORD);
		return false;
	}
	return true;
}

bool
record_is_id(struct text id)
{
	if (id.len == 0 || id.len > RECORD_ID_MAX)
		return false;
	for (size_t i = 0; i < id.len; i++) {
		char c = id.at[i];
		bool alnum =
			(c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

		if (!alnum && (i == 0 || (c != '.' && c != '_' && c != '-')))
			return false;
	}
	return true;
}

bool
record_id(struct record *r, struct text *ret_id)
{
	struct text word;

	if (!record_word(r, &word))
		return false;
	if (!record_is_id(word)) {
		record_fail(r, CHECK_ID);
		return false;
	}
	*ret_id = word;
	return true;
}

bool
record_number(struct record *r, uint64_t min, uint64_t max, uint64_t *ret_number)
{
	struct text word;
	uint64_t number;

	if (!record_word(r, &word))
		return false;
	if (!text_u64(word, max, &number) || number < min) {
		record_fail(r, CHECK_NUMBER);
		return false;
	}
	*ret_number = number;
	return true;
}

bool
record_hex(struct record *r, uint8_t *ret_bytes, size_t len)
{
	struct text word;

	if (!record_word(r, &word))
		return false;
	if (!hex_decode(word, ret_bytes, len)) {
		record_fail(r, CHECK_HASH);
		return false;
	}
	return true;
}

bool
record_hash(struct record *r, struct hash *ret_hash)
{
	return record_hex(r, ret_hash->at, HASH_LEN);
}

bool
record_done(struct record *r)
{
	if (r->fault == CHECK_OK && r->field.len > 0)
		record_fail(r, CHECK_RECORD);
	return r->fault == CHECK_OK;
}

bool
record_is_time(struct text time, bool micros, struct utc *ret_time)
{
	/* time_parse takes any number of digits; a record has one spelling. */
	return time.len == (micros ? 27 : 20) && time_parse(time, ret_time);
}
