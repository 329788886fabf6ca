#include "cli/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/arena.h"

enum {
	BLOCK = 512 /* POSIX.1-1988, ustar interchange format */
};

/* A header of tar; every field is text. */
struct tar_head {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[100];
	char magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], pad[12];
};

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

/* Octal digits, ended by blank or NUL. */
static bool
octal(const char *at, size_t len, size_t *ret_value)
{
	size_t value = 0, i = 0;

	while (i < len && at[i] == ' ')
		i++;
	for (; i < len && at[i] >= '0' && at[i] <= '7'; i++)
		value = value * 8 + (size_t)(at[i] - '0');
	*ret_value = value;
	return i < len ? at[i] == ' ' || at[i] == '\0' : true;
}

static bool
sum_holds(const struct tar_head *h)
{
	const unsigned char *bytes = (const unsigned char *)h;
	size_t said, sum = 0;

	for (size_t i = 0; i < BLOCK; i++) {
		bool own =
			i >= offsetof(struct tar_head, sum) && i < offsetof(struct tar_head, type);

		sum += own ? ' ' : bytes[i];
	}
	return octal(h->sum, sizeof h->sum, &said) && said == sum;
}

static struct text
name_of(struct arena *a, const struct tar_head *h)
{
	size_t name = strnlen(h->name, sizeof h->name);
	size_t prefix =
		memcmp(h->magic, "ustar\0", 6) == 0 ? strnlen(h->prefix, sizeof h->prefix) : 0;
	struct text whole;

	whole = text_of(prefix == 0
			? arena_str(a, h->name, name)
			: arena_printf(a, "%.*s/%.*s", (int)prefix, h->prefix, (int)name, h->name));
	while (text_starts(whole, "./"))
		whole = text_span(whole.at + 2, whole.len - 2);
	return whole;
}

bool
folder_of_tar(struct arena *a, struct text tar, struct folder *ret_folder, const char **reterr)
{
	static const char zero[BLOCK];
	struct gather g = {.arena = a};

	_Static_assert(sizeof(struct tar_head) == BLOCK, "the header fills its block");
	while (g.fault == NULL) {
		struct tar_head h;
		size_t size, whole;

		if (tar.len < BLOCK) {
			g.fault = "the tar has no end";
			break;
		}
		memcpy(&h, tar.at, BLOCK);
		if (memcmp(&h, zero, BLOCK) == 0)
			break;
		tar = text_span(tar.at + BLOCK, tar.len - BLOCK);
		if (!sum_holds(&h) || !octal(h.size, sizeof h.size, &size) || size > tar.len) {
			g.fault = "not a sound tar";
			break;
		}
		whole = (size + BLOCK - 1) / BLOCK * BLOCK;
		if ((h.type == '0' || h.type == '\0') &&
			!add(&g, name_of(a, &h), text_span(tar.at, size)))
			break;
		whole = whole > tar.len ? tar.len : whole;
		tar = text_span(tar.at + whole, tar.len - whole);
	}
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
