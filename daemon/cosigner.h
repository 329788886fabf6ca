#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/must.h"

struct config;
struct loop;

/* Foreign witnesses (option log.witnesses): each gets the newest checkpoint with the proof that it
 * extends the one it cosigned last (C2SP tlog-witness, add-checkpoint), and its cosignature joins
 * the checkpoint.  Nothing waits for them; one that is away is asked again with growing pauses. */
enum {
	COSIGNER_MAX = 16,
	COSIGNER_EVERY_MS = 1000,
	COSIGNER_RETRY_MOST_MS = 300000
};

/* Reads the option: `<vkey> <URL>` pairs, separated by blanks.  False with one sentence. */
MUST_USE bool cosigner_check(const struct config *c, char *reterr, size_t reterr_size);

/* On loop 0, after outbound_start(), with an option that was checked. */
void cosigner_start(struct loop *loop);

/* Whom this daemon asks, with single spaces, once it started; "" when nobody. */
const char *cosigner_names(void);
