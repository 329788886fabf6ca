#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/must.h"
#include "lib/base/text.h"

struct arena;

/* A policy profile: the periods and limits a project is judged by.  Its text (rules.txt) is
 * hashed into the project when that opens, so the text has exactly one form:
 *
 *	fairlot-policy/v1
 *	<key> <value>		one line a key, sorted bytewise
 */

enum policy_key {
#define KEY(name, ...) POLICY_##name,
#include "lib/policy/policy.def"
	POLICY_KEYS
};

enum policy_type {
	POLICY_ZONE,
	POLICY_DUE,
	POLICY_SPAN,
	POLICY_COUNT,
	POLICY_FEN,
	POLICY_BP,
	POLICY_CHOICE
};

struct policy_row {
	const char *name;
	enum policy_type type;
	const char *choices; /* of POLICY_CHOICE, separated by '|' */
	const char *demo, *cn_default;
	const char *summary_en, *summary_zh;
};

extern const struct policy_row policy_table[POLICY_KEYS];

/* Values borrow from the text they were parsed from, or are the table's.  A key that an older
 * profile does not know has at == NULL. */
struct policy {
	struct text values[POLICY_KEYS];
};

/* "10s" "2h" "3d" "5wd": a number without leading zero and a unit. */
enum duration_unit {
	DURATION_SECONDS,
	DURATION_HOURS,
	DURATION_DAYS,
	DURATION_WORKING_DAYS
};
struct duration {
	uint32_t n;
	enum duration_unit unit;
};
enum {
	DURATION_MAX = 1000000 /* of any unit; seconds of that many days fit an int64 many times */
};
MUST_USE bool duration_parse(struct text t, struct duration *ret_duration);

/* "+08:00" or "-03:30", up to 14 hours, as minutes ahead of UTC. */
MUST_USE bool zone_parse(struct text t, int *ret_minutes);

bool policy_allows(enum policy_key key, struct text value);

/* The profiles that come with the program: "demo" and "cn-default".  False for another name. */
MUST_USE bool policy_profile(struct text name, struct policy *ret_policy);

struct text policy_build(const struct policy *p, struct arena *a);

/* E_BAD_INPUT unless the text is in the one form and every key is known and allowed. */
MUST_USE enum err policy_parse(struct text rules, struct policy *ret_policy);
