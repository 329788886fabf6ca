#pragma once

#include <stddef.h>
#include <stdint.h>

/* What libFuzzer calls with each input, and replay.c with each file of a corpus: aborts when a
 * property does not hold.  The name is libFuzzer's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
