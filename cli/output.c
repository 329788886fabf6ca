#include "cli/output.h"

#include <json-c/json.h>
#include <json-c/linkhash.h>
#include <string.h>

#include "cli/amount.h"
#include "cli/say.h"
#include "lib/base/arena.h"

enum {
	COLUMNS_MAX = 128,
	CELL_WIDTH_MAX = 48
};

/* The elements' members, as rows. */
struct grid {
	struct arena *arena;
	const char *names[COLUMNS_MAX];
	size_t count;
};

bool
format_find(const char *name, bool terminal, enum format *ret_format)
{
	if (name == NULL)
		*ret_format = terminal ? FORMAT_TABLE : FORMAT_JSON;
	else if (strcmp(name, "json") == 0)
		*ret_format = FORMAT_JSON;
	else if (strcmp(name, "table") == 0)
		*ret_format = FORMAT_TABLE;
	else if (strcmp(name, "csv") == 0)
		*ret_format = FORMAT_CSV;
	else
		return false;
	return true;
}

/* Takes one code point off the front; t is UTF-8 and not empty. */
static uint32_t
point_cut(struct text *t)
{
	unsigned char c = (unsigned char)t->at[0];
	size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	uint32_t point = c < 0x80 ? c : c & (0xffU >> (len + 1));

	for (size_t i = 1; i < len; i++)
		point = point << 6 | ((unsigned char)t->at[i] & 0x3f);
	*t = text_span(t->at + len, t->len - len);
	return point;
}

static size_t
point_width(uint32_t point)
{
	return (point >= 0x1100 && point <= 0x115f) || (point >= 0x2e80 && point <= 0xa4cf) ||
			(point >= 0xac00 && point <= 0xd7a3) ||
			(point >= 0xf900 && point <= 0xfaff) ||
			(point >= 0xfe30 && point <= 0xfe6f) ||
			(point >= 0xff00 && point <= 0xff60) ||
			(point >= 0xffe0 && point <= 0xffe6) ||
			(point >= 0x1f300 && point <= 0x1faff) ||
			(point >= 0x20000 && point <= 0x3fffd)
		? 2
		: 1;
}

size_t
output_width(struct text t)
{
	size_t width = 0;

	while (t.len > 0)
		width += point_width(point_cut(&t));
	return width;
}

/* What a terminal may be shown: control characters, C1 included, could drive it. */
static struct text
harmless(struct text t, size_t width_max, struct arena *a)
{
	size_t width = 0;
	struct buf out;

	if (!text_is_utf8(t))
		return text_of("?");
	buf_init(&out, a, t.len + 4);
	while (t.len > 0) {
		const char *start = t.at;
		uint32_t point = point_cut(&t);

		width += point_width(point);
		if (width > width_max) {
			buf_str(&out, "…");
			break;
		}
		if (point < 0x20 || (point >= 0x7f && point < 0xa0))
			buf_char(&out, ' ');
		else
			buf_add(&out, start, (size_t)(t.at - start));
	}
	return buf_text(&out);
}

static bool
is_nested(const struct shape_field *f)
{
	return f->type == SHAPE_LIST || f->type == SHAPE_OBJECT || f->type == SHAPE_TEXTS;
}

static bool
is_money(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && strcmp(name + len - 4, "_fen") == 0;
}

