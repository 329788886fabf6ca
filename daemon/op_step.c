/* op.def's columns that belong to the daemon: a row whose step nobody wrote does not link. */
#include "daemon/bind.h"

#define OP(ident, method, path, roles, flags, query, body, reply, status, step, ...) step_fn step;
#include "proto/op.def"

const struct op_step op_steps[OP_COUNT] = {
#define OP(ident, method, path, roles, flags, query, body, reply, status, step, stmt, ...) \
	[OP_##ident] = {step, SQL_##stmt},
#include "proto/op.def"
};
