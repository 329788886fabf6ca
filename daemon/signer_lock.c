/* Of the signer's process alone, which waits for nothing else meanwhile. */
#include "daemon/signer_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "daemon/fault.h"
#include "lib/base/hex.h"
#include "lib/ledger/merkle.h"
#include "lib/ledger/note.h"

enum {
	PATH_SIZE = 1100,
	FILE_SIZE = 1024
};

static const char head[] = "fairlot-lock/v1";

/* The folder, locked; what is opened below is closed by the caller, which unlocks. */
static int
folder_lock(const char *path, const char **ret_name)
{
	char folder[PATH_SIZE] = ".";
	const char *slash = strrchr(path, '/');
	int fd;

	if (slash != NULL) {
		size_t len = slash == path ? 1 : (size_t)(slash - path);

		if (len >= sizeof folder)
			return -1;
		memcpy(folder, path, len);
		folder[len] = '\0';
	}
	*ret_name = slash == NULL ? path : slash + 1;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (fd >= 0 && flock(fd, LOCK_EX) != 0)
		if (errno != EINTR) {
			(void)close(fd);
			return -1;
		}
	return fd;
}

static bool
take_line(struct text *rest, const char *key, struct text *ret_word)
{
	struct text line, word = {0};

	if (!text_cut(rest, '\n', &line) || !text_cut(&line, ' ', &word) || !text_is(word, key))
		return false;
	*ret_word = line;
	return true;
}

static bool
parse(struct text text, struct text origin, struct signer_lock *ret_lock)
{
	struct text line = {0}, said = {0}, size = {0}, root = {0};

	return text.len > 0 && text.at[text.len - 1] == '\n' && text_cut(&text, '\n', &line) &&
		text_is(line, head) && take_line(&text, "origin", &said) && text_eq(said, origin) &&
		take_line(&text, "size", &size) && text_u64(size, INT64_MAX, &ret_lock->size) &&
		take_line(&text, "root", &root) && hex_decode(root, ret_lock->root.at, HASH_LEN) &&
		text.len == 0;
}

static void
read_at(int folder, const char *name, struct text origin, struct signer_lock *ret_lock)
{
	char text[FILE_SIZE];
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n;

	*ret_lock = (struct signer_lock){
		.state = fd < 0 && errno == ENOENT ? SIGNER_LOCK_ABSENT : SIGNER_LOCK_BAD};
	if (fd < 0)
		return;
	n = read(fd, text, sizeof text);
	if (n > 0 && parse(text_span(text, (size_t)n), origin, ret_lock))
		ret_lock->state = SIGNER_LOCK_HELD;
	(void)close(fd);
}

void
lock_read(const char *path, struct text origin, struct signer_lock *ret_lock)
{
	const char *name;
	int folder = folder_lock(path, &name);

	*ret_lock = (struct signer_lock){.state = SIGNER_LOCK_BAD};
	if (folder < 0)
		return;
	read_at(folder, name, origin, ret_lock);
	(void)close(folder);
}

static bool
write_at(int folder, const char *name, struct text origin, uint64_t size, const struct hash *root)
{
	char text[FILE_SIZE], fresh[PATH_SIZE], hex[2 * HASH_LEN + 1];
	int len, fd;
	bool written;

	hex_encode(root->at, HASH_LEN, hex);
	len = snprintf(text, sizeof text, "%s\norigin " TEXT_FMT "\nsize %llu\nroot %s\n", head,
		TEXT_ARG(origin), (unsigned long long)size, hex);
	(void)snprintf(fresh, sizeof fresh, "%s.new", name);
	if (len >= (int)sizeof text)
		return false;
	fd = openat(folder, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return false;
	written = write(fd, text, (size_t)len) == len && fsync(fd) == 0;
	written = close(fd) == 0 && written;
	if (fault_hit(FAULT_lock_written))
		_exit(3);
	written = written && renameat(folder, fresh, folder, name) == 0 && fsync(folder) == 0;
	if (fault_hit(FAULT_lock_named))
		_exit(3);
	return written;
}

static bool
extends(const struct signer_lock *lock, uint64_t size, const struct hash *root,
	const struct hash *proof, size_t len)
{
	if (lock->state == SIGNER_LOCK_BAD)
		return false;
	if (lock->state == SIGNER_LOCK_ABSENT || lock->size == 0)
		return len == 0 && size > 0;
	return merkle_extends(root, size, &lock->root, lock->size, proof, len);
}

bool
lock_extend(const char *path, struct text checkpoint, const struct hash *proof, size_t len)
{
	struct signer_lock lock;
	struct text origin;
	struct hash root;
	const char *name;
	uint64_t size;
	bool held;
	int folder;

	if (!checkpoint_parse(checkpoint, &origin, &size, &root) || !note_name_holds(origin))
		return false;
	folder = folder_lock(path, &name);
	if (folder < 0)
		return false;
	read_at(folder, name, origin, &lock);
	held = extends(&lock, size, &root, proof, len);
	if (held && (lock.state == SIGNER_LOCK_ABSENT || lock.size != size))
		held = write_at(folder, name, origin, size, &root);
	(void)close(folder);
	return held;
}
