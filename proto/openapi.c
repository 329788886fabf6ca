/* Prints what the lists say; decides nothing.  The text is made for reading in a review: one
 * member a line, in the order of the lists. */
#include "proto/openapi.h"

#include <string.h>

#include "lib/base/err.h"
#include "proto/json_quote.h"
#include "proto/op.h"
#include "proto/shape.h"

extern const struct shape shape_file;

struct writer {
	struct buf *b;
	int depth;
	bool first; /* nothing stands in the open object or array yet */
};

static void
begin_member(struct writer *w, const char *name)
{
	buf_str(w->b, w->first ? "\n" : ",\n");
	for (int i = 0; i < w->depth; i++)
		buf_char(w->b, ' ');
	w->first = false;
	if (name == NULL)
		return;
	quote_str(w->b, name);
	buf_str(w->b, ": ");
}

static void
enter(struct writer *w, const char *name, char bracket)
{
	if (w->depth > 0)
		begin_member(w, name);
	buf_char(w->b, bracket);
	w->depth++;
	w->first = true;
}

static void
leave(struct writer *w, char bracket)
{
	w->depth--;
	if (!w->first) {
		buf_char(w->b, '\n');
		for (int i = 0; i < w->depth; i++)
			buf_char(w->b, ' ');
	}
	buf_char(w->b, bracket);
	w->first = false;
}

static void
put_str(struct writer *w, const char *name, const char *value)
{
	begin_member(w, name);
	quote_str(w->b, value);
}

static void
put_int(struct writer *w, const char *name, long long value)
{
	begin_member(w, name);
	buf_printf(w->b, "%lld", value);
}

/* JSON of few bytes, as it is. */
static void
put_raw(struct writer *w, const char *name, const char *json)
{
	begin_member(w, name);
	buf_str(w->b, json);
}

static void
put_ref(struct writer *w, const char *kind, const char *name)
{
	begin_member(w, "$ref");
	buf_printf(w->b, "\"#/components/%s/%s\"", kind, name);
}

#define CONTROLS	  "\\u0000-\\u001f\\u007f"
#define CONTROLS_OF_LINES "\\u0000-\\u0008\\u000b-\\u001f\\u007f"
#define BLANKS		  "\\u0000-\\u0020\\u007f\\u00a0\\u3000"

/* As has_control() and is_blank() of shape.c judge. */
static void
put_text(struct writer *w, long long lo, long long hi)
{
	put_int(w, "minLength", lo);
	put_int(w, "maxLength", hi);
	put_str(w, "pattern",
		hi > SHAPE_LINE_MAX ? "^[^" CONTROLS_OF_LINES "]*[^" BLANKS "][^" CONTROLS_OF_LINES
				      "]*$"
				    : "^[^" CONTROLS "]*[^" BLANKS "][^" CONTROLS "]*$");
}

static void
put_choices(struct writer *w, const struct shape_field *f)
{
	struct text rest = text_of(f->choices), one;

	enter(w, "enum", '[');
	while (text_cut(&rest, '|', &one)) {
		begin_member(w, NULL);
		quote_add(w->b, one);
	}
	if ((f->need & SHAPE_NULL) != 0)
		put_raw(w, NULL, "null");
	leave(w, ']');
}

static void
put_type(struct writer *w, const struct shape_field *f, const char *type)
{
	if ((f->need & SHAPE_NULL) == 0) {
		put_str(w, "type", type);
		return;
	}
	begin_member(w, "type");
	buf_printf(w->b, "[\"%s\", \"null\"]", type);
}

static void
put_object_of(struct writer *w, const struct shape_field *f)
{
	if ((f->need & SHAPE_NULL) == 0) {
		put_ref(w, "schemas", f->of->name);
		return;
	}
	enter(w, "anyOf", '[');
	enter(w, NULL, '{');
	put_ref(w, "schemas", f->of->name);
	leave(w, '}');
	put_raw(w, NULL, "{\"type\": \"null\"}");
	leave(w, ']');
}

static void
put_array(struct writer *w, const struct shape_field *f)
{
	put_type(w, f, "array");
	put_int(w, "minItems", f->type == SHAPE_LIST ? f->min : 0);
	put_int(w, "maxItems", f->max);
	enter(w, "items", '{');
	if (f->type == SHAPE_LIST) {
		put_ref(w, "schemas", f->of->name);
	} else {
		put_str(w, "type", "string");
		put_text(w, 1, f->min);
	}
	leave(w, '}');
}

