#include "proto/op.h"

#include <string.h>

#include "proto/shape.h"

enum {
	NAME_SIZE = 32
};

/* The identifiers of op.def; op_names_dot() makes them the names on the wire before main(). */
static char names[OP_COUNT][NAME_SIZE] = {
#define OP(ident, ...) [OP_##ident] = #ident,
#include "proto/op.def"
};

/* C cannot edit a literal at compile time, and a second column would repeat the first: so the
 * first '_' becomes '.' once, while there is only one thread. */
__attribute__((constructor)) static void
op_names_dot(void)
{
	for (int i = 0; i < OP_COUNT; i++) {
		char *dot = strchr(names[i], '_');

		must(dot != NULL);
		*dot = '.';
	}
}

#define OP(ident, method, path, roles, flags, query, body, reply, ...) \
	extern const struct shape shape_##query, shape_##body, shape_##reply;
#include "proto/op.def"

const struct op op_table[OP_COUNT] = {
#define OP(ident, method, path, roles, flags, query, body, reply, status, step, stmt, en, zh) \
	[OP_##ident] = {names[OP_##ident], method, path, roles, flags, &shape_##query, \
		&shape_##body, &shape_##reply, status, en, zh},
#include "proto/op.def"
};

const char *
method_name(enum method m)
{
	static const char *const method_names[METHOD_COUNT] = {
		[GET] = "GET",
		[POST] = "POST",
		[PUT] = "PUT",
		[PATCH] = "PATCH",
		[DELETE] = "DELETE",
	};

	must(m < METHOD_COUNT);
	return method_names[m];
}
