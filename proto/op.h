#pragma once

#include <stddef.h>

#include "lib/base/text.h"
#include "proto/shape.h"

enum role {
	ROLE_PUBLIC = 0, /* no credential asked */
	ROLE_OWNER = 1,
	ROLE_AGENCY = 2,
	ROLE_OPERATOR = 4,
	ROLE_REGULATOR = 8,
	ROLE_AUDITOR = 16,
	ROLE_WITNESS = 32,
	ROLE_ANY = 63, /* any credential */
};

enum op_flag {
	OP_READ = 1,	 /* runs on a reader connection, read only */
	OP_WRITE = 2,	 /* runs on a writer connection */
	OP_KEY = 4,	 /* needs an Idempotency-Key */
	OP_IF_MATCH = 8, /* needs If-Match */
	OP_SECRET = 16,	 /* the stored answer leaves the secret out */
	OP_STREAM = 32,	 /* answers in chunks, constant memory */
	OP_CACHED = 64,	 /* held per loop for at most a second, public, with ETag */
};

enum method {
	GET,
	POST,
	PUT,
	PATCH,
	DELETE,
	METHOD_COUNT
};

enum op_id {
#define OP(ident, ...) OP_##ident,
#include "proto/op.def"
	OP_COUNT
};

struct op {
	const char *name; /* "project.create": operationId, metric label, log field */
	enum method method;
	const char *path; /* with {names} of one segment each; {tile}, the last, takes the rest */
	int roles;	  /* ROLE_… or 0 for public */
	int flags;	  /* OP_… */
	const struct shape *query, *body, *reply;
	int status; /* of success */
	const char *summary_en, *summary_zh;
};

extern const struct op op_table[OP_COUNT];

const char *method_name(enum method m);

enum {
	PATH_ARGS_MAX = 3
};

/* One matched request target. */
struct route {
	const struct op *op;
	struct text args[PATH_ARGS_MAX]; /* decoded path parameters, in path order */
	size_t args_count;
	unsigned allowed; /* bit 1 << enum method for each the path has: for Allow */
};

enum route_result {
	ROUTE_FOUND,
	ROUTE_NO_PATH,
	ROUTE_NO_METHOD
};

/* path is the target without the query, still percent-encoded; ids are checked to be ids, so
 * nothing needs decoding.  HEAD is routed as GET by the caller.  ROUTE_NO_METHOD fills only
 * `allowed`. */
enum route_result route_find(enum method m, struct text path, struct route *ret_route);

/* Refuses an ambiguous table; called once at start and by a test. */
bool route_check(void);
bool route_table_check(const struct op *ops, size_t count); /* the same for any table */
