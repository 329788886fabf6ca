#pragma once

#include "lib/base/err.h"
#include "lib/base/text.h"

struct arena;
struct shape_faults;

enum lang {
	LANG_ZH,
	LANG_EN
};

/* The language of Accept-Language (RFC 9110, 12.5.4): Chinese or English, whichever has the
 * higher weight, the first of equals; Chinese when neither is named. */
enum lang lang_of(struct text accept_language);

/* What a refusal says.  Everything but err and request_id may be NULL. */
struct problem {
	enum err err;
	enum lang lang;
	const char *request_id;
	const char *rule;    /* the market's rule: "TR5" */
	const char *pointer; /* JSON Pointer, or the bare name of a parameter */
	const char *detail_zh, *detail_en;
	const struct shape_faults *faults; /* one entry of errors[] each */
};

/* The body, application/problem+json (RFC 9457). */
struct text problem_write(const struct problem *p, struct arena *a);