#define DATE_PATTERN "[12][0-9]{3}-[0-9]{2}-[0-9]{2}"

static void
put_string(struct writer *w, const struct shape_field *f)
{
	put_type(w, f, "string");
	switch (f->type) {
	case SHAPE_TEXT:
		put_text(w, f->min, f->max);
		break;
	case SHAPE_ID:
		put_str(w, "pattern", "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$");
		break;
	case SHAPE_CHOICE:
		put_choices(w, f);
		break;
	case SHAPE_HEX:
		begin_member(w, "pattern");
		buf_printf(w->b, "\"^[0-9a-f]{%lld}$\"", 2 * f->max);
		break;
	case SHAPE_TIME:
		put_str(w, "format", "date-time");
		put_str(w, "pattern",
			"^" DATE_PATTERN "T[0-9]{2}:[0-9]{2}:[0-5][0-9](\\.[0-9]{1,6})?Z$");
		break;
	default:
		put_str(w, "format", "date");
		put_str(w, "pattern", "^" DATE_PATTERN "$");
	}
}

static void
put_field(struct writer *w, const struct shape_field *f)
{
	switch (f->type) {
	case SHAPE_INT:
	case SHAPE_FEN:
		put_type(w, f, "integer");
		put_int(w, "minimum", f->min);
		put_int(w, "maximum", f->max);
		break;
	case SHAPE_BOOL:
		put_type(w, f, "boolean");
		break;
	case SHAPE_LIST:
	case SHAPE_TEXTS:
		put_array(w, f);
		break;
	case SHAPE_OBJECT:
		put_object_of(w, f);
		break;
	default:
		put_string(w, f);
	}
}

static void
put_shape(struct writer *w, const struct shape *s)
{
	bool required = false;

	enter(w, s->name, '{');
	put_str(w, "type", "object");
	put_str(w, "description", s->summary);
	put_raw(w, "additionalProperties", "false");
	for (size_t i = 0; i < s->count; i++)
		required |= (s->fields[i].need & SHAPE_REQUIRED) != 0;
	if (required) {
		enter(w, "required", '[');
		for (size_t i = 0; i < s->count; i++)
			if ((s->fields[i].need & SHAPE_REQUIRED) != 0)
				put_str(w, NULL, s->fields[i].name);
		leave(w, ']');
	}
	enter(w, "properties", '{');
	for (size_t i = 0; i < s->count; i++) {
		enter(w, s->fields[i].name, '{');
		put_str(w, "description", s->fields[i].summary);
		put_field(w, &s->fields[i]);
		leave(w, '}');
	}
	leave(w, '}');
	leave(w, '}');
}

static bool
shape_holds(const struct shape *s, const struct shape *inner)
{
	if (s == inner)
		return true;
	for (size_t i = 0; i < s->count; i++)
		if (s->fields[i].of != NULL && shape_holds(s->fields[i].of, inner))
			return true;
	return false;
}

/* Some operation sends or answers it, perhaps inside another. */
static bool
shape_is_body(const struct shape *s)
{
	for (int i = 0; i < OP_COUNT && s != &shape_none && s != &shape_file; i++)
		if (shape_holds(op_table[i].body, s) || shape_holds(op_table[i].reply, s))
			return true;
	return false;
}

static void
put_parameter(struct writer *w, const char *in, const char *name, size_t len, bool required,
	const char *summary)
{
	enter(w, NULL, '{');
	begin_member(w, "name");
	quote_add(w->b, text_span(name, len));
	put_str(w, "in", in);
	put_raw(w, "required", required ? "true" : "false");
	put_str(w, "description", summary);
	enter(w, "schema", '{');
}

static void
put_parameter_ref(struct writer *w, const char *name)
{
	enter(w, NULL, '{');
	put_ref(w, "parameters", name);
	leave(w, '}');
}

