#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/must.h"
#include "lib/base/text.h"

struct arena;
struct json_object;

/* A shape says what an object on the wire may hold.  From one list (proto/in/<resource>.def)
 * come the validator of bodies and query strings, and the JSON Schema of openapi.json. */

enum shape_type {
	SHAPE_TEXT, /* string; min/max count code points; not of blanks alone; see SHAPE_LINE_MAX */
	SHAPE_ID,   /* string [A-Za-z0-9][A-Za-z0-9._-]{0,63} */
	SHAPE_CHOICE, /* one of `choices`, separated by '|' */
	SHAPE_HEX,    /* lower-case hex of exactly max bytes */
	SHAPE_TIME,   /* RFC 3339, UTC, 'Z' */
	SHAPE_DATE,   /* YYYY-MM-DD */
	SHAPE_INT,    /* min … max, no fraction, no exponent */
	SHAPE_FEN,    /* money in fen, min … max, at most 2^53-1; name ends in _fen */
	SHAPE_BOOL,
	SHAPE_LIST,   /* array of min … max objects of shape `of` */
	SHAPE_TEXTS,  /* array of at most max strings of 1 … min code points */
	SHAPE_OBJECT, /* one object of shape `of` */
};

enum {
	SHAPE_OPTIONAL = 0,
	SHAPE_REQUIRED = 1,
	SHAPE_NULL = 2 /* replies only: may be null */
};

struct shape_field {
	const char *name;
	enum shape_type type;
	long long min, max;
	int need; /* SHAPE_OPTIONAL, SHAPE_REQUIRED, or SHAPE_REQUIRED | SHAPE_NULL */
	const char *choices;
	const struct shape *of;
	const char *summary;
};

struct shape {
	const char *name;
	const struct shape_field *fields;
	size_t count;
	const char *summary;
};

/* A text of at most so many code points is a line, without control characters; a longer one may
 * have LF and TAB. */
enum {
	SHAPE_LINE_MAX = 300
};

/* What was refused, one per field at fault, in the order found; at most SHAPE_FAULTS_MAX. */
enum {
	SHAPE_FAULTS_MAX = 16
};
struct shape_fault {
	const char *pointer; /* JSON Pointer (RFC 6901), or the parameter's name for a query */
	const char *code;    /* required unknown duplicate type range length choice format */
	const char *detail_zh, *detail_en;
};
struct shape_faults {
	size_t count;
	struct shape_fault at[SHAPE_FAULTS_MAX];
};

/* Checks a parsed body.  json may be NULL (no body): then every required field is missing. */
MUST_USE enum err shape_check(const struct shape *s, struct json_object *json, struct arena *a,
	struct shape_faults *reterr);

/* Checks a query string ("a=1&b=%E4", '+' is a blank): decodes into values[i] for field i of the
 * shape (at NULL when absent).  values has s->count places. */
MUST_USE enum err shape_query(const struct shape *s, struct text query, struct arena *a,
	struct text *ret_values, struct shape_faults *reterr);

/* [A-Za-z0-9][A-Za-z0-9._-]{0,63}: an id, a code, a file's name; never "..". */
bool shape_is_id(struct text t);

/* The index of a field, or -1. */
int shape_find(const struct shape *s, struct text name);

/* Every shape of proto/in, by name; NULL-ended.  shape_none has no fields. */
extern const struct shape *const shape_table[];
extern const struct shape shape_none;
