#include "tests/support/matrix.h"

#include <stddef.h>

#include "lib/base/text.h"
#include "proto/op.h"

static const int columns[] = {
	ROLE_OWNER, ROLE_AGENCY, ROLE_OPERATOR, ROLE_REGULATOR, ROLE_AUDITOR, ROLE_WITNESS};

void
matrix_write(struct buf *b)
{
	buf_str(b,
		"| operation | request | public | owner | agency | operator | regulator | auditor "
		"| witness | headers |\n|---|---|:-:|:-:|:-:|:-:|:-:|:-:|:-:|---|\n");
	for (int i = 0; i < OP_COUNT; i++) {
		const struct op *op = &op_table[i];
		bool key = (op->flags & OP_KEY) != 0, match = (op->flags & OP_IF_MATCH) != 0;

		buf_printf(b, "| `%s` | `%s %s` | %s ", op->name, method_name(op->method), op->path,
			op->roles == ROLE_PUBLIC ? "●" : "");
		for (size_t k = 0; k < sizeof columns / sizeof columns[0]; k++)
			buf_str(b,
				op->roles == ROLE_PUBLIC || (op->roles & columns[k]) != 0 ? "| ● "
											  : "| ");
		buf_printf(b, "| %s%s%s |\n", key ? "Idempotency-Key" : "",
			key && match ? ", " : "", match ? "If-Match" : "");
	}
}
