#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/hash.h"
#include "lib/base/text.h"

struct arena;
struct verify_attempt;

/* What a mirror of the journal has about a draw, for the checks that no folder can show.  Whoever
 * fills it has verified the mirror: leaves, tiles, roots, signatures. */
struct verify_entry {
	uint64_t index;
	struct hash leaf;
	struct text kind, subject, time, payload;
};

struct verify_journal {
	/* In order of index: every key-announced; freeze, contribution and void about the draw;
	 * signup about it or about the round's.  Others are passed over. */
	const struct verify_entry *entries;
	size_t count;
	const uint64_t *sizes; /* of the checkpoints, ascending; 0 of them: not known */
	size_t sizes_count;
	struct text log_vkey; /* the verifier key that signed it; empty: not known */
};

/* An entry's parts; false when the bytes are none.  Views of them. */
bool verify_entry_parse(struct text bytes, uint64_t index, struct verify_entry *ret_entry);

/* `vrf_key_age 7d` of a policy profile, in microseconds; false when it is not there. */
bool verify_key_age(struct text rules, int64_t *ret_us);

/* The files of an attempt that are compared with the journal, at NULL where they are absent. */
struct verify_journal_files {
	struct text freeze, rules, contributions, ended; /* ended: void.txt */
};

/* Fills the rows of group JOURNAL of an attempt whose freeze could be read; fails signup-set for a
 * sign-up of the draw that is in neither list. */
void verify_journal(struct arena *a, const struct verify_journal *j,
	const struct verify_journal_files *files, struct verify_attempt *t);

/* Whether the journal has a freeze of this draw for one of these attempts. */
bool verify_journal_froze(struct arena *a, const struct verify_journal *j, struct text draw,
	uint32_t least, uint32_t most);
