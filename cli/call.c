#include "cli/call.h"

#include <curl/curl.h>
#include <errno.h>
#include <json-c/json.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "cli/file.h"
#include "cli/say.h"
#include "lib/base/arena.h"
#include "lib/base/hex.h"

enum {
	DELAY_FIRST_MS = 200,
	RETRY_AFTER_MAX_S = 30
};

/* What one try collects. */
struct receive {
	CURL *curl;
	struct answer *answer;
	struct buf body;
	FILE *sink;
	size_t limit;
	bool too_large, sink_failed;
};

/* Plain HTTP shows the key to everyone on the way, so it goes no further than this host. */
static bool
is_private_enough(const char *url)
{
	static const char *const hosts[] = {"localhost", "127.0.0.1", "[::1]"};

	if (strncmp(url, "https://", 8) == 0)
		return true;
	if (strncmp(url, "http://", 7) != 0)
		return false;
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		size_t len = strlen(hosts[i]);

		if (strncmp(url + 7, hosts[i], len) == 0 &&
			(url[7 + len] == '\0' || strchr(":/", url[7 + len]) != NULL))
			return true;
	}
	return false;
}

bool
caller_open(struct caller *c, const struct target *t, const char **reterr)
{
	if (!is_private_enough(t->url)) {
		*reterr = say("地址须以 https:// 开头（本机可用 http://）",
			"the address must start with https:// (http:// only for this host)");
		return false;
	}
	*c = (struct caller){curl_easy_init(), t, false};
	must(c->curl != NULL);
	return true;
}

void
caller_close(struct caller *c)
{
	curl_easy_cleanup(c->curl);
	c->curl = NULL;
}

const char *
call_new_key(struct arena *a)
{
	uint8_t random[16];
	char *key = arena_alloc(a, 2 * sizeof random + 1);

	must(getrandom(random, sizeof random, 0) == sizeof random);
	hex_encode(random, sizeof random, key);
	return key;
}

static size_t
on_body(char *at, size_t size, size_t count, void *arg)
{
	struct receive *r = arg;
	size_t len = size * count;
	long status = 0;

	curl_easy_getinfo(r->curl, CURLINFO_RESPONSE_CODE, &status);
	if (r->sink != NULL && status / 100 == 2) {
		r->sink_failed = fwrite(at, 1, len, r->sink) != len;
		return r->sink_failed ? 0 : len;
	}
	r->too_large = len > r->limit - r->body.len;
	if (r->too_large)
		return 0;
	buf_add(&r->body, at, len);
	return len;
}

static bool
header_is(struct text line, const char *name, struct text *ret_value)
{
	size_t len = strlen(name);

	if (line.len <= len || line.at[len] != ':' ||
		!text_is_nocase(text_span(line.at, len), name))
		return false;
	line = text_span(line.at + len + 1, line.len - len - 1);
	while (line.len > 0 && (line.at[0] == ' ' || line.at[0] == '\t'))
		line = text_span(line.at + 1, line.len - 1);
	while (line.len > 0 && strchr(" \t\r\n", line.at[line.len - 1]) != NULL)
		line.len--;
	*ret_value = line;
	return true;
}

static size_t
on_header(char *at, size_t size, size_t count, void *arg)
{
	struct answer *r = ((struct receive *)arg)->answer;
	struct text line = {at, size * count}, value;
	uint64_t n;

	if (header_is(line, "ETag", &value) && value.len > 2 &&
		text_u64(text_span(value.at + 1, value.len - 2), INT64_MAX, &n))
		(void)snprintf(r->version, sizeof r->version, "%llu", (unsigned long long)n);
	else if (header_is(line, "Retry-After", &value) && text_u64(value, 86400, &n))
		r->retry_after_s = (int)n;
	else if (header_is(line, "Idempotency-Replayed", &value))
		r->replayed = text_is(value, "true");
	return line.len;
}

static struct curl_slist *
header_add(struct curl_slist *list, const char *line)
{
	list = curl_slist_append(list, line);
	must(list != NULL);
	return list;
}

static struct curl_slist *
headers_of(const struct caller *c, const struct call *call, struct arena *a)
{
	struct curl_slist *list = header_add(NULL, "Expect:");

	list = header_add(list, say("Accept-Language: zh", "Accept-Language: en"));
	if (c->target->key != NULL)
		list = header_add(
			list, arena_printf(a, "Authorization: Bearer %s", c->target->key));
	/* Without a body the form type that libcurl would name is taken away. */
	list = header_add(
		list, call->body.at != NULL ? "Content-Type: application/json" : "Content-Type:");
	if (call->idempotency != NULL)
		list = header_add(
			list, arena_printf(a, "Idempotency-Key: \"%s\"", call->idempotency));
	if (call->if_match != NULL)
		list = header_add(list, arena_printf(a, "If-Match: \"%s\"", call->if_match));
	return list;
}

static const char *
url_of(const struct target *t, const char *path, struct arena *a)
{
	size_t len = strlen(t->url);

	while (len > 0 && t->url[len - 1] == '/')
		len--;
	return arena_printf(a, "%.*s%s", (int)len, t->url, path);
}

static enum outcome
outcome_of(CURLcode code)
{
	switch (code) {
	case CURLE_OK:
		return OUTCOME_ANSWER;
	case CURLE_COULDNT_CONNECT:
	case CURLE_COULDNT_RESOLVE_HOST:
		return OUTCOME_UNSENT;
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_WRITE_ERROR:
		return OUTCOME_BROKEN;
	default:
		return OUTCOME_LOST;
	}
}

