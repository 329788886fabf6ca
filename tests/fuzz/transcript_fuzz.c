/* A transcript as tests/verify/transcripts.c writes its files: `<bytes> <name>` LF and the bytes,
 * one after the other.  Whatever is in it, the report is sound: a failure is the verdict, and only
 * what did not fail has a level. */
#include "lib/draw/verify.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/must.h"
#include "tests/fuzz/target.h"

enum {
	FILES_MAX = 256
};

/* What is cut off is as long as there are bytes. */
static size_t
files_read(struct text rest, struct verify_file *ret_files)
{
	struct text line, size = {0};
	uint64_t len;
	size_t n = 0;

	while (n < FILES_MAX && text_cut(&rest, '\n', &line)) {
		if (!text_cut(&line, ' ', &size) || !text_u64(size, INT64_MAX, &len))
			break;
		len = len < rest.len ? len : rest.len;
		ret_files[n++] = (struct verify_file){line, text_span(rest.at, (size_t)len)};
		rest = text_span(rest.at + len, rest.len - (size_t)len);
	}
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct verify_options options = {.draw_only = size % 2 == 0};
	struct verify_file files[FILES_MAX];
	struct verify_report r;
	bool failed = false;
	struct arena a;

	arena_init(&a, SIZE_MAX / 2);
	draw_verify(
		&a, files, files_read(text_span((const char *)data, size), files), &options, &r);
	for (size_t i = 0; i < r.count; i++)
		for (int c = CHECK_OK + 1; c < CHECK_COUNT; c++)
			failed |= r.attempts[i].rows[c].state == VERIFY_FAILS;
	must(r.count > 0 && failed == (r.verdict == VERDICT_FAILED) && (!failed || r.level == 0));
	arena_reset(&a);
	return 0;
}
