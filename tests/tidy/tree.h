#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The sources of the project, read once from $FAIRLOT_SOURCE; lives until exit. */
struct source {
	char *path;   /* from the root */
	char **lines; /* as written, without line ends */
	char **code;  /* the same with comments and the insides of literals blanked */
	int lines_count;
};

extern struct tree {
	struct source *at;
	size_t count;
} tree;

bool source_ends(const struct source *s, const char *suffix);

/* lib may format into memory: these three files of lib/base include <stdio.h> for it. */
bool source_allows_stdio(const struct source *s, const char *header);
