#pragma once

#include "tests/support/pg.h"

/* Fixtures of a market that is ready: the reference data of data/ is loaded and the profile demo
 * is allowed. */
struct pg *market_new(void);

/* Loads a folder of reference data; "" when it was taken, else why not. */
const char *market_load(struct pg *pg, const char *folder, int *ret_changed);

/* An agency with this state in these categories ("{C01,C02}"), its key; made by the superuser. */
const char *market_agency(struct pg *pg, const char *state, const char *categories);
const char *market_agency_of(struct pg *pg, const char *key); /* id of the key's agency */

/* A valid certificate of an agency; grade may be NULL. */
void market_certificate(struct pg *pg, const char *agency, const char *qualification,
	const char *grade, const char *expires_on);

/* Asserts that the answer was refused so. */
#define ck_refused(answer, want_code, want_rule, want_pointer) \
	do { \
		struct pg_answer refused_answer = (answer); \
		ck_assert_str_eq(refused_answer.code, want_code); \
		ck_assert_str_eq(refused_answer.rule, want_rule); \
		ck_assert_str_eq(refused_answer.pointer, want_pointer); \
		ck_assert_str_ne(refused_answer.zh, ""); \
		ck_assert_str_ne(refused_answer.en, ""); \
	} while (0)

/* Asserts success of a write with this status, or of a read with 0. */
#define ck_answered(answer, want_status) \
	do { \
		struct pg_answer given_answer = (answer); \
		ck_assert_msg(given_answer.code[0] == '\0', "%s: %s", given_answer.code, \
			given_answer.en); \
		ck_assert_int_eq(given_answer.status, want_status); \
	} while (0)
