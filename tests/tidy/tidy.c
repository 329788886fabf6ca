/* Style that matters is a test.  Reads the tree under $FAIRLOT_SOURCE and reports every place
 * that breaks a rule of docs/STYLE.md; each test prints all its findings before it fails. */
#include <check.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/suite.h"
#include "tests/tidy/tree.h"

enum {
	COLUMNS_MAX = 100,
	FUNCTION_MAX = 70,
	FILE_MAX = 800,
	HEADER_MAX = 200
};

static int findings;

__attribute__((format(printf, 3, 4))) static void
find(const struct source *s, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("%s:%d: ", s->path, line);
	vprintf(fmt, ap);
	printf("\n");
	va_end(ap);
	findings++;
}

static bool
is_c(const struct source *s)
{
	return source_ends(s, ".c") || source_ends(s, ".h");
}

/* One word of a blank-separated list starts `path`: the list of folders of the .def files. */
static bool
listed(const char *list, const char *path)
{
	for (const char *at = list; *at != '\0';) {
		size_t len = strcspn(at, " ");

		if (len > 0 && strncmp(path, at, len) == 0)
			return true;
		at += len + strspn(at + len, " ");
	}
	return false;
}

struct layer {
	const char *folder, *own, *foreign;
};

static const struct layer layers[] = {
#define LAYER(folder, own, foreign) {folder, own, foreign},
#include "tests/tidy/layers.def"
};

static const struct layer *
layer_of(const char *path)
{
	const struct layer *best = NULL;

	for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++) {
		size_t len = strlen(layers[i].folder);

		if (strncmp(path, layers[i].folder, len) == 0 && path[len] == '/' &&
			(best == NULL || len > strlen(best->folder)))
			best = &layers[i];
	}
	return best;
}

static void
layer_check(const struct source *s, int number, const char *line)
{
	const struct layer *layer = layer_of(s->path);
	char name[256];

	if (layer == NULL)
		find(s, number, "no row of layers.def is about this folder");
	else if (sscanf(line, "#include \"%255[^\"]\"", name) == 1) {
		if (!listed(layer->own, name))
			find(s, number, "%s may not include \"%s\"", layer->folder, name);
	} else if (sscanf(line, "#include <%255[^>]>", name) == 1 && layer->foreign[0] != '\0' &&
		!listed(layer->foreign, name) && !source_allows_stdio(s, name))
		find(s, number, "%s may not include <%s>", layer->folder, name);
}

START_TEST(includes_follow_the_layers)
{
	findings = 0;
	for (size_t i = 0; i < tree.count; i++)
		if (is_c(&tree.at[i]))
			for (int n = 0; n < tree.at[i].lines_count; n++)
				if (strncmp(tree.at[i].lines[n], "#include", 8) == 0)
					layer_check(&tree.at[i], n + 1, tree.at[i].lines[n]);
	ck_assert_int_eq(findings, 0);
}
END_TEST

struct ban {
	const char *name, *folders, *why;
};

static const struct ban bans[] = {
#define BAN(name, folders, why) {name, folders, why},
#include "tests/tidy/banned.def"
};

/* The line calls `name`: as a whole word before a parenthesis, not as a member. */
static bool
calls(const char *line, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = line; (at = strstr(at, name)) != NULL; at += len) {
		char before = at == line ? ' ' : at[-1];

		if (!isalnum((unsigned char)before) && before != '_' && before != '.' &&
			before != '>' && at[len + strspn(at + len, " ")] == '(')
			return true;
	}
	return false;
}

START_TEST(banned_calls_do_not_occur)
{
	findings = 0;
	for (size_t i = 0; i < tree.count; i++) {
		const struct source *s = &tree.at[i];

		for (int n = 0; is_c(s) && n < s->lines_count; n++)
			for (size_t b = 0; b < sizeof bans / sizeof bans[0]; b++)
				if (calls(s->code[n], bans[b].name) &&
					!listed(bans[b].folders, s->path))
					find(s, n + 1, "%s: %s", bans[b].name, bans[b].why);
	}
	ck_assert_int_eq(findings, 0);
}
END_TEST

static int
columns(const char *line)
{
	int n = 0;

	for (; *line != '\0'; line++)
		if (*line == '\t')
			n += 8 - n % 8;
		else if (((unsigned char)*line & 0xc0) != 0x80)
			n++;
	return n;
}

START_TEST(lines_functions_and_files_have_their_size)
{
	findings = 0;
	for (size_t i = 0; i < tree.count; i++) {
		const struct source *s = &tree.at[i];
		int start = -1, most = source_ends(s, ".h") ? HEADER_MAX : FILE_MAX;

		if ((is_c(s) || source_ends(s, ".sql") || source_ends(s, ".js")) &&
			s->lines_count > most)
			find(s, s->lines_count, "more than %d lines", most);
		for (int n = 0; is_c(s) && n < s->lines_count; n++) {
			if (columns(s->lines[n]) > COLUMNS_MAX)
				find(s, n + 1, "more than %d columns", COLUMNS_MAX);
			if (strcmp(s->lines[n], "{") == 0)
				start = n;
			if (strcmp(s->lines[n], "}") == 0 && start >= 0) {
				if (n - start - 1 > FUNCTION_MAX)
					find(s, start + 1, "a function of %d lines", n - start - 1);
				start = -1;
			}
		}
	}
	ck_assert_int_eq(findings, 0);
}
END_TEST

