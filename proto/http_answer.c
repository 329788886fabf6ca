#include "proto/http_answer.h"

#include <string.h>

#include "lib/base/arena.h"
#include "proto/op.h"

const char http_chunk_end[] = "0\r\n\r\n";

const char *
http_reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} rows[] = {{200, "OK"}, {201, "Created"}, {202, "Accepted"}, {204, "No Content"},
		{304, "Not Modified"}, {400, "Bad Request"}, {401, "Unauthorized"},
		{403, "Forbidden"}, {404, "Not Found"}, {405, "Method Not Allowed"},
		{406, "Not Acceptable"}, {408, "Request Timeout"}, {409, "Conflict"},
		{412, "Precondition Failed"}, {413, "Content Too Large"}, {414, "URI Too Long"},
		{415, "Unsupported Media Type"}, {417, "Expectation Failed"},
		{422, "Unprocessable Content"}, {428, "Precondition Required"},
		{429, "Too Many Requests"}, {431, "Request Header Fields Too Large"},
		{500, "Internal Server Error"}, {501, "Not Implemented"},
		{503, "Service Unavailable"}, {505, "HTTP Version Not Supported"}};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].status == status)
			return rows[i].reason;
	return "Unknown";
}

/* The target of the next page: the query without its cursor, and the new cursor. */
static void
add_link(struct buf *b, const struct http_answer *r)
{
	struct text rest = r->query, pair;
	char sep = '?';

	buf_printf(b, "Link: <" TEXT_FMT, TEXT_ARG(r->path));
	while (text_cut(&rest, '&', &pair)) {
		if (pair.len == 0 || text_starts(pair, "cursor="))
			continue;
		buf_char(b, sep);
		sep = '&';
		for (size_t i = 0; i < pair.len; i++)
			if (memchr("<>\"", pair.at[i], 3) != NULL)
				buf_printf(b, "%%%02X", (unsigned)pair.at[i]);
			else
				buf_char(b, pair.at[i]);
	}
	buf_printf(b, "%ccursor=" TEXT_FMT ">; rel=\"next\"\r\n", sep, TEXT_ARG(r->next_cursor));
}

static void
add_allow(struct buf *b, unsigned allow)
{
	buf_str(b, "Allow: ");
	for (int m = 0; m < METHOD_COUNT; m++) {
		if ((allow & 1u << m) == 0)
			continue;
		buf_str(b, method_name((enum method)m));
		buf_str(b, m == GET ? ", HEAD, " : ", ");
	}
	buf_str(b, "OPTIONS\r\n");
}

static void
add_body_fields(struct buf *b, const struct http_answer *r)
{
	bool bodiless = r->status == 204 || r->status == 304;

	if (bodiless)
		return;
	if (r->body.len > 0 || r->chunked)
		buf_printf(
			b, "Content-Type: %s\r\n", r->type != NULL ? r->type : "application/json");
	if (!r->chunked)
		buf_printf(b, "Content-Length: %zu\r\n", r->body.len);
	else if (!r->http10)
		buf_str(b, "Transfer-Encoding: chunked\r\n");
}

static void
add_optional_fields(struct buf *b, const struct http_answer *r)
{
	if (r->version >= 0)
		buf_printf(b, "ETag: \"%lld\"\r\n", (long long)r->version);
	if (r->replayed)
		buf_str(b, "Idempotency-Replayed: true\r\n");
	if (r->location.at != NULL)
		buf_printf(b, "Location: " TEXT_FMT "\r\n", TEXT_ARG(r->location));
	if (r->next_cursor.len > 0)
		add_link(b, r);
	if (r->retry_after_s > 0)
		buf_printf(b, "Retry-After: %d\r\n", r->retry_after_s);
	if (r->allow != 0)
		add_allow(b, r->allow);
	if (r->status == 401)
		buf_str(b, "WWW-Authenticate: Bearer realm=\"fairlot\"\r\n");
	if (r->cors)
		buf_str(b,
			"Access-Control-Allow-Origin: *\r\n"
			"Access-Control-Expose-Headers: ETag, Link, X-Request-Id\r\n");
	if (r->extra != NULL)
		buf_str(b, r->extra);
}

struct text
http_answer(const struct http_answer *r, struct arena *a)
{
	/* A stream to HTTP/1.0 has no chunks: it ends with the connection. */
	bool close = r->close || (r->chunked && r->http10);
	struct buf b;

	must(!r->chunked || r->body.len == 0);
	buf_init(&b, a, r->body.len + 640);
	buf_printf(&b, "HTTP/1.1 %d %s\r\n", r->status, http_reason(r->status));
	if (r->date != NULL)
		buf_printf(&b, "Date: %s\r\n", r->date);
	add_body_fields(&b, r);
	buf_printf(&b, "Cache-Control: %s\r\nX-Content-Type-Options: nosniff\r\n",
		r->immutable	       ? "public, max-age=31536000, immutable"
			: r->cacheable ? "public, no-cache"
				       : "no-store");
	if (r->request_id != NULL)
		buf_printf(&b, "X-Request-Id: %s\r\n", r->request_id);
	add_optional_fields(&b, r);
	if (close)
		buf_str(&b, "Connection: close\r\n");
	else if (r->http10)
		buf_str(&b, "Connection: keep-alive\r\n");
	buf_str(&b, "\r\n");
	if (!r->head && r->status != 204 && r->status != 304)
		buf_add(&b, r->body.at, r->body.len);
	return buf_text(&b);
}

void
http_chunk(struct buf *b, struct text bytes)
{
	if (bytes.len == 0)
		return; /* a chunk of size 0 would be the end */
	buf_printf(b, "%zx\r\n", bytes.len);
	buf_add(b, bytes.at, bytes.len);
	buf_str(b, "\r\n");
}

static char *
put_digits(char *at, int64_t number, int digits)
{
	for (int i = digits; i-- > 0; number /= 10)
		at[i] = (char)('0' + number % 10);
	return at + digits;
}

static char *
put_chars(char *at, const char *chars, size_t len)
{
	memcpy(at, chars, len);
	return at + len;
}

/* Civil date of days since 1970, counted in eras of 400 years that begin on 1 March. */
void
http_date(int64_t unix_s, char ret_date[HTTP_DATE_SIZE])
{
	static const char days[] = "ThuFriSatSunMonTueWed";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int64_t day = unix_s / 86400 + 719468, second = unix_s % 86400;
	int64_t era = day / 146097, of_era = day % 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t shifted = (5 * of_year + 2) / 153; /* 0 is March */
	int64_t month = shifted < 10 ? shifted + 2 : shifted - 10;
	char *at = ret_date;

	must(unix_s >= 0 && unix_s < INT64_C(253402300800)); /* before the year 10000 */
	at = put_chars(at, days + unix_s / 86400 % 7 * 3, 3);
	at = put_chars(at, ", ", 2);
	at = put_digits(at, of_year - (153 * shifted + 2) / 5 + 1, 2);
	at = put_chars(at, " ", 1);
	at = put_chars(at, months + month * 3, 3);
	at = put_chars(at, " ", 1);
	at = put_digits(at, year + era * 400 + (month < 2), 4);
	at = put_chars(at, " ", 1);
	at = put_digits(at, second / 3600, 2);
	at = put_chars(at, ":", 1);
	at = put_digits(at, second / 60 % 60, 2);
	at = put_chars(at, ":", 1);
	at = put_digits(at, second % 60, 2);
	(void)put_chars(at, " GMT", 5);
}
