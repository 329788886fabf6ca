#include "cli/call.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "tests/support/suite.h"

static int
delay(enum outcome outcome, int status, int retry_after_s, bool repeatable, int tries)
{
	struct answer r = {.outcome = outcome, .status = status, .retry_after_s = retry_after_s};

	return call_delay_ms(&r, repeatable, tries);
}

START_TEST(a_request_that_never_left_is_sent_again)
{
	ck_assert_int_eq(delay(OUTCOME_UNSENT, 0, -1, false, 1), 200);
	ck_assert_int_eq(delay(OUTCOME_UNSENT, 0, -1, true, 5), 3200);
	ck_assert_int_eq(delay(OUTCOME_UNSENT, 0, -1, true, CALL_TRIES_MAX), -1);
}
END_TEST

START_TEST(what_may_have_happened_is_repeated_only_under_its_key)
{
	ck_assert_int_gt(delay(OUTCOME_LOST, 0, -1, true, 1), 0);
	ck_assert_int_eq(delay(OUTCOME_LOST, 0, -1, false, 1), -1);
	ck_assert_int_gt(delay(OUTCOME_ANSWER, 503, -1, true, 1), 0);
	ck_assert_int_eq(delay(OUTCOME_ANSWER, 503, -1, false, 1), -1);
}
END_TEST

START_TEST(the_servers_wish_is_kept_up_to_a_limit)
{
	ck_assert_int_eq(delay(OUTCOME_ANSWER, 503, 3, true, 1), 3000);
	ck_assert_int_eq(delay(OUTCOME_ANSWER, 429, 2, false, 1), 2000);
	ck_assert_int_eq(delay(OUTCOME_ANSWER, 409, 1, true, 1), 1000);
	ck_assert_int_eq(delay(OUTCOME_ANSWER, 409, 0, true, 1), 200);
	ck_assert_int_eq(delay(OUTCOME_ANSWER, 503, 31, true, 1), -1);
}
END_TEST

START_TEST(a_final_answer_is_not_asked_for_again)
{
	static const int final[] = {200, 201, 400, 401, 403, 404, 409, 412, 422, 428, 500, 501};

	for (size_t i = 0; i < sizeof final / sizeof final[0]; i++)
		ck_assert_int_eq(delay(OUTCOME_ANSWER, final[i], -1, true, 1), -1);
	ck_assert_int_eq(delay(OUTCOME_BROKEN, 0, -1, true, 1), -1);
}
END_TEST

START_TEST(a_key_does_not_travel_in_the_clear)
{
	static const char *const good[] = {"https://market.example", "http://localhost:8080",
		"http://127.0.0.1", "http://[::1]:80/x"};
	static const char *const bad[] = {"http://market.example", "http://localhost.example",
		"http://127.0.0.1.example", "ftp://localhost", "file:///etc/passwd",
		"market.example"};
	struct caller c;
	const char *err = NULL;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		ck_assert_msg(
			caller_open(&c, &(struct target){.url = good[i]}, &err), "%s", good[i]);
		caller_close(&c);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ck_assert_msg(
			!caller_open(&c, &(struct target){.url = bad[i]}, &err), "%s", bad[i]);
}
END_TEST

START_TEST(a_code_is_taken_from_a_problem_only)
{
	struct answer r = {.outcome = OUTCOME_ANSWER, .body = text_of("{\"code\":\"busy\"}")};
	struct arena a;

	arena_init(&a, 1 << 16);
	ck_assert(text_is(answer_code(&r, &a), "busy"));
	r.body = text_of("<html>");
	ck_assert_uint_eq(answer_code(&r, &a).len, 0);
	r.body = text_of("{\"code\":7}");
	ck_assert_uint_eq(answer_code(&r, &a).len, 0);
	ck_assert_str_ne(call_new_key(&a), call_new_key(&a));
	ck_assert_uint_eq(strlen(call_new_key(&a)), 32);
	arena_reset(&a);
}
END_TEST

SUITE(call, a_request_that_never_left_is_sent_again,
	what_may_have_happened_is_repeated_only_under_its_key,
	the_servers_wish_is_kept_up_to_a_limit, a_final_answer_is_not_asked_for_again,
	a_key_does_not_travel_in_the_clear, a_code_is_taken_from_a_problem_only)
