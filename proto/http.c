/* The head is read line by line as lines become whole, so that what is wrong is refused at once;
 * no byte is looked at twice but the start of an unfinished line.  The framing of a chunked body
 * is a machine over single bytes, its data is passed through in runs. */
#include "proto/http.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/hex.h"

const char http_continue[] = "HTTP/1.1 100 Continue\r\n\r\n";

static const char root_path[] = "/"; /* of "http://host"; not in the buffer, so never moved */

enum body_state {
	BODY_NONE,
	BODY_LENGTH, /* Content-Length */
	CHUNK_SIZE,
	EXTENSION_NAME, /* of "size;name=value;name=\"value\"" */
	EXTENSION_VALUE,
	EXTENSION_QUOTED,
	EXTENSION_ESCAPED,
	EXTENSION_END, /* behind the closing quote */
	CHUNK_SIZE_LF,
	CHUNK_DATA,
	CHUNK_DATA_CR,
	CHUNK_DATA_LF,
	TRAILER_START,
	TRAILER_NAME,
	TRAILER_VALUE,
	TRAILER_LF,
	BODY_LF, /* of the empty line that ends a chunked body */
};

enum {
	CHUNK_DIGITS_MAX = 8,
	LENGTH_DIGITS_MAX = 18 /* fits 64 bits */
};

void
http_init(struct http *h)
{
	*h = (struct http){0};
}

static enum http_result
refuse(struct http *h, enum err e, const char *why_zh, const char *why)
{
	h->err = e;
	h->why_zh = why_zh;
	h->why = why;
	return HTTP_REFUSED;
}

static enum http_result
bad(struct http *h, const char *why_zh, const char *why)
{
	return refuse(h, E_BAD_REQUEST, why_zh, why);
}

/* tchar of RFC 9110, 5.6.2 */
static bool
is_token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		memchr("!#$%&'*+-.^_`|~", c, 15) != NULL;
}

static bool
is_token(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (!is_token_char(t.at[i]))
			return false;
	return t.len > 0;
}

/* What may stand in a field's value: blank, tab, visible ASCII, obs-text. */
static bool
is_value_char(char c)
{
	return (unsigned char)c >= ' ' ? c != 0x7f : c == '\t';
}

/* Views follow when the caller's buffer moved, or was copied. */
static void
view_move(struct text *t, const char *from, const char *to)
{
	if (t->at != NULL && t->at != root_path)
		t->at = to + ((uintptr_t)t->at - (uintptr_t)from);
}

static void
views_move(struct http *h, const char *to)
{
	view_move(&h->req.path, h->base, to);
	view_move(&h->req.query, h->base, to);
	for (int f = 0; f < HTTP_FIELD_COUNT; f++)
		view_move(&h->req.fields[f], h->base, to);
	h->base = to;
}

void
http_keep(struct http *h, struct arena *a)
{
	views_move(h, arena_copy(a, h->base, h->head_len));
}

static enum http_result
read_method(struct http *h, struct text method)
{
	if (!is_token(method))
		return bad(h, "方法名不合语法", "the method is not a token");
	for (int m = 0; m < METHOD_COUNT; m++)
		if (text_is(method, method_name((enum method)m))) {
			h->req.method = (enum method)m;
			return HTTP_DONE;
		}
	h->req.method = GET;
	h->req.head = text_is(method, "HEAD");
	h->req.options = text_is(method, "OPTIONS");
	if (!h->req.head && !h->req.options)
		return refuse(h, E_NOT_IMPLEMENTED, "不认识该方法", "the method is not known");
	return HTTP_DONE;
}

static enum http_result
read_version(struct http *h, struct text version)
{
	if (text_is(version, "HTTP/1.1"))
		return HTTP_DONE;
	h->req.http10 = text_is(version, "HTTP/1.0");
	if (h->req.http10)
		return HTTP_DONE;
	if (version.len == 8 && text_starts(version, "HTTP/") && version.at[5] >= '0' &&
		version.at[5] <= '9' && version.at[6] == '.' && version.at[7] >= '0' &&
		version.at[7] <= '9')
		return refuse(h, E_BAD_VERSION, "HTTP 版本既非 1.1 也非 1.0",
			"the version is neither 1.1 nor 1.0");
	return bad(h, "请求行未以 HTTP 版本结尾", "the request line does not end in a version");
}

static bool
target_is_clean(struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		if (t.at[i] <= ' ' || t.at[i] > '~' || t.at[i] == '#')
			return false;
		if (t.at[i] != '%')
			continue;
		if (t.len - i < 3 || hex_digit(t.at[i + 1]) < 0 || hex_digit(t.at[i + 2]) < 0 ||
			(t.at[i + 1] == '0' && t.at[i + 2] == '0'))
			return false;
	}
	return t.len > 0;
}

