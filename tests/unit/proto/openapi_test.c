/* What is generated and committed is what the lists say today. */
#include "proto/openapi.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/text.h"
#include "proto/op.h"
#include "tests/support/matrix.h"
#include "tests/support/suite.h"

static const char *
committed(struct arena *a, const char *path)
{
	const char *root = getenv("FAIRLOT_SOURCE");
	FILE *f = fopen(arena_printf(a, "%s/%s", root == NULL ? "." : root, path), "rb");
	char *text = arena_alloc(a, 4 << 20);

	ck_assert_msg(f != NULL, "%s is missing", path);
	ck_assert_uint_gt(fread(text, 1, (4 << 20) - 1, f), 0);
	(void)fclose(f);
	return text;
}

START_TEST(the_committed_document_is_the_printed_one)
{
	struct arena a;
	struct buf b;

	arena_init(&a, 1 << 30);
	buf_init(&b, &a, 1 << 20);
	openapi_write(&b);
	buf_char(&b, '\0');
	ck_assert_msg(strcmp(b.at, committed(&a, "proto/openapi.json")) == 0,
		"proto/openapi.json is not what the lists say: run setup/openapi.sh");
	arena_reset(&a);
}
END_TEST

START_TEST(the_committed_matrix_is_the_printed_one)
{
	struct arena a;
	struct buf b;

	arena_init(&a, 1 << 30);
	buf_init(&b, &a, 1 << 20);
	buf_str(&b, "<!-- matrix -->\n");
	matrix_write(&b);
	buf_str(&b, "<!-- end of matrix -->\n");
	buf_char(&b, '\0');
	ck_assert_msg(strstr(committed(&a, "docs/PROTOCOL.md"), b.at) != NULL,
		"docs/PROTOCOL.md is not what op.def says: run setup/openapi.sh");
	arena_reset(&a);
}
END_TEST

START_TEST(every_operation_has_a_tag)
{
	static const char *const tags[] = {
#define TAG(name, summary) #name,
#include "proto/tag.def"
	};

	for (int i = 0; i < OP_COUNT; i++) {
		size_t len = strcspn(op_table[i].name, "."), k = 0;

		while (k < sizeof tags / sizeof tags[0] &&
			!text_is(text_span(op_table[i].name, len), tags[k]))
			k++;
		ck_assert_msg(k < sizeof tags / sizeof tags[0], "%s", op_table[i].name);
	}
}
END_TEST

SUITE(openapi, the_committed_document_is_the_printed_one, the_committed_matrix_is_the_printed_one,
	every_operation_has_a_tag)
