#include "lib/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/arena.h"

struct text
text_of(const char *str)
{
	return (struct text){str, str == NULL ? 0 : strlen(str)};
}

struct text
text_span(const char *at, size_t len)
{
	return (struct text){at, len};
}

bool
text_eq(struct text a, struct text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool
text_is(struct text a, const char *str)
{
	return text_eq(a, text_of(str));
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

bool
text_is_nocase(struct text a, const char *str)
{
	if (a.len != strlen(str))
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.at[i]) != lower(str[i]))
			return false;
	return true;
}

bool
text_starts(struct text a, const char *prefix)
{
	size_t len = strlen(prefix);

	return a.len >= len && (len == 0 || memcmp(a.at, prefix, len) == 0);
}

int
text_order(struct text a, struct text b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int d = len == 0 ? 0 : memcmp(a.at, b.at, len);

	return d != 0 ? d : (a.len > b.len) - (a.len < b.len);
}

struct text
text_trim(struct text a, const char *what)
{
	size_t len = strlen(what);

	while (a.len > 0 && memchr(what, a.at[0], len) != NULL)
		a = text_span(a.at + 1, a.len - 1);
	while (a.len > 0 && memchr(what, a.at[a.len - 1], len) != NULL)
		a.len--;
	return a;
}

bool
text_cut(struct text *rest, char sep, struct text *ret_field)
{
	const char *end;

	if (rest->len == 0)
		return false;
	end = memchr(rest->at, sep, rest->len);
	if (end == NULL) {
		*ret_field = *rest;
		*rest = (struct text){rest->at + rest->len, 0};
		return true;
	}
	*ret_field = (struct text){rest->at, (size_t)(end - rest->at)};
	*rest = (struct text){end + 1, rest->len - ret_field->len - 1};
	return true;
}

/* The length of the UTF-8 sequence at p, or 0 when it is not one (Unicode 15, table 3-7). */
static size_t
utf8_len(const unsigned char *p, size_t room)
{
	unsigned char lo = 0x80, hi = 0xbf;
	size_t len;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (len > room)
		return 0;
	if (p[0] == 0xe0)
		lo = 0xa0;
	else if (p[0] == 0xed)
		hi = 0x9f;
	else if (p[0] == 0xf0)
		lo = 0x90;
	else if (p[0] == 0xf4)
		hi = 0x8f;
	if (p[1] < lo || p[1] > hi)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

bool
text_is_utf8(struct text a)
{
	for (size_t i = 0, len; i < a.len; i += len)
		if ((len = utf8_len((const unsigned char *)a.at + i, a.len - i)) == 0)
			return false;
	return true;
}

size_t
text_points(struct text a)
{
	size_t n = 0;

	for (size_t i = 0; i < a.len; i++)
		n += ((unsigned char)a.at[i] & 0xc0) != 0x80;
	return n;
}

bool
text_u64(struct text a, uint64_t max, uint64_t *ret_value)
{
	uint64_t value = 0;

	if (a.len == 0 || (a.len > 1 && a.at[0] == '0'))
		return false;
	for (size_t i = 0; i < a.len; i++) {
		unsigned digit = (unsigned)(unsigned char)a.at[i] - '0';

		if (digit > 9 || value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	if (value > max)
		return false;
	*ret_value = value;
	return true;
}

void
buf_init(struct buf *b, struct arena *a, size_t size)
{
	size = size < 64 ? 64 : size;
	*b = (struct buf){.arena = a, .at = arena_alloc(a, size), .size = size};
}

static char *
buf_room(struct buf *b, size_t len)
{
	if (b->size - b->len < len) {
		size_t size = b->size * 2;
		char *at;

		while (size - b->len < len)
			size *= 2;
		at = arena_alloc(b->arena, size);
		memcpy(at, b->at, b->len);
		b->at = at;
		b->size = size;
	}
	b->len += len;
	return b->at + b->len - len;
}

void
buf_add(struct buf *b, const void *p, size_t len)
{
	if (len > 0)
		memcpy(buf_room(b, len), p, len);
}

void
buf_str(struct buf *b, const char *str)
{
	buf_add(b, str, strlen(str));
}

void
buf_char(struct buf *b, char c)
{
	*buf_room(b, 1) = c;
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	char *at;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	must(len >= 0);
	at = buf_room(b, (size_t)len + 1); /* one more for the NUL that vsnprintf writes */
	va_start(ap, fmt);
	(void)vsnprintf(at, (size_t)len + 1, fmt, ap);
	va_end(ap);
	b->len--;
}

struct text
buf_text(const struct buf *b)
{
	return (struct text){b->at, b->len};
}
