#include "tests/unit/cli/script.h"

#include <arpa/inet.h>
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/text.h"

struct script script;

static bool
is_whole(const char *request)
{
	const char *end = strstr(request, "\r\n\r\n"),
		   *length = strcasestr(request, "Content-Length:");
	uint64_t len = 0;

	if (end == NULL)
		return false;
	if (length != NULL && length < end) {
		length += strlen("Content-Length: ");
		ck_assert(text_u64(
			text_span(length, strcspn(length, "\r")), SCRIPT_REQUEST_SIZE, &len));
	}
	return strlen(end + 4) >= len;
}

static void
answer(int fd, const char *line)
{
	const char *hang = strstr(line, SCRIPT_HANG);
	size_t len = hang == NULL ? strlen(line) : (size_t)(hang - line);
	char byte;

	(void)!write(fd, line, len);
	while (hang != NULL && read(fd, &byte, 1) > 0)
		;
}

static void *
serve(void *arg)
{
	(void)arg;
	for (size_t i = 0; i < script.count; i++) {
		int fd = accept(script.listener, NULL, NULL);
		size_t used = 0;

		while (!is_whole(script.requests[i])) {
			ssize_t n =
				read(fd, script.requests[i] + used, SCRIPT_REQUEST_SIZE - 1 - used);

			if (n <= 0)
				break;
			used += (size_t)n;
		}
		if (script.lines[i] != NULL)
			answer(fd, script.lines[i]);
		(void)shutdown(fd, SHUT_WR);
		(void)close(fd);
	}
	return NULL;
}

void
script_start(const char *const *lines, size_t count)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof at;

	memset(&script, 0, sizeof script);
	script.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	script.lines = lines;
	script.count = count;
	ck_assert_int_eq(bind(script.listener, (struct sockaddr *)&at, sizeof at), 0);
	ck_assert_int_eq(listen(script.listener, 8), 0);
	ck_assert_int_eq(getsockname(script.listener, (struct sockaddr *)&at, &len), 0);
	(void)snprintf(script.url, sizeof script.url, "http://127.0.0.1:%u/", ntohs(at.sin_port));
	ck_assert_int_eq(pthread_create(&script.thread, NULL, serve, NULL), 0);
}

void
script_end(void)
{
	ck_assert_int_eq(pthread_join(script.thread, NULL), 0);
	ck_assert_int_eq(close(script.listener), 0);
}