static void
set_request(CURL *curl, const struct call *call)
{
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method_name(call->method));
	if (call->body.at != NULL || call->method == POST || call->method == PUT) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.len);
		curl_easy_setopt(
			curl, CURLOPT_POSTFIELDS, call->body.at == NULL ? "" : call->body.at);
	}
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https,http");
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "fairlot/" FAIRLOT_VERSION);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 10L);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, 30L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)call->time_s);
}

static void
try_once(struct caller *c, const struct call *call, struct arena *a, struct answer *r)
{
	struct receive receive = {.curl = c->curl,
		.answer = r,
		.sink = call->sink,
		.limit = call->limit == 0 ? FILE_SIZE_MAX : call->limit};
	struct curl_slist *headers = headers_of(c, call, a);
	long status = 0;
	CURLcode code;

	*r = (struct answer){.retry_after_s = -1};
	buf_init(&receive.body, a, 4096);
	curl_easy_reset(c->curl); /* keeps the connection */
	set_request(c->curl, call);
	curl_easy_setopt(c->curl, CURLOPT_URL, url_of(c->target, call->path, a));
	if (c->target->ca != NULL)
		curl_easy_setopt(c->curl, CURLOPT_CAINFO, c->target->ca);
	curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, r->error);
	curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &receive);
	curl_easy_setopt(c->curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c->curl, CURLOPT_HEADERDATA, &receive);
	/* On a kept connection that died libcurl sends again by itself: only what may be. */
	curl_easy_setopt(c->curl, CURLOPT_FRESH_CONNECT, call->repeatable ? 0L : 1L);
	code = curl_easy_perform(c->curl);
	curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, NULL);
	curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	r->outcome = outcome_of(code);
	r->status = (int)status;
	r->body = buf_text(&receive.body);
	if (receive.sink_failed)
		(void)snprintf(r->error, sizeof r->error, "%s", strerror(errno));
	else if (receive.too_large)
		(void)snprintf(r->error, sizeof r->error,
			say("答复超过 %zu 字节", "the answer has more than %zu bytes"),
			receive.limit);
	else if (code != CURLE_OK && r->error[0] == '\0')
		(void)snprintf(r->error, sizeof r->error, "%s", curl_easy_strerror(code));
}

int
call_delay_ms(const struct answer *r, bool repeatable, int tries)
{
	bool again;

	switch (r->outcome) {
	case OUTCOME_UNSENT:
		again = true;
		break;
	case OUTCOME_LOST:
		again = repeatable;
		break;
	case OUTCOME_ANSWER:
		/* 409 with Retry-After: the first request with this key still runs. */
		again = (r->status == 503 && repeatable) ||
			((r->status == 409 || r->status == 429) && r->retry_after_s >= 0);
		break;
	default:
		again = false;
	}
	if (!again || tries >= CALL_TRIES_MAX || r->retry_after_s > RETRY_AFTER_MAX_S)
		return -1;
	if (r->retry_after_s > 0)
		return r->retry_after_s * 1000;
	return DELAY_FIRST_MS << (tries - 1);
}

void
call_wait_ms(int ms)
{
	struct timespec left = {ms / 1000, ms % 1000 * 1000000L};

	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		;
}

void
call_send(struct caller *c, const struct call *call, struct arena *a, struct answer *ret_answer)
{
	int tries = 1, delay;

	for (;; tries++) {
		try_once(c, call, a, ret_answer);
		delay = call_delay_ms(ret_answer, call->repeatable, tries);
		/* What the sink took cannot be taken back. */
		if (delay < 0 || (call->sink != NULL && ftell(call->sink) != 0))
			return;
		if (!c->quiet)
			fprintf(stderr, say("fairlot: %s；重试\n", "fairlot: %s; trying again\n"),
				ret_answer->outcome == OUTCOME_ANSWER
					? arena_printf(a, "HTTP %d", ret_answer->status)
					: ret_answer->error);
		call_wait_ms(delay);
	}
}

bool
caller_get_most(struct caller *c, const char *path, size_t limit, struct arena *a,
	struct text *ret_body, const char **reterr)
{
	const struct call call = {.method = GET,
		.path = path,
		.repeatable = true,
		.limit = limit,
		.time_s = CALL_GET_S};
	const char *why;
	struct answer r;

	call_send(c, &call, a, &r);
	if (r.outcome == OUTCOME_ANSWER && r.status == 200) {
		*ret_body = r.body;
		return true;
	}
	if (r.outcome != OUTCOME_ANSWER)
		why = r.error;
	else if (r.status / 100 == 3)
		why = arena_printf(a,
			say("%d，重定向，不予跟随", "%d, a redirect, which is not followed"),
			r.status);
	else
		why = arena_printf(a, "%d " TEXT_FMT, r.status, TEXT_ARG(answer_code(&r, a)));
	*reterr = arena_printf(a, "%s: %s", url_of(c->target, path, a), why);
	return false;
}

bool
caller_get(
	void *caller, const char *path, struct arena *a, struct text *ret_body, const char **reterr)
{
	return caller_get_most(caller, path, FILE_SIZE_MAX, a, ret_body, reterr);
}

struct text
answer_code(const struct answer *r, struct arena *a)
{
	struct json_object *json = NULL, *code;
	struct text out = {NULL, 0};

	if (r->outcome == OUTCOME_ANSWER && r->body.len > 0)
		json = json_tokener_parse(arena_str(a, r->body.at, r->body.len));
	if (json != NULL && json_object_object_get_ex(json, "code", &code) &&
		json_object_is_type(code, json_type_string)) {
		out.len = (size_t)json_object_get_string_len(code);
		out.at = arena_str(a, json_object_get_string(code), out.len);
	}
	json_object_put(json);
	return out;
}
