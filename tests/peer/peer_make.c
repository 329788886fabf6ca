/* peer_make FOLDER: what the market publishes, for another implementation to check: a mirror, and
 * FOLDER/proof-<index>.tlog-proof beside the entries. */
#include <stdio.h>

#include "cli/disk.h"
#include "lib/base/arena.h"
#include "tests/unit/cli/mirror_make.h"

int
main(int argc, char **argv)
{
	static const uint64_t sizes[] = {1, 2, 3, 255, 256, 257, 1000, 66000};
	static const uint64_t indices[] = {0, 1, 255, 256, 65535, 65536, 65999};
	struct arena a;
	struct mirror m;

	if (argc != 2)
		return 2;
	arena_init(&a, SIZE_MAX);
	mirror_make(&m, &a, argv[1], sizes, sizeof sizes / sizeof sizes[0]);
	for (size_t i = 0; i < sizeof indices / sizeof indices[0]; i++)
		must(disk_write(arena_printf(&a, "%s/proof-%llu.tlog-proof", argv[1],
					(unsigned long long)indices[i]),
			mirror_make_proof(&m, indices[i]), false, &a));
	arena_reset(&a);
	return 0;
}
