#pragma once

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/* SUITE(name, test, …) is the main() of a test program: one suite of these tests, in order; a test
 * may be suite_loop(test, count).  SUITE_WHERE(name, can, test, …) is skipped where it cannot run.
 * SUITE_WITH(name, setup, teardown, last, test, …) has a fixture around each test, but not around
 * the last, which ends what all of them used. */
#define SUITE(name, ...)	    SUITE_MAIN(name, true, NULL, NULL, NULL, __VA_ARGS__)
#define SUITE_WHERE(name, can, ...) SUITE_MAIN(name, can, NULL, NULL, NULL, __VA_ARGS__)
#define SUITE_WITH(name, setup, teardown, last, ...) \
	SUITE_MAIN(name, true, setup, teardown, last, __VA_ARGS__)
#define SUITE_MAIN(name, can, setup, teardown, last, ...) \
	int main(void) \
	{ \
		const TTest *const tests[] = {__VA_ARGS__}; \
		const struct suite suite = { \
			#name, setup, teardown, last, tests, sizeof tests / sizeof tests[0]}; \
		return (can) ? suite_run(&suite) : SUITE_SKIPPED; \
	}

struct suite {
	const char *name;
	void (*setup)(void), (*teardown)(void);
	const TTest *last; /* NULL: none */
	const TTest *const *tests;
	size_t count;
};

enum {
	SUITE_SKIPPED = 77 /* as meson takes it */
};

enum {
	SUITE_LOOPS = 16
};

static struct {
	const TTest *test;
	int count;
} suite_loops[SUITE_LOOPS];

/* Runs for _i = 0 … count - 1. */
static inline const TTest *
suite_loop(const TTest *test, int count)
{
	size_t i = 0;

	while (suite_loops[i].test != NULL)
		if (++i == SUITE_LOOPS)
			abort();
	suite_loops[i].test = test;
	suite_loops[i].count = count;
	return test;
}

static inline int
suite_count(const TTest *test)
{
	for (size_t i = 0; i < SUITE_LOOPS; i++)
		if (suite_loops[i].test == test)
			return suite_loops[i].count;
	return 1;
}

static inline int
suite_run(const struct suite *suite)
{
	Suite *s = suite_create(suite->name);
	TCase *c = tcase_create(suite->name), *last = tcase_create("last");
	SRunner *r;
	int failed;

	tcase_set_timeout(c, 300);
	tcase_add_checked_fixture(c, suite->setup, suite->teardown);
	for (size_t i = 0; i < suite->count; i++)
		tcase_add_loop_test(c, suite->tests[i], 0, suite_count(suite->tests[i]));
	if (suite->last != NULL)
		tcase_add_test(last, suite->last);
	suite_add_tcase(s, c);
	suite_add_tcase(s, last);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
