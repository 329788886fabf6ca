#include "lib/ident/uscc.h"

#include <string.h>

enum {
	REGION_AT = 2,
	REGION_LEN = 6,
	ORG_AT = 8
};

static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY"; /* GB 32100: no I O S V Z */

static int
value_of(char c)
{
	const char *at = c == '\0' ? NULL : strchr(alphabet, c);

	return at == NULL ? -1 : (int)(at - alphabet);
}

static bool
has_form(struct text code)
{
	for (size_t i = 0; i < code.len; i++) {
		bool region = i >= REGION_AT && i < REGION_AT + REGION_LEN;
		int value = value_of(code.at[i]);

		if (value < 0 || (region && value > 9))
			return false;
	}
	return true;
}

bool
uscc_complete(struct text body, char *ret_check)
{
	int sum = 0, weight = 1;

	if (body.len != USCC_LEN - 1 || !has_form(body))
		return false;
	for (size_t i = 0; i < body.len; i++, weight = weight * 3 % 31)
		sum += value_of(body.at[i]) * weight;
	/* The outer modulus turns 31 into 0; without it one code in 31 has no check character. */
	*ret_check = alphabet[(31 - sum % 31) % 31];
	return true;
}

bool
uscc_org_complete(struct text body, char *ret_check)
{
	static const int weights[USCC_ORG_LEN - 1] = {3, 7, 9, 10, 5, 8, 4, 2};
	int sum = 0, check;

	if (body.len != USCC_ORG_LEN - 1)
		return false;
	for (size_t i = 0; i < body.len; i++) {
		char c = body.at[i];

		/* GB 11714 counts letters on from 10 without gaps, unlike GB 32100. */
		if (c >= '0' && c <= '9')
			sum += (c - '0') * weights[i];
		else if (c >= 'A' && c <= 'Z')
			sum += (c - 'A' + 10) * weights[i];
		else
			return false;
	}
	check = 11 - sum % 11;
	*ret_check = check == 10 ? 'X' : (char)('0' + check % 11);
	return true;
}

enum uscc
uscc_check(struct text code)
{
	char check;

	if (code.len != USCC_LEN || value_of(code.at[USCC_LEN - 1]) < 0 ||
		!uscc_complete(text_span(code.at, USCC_LEN - 1), &check))
		return USCC_BAD_FORM;
	if (code.at[USCC_LEN - 1] != check)
		return USCC_BAD_CHECK;
	if (!uscc_org_complete(text_span(code.at + ORG_AT, USCC_ORG_LEN - 1), &check) ||
		code.at[ORG_AT + USCC_ORG_LEN - 1] != check)
		return USCC_WARN_ORG;
	return USCC_OK;
}
