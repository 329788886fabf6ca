#include "lib/base/csv.h"

#include <string.h>

#include "lib/base/arena.h"

struct reader {
	const char *at, *end;
	size_t line;
	struct arena *arena;
	const char *why;
};

static bool
wrong(struct reader *r, const char *why)
{
	r->why = why;
	return false;
}

/* The inside of a quoted field, at behind its first quote. */
static bool
quoted_read(struct reader *r, struct text *ret_field)
{
	const char *from = r->at;
	size_t doubled = 0;
	char *copy;

	for (;; r->at++) {
		if (r->at == r->end)
			return wrong(r, "a quoted field does not end");
		if (*r->at == '\n')
			r->line++;
		if (*r->at != '"')
			continue;
		if (r->at + 1 == r->end || r->at[1] != '"')
			break;
		doubled++;
		r->at++;
	}
	*ret_field = text_span(from, (size_t)(r->at - from));
	r->at++;
	if (doubled == 0)
		return true;
	copy = arena_alloc(r->arena, ret_field->len - doubled);
	ret_field->at = copy;
	for (const char *c = from; c < r->at - 1; c++) {
		*copy++ = *c;
		c += *c == '"';
	}
	ret_field->len -= doubled;
	return true;
}

static bool
plain_read(struct reader *r, struct text *ret_field)
{
	const char *from = r->at;

	for (; r->at < r->end && *r->at != ',' && *r->at != '\n' && *r->at != '\r'; r->at++) {
		if (*r->at == '"')
			return wrong(r, "a quote inside a field without quotes");
		if ((unsigned char)*r->at < 0x20 || *r->at == 0x7f)
			return wrong(r, "a control character");
	}
	*ret_field = text_span(from, (size_t)(r->at - from));
	return true;
}

/* One field and what ends it: ',' or '\n'. */
static bool
field_read(struct reader *r, struct text *ret_field, char *ret_end)
{
	bool quoted = r->at < r->end && *r->at == '"';

	if (quoted)
		r->at++;
	if (!(quoted ? quoted_read(r, ret_field) : plain_read(r, ret_field)))
		return false;
	if (r->at < r->end && *r->at == ',') {
		r->at++;
		*ret_end = ',';
		return true;
	}
	if (r->at < r->end && *r->at == '\r')
		r->at++;
	if (r->at == r->end)
		return wrong(r, "the last line does not end");
	if (*r->at != '\n')
		return wrong(r, quoted ? "something follows a quoted field" : "a CR without LF");
	r->at++;
	r->line++;
	*ret_end = '\n';
	return true;
}

/* No more fields than separators. */
static size_t
fields_most(struct text bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < bytes.len; i++)
		n += bytes.at[i] == ',' || bytes.at[i] == '\n';
	return n + 1;
}

static bool
records_read(struct reader *r, struct csv *table, struct text *fields, size_t *lines)
{
	size_t count = 0;

	while (r->at < r->end) {
		size_t first = count, line = r->line;
		char end = ',';

		lines[table->rows] = line;
		while (end == ',')
			if (!field_read(r, &fields[count++], &end))
				return false;
		if (table->rows++ == 0)
			table->columns = count;
		else if (count - first != table->columns) {
			r->line = line;
			return wrong(r, "not as many fields as the header");
		}
	}
	return table->rows > 0 || wrong(r, "the file is empty");
}

enum err
csv_parse(struct text bytes, struct arena *a, struct csv *ret_csv, size_t *reterr_line,
	const char **reterr_why)
{
	struct reader r = {bytes.at, bytes.at + bytes.len, 1, a, NULL};
	size_t most = fields_most(bytes);
	struct text *fields = arena_array(a, struct text, most);
	size_t *lines = arena_array(a, size_t, most);
	struct csv table = {.at = fields, .line = lines};
	bool ok;

	if (!text_is_utf8(bytes) || memchr(bytes.at, '\0', bytes.len) != NULL)
		ok = wrong(&r, "not UTF-8 text");
	else if (text_starts(bytes, "\xef\xbb\xbf"))
		ok = wrong(&r, "a byte-order mark");
	else
		ok = records_read(&r, &table, fields, lines);
	if (!ok) {
		*reterr_line = r.line;
		*reterr_why = r.why;
		return E_BAD_INPUT;
	}
	*ret_csv = table;
	return OK;
}
