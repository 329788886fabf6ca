/* Runs a target over the files of a folder, so that every compiler checks the committed corpus:
 * replay FOLDER */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/target.h"

enum {
	FILE_SIZE_MAX = 1 << 20
};

static int
replay_file(const char *folder, const char *name)
{
	char path[4096];
	uint8_t *whole = malloc(FILE_SIZE_MAX), *exact;
	FILE *f;
	size_t size;

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "rb");
	if (whole == NULL || f == NULL) {
		perror(path);
		return 1;
	}
	size = fread(whole, 1, FILE_SIZE_MAX, f);
	(void)fclose(f);
	/* Exactly as large as the input, so that a sanitizer sees a read behind its end. */
	exact = malloc(size > 0 ? size : 1);
	if (exact == NULL)
		return 1;
	memcpy(exact, whole, size);
	(void)LLVMFuzzerTestOneInput(exact, size);
	free(exact);
	free(whole);
	return 0;
}

int
main(int argc, char **argv)
{
	struct dirent *entry;
	int files = 0, bad = 0;
	DIR *dir;

	if (argc != 2 || (dir = opendir(argv[1])) == NULL) {
		(void)fprintf(stderr, "usage: replay FOLDER\n");
		return 2;
	}
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.') {
			bad += replay_file(argv[1], entry->d_name);
			files++;
		}
	(void)closedir(dir);
	printf("%d inputs\n", files);
	return files > 0 && bad == 0 ? 0 : 1;
}
