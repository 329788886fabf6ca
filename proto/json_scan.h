#pragma once

#include <stddef.h>

#include "lib/base/err.h"
#include "lib/base/must.h"
#include "lib/base/text.h"

struct arena;
struct json_object;

/* JSON by RFC 8259 and no wider, checked before json-c sees a byte: json-c takes single quotes,
 * NaN, duplicate members, control characters and overlong UTF-8, clamps integers and cuts names
 * at \u0000.
 *
 * The limits bound what json-c may allocate for a body: it needs up to 800 bytes for "{}". */
enum {
	SCAN_DEPTH_MAX = 16,	    /* arrays and objects around a value */
	SCAN_MEMBERS_MAX = 128,	    /* of one object; no shape has half as many */
	SCAN_CONTAINERS_MAX = 1024, /* arrays and objects in all: 0.8 MiB in json-c */
	SCAN_VALUES_MAX = 16384,    /* values in all: 1.4 MiB */
};

/* Where and why a text is no JSON of ours; the sentences are static. */
struct scan_fault {
	size_t offset; /* of the byte at fault; the length when the text ends too early */
	const char *zh, *en;
};

/* E_BAD_JSON, or E_TOO_LARGE beyond the number of members, containers or values.  Keeps nothing
 * and allocates nothing. */
MUST_USE enum err scan_json(struct text bytes, struct scan_fault *reterr);

/* Scans, then parses; the object lives as long as the arena.  A bare null is refused, since
 * json-c has no object for it and no body is null. */
MUST_USE enum err scan_parse(struct text bytes, struct arena *a, struct json_object **ret_json,
	struct scan_fault *reterr);
