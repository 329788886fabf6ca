#include "cli/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/disk.h"
#include "lib/base/arena.h"

static bool
read_all(int fd, size_t limit, struct arena *a, struct text *ret_bytes)
{
	struct buf b;

	buf_init(&b, a, 64 << 10);
	for (;;) {
		char chunk[64 << 10];
		ssize_t n = read(fd, chunk, sizeof chunk);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		if (n == 0)
			break;
		if ((size_t)n > limit - b.len) {
			errno = EFBIG;
			return false;
		}
		buf_add(&b, chunk, (size_t)n);
	}
	*ret_bytes = buf_text(&b);
	buf_char(&b, '\0');
	ret_bytes->at = b.at; /* the last byte may have moved the rest */
	return true;
}

bool
file_read(const char *path, size_t limit, struct arena *a, struct text *ret_bytes)
{
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	bool done = fd >= 0 && read_all(fd, limit, a, ret_bytes);
	int error = errno;

	if (fd > STDIN_FILENO)
		(void)close(fd);
	errno = error;
	return done;
}

static bool
write_all(int fd, struct text bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.at, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		bytes = text_span(bytes.at + n, bytes.len - (size_t)n);
	}
	return fsync(fd) == 0;
}

static bool
write_new(const char *path, struct text bytes, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	bool done;

	if (fd < 0)
		return false;
	done = write_all(fd, bytes);
	if (close(fd) != 0)
		done = false;
	if (!done)
		(void)unlink(path);
	return done;
}

bool
file_make_folders(const char *path, mode_t mode, struct arena *a)
{
	for (const char *slash = strchr(path + 1, '/'); slash != NULL;
		slash = strchr(slash + 1, '/'))
		if (mkdir(arena_str(a, path, (size_t)(slash - path)), mode) != 0 && errno != EEXIST)
			return false;
	return true;
}

bool
file_keep(const char *path, struct text bytes, struct arena *a)
{
	return file_make_folders(path, 0700, a) && write_new(path, bytes, 0600) &&
		disk_folder_sync(path, a);
}

bool
file_replace(const char *path, struct text bytes, struct arena *a)
{
	const char *beside = arena_printf(a, "%s.new", path);

	if (unlink(beside) != 0 && errno != ENOENT)
		return false;
	return write_new(beside, bytes, 0644) && rename(beside, path) == 0 &&
		disk_folder_sync(path, a);
}

bool
file_is_open(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && (st.st_mode & 077) != 0;
}
