#include "daemon/random.h"

#include <errno.h>
#include <sys/random.h>
#include <sys/types.h>

#include "lib/base/must.h"

void
random_bytes(void *ret_bytes, size_t len)
{
	unsigned char *at = ret_bytes;

	while (len > 0) {
		ssize_t got = getrandom(at, len, 0);

		must(got > 0 || errno == EINTR);
		if (got > 0) {
			at += got;
			len -= (size_t)got;
		}
	}
}