static struct text
cell(enum format format, const char *name, struct json_object *value, struct arena *a)
{
	enum json_type type = json_object_get_type(value);

	if (value == NULL)
		return text_of("");
	if (type == json_type_string)
		return text_span(
			json_object_get_string(value), (size_t)json_object_get_string_len(value));
	if (format == FORMAT_TABLE && type == json_type_int && is_money(name)) {
		char *yuan = arena_alloc(a, AMOUNT_TEXT);

		amount_format(json_object_get_int64(value), yuan);
		return text_of(yuan);
	}
	return text_of(json_object_to_json_string_ext(
		value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
}

static const char *
heading(enum format format, const char *name, struct arena *a)
{
	if (format == FORMAT_TABLE && is_money(name))
		return arena_printf(a, "%.*s_yuan", (int)strlen(name) - 4, name);
	return name;
}

static void
print_csv_row(FILE *out, const struct text *cells, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		bool quote = cells[i].len > 0 &&
			(memchr(cells[i].at, ',', cells[i].len) != NULL ||
				memchr(cells[i].at, '"', cells[i].len) != NULL ||
				memchr(cells[i].at, '\n', cells[i].len) != NULL ||
				memchr(cells[i].at, '\r', cells[i].len) != NULL);

		if (i > 0)
			fputc(',', out);
		if (quote)
			fputc('"', out);
		for (size_t c = 0; c < cells[i].len; c++) {
			if (cells[i].at[c] == '"')
				fputc('"', out);
			fputc(cells[i].at[c], out);
		}
		if (quote)
			fputc('"', out);
	}
	fputs("\r\n", out);
}

static void
print_table(FILE *out, const struct text *cells, size_t columns, size_t rows, struct arena *a)
{
	size_t *widths = arena_array(a, size_t, columns + 1);

	for (size_t i = 0; i < rows * columns; i++) {
		size_t width = output_width(cells[i]);

		if (width > widths[i % columns])
			widths[i % columns] = width;
	}
	for (size_t i = 0; i < rows * columns; i++) {
		bool last = (i + 1) % columns == 0;

		fprintf(out, TEXT_FMT "%*s", TEXT_ARG(cells[i]),
			last ? 0 : (int)(widths[i % columns] - output_width(cells[i])) + 2, "");
		if (last)
			fputc('\n', out);
	}
}

static void
column_add(struct grid *g, const char *name)
{
	for (size_t i = 0; i < g->count; i++)
		if (strcmp(g->names[i], name) == 0)
			return;
	if (g->count < COLUMNS_MAX)
		g->names[g->count++] = name;
}

/* "owner_id" says nothing to a person who sees "owner_name" beside it. */
static bool
is_told_by_name(const struct shape *s, const char *name)
{
	char other[64];
	size_t len = strlen(name);

	if (len < 4 || len > 32 || strcmp(name + len - 3, "_id") != 0)
		return false;
	(void)snprintf(other, sizeof other, "%.*s_name", (int)len - 3, name);
	return shape_find(s, text_of(other)) >= 0;
}

static void
columns_find(struct grid *g, enum format format, const struct shape *s, struct json_object *items)
{
	struct json_object *first;

	for (size_t i = 0; s != NULL && i < s->count; i++)
		if (format == FORMAT_CSV ||
			(!is_nested(&s->fields[i]) && !is_told_by_name(s, s->fields[i].name)))
			column_add(g, s->fields[i].name);
	if (g->count > 0 || json_object_array_length(items) == 0)
		return;
	first = json_object_array_get_idx(items, 0);
	if (!json_object_is_type(first, json_type_object))
		return;
	for (struct lh_entry *e = json_object_get_object(first)->head; e != NULL; e = e->next)
		column_add(g, lh_entry_k(e));
}

static void
print_cells(FILE *out, enum format format, struct text *cells, size_t columns, size_t rows,
	struct arena *a)
{
	if (columns == 0)
		return;
	if (format == FORMAT_CSV) {
		for (size_t r = 0; r < rows; r++)
			print_csv_row(out, cells + r * columns, columns);
		return;
	}
	for (size_t i = 0; i < rows * columns; i++)
		cells[i] = harmless(cells[i], columns > 2 ? CELL_WIDTH_MAX : SIZE_MAX, a);
	print_table(out, cells, columns, rows, a);
}

static void
print_list(FILE *out, enum format format, const struct shape *s, struct json_object *items,
	struct arena *a)
{
	size_t rows = json_object_array_length(items) + 1;
	struct grid g = {.arena = a};
	struct text *cells;

	columns_find(&g, format, s, items);
	cells = arena_array(a, struct text, rows * g.count + 1);
	for (size_t c = 0; c < g.count; c++)
		cells[c] = text_of(heading(format, g.names[c], a));
	for (size_t r = 1; r < rows; r++) {
		struct json_object *item = json_object_array_get_idx(items, r - 1), *value;

		for (size_t c = 0; c < g.count; c++)
			if (json_object_is_type(item, json_type_object) &&
				json_object_object_get_ex(item, g.names[c], &value))
				cells[r * g.count + c] = cell(format, g.names[c], value, a);
	}
	print_cells(out, format, cells, g.count, rows, a);
}

/* The members of an object: those of its shape in the shape's order, then what else is there. */
static void
members_find(struct grid *g, const struct shape *s, struct json_object *object)
{
	struct json_object *value;

	for (size_t i = 0; s != NULL && i < s->count; i++)
		if (json_object_object_get_ex(object, s->fields[i].name, &value))
			column_add(g, s->fields[i].name);
	for (struct lh_entry *e = json_object_get_object(object)->head; e != NULL; e = e->next)
		column_add(g, lh_entry_k(e));
}

/* A list of objects inside an object: a table of its own below. */
static bool
is_inner_list(const struct shape *s, const char *name, struct json_object *value)
{
	int i = s == NULL ? -1 : shape_find(s, text_of(name));

	return i >= 0 && s->fields[i].type == SHAPE_LIST &&
		json_object_is_type(value, json_type_array);
}

static void
print_object(FILE *out, enum format format, const struct shape *s, struct json_object *object,
	struct arena *a)
{
	struct grid g = {.arena = a};
	struct json_object *value;
	struct text *cells;
	size_t rows = 0;

	members_find(&g, s, object);
	cells = arena_array(a, struct text, 2 * g.count + 3);
	if (format == FORMAT_CSV) {
		cells[0] = text_of("field");
		cells[1] = text_of("value");
		rows++;
	}
	for (size_t i = 0; i < g.count; i++) {
		(void)json_object_object_get_ex(object, g.names[i], &value);
		if (format == FORMAT_TABLE && is_inner_list(s, g.names[i], value))
			continue;
		cells[2 * rows] = text_of(heading(format, g.names[i], a));
		cells[2 * rows++ + 1] = cell(format, g.names[i], value, a);
	}
	print_cells(out, format, cells, 2, rows, a);
	for (size_t i = 0; i < g.count && format == FORMAT_TABLE; i++) {
		(void)json_object_object_get_ex(object, g.names[i], &value);
		if (!is_inner_list(s, g.names[i], value) || json_object_array_length(value) == 0)
			continue;
		fprintf(out, "\n%s:\n", g.names[i]);
		print_list(out, format, s->fields[shape_find(s, text_of(g.names[i]))].of, value, a);
	}
}

void
output_print(FILE *out, enum format format, const struct shape *s, struct json_object *answer,
	struct arena *a)
{
	const struct shape *of = NULL;
	struct json_object *items;

	if (format == FORMAT_JSON || !json_object_is_type(answer, json_type_object)) {
		fprintf(out, "%s\n",
			json_object_to_json_string_ext(answer,
				JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
					JSON_C_TO_STRING_NOSLASHESCAPE));
		return;
	}
	if (!json_object_object_get_ex(answer, "items", &items) ||
		!json_object_is_type(items, json_type_array)) {
		print_object(out, format, s, answer, a);
		return;
	}
	if (s != NULL && shape_find(s, text_of("items")) >= 0)
		of = s->fields[shape_find(s, text_of("items"))].of;
	print_list(out, format, of, items, a);
}

static const char *
member(struct json_object *json, const char *name, struct arena *a)
{
	struct json_object *value;
	struct text t;

	if (!json_object_object_get_ex(json, name, &value) ||
		!json_object_is_type(value, json_type_string))
		return NULL;
	t = harmless(text_of(json_object_get_string(value)), SIZE_MAX, a);
	return arena_str(a, t.at, t.len);
}

static void
print_faults(FILE *out, struct json_object *json, struct arena *a)
{
	struct json_object *errors;

	if (!json_object_object_get_ex(json, "errors", &errors) ||
		!json_object_is_type(errors, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(errors); i++) {
		struct json_object *error = json_object_array_get_idx(errors, i);
		const char *place, *detail;

		if (!json_object_is_type(error, json_type_object))
			continue;
		place = member(error, "pointer", a);
		if (place == NULL)
			place = member(error, "parameter", a);
		detail = member(error, "detail", a);
		fprintf(out, "  %s: %s\n", place == NULL ? "-" : place,
			detail == NULL ? "" : detail);
	}
}

void
output_problem(FILE *out, int status, struct text body, struct arena *a)
{
	struct json_object *json =
		body.len == 0 ? NULL : json_tokener_parse(arena_str(a, body.at, body.len));
	const char *title, *detail, *code, *rule;

	if (!json_object_is_type(json, json_type_object)) {
		fprintf(out, "fairlot: HTTP %d\n", status);
		json_object_put(json);
		return;
	}
	title = member(json, "title", a);
	detail = member(json, "detail", a);
	code = member(json, "code", a);
	rule = member(json, "rule", a);
	fprintf(out, "fairlot: %s", title == NULL ? say("请求被拒绝", "refused") : title);
	if (detail != NULL)
		fprintf(out, say("：%s", ": %s"), detail);
	fprintf(out, " (%d%s%s%s%s)\n", status, code == NULL ? "" : " ", code == NULL ? "" : code,
		rule == NULL ? "" : ", ", rule == NULL ? "" : rule);
	print_faults(out, json, a);
	json_object_put(json);
}
