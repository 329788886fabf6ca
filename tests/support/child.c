#include "tests/support/child.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void
run(const char *const *args, const char *log)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (log != NULL) {
		int out = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

		(void)dup2(out, STDOUT_FILENO);
		(void)dup2(out, STDERR_FILENO);
	}
	(void)execvp(args[0], (char *const *)(uintptr_t)args);
	_exit(127);
}

pid_t
child_start(const char *const *args, const char *log)
{
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		run(args, log);
	return pid;
}

int
child_end(pid_t pid, int signal)
{
	int status;

	if (signal != 0)
		(void)kill(pid, signal);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
child_run(const char *const *args, const char *log)
{
	return child_end(child_start(args, log), 0);
}
