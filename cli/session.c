#include "cli/session.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/help.h"
#include "cli/say.h"
#include "lib/base/arena.h"

enum status
session_usage(const char *what)
{
	fprintf(stderr, "fairlot: %s\n", what);
	return STATUS_USAGE;
}

enum status
session_open(struct session *s)
{
	const char *err = NULL;

	if (!format_find(s->options.output, isatty(STDOUT_FILENO) == 1, &s->format))
		return session_usage(say("-o 须为 json、table 或 csv", "-o is json, table or csv"));
	if (!target_find(&s->options, getenv, s->arena, &s->target, &err))
		return session_usage(err);
	if (!caller_open(&s->caller, &s->target, &err))
		return session_usage(err);
	return STATUS_OK;
}

void
session_close(struct session *s)
{
	if (s->caller.curl != NULL)
		caller_close(&s->caller);
}

void
session_send(
	struct session *s, const struct request *r, struct answer *ret_answer, const char **ret_key)
{
	int flags = r->op->flags;
	const char *key = r->idempotency;
	struct call call;

	if (key == NULL && (flags & OP_KEY) != 0)
		key = call_new_key(s->arena);
	/* A write by If-Match alone answers "stale" the second time: it is not repeated blindly. */
	call = (struct call){.method = r->op->method,
		.path = r->path,
		.body = r->body,
		.if_match = r->if_match,
		.idempotency = key,
		.repeatable = (flags & (OP_READ | OP_KEY)) != 0 || (flags & OP_IF_MATCH) == 0,
		.sink = r->sink};
	call_send(&s->caller, &call, s->arena, ret_answer);
	if (ret_key != NULL)
		*ret_key = key;
}

static void
say_unknown(const struct op *op, const char *key)
{
	if ((op->flags & OP_WRITE) == 0)
		return;
	if (key != NULL)
		fprintf(stderr,
			say("fairlot: 结果未知。请用 --idempotency-key %s 重复同一命令\n",
				"fairlot: the outcome is not known; repeat the same command with "
				"--idempotency-key %s\n"),
			key);
	else
		fprintf(stderr, "%s",
			say("fairlot: 结果未知。请读取该对象后再决定\n",
				"fairlot: the outcome is not known; read the object before you go "
				"on\n"));
}

enum status
session_judge(struct session *s, const struct op *op, const struct answer *r, const char *key)
{
	if (r->outcome != OUTCOME_ANSWER) {
		fprintf(stderr, "fairlot: %s: %s\n", s->target.url, r->error);
		if (r->outcome == OUTCOME_LOST)
			say_unknown(op, key);
		return STATUS_UNREACHED;
	}
	if (r->status / 100 == 2)
		return STATUS_OK;
	if (s->format == FORMAT_JSON && r->body.len > 0)
		printf(TEXT_FMT "\n", TEXT_ARG(r->body));
	output_problem(stderr, r->status, r->body, s->arena);
	if (r->status / 100 == 4)
		return STATUS_REFUSED;
	if (r->status != 503 || text_is(answer_code(r, s->arena), "outcome-unknown"))
		say_unknown(op, key);
	return STATUS_UNREACHED;
}

static void
json_release(void *json)
{
	json_object_put(json);
}

enum status
session_parse(struct session *s, const struct answer *r, struct json_object **ret_json)
{
	struct json_object *json = r->body.len == 0
		? NULL
		: json_tokener_parse(arena_str(s->arena, r->body.at, r->body.len));

	if (json == NULL) {
		fprintf(stderr, "fairlot: %s\n",
			say("服务器的答复不是 JSON", "the answer is not JSON"));
		return STATUS_UNREACHED;
	}
	arena_defer(s->arena, json_release, json);
	*ret_json = json;
	return STATUS_OK;
}

enum status
session_fetch(struct session *s, const struct op *op, const char *const *args, size_t count,
	struct json_object **ret_json, struct answer *ret_answer)
{
	struct request r = {.op = op, .path = command_path(op, args, count, s->arena)};
	enum status status;

	if (r.path == NULL)
		return session_usage(op->path);
	session_send(s, &r, ret_answer, NULL);
	status = session_judge(s, op, ret_answer, NULL);
	return status == STATUS_OK ? session_parse(s, ret_answer, ret_json) : status;
}

void
session_print(struct session *s, const struct shape *shape, struct json_object *json)
{
	output_print(stdout, s->format, shape, json, s->arena);
}

enum status
session_show(struct session *s, const struct op *op, const struct answer *r)
{
	struct json_object *json = NULL;
	enum status status = session_judge(s, op, r, NULL);

	if (status == STATUS_OK)
		status = session_parse(s, r, &json);
	if (status == STATUS_OK)
		session_print(s, op->reply, json);
	return status;
}

const char *
json_text(struct json_object *json, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(json, name, &value) &&
			json_object_is_type(value, json_type_string)
		? json_object_get_string(value)
		: NULL;
}

/* --- one command of the table --- */

