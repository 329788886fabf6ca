/* The driver, with completions that the test makes itself. */
#include "daemon/task.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config.h"
#include "daemon/loop.h"
#include "daemon/mailbox.h"
#include "tests/support/suite.h"

#undef fail /* check.h has a macro of this name */

static struct loop *loop;
static int answers, last_status, steps_run;
static uintptr_t stack_low, stack_high;
static char last_body[1024];

static void
setup(const char *limit)
{
	struct config *c = NULL;
	char why[256];
	const char *args[] = {"--task.deadline=50ms", limit};

	ck_assert(config_load(args, limit == NULL ? 1 : 2, NULL, &c, why, sizeof why));
	loop = loop_new(0, 1, c);
	answers = last_status = steps_run = 0;
	stack_low = UINTPTR_MAX;
	stack_high = 0;
}

static void
answer(struct task *t)
{
	answers++;
	last_status = t->reply.status;
	(void)snprintf(last_body, sizeof last_body, TEXT_FMT, TEXT_ARG(t->reply.body));
	loop_stop(t->loop);
}

static struct task *
start(step_fn *step)
{
	struct task *t = task_new(loop, step);

	t->answer = answer;
	return t;
}

static void
finish(void)
{
	ck_assert_uint_eq(loop->tasks_count, 0);
	loop_free(&loop);
}

enum {
	WAITS = 1000000
};

static enum turn
inline_wait(struct task *t)
{
	char here;

	steps_run++;
	if ((uintptr_t)&here < stack_low)
		stack_low = (uintptr_t)&here;
	if ((uintptr_t)&here > stack_high)
		stack_high = (uintptr_t)&here;
	if (steps_run == WAITS)
		return reply_json(t, 200, text_of("{}"));
	task_owe(t);
	task_resume(t); /* completes inside the step, as a send on a dead connection does */
	return wait_for(t, inline_wait);
}

START_TEST(million_waits_that_complete_inside_the_step_take_no_stack)
{
	setup(NULL);
	start(inline_wait)->deadline_ms = 0;
	loop_run(loop);
	ck_assert_int_eq(steps_run, WAITS);
	ck_assert_int_eq(answers, 1);
	ck_assert_uint_eq(stack_high - stack_low, 0);
	finish();
}
END_TEST

static struct task *waiting;

static void
complete(struct loop *l, void *arg)
{
	(void)l;
	(void)arg;
	task_resume(waiting);
}

static void
stop(struct loop *l, void *arg)
{
	(void)arg;
	loop_stop(l);
}

static enum turn
after_two(struct task *t)
{
	steps_run++;
	return reply_json(t, 200, text_of("{}"));
}

static enum turn
wait_for_two(struct task *t)
{
	waiting = t;
	task_owe(t);
	task_owe(t);
	mailbox_post(loop, complete, NULL);
	mailbox_post(loop, complete, NULL);
	return wait_for(t, after_two);
}

START_TEST(task_with_two_submits_resumes_once_after_both)
{
	setup(NULL);
	(void)start(wait_for_two);
	loop_run(loop);
	ck_assert_int_eq(steps_run, 1);
	ck_assert_int_eq(last_status, 200);
	finish();
}
END_TEST

static enum turn
wait_for_ever(struct task *t)
{
	waiting = t;
	task_owe(t);
	return wait_for(t, after_two);
}

static enum turn
write_for_ever(struct task *t)
{
	t->writing = true;
	return wait_for_ever(t);
}

START_TEST(late_task_is_answered_and_goes_on)
{
	setup(NULL);
	(void)start(_i == 0 ? wait_for_ever : write_for_ever);
	loop_run(loop);
	ck_assert_int_eq(answers, 1);
	ck_assert_int_eq(last_status, 503);
	ck_assert_ptr_nonnull(strstr(last_body, _i == 0 ? "\"busy\"" : "\"outcome-unknown\""));
	ck_assert_uint_eq(loop->tasks_count, 1);
	loop->stop = false;
	mailbox_post(loop, complete, NULL);
	while (loop->tasks_count > 0) {
		mailbox_post(loop, stop, NULL);
		loop_run(loop);
		loop->stop = false;
	}
	ck_assert_int_eq(steps_run, 1);
	ck_assert_int_eq(answers, 1);
	finish();
}
END_TEST

static enum turn
eat(struct task *t)
{
	(void)arena_alloc(&t->arena, 200000);
	return reply_json(t, 200, text_of("{}"));
}

static enum turn
eat_after_write(struct task *t)
{
	t->writes_done = true;
	return eat(t);
}

START_TEST(full_arena_is_too_large_unless_a_write_is_confirmed)
{
	setup("--task.memory=64KiB");
	(void)start(_i == 0 ? eat : eat_after_write);
	loop_run(loop);
	ck_assert_int_eq(last_status, _i == 0 ? 413 : 200);
	finish();
}
END_TEST

static enum turn
done_while_owed(struct task *t)
{
	waiting = t;
	task_owe(t);
	mailbox_post(loop, complete, NULL);
	return fail(t, E_RULE, "TR5", "不足", "too few");
}

START_TEST(task_that_ends_while_owed_is_freed_after_the_completion)
{
	setup(NULL);
	(void)start(done_while_owed);
	loop_run(loop);
	ck_assert_int_eq(last_status, 422);
	ck_assert_ptr_nonnull(strstr(last_body, "不足"));
	ck_assert_ptr_nonnull(strstr(last_body, "TR5"));
	while (loop->tasks_count > 0) {
		loop->stop = false;
		mailbox_post(loop, stop, NULL);
		loop_run(loop);
	}
	finish();
}
END_TEST

static enum turn
job_step(struct task *t)
{
	ck_assert(text_is(t->job_subject, "prj_1.1"));
	return reply_empty(t, 204);
}

START_TEST(job_is_a_task_without_a_connection_or_deadline)
{
	struct task *t;
	char subject[] = "prj_1.1";

	setup(NULL);
	t = task_new_job(loop, job_step, text_of(subject));
	subject[0] = 'x';
	t->answer = answer;
	ck_assert_uint_eq(t->deadline_ms, 0);
	loop_run(loop);
	ck_assert_int_eq(last_status, 204);
	finish();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("task");
	TCase *c = tcase_create("task");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(c, 60);
	tcase_add_test(c, million_waits_that_complete_inside_the_step_take_no_stack);
	tcase_add_test(c, task_with_two_submits_resumes_once_after_both);
	tcase_add_loop_test(c, late_task_is_answered_and_goes_on, 0, 2);
	tcase_add_loop_test(c, full_arena_is_too_large_unless_a_write_is_confirmed, 0, 2);
	tcase_add_test(c, task_that_ends_while_owed_is_freed_after_the_completion);
	tcase_add_test(c, job_is_a_task_without_a_connection_or_deadline);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
