/* Reads lines "<shape> <JSON>" and prints for each 1, when the shape takes the text, or 0. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "proto/json_scan.h"
#include "proto/shape.h"

static const struct shape *
shape_named(struct text name)
{
	for (size_t i = 0; shape_table[i] != NULL; i++)
		if (text_is(name, shape_table[i]->name))
			return shape_table[i];
	return NULL;
}

static int
verdict(const struct shape *s, struct text text)
{
	struct json_object *json = NULL;
	struct shape_faults faults;
	struct scan_fault fault;
	struct arena a;
	bool taken;

	arena_init(&a, SIZE_MAX / 2);
	taken = scan_parse(text, &a, &json, &fault) == OK &&
		shape_check(s, json, &a, &faults) == OK;
	arena_reset(&a);
	return taken;
}

int
main(void)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	while ((len = getline(&line, &size, stdin)) > 0) {
		struct text rest = text_span(line, (size_t)len - (line[len - 1] == '\n')), name;
		const struct shape *s;

		if (!text_cut(&rest, ' ', &name) || (s = shape_named(name)) == NULL) {
			(void)fprintf(stderr, "no such shape: %s", line);
			return 1;
		}
		printf("%d\n", verdict(s, rest));
	}
	free(line);
	return 0;
}
