#pragma once

#include "lib/base/text.h"

/* Adds t as a JSON string with its quotes.  Bytes that are not UTF-8 become '?': what is quoted
 * may be part of a refused request. */
void quote_add(struct buf *b, struct text t);
void quote_str(struct buf *b, const char *str);
