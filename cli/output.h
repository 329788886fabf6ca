#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "lib/base/must.h"
#include "lib/base/text.h"
#include "proto/shape.h"

struct arena;
struct json_object;

enum format {
	FORMAT_JSON,
	FORMAT_TABLE,
	FORMAT_CSV
};

/* name NULL: a table for a terminal, else JSON. */
MUST_USE bool format_find(const char *name, bool terminal, enum format *ret_format);

/* An answer of shape `s` (NULL: not known).  A list is one row an element, with the columns of
 * the element's shape in its order; any other object is one row a member.  JSON is the answer,
 * indented.  A table is for people: money in yuan, control characters blanked, an object's own
 * lists as tables below it, other nested members left out of lists, no x_id where x_name stands.
 * CSV is RFC 4180 with every member; nested ones as JSON. */
void output_print(FILE *out, enum format format, const struct shape *s, struct json_object *answer,
	struct arena *a);

/* A refusal, for people: title, detail, code, rule, and each fault with its place. */
void output_problem(FILE *out, int status, struct text body, struct arena *a);

/* Columns a terminal needs: East Asian wide characters (UAX #11) take two. */
size_t output_width(struct text t);
