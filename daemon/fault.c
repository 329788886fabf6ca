#include "daemon/fault.h"

#ifdef FAIRLOT_FAULTS
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static const char *const names[] = {
#define FAULT(point, ...) #point,
#include "daemon/fault.def"
};

/* What is left until the hit; 0: disarmed or hit. */
static atomic_llong left[FAULT_COUNT];

static int
find(struct text point)
{
	for (int f = 0; f < FAULT_COUNT; f++)
		if (text_is(point, names[f]))
			return f;
	return -1;
}

bool
fault_hit(enum fault f)
{
	if (atomic_load(&left[f]) <= 0)
		return false;
	return atomic_fetch_sub(&left[f], 1) == 1;
}

bool
fault_arm(struct text point, struct text n)
{
	uint64_t count;
	int f = find(point);

	if (f < 0 || !text_u64(n, INT32_MAX, &count))
		return false;
	atomic_store(&left[f], (long long)count);
	return true;
}

bool
fault_was_hit(struct text point)
{
	int f = find(point);

	return f >= 0 && atomic_load(&left[f]) <= 0;
}

void
fault_from_environment(void)
{
	struct text rest = text_of(getenv("FAIRLOT_FAULT")), point;

	if (text_cut(&rest, ':', &point))
		(void)fault_arm(point, rest);
}
#endif
