#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "daemon/conn.h"
#include "lib/base/must.h"

struct loop;

/* One socket per loop and kind, all on one port (SO_REUSEPORT): the kernel shares connections
 * out, no loop hands one to another. */
enum {
	LISTEN_NAME = 80
};

/* Binds count sockets to "ADDRESS:PORT" (an IPv6 address in brackets).  Port 0 takes a free one;
 * ret_name gets the address with the port taken.  loopback: refuses any other address. */
MUST_USE bool listen_bind(const char *address, bool loopback, int backlog, int *ret_fds,
	unsigned count, char ret_name[LISTEN_NAME], char *reterr, size_t reterr_size);

/* On set-up of the loop: accepts from fd from now on; the loop owns fd. */
void listen_add(struct loop *loop, int fd, enum conn_kind kind);

/* Closes all of the loop's. */
void listen_close(struct loop *loop);
