#include "cli/command.h"

#include <errno.h>
#include <json-c/json.h>
#include <json-c/linkhash.h>
#include <string.h>

#include "cli/amount.h"
#include "cli/file.h"
#include "cli/say.h"
#include "lib/base/arena.h"
#include "proto/json_scan.h"

enum {
	BODY_MAX = 8 << 20,
	FLAG_MAX = 80
};

struct build {
	const struct op *op;
	struct arena *arena;
	const struct shape *shape; /* of the flags: body, or query of a read */
	struct json_object *json;  /* the members from flags */
	const char *args[PATH_ARGS_MAX];
	size_t args_count;
	const char **reterr;
};

static bool
wrong(struct build *b, const char *zh, const char *en, const char *about)
{
	*b->reterr = arena_printf(b->arena, "%s: %s", about, say(zh, en));
	return false;
}

static void
json_release(void *json)
{
	json_object_put(json);
}

static struct json_object *
json_own(struct arena *a, struct json_object *json)
{
	must(json != NULL);
	arena_defer(a, json_release, json);
	return json;
}

static bool
same_name(const char *a, const char *b)
{
	for (; *a != '\0' && *b != '\0'; a++, b++)
		if (*a != *b && !((*a == '-' || *a == '_') && (*b == '-' || *b == '_')))
			return false;
	return *a == *b;
}

const struct op *
command_find(const char *resource, const char *verb)
{
	for (int i = 0; i < OP_COUNT; i++) {
		const char *dot = strchr(op_table[i].name, '.');
		size_t len = (size_t)(dot - op_table[i].name);

		if (strlen(resource) == len && memcmp(resource, op_table[i].name, len) == 0 &&
			same_name(verb, dot + 1))
			return &op_table[i];
	}
	return NULL;
}

const struct op *
command_reader(const struct op *op)
{
	const char *end = strchr(op->path, '}');

	for (int i = 0; end != NULL && i < OP_COUNT; i++) {
		size_t len = (size_t)(end - op->path) + 1;

		if (op_table[i].method == GET && strlen(op_table[i].path) == len &&
			memcmp(op_table[i].path, op->path, len) == 0)
			return &op_table[i];
	}
	return NULL;
}

static void
add_encoded(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~",
			    *text) != NULL)
			buf_char(out, *text);
		else
			buf_printf(out, "%%%02X", (unsigned char)*text);
}

/* A segment of dots would be taken for the folder above by whatever stands in between. */
static bool
is_segment(const char *text)
{
	return text[0] != '\0' && text[0] != '.' && strlen(text) <= 128;
}

const char *
command_path(const struct op *op, const char *const *args, size_t count, struct arena *a)
{
	struct buf out;
	size_t used = 0;

	buf_init(&out, a, 256);
	for (const char *at = op->path; *at != '\0'; at++) {
		if (*at != '{') {
			buf_char(&out, *at);
			continue;
		}
		if (used == count || !is_segment(args[used]))
			return NULL;
		add_encoded(&out, args[used++]);
		at = strchr(at, '}');
		must(at != NULL);
	}
	buf_char(&out, '\0');
	return used == count ? out.at : NULL;
}

/* --- one flag --- */

enum form {
	FORM_PLAIN,   /* --price-fen, --title */
	FORM_YUAN,    /* --price-yuan */
	FORM_WAN,     /* --price-wan */
	FORM_WRITTEN, /* --price, the unit behind the number */
	FORM_NOT      /* --no-accept */
};

static bool
field_takes(const struct shape_field *f, const char *flag, struct arena *a, enum form *ret_form)
{
	static const struct {
		const char *ending;
		enum form form;
	} money[] = {{"_yuan", FORM_YUAN}, {"_wan", FORM_WAN}, {"", FORM_WRITTEN}};

	if (f->type == SHAPE_BOOL && same_name(flag, arena_printf(a, "no_%s", f->name))) {
		*ret_form = FORM_NOT;
		return true;
	}
	for (size_t i = 0; f->type == SHAPE_FEN && i < sizeof money / sizeof money[0]; i++) {
		size_t stem = strlen(f->name) - strlen("_fen");

		if (same_name(
			    flag, arena_printf(a, "%.*s%s", (int)stem, f->name, money[i].ending))) {
			*ret_form = money[i].form;
			return true;
		}
	}
	return false;
}