/* uri-host [":" port], as far as a wrong one could mislead: no userinfo, no list, no blank. */
static bool
is_host(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (!(t.at[i] >= '0' && t.at[i] <= '9') && !(t.at[i] >= 'a' && t.at[i] <= 'z') &&
			!(t.at[i] >= 'A' && t.at[i] <= 'Z') &&
			memchr(".-_~:[]%", t.at[i], 8) == NULL)
			return false;
	return true;
}

/* scheme "://" authority: the authority counts as the host (RFC 9112, 3.2.2). */
static bool
cut_authority(struct http *h, struct text *target)
{
	struct text t = *target;
	size_t scheme, len = 0;

	scheme = t.len >= 7 && text_is_nocase(text_span(t.at, 7), "http://")   ? 7
		: t.len >= 8 && text_is_nocase(text_span(t.at, 8), "https://") ? 8
									       : 0;
	t = text_span(t.at + scheme, t.len - scheme);
	while (len < t.len && t.at[len] != '/' && t.at[len] != '?')
		len++;
	h->req.fields[HTTP_HOST] = text_span(t.at, len);
	*target = text_span(t.at + len, t.len - len);
	return scheme > 0 && len > 0 && is_host(h->req.fields[HTTP_HOST]);
}

static enum http_result
read_target(struct http *h, struct text target)
{
	const char *mark;

	if (!target_is_clean(target))
		return bad(h, "请求目标含有非可见 ASCII 字节，或百分号编码有误",
			"a byte of the target is not visible ASCII, or bad percent-encoding");
	if (text_is(target, "*")) {
		h->req.path = target;
		return h->req.options
			? HTTP_DONE
			: bad(h, "只有 OPTIONS 可以用目标 *", "only OPTIONS has the target *");
	}
	if (target.at[0] != '/' && !cut_authority(h, &target))
		return bad(h, "请求目标既非路径也非 http 或 https 网址",
			"the target is neither a path nor an http or https URI");
	h->absolute = h->req.fields[HTTP_HOST].at != NULL;
	mark = target.len == 0 ? NULL : memchr(target.at, '?', target.len);
	h->req.path = target;
	if (mark != NULL) {
		h->req.path.len = (size_t)(mark - target.at);
		h->req.query = text_span(mark + 1, target.len - h->req.path.len - 1);
	}
	if (h->req.path.len == 0)
		h->req.path = text_of(root_path);
	return HTTP_DONE;
}

static enum http_result
read_request_line(struct http *h, struct text line)
{
	struct text method = {0}, target = {0};
	enum http_result r;

	if (line.len > HTTP_LINE_MAX)
		return refuse(h, E_URI_TOO_LONG, "请求行过长", "the request line is too long");
	(void)text_cut(&line, ' ', &method);
	(void)text_cut(&line, ' ', &target);
	if ((r = read_version(h, line)) != HTTP_DONE)
		return r;
	if ((r = read_method(h, method)) != HTTP_DONE)
		return r;
	return read_target(h, target);
}

static int
field_of(struct text name)
{
	static const char *const field_names[HTTP_FIELD_COUNT] = {
		[HTTP_HOST] = "host",
		[HTTP_CONTENT_LENGTH] = "content-length",
		[HTTP_TRANSFER_ENCODING] = "transfer-encoding",
		[HTTP_EXPECT] = "expect",
		[HTTP_CONTENT_TYPE] = "content-type",
		[HTTP_AUTHORIZATION] = "authorization",
		[HTTP_IDEMPOTENCY_KEY] = "idempotency-key",
		[HTTP_IF_MATCH] = "if-match",
		[HTTP_IF_NONE_MATCH] = "if-none-match",
		[HTTP_LAST_EVENT_ID] = "last-event-id",
		[HTTP_ACCEPT] = "accept",
		[HTTP_ACCEPT_LANGUAGE] = "accept-language",
		[HTTP_TRACEPARENT] = "traceparent",
		[HTTP_X_REQUEST_ID] = "x-request-id",
	};

	for (int f = 0; f < HTTP_FIELD_COUNT; f++)
		if (text_is_nocase(name, field_names[f]))
			return f;
	return -1;
}

static void
read_connection(struct http *h, struct text value)
{
	struct text token;

	while (text_cut(&value, ',', &token)) {
		token = text_trim(token, " \t");
		h->closes |= text_is_nocase(token, "close");
		h->keeps |= text_is_nocase(token, "keep-alive");
	}
}

