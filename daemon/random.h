#pragma once

#include <stddef.h>

/* The kernel's random bytes (getrandom); never fails after boot. */
void random_bytes(void *ret_bytes, size_t len);
