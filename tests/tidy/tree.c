#include "tests/tidy/tree.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/must.h"

enum {
	PATH_SIZE = 1024
};

struct tree tree;

static const char *const endings[] = {".c", ".h", ".def", ".sql", ".js", ".md", ".sh", ".build"};
static const char *const left_out[] = {"build", "var", "node_modules", "corpus"};

bool
source_ends(const struct source *s, const char *suffix)
{
	size_t len = strlen(s->path), end = strlen(suffix);

	return len >= end && strcmp(s->path + len - end, suffix) == 0;
}

bool
source_allows_stdio(const struct source *s, const char *header)
{
	return strcmp(header, "stdio.h") == 0 &&
		(strcmp(s->path, "lib/base/must.c") == 0 ||
			strcmp(s->path, "lib/base/arena.c") == 0 ||
			strcmp(s->path, "lib/base/text.c") == 0);
}

/* Blanks comments and the insides of literals; the state is carried over line ends. */
static void
blank(char *text, bool sql)
{
	char inside = 0; /* '*' block comment, '/' line comment, or the quote of a literal */

	for (char *c = text; *c != '\0'; c++) {
		if (*c == '\n') {
			inside = inside == '/' || inside == '"' ? 0 : inside;
			continue;
		}
		if (inside == 0) {
			if ((!sql && c[0] == '/' && c[1] == '/') ||
				(sql && c[0] == '-' && c[1] == '-'))
				inside = '/';
			else if (c[0] == '/' && c[1] == '*')
				inside = '*';
			else if (*c == '\'' || (*c == '"' && !sql)) {
				inside = *c;
				continue;
			} else
				continue;
		} else if (inside == '*' && c[0] == '*' && c[1] == '/') {
			c[0] = c[1] = ' ';
			inside = 0;
			continue;
		} else if (*c == '\\' && !sql && c[1] != '\0' && c[1] != '\n' && inside != '*' &&
			inside != '/') {
			*c++ = ' ';
		} else if (*c == inside && inside != '*' && inside != '/') {
			inside = 0;
			continue;
		}
		*c = ' ';
	}
}

static char **
split(char *text, int *ret_count)
{
	int count = 0, room = 256;
	char **lines = calloc((size_t)room, sizeof *lines), *end;

	must(lines != NULL);
	for (; *text != '\0'; text = end + 1) {
		end = strchr(text, '\n');
		if (count == room) {
			room *= 2;
			lines = realloc(lines, (size_t)room * sizeof *lines);
			must(lines != NULL);
		}
		lines[count++] = text;
		if (end == NULL)
			break;
		*end = '\0';
	}
	*ret_count = count;
	return lines;
}

/* Joins two parts of a path in a fixed buffer: a longer path is a bug of the tree. */
static void
path_join(char *ret_path, const char *folder, const char *name)
{
	int len =
		snprintf(ret_path, PATH_SIZE, "%s%s%s", folder, folder[0] == '\0' ? "" : "/", name);

	must(len > 0 && len < PATH_SIZE);
}

static void
source_read(const char *root, const char *path)
{
	struct source *s;
	char full[PATH_SIZE], *text, *code;
	size_t size;
	FILE *f;

	path_join(full, root, path);
	f = fopen(full, "r");
	must(f != NULL && fseek(f, 0, SEEK_END) == 0);
	size = (size_t)ftell(f);
	rewind(f);
	text = calloc(1, size + 1);
	must(text != NULL && fread(text, 1, size, f) == size);
	(void)fclose(f);
	code = strdup(text);
	tree.at = realloc(tree.at, (tree.count + 1) * sizeof *tree.at);
	must(code != NULL && tree.at != NULL);
	s = &tree.at[tree.count++];
	*s = (struct source){.path = strdup(path)};
	blank(code, source_ends(s, ".sql"));
	s->lines = split(text, &s->lines_count);
	s->code = split(code, &s->lines_count);
}

static void
folder_read(const char *root, const char *path)
{
	char full[PATH_SIZE], child[PATH_SIZE];
	struct dirent *e;
	struct stat st;
	DIR *dir;

	path_join(full, root, path);
	dir = opendir(full);
	must(dir != NULL);
	while ((e = readdir(dir)) != NULL) {
		bool skip = e->d_name[0] == '.';

		for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++)
			skip |= strcmp(e->d_name, left_out[i]) == 0;
		if (skip)
			continue;
		path_join(child, path, e->d_name);
		path_join(full, root, child);
		if (stat(full, &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode)) {
			folder_read(root, child);
			continue;
		}
		for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
			if (source_ends(&(struct source){.path = child}, endings[i])) {
				source_read(root, child);
				break;
			}
	}
	(void)closedir(dir);
}

__attribute__((constructor)) static void
tree_read(void)
{
	const char *root = getenv("FAIRLOT_SOURCE");

	must(root != NULL);
	folder_read(root, "");
}
