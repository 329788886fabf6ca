#include "daemon/request.h"

#include <string.h>

#include "daemon/auth.h"
#include "daemon/bind.h"
#include "daemon/cache.h"
#include "daemon/config.h"
#include "daemon/conn.h"
#include "daemon/db.h"
#include "daemon/fault.h"
#include "daemon/local.h"
#include "daemon/loop.h"
#include "proto/http.h"
#include "proto/http_field.h"
#include "proto/json_scan.h"

static step_fn request_known, request_admit, request_parse;

static struct text
header(const struct task *t, enum http_field f)
{
	return t->http->req.fields[f];
}

enum turn
request_refused(struct task *t)
{
	return fail(t, t->refused, NULL, t->refused_zh, t->refused_en);
}

size_t
request_body_max(const struct task *t)
{
	/* Without an operation the path or the method is what is wrong, and is what is answered. */
	return t->op != NULL && t->op->method == GET ? 0 : (size_t)t->loop->config->http_body_max;
}

/* Which methods a path has is the answer to OPTIONS; and what a browser may ask. */
static enum turn
answer_options(struct task *t)
{
	t->reply.allow = t->route.allowed;
	return reply_empty(t, 204);
}

/* Waits for: the caller's row, if this loop does not remember it. */
enum turn
request_begin(struct task *t)
{
	const struct http_request *req = &t->http->req;

	t->lang = lang_of(header(t, HTTP_ACCEPT_LANGUAGE));
	if (t->refused != OK)
		return request_refused(t);
	if (req->options && (t->local != NULL || t->route.allowed != 0 || text_is(req->path, "*")))
		return answer_options(t);
	if (t->local != NULL)
		return next(t, local_begin);
	if (t->op == NULL && t->route.allowed != 0) {
		enum turn turn = fail(t, E_BAD_METHOD, NULL, "可用的方法见 Allow", "see Allow");

		t->reply.allow = t->route.allowed;
		return turn;
	}
	if (t->op == NULL)
		return fail(t, E_NOT_FOUND, NULL, "没有此路径", "no such path");
	switch (auth_ask(t, header(t, HTTP_AUTHORIZATION))) {
	case AUTH_KNOWN:
		return next(t, request_admit);
	case AUTH_ASKED:
		return wait_for(t, request_known);
	case AUTH_BAD:
		break;
	}
	if (!auth_rate(t))
		return fail(t, E_TOO_MANY, NULL, "请稍后再试", "slow down");
	return fail(t, E_UNAUTHORIZED, NULL, "应有 Authorization: Bearer flk_…",
		"expected Authorization: Bearer flk_…");
}

static enum turn
request_known(struct task *t)
{
	enum err e = auth_answer(t);

	if (e == E_UNAUTHORIZED && !auth_rate(t))
		e = E_TOO_MANY;
	if (e == E_UNAUTHORIZED)
		return fail(t, e, NULL, "没有此 API 密钥，或已失效",
			"no such API key, or it is no longer valid");
	return e == OK ? next(t, request_admit)
		       : fail(t, e, NULL, "无法确认请求人身份", "the caller is not known");
}

static enum err
roles_check(const struct task *t)
{
	if (t->op->roles == ROLE_PUBLIC)
		return OK;
	if (t->who.key[0] == '\0')
		return E_UNAUTHORIZED;
	return t->who.roles & t->op->roles ? OK : E_FORBIDDEN;
}

/* The headers that an operation asks for. */
static enum err
headers_take(struct task *t, const char **ret_zh, const char **ret_en)
{
	struct text key = header(t, HTTP_IDEMPOTENCY_KEY), match = header(t, HTTP_IF_MATCH);
	bool has_body = t->http->req.chunked || t->http->req.content_length > 0;

	*ret_zh = "答复为 application/json";
	*ret_en = "the answer is application/json";
	if (!field_accepts(header(t, HTTP_ACCEPT), "application/json") && t->op->reply != NULL &&
		strcmp(t->op->reply->name, "file") != 0)
		return E_NOT_ACCEPTABLE;
	*ret_zh = "请求体须为 application/json";
	*ret_en = "the body must be application/json";
	if (has_body && !field_is_json(header(t, HTTP_CONTENT_TYPE)))
		return E_BAD_MEDIA_TYPE;
	*ret_zh = "Idempotency-Key 须为 1 至 255 个可打印 ASCII 字符";
	*ret_en = "Idempotency-Key is 1 to 255 printable ASCII characters";
	if (t->op->flags & OP_KEY && key.at == NULL)
		return E_KEY_MISSING;
	if (t->op->flags & OP_KEY && !field_key(key, &t->idem_key))
		return E_BAD_INPUT;
	if (t->op->flags & OP_KEY && fault_hit(FAULT_key_lost))
		t->idem_key = text_of(t->request_id);
	*ret_zh = "If-Match 须为所给的单个 ETag";
	*ret_en = "If-Match is one ETag as given";
	if (t->op->flags & OP_IF_MATCH && match.at == NULL)
		return E_NEEDS_VERSION;
	if (t->op->flags & OP_IF_MATCH && !field_version(match, &t->if_match))
		return E_BAD_INPUT;
	t->none_match = header(t, HTTP_IF_NONE_MATCH);
	return OK;
}