static enum http_result
read_field(struct http *h, struct text line)
{
	const char *colon = memchr(line.at, ':', line.len);
	struct text name, value;
	bool given;
	int f;

	if (++h->fields_count > HTTP_FIELDS_MAX)
		return refuse(h, E_HEADERS_TOO_LARGE, "请求头字段过多", "too many header fields");
	if (line.at[0] == ' ' || line.at[0] == '\t')
		return bad(h, "请求头字段折行", "a header field is folded");
	if (colon == NULL)
		return bad(h, "请求头行缺少冒号", "a header line has no colon");
	name = text_span(line.at, (size_t)(colon - line.at));
	if (!is_token(name))
		return bad(h, "请求头字段名不合语法", "the name of a header field is not a token");
	value = text_trim(text_span(colon + 1, line.len - name.len - 1), " \t");
	if (text_is_nocase(name, "connection"))
		read_connection(h, value);
	if ((f = field_of(name)) < 0)
		return HTTP_DONE;
	/* Other readers differ about a tab here, and who differs about a length can be cheated. */
	if ((f == HTTP_CONTENT_LENGTH || f == HTTP_TRANSFER_ENCODING) &&
		memchr(colon, '\t', line.len - name.len) != NULL)
		return bad(h, "请求体长度旁有制表符", "a tab beside the length of the body");
	if (f == HTTP_HOST) {
		given = h->host_seen;
		h->host_seen = true;
		if (!is_host(value))
			return bad(h, "Host 不合语法", "the Host is malformed");
	} else {
		given = h->req.fields[f].at != NULL;
	}
	if (given && f < HTTP_SINGLE)
		return f == HTTP_TRANSFER_ENCODING
			? refuse(h, E_NOT_IMPLEMENTED, "不支持 chunked 以外的传输编码",
				  "a transfer coding other than chunked")
			: bad(h, "只能出现一次的请求头字段重复",
				  "a header field that may stand once stands twice");
	if (!given && !(f == HTTP_HOST && h->absolute))
		h->req.fields[f] = value;
	return HTTP_DONE;
}

static bool
read_length(struct text value, uint64_t *ret_length)
{
	uint64_t length = 0;

	if (value.len == 0 || value.len > LENGTH_DIGITS_MAX)
		return false;
	for (size_t i = 0; i < value.len; i++) {
		if (value.at[i] < '0' || value.at[i] > '9')
			return false;
		length = length * 10 + (uint64_t)(value.at[i] - '0');
	}
	*ret_length = length;
	return true;
}

/* How the body is framed (RFC 9112, 6.3), without a doubt or not at all. */
static enum http_result
read_framing(struct http *h)
{
	struct text coding = h->req.fields[HTTP_TRANSFER_ENCODING];
	struct text length = h->req.fields[HTTP_CONTENT_LENGTH];

	if (coding.at != NULL) {
		if (length.at != NULL)
			return bad(h, "Content-Length 与 Transfer-Encoding 并用",
				"Content-Length beside Transfer-Encoding");
		if (h->req.http10)
			return bad(h, "HTTP/1.0 不得使用 Transfer-Encoding",
				"Transfer-Encoding in HTTP/1.0");
		if (!text_is_nocase(coding, "chunked"))
			return refuse(h, E_NOT_IMPLEMENTED, "不支持 chunked 以外的传输编码",
				"a transfer coding other than chunked");
		h->req.chunked = true;
		h->state = CHUNK_SIZE;
	} else if (length.at != NULL) {
		if (!read_length(length, &h->req.content_length))
			return bad(h, "Content-Length 不是数字", "Content-Length is not a number");
		h->left = h->req.content_length;
		h->state = h->left > 0 ? BODY_LENGTH : BODY_NONE;
	}
	return HTTP_DONE;
}

static enum http_result
finish_head(struct http *h)
{
	struct text expect = h->req.fields[HTTP_EXPECT];
	enum http_result r;

	if (!h->host_seen && !h->req.http10)
		return bad(h, "缺少 Host", "the Host is missing");
	if ((r = read_framing(h)) != HTTP_DONE)
		return r;
	if (expect.at != NULL && !h->req.http10) {
		if (!text_is_nocase(expect, "100-continue"))
			return refuse(h, E_BAD_EXPECT, "Expect 只支持 100-continue",
				"an expectation other than 100-continue");
		h->req.expects = h->state != BODY_NONE;
	}
	h->req.keep_alive = !h->closes && (h->keeps || !h->req.http10);
	return HTTP_DONE;
}

