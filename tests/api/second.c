#include "tests/api/second.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/file.h"
#include "tests/support/child.h"

enum {
	REPORT_MAX = 1 << 20
};

static const char *
source(struct scene *s, const char *path)
{
	return scene_text(s, "%s/%s", getenv("FAIRLOT_SOURCE"), path);
}

bool
second_is_there(void)
{
	char path[1024];

	(void)snprintf(
		path, sizeof path, "%s/verify/node_modules/.fairlot", getenv("FAIRLOT_SOURCE"));
	return access(path, F_OK) == 0;
}

static const char *
report_of(struct scene *s, const char *const *args, int status)
{
	const char *log = scene_text(s, "%s/report.txt", s->daemon->folder);
	struct text bytes;
	int ended = child_run(args, log);

	ck_assert(file_read(log, REPORT_MAX, &s->client->arena, &bytes));
	ck_assert_msg(ended == status, "%s: %d, not %d\n%.2000s", args[0], ended, status, bytes.at);
	return bytes.at;
}

static void
level_is(const char *report, int level)
{
	const char *found = strstr(report, "\nlevel L");

	ck_assert_msg(
		level == (found == NULL ? 0 : found[8] - '0'), "not L%d:\n%.2000s", level, report);
}

/* A message of check holds no whole report: the first line that differs says enough. */
static void
same(const char *report, const char *other)
{
	size_t line = 0, i = 0;

	for (; report[i] != '\0' && report[i] == other[i]; i++)
		if (report[i] == '\n')
			line = i + 1;
	ck_assert_msg(report[i] == other[i], "the reports differ:\n%.300s\nand\n%.300s",
		report + line, other + line);
}

static void
verify(struct scene *s, const char *draw, int status, int level, bool beacon)
{
	const char *tar = scene_text(s, "%s/draw.tar", s->daemon->folder);
	const char *second[] = {"node", source(s, "verify/bin/fairlot-verify.js"), tar, NULL};
	const char *first[] = {getenv("FAIRLOT"), "verify", tar, NULL};

	if (!second_is_there())
		return;
	ck_assert_msg(first[0] != NULL, "FAIRLOT names no program");
	scene_does(s, NOBODY, scene_text(s, "GET /v1/draws/%s/transcript", draw), NULL, NULL);
	ck_assert(file_replace(tar, s->last.body, &s->client->arena));
	for (int i = 0; i < 2; i++) {
		const char *report;

		ck_assert_int_eq(setenv("LC_ALL", i == 0 ? "C" : "zh_CN.UTF-8", 1), 0);
		report = report_of(s, second, status);
		if (i == 0)
			level_is(report, level);
		if (!beacon)
			same(report, report_of(s, first, status));
		else if (i == 0)
			ck_assert_ptr_nonnull(
				strstr(report_of(s, first, status), "not checked here"));
	}
	ck_assert_int_eq(unsetenv("LC_ALL"), 0);
}

void
second_verifies(struct scene *s, const char *draw, int status, int level)
{
	verify(s, draw, status, level, false);
}

void
second_verifies_beacon(struct scene *s, const char *draw, int status, int level)
{
	verify(s, draw, status, level, true);
}
