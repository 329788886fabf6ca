#include "tests/support/http_read.h"

#include "lib/base/arena.h"

static void
read_body(struct http_outcome *o, const char *at, size_t len, size_t step, struct arena *a)
{
	struct buf body;

	buf_init(&body, a, 64);
	for (size_t end = step; o->result == HTTP_MORE; end += step) {
		size_t have = end < len ? end : len;

		while (o->result == HTTP_MORE && o->used < have) {
			struct text piece;
			size_t used;

			o->result = http_body(&o->h, arena_copy(a, at + o->used, have - o->used),
				have - o->used, &used, &piece);
			o->used += used;
			buf_add(&body, piece.at, piece.len);
		}
		if (have == len)
			break;
	}
	o->body = buf_text(&body);
}

struct http_outcome
http_read(const char *at, size_t len, size_t step, size_t body_max, struct arena *a)
{
	struct http_outcome o = {.result = HTTP_MORE};
	size_t have = 0;

	http_init(&o.h);
	do {
		have = len - have > step ? have + step : len;
		o.result = http_head(&o.h, arena_copy(a, at, have), have);
	} while (o.result == HTTP_MORE && have < len);
	if (o.result != HTTP_DONE)
		return o;
	o.used = o.h.head_len;
	http_keep(&o.h, a);
	o.result = http_body_limit(&o.h, body_max);
	read_body(&o, at, len, step, a);
	return o;
}
