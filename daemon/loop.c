/* A turn of a loop: wait for events, run their callbacks, then run the tasks that became ready.
 * Tasks run nowhere else, so no callback finds a task half-way through a step. */
#include "daemon/loop.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "daemon/config.h"
#include "daemon/mailbox.h"
#include "daemon/task.h"
#include "lib/base/must.h"

enum {
	READY_MAX = 1024 /* tasks a turn; then the sockets get their chance */
};

struct loop_watcher {
	struct loop_watcher *next;
	void (*run)(struct loop *loop);
};

uint64_t
loop_now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void
tick(evutil_socket_t fd, short what, void *arg)
{
	struct loop *loop = arg;

	(void)fd;
	(void)what;
	for (struct loop_watcher *w = loop->watchers; w != NULL; w = w->next)
		w->run(loop);
	task_check_deadlines(loop);
}

void
loop_watch(struct loop *loop, void (*run)(struct loop *loop))
{
	struct loop_watcher *w = calloc(1, sizeof *w);

	must(w != NULL);
	w->next = loop->watchers;
	w->run = run;
	loop->watchers = w;
}

struct loop *
loop_new(unsigned index, unsigned count, struct config *config)
{
	struct timeval every = {.tv_usec = LOOP_TICK_MS * 1000};
	struct loop *loop = calloc(1, sizeof *loop);

	must(loop != NULL);
	loop->index = index;
	loop->count = count;
	loop->config = config;
	must(getrandom(&loop->serial, sizeof loop->serial, 0) == sizeof loop->serial);
	TAILQ_INIT(&loop->ready);
	TAILQ_INIT(&loop->tasks);
	loop->base = event_base_new();
	must(loop->base != NULL);
	loop->mailbox = mailbox_new(loop);
	loop->tick = event_new(loop->base, -1, EV_PERSIST, tick, loop);
	must(loop->tick != NULL && event_add(loop->tick, &every) == 0);
	return loop;
}

void
loop_free(struct loop **loop)
{
	struct loop *old = *loop;
	struct loop_watcher *w;

	*loop = NULL;
	if (old == NULL)
		return;
	must(TAILQ_EMPTY(&old->tasks));
	while ((w = old->watchers) != NULL) {
		old->watchers = w->next;
		free(w);
	}
	event_free(old->tick);
	mailbox_free(&old->mailbox);
	event_base_free(old->base);
	config_unref(&old->config);
	free(old);
}

unsigned
loop_index(const struct loop *loop)
{
	return loop->index;
}

static void
ready_run(struct loop *loop)
{
	struct task *t;

	for (int i = 0; i < READY_MAX && (t = TAILQ_FIRST(&loop->ready)) != NULL; i++) {
		TAILQ_REMOVE(&loop->ready, t, ready);
		task_run(t);
	}
}

void
loop_run(struct loop *loop)
{
	while (!loop->stop) {
		int flags = TAILQ_EMPTY(&loop->ready) ? EVLOOP_ONCE : EVLOOP_ONCE | EVLOOP_NONBLOCK;

		must(event_base_loop(loop->base, flags) >= 0);
		ready_run(loop);
	}
}

void
loop_stop(struct loop *loop)
{
	loop->stop = true;
}

void
loop_drain(struct loop *loop)
{
	loop->draining = true;
	loop->drain_by_ms = loop_now_ms() + (uint64_t)loop->config->drain_ms;
}
