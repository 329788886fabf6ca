#pragma once

/* What a verifier checks; the rows stand in check.def.  A parser or a check of lib/draw returns
 * CHECK_OK or the one check that does not hold, and then leaves its results untouched. */
enum check {
	CHECK_OK = 0,
#define CHECK(name, group, code, zh, en) CHECK_##name,
#include "lib/draw/check.def"
	CHECK_COUNT
};

enum check_group {
	GROUP_FORM,
	GROUP_FREEZE,
	GROUP_LIST,
	GROUP_TEXTS,
	GROUP_SIGNUP,
	GROUP_VALUE,
	GROUP_RESULT,
	GROUP_ATTEMPTS,
	GROUP_JOURNAL
};

struct check_row {
	enum check_group group;
	const char *code; /* stable, kebab-case, never translated */
	const char *zh, *en;
};

/* c must be a check: 1 … CHECK_COUNT-1. */
const struct check_row *check_row(enum check c);
