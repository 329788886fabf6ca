/* The first byte chooses a method, the rest is a path.  What is found is put together again from
 * its pattern and its arguments. */
#include <string.h>

#include "lib/base/arena.h"
#include "lib/ledger/tile.h"
#include "proto/op.h"
#include "tests/fuzz/target.h"

static struct text
path_of(const struct route *r, struct arena *a)
{
	const char *at = r->op->path;
	struct tile_id tile;
	size_t arg = 0;
	struct buf b;

	buf_init(&b, a, 256);
	while (*at != '\0') {
		if (*at != '{') {
			buf_char(&b, *at++);
			continue;
		}
		must(arg < r->args_count &&
			(shape_is_id(r->args[arg]) || tile_path_parse(r->args[arg], &tile)));
		buf_add(&b, r->args[arg].at, r->args[arg].len);
		arg++;
		at = strchr(at, '}') + 1;
	}
	must(arg == r->args_count);
	return buf_text(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text path;
	struct route r;
	struct arena a;
	enum method m;

	if (size == 0)
		return 0;
	m = (enum method)(data[0] % METHOD_COUNT);
	path = text_span((const char *)data + 1, size - 1);
	arena_init(&a, SIZE_MAX / 2);
	switch (route_find(m, path, &r)) {
	case ROUTE_FOUND:
		must(r.op->method == m && (r.allowed & 1u << m) != 0);
		must(text_eq(path_of(&r, &a), path));
		break;
	case ROUTE_NO_METHOD:
		must(r.allowed != 0 && (r.allowed & 1u << m) == 0);
		break;
	case ROUTE_NO_PATH:
		break;
	}
	arena_reset(&a);
	return 0;
}
