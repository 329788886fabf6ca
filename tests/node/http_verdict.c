/* Reads messages, each as "<length>\n<bytes>", and prints for each one line of JSON: what our
 * parser makes of its first request. */
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/arena.h"
#include "proto/json_quote.h"
#include "tests/support/http_read.h"

enum {
	MESSAGE_MAX = 1 << 20
};

static void
add_text(struct buf *b, const char *name, struct text t)
{
	buf_printf(b, ",\"%s\":\"", name);
	for (size_t i = 0; i < t.len; i++)
		buf_printf(b, "%02x", (unsigned char)t.at[i]);
	buf_char(b, '"');
}

static void
report(const char *at, size_t len)
{
	static const char *const results[] = {
		[HTTP_MORE] = "more", [HTTP_DONE] = "done", [HTTP_REFUSED] = "refused"};
	struct http_outcome o;
	struct arena a;
	struct buf b;

	arena_init(&a, SIZE_MAX / 2);
	o = http_read(at, len, len > 0 ? len : 1, MESSAGE_MAX, &a);
	buf_init(&b, &a, 1024);
	buf_printf(&b, "{\"result\":\"%s\"", results[o.result]);
	if (o.result == HTTP_REFUSED) {
		buf_str(&b, ",\"why\":");
		quote_str(&b, o.h.why);
	}
	if (o.result == HTTP_DONE) {
		buf_printf(&b, ",\"used\":%zu,\"method\":\"%s\",\"keep\":%s", o.used,
			o.h.req.head		  ? "HEAD"
				: o.h.req.options ? "OPTIONS"
						  : method_name(o.h.req.method),
			o.h.req.keep_alive ? "true" : "false");
		add_text(&b, "path", o.h.req.path);
		add_text(&b, "query", o.h.req.query);
		add_text(&b, "body", o.body);
	}
	printf(TEXT_FMT "}\n", TEXT_ARG(buf_text(&b)));
	arena_reset(&a);
}

int
main(void)
{
	char *bytes = malloc(MESSAGE_MAX);
	size_t len;

	if (bytes == NULL)
		return 1;
	while (scanf("%zu", &len) == 1 && len <= MESSAGE_MAX && getchar() == '\n') {
		if (fread(bytes, 1, len, stdin) != len)
			return 1;
		report(bytes, len);
	}
	free(bytes);
	return 0;
}
