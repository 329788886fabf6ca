#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/must.h"
#include "lib/base/text.h"

/* Values of single header fields. */

/* Idempotency-Key (draft-07): 1 to 255 printable ASCII characters, in double quotes or bare,
 * without quotes or backslashes inside. */
MUST_USE bool field_key(struct text value, struct text *ret_key);

/* If-Match: one strong entity tag of ours, "17". */
MUST_USE bool field_version(struct text value, int64_t *ret_version);

/* If-None-Match names this version, or is "*". */
bool field_none_match(struct text value, int64_t version);

/* Authorization: Bearer <token of RFC 6750>. */
MUST_USE bool field_bearer(struct text value, struct text *ret_token);

/* Content-Type is application/json, in UTF-8 if it says a charset. */
bool field_is_json(struct text value);

/* Accept (absent: at NULL) takes this media type, "application/json". */
bool field_accepts(struct text accept, const char *type);

/* X-Request-Id of a client that we repeat: 1 to 35 characters of an id. */
bool field_is_request_id(struct text value);
