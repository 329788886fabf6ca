#pragma once

#include <stdbool.h>

#include "cli/option.h"
#include "lib/base/must.h"
#include "proto/op.h"

struct arena;

/* A command line turned into a request, by the operation's row and shapes alone:
 *
 *	fairlot <resource> <verb> [path arguments] [--field value …]
 *
 * Fields of the body (of the query, for a read) are flags, '_' as '-'.  Texts as they are; numbers
 * as digits; a boolean is --field, --no-field or --field=true|false; a list is the flag repeated,
 * with a text or a JSON object each; an object is JSON.  Money in fen is --price-fen 12500, or
 * exactly the same as --price-yuan 125.00, --price-wan 0.0125, --price 125.00元 (分 元 万 万元).
 * --json or --body give the whole body; flags then replace its members. */
struct command {
	const struct op *op;
	const char *args[PATH_ARGS_MAX];
	const char *path; /* arguments and query filled in */
	struct text body; /* at NULL: none */
};

/* The operation "resource.verb"; NULL when there is none.  '-' and '_' are the same. */
const struct op *command_find(const char *resource, const char *verb);

/* argv starts behind the verb.  Program options found there go to *options.  False with *reterr
 * when the command line does not make a request; whether the request is right is the server's to
 * say. */
MUST_USE bool command_build(const struct op *op, int argc, char *const *argv, struct arena *a,
	struct options *options, struct command *ret_command, const char **reterr);

/* The path of an operation with its arguments, percent-encoded; NULL unless there are exactly as
 * many arguments as the path has parameters and each is an id or a file name. */
const char *
command_path(const struct op *op, const char *const *args, size_t count, struct arena *a);

/* The operation that reads what `op` acts on: GET of its path up to the first parameter, which
 * is its only one.  NULL when there is none. */
const struct op *command_reader(const struct op *op);
