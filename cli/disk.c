#include "cli/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/arena.h"

enum {
	DEPTH_MAX = 16 /* descriptors that removing a folder holds */
};

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

static bool
folders_make(const char *path, struct arena *a)
{
	for (const char *slash = strchr(path + 1, '/'); slash != NULL;
		slash = strchr(slash + 1, '/'))
		if (mkdir(arena_str(a, path, (size_t)(slash - path)), 0755) != 0 && errno != EEXIST)
			return false;
	return true;
}

bool
disk_folder_sync(const char *path, struct arena *a)
{
	const char *slash = strrchr(path, '/');
	const char *folder =
		slash == NULL ? "." : arena_str(a, path, (size_t)(slash - path) + (slash == path));
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool done = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		(void)close(fd);
	return done;
}

/* Writes the end of a stream and closes it. */
static bool
finish(FILE *f, struct text bytes, bool sync)
{
	bool written = fwrite(bytes.at, 1, bytes.len, f) == bytes.len && fflush(f) == 0 &&
		(!sync || fsync(fileno(f)) == 0);

	return fclose(f) == 0 && written;
}

bool
disk_write(const char *path, struct text bytes, bool sync, struct arena *a)
{
	const char *beside = arena_printf(a, "%s.new", path);
	FILE *f;

	if (!folders_make(path, a))
		return false;
	f = fopen(beside, "wb");
	return f != NULL && finish(f, bytes, sync) && rename(beside, path) == 0 &&
		(!sync || disk_folder_sync(path, a));
}

bool
disk_append(const char *path, size_t keep, struct text bytes, bool sync)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	FILE *f;

	if (fd < 0)
		return false;
	if (ftruncate(fd, (off_t)keep) != 0 || lseek(fd, 0, SEEK_END) < 0 ||
		(f = fdopen(fd, "wb")) == NULL) {
		(void)close(fd);
		return false;
	}
	return finish(f, bytes, sync);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	(void)remove(path);
	return 0;
}

void
disk_remove(const char *folder)
{
	(void)nftw(folder, remove_one, DEPTH_MAX, FTW_DEPTH | FTW_PHYS);
}
