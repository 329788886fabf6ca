#pragma once

/* Every expected failure has one row in err.def.  OK is 0; lib returns enum err, never logs. */
enum err {
	OK = 0,
#define ERR(name, http, rpc, sqlstate, code, zh, en) E_##name,
#include "lib/base/err.def"
	ERR_COUNT
};

struct err_row {
	const char *name;     /* "BAD_INPUT" */
	int http;	      /* RFC 9110 status */
	int rpc;	      /* JSON-RPC 2.0 error code */
	const char *sqlstate; /* what sql/fn raises, or NULL when SQL never raises it */
	const char *code;     /* stable, kebab-case, never translated */
	const char *title_zh;
	const char *title_en;
};

/* e must be a failure: 1 … ERR_COUNT-1. */
const struct err_row *err_row(enum err e);

/* The failure of a SQLSTATE "FL…", else E_INTERNAL. */
enum err err_of_sqlstate(const char *sqlstate);
