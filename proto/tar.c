#include "proto/tar.h"

#include <stdint.h>
#include <string.h>

#include "lib/base/must.h"

enum {
	BLOCK = 512,
	/* offset and width of the fields we fill */
	MODE_AT = 100,
	UID_AT = 108,
	GID_AT = 116,
	SIZE_AT = 124,
	TIME_AT = 136,
	SUM_AT = 148,
	TYPE_AT = 156,
	MAGIC_AT = 257
};

/* An octal number with leading zeros and a NUL behind it. */
static void
put_octal(uint8_t *at, size_t width, uint64_t value)
{
	at[width - 1] = '\0';
	for (size_t i = width - 1; i-- > 0; value >>= 3)
		at[i] = (uint8_t)('0' + (value & 7));
	must(value == 0);
}

void
tar_head(struct buf *b, struct text name, uint64_t size)
{
	uint8_t head[BLOCK] = {0};
	unsigned sum = 0;

	must(name.len > 0 && name.len <= TAR_NAME_MAX);
	memcpy(head, name.at, name.len);
	put_octal(head + MODE_AT, 8, 0644);
	put_octal(head + UID_AT, 8, 0);
	put_octal(head + GID_AT, 8, 0);
	put_octal(head + SIZE_AT, 12, size);
	put_octal(head + TIME_AT, 12, 0);
	head[TYPE_AT] = '0';
	memcpy(head + MAGIC_AT,
		"ustar\0"
		"00",
		8);
	memset(head + SUM_AT, ' ', 8); /* counts as blanks in its own sum */
	for (size_t i = 0; i < BLOCK; i++)
		sum += head[i];
	put_octal(head + SUM_AT, 7, sum);
	buf_add(b, head, BLOCK);
}

void
tar_fill(struct buf *b, uint64_t size)
{
	static const uint8_t zeros[BLOCK];

	buf_add(b, zeros, (BLOCK - size % BLOCK) % BLOCK);
}

void
tar_add(struct buf *b, struct text name, struct text body)
{
	tar_head(b, name, body.len);
	buf_add(b, body.at, body.len);
	tar_fill(b, body.len);
}

void
tar_end(struct buf *b)
{
	static const uint8_t zeros[2 * BLOCK];

	buf_add(b, zeros, sizeof zeros);
}
