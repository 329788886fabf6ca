#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* An arena owns everything that dies at the same moment: here, one request.
 *
 * arena_alloc() never returns NULL.  Going over the limit only sets a flag; the task driver
 * looks at it between two steps and answers TOO_LARGE.  So code that allocates needs no error
 * path, and one client still cannot eat the process: a step is bounded, and the parser has
 * bounded what a step can be given. */
struct arena {
	struct arena_block *blocks;
	struct arena_undo *undo; /* run newest first by arena_reset() */
	size_t used, limit;
};

void arena_init(struct arena *a, size_t limit);

/* Zeroed, aligned for any type; lives until arena_reset(). */
void *arena_alloc(struct arena *a, size_t size);

/* Runs undo(arg) at arena_reset(): call on the line after a resource was obtained. */
void arena_defer(struct arena *a, void (*undo)(void *), void *arg);

/* Runs the undos, frees every block; the arena can be used again with its limit. */
void arena_reset(struct arena *a);

static inline bool
arena_over(const struct arena *a)
{
	return a->used > a->limit;
}

#define arena_new(a, type)	((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, type, n) ((type *)arena_alloc((a), (n) * sizeof(type)))

void *arena_copy(struct arena *a, const void *p, size_t len);
char *arena_str(struct arena *a, const char *p, size_t len); /* copies and ends with NUL */
__attribute__((format(printf, 2, 3))) char *arena_printf(struct arena *a, const char *fmt, ...);
