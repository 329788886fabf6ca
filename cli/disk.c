#include "cli/disk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/arena.h"

bool
disk_read(const char *path, size_t limit, struct arena *a, struct text *ret_bytes)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	char *at;
	bool whole;

	if (f == NULL)
		return false;
	if (fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode) || (size_t)st.st_size > limit) {
		(void)fclose(f);
		errno = EFBIG;
		return false;
	}
	at = arena_alloc(a, (size_t)st.st_size + 1);
	whole = fread(at, 1, (size_t)st.st_size, f) == (size_t)st.st_size;
	(void)fclose(f);
	*ret_bytes = text_span(at, (size_t)st.st_size);
	if (!whole)
		errno = EIO;
	return whole;
}

bool
disk_write(const char *path, struct text bytes, struct arena *a)
{
	const char *beside = arena_printf(a, "%s.new", path);
	FILE *f;
	bool written;

	for (const char *slash = strchr(path + 1, '/'); slash != NULL;
		slash = strchr(slash + 1, '/'))
		if (mkdir(arena_str(a, path, (size_t)(slash - path)), 0755) != 0 && errno != EEXIST)
			return false;
	f = fopen(beside, "wb");
	if (f == NULL)
		return false;
	written = fwrite(bytes.at, 1, bytes.len, f) == bytes.len;
	written = fclose(f) == 0 && written;
	return written && rename(beside, path) == 0;
}
