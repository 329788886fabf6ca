#include "daemon/notify.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/loop.h"
#include "lib/base/text.h"

void
notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	size_t len = path == NULL ? 0 : strlen(path);
	int fd;

	if (len < 2 || len >= sizeof to.sun_path || strchr("/@", path[0]) == NULL)
		return;
	if ((fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) < 0)
		return;
	memcpy(to.sun_path, path, len);
	if (path[0] == '@')
		to.sun_path[0] = '\0'; /* an abstract name */
	(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
		(const struct sockaddr *)(const void *)&to,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	(void)close(fd);
}

void
notify_watchdog(void)
{
	static uint64_t said_ms; /* of loop 0 */
	struct text given = text_of(getenv("WATCHDOG_USEC"));
	uint64_t us;

	if (given.at == NULL || !text_u64(given, INT64_MAX, &us))
		return;
	if (loop_now_ms() - said_ms < us / 2000)
		return;
	said_ms = loop_now_ms();
	notify("WATCHDOG=1");
}
