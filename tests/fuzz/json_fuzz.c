/* What the scan takes, json-c takes too, and what json-c then prints passes the scan again. */
#include <json-c/json.h>
#include <string.h>

#include "lib/base/arena.h"
#include "proto/json_scan.h"
#include "tests/fuzz/target.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text text = text_span((const char *)data, size);
	struct scan_fault fault = {SIZE_MAX, NULL, NULL};
	struct json_object *json = NULL;
	enum err e = scan_json(text, &fault);
	const char *printed;
	struct arena a;

	if (e != OK) {
		must(fault.offset <= size && fault.zh != NULL && fault.en != NULL);
		return 0;
	}
	must(text_is_utf8(text));
	arena_init(&a, SIZE_MAX / 2);
	if (scan_parse(text, &a, &json, &fault) == OK) {
		printed = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN);
		/* A number beyond the doubles is printed as Infinity; no shape takes it. */
		must(scan_json(text_of(printed), &fault) == OK ||
			strstr(printed, "Infinity") != NULL);
	}
	arena_reset(&a);
	return 0;
}
