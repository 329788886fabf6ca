#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/hash.h"
#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/draw/check.h"

/* Reads a record of draw: ASCII lines, LF ends each, one space between fields.
 *
 * The first thing that does not fit is kept in `fault` with its line; from then on every call
 * answers false.  So a parser reads straight on and looks at the end.  Fields are views of the
 * record's bytes. */
struct record {
	struct text rest;  /* from the start of the line not yet taken */
	struct text line;  /* the line taken last, without LF */
	struct text field; /* what is left of that line */
	uint32_t number;   /* of that line, from 1 */
	enum check fault;
};

enum {
	RECORD_ID_MAX = 64 /* [A-Za-z0-9][A-Za-z0-9._-]{0,63} */
};

#define RECORD_PROTOCOL "fairlot-draw/v1"
/* The bytes before what is hashed: tag(s) of docs/DRAW.md, with its 00 byte. */
#define RECORD_TAG(s)	((struct text){RECORD_PROTOCOL "/" s, sizeof RECORD_PROTOCOL "/" s})

void record_init(struct record *r, struct text bytes);
/* Nothing is wrong and nothing is left. */
bool record_at_end(const struct record *r);
/* Returns the fault: CHECK_RECORD when all was well but lines are left. */
enum check record_end(struct record *r);
void record_fail(struct record *r, enum check fault);

/* Takes the next line: it must exist and be well-formed. */
bool record_line(struct record *r);
/* Takes the next line, which must start with this word. */
bool record_key(struct record *r, const char *key);
/* Takes the next line if it starts with this word. */
bool record_key_if(struct record *r, const char *key);
/* The line is the protocol's name. */
bool record_protocol(struct record *r);

/* Take the next field of the line. */
bool record_word(struct record *r, struct text *ret_word);
bool record_id(struct record *r, struct text *ret_id);
bool record_number(struct record *r, uint64_t min, uint64_t max, uint64_t *ret_number);
bool record_hash(struct record *r, struct hash *ret_hash);
bool record_hex(struct record *r, uint8_t *ret_bytes, size_t len);
/* The line has no field left. */
bool record_done(struct record *r);

bool record_is_id(struct text id);
/* RFC 3339, UTC, Z: whole seconds, or six digits of fraction. */
bool record_is_time(struct text time, bool micros, struct utc *ret_time);
