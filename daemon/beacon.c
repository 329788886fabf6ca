/* A child that checks one beacon round.  Its end is seen through a pidfd on the loop's own base, so
 * nothing blocks and no SIGCHLD is needed; it is killed when its time is over. */
#include "daemon/beacon.h"

#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/config.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/task.h"

/* Freed in child_end(), its only way out. */
struct child {
	pid_t pid;
	int fd; /* of the process */
	bool killed;
	struct event *ended;
	struct task *task;
	enum beacon_verdict *verdict;
};

static atomic_int running; /* in all loops */

static void
child_end(struct child *c, enum beacon_verdict verdict)
{
	*c->verdict = verdict;
	event_free(c->ended);
	(void)close(c->fd);
	task_resume(c->task);
	free(c);
	atomic_fetch_sub(&running, 1);
}

/* Only a command that says no says no: one that crashed, or is not there, said nothing. */
static enum beacon_verdict
verdict_of(const struct child *c, int status)
{
	if (!c->killed && WIFEXITED(status) && WEXITSTATUS(status) <= 1)
		return WEXITSTATUS(status) == 0 ? BEACON_TRUE : BEACON_FALSE;
	say(SAY_WARN, "beacon.silent", say_int("pid", c->pid), say_int("status", status));
	return BEACON_SILENT;
}

static void
on_end(evutil_socket_t fd, short what, void *arg)
{
	struct child *c = arg;
	int status = 0;

	(void)fd;
	if (what & EV_TIMEOUT) {
		/* It ends now; then it is readable, and reaped there. */
		c->killed = true;
		(void)kill(c->pid, SIGKILL);
		(void)event_add(c->ended, NULL);
		return;
	}
	(void)waitpid(c->pid, &status, 0);
	child_end(c, verdict_of(c, status));
}

/* The words of the command, then round and signature. */
static void
words_cut(struct arena *a, const char *command, const char *round, const char *signature,
	char *ret_argv[BEACON_WORDS_MAX + 3])
{
	struct text rest = text_of(command), word = {0};
	int n = 0;

	while (n < BEACON_WORDS_MAX && text_cut(&rest, ' ', &word))
		if (word.len > 0)
			ret_argv[n++] = arena_str(a, word.at, word.len);
	ret_argv[n++] = arena_str(a, round, strlen(round));
	ret_argv[n++] = arena_str(a, signature, strlen(signature));
	ret_argv[n] = NULL;
}

/* Nothing of ours goes to it: no descriptor, no environment, no blocked signal. */
static pid_t
child_spawn(char **argv)
{
	static char path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
	char *environment[] = {path, NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t none, all;
	pid_t pid = -1;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	(void)posix_spawnattr_init(&how);
	(void)posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	(void)posix_spawnattr_setsigmask(&how, &none);
	(void)posix_spawnattr_setsigdefault(&how, &all);
	(void)posix_spawn_file_actions_init(&files);
	for (int fd = 0; fd < 3; fd++)
		(void)posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
	(void)posix_spawn_file_actions_addclosefrom_np(&files, 3);
	if (posix_spawnp(&pid, argv[0], &files, &how, argv, environment) != 0)
		pid = -1;
	(void)posix_spawn_file_actions_destroy(&files);
	(void)posix_spawnattr_destroy(&how);
	return pid;
}

/* Nothing runs, and the asker goes on. */
static void
child_none(struct child *c)
{
	task_resume(c->task);
	free(c);
	atomic_fetch_sub(&running, 1);
}

static void
child_run(struct child *c, char **argv, int64_t wait_ms)
{
	const struct timeval wait = {
		.tv_sec = wait_ms / 1000, .tv_usec = (suseconds_t)(wait_ms % 1000) * 1000};

	c->pid = child_spawn(argv);
	if (c->pid > 0)
		c->fd = (int)syscall(SYS_pidfd_open, c->pid, 0);
	if (c->fd < 0) {
		say(SAY_ERROR, "beacon.spawn", say_str("command", argv[0]));
		if (c->pid > 0) {
			(void)kill(c->pid, SIGKILL);
			(void)waitpid(c->pid, NULL, 0);
		}
		child_none(c);
		return;
	}
	(void)fcntl(c->fd, F_SETFD, FD_CLOEXEC);
	c->ended = event_new(c->task->loop->base, c->fd, EV_READ, on_end, c);
	must(c->ended != NULL && event_add(c->ended, &wait) == 0);
}

void
beacon_ask(
	struct task *t, const char *round, const char *signature, enum beacon_verdict *ret_verdict)
{
	const struct config *config = t->loop->config;
	char *argv[BEACON_WORDS_MAX + 3];
	struct child *c = calloc(1, sizeof *c);

	must(c != NULL);
	*c = (struct child){.fd = -1, .task = t, .verdict = ret_verdict};
	task_owe(t);
	*ret_verdict = config->draw_beacon_check[0] == '\0' ? BEACON_NONE : BEACON_BUSY;
	if (atomic_fetch_add(&running, 1) >= BEACON_RUNNING_MAX || *ret_verdict == BEACON_NONE) {
		child_none(c);
		return;
	}
	words_cut(&t->arena, config->draw_beacon_check, round, signature, argv);
	child_run(c, argv, config->draw_beacon_wait_ms);
}