/* A field's own name goes before the forms of another. */
static const struct shape_field *
field_find(const struct shape *s, const char *flag, struct arena *a, enum form *ret_form)
{
	for (size_t i = 0; i < s->count; i++)
		if (same_name(flag, s->fields[i].name)) {
			*ret_form = FORM_PLAIN;
			return &s->fields[i];
		}
	for (size_t i = 0; i < s->count; i++)
		if (field_takes(&s->fields[i], flag, a, ret_form))
			return &s->fields[i];
	return NULL;
}

/* By the server's own scan: json-c alone takes more than JSON. */
static struct json_object *
parse_json(struct text t, struct arena *a)
{
	struct json_object *json;
	struct scan_fault fault;

	return scan_parse(t, a, &json, &fault) == OK ? json : NULL;
}

static bool
is_list(const struct shape_field *f)
{
	return f->type == SHAPE_LIST || f->type == SHAPE_TEXTS;
}

static struct json_object *
money_value(enum form form, struct text value)
{
	int64_t fen;
	bool good;

	if (form == FORM_WRITTEN)
		good = amount_parse_unit(value, &fen);
	else
		good = amount_parse(value,
			form == FORM_YUAN	   ? AMOUNT_YUAN
				: form == FORM_WAN ? AMOUNT_WAN
						   : AMOUNT_FEN,
			&fen);
	return good ? json_object_new_int64(fen) : NULL;
}

static struct json_object *
int_value(struct text value)
{
	bool minus = value.len > 0 && value.at[0] == '-';
	uint64_t n;

	if (!text_u64(text_span(value.at + minus, value.len - minus), INT64_MAX, &n))
		return NULL;
	return json_object_new_int64(minus ? -(int64_t)n : (int64_t)n);
}

/* The member, or the list's next element; NULL when the value is not of the field's type. */
static struct json_object *
flag_value(const struct shape_field *f, enum form form, const char *value, struct arena *a)
{
	struct json_object *json;

	switch (f->type) {
	case SHAPE_INT:
		return int_value(text_of(value));
	case SHAPE_FEN:
		return money_value(form, text_of(value));
	case SHAPE_BOOL:
		if (value == NULL)
			return json_object_new_boolean(form != FORM_NOT);
		if (form == FORM_NOT || (strcmp(value, "true") != 0 && strcmp(value, "false") != 0))
			return NULL;
		return json_object_new_boolean(value[0] == 't');
	case SHAPE_LIST:
	case SHAPE_OBJECT:
		json = parse_json(text_of(value), a);
		return json_object_is_type(json, json_type_object) ? json_object_get(json) : NULL;
	case SHAPE_TEXT:
	case SHAPE_ID:
	case SHAPE_CHOICE:
	case SHAPE_HEX:
	case SHAPE_TIME:
	case SHAPE_DATE:
	case SHAPE_TEXTS:
		return text_is_utf8(text_of(value)) ? json_object_new_string(value) : NULL;
	}
	return NULL;
}

static bool
flag_set(struct build *b, const struct shape_field *f, enum form form, const char *flag,
	const char *value)
{
	struct json_object *old, *json;
	bool again = json_object_object_get_ex(b->json, f->name, &old);

	if (again && !is_list(f))
		return wrong(b, "重复给出", "given twice", flag);
	if ((json = flag_value(f, form, value, b->arena)) == NULL) {
		if (f->type == SHAPE_FEN)
			return wrong(b, "不是金额（如 12.5万、125000.00元），或不足一分",
				"no amount of money (as 12.5万 or 125000.00元), or a fraction of a "
				"fen",
				flag);
		return wrong(b, "取值的类型不符", "the value has not the type", flag);
	}
	if (!is_list(f)) {
		json_object_object_add(b->json, f->name, json);
		return true;
	}
	if (!again) {
		old = json_object_new_array();
		json_object_object_add(b->json, f->name, old);
	}
	json_object_array_add(old, json);
	return true;
}

/* Takes the flag at argv[*i]; a flag that is no field may be an option of the program. */
static bool
flag_take(struct build *b, int argc, char *const *argv, int *i, struct options *options)
{
	const char *arg = argv[*i], *inside = strchr(arg, '=');
	char *name = arena_str(
		b->arena, arg + 2, inside == NULL ? strlen(arg + 2) : (size_t)(inside - arg) - 2);
	enum form form;
	const struct shape_field *f = field_find(b->shape, name, b->arena, &form);
	const char *value = inside == NULL ? NULL : inside + 1;

	if (f == NULL) {
		switch (option_take(options, argc, argv, i)) {
		case OPTION_TAKEN:
			return true;
		case OPTION_WRONG:
			return wrong(b, "缺少取值，或重复给出",
				"its value is missing, or it is given twice", arg);
		case OPTION_OTHER:
			return wrong(
				b, "此操作没有这个参数", "this operation has no such flag", arg);
		}
	}
	if (value == NULL && f->type != SHAPE_BOOL) {
		if (*i + 1 == argc)
			return wrong(b, "缺少取值", "its value is missing", arg);
		value = argv[++*i];
	}
	++*i;
	return flag_set(b, f, form, arg, value);
}

