#include "cli/untar.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/file.h"
#include "cli/say.h"
#include "lib/base/arena.h"

enum {
	BLOCK = 512,
	NAME_AT = 0,
	NAME_LEN = 100,
	SIZE_AT = 124,
	SIZE_LEN = 12,
	SUM_AT = 148,
	SUM_LEN = 8,
	TYPE_AT = 156,
	PREFIX_AT = 345,
	PREFIX_LEN = 155,
	DEPTH_MAX = 4
};

/* Octal digits, then blanks or NULs. */
static bool
octal(const char *at, size_t len, uint64_t *ret_value)
{
	uint64_t value = 0;
	size_t i = 0;

	for (; i < len && at[i] >= '0' && at[i] <= '7'; i++)
		value = value * 8 + (uint64_t)(at[i] - '0');
	if (i == 0)
		return false;
	for (; i < len; i++)
		if (at[i] != ' ' && at[i] != '\0')
			return false;
	*ret_value = value;
	return true;
}

static bool
sum_holds(const char *block)
{
	uint64_t said, sum = 0;

	for (size_t i = 0; i < BLOCK; i++)
		sum += i >= SUM_AT && i < SUM_AT + SUM_LEN ? ' ' : (unsigned char)block[i];
	return octal(block + SUM_AT, SUM_LEN, &said) && said == sum;
}

static bool
name_is_safe(struct text name)
{
	struct text segment;
	int depth = 0;

	if (name.len == 0 || name.at[0] == '/' || name.at[name.len - 1] == '/')
		return false;
	while (text_cut(&name, '/', &segment)) {
		if (segment.len == 0 || segment.at[0] == '.' || ++depth > DEPTH_MAX)
			return false;
		for (size_t i = 0; i < segment.len; i++) {
			char c = segment.at[i];

			if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
				!(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-')
				return false;
		}
	}
	return true;
}

enum tar_result
tar_next(struct text *rest, struct arena *a, struct tar_entry *ret_entry)
{
	static const char zero[BLOCK];
	const char *block = rest->at;
	uint64_t size;
	size_t room;
	char *name;

	if (rest->len < BLOCK)
		return TAR_BAD;
	if (memcmp(block, zero, BLOCK) == 0)
		return TAR_END;
	room = rest->len - BLOCK;
	if (!sum_holds(block) || !octal(block + SIZE_AT, SIZE_LEN, &size) || size > room)
		return TAR_BAD;
	name = arena_str(a, block + NAME_AT, strnlen(block + NAME_AT, NAME_LEN));
	if (memcmp(block + 257, "ustar", 5) == 0 && block[PREFIX_AT] != '\0')
		name = arena_printf(a, "%.*s/%s", (int)strnlen(block + PREFIX_AT, PREFIX_LEN),
			block + PREFIX_AT, name);
	ret_entry->folder = block[TYPE_AT] == '5';
	if (ret_entry->folder && size > 0)
		return TAR_BAD;
	if (block[TYPE_AT] != '0' && block[TYPE_AT] != '\0' && block[TYPE_AT] != '5')
		return TAR_BAD;
	if (ret_entry->folder && name[0] != '\0' && name[strlen(name) - 1] == '/')
		name[strlen(name) - 1] = '\0';
	ret_entry->name = name;
	ret_entry->bytes = text_span(block + BLOCK, (size_t)size);
	size = (size + BLOCK - 1) / BLOCK * BLOCK;
	if (size > room)
		return TAR_BAD;
	*rest = text_span(block + BLOCK + size, room - (size_t)size);
	return TAR_ENTRY;
}

static bool
check_all(struct text tar, struct arena *a, const char **reterr)
{
	struct tar_entry entry;

	for (;;)
		switch (tar_next(&tar, a, &entry)) {
		case TAR_END:
			return true;
		case TAR_BAD:
			*reterr = say("不是完好的 tar 包", "this is no sound tar");
			return false;
		case TAR_ENTRY:
			if (name_is_safe(text_of(entry.name)))
				break;
			*reterr = say("tar 包内的文件名不安全", "the tar holds an unsafe name");
			return false;
		}
}

static bool
write_entry(const char *folder, const struct tar_entry *entry, struct arena *a)
{
	const char *path = arena_printf(a, "%s/%s", folder, entry->name);

	if (!entry->folder)
		return file_keep(path, entry->bytes, a); /* refuses to overwrite */
	for (const char *slash = strchr(path + strlen(folder) + 1, '/'); slash != NULL;
		slash = strchr(slash + 1, '/'))
		if (mkdir(arena_str(a, path, (size_t)(slash - path)), 0700) != 0 && errno != EEXIST)
			return false;
	return mkdir(path, 0700) == 0 || errno == EEXIST;
}

bool
untar(struct text tar, const char *folder, struct arena *a, const char **reterr)
{
	struct tar_entry entry;

	if (!check_all(tar, a, reterr))
		return false;
	if (mkdir(folder, 0755) != 0) {
		*reterr = arena_printf(a, "%s: %s", folder, strerror(errno));
		return false;
	}
	while (tar_next(&tar, a, &entry) == TAR_ENTRY)
		if (!write_entry(folder, &entry, a)) {
			*reterr = arena_printf(a, "%s/%s: %s", folder, entry.name, strerror(errno));
			return false;
		}
	return true;
}
