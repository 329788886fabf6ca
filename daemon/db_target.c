#include "daemon/db_target.h"

#include <libpq-fe.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/base/arena.h"
#include "lib/base/text.h"

enum {
	HOSTS_MAX = 32,
	KEYS_MAX = 64 /* libpq 15 has 41 key words */
};

struct host {
	const char *keys[KEYS_MAX + 1];
	const char *values[KEYS_MAX + 1];
	const char *name;
};

struct db_target {
	struct arena arena;
	size_t count;
	struct host at[HOSTS_MAX];
};

static bool
is_per_host(const char *key)
{
	return strcmp(key, "host") == 0 || strcmp(key, "hostaddr") == 0 || strcmp(key, "port") == 0;
}

static const char *
value_of(const PQconninfoOption *o, const char *key)
{
	for (; o->keyword != NULL; o++)
		if (strcmp(o->keyword, key) == 0)
			return o->val == NULL ? "" : o->val;
	return "";
}

static void
host_set(struct host *h, size_t *n, const char *key, const char *value)
{
	must(*n < KEYS_MAX);
	h->keys[*n] = key;
	h->values[*n] = value;
	(*n)++;
}

/* One reachable address: all settings of the string, and this host alone. */
static bool
host_add(struct db_target *t, const PQconninfoOption *all, const char *user, bool force,
	const char *options, const char *name, const char *addr, const char *port)
{
	struct host *h = &t->at[t->count];
	const char *given = value_of(all, "options");
	size_t n = 0;

	if (t->count == HOSTS_MAX)
		return false;
	for (const PQconninfoOption *o = all; o->keyword != NULL; o++)
		if (o->val != NULL && !is_per_host(o->keyword) &&
			strcmp(o->keyword, "options") != 0 && strcmp(o->keyword, "user") != 0)
			host_set(h, &n, arena_printf(&t->arena, "%s", o->keyword),
				arena_printf(&t->arena, "%s", o->val));
	if (value_of(all, "user")[0] != '\0' && !force)
		user = value_of(all, "user");
	if (user != NULL)
		host_set(h, &n, "user", arena_printf(&t->arena, "%s", user));
	host_set(h, &n, "options",
		arena_printf(&t->arena, "%s%s%s", given, given[0] == '\0' ? "" : " ", options));
	host_set(h, &n, "client_encoding", "UTF8");
	host_set(h, &n, "fallback_application_name", "fairlotd");
	if (name[0] != '\0')
		host_set(h, &n, "host", name);
	if (addr[0] != '\0')
		host_set(h, &n, "hostaddr", addr);
	if (port[0] != '\0')
		host_set(h, &n, "port", port);
	h->name = name[0] != '\0' ? name : addr;
	t->count++;
	return true;
}

struct parts {
	const PQconninfoOption *all;
	const char *user, *options;
	bool force;
};

/* A name becomes one host for each of its addresses; a folder or hostaddr stays as it is. */
static bool
name_add(struct db_target *t, const struct parts *p, const char *name, const char *addr,
	const char *port, char *reterr, size_t size)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
	char text[NI_MAXHOST];
	int e;

	if (name[0] == '\0' || name[0] == '/' || name[0] == '@' || addr[0] != '\0')
		return host_add(t, p->all, p->user, p->force, p->options, name, addr, port);
	if ((e = getaddrinfo(name, NULL, &hints, &list)) != 0) {
		(void)snprintf(reterr, size, "database host %s: %s", name, gai_strerror(e));
		return false;
	}
	for (const struct addrinfo *a = list; a != NULL; a = a->ai_next)
		if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof text, NULL, 0,
			    NI_NUMERICHOST) == 0)
			(void)host_add(t, p->all, p->user, p->force, p->options, name,
				arena_printf(&t->arena, "%s", text), port);
	freeaddrinfo(list);
	return true;
}

/* The i-th of a comma-separated list; a list of one holds for all. */
static const char *
nth(struct arena *a, const char *list, size_t i)
{
	size_t count = 1;

	for (const char *c = list; *c != '\0'; c++)
		count += *c == ',';
	if (count == 1)
		return arena_printf(a, "%s", list);
	for (; i > 0 && *list != '\0'; list++)
		i -= *list == ',';
	return arena_str(a, list, strcspn(list, ","));
}

static bool
hosts_add(struct db_target *t, const struct parts *p, char *reterr, size_t size)
{
	const char *names = value_of(p->all, "host"), *addrs = value_of(p->all, "hostaddr");
	const char *ports = value_of(p->all, "port"), *list = addrs[0] != '\0' ? addrs : names;
	size_t count = 1;

	for (const char *c = list; *c != '\0'; c++)
		count += *c == ',';
	for (size_t i = 0; i < count; i++)
		if (!name_add(t, p, nth(&t->arena, names, i), nth(&t->arena, addrs, i),
			    nth(&t->arena, ports, i), reterr, size))
			return false;
	return true;
}

bool
db_target_new(const char *conninfo, const char *user, bool force, const char *options,
	struct db_target **ret, char *reterr, size_t reterr_size)
{
	char *message = NULL;
	PQconninfoOption *all = PQconninfoParse(conninfo, &message);
	struct parts p = {all, user, options, force};
	struct db_target *t;

	if (all == NULL) {
		(void)snprintf(reterr, reterr_size, "connection string: %s",
			message == NULL ? "no memory" : message);
		PQfreemem(message);
		return false;
	}
	t = calloc(1, sizeof *t);
	must(t != NULL);
	arena_init(&t->arena, SIZE_MAX / 2);
	(void)snprintf(reterr, reterr_size, "more than %d database hosts", HOSTS_MAX);
	if (!hosts_add(t, &p, reterr, reterr_size))
		db_target_free(&t);
	PQconninfoFree(all);
	*ret = t;
	return t != NULL;
}

void
db_target_free(struct db_target **target)
{
	struct db_target *old = *target;

	*target = NULL;
	if (old == NULL)
		return;
	arena_reset(&old->arena);
	free(old);
}

size_t
db_target_hosts(const struct db_target *target)
{
	return target->count;
}

const char *const *
db_target_keys(const struct db_target *target, size_t i)
{
	return target->at[i].keys;
}

const char *const *
db_target_values(const struct db_target *target, size_t i)
{
	return target->at[i].values;
}

const char *
db_target_name(const struct db_target *target, size_t i)
{
	return target->at[i].name;
}
