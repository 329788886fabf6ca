#include "tests/support/shaped.h"

#include <check.h>
#include <json-c/json.h>

#include "proto/shape.h"
#include "tests/support/pg.h"

void
shaped(struct pg *pg, const struct shape *shape, struct pg_answer a)
{
	struct json_object *json = json_tokener_parse(a.body);
	struct shape_faults faults = {0};

	ck_assert_msg(a.code[0] == '\0', "%s: %s: %s", shape->name, a.code, a.en);
	ck_assert_ptr_nonnull(json);
	if (shape_check(shape, json, &pg->arena, &faults) != OK)
		ck_abort_msg("%s: %s: %s in %s", shape->name, faults.at[0].pointer,
			faults.at[0].detail_en, a.body);
	json_object_put(json);
}