static void
put_parameters(struct writer *w, const struct op *op)
{
	static const struct shape_field id = {.type = SHAPE_ID};

	enter(w, "parameters", '[');
	for (const char *at = op->path; (at = strchr(at, '{')) != NULL;) {
		size_t len = strcspn(++at, "}");
		bool index = len == 5 && memcmp(at, "index", 5) == 0;

		put_parameter(w, "path", at, len, true,
			index ? "Number of the contributor" : "Id, as answers give it");
		if (index)
			put_raw(w, "type", "\"integer\"");
		else
			put_field(w, &id);
		leave(w, '}');
		leave(w, '}');
	}
	for (size_t i = 0; i < op->query->count; i++) {
		const struct shape_field *f = &op->query->fields[i];

		put_parameter(w, "query", f->name, strlen(f->name), (f->need & SHAPE_REQUIRED) != 0,
			f->summary);
		put_field(w, f);
		leave(w, '}');
		leave(w, '}');
	}
	if ((op->flags & OP_KEY) != 0)
		put_parameter_ref(w, "IdempotencyKey");
	if ((op->flags & OP_IF_MATCH) != 0)
		put_parameter_ref(w, "IfMatch");
	if ((op->flags & OP_READ) != 0)
		put_parameter_ref(w, "IfNoneMatch");
	put_parameter_ref(w, "AcceptLanguage");
	leave(w, ']');
}

static void
put_content(struct writer *w, const struct shape *s)
{
	enter(w, "content", '{');
	enter(w, s == &shape_file ? "*/*" : "application/json", '{');
	enter(w, "schema", '{');
	if (s == &shape_file)
		put_raw(w, "type", "\"string\"");
	else
		put_ref(w, "schemas", s->name);
	leave(w, '}');
	leave(w, '}');
	leave(w, '}');
}

static void
put_header_ref(struct writer *w, const char *name, const char *component)
{
	enter(w, name, '{');
	put_ref(w, "headers", component);
	leave(w, '}');
}

static void
put_success(struct writer *w, const struct op *op)
{
	char status[4] = {(char)('0' + op->status / 100), (char)('0' + op->status / 10 % 10),
		(char)('0' + op->status % 10), '\0'};

	enter(w, status, '{');
	put_str(w, "description", op->reply->summary);
	enter(w, "headers", '{');
	put_header_ref(w, "X-Request-Id", "RequestId");
	if (shape_find(op->reply, text_of("version")) >= 0 || (op->flags & OP_CACHED) != 0)
		put_header_ref(w, "ETag", "ETag");
	if (shape_find(op->reply, text_of("next_cursor")) >= 0)
		put_header_ref(w, "Link", "Link");
	if ((op->flags & OP_KEY) != 0)
		put_header_ref(w, "Idempotency-Replayed", "IdempotencyReplayed");
	leave(w, '}');
	put_content(w, op->reply);
	leave(w, '}');
}

/* The statuses an operation refuses with, beside what any request may meet. */
static bool
op_refuses_with(const struct op *op, int status)
{
	switch (status) {
	case 400:
	case 429:
	case 503:
		return true;
	case 401:
		return op->roles != ROLE_PUBLIC;
	case 403:
		return op->roles != ROLE_PUBLIC && op->roles != ROLE_ANY;
	case 404:
		return strchr(op->path, '{') != NULL;
	case 409:
	case 413:
	case 422:
		return (op->flags & OP_WRITE) != 0;
	case 412:
	case 428:
		return (op->flags & OP_IF_MATCH) != 0;
	case 415:
		return op->body != &shape_none;
	default:
		return false;
	}
}

static const int statuses[] = {400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 429, 503};

enum {
	STATUSES = sizeof statuses / sizeof statuses[0]
};

static void
put_responses(struct writer *w, const struct op *op)
{
	char name[] = "Problem000";

	enter(w, "responses", '{');
	put_success(w, op);
	if ((op->flags & OP_READ) != 0) {
		enter(w, "304", '{');
		put_str(w, "description", "Not changed since the version in If-None-Match");
		leave(w, '}');
	}
	for (int i = 0; i < STATUSES; i++) {
		if (!op_refuses_with(op, statuses[i]))
			continue;
		for (int k = 0, number = statuses[i]; k < 3; k++, number /= 10)
			name[9 - k] = (char)('0' + number % 10);
		enter(w, name + 7, '{');
		put_ref(w, "responses", name);
		leave(w, '}');
	}
	enter(w, "default", '{');
	put_ref(w, "responses", "Problem");
	leave(w, '}');
	leave(w, '}');
}

