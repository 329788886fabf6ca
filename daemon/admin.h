#pragma once

#include <stdbool.h>

#include "lib/base/must.h"

/* fairlotd admin …: acts of whoever runs the machine, as the migrator, without the daemon.
 *
 * create-operator: enters the operator's organisation and its first user, and prints their API
 * key, once.  Refused when there is an operator.
 *
 * demo-keys: makes an API key for one person of each role, and for some agencies that may serve
 * the same item, all of the generated data set; writes them as keys.json (mode 0600):
 * {"base_url","ca","keys":{"owner","operator","regulator","auditor","agency","agency2",…}}. */
struct operator_given {
	const char *name, *credit_code, *override, *user; /* override may be NULL */
};

MUST_USE bool admin_create_operator(const char *conninfo, const struct operator_given *given);

MUST_USE bool
admin_demo_keys(const char *conninfo, const char *path, const char *base_url, const char *ca);