static enum turn
query_refused(struct task *t, const struct shape_faults *faults)
{
	struct problem p = {
		.err = E_BAD_INPUT, .lang = t->lang, .request_id = t->request_id, .faults = faults};

	return fail_problem(t, &p);
}

/* Waits for: the body, if it is not there yet. */
static enum turn
request_admit(struct task *t)
{
	struct shape_faults faults = {0};
	const char *zh, *en;
	enum err e;

	if (!auth_rate(t))
		return fail(t, E_TOO_MANY, NULL, "请稍后再试", "slow down");
	if ((e = roles_check(t)) != OK)
		return e == E_UNAUTHORIZED
			? fail(t, e, NULL, "此操作需要 API 密钥", "this operation needs an API key")
			: fail(t, e, NULL, "该密钥没有可进行此操作的角色",
				  "the key has none of the roles that may do this");
	if ((e = headers_take(t, &zh, &en)) != OK)
		return fail(t, e, NULL, zh, en);
	t->query = arena_array(&t->arena, struct text, t->op->query->count + 1);
	if (shape_query(t->op->query, t->http->req.query, &t->arena, t->query, &faults) != OK)
		return query_refused(t, &faults);
	if (t->op->flags & OP_CACHED && cache_get(t)) {
		if (t->none_match.at != NULL && field_none_match(t->none_match, t->reply.version))
			return reply_empty(t, 304);
		return TURN_DONE;
	}
	if (t->body_there)
		return next(t, request_parse);
	t->body_owed = true;
	task_owe(t);
	conn_want_body(t);
	return wait_for(t, request_parse);
}

void
request_body_there(struct task *t)
{
	bool owed = t->body_owed;

	t->body_there = true;
	t->body_owed = false;
	if (owed)
		task_resume(t);
}

static struct hash
request_hash(const struct task *t)
{
	const struct text parts[] = {text_of(method_name(t->op->method)), text_of(" "), t->target,
		text_of("?"), t->http->req.query, text_of("\n"), t->body};

	return hash_parts(parts, sizeof parts / sizeof parts[0]);
}

static enum turn
body_refused(struct task *t, enum err e, const struct scan_fault *scan)
{
	struct problem p = {.err = e,
		.lang = t->lang,
		.request_id = t->request_id,
		.detail_zh = scan->zh,
		.detail_en = scan->en};

	return fail_problem(t, &p);
}

/* The operation's time counts from here: how long the body took was the connection's matter. */
static enum turn
request_parse(struct task *t)
{
	struct shape_faults faults = {0};
	struct scan_fault scan = {0};
	enum err e;

	if (t->slot == NULL)
		return TURN_DONE; /* gone before its request was complete */
	if (t->refused != OK)
		return request_refused(t);
	t->deadline_ms = loop_now_ms() + (uint64_t)t->loop->config->task_deadline_ms;
	if (t->body.len > 0 && (e = scan_parse(t->body, &t->arena, &t->json, &scan)) != OK)
		return body_refused(t, e, &scan);
	if (t->op->method != GET && (t->json != NULL || t->op->body != &shape_none) &&
		shape_check(t->op->body, t->json, &t->arena, &faults) != OK)
		return query_refused(t, &faults);
	t->idem_hash = request_hash(t);
	if (fault_hit(FAULT_arena_limit))
		t->arena.used = t->arena.limit + 1;
	return next(t, op_steps[t->op - op_table].step);
}
