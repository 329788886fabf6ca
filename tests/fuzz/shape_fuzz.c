/* The first byte chooses a shape, the rest is a body and a query string.  Every fault must be
 * one that a problem document can carry. */
#include "proto/shape.h"

#include "lib/base/arena.h"
#include "proto/json_scan.h"
#include "proto/problem.h"
#include "tests/fuzz/target.h"

static void
faults_are_sound(const struct shape_faults *faults, enum err e, struct arena *a)
{
	struct problem p = {.err = E_BAD_INPUT, .faults = faults};
	struct scan_fault fault;

	must((e == OK) == (faults->count == 0) && faults->count <= SHAPE_FAULTS_MAX);
	for (size_t i = 0; i < faults->count; i++) {
		must(text_is_utf8(text_of(faults->at[i].pointer)));
		must(text_is_utf8(text_of(faults->at[i].detail_zh)));
	}
	must(scan_json(problem_write(&p, a), &fault) == OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_object *json = NULL;
	struct shape_faults faults;
	struct scan_fault fault;
	const struct shape *s;
	size_t shapes = 0;
	struct text rest;
	struct arena a;

	if (size == 0)
		return 0;
	while (shape_table[shapes] != NULL)
		shapes++;
	s = shape_table[data[0] % shapes];
	rest = text_span((const char *)data + 1, size - 1);
	arena_init(&a, SIZE_MAX / 2);
	if (scan_parse(rest, &a, &json, &fault) == OK)
		faults_are_sound(&faults, shape_check(s, json, &a, &faults), &a);
	for (size_t i = 0; i < s->count; i++)
		if (s->fields[i].type >= SHAPE_LIST)
			goto done; /* not a shape of queries */
	faults_are_sound(&faults,
		shape_query(s, rest, &a, arena_array(&a, struct text, s->count + 1), &faults), &a);
done:
	arena_reset(&a);
	return 0;
}
