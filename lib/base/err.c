#include "lib/base/err.h"

#include <string.h>

#include "lib/base/must.h"

static const struct err_row rows[ERR_COUNT] = {
#define ERR(name, http, rpc, sqlstate, code, zh, en) \
	[E_##name] = {#name, http, rpc, sqlstate, code, zh, en},
#include "lib/base/err.def"
};

const struct err_row *
err_row(enum err e)
{
	must(e > OK && e < ERR_COUNT);
	return &rows[e];
}

enum err
err_of_sqlstate(const char *sqlstate)
{
	for (int e = OK + 1; e < ERR_COUNT; e++)
		if (rows[e].sqlstate != NULL && strcmp(rows[e].sqlstate, sqlstate) == 0)
			return (enum err)e;
	return E_INTERNAL;
}
