#include "proto/json_quote.h"

void
quote_add(struct buf *b, struct text t)
{
	bool utf8 = text_is_utf8(t);

	buf_char(b, '"');
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = (unsigned char)t.at[i];

		if (c == '"' || c == '\\') {
			buf_char(b, '\\');
			buf_char(b, (char)c);
		} else if (c == '\n') {
			buf_str(b, "\\n");
		} else if (c < 0x20 || c == 0x7f) {
			buf_printf(b, "\\u%04x", c);
		} else {
			buf_char(b, c < 0x80 || utf8 ? (char)c : '?');
		}
	}
	buf_char(b, '"');
}

void
quote_str(struct buf *b, const char *str)
{
	quote_add(b, text_of(str));
}
