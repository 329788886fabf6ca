#pragma once

struct buf;

/* Adds the OpenAPI 3.1 document of all operations, from op.def, proto/in and err.def; ends in a
 * line feed.  proto/openapi.json is its committed text, and /openapi.json serves it. */
void openapi_write(struct buf *b);
