#include "daemon/listen.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/loop.h"

enum {
	ACCEPTS_MAX = 64, /* connections a turn: others have work, too */
	SAY_EVERY_MS = 10000
};

struct listener {
	struct listener *next;
	struct loop *loop;
	enum conn_kind kind;
	int fd;
	uint64_t said_ms; /* when the lack of descriptors was last told */
	int reserve;	  /* an open descriptor, given up to refuse a client when none is left */
	struct event *readable;
};

static bool
refuse(char *reterr, size_t size, const char *address, const char *why)
{
	(void)snprintf(reterr, size, "cannot listen on %s: %s", address, why);
	return false;
}

static bool
is_loopback(const struct sockaddr *a)
{
	if (a->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr) >>
			24 ==
			127;
	return a->sa_family == AF_INET6 &&
		IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr);
}

/* "127.0.0.1:0", "[::1]:8443". */
static struct addrinfo *
resolve(const char *address)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM};
	struct addrinfo *list = NULL;
	const char *colon = strrchr(address, ':');
	char host[64];
	size_t len;

	if (colon == NULL)
		return NULL;
	len = (size_t)(colon - address);
	if (len >= 2 && address[0] == '[' && address[len - 1] == ']') {
		address++;
		len -= 2;
	}
	if (len >= sizeof host)
		return NULL;
	(void)snprintf(host, sizeof host, "%.*s", (int)len, address);
	return getaddrinfo(host, colon + 1, &hints, &list) == 0 ? list : NULL;
}

/* SO_REUSEPORT would let another process of this user share the port, and the kernel would spread
 * clients over both: so a socket without it must get the port first. */
static bool
is_free(const struct sockaddr *at, socklen_t len)
{
	int fd = socket(at->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1, e;
	bool bound;

	if (fd < 0)
		return false;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (at->sa_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	bound = bind(fd, at, len) == 0;
	e = errno;
	(void)close(fd);
	errno = e;
	return bound;
}

static int
socket_bind(const struct sockaddr *at, socklen_t len, int backlog)
{
	int fd = socket(at->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
	if (at->sa_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	if (bind(fd, at, len) == 0 && listen(fd, backlog) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

static void
name_of(const struct sockaddr_storage *at, socklen_t len, char ret_name[LISTEN_NAME])
{
	char host[64] = "", port[8] = "";

	(void)getnameinfo((const struct sockaddr *)(const void *)at, len, host, sizeof host, port,
		sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
	(void)snprintf(
		ret_name, LISTEN_NAME, at->ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

bool
listen_bind(const char *address, bool loopback, int backlog, int *ret_fds, unsigned count,
	char ret_name[LISTEN_NAME], char *reterr, size_t reterr_size)
{
	struct addrinfo *list = resolve(address);
	struct sockaddr_storage at = {0};
	socklen_t len = sizeof at;

	if (list == NULL)
		return refuse(reterr, reterr_size, address, "expected ADDRESS:PORT in numbers");
	len = list->ai_addrlen;
	memcpy(&at, list->ai_addr, len);
	freeaddrinfo(list);
	if (loopback && !is_loopback((const struct sockaddr *)(const void *)&at))
		return refuse(reterr, reterr_size, address, "only a loopback address may be used");
	if (!is_free((const struct sockaddr *)(const void *)&at, len))
		return refuse(reterr, reterr_size, address, strerror(errno));
	for (unsigned i = 0; i < count; i++) {
		ret_fds[i] = socket_bind((const struct sockaddr *)(const void *)&at, len, backlog);
		if (ret_fds[i] < 0) {
			int e = errno;

			while (i > 0)
				(void)close(ret_fds[--i]);
			return refuse(reterr, reterr_size, address, strerror(e));
		}
		/* The others take the port that the first was given. */
		if (i == 0)
			must(getsockname(ret_fds[0], (struct sockaddr *)(void *)&at, &len) == 0);
	}
	name_of(&at, len, ret_name);
	return true;
}

static int
reserve_open(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* Without a descriptor left a waiting client would make the loop spin: it is taken with the
 * reserved one and closed. */
static void
accept_refuse(struct listener *l)
{
	int fd;

	(void)close(l->reserve);
	fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0)
		(void)close(fd);
	l->reserve = reserve_open();
	counter_add(&l->loop->counters.refused, 1);
	if (loop_now_ms() < l->said_ms + SAY_EVERY_MS && l->said_ms != 0)
		return;
	l->said_ms = loop_now_ms();
	say(SAY_WARN, "no_descriptors", say_int("connections", l->loop->counters.connections));
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;

	(void)what;
	for (int i = 0; i < ACCEPTS_MAX; i++) {
		struct sockaddr_storage from = {0};
		socklen_t len = sizeof from;
		int client = accept4(
			fd, (struct sockaddr *)(void *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (client >= 0)
			conn_open(l->loop, client, l->kind,
				(const struct sockaddr *)(const void *)&from);
		else if (errno == EMFILE || errno == ENFILE)
			accept_refuse(l);
		else if (errno != ECONNABORTED && errno != EINTR)
			return;
	}
}

void
listen_add(struct loop *loop, int fd, enum conn_kind kind)
{
	struct listener *l = calloc(1, sizeof *l);

	must(l != NULL);
	l->loop = loop;
	l->kind = kind;
	l->fd = fd;
	l->reserve = reserve_open();
	l->readable = event_new(loop->base, fd, EV_READ | EV_PERSIST, on_readable, l);
	must(l->readable != NULL && event_add(l->readable, NULL) == 0);
	l->next = loop->listeners;
	loop->listeners = l;
}

void
listen_close(struct loop *loop)
{
	struct listener *l;

	while ((l = loop->listeners) != NULL) {
		loop->listeners = l->next;
		event_free(l->readable);
		(void)close(l->fd);
		(void)close(l->reserve);
		free(l);
	}
}
