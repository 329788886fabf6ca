#include "cli/untar.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/file.h"
#include "cli/folder.h"
#include "cli/say.h"
#include "cli/tar.h"
#include "lib/base/arena.h"

static bool
segment_is_safe(struct text segment)
{
	if (segment.len == 0 || segment.at[0] == '.')
		return false;
	for (size_t i = 0; i < segment.len; i++) {
		char c = segment.at[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
			c != '.' && c != '_' && c != '-')
			return false;
	}
	return true;
}

static bool
name_is_safe(struct text name)
{
	struct text segment;
	int depth = 0;

	if (name.len == 0 || name.at[name.len - 1] == '/')
		return false;
	while (text_cut(&name, '/', &segment))
		if (!segment_is_safe(segment) || ++depth > FOLDER_DEPTH_MAX)
			return false;
	return true;
}

/* Every name, before anything is written. */
static bool
names_are_safe(struct text tar, struct arena *a, const char **reterr)
{
	struct text name, bytes;
	size_t count = 0, size = 0;

	*reterr = NULL;
	while (tar_next(&tar, a, &name, &bytes, reterr)) {
		size += bytes.len;
		if (!name_is_safe(name))
			*reterr = say("tar 包内的文件名不安全", "the tar holds an unsafe name");
		else if (++count > FOLDER_FILES_MAX || size > FOLDER_SIZE_MAX)
			*reterr = say("tar 包过大", "the tar holds too much");
		if (*reterr != NULL)
			return false;
	}
	if (*reterr == NULL && count == 0)
		*reterr = say("tar 包内没有文件", "the tar holds no file");
	return *reterr == NULL;
}

bool
untar(struct text tar, const char *folder, struct arena *a, const char **reterr)
{
	struct text name, bytes;

	if (!names_are_safe(tar, a, reterr))
		return false;
	if (!file_make_folders(folder, 0755, a) || mkdir(folder, 0755) != 0) {
		*reterr = arena_printf(a, "%s: %s", folder, strerror(errno));
		return false;
	}
	while (tar_next(&tar, a, &name, &bytes, reterr)) {
		const char *path = arena_printf(a, "%s/" TEXT_FMT, folder, TEXT_ARG(name));

		if (!file_keep(path, bytes, a)) {
			*reterr = arena_printf(a, "%s: %s", path, strerror(errno));
			return false;
		}
	}
	return true;
}
