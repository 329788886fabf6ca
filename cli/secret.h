#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cli/status.h"
#include "lib/base/must.h"
#include "lib/base/text.h"

struct arena;
struct answer;
struct session;

/* The owner's secret value r of a draw: 32 random bytes that stay on this machine until the draw
 * is frozen.  Kept in <data folder>/draws/<draw id>, 64 hex digits and LF, readable by its owner
 * alone, and on the disk before anything is sent: with r lost, the draw stalls and the owner is
 * named. */
enum {
	SECRET_LEN = 32
};

enum secret_result {
	SECRET_READ,
	SECRET_ABSENT,
	SECRET_WRONG /* *reterr says why */
};

enum secret_result secret_read(const char *folder, const char *draw, struct arena *a,
	uint8_t ret_secret[SECRET_LEN], const char **reterr);

/* The kept value, or a new one when there is none yet. */
MUST_USE bool secret_make(const char *folder, const char *draw, struct arena *a,
	uint8_t ret_secret[SECRET_LEN], const char **reterr);

/* The freeze record is of this draw and holds the commitment of this value as contributor 2. */
MUST_USE bool secret_is_bound(struct text freeze, const char *draw,
	const uint8_t secret[SECRET_LEN], struct arena *a, const char **reterr);

/* Keeps the record as <data folder>/draws/<draw id>.freeze: proof of what was seen before r was
 * opened.  False when another one was kept before. */
MUST_USE bool secret_keep_freeze(const char *folder, const char *draw, struct text freeze,
	struct arena *a, const char **reterr);

/* The two commands with an open session, for one folder of secrets. */
MUST_USE enum status secret_commit(struct session *s, const char *folder, const char *project_id,
	const char **ret_draw, const char **ret_commitment);
MUST_USE enum status
secret_open(struct session *s, const char *folder, const char *draw, struct answer *ret_answer);
