#pragma once

#include <pthread.h>
#include <stddef.h>

/* A server on this host, without TLS, that answers by a script: one connection a request, on which
 * the script's next line is written and the connection closed.  NULL: closed without an answer. */
enum {
	SCRIPT_REQUESTS_MAX = 8,
	SCRIPT_REQUEST_SIZE = 4096
};

#define HEAD	    "HTTP/1.1 "
#define END	    "\r\nConnection: close\r\n"
/* Behind a line's text: the connection stays open until the client closes it. */
#define SCRIPT_HANG "\a"

extern struct script {
	int listener;
	pthread_t thread;
	const char *const *lines;
	size_t count;
	char requests[SCRIPT_REQUESTS_MAX][SCRIPT_REQUEST_SIZE];
	char url[64]; /* with a slash at its end */
} script;

void script_start(const char *const *lines, size_t count);
/* Waits until the script is through. */
void script_end(void);
