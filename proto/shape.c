/* Checks parsed bodies and query strings against the lists of proto/in.  A value is first of the
 * right JSON type, then its text or number is checked by the same functions for both. */
#include "proto/shape.h"

#include <json-c/json.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/hex.h"

enum {
	NAME_SHOWN_MAX = 64 /* a longer unknown name is not repeated to the client */
};

#define INT_MAX_EXACT ((int64_t)1 << 53) /* beyond, JSON readers lose digits (RFC 8259, 6) */

/* Where a value stands: a chain of the call frames, spelled out only when there is a fault. */
struct place {
	const struct place *up;
	const char *name; /* of a member, or NULL: an element */
	size_t index;
};

struct check {
	struct arena *arena;
	struct shape_faults *faults;
};

static void
pointer_add(struct buf *b, const struct place *p)
{
	if (p->up == NULL)
		return;
	pointer_add(b, p->up);
	buf_char(b, '/');
	if (p->name == NULL) {
		buf_printf(b, "%zu", p->index);
		return;
	}
	for (const char *c = p->name; *c != '\0'; c++)
		if (*c == '~' || *c == '/')
			buf_str(b, *c == '~' ? "~0" : "~1");
		else
			buf_char(b, *c);
}

static const char *
pointer_of(struct arena *a, const struct place *p)
{
	struct buf b;

	buf_init(&b, a, 64);
	pointer_add(&b, p);
	buf_char(&b, '\0');
	return b.at;
}

/* What is wrong with one value; code NULL: nothing. */
struct verdict {
	const char *code, *zh, *en;
};

static const struct verdict fine = {NULL, NULL, NULL};

static void
fault_add(struct check *c, const char *pointer, struct verdict v)
{
	if (c->faults->count < SHAPE_FAULTS_MAX)
		c->faults->at[c->faults->count++] =
			(struct shape_fault){pointer, v.code, v.zh, v.en};
}

static struct verdict
verdict_range(struct arena *a, const struct shape_field *f)
{
	return (struct verdict){"range", arena_printf(a, "须在 %lld 至 %lld 之间", f->min, f->max),
		arena_printf(a, "must be from %lld to %lld", f->min, f->max)};
}

static bool
is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool
shape_is_id(struct text t)
{
	if (t.len == 0 || t.len > 64 || !is_letter_or_digit(t.at[0]))
		return false;
	for (size_t i = 1; i < t.len; i++)
		if (!is_letter_or_digit(t.at[i]) && memchr("._-", t.at[i], 3) == NULL)
			return false;
	return true;
}

static bool
is_choice(struct text t, const char *choices)
{
	struct text rest = text_of(choices), one;

	while (text_cut(&rest, '|', &one))
		if (text_eq(one, t))
			return true;
	return false;
}

static bool
is_hex(struct text t, size_t bytes)
{
	if (t.len != 2 * bytes)
		return false;
	for (size_t i = 0; i < t.len; i++)
		if (!(t.at[i] >= '0' && t.at[i] <= '9') && !(t.at[i] >= 'a' && t.at[i] <= 'f'))
			return false;
	return true;
}

/* Takes `digits` digits off the front as a number from lo to hi. */
static bool
number_cut(struct text *t, size_t digits, int lo, int hi, int *ret_number)
{
	int number = 0;

	if (t->len < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		if (t->at[i] < '0' || t->at[i] > '9')
			return false;
		number = number * 10 + (t->at[i] - '0');
	}
	*t = text_span(t->at + digits, t->len - digits);
	*ret_number = number;
	return number >= lo && number <= hi;
}

static bool
char_cut(struct text *t, char c)
{
	if (t->len == 0 || t->at[0] != c)
		return false;
	*t = text_span(t->at + 1, t->len - 1);
	return true;
}

/* YYYY-MM-DD of the Gregorian calendar; years 1000 to 2999, which PostgreSQL takes too. */
static bool
date_cut(struct text *t)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int y, m, d;
	bool leap;

	if (!number_cut(t, 4, 1000, 2999, &y) || !char_cut(t, '-') ||
		!number_cut(t, 2, 1, 12, &m) || !char_cut(t, '-') || !number_cut(t, 2, 1, 31, &d))
		return false;
	leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
	return d <= days[m - 1] + (m == 2 && leap);
}

