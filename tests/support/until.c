#include "tests/support/until.h"

#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum {
	TICK_MS = 3
};

static int64_t
mono_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

bool
until(bool (*holds)(void *), void *arg, int wait_ms)
{
	int64_t deadline = mono_ms() + wait_ms;

	while (!holds(arg)) {
		if (mono_ms() > deadline)
			return false;
		(void)poll(NULL, 0, TICK_MS);
	}
	return true;
}
