/* Blocks are chained, newest first.  An allocation larger than a block gets a block of its
 * own behind the newest, so the room left in the newest is not lost. */
#include "lib/base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/must.h"

enum {
	BLOCK_SIZE = 8 * 1024
};

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	alignas(max_align_t) unsigned char bytes[];
};

struct arena_undo {
	struct arena_undo *next;
	void (*undo)(void *);
	void *arg;
};

void
arena_init(struct arena *a, size_t limit)
{
	*a = (struct arena){.limit = limit};
}

static struct arena_block *
block_new(size_t size)
{
	struct arena_block *b = calloc(1, sizeof *b + size);

	must(b != NULL);
	b->size = size;
	return b;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	struct arena_block *b = a->blocks;
	size_t room;

	must(size < SIZE_MAX / 2);
	size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	a->used += size;
	room = b == NULL ? 0 : b->size - b->used;
	if (size > room && size > BLOCK_SIZE / 2 && b != NULL) {
		struct arena_block *big = block_new(size);

		big->used = size;
		big->next = b->next;
		b->next = big;
		return big->bytes;
	}
	if (size > room) {
		b = block_new(size > BLOCK_SIZE ? size : BLOCK_SIZE);
		b->next = a->blocks;
		a->blocks = b;
	}
	b->used += size;
	return b->bytes + b->used - size;
}

void
arena_defer(struct arena *a, void (*undo)(void *), void *arg)
{
	struct arena_undo *u = arena_new(a, struct arena_undo);

	*u = (struct arena_undo){a->undo, undo, arg};
	a->undo = u;
}

void
arena_reset(struct arena *a)
{
	struct arena_block *b;

	for (struct arena_undo *u = a->undo; u != NULL; u = u->next)
		u->undo(u->arg);
	while ((b = a->blocks) != NULL) {
		a->blocks = b->next;
		free(b);
	}
	arena_init(a, a->limit);
}

void *
arena_copy(struct arena *a, const void *p, size_t len)
{
	void *copy = arena_alloc(a, len > 0 ? len : 1);

	if (len > 0)
		memcpy(copy, p, len);
	return copy;
}

char *
arena_str(struct arena *a, const char *p, size_t len)
{
	char *copy = arena_alloc(a, len + 1);

	if (len > 0)
		memcpy(copy, p, len);
	return copy;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *out;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	must(len >= 0);
	out = arena_alloc(a, (size_t)len + 1);
	va_start(ap, fmt);
	(void)vsnprintf(out, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return out;
}