/* The version to act on: given, or the one the object has now. */
static enum status
find_version(struct session *s, const struct command *c, const char **ret_version)
{
	const struct op *reader = command_reader(c->op);
	struct request r = {.op = reader};
	struct answer answer;
	enum status status;
	uint64_t n;

	if (s->options.version != NULL) {
		*ret_version = s->options.version;
		return text_u64(text_of(*ret_version), INT64_MAX, &n)
			? STATUS_OK
			: session_usage(say("--version 须为数字", "--version is a number"));
	}
	if (s->options.current == NULL || reader == NULL)
		return session_usage(reader == NULL
				? say("此操作须带 --version N", "this operation needs --version N")
				: say("此操作须带 --version N（您所见的版本）或 --current",
					  "this operation needs --version N (the one you saw) or "
					  "--current"));
	r.path = command_path(reader, c->args, 1, s->arena);
	session_send(s, &r, &answer, NULL);
	status = session_judge(s, reader, &answer, NULL);
	if (status == STATUS_OK && answer.version[0] == '\0') {
		fprintf(stderr, "fairlot: %s\n",
			say("答复没有版本（ETag）", "the answer has no version (ETag)"));
		return STATUS_UNREACHED;
	}
	*ret_version = arena_str(s->arena, answer.version, strlen(answer.version));
	return status;
}

static bool
is_file(const struct op *op)
{
	return strcmp(op->reply->name, "file") == 0;
}

/* A download goes to a name beside --out that is given to it when it is whole. */
static enum status
download(struct session *s, struct request *r)
{
	const char *part =
		s->options.out == NULL ? NULL : arena_printf(s->arena, "%s.part", s->options.out);
	FILE *out = part == NULL ? stdout : fopen(part, "wb");
	struct answer answer;
	enum status status;
	bool written;

	if (out == NULL) {
		fprintf(stderr, "fairlot: %s: %s\n", part, strerror(errno));
		return STATUS_USAGE;
	}
	r->sink = out;
	session_send(s, r, &answer, NULL);
	written = fflush(out) == 0;
	if (part != NULL)
		written = fclose(out) == 0 && written;
	status = session_judge(s, r->op, &answer, NULL);
	if (status == STATUS_OK && part != NULL)
		written = written && rename(part, s->options.out) == 0;
	else if (part != NULL)
		(void)remove(part);
	if (status == STATUS_OK && !written) {
		fprintf(stderr, "fairlot: %s\n", strerror(errno));
		return STATUS_UNREACHED;
	}
	return status;
}

/* Joins every page into the first: cursors are followed until there is none. */
static enum status
fetch_pages(struct session *s, const struct request *first, struct json_object *whole)
{
	struct json_object *items, *page = whole, *more;
	const char *cursor;

	if (!json_object_object_get_ex(whole, "items", &items) ||
		!json_object_is_type(items, json_type_array))
		return STATUS_OK;
	while ((cursor = json_text(page, "next_cursor")) != NULL) {
		struct request r = *first;
		struct answer answer;
		enum status status;

		/* Cursors are base64url: nothing in them needs escaping. */
		r.path = arena_printf(s->arena, "%s%ccursor=%s", first->path,
			strchr(first->path, '?') == NULL ? '?' : '&', cursor);
		session_send(s, &r, &answer, NULL);
		if ((status = session_judge(s, r.op, &answer, NULL)) != STATUS_OK ||
			(status = session_parse(s, &answer, &page)) != STATUS_OK)
			return status;
		if (!json_object_object_get_ex(page, "items", &more) ||
			json_object_array_length(more) == 0)
			break;
		for (size_t i = 0; i < json_object_array_length(more); i++)
			json_object_array_add(
				items, json_object_get(json_object_array_get_idx(more, i)));
	}
	json_object_object_del(whole, "next_cursor");
	return STATUS_OK;
}

enum status
session_run(struct session *s, const struct op *op, int argc, char *const *argv)
{
	struct request r = {.op = op};
	struct json_object *json = NULL;
	struct command c;
	struct answer answer;
	const char *err = NULL, *key = NULL;
	enum status status;

	if (!command_build(op, argc, argv, s->arena, &s->options, &c, &err)) {
		(void)session_usage(err);
		fprintf(stderr, say("用法：", "usage: "));
		help_print_usage(stderr, op);
		return STATUS_USAGE;
	}
	if (s->options.help != NULL) {
		help_print_op(op, s->arena);
		return STATUS_OK;
	}
	if ((status = session_open(s)) != STATUS_OK)
		return status;
	if ((op->flags & OP_IF_MATCH) != 0 &&
		(status = find_version(s, &c, &r.if_match)) != STATUS_OK)
		return status;
	r.path = c.path;
	r.body = c.body;
	r.idempotency = s->options.idempotency_key;
	if (is_file(op))
		return download(s, &r);
	session_send(s, &r, &answer, &key);
	if ((status = session_judge(s, op, &answer, key)) != STATUS_OK ||
		(status = session_parse(s, &answer, &json)) != STATUS_OK)
		return status;
	if (s->options.all != NULL && (status = fetch_pages(s, &r, json)) != STATUS_OK)
		return status;
	session_print(s, op->reply, json);
	return fflush(stdout) == 0 ? STATUS_OK : STATUS_UNREACHED;
}
