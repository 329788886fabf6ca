#include "tests/bench/cpu.h"

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct times {
	pid_t parent;
	unsigned long own, children; /* ticks; those of children that were waited for */
};

static bool
times_read(pid_t pid, struct times *ret_times)
{
	unsigned long user, system;
	long child_user, child_system;
	char path[64], line[1024];
	const char *after;
	FILE *f;
	int parent;

	(void)snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	after = fgets(line, sizeof line, f) == NULL ? NULL : strrchr(line, ')');
	(void)fclose(f);
	if (after == NULL ||
		sscanf(after + 1, " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld",
			&parent, &user, &system, &child_user, &child_system) != 5)
		return false;
	*ret_times = (struct times){
		parent, user + system, (unsigned long)child_user + (unsigned long)child_system};
	return true;
}

static double
seconds(unsigned long ticks)
{
	return (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

double
cpu_of(pid_t pid)
{
	struct times t;

	return times_read(pid, &t) ? seconds(t.own) : 0;
}

pid_t
parent_of(pid_t pid)
{
	struct times t;

	ck_assert(times_read(pid, &t));
	return t.parent;
}

double
cpu_of_tree(pid_t pid)
{
	char path[80];
	struct times t;
	unsigned long ticks;
	long child;
	FILE *f;

	if (!times_read(pid, &t))
		return 0;
	ticks = t.own + t.children;
	(void)snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)pid, (long)pid);
	f = fopen(path, "re");
	while (f != NULL && fscanf(f, "%ld", &child) == 1)
		if (times_read((pid_t)child, &t))
			ticks += t.own + t.children;
	if (f != NULL)
		(void)fclose(f);
	return seconds(ticks);
}
