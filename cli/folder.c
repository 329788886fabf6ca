#include "cli/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/tar.h"
#include "lib/base/arena.h"

struct gather {
	struct arena *arena;
	struct verify_file *files;
	size_t count, size;
	const char *fault;
};

static bool
add(struct gather *g, struct text name, struct text bytes)
{
	if (g->files == NULL)
		g->files = arena_array(g->arena, struct verify_file, FOLDER_FILES_MAX);
	g->size += bytes.len;
	if (g->count == FOLDER_FILES_MAX || g->size > FOLDER_SIZE_MAX) {
		g->fault = "too many files, or too large";
		return false;
	}
	g->files[g->count++] = (struct verify_file){name, bytes};
	return true;
}

/* Takes a folder off that stands around all files. */
static void
strip(struct gather *g)
{
	struct text top = {0}, rest, name;

	for (size_t i = 0; i < g->count; i++) {
		rest = g->files[i].name;
		if (!text_cut(&rest, '/', &name) || rest.len == 0 ||
			text_starts(name, "attempt-") || (i > 0 && !text_eq(name, top)))
			return;
		top = name;
	}
	for (size_t i = 0; i < g->count; i++)
		(void)text_cut(&g->files[i].name, '/', &name);
}

static bool
finish(struct gather *g, struct folder *ret_folder, const char **reterr)
{
	if (g->fault != NULL) {
		*reterr = g->fault;
		return false;
	}
	strip(g);
	*ret_folder = (struct folder){g->files, g->count};
	return true;
}

bool
folder_of_tar(struct arena *a, struct text tar, struct folder *ret_folder, const char **reterr)
{
	struct gather g = {.arena = a};
	struct verify_file file;

	while (g.fault == NULL && tar_next(&tar, a, &file.name, &file.bytes, &g.fault))
		(void)add(&g, file.name, file.bytes);
	return finish(&g, ret_folder, reterr);
}

/* The whole file; false with errno set. */
static bool
read_file(struct arena *a, const char *path, off_t size, struct text *ret_bytes)
{
	FILE *f = fopen(path, "rb");
	char *at;
	bool done;

	if (f == NULL)
		return false;
	at = arena_alloc(a, (size_t)size + 1);
	done = fread(at, 1, (size_t)size, f) == (size_t)size && fgetc(f) == EOF && ferror(f) == 0;
	(void)fclose(f);
	*ret_bytes = text_span(at, (size_t)size);
	if (!done)
		errno = EIO;
	return done;
}

static void
read_folder(struct gather *g, const char *path, const char *inside, int depth)
{
	struct dirent *e;
	DIR *dir = opendir(path);

	if (dir == NULL) {
		g->fault = arena_printf(g->arena, "%s: %s", path, strerror(errno));
		return;
	}
	while (g->fault == NULL && (e = readdir(dir)) != NULL) {
		const char *full, *name;
		struct text bytes;
		struct stat st;

		if (e->d_name[0] == '.')
			continue;
		full = arena_printf(g->arena, "%s/%s", path, e->d_name);
		name = arena_printf(g->arena, "%s%s", inside, e->d_name);
		if (stat(full, &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode) && depth < FOLDER_DEPTH_MAX)
			read_folder(g, full, arena_printf(g->arena, "%s/", name), depth + 1);
		else if (S_ISREG(st.st_mode) && (size_t)st.st_size <= FOLDER_SIZE_MAX) {
			if (!read_file(g->arena, full, st.st_size, &bytes))
				g->fault = arena_printf(g->arena, "%s: %s", full, strerror(errno));
			else
				(void)add(g, text_of(name), bytes);
		}
	}
	(void)closedir(dir);
}

bool
folder_read(struct arena *a, const char *path, struct folder *ret_folder, const char **reterr)
{
	struct gather g = {.arena = a};
	struct text bytes;
	struct stat st;

	if (stat(path, &st) != 0) {
		*reterr = arena_printf(a, "%s: %s", path, strerror(errno));
		return false;
	}
	if (S_ISDIR(st.st_mode)) {
		read_folder(&g, path, "", 1);
		return finish(&g, ret_folder, reterr);
	}
	if ((size_t)st.st_size > FOLDER_SIZE_MAX || !read_file(a, path, st.st_size, &bytes)) {
		*reterr = arena_printf(a, "%s: %s", path, strerror(errno));
		return false;
	}
	return folder_of_tar(a, bytes, ret_folder, reterr);
}
