#include "cli/amount.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/num.h"

bool
amount_parse(struct text text, enum amount_unit unit, int64_t *ret_fen)
{
	static const int places[] = {[AMOUNT_FEN] = 0, [AMOUNT_YUAN] = 2, [AMOUNT_WAN] = 6};
	int left = places[unit];
	bool point = false, digit = false;
	int64_t fen = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (c == '.' && digit && !point) {
			point = true;
			digit = false; /* one must follow */
			continue;
		}
		if (c < '0' || c > '9')
			return false;
		digit = true;
		/* Zeros behind the last place change nothing. */
		if (point && left == 0) {
			if (c != '0')
				return false;
			continue;
		}
		if (!num_mul(fen, 10, &fen) || !num_add(fen, c - '0', &fen))
			return false;
		left -= point;
	}
	for (; left > 0; left--)
		if (!num_mul(fen, 10, &fen))
			return false;
	if (!digit || fen > FEN_MAX)
		return false;
	*ret_fen = fen;
	return true;
}

bool
amount_parse_unit(struct text text, int64_t *ret_fen)
{
	static const struct {
		const char *name;
		enum amount_unit unit;
	} units[] = {
		{"万元", AMOUNT_WAN}, /* before 元, which it ends with */
		{"万", AMOUNT_WAN},
		{"元", AMOUNT_YUAN},
		{"分", AMOUNT_FEN},
	};

	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		size_t len = strlen(units[i].name);

		if (text.len > len && memcmp(text.at + text.len - len, units[i].name, len) == 0)
			return amount_parse(
				text_span(text.at, text.len - len), units[i].unit, ret_fen);
	}
	return false;
}

void
amount_format(int64_t fen, char ret_text[AMOUNT_TEXT])
{
	char yuan[AMOUNT_TEXT];
	bool minus = fen < 0;
	uint64_t n = minus ? -(uint64_t)fen : (uint64_t)fen;
	int len = snprintf(yuan, sizeof yuan, "%llu", (unsigned long long)(n / 100));
	char *at = ret_text;

	if (minus)
		*at++ = '-';
	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			*at++ = ',';
		*at++ = yuan[i];
	}
	*at++ = '.';
	*at++ = (char)('0' + n % 100 / 10);
	*at++ = (char)('0' + n % 10);
	*at = '\0';
}