/* RFC 3339 with 'Z', upper case, no leap second, at most microseconds. */
static bool
is_time(struct text t)
{
	size_t digits = 0;
	int part;

	if (!date_cut(&t) || !char_cut(&t, 'T') || !number_cut(&t, 2, 0, 23, &part) ||
		!char_cut(&t, ':') || !number_cut(&t, 2, 0, 59, &part) || !char_cut(&t, ':') ||
		!number_cut(&t, 2, 0, 59, &part))
		return false;
	if (char_cut(&t, '.')) {
		while (number_cut(&t, 1, 0, 9, &part))
			digits++;
		if (digits < 1 || digits > 6)
			return false;
	}
	return char_cut(&t, 'Z') && t.len == 0;
}

static bool
has_control(struct text t, bool lines)
{
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = (unsigned char)t.at[i];

		if ((c < 0x20 || c == 0x7f) && !(lines && (c == '\n' || c == '\t')))
			return true;
	}
	return false;
}

/* Blanks: control characters, U+0020, and what looks like it: U+00A0, U+3000. */
static bool
is_blank(struct text t)
{
	static const char *const wide[] = {"\u00a0", "\u3000"};

	while (t.len > 0) {
		size_t n = (unsigned char)t.at[0] <= 0x20;

		for (int i = 0; n == 0 && i < 2; i++)
			if (text_starts(t, wide[i]))
				n = strlen(wide[i]);
		if (n == 0)
			return false;
		t = text_span(t.at + n, t.len - n);
	}
	return true;
}

static struct verdict
check_length(struct arena *a, struct text t, long long lo, long long hi)
{
	size_t points;

	if (!text_is_utf8(t))
		return (struct verdict){"format", "须为 UTF-8", "must be UTF-8"};
	if (has_control(t, hi > SHAPE_LINE_MAX))
		return (struct verdict){
			"format", "不得含有控制字符", "must not hold control characters"};
	points = text_points(t);
	if ((long long)points < lo || (long long)points > hi)
		return (struct verdict){"length",
			arena_printf(a, "须为 %lld 至 %lld 个字符", lo, hi),
			arena_printf(a, "must have %lld to %lld characters", lo, hi)};
	if (is_blank(t))
		return (struct verdict){"format", "不得只有空白", "must hold more than blanks"};
	return fine;
}

/* A value that is text on the wire, in a body or in a query. */
static struct verdict
check_text(struct arena *a, const struct shape_field *f, struct text t)
{
	switch (f->type) {
	case SHAPE_TEXT:
		return check_length(a, t, f->min, f->max);
	case SHAPE_ID:
		return shape_is_id(t) ? fine
				      : (struct verdict){"format", "须为标识符", "must be an id"};
	case SHAPE_CHOICE:
		return is_choice(t, f->choices)
			? fine
			: (struct verdict){"choice", arena_printf(a, "须为 %s 之一", f->choices),
				  arena_printf(a, "must be one of %s", f->choices)};
	case SHAPE_HEX:
		return is_hex(t, (size_t)f->max)
			? fine
			: (struct verdict){"format",
				  arena_printf(a, "须为 %lld 个小写十六进制字符", 2 * f->max),
				  arena_printf(
					  a, "must be %lld lower-case hex characters", 2 * f->max)};
	case SHAPE_TIME:
		return is_time(t)
			? fine
			: (struct verdict){"format", "须为 RFC 3339 的 UTC 时间，以 Z 结尾",
				  "must be a time in UTC by RFC 3339, ending in Z"};
	case SHAPE_DATE:
		return date_cut(&t) && t.len == 0
			? fine
			: (struct verdict){
				  "format", "须为 YYYY-MM-DD 日期", "must be a date YYYY-MM-DD"};
	default:
		must(false);
		return fine;
	}
}

static struct verdict
check_number(struct arena *a, const struct shape_field *f, int64_t number)
{
	return number < f->min || number > f->max || number >= INT_MAX_EXACT ||
			number <= -INT_MAX_EXACT
		? verdict_range(a, f)
		: fine;
}

static void check_members(
	struct check *c, const struct place *at, const struct shape *s, struct json_object *json);

static void
check_list(struct check *c, const struct place *at, const struct shape_field *f,
	struct json_object *json)
{
	size_t count = json_object_array_length(json);
	long long lo = f->type == SHAPE_LIST ? f->min : 0;

