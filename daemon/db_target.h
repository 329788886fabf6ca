#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/must.h"

/* Where a lane connects to: a connection string taken apart into one set of parameters for each
 * host, because PQconnectPoll() knows no time-out and would wait for a dead first host for ever;
 * and with names resolved, because it would block in the resolver.  Names are resolved once, at
 * start.  Immutable afterwards, shared by the loops. */
struct db_target;

/* user: taken when the string names none, or always when `force` is set.  options: server
 * settings in the form "-c name=value …", put after those of the string. */
MUST_USE bool db_target_new(const char *conninfo, const char *user, bool force, const char *options,
	struct db_target **ret, char *reterr, size_t reterr_size);
void db_target_free(struct db_target **target);

size_t db_target_hosts(const struct db_target *target);

/* Key words and values of host i, for PQconnectStartParams(). */
const char *const *db_target_keys(const struct db_target *target, size_t i);
const char *const *db_target_values(const struct db_target *target, size_t i);

/* The address of host i for the log, without secrets. */
const char *db_target_name(const struct db_target *target, size_t i);
