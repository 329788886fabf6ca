#pragma once

#include <stdbool.h>

/* Waits for a condition, looking every few milliseconds; true as soon as it holds, false when it
 * does not within wait_ms.  The only way a test waits. */
bool until(bool (*holds)(void *), void *arg, int wait_ms);