static const struct {
	int role;
	const char *name;
} roles[] = {{ROLE_OWNER, "owner"}, {ROLE_AGENCY, "agency"}, {ROLE_OPERATOR, "operator"},
	{ROLE_REGULATOR, "regulator"}, {ROLE_AUDITOR, "auditor"}, {ROLE_WITNESS, "witness"}};

static void
put_operation(struct writer *w, const struct op *op)
{
	static const char *const verbs[METHOD_COUNT] = {[GET] = "get",
		[POST] = "post",
		[PUT] = "put",
		[PATCH] = "patch",
		[DELETE] = "delete"};

	enter(w, verbs[op->method], '{');
	put_str(w, "operationId", op->name);
	put_str(w, "summary", op->summary_en);
	put_str(w, "description", op->summary_zh);
	enter(w, "tags", '[');
	begin_member(w, NULL);
	quote_add(w->b, text_span(op->name, strcspn(op->name, ".")));
	leave(w, ']');
	enter(w, "x-roles", '[');
	for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
		if ((op->roles & roles[i].role) != 0)
			put_str(w, NULL, roles[i].name);
	leave(w, ']');
	put_raw(w, "security",
		op->roles == ROLE_PUBLIC ? "[{}, {\"key\": []}]" : "[{\"key\": []}]");
	put_parameters(w, op);
	if (op->body != &shape_none) {
		enter(w, "requestBody", '{');
		put_raw(w, "required", "true");
		put_content(w, op->body);
		leave(w, '}');
	}
	put_responses(w, op);
	leave(w, '}');
}

static void
put_paths(struct writer *w)
{
	enter(w, "paths", '{');
	for (int i = 0; i < OP_COUNT; i++) {
		bool seen = false;

		for (int k = 0; k < i && !seen; k++)
			seen = strcmp(op_table[k].path, op_table[i].path) == 0;
		if (seen)
			continue;
		enter(w, op_table[i].path, '{');
		for (int k = i; k < OP_COUNT; k++)
			if (strcmp(op_table[k].path, op_table[i].path) == 0)
				put_operation(w, &op_table[k]);
		leave(w, '}');
	}
	leave(w, '}');
}

/* One tag a resource: the first part of the operations' names. */
static void
put_tags(struct writer *w)
{
	static const struct {
		const char *name, *summary;
	} tags[] = {
#define TAG(name, summary) {#name, summary},
#include "proto/tag.def"
	};

	enter(w, "tags", '[');
	for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
		enter(w, NULL, '{');
		put_str(w, "name", tags[i].name);
		put_str(w, "description", tags[i].summary);
		leave(w, '}');
	}
	leave(w, ']');
}

static void
put_header_parameter(struct writer *w, const char *component, const char *name, bool required,
	const char *summary, const char *schema)
{
	enter(w, component, '{');
	put_str(w, "name", name);
	put_str(w, "in", "header");
	put_raw(w, "required", required ? "true" : "false");
	put_str(w, "description", summary);
	put_raw(w, "schema", schema);
	leave(w, '}');
}

static void
put_header(struct writer *w, const char *component, const char *summary)
{
	enter(w, component, '{');
	put_str(w, "description", summary);
	put_raw(w, "schema", "{\"type\": \"string\"}");
	leave(w, '}');
}

static void
put_headers(struct writer *w)
{
	enter(w, "parameters", '{');
	put_header_parameter(w, "IdempotencyKey", "Idempotency-Key", true,
		"1 to 255 printable ASCII characters, quoted or bare; a repeat with the same key "
		"and "
		"the same request gets the first answer",
		"{\"type\": \"string\", \"minLength\": 1, \"maxLength\": 257}");
	put_header_parameter(w, "IfMatch", "If-Match", true,
		"The ETag of the version that was seen",
		"{\"type\": \"string\", \"pattern\": \"^\\\"[0-9]+\\\"$\"}");
	put_header_parameter(w, "IfNoneMatch", "If-None-Match", false,
		"The ETag of a version at hand", "{\"type\": \"string\"}");
	put_header_parameter(w, "AcceptLanguage", "Accept-Language", false,
		"zh or en: the language of problems", "{\"type\": \"string\"}");
	leave(w, '}');
	enter(w, "headers", '{');
	put_header(w, "RequestId", "Names this request in the server's log");
	put_header(w, "ETag", "Version of the resource, for If-Match and If-None-Match");
	put_header(w, "Link", "rel=\"next\": the following page");
	put_header(w, "IdempotencyReplayed", "true: the stored answer of an earlier request");
	leave(w, '}');
}

