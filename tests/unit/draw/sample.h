#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/text.h"

struct json_object;

/* The known answers of tests/vectors/draw.json. */
struct json_object *sample_open(void);
struct json_object *sample_get(struct json_object *o, const char *name);
struct text sample_text(struct json_object *o, const char *name);
/* The bytes of a member that is hex. */
struct text sample_hex(struct arena *a, struct json_object *o, const char *name);
/* What a contributor gave: pi, r, signature. */
struct text sample_given(struct arena *a, struct json_object *contribution);
/* The round of drand in the example that has one. */
struct text sample_drand(struct arena *a);

/* The examples that are whole draws. */
enum {
	SAMPLES = 7
};
extern const char *const sample_names[SAMPLES];
