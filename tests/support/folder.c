#include "tests/support/folder.h"

#include <check.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

static int
entry_remove(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

void
folder_remove(const char *path)
{
	(void)nftw(path, entry_remove, 16, FTW_DEPTH | FTW_PHYS);
}

char *
folder_source(const char *path)
{
	const char *root = getenv("FAIRLOT_SOURCE");
	char whole[PATH_MAX];
	char *text;
	long size;
	FILE *f;

	ck_assert_msg(root != NULL, "FAIRLOT_SOURCE is not set");
	(void)snprintf(whole, sizeof whole, "%s/%s", root, path);
	f = fopen(whole, "rb");
	ck_assert_msg(f != NULL && fseek(f, 0, SEEK_END) == 0, "cannot read %s", whole);
	size = ftell(f);
	rewind(f);
	text = calloc(1, (size_t)size + 1);
	ck_assert(text != NULL && fread(text, 1, (size_t)size, f) == (size_t)size);
	(void)fclose(f);
	return text;
}