static void
put_problem_content(struct writer *w)
{
	put_raw(w, "content",
		"{\"application/problem+json\": {\"schema\": {\"$ref\": "
		"\"#/components/schemas/Problem\"}}}");
}

/* A response for each status, which lists the codes that come with it. */
static void
put_problems(struct writer *w)
{
	char name[] = "Problem000";

	enter(w, "responses", '{');
	for (int i = 0; i < STATUSES; i++) {
		bool first = true;

		for (int k = 0, number = statuses[i]; k < 3; k++, number /= 10)
			name[9 - k] = (char)('0' + number % 10);
		enter(w, name, '{');
		begin_member(w, "description");
		buf_char(w->b, '"');
		for (int e = OK + 1; e < ERR_COUNT; e++) {
			const struct err_row *row = err_row((enum err)e);

			if (row->http != statuses[i])
				continue;
			buf_printf(w->b, "%s%s: %s", first ? "" : "; ", row->code, row->title_en);
			first = false;
		}
		buf_char(w->b, '"');
		put_problem_content(w);
		leave(w, '}');
	}
	enter(w, "Problem", '{');
	put_str(w, "description", "Any other refusal");
	put_problem_content(w);
	leave(w, '}');
	leave(w, '}');
}

static void
put_problem_schema(struct writer *w)
{
	enter(w, "Problem", '{');
	put_str(w, "type", "object");
	put_str(w, "description", "RFC 9457");
	put_raw(w, "required", "[\"type\", \"title\", \"status\", \"code\"]");
	enter(w, "properties", '{');
	put_raw(w, "type", "{\"type\": \"string\"}");
	put_raw(w, "title", "{\"type\": \"string\"}");
	put_raw(w, "status", "{\"type\": \"integer\"}");
	enter(w, "code", '{');
	put_str(w, "description", "Stable, never translated");
	enter(w, "enum", '[');
	for (int e = OK + 1; e < ERR_COUNT; e++)
		put_str(w, NULL, err_row((enum err)e)->code);
	leave(w, ']');
	leave(w, '}');
	put_raw(w, "detail", "{\"type\": \"string\"}");
	put_raw(w, "rule", "{\"type\": \"string\", \"description\": \"Rule of the marketplace\"}");
	put_raw(w, "request_id", "{\"type\": \"string\"}");
	put_raw(w, "errors",
		"{\"type\": \"array\", \"items\": {\"type\": \"object\", \"required\": [\"code\", "
		"\"detail\"], \"properties\": {\"pointer\": {\"type\": \"string\"}, \"parameter\": "
		"{\"type\": \"string\"}, \"code\": {\"type\": \"string\"}, \"detail\": {\"type\": "
		"\"string\"}}}}");
	leave(w, '}');
	leave(w, '}');
}

static void
put_components(struct writer *w)
{
	enter(w, "components", '{');
	put_raw(w, "securitySchemes",
		"{\"key\": {\"type\": \"http\", \"scheme\": \"bearer\", \"description\": \"An API "
		"key, "
		"flk_…\"}}");
	put_headers(w);
	put_problems(w);
	enter(w, "schemas", '{');
	for (size_t i = 0; shape_table[i] != NULL; i++)
		if (shape_is_body(shape_table[i]))
			put_shape(w, shape_table[i]);
	put_problem_schema(w);
	leave(w, '}');
	leave(w, '}');
}

void
openapi_write(struct buf *b)
{
	struct writer w = {.b = b};

	enter(&w, NULL, '{');
	put_str(&w, "openapi", "3.1.0");
	enter(&w, "info", '{');
	put_str(&w, "title", "fairlot");
	put_str(&w, "version", "1");
	put_str(&w, "description",
		"Verifiable selection of intermediary agencies: draws, picks and auctions whose "
		"every "
		"step can be checked by anyone. 中介服务网上超市的可验证选取接口。");
	put_raw(&w, "license", "{\"name\": \"Apache-2.0\", \"identifier\": \"Apache-2.0\"}");
	leave(&w, '}');
	put_raw(&w, "servers", "[{\"url\": \"/\"}]");
	put_tags(&w);
	put_paths(&w);
	put_components(&w);
	leave(&w, '}');
	buf_char(b, '\n');
}
