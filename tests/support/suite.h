#pragma once

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/* SUITE(name, test, …) is the main() of a test program: one suite of these tests, in order.
 * SUITE_WHERE(name, can, test, …) is skipped where it cannot run. */
#define SUITE(name, ...) SUITE_WHERE(name, true, __VA_ARGS__)
#define SUITE_WHERE(name, can, ...) \
	int main(void) \
	{ \
		const TTest *const tests[] = {__VA_ARGS__}; \
		if (!(can)) \
			return SUITE_SKIPPED; \
		return suite_run(#name, tests, sizeof tests / sizeof tests[0]); \
	}

enum {
	SUITE_SKIPPED = 77 /* as meson takes it */
};

static inline int
suite_run(const char *name, const TTest *const *tests, size_t count)
{
	Suite *s = suite_create(name);
	TCase *c = tcase_create(name);
	SRunner *r;
	int failed;

	tcase_set_timeout(c, 300);
	for (size_t i = 0; i < count; i++)
		tcase_add_test(c, tests[i]);
	suite_add_tcase(s, c);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
