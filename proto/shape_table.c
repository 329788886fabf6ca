/* Reads proto/in three times: declares every shape (so that one may use another wherever it
 * stands), defines it, and lists it.  A nameless last field closes each list of fields, since C
 * has no empty array. */
#include "proto/shape.h"

#define SHAPE(id, text) extern const struct shape shape_##id;
#include "proto/in/all.def"

#define SHAPE(id, text) \
	static const char id##_summary[] = text; \
	static const struct shape_field id##_fields[] = {
#define END(id) \
	{ \
		.name = NULL \
	} \
	} \
	; \
	const struct shape shape_##id = { \
		#id, id##_fields, sizeof id##_fields / sizeof id##_fields[0] - 1, id##_summary};
#define TEXT(id, lo, hi, need, text)	 {#id, SHAPE_TEXT, lo, hi, need, NULL, NULL, text},
#define ID(id, need, text)		 {#id, SHAPE_ID, 1, 64, need, NULL, NULL, text},
#define CHOICE(id, list, need, text)	 {#id, SHAPE_CHOICE, 0, 0, need, list, NULL, text},
#define HEX(id, bytes, need, text)	 {#id, SHAPE_HEX, bytes, bytes, need, NULL, NULL, text},
#define TIME(id, need, text)		 {#id, SHAPE_TIME, 0, 0, need, NULL, NULL, text},
#define DATE(id, need, text)		 {#id, SHAPE_DATE, 0, 0, need, NULL, NULL, text},
#define INT(id, lo, hi, need, text)	 {#id, SHAPE_INT, lo, hi, need, NULL, NULL, text},
#define FEN(id, lo, hi, need, text)	 {#id, SHAPE_FEN, lo, hi, need, NULL, NULL, text},
#define BOOL(id, need, text)		 {#id, SHAPE_BOOL, 0, 1, need, NULL, NULL, text},
#define LIST(id, of, lo, hi, need, text) {#id, SHAPE_LIST, lo, hi, need, NULL, &shape_##of, text},
#define TEXTS(id, points, most, need, text) \
	{#id, SHAPE_TEXTS, points, most, need, NULL, NULL, text},
#define OBJECT(id, of, need, text) {#id, SHAPE_OBJECT, 0, 0, need, NULL, &shape_##of, text},
#include "proto/in/all.def"

const struct shape *const shape_table[] = {
#define SHAPE(id, text) &shape_##id,
#include "proto/in/all.def"
	NULL};