	if ((long long)count < lo || (long long)count > f->max) {
		fault_add(c, pointer_of(c->arena, at),
			(struct verdict){"length",
				arena_printf(c->arena, "须有 %lld 至 %lld 项", lo, f->max),
				arena_printf(
					c->arena, "must have %lld to %lld items", lo, f->max)});
		return;
	}
	for (size_t i = 0; i < count; i++) {
		struct json_object *one = json_object_array_get_idx(json, i);
		struct place here = {at, NULL, i};
		struct verdict v;

		if (f->type == SHAPE_LIST) {
			check_members(c, &here, f->of, one);
			continue;
		}
		v = json_object_is_type(one, json_type_string)
			? check_length(c->arena,
				  text_span(json_object_get_string(one),
					  (size_t)json_object_get_string_len(one)),
				  1, f->min)
			: (struct verdict){"type", "须为字符串", "must be a string"};
		if (v.code != NULL)
			fault_add(c, pointer_of(c->arena, &here), v);
	}
}

static const struct {
	enum json_type type;
	const char *zh, *en;
} wire[] = {
	[SHAPE_TEXT] = {json_type_string, "须为字符串", "must be a string"},
	[SHAPE_ID] = {json_type_string, "须为字符串", "must be a string"},
	[SHAPE_CHOICE] = {json_type_string, "须为字符串", "must be a string"},
	[SHAPE_HEX] = {json_type_string, "须为字符串", "must be a string"},
	[SHAPE_TIME] = {json_type_string, "须为字符串", "must be a string"},
	[SHAPE_DATE] = {json_type_string, "须为字符串", "must be a string"},
	[SHAPE_INT] = {json_type_int, "须为不带小数与指数的整数",
		"must be an integer without fraction or exponent"},
	[SHAPE_FEN] = {json_type_int, "须为以分计的整数", "must be an integer, in fen"},
	[SHAPE_BOOL] = {json_type_boolean, "须为 true 或 false", "must be true or false"},
	[SHAPE_LIST] = {json_type_array, "须为数组", "must be an array"},
	[SHAPE_TEXTS] = {json_type_array, "须为数组", "must be an array"},
	[SHAPE_OBJECT] = {json_type_object, "须为对象", "must be an object"},
};

static void
check_value(struct check *c, const struct place *at, const struct shape_field *f,
	struct json_object *json)
{
	struct verdict v = fine;

	if (json == NULL && (f->need & SHAPE_NULL) != 0)
		return;
	if (!json_object_is_type(json, wire[f->type].type)) {
		v = (struct verdict){"type", wire[f->type].zh, wire[f->type].en};
	} else if (f->type == SHAPE_OBJECT) {
		check_members(c, at, f->of, json);
	} else if (f->type == SHAPE_LIST || f->type == SHAPE_TEXTS) {
		check_list(c, at, f, json);
	} else if (f->type == SHAPE_INT || f->type == SHAPE_FEN) {
		v = check_number(c->arena, f, json_object_get_int64(json));
	} else if (f->type != SHAPE_BOOL) {
		v = check_text(c->arena, f,
			text_span(json_object_get_string(json),
				(size_t)json_object_get_string_len(json)));
	}
	if (v.code != NULL)
		fault_add(c, pointer_of(c->arena, at), v);
}

static void
check_member(struct check *c, const struct place *at, const struct shape *s, const char *name,
	struct json_object *value)
{
	struct place here = {at, name, 0};
	int i = shape_find(s, text_of(name));

	if (i >= 0)
		check_value(c, &here, &s->fields[i], value);
	else
		fault_add(c, pointer_of(c->arena, strlen(name) > NAME_SHOWN_MAX ? at : &here),
			(struct verdict){"unknown", "没有此成员", "no such member"});
}

static void
check_members(
	struct check *c, const struct place *at, const struct shape *s, struct json_object *json)
{
	struct json_object_iterator it, end;

	if (!json_object_is_type(json, json_type_object)) {
		fault_add(c, pointer_of(c->arena, at),
			(struct verdict){"type", wire[SHAPE_OBJECT].zh, wire[SHAPE_OBJECT].en});
		return;
	}
	end = json_object_iter_end(json);
	for (it = json_object_iter_begin(json); !json_object_iter_equal(&it, &end);
		json_object_iter_next(&it))
		check_member(c, at, s, json_object_iter_peek_name(&it),
			json_object_iter_peek_value(&it));
	for (size_t i = 0; i < s->count; i++) {
		struct place here = {at, s->fields[i].name, 0};

		if ((s->fields[i].need & SHAPE_REQUIRED) != 0 &&
			!json_object_object_get_ex(json, s->fields[i].name, NULL))
			fault_add(c, pointer_of(c->arena, &here),
				(struct verdict){"required", "必须提供", "is required"});
	}
}

