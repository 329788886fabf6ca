#pragma once

#include <stdbool.h>

#include "lib/base/must.h"

/* fairlotd admin …: acts of whoever runs the machine, as the migrator, without the daemon.
 *
 * create-operator: enters the operator's organisation and its first user, and prints their API
 * key, once.  Refused when there is an operator. */
struct operator_given {
	const char *name, *credit_code, *override, *user; /* override may be NULL */
};

MUST_USE bool admin_create_operator(const char *conninfo, const struct operator_given *given);
