#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "daemon/task.h"
#include "proto/http.h"
#include "proto/http_answer.h"

struct bufferevent;
struct evbuffer;
struct event;
struct loop;
struct sockaddr;
struct ssl_ctx_st;

/* A client's connection and the ordered places of its answers.  A connection belongs to its loop;
 * a slot to its connection.  When the client goes, slots go with it, and tasks lose them and run
 * on: what they wrote is stored under its Idempotency-Key. */

enum conn_kind {
	CONN_TLS,
	CONN_PLAIN,
	CONN_ADMIN,
	CONN_KINDS
};

enum conn_state {
	CONN_HEAD,   /* reads a head, or is idle */
	CONN_BODY,   /* reads the body of conn->reading */
	CONN_ENDING, /* reads nothing more; answers what it has, then lingers */
	CONN_LINGER, /* has said its last; reads and drops until the client closes */
	CONN_DEAD    /* freed at the end of the loop's turn */
};

struct slot {
	struct conn *conn;
	struct task *task;    /* NULL once answered */
	struct evbuffer *out; /* what was answered before its turn came, or NULL */
	bool done, close;
	bool head; /* HEAD: no body goes out */
	bool cors, http10;
	bool continues;	    /* 100 (Continue) is to be said when the turn comes */
	bool continue_owed; /* the client waits for it before it sends the body */
	bool stream;	    /* the head went out, chunks follow */
	bool stream_waits;  /* its task waits for room */
	TAILQ_ENTRY(slot) entry;
};

TAILQ_HEAD(slot_list, slot);
TAILQ_HEAD(conn_list, conn);

struct conn {
	struct loop *loop;
	struct bufferevent *bev;
	enum conn_kind kind;
	enum conn_state state;
	bool handshaken;
	bool eof;     /* the client sends no more */
	bool reading; /* EV_READ is on */
	uint64_t address;

	struct http http;
	struct slot_list slots; /* in the order of their requests */
	int slots_count;
	struct slot *body_slot; /* whose body is being read; NULL: it is dropped */
	struct buf body;	/* in the arena of body_slot's task */

	/* deadlines, absolute; 0: none */
	uint64_t handshake_by, head_by, body_by, idle_by, linger_by;
	uint64_t progress_ms; /* when the client last took a byte */

	TAILQ_ENTRY(conn) entry;
	TAILQ_ENTRY(conn) same; /* of the address's bucket */
};

enum {
	CONN_BUCKETS = 1024
};

struct conns {
	struct loop *loop;
	struct conn_list open, dead;
	struct conn_list by_address[CONN_BUCKETS];
	struct event *reap;
	struct ssl_ctx_st *tls; /* counted reference, swapped on reload */
	bool paused;		/* someone waits for the loop to have fewer tasks */
	int64_t date_s;
	char date[HTTP_DATE_SIZE];
};

void conns_open(struct loop *loop, struct ssl_ctx_st *tls);
void conns_close(struct loop *loop);
void conns_set_tls(struct loop *loop, struct ssl_ctx_st *tls);

/* Takes over the socket; closes it when a limit says so. */
void conn_open(struct loop *loop, int fd, enum conn_kind kind, const struct sockaddr *from);

/* At the end of the process's drain: cuts what is left. */
void conns_cut(struct loop *loop);

/* Of conn_http.c: bytes came, or a place became free; head or body did not come in time. */
void conn_http_input(struct conn *c);
void conn_http_late(struct conn *c);

/* The head of an answer in slot s, from its task's reply; chunks follow when chunked. */
struct text conn_http_answer(struct slot *s, struct task *t, bool chunked);

/* Of request.c: the body is wanted now. */
void conn_want_body(struct task *t);

/* Of conn.c, for conn_http.c and conn_stream.c. */
struct slot *slot_new(struct conn *c, struct task *t);
void slot_write(struct slot *s, const void *bytes, size_t len);
void slot_done(struct slot *s);
bool slot_is_first(const struct slot *s);
size_t slot_unsent(const struct slot *s);
void conn_kill(struct conn *c);
void conn_end(struct conn *c);
void conn_update(struct conn *c);
bool conn_takes(const struct conn *c);
