#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "cli/verify.h"
#include "lib/base/hash.h"
#include "lib/base/must.h"
#include "lib/base/text.h"
#include "lib/base/time.h"

struct arena;

/* Verifies one receipt without a network: the promise of an entry (lib/ledger/receipt.h) or its
 * proof (C2SP tlog-proof), as `/v1/receipts/<leaf>` answers them; docs/JOURNAL.md.  It needs lib,
 * libcrypto and libc. */
struct receipt_case {
	struct text receipt;
	struct text keys;	 /* lines as of /journal/keys; empty: those of the mirror */
	struct text entry;	 /* the bytes; at NULL: not at hand */
	const struct hash *leaf; /* what the receipt was asked for by; NULL: not known */
	const char *mirror;	 /* the folder of a mirror (cli/mirror.h); NULL: none */
	/* When the mirror was the newest that there is; 0: not known.  A promise that was due by
	 * then and is not in it was not kept. */
	struct utc mirrored_at;
};

/* By its first line. */
bool receipt_is(struct text bytes);

/* Prints what was compared; *ret_status is the exit status (enum verdict).  False with *reterr:
 * there are no keys, or none that are well-formed. */
MUST_USE bool verify_receipt(struct arena *a, const struct receipt_case *c,
	const struct verify_style *style, FILE *out, int *ret_status, const char **reterr);
