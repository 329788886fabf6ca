#include "tests/bench/pgbench.h"

#include <check.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/load.h"
#include "tests/support/folder.h"

enum {
	SAMPLES_MAX = 4 * 1024 * 1024,
	OUTPUT_MAX = 65536
};

static void
script_write(const char *path, const char *script)
{
	FILE *f = fopen(path, "we");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(script, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

static void
child(const struct pgbench *b, const char *folder, int out)
{
	char clients[12], seconds[12];
	const char *args[] = {"pgbench", "--no-vacuum", "--protocol=prepared", "--log",
		"--file=script", "--client", clients, "--jobs=1", "--time", seconds, "--define=n=0",
		b->conninfo, NULL};

	(void)snprintf(clients, sizeof clients, "%d", b->clients);
	(void)snprintf(seconds, sizeof seconds, "%lld", (long long)b->duration_s);
	if (chdir(folder) != 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
		_exit(127);
	(void)execvp(args[0], (char *const *)(uintptr_t)args);
	_exit(127);
}

/* "client transaction latency-in-µs …", a line each. */
static void
latencies_read(struct pgbench *b, const char *folder)
{
	uint32_t *us = calloc(SAMPLES_MAX, sizeof *us);
	char pattern[96], line[256];
	int64_t n = 0;
	glob_t found;

	ck_assert_ptr_nonnull(us);
	(void)snprintf(pattern, sizeof pattern, "%s/pgbench_log.*", folder);
	ck_assert_int_eq(glob(pattern, 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		FILE *f = fopen(found.gl_pathv[i], "re");

		ck_assert_ptr_nonnull(f);
		while (n < SAMPLES_MAX && fgets(line, sizeof line, f) != NULL)
			n += sscanf(line, "%*d %*d %u", &us[n]) == 1;
		(void)fclose(f);
	}
	globfree(&found);
	b->p50_ms = percentile(us, n, 50) / 1e3;
	b->p99_ms = percentile(us, n, 99) / 1e3;
	free(us);
}

void
pgbench_run(struct pgbench *b)
{
	char folder[] = "/tmp/fairlot-bench-XXXXXX", path[64], output[OUTPUT_MAX];
	const char *rate;
	size_t len;
	FILE *f;
	pid_t pid;
	int ends[2], status;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof path, "%s/script", folder);
	script_write(path, b->script);
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		child(b, folder, ends[1]);
	(void)close(ends[1]);
	f = fdopen(ends[0], "r");
	ck_assert_ptr_nonnull(f);
	len = fread(output, 1, sizeof output - 1, f);
	output[len] = '\0';
	(void)fclose(f);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "pgbench: %s", output);
	rate = strstr(output, "\ntps = ");
	ck_assert_msg(rate != NULL && sscanf(rate, "\ntps = %lf", &b->rate) == 1, "%s", output);
	latencies_read(b, folder);
	folder_remove(folder);
}
