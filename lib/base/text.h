#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/must.h"

/* A borrowed view of bytes; not ended by NUL.  A view never owns what it points to. */
struct text {
	const char *at;
	size_t len;
};

#define TEXT_FMT    "%.*s"
#define TEXT_ARG(t) (int)(t).len, (t).at

struct text text_of(const char *str); /* view of a NUL-terminated string, NULL gives empty */
struct text text_span(const char *at, size_t len);
bool text_eq(struct text a, struct text b);
bool text_is(struct text a, const char *str);
bool text_is_nocase(struct text a, const char *str); /* ASCII letters only */
bool text_starts(struct text a, const char *prefix);
int text_order(struct text a, struct text b); /* bytewise, as memcmp; shorter first */

/* Without the bytes of `what` at both ends. */
struct text text_trim(struct text a, const char *what);

/* Takes the bytes up to sep off the front of *rest (and sep itself); false when *rest is
 * empty.  Without sep the whole rest is the field. */
bool text_cut(struct text *rest, char sep, struct text *ret_field);

/* UTF-8 by RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF. */
bool text_is_utf8(struct text a);
/* Number of code points; a must be UTF-8. */
size_t text_points(struct text a);

/* Decimal without sign or leading zero, 0 … max. */
MUST_USE bool text_u64(struct text a, uint64_t max, uint64_t *ret_value);

/* A growing string without an arena of its own: bytes live in the given arena. */
struct arena;
struct buf {
	struct arena *arena;
	char *at;
	size_t len, size;
};
void buf_init(struct buf *b, struct arena *a, size_t size);
void buf_add(struct buf *b, const void *p, size_t len);
void buf_str(struct buf *b, const char *str);
void buf_char(struct buf *b, char c);
__attribute__((format(printf, 2, 3))) void buf_printf(struct buf *b, const char *fmt, ...);
struct text buf_text(const struct buf *b);
