#include "tests/unit/draw/sample.h"

#include <json-c/json.h>
#include <stdlib.h>

#include "lib/base/hex.h"
#include "lib/base/must.h"

const char *const sample_names[SAMPLES] = {"offline_two_winners", "with_drand", "weighted",
	"weighted_shortlist", "stratified", "coefficient", "single_candidate"};

struct json_object *
sample_open(void)
{
	const char *root = getenv("FAIRLOT_SOURCE");
	struct json_object *o;
	struct arena a;

	must(root != NULL);
	arena_init(&a, 4096);
	o = json_object_from_file(arena_printf(&a, "%s/tests/vectors/draw.json", root));
	arena_reset(&a);
	must(o != NULL);
	return o;
}

struct json_object *
sample_get(struct json_object *o, const char *name)
{
	struct json_object *member = NULL;

	must(json_object_object_get_ex(o, name, &member));
	return member;
}

struct text
sample_text(struct json_object *o, const char *name)
{
	struct json_object *s = sample_get(o, name);

	return text_span(json_object_get_string(s), (size_t)json_object_get_string_len(s));
}

struct text
sample_hex(struct arena *a, struct json_object *o, const char *name)
{
	struct text hex = sample_text(o, name);
	uint8_t *bytes = arena_alloc(a, hex.len / 2 + 1);

	must(hex_decode(hex, bytes, hex.len / 2));
	return text_span((const char *)bytes, hex.len / 2);
}

struct text
sample_given(struct arena *a, struct json_object *contribution)
{
	static const char *const names[] = {"pi", "r", "signature"};

	for (size_t i = 0; i < 3; i++)
		if (json_object_object_get_ex(contribution, names[i], NULL))
			return sample_hex(a, contribution, names[i]);
	must_fail(__FILE__, __LINE__, "a contribution of no known type");
}

struct text
sample_drand(struct arena *a)
{
	struct json_object *all = sample_open(), *draw = sample_get(all, "with_drand");
	struct text given =
		sample_given(a, json_object_array_get_idx(sample_get(draw, "contributions"), 3));

	json_object_put(all);
	return given;
}
