#pragma once

struct buf;

/* Adds the table of operations and roles of docs/PROTOCOL.md (Markdown), from op.def. */
void matrix_write(struct buf *b);
