/* Prints what is generated from the lists: `openapi_print document` is proto/openapi.json,
 * `openapi_print matrix` the table of docs/PROTOCOL.md. */
#include <stdio.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/text.h"
#include "proto/openapi.h"
#include "tests/support/matrix.h"

int
main(int argc, char **argv)
{
	struct arena a;
	struct buf b;

	if (argc != 2)
		return 2;
	arena_init(&a, 1 << 30);
	buf_init(&b, &a, 1 << 20);
	if (strcmp(argv[1], "document") == 0)
		openapi_write(&b);
	else
		matrix_write(&b);
	(void)fwrite(b.at, 1, b.len, stdout);
	arena_reset(&a);
	return fflush(stdout) == 0 ? 0 : 1;
}