/* No control character in what was not looked at yet; CR only as the last byte. */
static bool
run_is_clean(const char *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!is_value_char(at[i]))
			return false;
	return true;
}

/* The bytes from h->line up to `end` are a part of a line: is it too long already? */
static enum http_result
check_limits(struct http *h, size_t end)
{
	if (!h->line_seen && end - h->line > HTTP_LINE_MAX + 2)
		return refuse(h, E_URI_TOO_LONG, "请求行过长", "the request line is too long");
	if (h->line_seen && end - h->fields_start > HTTP_HEAD_MAX)
		return refuse(
			h, E_HEADERS_TOO_LARGE, "请求头过大", "the header fields are too large");
	return HTTP_MORE;
}

/* HTTP_MORE: the next line; HTTP_DONE: the head is whole. */
static enum http_result
read_line(struct http *h, struct text line)
{
	enum http_result r;

	if (h->line_seen) {
		r = line.len == 0 ? finish_head(h) : read_field(h, line);
		return r == HTTP_DONE && line.len > 0 ? HTTP_MORE : r;
	}
	if (line.len == 0) /* one empty line is forgiven (RFC 9112, 2.2) */
		return h->line == 0
			? HTTP_MORE
			: bad(h, "请求之前有过多空行", "empty lines before the request");
	r = read_request_line(h, line);
	h->line_seen = true;
	h->fields_start = h->scanned;
	return r == HTTP_DONE ? HTTP_MORE : r;
}

enum http_result
http_head(struct http *h, const char *at, size_t len)
{
	enum http_result r = HTTP_MORE;

	if (h->base != at)
		views_move(h, at);
	while (r == HTTP_MORE && h->scanned < len) {
		const char *lf = memchr(at + h->scanned, '\n', len - h->scanned);
		size_t end = lf != NULL ? (size_t)(lf - at) : len;
		bool cr = end > h->line && at[end - 1] == '\r';
		size_t clean = cr ? end - 1 : end;

		if (clean > h->scanned && !run_is_clean(at + h->scanned, clean - h->scanned))
			return bad(h, "请求头含有控制字符", "a control character in the head");
		if ((r = check_limits(h, lf != NULL ? end + 1 : end)) != HTTP_MORE)
			return r;
		if (lf == NULL) {
			h->scanned = clean;
			return HTTP_MORE;
		}
		if (!cr)
			return bad(h, "行尾有 LF 而无 CR", "a line ends in LF without CR");
		h->scanned = end + 1;
		r = read_line(h, text_span(at + h->line, clean - h->line));
		h->line = h->scanned;
	}
	if (r == HTTP_DONE)
		h->head_len = h->scanned;
	return r;
}

enum http_result
http_body_limit(struct http *h, uint64_t max)
{
	h->body_max = max;
	if (h->req.content_length > max)
		return refuse(h, E_TOO_LARGE, "请求体超过该操作的上限",
			"the body is larger than this operation takes");
	return h->state == BODY_NONE ? HTTP_DONE : HTTP_MORE;
}

static enum http_result
read_size_byte(struct http *h, char c)
{
	int digit = hex_digit(c);

	if (digit >= 0 && h->digits < CHUNK_DIGITS_MAX) {
		h->left = h->left << 4 | (uint64_t)digit;
		h->digits++;
		return HTTP_MORE;
	}
	if (digit >= 0 || h->digits == 0 || (c != ';' && c != '\r'))
		return bad(h, "分块长度不是 1 至 8 位十六进制数",
			"a chunk size is not 1 to 8 hex digits");
	h->extra = 0;
	h->part = 0;
	h->state = c == ';' ? EXTENSION_NAME : CHUNK_SIZE_LF;
	return HTTP_MORE;
}

/* RFC 9112, 7.1.1, without its optional blanks.  Extensions mean nothing here, but what one reader
 * takes as an extension must not be data to another. */
static enum http_result
read_extension_byte(struct http *h, char c)
{
	bool named = h->part > 0; /* the name, or the value, has a character */

	if (++h->extra > HTTP_EXTENSION_MAX + 1) /* the CR is no part of it */
		return bad(h, "分块扩展过长", "a chunk extension is too long");
	if (h->state == EXTENSION_QUOTED || h->state == EXTENSION_ESCAPED) {
		if (!is_value_char(c))
			return bad(h, "分块扩展含有控制字符",
				"a control character in a chunk extension");
		if (h->state == EXTENSION_ESCAPED)
			h->state = EXTENSION_QUOTED;
		else if (c == '"' || c == '\\')
			h->state = c == '"' ? EXTENSION_END : EXTENSION_ESCAPED;
		return HTTP_MORE;
	}
	if (h->state != EXTENSION_END && is_token_char(c)) {
		h->part++;
		return HTTP_MORE;
	}
	if (h->state == EXTENSION_VALUE && !named && c == '"')
		h->state = EXTENSION_QUOTED;
	else if (h->state != EXTENSION_END && !named)
		return bad(h, "分块扩展不合语法", "a malformed chunk extension");
	else if (c == '\r')
		h->state = CHUNK_SIZE_LF;
	else if (c == ';')
		h->state = EXTENSION_NAME;
	else if (c == '=' && h->state == EXTENSION_NAME)
		h->state = EXTENSION_VALUE;
	else
		return bad(h, "分块扩展不合语法", "a malformed chunk extension");
	h->part = 0;
	return HTTP_MORE;
}

