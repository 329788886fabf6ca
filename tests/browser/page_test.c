/* The second verifier's page in a browser: a market that drew is served while
 * verify/test/browser/page.test.js looks at it. */
#include <check.h>
#include <stdlib.h>

#include "tests/api/life.h"
#include "tests/support/child.h"
#include "tests/support/suite.h"

static void
tell(const char *name, const char *value)
{
	ck_assert_int_eq(setenv(name, value, 1), 0);
}

START_TEST(page_verifies_what_a_daemon_serves)
{
	struct scene *s = scene_new("demo");
	const char *project = life_open(s, "draw", NULL, "");
	const char *draw = scene_text(s, "%s.1", project);
	const char *program =
		scene_text(s, "%s/verify/test/browser/page.test.js", getenv("FAIRLOT_SOURCE"));

	for (int i = 0; i < 3; i++)
		(void)life_signup(s, project, i);
	life_pass(s, project, "/deadline_at", "selecting");
	life_contribute(s, draw);
	tell("FAIRLOT_URL", scene_text(s, "https://%s", s->daemon->tls));
	tell("FAIRLOT_DRAW", draw);
	tell("FAIRLOT_WINNER", scene_look(s, scene_text(s, "/v1/draws/%s", draw), "/order/0"));
	ck_assert_int_eq(
		child_run((const char *[]){"node", "--test", "--test-reporter=tap", program, NULL},
			NULL),
		0);
	scene_free(&s);
}
END_TEST

SUITE(page, page_verifies_what_a_daemon_serves)
