#include "proto/json_scan.h"

#include <json-c/json.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/hex.h"

/* A name of an object still open: its raw text between the quotes, and a hash of what it means,
 * so that "a" and "\u0061" are found to be one. */
struct name {
	struct text raw;
	uint32_t hash;
};

struct scan {
	const char *start, *at, *end;
	size_t values, containers;
	struct scan_fault *fault;
	struct name names[SCAN_DEPTH_MAX * SCAN_MEMBERS_MAX];
	size_t names_count;
};

static enum err
refuse_at(struct scan *s, const char *at, const char *zh, const char *en)
{
	*s->fault = (struct scan_fault){(size_t)(at - s->start), zh, en};
	return E_BAD_JSON;
}

static enum err
refuse(struct scan *s, const char *zh, const char *en)
{
	return refuse_at(s, s->at, zh, en);
}

static enum err
refuse_many(struct scan *s, const char *zh, const char *en)
{
	(void)refuse_at(s, s->at, zh, en);
	return E_TOO_LARGE;
}

static void
skip_blanks(struct scan *s)
{
	while (s->at < s->end &&
		(*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
		s->at++;
}

static bool
take(struct scan *s, char c)
{
	if (s->at == s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

static size_t
take_digits(struct scan *s)
{
	size_t n = 0;

	for (; s->at < s->end && *s->at >= '0' && *s->at <= '9'; s->at++)
		n++;
	return n;
}

/* The four digits after "\u", or -1. */
static int
unit_at(const char *at, const char *end)
{
	int unit = 0;

	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(at[i]);

		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

/* at is behind the backslash. */
static enum err
scan_escape(struct scan *s)
{
	int unit, low;

	if (s->at == s->end)
		return refuse(s, "字符串未结束", "the string does not end");
	if (*s->at != 'u') {
		if (memchr("\"\\/bfnrt", *s->at, 8) == NULL)
			return refuse(s, "转义有误", "no such escape");
		s->at++;
		return OK;
	}
	s->at++;
	unit = unit_at(s->at, s->end);
	if (unit < 0)
		return refuse(s, "\\u 之后须为四个十六进制字符", "\\u needs four hex digits");
	if (unit == 0)
		return refuse(s, "不得含有 U+0000", "U+0000 is not taken");
	s->at += 4;
	if (unit < 0xd800 || unit > 0xdfff)
		return OK;
	low = s->end - s->at >= 6 && s->at[0] == '\\' && s->at[1] == 'u'
		? unit_at(s->at + 2, s->end)
		: -1;
	if (unit > 0xdbff || low < 0xdc00 || low > 0xdfff)
		return refuse_at(
			s, s->at - 4, "代理项不成对", "a surrogate without its other half");
	s->at += 6;
	return OK;
}

/* at is behind the opening quote. */
static enum err
scan_string(struct scan *s, struct text *ret_raw)
{
	const char *start = s->at;

	for (;;) {
		enum err e;

		if (s->at == s->end)
			return refuse(s, "字符串未结束", "the string does not end");
		if (*s->at == '"')
			break;
		if ((unsigned char)*s->at < 0x20)
			return refuse(s, "控制字符须转义", "a control character must be escaped");
		if (*s->at++ == '\\' && (e = scan_escape(s)) != OK)
			return e;
	}
	*ret_raw = text_span(start, (size_t)(s->at - start));
	if (!text_is_utf8(*ret_raw))
		return refuse_at(s, start, "字符串须为 UTF-8", "the string is not UTF-8");
	s->at++;
	return OK;
}

/* at is on '-' or a digit. */
static enum err
scan_number(struct scan *s)
{
	(void)take(s, '-');
	if (take(s, '0')) {
		const char *behind = s->at;

		if (take_digits(s) > 0)
			return refuse_at(
				s, behind, "数字不得有前导零", "a number has no leading zero");
	} else if (take_digits(s) == 0) {
		return refuse(s, "此处须为数字", "a digit is missing");
	}
	if (take(s, '.') && take_digits(s) == 0)
		return refuse(s, "小数点后须为数字", "a digit is missing after the point");
	if (take(s, 'e') || take(s, 'E')) {
		if (!take(s, '+'))
			(void)take(s, '-');
		if (take_digits(s) == 0)
			return refuse(s, "指数须为数字", "a digit is missing in the exponent");
	}
	return OK;
}

static enum err
scan_word(struct scan *s, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(s->end - s->at) < len || memcmp(s->at, word, len) != 0)
		return refuse(s, "此处须为一个值", "a value is missing here");
	s->at += len;
	return OK;
}

/* What a checked raw string means, as UTF-16 units: so an escaped pair of surrogates and the same
 * character in UTF-8 give the same sequence. */
struct units {
	struct text raw;
	int low; /* a second half that waits, or 0 */
};

static int
units_of_utf8(struct units *u)
{
	const unsigned char *p = (const unsigned char *)u->raw.at;
	size_t len = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	int point = len == 1 ? p[0] : p[0] & (0x7f >> len);

	for (size_t i = 1; i < len; i++)
		point = point << 6 | (p[i] & 0x3f);
	u->raw = text_span(u->raw.at + len, u->raw.len - len);
	if (point < 0x10000)
		return point;
	u->low = 0xdc00 | ((point - 0x10000) & 0x3ff);
	return 0xd800 | (point - 0x10000) >> 10;
}

/* The next unit, or -1 at the end. */
static int
units_next(struct units *u)
{
	static const char escapes[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	int unit = u->low;
	char c;

	u->low = 0;
	if (unit != 0)
		return unit;
	if (u->raw.len == 0)
		return -1;
	if (u->raw.at[0] != '\\')
		return units_of_utf8(u);
	c = u->raw.at[1];
	if (c == 'u') {
		unit = unit_at(u->raw.at + 2, u->raw.at + u->raw.len);
		u->raw = text_span(u->raw.at + 6, u->raw.len - 6);
		return unit;
	}
	u->raw = text_span(u->raw.at + 2, u->raw.len - 2);
	return meant[strchr(escapes, c) - escapes];
}

static uint32_t
name_hash(struct text raw)
{
	struct units u = {raw, 0};
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (int unit; (unit = units_next(&u)) >= 0;)
		hash = (hash ^ (uint32_t)unit) * 16777619u;
	return hash;
}

static bool
name_eq(struct text a, struct text b)
{
	struct units ua = {a, 0}, ub = {b, 0};
	int unit;

	while ((unit = units_next(&ua)) == units_next(&ub))
		if (unit < 0)
			return true;
	return false;
}

/* first is where the names of this object begin. */
static enum err
scan_name(struct scan *s, size_t first)
{
	const char *start = s->at;
	struct name name;
	enum err e;

	if (!take(s, '"'))
		return refuse(s, "此处须为成员名", "a member's name is missing here");
	if ((e = scan_string(s, &name.raw)) != OK)
		return e;
	name.hash = name_hash(name.raw);
	for (size_t i = first; i < s->names_count; i++)
		if (s->names[i].hash == name.hash && name_eq(s->names[i].raw, name.raw))
			return refuse_at(
				s, start, "成员名重复", "the object has this member already");
	if (s->names_count - first == SCAN_MEMBERS_MAX)
		return refuse_many(s, "对象的成员过多", "the object has too many members");
	s->names[s->names_count++] = name;
	skip_blanks(s);
	if (!take(s, ':'))
		return refuse(s, "成员名后须为冒号", "a colon is missing after the name");
	return OK;
}

static enum err scan_value(struct scan *s, int depth);

/* at is behind the opening bracket of an object or an array. */
static enum err
scan_container(struct scan *s, int depth, bool object)
{
	char close = object ? '}' : ']';
	size_t first = s->names_count;
	enum err e;

	if (depth == SCAN_DEPTH_MAX)
		return refuse(s, "嵌套过深", "nested too deeply");
	if (++s->containers > SCAN_CONTAINERS_MAX)
		return refuse_many(s, "数组和对象过多", "too many arrays and objects");
	skip_blanks(s);
	if (take(s, close))
		return OK;
	for (;;) {
		skip_blanks(s);
		if (object && (e = scan_name(s, first)) != OK)
			return e;
		if ((e = scan_value(s, depth + 1)) != OK)
			return e;
		skip_blanks(s);
		if (take(s, close))
			break;
		if (!take(s, ','))
			return refuse(s, "此处须为逗号或结束括号",
				"a comma or the closing bracket is missing here");
	}
	s->names_count = first;
	return OK;
}

static enum err
scan_value(struct scan *s, int depth)
{
	struct text raw;

	skip_blanks(s);
	if (++s->values > SCAN_VALUES_MAX)
		return refuse_many(s, "值过多", "too many values");
	if (take(s, '{'))
		return scan_container(s, depth, true);
	if (take(s, '['))
		return scan_container(s, depth, false);
	if (take(s, '"'))
		return scan_string(s, &raw);
	if (s->at == s->end)
		return refuse(s, "此处须为一个值", "a value is missing here");
	switch (*s->at) {
	case 't':
		return scan_word(s, "true");
	case 'f':
		return scan_word(s, "false");
	case 'n':
		return scan_word(s, "null");
	default:
		if (*s->at == '-' || (*s->at >= '0' && *s->at <= '9'))
			return scan_number(s);
		return refuse(s, "此处须为一个值", "a value is missing here");
	}
}

enum err
scan_json(struct text bytes, struct scan_fault *reterr)
{
	struct scan s;
	enum err e;

	/* The names are left as they are: 48 KiB, of which few are ever used. */
	s.start = s.at = bytes.len > 0 ? bytes.at : "";
	s.end = s.start + bytes.len;
	s.values = s.containers = s.names_count = 0;
	s.fault = reterr;
	if ((e = scan_value(&s, 0)) != OK)
		return e;
	skip_blanks(&s);
	return s.at == s.end ? OK : refuse(&s, "JSON 之后还有内容", "something follows the JSON");
}

static void
object_put(void *json)
{
	(void)json_object_put(json);
}

enum err
scan_parse(struct text bytes, struct arena *a, struct json_object **ret_json,
	struct scan_fault *reterr)
{
	struct json_tokener *tokener;
	struct json_object *json;
	enum err e = scan_json(bytes, reterr);

	if (e != OK)
		return e;
	tokener = json_tokener_new_ex(SCAN_DEPTH_MAX + 2);
	must(tokener != NULL && bytes.len < INT32_MAX);
	json = json_tokener_parse_ex(tokener, bytes.at, (int)bytes.len);
	/* A number at the top ends only when something follows it. */
	if (json == NULL && json_tokener_get_error(tokener) == json_tokener_continue)
		json = json_tokener_parse_ex(tokener, " ", 1);
	must(json_tokener_get_error(tokener) == json_tokener_success);
	json_tokener_free(tokener);
	if (json == NULL) {
		*reterr = (struct scan_fault){0, "请求体不得为 null", "the body is null"};
		return E_BAD_JSON;
	}
	arena_defer(a, object_put, json);
	*ret_json = json;
	return OK;
}
