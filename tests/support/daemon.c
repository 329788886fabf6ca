#include "tests/support/daemon.h"

#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/child.h"
#include "tests/support/folder.h"

enum {
	READY_MS = 60000,
	FLAGS_MAX = 64
};

static void
child(struct daemon *d, const char *const *flags, int out)
{
	const char *program = getenv("FAIRLOTD");
	const char *args[FLAGS_MAX] = {program, "--database", pg_conninfo(d->pg, "fairlot_writer"),
		"--db.reader", pg_conninfo(d->pg, "fairlot_reader"), "--db.migrator",
		pg_conninfo(d->pg, "postgres"), "--data", d->folder, "--listen.tls", "127.0.0.1:0",
		"--listen.plain", "127.0.0.1:0", "--listen.admin", "127.0.0.1:0", "--market.demo",
		"on", "--log.level", "warn", "--db.writers", "4", "--db.readers", "2"};
	size_t n = 0;

	while (args[n] != NULL)
		n++;
	for (; flags != NULL && *flags != NULL && n + 1 < FLAGS_MAX; flags++)
		args[n++] = *flags;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* no daemon outlives a test that failed */
	(void)dup2(out, STDOUT_FILENO);
	(void)execv(program, (char *const *)(uintptr_t)args);
	_exit(127);
}

static void
ready_read(struct daemon *d, int in)
{
	char line[512] = "";
	size_t len = 0;
	struct pollfd p = {.fd = in, .events = POLLIN};

	while (strchr(line, '\n') == NULL) {
		ssize_t n;

		ck_assert_msg(poll(&p, 1, READY_MS) == 1, "fairlotd is not ready in time");
		n = read(in, line + len, sizeof line - 1 - len);
		ck_assert_msg(n > 0, "fairlotd ended before it was ready");
		len += (size_t)n;
		line[len] = '\0';
	}
	ck_assert_msg(sscanf(line, "fairlotd ready pid=%*d tls=%79s plain=%79s admin=%79s", d->tls,
			      d->plain, d->admin) == 3,
		"%s", line);
}

void
daemon_restart(struct daemon *d, const char *const *flags)
{
	int ends[2];

	ck_assert_msg(getenv("FAIRLOTD") != NULL, "FAIRLOTD names no program");
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	d->pid = fork();
	ck_assert_int_ge(d->pid, 0);
	if (d->pid == 0)
		child(d, flags, ends[1]);
	(void)close(ends[1]);
	ready_read(d, ends[0]);
	(void)close(ends[0]);
}

static struct daemon *
daemon_over(struct pg *pg)
{
	struct daemon *d = calloc(1, sizeof *d);

	ck_assert_ptr_nonnull(d);
	d->pg = pg;
	(void)snprintf(d->folder, sizeof d->folder, "/tmp/fairlot-daemon-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(d->folder));
	return d;
}

struct daemon *
daemon_new(struct pg *pg, const char *const *flags)
{
	struct daemon *d = daemon_over(pg);

	daemon_restart(d, flags);
	return d;
}

struct daemon *
daemon_twin(const struct daemon *d, struct pg *pg)
{
	struct daemon *twin = daemon_over(pg);
	char from[sizeof d->folder + 2];

	(void)snprintf(from, sizeof from, "%s/.", d->folder);
	ck_assert_int_eq(
		child_run((const char *[]){"cp", "-a", from, twin->folder, NULL}, NULL), 0);
	return twin;
}

static int
ended(struct daemon *d, int number)
{
	int status;

	if (d->pid == 0)
		return 0;
	(void)kill(d->pid, number);
	ck_assert_int_eq(waitpid(d->pid, &status, 0), d->pid);
	d->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
daemon_stop(struct daemon *d)
{
	return ended(d, SIGTERM);
}

void
daemon_kill(struct daemon *d)
{
	(void)ended(d, SIGKILL);
}

void
daemon_free(struct daemon **d)
{
	struct daemon *old = *d;

	*d = NULL;
	if (old == NULL)
		return;
	ck_assert_int_eq(daemon_stop(old), 0);
	folder_remove(old->folder);
	free(old);
}
