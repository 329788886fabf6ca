#pragma once

#include "daemon/task.h"

struct db_reply;

/* Timers that live in the database (daemon/job.def).  Every daemon asks every 250 ms for due jobs
 * and claims some with a lease; a job of a dead daemon is claimed again when its lease is over.
 * A timer never decides: its function compares the clock itself, under the subject's lock. */
enum {
	JOB_EVERY_MS = 250,
	JOB_CLAIM_MAX = 16, /* a claim; the next follows at once when it was full */
	JOB_RUNNING_MAX = 64
};

/* On loop 0, before it runs. */
void job_start(struct loop *loop);
void job_stop(void);

/* How a job's last step ends: the newest reply is its outcome.  A failure is noted with the job,
 * which is tried again later. */
step_fn job_end;
/* The same for a failure found in C. */
enum turn job_fail(struct task *t, const char *why);

/* The step of jobs that are one statement. */
step_fn job_sql;
