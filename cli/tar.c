#include "cli/tar.h"

#include <stddef.h>
#include <string.h>

#include "lib/base/arena.h"

enum {
	BLOCK = 512 /* POSIX.1-1988, ustar interchange format */
};

/* A header of tar; every field is text. */
struct tar_head {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[100];
	char magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], pad[12];
};

/* At least one octal digit, ended by blank or NUL. */
static bool
octal(const char *at, size_t len, size_t *ret_value)
{
	size_t value = 0, i = 0, first;

	while (i < len && at[i] == ' ')
		i++;
	for (first = i; i < len && at[i] >= '0' && at[i] <= '7'; i++)
		value = value * 8 + (size_t)(at[i] - '0');
	*ret_value = value;
	return i > first && (i == len || at[i] == ' ' || at[i] == '\0');
}

static bool
sum_holds(const struct tar_head *h)
{
	const unsigned char *bytes = (const unsigned char *)h;
	size_t said, sum = 0;

	for (size_t i = 0; i < BLOCK; i++) {
		bool own =
			i >= offsetof(struct tar_head, sum) && i < offsetof(struct tar_head, type);

		sum += own ? ' ' : bytes[i];
	}
	return octal(h->sum, sizeof h->sum, &said) && said == sum;
}

static struct text
name_of(struct arena *a, const struct tar_head *h)
{
	size_t name = strnlen(h->name, sizeof h->name);
	size_t prefix =
		memcmp(h->magic, "ustar\0", 6) == 0 ? strnlen(h->prefix, sizeof h->prefix) : 0;
	struct text whole;

	whole = text_of(prefix == 0
			? arena_str(a, h->name, name)
			: arena_printf(a, "%.*s/%.*s", (int)prefix, h->prefix, (int)name, h->name));
	while (text_starts(whole, "./"))
		whole = text_span(whole.at + 2, whole.len - 2);
	return whole;
}

bool
tar_next(struct text *tar, struct arena *a, struct text *ret_name, struct text *ret_bytes,
	const char **reterr)
{
	static const char zero[BLOCK];

	_Static_assert(sizeof(struct tar_head) == BLOCK, "the header fills its block");
	for (;;) {
		struct text rest = *tar;
		struct tar_head h;
		size_t size, whole;

		if (rest.len < BLOCK) {
			*reterr = "the tar has no end";
			return false;
		}
		memcpy(&h, rest.at, BLOCK);
		if (memcmp(&h, zero, BLOCK) == 0)
			return false;
		rest = text_span(rest.at + BLOCK, rest.len - BLOCK);
		if (!sum_holds(&h) || !octal(h.size, sizeof h.size, &size) || size > rest.len) {
			*reterr = "not a sound tar";
			return false;
		}
		whole = (size + BLOCK - 1) / BLOCK * BLOCK;
		whole = whole > rest.len ? rest.len : whole;
		*tar = text_span(rest.at + whole, rest.len - whole);
		if (h.type != '0' && h.type != '\0')
			continue;
		*ret_name = name_of(a, &h);
		*ret_bytes = text_span(rest.at, size);
		return true;
	}
}
