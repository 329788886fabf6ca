#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/text.h"

struct pg;

struct client;
struct answer;
typedef struct answer client_calls(struct client *c, const char *method, const char *target,
	const char *fields, const char *body);

/* A connection to fairlotd, byte by byte or call by call, plain or TLS.  TLS checks nothing but
 * that the peer speaks it: certificates have a test of their own.  What is unexpected fails the
 * running test; answers live as long as the client. */
struct client {
	int fd;
	struct ssl_st *ssl; /* NULL: plain */
	struct arena arena;
	char address[80];
	char *in;
	size_t in_len, in_size;
	bool ended;	       /* the peer closed, or the connection was reset */
	char key[64];	       /* "flk_…" sent with each call; "" none */
	client_calls *instead; /* takes the place of client_call(), which it may use itself */
};

struct client *client_new(const char *address, bool tls);
void client_free(struct client **c);

/* Closes and opens anew, where the server closed. */
void client_reopen(struct client *c);

/* --- bytes --- */
void client_send(struct client *c, const void *bytes, size_t len);
void client_say(struct client *c, const char *text);
/* Waits for more bytes: false when none come within wait_ms, or the peer ended. */
bool client_wait(struct client *c, int wait_ms);
/* The peer closes within wait_ms; what it sends until then is kept. */
bool client_ends(struct client *c, int wait_ms);

/* --- answers --- */
struct answer {
	int status; /* 0: the peer ended before an answer was complete */
	struct text head, body;
};

/* The next answer (100 (Continue) counts as one); head: it is to a HEAD request. */
struct answer client_answer(struct client *c, bool head);

/* A header field's value, at NULL when absent. */
struct text answer_field(const struct answer *a, const char *name);
/* A member of the JSON body by pointer, strings bare; "" when absent. */
const char *answer_member(struct client *c, const struct answer *a, const char *pointer);

/* One request and its answer.  `fields`: further header lines, each with CRLF, or "".  body NULL:
 * none.  A POST has an Idempotency-Key of its own unless fields name one. */
struct answer client_call(struct client *c, const char *method, const char *target,
	const char *fields, const char *body);

/* The request alone; client_answer() waits for its answer. */
void client_ask(struct client *c, const char *method, const char *target, const char *fields,
	const char *body);

/* Gives the API key with this id (pg_person()) a secret, and lets the client send it. */
void client_become(struct client *c, struct pg *pg, const char *key);
