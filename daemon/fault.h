#pragma once

#include <stdbool.h>

#include "lib/base/text.h"

/* Points of injection (fault.def).  Constant false in a release build. */
enum fault {
#define FAULT(point, ...) FAULT_##point,
#include "daemon/fault.def"
	FAULT_COUNT
};

#ifdef FAIRLOT_FAULTS
/* Counts the passing; true at the armed one.  From any thread. */
bool fault_hit(enum fault f);

/* Arms "point:n" from the next passing on (n = 0 disarms); false when it is none. */
bool fault_arm(struct text point, struct text n);

/* Whether the armed one of this point has been hit since it was armed. */
bool fault_was_hit(struct text point);

void fault_from_environment(void);
#else
static inline bool
fault_hit(enum fault f)
{
	(void)f;
	return false;
}
#endif
