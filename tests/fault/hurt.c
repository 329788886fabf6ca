#include "tests/fault/hurt.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/client.h"
#include "tests/support/daemon.h"
#include "tests/support/until.h"

enum {
	IDLE_MS = 20000
};

static struct answer
ask(struct client *c, const char *method, const char *point, int n)
{
	char target[80];
	int len = snprintf(target, sizeof target, "/faults/%s/", point);

	if (n >= 0)
		(void)snprintf(target + len, sizeof target - (size_t)len, "%d", n);
	return client_call(c, method, target, "", NULL);
}

void
hurt_arm(const struct daemon *d, const char *point, int n)
{
	struct client *c = client_new(d->admin, false);

	ck_assert_int_eq(ask(c, "PUT", point, n).status, 204);
	client_free(&c);
}

bool
hurt_was_hit(const struct daemon *d, const char *point)
{
	struct client *c = client_new(d->admin, false);
	struct answer a = ask(c, "GET", point, -1);
	bool hit = text_is(a.body, "hit\n");

	ck_assert_int_eq(a.status, 200);
	client_free(&c);
	return hit;
}

int64_t
hurt_figure(const struct daemon *d, const char *name)
{
	struct client *c = client_new(d->admin, false);
	struct answer a = client_call(c, "GET", "/metrics", "", NULL);
	const char *line;
	long long n;

	ck_assert_int_eq(a.status, 200);
	line = strstr(a.body.at, arena_printf(&c->arena, "\nfairlot_%s ", name));
	ck_assert_msg(line != NULL, "no figure %s", name);
	ck_assert_int_eq(sscanf(line, "\nfairlot_%*s %lld", &n), 1);
	client_free(&c);
	return n;
}

static bool
is_idle(void *arg)
{
	return hurt_figure(arg, "tasks") == 1; /* the question itself */
}

void
hurt_idle(const struct daemon *d)
{
	ck_assert_msg(until(is_idle, (void *)(uintptr_t)d, IDLE_MS), "%lld tasks are left",
		(long long)hurt_figure(d, "tasks"));
}

int64_t
hurt_descriptors(pid_t pid)
{
	char path[64];
	int64_t n = 0;
	DIR *dir;

	(void)snprintf(path, sizeof path, "/proc/%ld/fd", (long)pid);
	dir = opendir(path);
	ck_assert_ptr_nonnull(dir);
	for (const struct dirent *e; (e = readdir(dir)) != NULL;)
		n += e->d_name[0] != '.';
	(void)closedir(dir);
	return n;
}

int64_t
hurt_memory_kib(pid_t pid)
{
	char path[64], line[128];
	long kib = 0;
	FILE *f;

	(void)snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "VmRSS: %ld kB", &kib) == 1)
			break;
	(void)fclose(f);
	return kib;
}
