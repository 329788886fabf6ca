#pragma once

#include <stdint.h>

/* Numbers of a generator (splitmix64) whose seed is printed; FAIRLOT_SEED gives it again. */
void chance_begin(void);
uint64_t chance_below(uint64_t n);