enum err
shape_check(const struct shape *s, struct json_object *json, struct arena *a,
	struct shape_faults *reterr)
{
	struct check c = {a, reterr};
	struct place root = {NULL, NULL, 0};

	reterr->count = 0;
	if (json != NULL) {
		check_members(&c, &root, s, json);
		return reterr->count == 0 ? OK : E_BAD_INPUT;
	}
	for (size_t i = 0; i < s->count; i++) {
		struct place here = {&root, s->fields[i].name, 0};

		if ((s->fields[i].need & SHAPE_REQUIRED) != 0)
			fault_add(&c, pointer_of(a, &here),
				(struct verdict){"required", "必须提供", "is required"});
	}
	return reterr->count == 0 ? OK : E_BAD_INPUT;
}

int
shape_find(const struct shape *s, struct text name)
{
	for (size_t i = 0; i < s->count; i++)
		if (text_is(name, s->fields[i].name))
			return (int)i;
	return -1;
}

/* application/x-www-form-urlencoded: '+' is a blank. */
static bool
query_decode(struct arena *a, struct text raw, struct text *ret_value)
{
	char *out = arena_alloc(a, raw.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < raw.len; i++) {
		int hi, lo;

		if (raw.at[i] != '%') {
			out[len++] = raw.at[i] == '+' ? ' ' : raw.at[i];
			continue;
		}
		if (raw.len - i < 3 || (hi = hex_digit(raw.at[i + 1])) < 0 ||
			(lo = hex_digit(raw.at[i + 2])) < 0)
			return false;
		out[len++] = (char)(hi << 4 | lo);
		i += 2;
	}
	*ret_value = text_span(out, len);
	return true;
}

static bool
query_number(struct text t, int64_t *ret_number)
{
	bool negative = t.len > 0 && t.at[0] == '-';
	uint64_t number;

	if (!text_u64(negative ? text_span(t.at + 1, t.len - 1) : t, INT_MAX_EXACT, &number))
		return false;
	*ret_number = negative ? -(int64_t)number : (int64_t)number;
	return true;
}

static struct verdict
query_check(struct arena *a, const struct shape_field *f, struct text t)
{
	int64_t number;

	switch (f->type) {
	case SHAPE_INT:
	case SHAPE_FEN:
		return query_number(t, &number)
			? check_number(a, f, number)
			: (struct verdict){"type", wire[f->type].zh, wire[f->type].en};
	case SHAPE_BOOL:
		return text_is(t, "true") || text_is(t, "false")
			? fine
			: (struct verdict){"type", wire[f->type].zh, wire[f->type].en};
	default:
		return check_text(a, f, t);
	}
}

/* One name=value of the query. */
static void
query_pair(struct check *c, const struct shape *s, struct text pair, struct text *values)
{
	struct text name = {pair.at, 0};
	const char *shown;
	struct text value;
	struct verdict v;
	int i;

	if (!text_cut(&pair, '=', &name))
		pair = text_span("", 0);
	i = shape_find(s, name);
	/* What is no plain name must not look like a pointer or fill the answer. */
	shown = shape_is_id(name) ? arena_str(c->arena, name.at, name.len) : "query";
	if (i < 0)
		v = (struct verdict){"unknown", "没有此参数", "no such parameter"};
	else if (values[i].at != NULL)
		v = (struct verdict){"duplicate", "参数重复", "stands more than once"};
	else if (!query_decode(c->arena, pair, &value))
		v = (struct verdict){"format", "百分号编码有误", "bad percent-encoding"};
	else {
		values[i] = value;
		v = query_check(c->arena, &s->fields[i], value);
	}
	if (v.code != NULL)
		fault_add(c, shown, v);
}

enum err
shape_query(const struct shape *s, struct text query, struct arena *a, struct text *ret_values,
	struct shape_faults *reterr)
{
	struct check c = {a, reterr};
	struct text pair, rest = query;

	reterr->count = 0;
	for (size_t i = 0; i < s->count; i++)
		ret_values[i] = (struct text){NULL, 0};
	while (text_cut(&rest, '&', &pair))
		query_pair(&c, s, pair, ret_values);
	for (size_t i = 0; i < s->count; i++)
		if ((s->fields[i].need & SHAPE_REQUIRED) != 0 && ret_values[i].at == NULL)
			fault_add(&c, s->fields[i].name,
				(struct verdict){"required", "必须提供", "is required"});
	return reterr->count == 0 ? OK : E_BAD_INPUT;
}
