#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/text.h"

struct arena;

/* One answer; head and body become one contiguous run of bytes, so that it is one write: with
 * TLS, two writes cost 1.3 times as much. */
struct http_answer {
	int status;
	const char *type; /* media type; NULL: application/json, none when there is no body */
	struct text body;
	int64_t version;	 /* ETag; -1 when the resource has none */
	bool replayed;		 /* Idempotency-Replayed: true */
	bool cacheable;		 /* public: may be kept and asked for again by ETag */
	bool immutable;		 /* public, and never changes: kept for a year */
	bool cors;		 /* a public GET: any origin may read it */
	bool head;		 /* HEAD: the body is counted, not sent */
	bool close;		 /* Connection: close */
	bool http10;		 /* to a client of HTTP/1.0: says keep-alive where it stays open */
	bool chunked;		 /* the body follows in chunks; `body` is empty */
	int retry_after_s;	 /* 0: none */
	unsigned allow;		 /* bits 1 << enum method: Allow; 0: none */
	const char *request_id;	 /* X-Request-Id */
	const char *date;	 /* IMF-fixdate, or NULL */
	struct text location;	 /* at NULL: none */
	struct text next_cursor; /* at NULL or empty: none; else Link: rel="next" … */
	struct text path, query; /* … of this request target, its cursor replaced */
	const char *extra;	 /* whole header lines, each with CRLF, or NULL */
};

struct text http_answer(const struct http_answer *r, struct arena *a);

/* A chunk of a streamed body, ready to send (nothing for an empty one); and its end. */
void http_chunk(struct buf *b, struct text bytes);
extern const char http_chunk_end[]; /* "0\r\n\r\n" */

const char *http_reason(int status);

enum {
	HTTP_DATE_SIZE = 30
};
/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7) of seconds since 1970. */
void http_date(int64_t unix_s, char ret_date[HTTP_DATE_SIZE]);
