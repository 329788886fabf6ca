/* A message means the same however its bytes arrive, and what is taken has no line breaks in its
 * parts. */
#include <string.h>

#include "lib/base/arena.h"
#include "tests/fuzz/target.h"
#include "tests/support/http_read.h"

enum {
	BODY_MAX = 1000
};

static void
text_is_plain(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		must(t.at[i] != '\r' && t.at[i] != '\n' && t.at[i] != '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data;
	struct http_outcome whole, bytes;
	struct arena a;

	if (size > 4096)
		return 0;
	arena_init(&a, SIZE_MAX / 2);
	whole = http_read(at, size, size > 0 ? size : 1, BODY_MAX, &a);
	bytes = http_read(at, size, 1, BODY_MAX, &a);
	must(whole.result == bytes.result);
	must(whole.result != HTTP_REFUSED ||
		(whole.h.err == bytes.h.err && whole.h.why == bytes.h.why));
	if (whole.result == HTTP_DONE) {
		must(whole.used == bytes.used && whole.used <= size);
		must(text_eq(whole.body, bytes.body) && whole.body.len <= BODY_MAX);
		must(text_eq(whole.h.req.path, bytes.h.req.path) && whole.h.req.path.len > 0);
		text_is_plain(whole.h.req.path);
		text_is_plain(whole.h.req.query);
		for (int f = 0; f < HTTP_FIELD_COUNT; f++) {
			must(text_eq(whole.h.req.fields[f], bytes.h.req.fields[f]));
			text_is_plain(whole.h.req.fields[f]);
		}
	}
	arena_reset(&a);
	return 0;
}
