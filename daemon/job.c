/* Loop 0 claims; each claimed job is a task without a connection.  All of this runs on loop 0's
 * thread. */
#include "daemon/job.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/db.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "lib/base/must.h"

/* A kind that job.def does not have belongs to a newer daemon: it is left alone. */
struct job_kind {
	const char *name;
	step_fn *step;
	enum sql_id id;
};

#define JOB(kind, step, ...) step_fn step;
#include "daemon/job.def"

static const struct job_kind kinds[] = {
#define JOB(kind, step, statement, ...) {#kind, step, SQL_##statement},
#include "daemon/job.def"
};

static struct jobs {
	struct loop *loop; /* NULL: stopped */
	bool claiming;
	uint64_t next_ms;
	unsigned running;
} jobs;

/* What a job is, behind task.job. */
struct job_frame {
	const struct job_kind *kind;
};

static void
job_over(void *arg)
{
	struct jobs *j = arg;

	j->running--;
}

static const struct job_kind *
kind_find(struct text name)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (text_is(name, kinds[i].name))
			return &kinds[i];
	return NULL;
}

static void
job_new(struct text name, struct text subject)
{
	const struct job_kind *kind = kind_find(name);
	struct task *t;
	struct job_frame *frame;

	if (kind == NULL)
		return;
	t = task_new_job(jobs.loop, kind->step, subject);
	jobs.running++;
	arena_defer(&t->arena, job_over, &jobs);
	frame = arena_new(&t->arena, struct job_frame);
	frame->kind = kind;
	t->job = frame;
}

static enum turn
claimed(struct task *t)
{
	int rows = t->replies->err == OK ? db_rows(t) : 0;

	jobs.claiming = false;
	if (t->replies->err != OK)
		say(SAY_WARN, "job.claim", say_str("error", err_row(t->replies->err)->code));
	for (int i = 0; i < rows && jobs.loop != NULL; i++)
		job_new(db_value(t, i, "kind"), db_value(t, i, "subject"));
	if (rows == JOB_CLAIM_MAX)
		jobs.next_ms = 0;
	return reply_json(t, 204, (struct text){NULL, 0});
}

static enum turn
claim(struct task *t)
{
	/* A claim of more than what may run at once would let leases pass unused. */
	db_send(t, SQL_job_claim,
		(const char *[]){arena_printf(&t->arena, "%d", JOB_CLAIM_MAX), "30s"});
	return wait_for(t, claimed);
}

static void
on_tick(struct loop *loop)
{
	if (jobs.loop == NULL || loop->draining || jobs.claiming ||
		jobs.running + JOB_CLAIM_MAX > JOB_RUNNING_MAX || loop_now_ms() < jobs.next_ms)
		return;
	jobs.claiming = true;
	jobs.next_ms = loop_now_ms() + JOB_EVERY_MS;
	(void)task_new_job(loop, claim, (struct text){NULL, 0});
}

void
job_start(struct loop *loop)
{
	jobs = (struct jobs){.loop = loop};
	loop_watch(loop, on_tick);
}

void
job_stop(void)
{
	jobs.loop = NULL;
}

static enum turn
noted(struct task *t)
{
	return reply_json(t, 204, (struct text){NULL, 0});
}

enum turn
job_fail(struct task *t, const char *why)
{
	const struct job_frame *frame = t->job;
	const char *subject = arena_str(&t->arena, t->job_subject.at, t->job_subject.len);

	say(SAY_WARN, "job.failed", say_str("kind", frame->kind->name), say_str("subject", subject),
		say_str("error", why));
	db_send(t, SQL_job_fail, (const char *[]){frame->kind->name, subject, why});
	return wait_for(t, noted);
}

enum turn
job_end(struct task *t)
{
	const struct db_reply *r = t->replies;

	if (r->err == OK)
		return reply_json(t, 204, (struct text){NULL, 0});
	return job_fail(t, arena_printf(&t->arena, "%s: %s", err_row(r->err)->code, r->detail_en));
}

enum turn
job_sql(struct task *t)
{
	const struct job_frame *frame = t->job;

	must(sql_table[frame->kind->id].params_count == 1);
	db_send(t, frame->kind->id,
		(const char *[]){arena_str(&t->arena, t->job_subject.at, t->job_subject.len)});
	return wait_for(t, job_end);
}
