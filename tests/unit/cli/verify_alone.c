/* The offline verifier as a program of its own, to prove what it needs: this file, lib, libcrypto
 * and libc.   verify_alone FOLDER|TAR: the exit status of `fairlot verify --draw-only`. */
#include <stdio.h>

#include "cli/verify.h"
#include "lib/base/arena.h"

int
main(int argc, char **argv)
{
	const struct verify_options options = {.draw_only = true};
	const struct verify_style style = {.brief = true};
	struct folder folder;
	const char *fault;
	struct arena a;
	int status = 2;

	arena_init(&a, FOLDER_SIZE_MAX);
	if (argc == 2 && folder_read(&a, argv[1], &folder, &fault))
		status = verify_folder(&a, &folder, &options, &style, stdout);
	else
		fprintf(stderr, "%s\n", argc == 2 ? fault : "verify_alone FOLDER|TAR");
	arena_reset(&a);
	return status;
}
