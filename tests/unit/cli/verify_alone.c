/* The offline verifier as a program of its own, to prove what it needs: this file, lib, libcrypto
 * and libc.   verify_alone FOLDER|TAR: the exit status of `fairlot verify --draw-only`.
 * verify_alone RECEIPT MIRROR: that of `fairlot verify RECEIPT --journal MIRROR`. */
#include <stdio.h>

#include "cli/disk.h"
#include "cli/verify_receipt.h"
#include "lib/base/arena.h"

static int
usage(const char *fault)
{
	fprintf(stderr, "%s\n", fault);
	return 2;
}

static int
draw(struct arena *a, const char *path)
{
	const struct verify_options options = {.draw_only = true};
	const struct verify_style style = {.brief = true};
	const char *fault = "";
	struct folder folder;

	return folder_read(a, path, &folder, &fault)
		? verify_folder(a, &folder, &options, &style, stdout)
		: usage(fault);
}

static int
receipt(struct arena *a, const char *path, const char *mirror)
{
	const struct verify_style style = {.brief = true};
	struct receipt_case c = {.mirror = mirror};
	const char *fault = path;
	int status;

	return disk_read(path, 1 << 20, a, &c.receipt) &&
			verify_receipt(a, &c, &style, stdout, &status, &fault)
		? status
		: usage(fault);
}

int
main(int argc, char **argv)
{
	struct arena a;
	int status;

	arena_init(&a, FOLDER_SIZE_MAX);
	status = argc == 2  ? draw(&a, argv[1])
		: argc == 3 ? receipt(&a, argv[1], argv[2])
			    : usage("verify_alone FOLDER|TAR, or RECEIPT MIRROR");
	arena_reset(&a);
	return status;
}
