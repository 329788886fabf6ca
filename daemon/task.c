/* The driver of tasks.  A task is in exactly one of three places: running (task_run is on the
 * stack), waiting (waits > 0), or on its loop's ready list.  Completions move it from the second
 * to the third; only the loop moves it to the first.  It is freed in one place, task_end(). */
#include "daemon/task.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config.h"
#include "daemon/fault.h"
#include "daemon/loop.h"
#include "lib/base/must.h"

enum {
	STEPS_MAX = 64 /* steps in a row without a wait: more is a step that never ends */
};

static struct task *
task_add(struct loop *loop, step_fn *step)
{
	struct task *t = calloc(1, sizeof *t);

	must(t != NULL);
	arena_init(&t->arena, (size_t)loop->config->task_memory);
	arena_init(&t->kept, (size_t)loop->config->task_memory);
	t->step = step;
	t->loop = loop;
	t->if_match = -1;
	t->reply.version = -1;
	(void)snprintf(t->request_id, sizeof t->request_id, "%02x%014llx", loop->index,
		(unsigned long long)(loop->serial++ & 0xffffffffffffff));
	TAILQ_INSERT_TAIL(&loop->tasks, t, all);
	TAILQ_INSERT_TAIL(&loop->ready, t, ready);
	loop->tasks_count++;
	counter_add(&loop->counters.tasks, 1);
	return t;
}

struct task *
task_new(struct loop *loop, step_fn *step)
{
	struct task *t = task_add(loop, step);

	t->deadline_ms = loop_now_ms() + (uint64_t)loop->config->task_deadline_ms;
	return t;
}

struct task *
task_new_job(struct loop *loop, step_fn *step, struct text subject)
{
	struct task *t = task_add(loop, step);

	t->job_subject = text_span(arena_str(&t->arena, subject.at, subject.len), subject.len);
	return t;
}

static void
task_answer(struct task *t)
{
	void (*answer)(struct task *) = t->answer;

	t->answer = NULL;
	if (answer != NULL)
		answer(t);
}

static void
task_end(struct task *t)
{
	struct loop *loop = t->loop;

	must(t->waits == 0);
	task_answer(t);
	TAILQ_REMOVE(&loop->tasks, t, all);
	loop->tasks_count--;
	counter_add(&loop->counters.tasks, -1);
	arena_reset(&t->arena);
	arena_reset(&t->kept);
	free(t);
}

/* The last step of a task that was answered while something was still owed to it. */
static enum turn
task_over(struct task *t)
{
	(void)t;
	return TURN_DONE;
}

static void
task_done(struct task *t)
{
	if (t->waits == 1) {
		t->waits = 0;
		task_end(t);
		return;
	}
	task_answer(t);
	t->step = task_over;
	task_resume(t);
}

/* A running task owes itself one, so a completion that arrives at once (a send on a dead
 * connection) cannot queue a task that is still running. */
void
task_run(struct task *t)
{
	must(t->waits == 0);
	t->waits = 1;
	t->owed = false;
	t->replies_old = true;
	for (int i = 0; i < STEPS_MAX; i++) {
		enum turn turn = t->step(t);

		if (t->op != NULL && fault_hit(FAULT_arena_step))
			t->arena.used = t->arena.limit + 1;
		if (arena_over(&t->arena) && turn != TURN_WAIT && !t->writes_done &&
			t->step != task_over) {
			turn = fail(t, E_TOO_LARGE, NULL,
				arena_printf(&t->arena, "%zu 字节", t->arena.used),
				arena_printf(&t->arena, "%zu bytes", t->arena.used));
		}
		switch (turn) {
		case TURN_NEXT:
			continue;
		case TURN_WAIT:
			must(t->owed); /* else nobody would ever wake it */
			task_resume(t);
			return;
		case TURN_DONE:
			task_done(t);
			return;
		}
	}
	must_fail(__FILE__, __LINE__, "a task took STEPS_MAX steps without waiting");
}

void
task_owe(struct task *t)
{
	must(t->waits > 0); /* only a running step submits */
	t->waits++;
	t->owed = true;
}

void
task_resume(struct task *t)
{
	must(t->waits > 0);
	if (--t->waits == 0)
		TAILQ_INSERT_TAIL(&t->loop->ready, t, ready);
}

/* A late task is answered at once and goes on: what it waits for will still complete, and a
 * write that was sent keeps its stored answer.  */
void
task_check_deadlines(struct loop *loop)
{
	uint64_t now = loop_now_ms();
	struct task *t;

	TAILQ_FOREACH (t, &loop->tasks, all) {
		if (t->deadline_ms == 0 || t->deadline_ms > now || t->answer == NULL ||
			t->waits == 0)
			continue;
		counter_add(&loop->counters.tasks_late, 1);
		if (t->writing)
			(void)fail(t, E_UNCERTAIN, NULL, "未在时限内得到确认",
				"no confirmation in time");
		else
			(void)fail(t, E_BUSY, NULL, "未在时限内得到答复", "no answer in time");
		task_answer(t);
	}
}

enum turn
next(struct task *t, step_fn *step)
{
	t->step = step;
	return TURN_NEXT;
}

enum turn
wait_for(struct task *t, step_fn *step)
{
	t->step = step;
	return TURN_WAIT;
}

enum turn
reply_bytes(struct task *t, int status, const char *type, struct text body)
{
	t->reply.status = status;
	t->reply.type = type;
	t->reply.body = body;
	return TURN_DONE;
}

enum turn
reply_json(struct task *t, int status, struct text body)
{
	return reply_bytes(t, status, NULL, body);
}

enum turn
reply_empty(struct task *t, int status)
{
	return reply_bytes(t, status, "", (struct text){0});
}

enum turn
fail_at(struct task *t, enum err e, const char *rule, const char *pointer, const char *detail_zh,
	const char *detail_en)
{
	struct problem p = {.err = e,
		.lang = t->lang,
		.request_id = t->request_id,
		.rule = rule,
		.pointer = pointer,
		.detail_zh = detail_zh,
		.detail_en = detail_en};

	return fail_problem(t, &p);
}

enum turn
fail_problem(struct task *t, const struct problem *p)
{
	enum err e = p->err;

	t->reply = (struct reply){.version = -1};
	if (e == E_BUSY || e == E_UNCERTAIN || e == E_KEY_IN_FLIGHT || e == E_TOO_MANY)
		t->reply.retry_after_s = 1;
	return reply_bytes(
		t, err_row(e)->http, "application/problem+json", problem_write(p, &t->arena));
}

enum turn
fail(struct task *t, enum err e, const char *rule, const char *detail_zh, const char *detail_en)
{
	return fail_at(t, e, rule, NULL, detail_zh, detail_en);
}