/* --- the request --- */

static void
add_query(struct build *b, struct buf *path)
{
	char sign = '?';

	for (struct lh_entry *e = json_object_get_object(b->json)->head; e != NULL; e = e->next) {
		buf_char(path, sign);
		buf_str(path, lh_entry_k(e));
		buf_char(path, '=');
		add_encoded(path, json_object_get_string(lh_entry_v(e)));
		sign = '&';
	}
}

static bool
base_body(struct build *b, const struct options *o, struct text *ret_body)
{
	*ret_body = text_of(o->json);
	if (o->body != NULL && o->json != NULL)
		return wrong(b, "与 --json 只能取一", "not together with --json", "--body");
	if (o->body != NULL && !file_read(o->body, BODY_MAX, b->arena, ret_body))
		return wrong(b, strerror(errno), strerror(errno), o->body);
	return true;
}

static bool
build_body(struct build *b, const struct options *o, struct text *ret_body)
{
	struct json_object *whole;
	const char *text;
	struct text base;
	size_t len;

	if (b->op->method == GET || b->op->body == &shape_none) {
		if (o->body == NULL && o->json == NULL)
			return true;
		return wrong(b, "此操作没有请求体", "this operation has no body",
			o->body != NULL ? "--body" : "--json");
	}
	if (!base_body(b, o, &base))
		return false;
	/* A whole body goes as it was given: the server, not this program, judges its form. */
	if (base.at != NULL && json_object_object_length(b->json) == 0) {
		*ret_body = base;
		return true;
	}
	whole = base.at == NULL ? json_own(b->arena, json_object_new_object())
				: parse_json(base, b->arena);
	if (!json_object_is_type(whole, json_type_object))
		return wrong(b, "不是 JSON 对象，无法加入其他参数",
			"no JSON object that flags could be added to",
			o->body != NULL ? "--body" : "--json");
	for (struct lh_entry *e = json_object_get_object(b->json)->head; e != NULL; e = e->next)
		json_object_object_add(whole, lh_entry_k(e), json_object_get(lh_entry_v(e)));
	text = json_object_to_json_string_length(whole, JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	*ret_body = text_span(arena_str(b->arena, text, len), len);
	return true;
}

bool
command_build(const struct op *op, int argc, char *const *argv, struct arena *a,
	struct options *options, struct command *ret_command, const char **reterr)
{
	struct build b = {.op = op,
		.arena = a,
		.shape = op->method == GET ? op->query : op->body,
		.json = json_own(a, json_object_new_object()),
		.reterr = reterr};
	struct command c = {.op = op};
	const char *path;
	struct buf out;
	bool only_args = false;

	for (int i = 0; i < argc;) {
		if (!only_args && strcmp(argv[i], "--") == 0) {
			only_args = true;
			i++;
		} else if (!only_args && argv[i][0] == '-' && argv[i][1] != '\0') {
			bool good = argv[i][1] == '-'
				? flag_take(&b, argc, argv, &i, options)
				: option_take(options, argc, argv, &i) == OPTION_TAKEN ||
					wrong(&b, "未知参数", "unknown flag", argv[i]);

			if (!good)
				return false;
		} else if (b.args_count == PATH_ARGS_MAX)
			return wrong(&b, "多余的参数", "one argument too many", argv[i]);
		else
			b.args[b.args_count++] = argv[i++];
	}
	if (options->help != NULL) {
		*ret_command = c; /* nothing will be sent */
		return true;
	}
	if ((path = command_path(op, b.args, b.args_count, a)) == NULL)
		return wrong(&b, "路径参数的个数或形式不符", "wrong number or form of arguments",
			op->path);
	memcpy(c.args, b.args, sizeof c.args);
	if (!build_body(&b, options, &c.body))
		return false;
	buf_init(&out, a, strlen(path) + 64);
	buf_str(&out, path);
	if (op->method == GET)
		add_query(&b, &out);
	buf_char(&out, '\0');
	c.path = out.at;
	*ret_command = c;
	return true;
}