START_TEST(text_is_clean)
{
	findings = 0;
	for (size_t i = 0; i < tree.count; i++) {
		const struct source *s = &tree.at[i];

		for (int n = 0; n < s->lines_count; n++) {
			size_t len = strlen(s->lines[n]);

			if (len > 0 && isspace((unsigned char)s->lines[n][len - 1]) &&
				!source_ends(s, ".md"))
				find(s, n + 1, "blank at the end of the line");
			if (is_c(s) && strncmp(s->path, "tests/tidy", 10) != 0 &&
				(strstr(s->lines[n], "TODO") != NULL ||
					strstr(s->lines[n], "FIXME") != NULL))
				find(s, n + 1, "a TODO belongs into an issue");
		}
	}
	ck_assert_int_eq(findings, 0);
}
END_TEST

/* Some other source names this path or file name. */
static bool
named_elsewhere(const struct source *s, const char *suffix, const char *name)
{
	for (size_t i = 0; i < tree.count; i++) {
		const struct source *o = &tree.at[i];

		if (o == s || !source_ends(o, suffix))
			continue;
		for (int n = 0; n < o->lines_count; n++)
			if (strstr(o->lines[n], name) != NULL)
				return true;
	}
	return false;
}

START_TEST(no_file_is_dead)
{
	findings = 0;
	for (size_t i = 0; i < tree.count; i++) {
		const struct source *s = &tree.at[i];
		const char *base =
			strrchr(s->path, '/') == NULL ? s->path : strrchr(s->path, '/') + 1;
		char stem[128];

		(void)snprintf(stem, sizeof stem, "%.*s", (int)(strlen(base) - 2), base);
		if (source_ends(s, "_test.c"))
			stem[strlen(stem) - strlen("_test")] = '\0';
		if (source_ends(s, ".c") && !named_elsewhere(s, "meson.build", stem))
			find(s, 1, "no meson.build names it");
		if (source_ends(s, ".h") && !named_elsewhere(s, ".c", s->path) &&
			!named_elsewhere(s, ".h", s->path))
			find(s, 1, "nothing includes it");
		if (source_ends(s, ".def") && !named_elsewhere(s, ".c", s->path) &&
			!named_elsewhere(s, ".h", s->path) && !named_elsewhere(s, ".def", s->path))
			find(s, 1, "nothing includes it");
	}
	ck_assert_int_eq(findings, 0);
}
END_TEST

/* sql/stmt/<resource>/<what>.sql is SQL_<resource>_<what>, or a column of op.def or job.def. */
START_TEST(every_statement_is_used)
{
	findings = 0;
	for (size_t i = 0; i < tree.count; i++) {
		const struct source *s = &tree.at[i];
		char name[128];

		if (strncmp(s->path, "sql/stmt/", 9) != 0 || !source_ends(s, ".sql"))
			continue;
		(void)snprintf(name, sizeof name, "%.*s", (int)strlen(s->path) - 13, s->path + 9);
		for (char *c = name; *c != '\0'; c++)
			if (*c == '/')
				*c = '_';
		if (!named_elsewhere(s, ".def", name) && !named_elsewhere(s, ".c", name))
			find(s, 1, "no operation, job or step uses SQL_%s", name);
	}
	ck_assert_int_eq(findings, 0);
}
END_TEST

START_TEST(lists_undefine_their_macros)
{
	findings = 0;
	for (size_t i = 0; i < tree.count; i++) {
		const struct source *s = &tree.at[i];

		/* proto/in is included file after file by shape_table.c, which undefines. */
		if (!source_ends(s, ".def") || strncmp(s->path, "proto/in/", 9) == 0)
			continue;
		for (int n = 0; n < s->lines_count; n++) {
			size_t len = strspn(s->lines[n], "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
			bool undefined = false;

			if (len < 2 || s->lines[n][len] != '(')
				continue;
			for (int m = n + 1; m < s->lines_count && !undefined; m++)
				undefined = strncmp(s->lines[m], "#undef ", 7) == 0 &&
					strncmp(s->lines[m] + 7, s->lines[n], len) == 0;
			if (!undefined)
				find(s, n + 1, "the list does not undefine %.*s", (int)len,
					s->lines[n]);
		}
	}
	ck_assert_int_eq(findings, 0);
}
END_TEST

START_TEST(sql_reads_one_clock_and_is_static)
{
	static const struct {
		const char *word, *only, *why;
	} rules[] = {
		{"clock_timestamp", "sql/fn/000_clock.sql", "api.now() is the only clock"},
		{"transaction_timestamp", "", "api.now() is the only clock"},
		{"current_timestamp", "", "api.now() is the only clock"},
		{" now()", "", "api.now() is the only clock"},
		{"(now()", "", "api.now() is the only clock"},
		{"pg_notify", "", "no write notifies"},
		{"EXECUTE format", "sql/role sql/migrate", "no dynamic SQL"},
		{"advisory", "", "no advisory locks"},
	};
	findings = 0;
	for (size_t i = 0; i < tree.count; i++) {
		const struct source *s = &tree.at[i];

		if (strncmp(s->path, "sql/", 4) != 0 || !source_ends(s, ".sql"))
			continue;
		for (int n = 0; n < s->lines_count; n++)
			for (size_t r = 0; r < sizeof rules / sizeof rules[0]; r++)
				if (strcasestr(s->code[n], rules[r].word) != NULL &&
					!listed(rules[r].only, s->path))
					find(s, n + 1, "%s: %s", rules[r].word, rules[r].why);
	}
	ck_assert_int_eq(findings, 0);
}
END_TEST

SUITE(tidy, includes_follow_the_layers, banned_calls_do_not_occur,
	lines_functions_and_files_have_their_size, text_is_clean, no_file_is_dead,
	every_statement_is_used, lists_undefine_their_macros, sql_reads_one_clock_and_is_static)
