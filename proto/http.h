#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/must.h"
#include "lib/base/text.h"
#include "proto/op.h"

struct arena;

/* HTTP/1.1 requests (RFC 9112), strictly, one message at a time, over the caller's buffer.
 *
 *	struct http h;
 *	http_init(&h);
 *	http_head(&h, at, len)		each time more bytes are there, always from the first byte
 *					of the message; HTTP_DONE: h.req is filled, h.head_len
 *					bytes are the head; take them off the buffer
 *	http_keep(&h, arena)		before those bytes go: moves the views of h.req
 *	http_body_limit(&h, max)	by the operation; may refuse with TOO_LARGE
 *	http_body(&h, at, len, …)	as bytes come; gives pieces of the body, until HTTP_DONE
 *
 * The parser stops behind its message; what follows is the next one (pipelining).  After
 * HTTP_REFUSED the connection must be closed behind the answer: where a next message would
 * begin is unknown.  The time a client may take is the caller's matter. */
enum {
	HTTP_LINE_MAX = 8 * 1024,  /* request line */
	HTTP_HEAD_MAX = 32 * 1024, /* all header lines, without the request line */
	HTTP_FIELDS_MAX = 100,
	HTTP_EXTENSION_MAX = 256,    /* bytes of the extensions of one chunk */
	HTTP_TRAILER_MAX = 4 * 1024, /* all trailer lines, which are dropped */
	HTTP_UNREAD_MAX = HTTP_LINE_MAX + HTTP_HEAD_MAX + 4,
};

/* The header fields that are kept; any other is checked and forgotten. */
enum http_field {
	HTTP_HOST,
	HTTP_CONTENT_LENGTH,
	HTTP_TRANSFER_ENCODING,
	HTTP_EXPECT,
	HTTP_CONTENT_TYPE,
	HTTP_AUTHORIZATION,
	HTTP_IDEMPOTENCY_KEY,
	HTTP_IF_MATCH,
	HTTP_IF_NONE_MATCH,
	HTTP_LAST_EVENT_ID,
	HTTP_SINGLE, /* those before may stand once; of those behind, the first counts */
	HTTP_ACCEPT = HTTP_SINGLE,
	HTTP_ACCEPT_LANGUAGE,
	HTTP_TRACEPARENT,
	HTTP_X_REQUEST_ID,
	HTTP_FIELD_COUNT
};

/* Views of the head; at NULL where a field is absent. */
struct http_request {
	enum method method; /* GET also when head, and when options */
	bool head;	    /* HEAD: answer as GET, without the body */
	bool options;	    /* OPTIONS; path is "*" or a path */
	bool http10;
	bool keep_alive; /* the connection may go on behind this message */
	bool expects;	 /* Expect: 100-continue: write http_continue before the body */
	bool chunked;
	uint64_t content_length; /* 0 when chunked or absent */
	struct text path;	 /* from '/' to before '?', still percent-encoded */
	struct text query;	 /* behind the '?', or empty */
	struct text fields[HTTP_FIELD_COUNT];
};

enum http_result {
	HTTP_MORE, /* all bytes given were looked at; call again with more */
	HTTP_DONE,
	HTTP_REFUSED /* h.err says why; close after the answer */
};

struct http {
	struct http_request req;
	size_t head_len;	  /* bytes of the head, valid from HTTP_DONE on */
	enum err err;		  /* BAD_REQUEST, URI_TOO_LONG, HEADERS_TOO_LARGE, BAD_EXPECT,
			  * NOT_IMPLEMENTED, BAD_VERSION, TOO_LARGE */
	const char *why_zh, *why; /* static sentences, in Chinese and English, for the problem */

	/* private */
	const char *base; /* what the views of req point into */
	size_t line, scanned, fields_start;
	unsigned fields_count;
	bool line_seen;	    /* the request line */
	bool absolute;	    /* the target named the host */
	bool host_seen;	    /* the field */
	bool closes, keeps; /* tokens of Connection */
	int state;	    /* of the body */
	uint64_t left, body_len, body_max;
	unsigned digits, extra, part;
};

void http_init(struct http *h);
MUST_USE enum http_result http_head(struct http *h, const char *at, size_t len);

/* Copies the head and lets the views of h->req point into the copy. */
void http_keep(struct http *h, struct arena *a);

/* Says how long the body may be.  Call between head and body. */
MUST_USE enum http_result http_body_limit(struct http *h, uint64_t max);

/* Takes bytes from `at`: *ret_used of them, which may be removed, hold the piece (a view of them,
 * maybe empty).  HTTP_MORE with *ret_used < len: call again with the rest. */
MUST_USE enum http_result
http_body(struct http *h, const char *at, size_t len, size_t *ret_used, struct text *ret_piece);

extern const char http_continue[]; /* "HTTP/1.1 100 Continue\r\n\r\n" */
