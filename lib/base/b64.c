#include "lib/base/b64.h"

#include <string.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
b64_encode(const uint8_t *bytes, size_t len, char *ret_text)
{
	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t v = (uint32_t)bytes[i] << 16;

		v |= left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0;
		v |= left > 2 ? bytes[i + 2] : 0;
		*ret_text++ = letters[v >> 18];
		*ret_text++ = letters[v >> 12 & 63];
		*ret_text++ = left > 1 ? letters[v >> 6 & 63] : '=';
		*ret_text++ = left > 2 ? letters[v & 63] : '=';
	}
	*ret_text = '\0';
}

static int
value(char c)
{
	const char *at = c == '\0' ? NULL : strchr(letters, c);

	return at == NULL ? -1 : (int)(at - letters);
}

bool
b64_decode(struct text text, uint8_t *ret_bytes, size_t room, size_t *ret_len)
{
	size_t pad = 0, len;

	if (text.len % 4 != 0)
		return false;
	while (pad < 2 && pad < text.len && text.at[text.len - 1 - pad] == '=')
		pad++;
	len = text.len / 4 * 3 - pad;
	if (len > room)
		return false;
	for (size_t i = 0, out = 0; i < text.len; i += 4) {
		uint32_t v = 0;

		for (size_t j = i; j < i + 4; j++) {
			int digit = j >= text.len - pad ? 0 : value(text.at[j]);

			if (digit < 0)
				return false;
			v = v << 6 | (uint32_t)digit;
		}
		for (int shift = 16; shift >= 0; shift -= 8, out++) {
			uint8_t byte = (uint8_t)(v >> shift);

			if (out < len)
				ret_bytes[out] = byte;
			else if (byte != 0)
				return false;
		}
	}
	*ret_len = len;
	return true;
}