/* Behind the LF of a chunk's size. */
static enum http_result
begin_chunk(struct http *h)
{
	h->digits = h->extra = 0;
	h->state = h->left > 0 ? CHUNK_DATA : TRAILER_START;
	if (h->left > h->body_max - h->body_len)
		return refuse(h, E_TOO_LARGE, "请求体超过该操作的上限",
			"the body is larger than this operation takes");
	return HTTP_MORE;
}

static enum http_result
read_trailer_byte(struct http *h, char c)
{
	if (++h->extra > HTTP_TRAILER_MAX)
		return refuse(h, E_HEADERS_TOO_LARGE, "尾部字段过大", "the trailer is too large");
	if (h->state == TRAILER_START && c == '\r')
		h->state = BODY_LF;
	else if (h->state == TRAILER_NAME && c == ':')
		h->state = TRAILER_VALUE;
	else if (h->state == TRAILER_VALUE && c == '\r')
		h->state = TRAILER_LF;
	else if (h->state == TRAILER_VALUE ? !is_value_char(c) : !is_token_char(c))
		return bad(h, "尾部字段不合语法", "a malformed trailer field");
	else if (h->state == TRAILER_START)
		h->state = TRAILER_NAME;
	return HTTP_MORE;
}

/* One byte that must be `want`, then the next state. */
static enum http_result
expect_byte(struct http *h, char c, char want, enum body_state then)
{
	if (c != want)
		return bad(h, "分块请求体的行未以 CR LF 结尾",
			"a line of the chunked body does not end in CR LF");
	h->state = then;
	return HTTP_MORE;
}

static enum http_result
read_framing_byte(struct http *h, char c)
{
	enum http_result r;

	switch ((enum body_state)h->state) {
	case CHUNK_SIZE:
		return read_size_byte(h, c);
	case EXTENSION_NAME:
	case EXTENSION_VALUE:
	case EXTENSION_QUOTED:
	case EXTENSION_ESCAPED:
	case EXTENSION_END:
		return read_extension_byte(h, c);
	case CHUNK_SIZE_LF:
		r = expect_byte(h, c, '\n', CHUNK_SIZE);
		return r == HTTP_MORE ? begin_chunk(h) : r;
	case CHUNK_DATA_CR:
		return expect_byte(h, c, '\r', CHUNK_DATA_LF);
	case CHUNK_DATA_LF:
		return expect_byte(h, c, '\n', CHUNK_SIZE);
	case TRAILER_LF:
		return expect_byte(h, c, '\n', TRAILER_START);
	case BODY_LF:
		r = expect_byte(h, c, '\n', BODY_NONE);
		return r == HTTP_MORE ? HTTP_DONE : r;
	default:
		return read_trailer_byte(h, c);
	}
}

enum http_result
http_body(struct http *h, const char *at, size_t len, size_t *ret_used, struct text *ret_piece)
{
	size_t used = 0, run;
	enum http_result r = HTTP_MORE;

	*ret_piece = text_span(at, 0);
	while (r == HTTP_MORE && used < len && h->state != BODY_NONE && h->state != CHUNK_DATA &&
		h->state != BODY_LENGTH)
		r = read_framing_byte(h, at[used++]);
	if (r == HTTP_MORE && (h->state == CHUNK_DATA || h->state == BODY_LENGTH)) {
		must(h->left <= h->body_max - h->body_len); /* http_body_limit() came before */
		run = h->left < len - used ? (size_t)h->left : len - used;
		*ret_piece = text_span(at + used, run);
		used += run;
		h->left -= run;
		h->body_len += run;
		if (h->left == 0)
			h->state = h->state == BODY_LENGTH ? BODY_NONE : CHUNK_DATA_CR;
	}
	*ret_used = used;
	return r == HTTP_MORE && h->state == BODY_NONE ? HTTP_DONE : r;
}
