#include "cli/amount.h"

#include <check.h>
#include <stdlib.h>

#include "lib/base/num.h"
#include "tests/support/suite.h"

START_TEST(money_is_read_to_the_fen)
{
	static const struct {
		const char *text;
		enum amount_unit unit;
		int64_t fen;
	} cases[] = {
		{"125000.00", AMOUNT_YUAN, 12500000},
		{"0.01", AMOUNT_YUAN, 1},
		{"0.1", AMOUNT_YUAN, 10},
		{"7", AMOUNT_YUAN, 700},
		{"12.5", AMOUNT_WAN, 12500000},
		{"0.000001", AMOUNT_WAN, 1},
		{"0.29", AMOUNT_YUAN, 29}, /* 0.29 * 100 is 28.999… in binary */
		{"1.10000", AMOUNT_YUAN, 110},
		{"12500000", AMOUNT_FEN, 12500000},
		{"48852.4", AMOUNT_WAN, INT64_C(48852400000)},
		{"90071992547409.91", AMOUNT_YUAN, FEN_MAX},
		{"00012", AMOUNT_YUAN, 1200},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t fen = -1;

		ck_assert_msg(amount_parse(text_of(cases[i].text), cases[i].unit, &fen), "%s",
			cases[i].text);
		ck_assert_int_eq(fen, cases[i].fen);
	}
}
END_TEST

START_TEST(what_is_no_exact_amount_is_refused)
{
	static const struct {
		const char *text;
		enum amount_unit unit;
	} bad[] = {
		{"", AMOUNT_YUAN},
		{".", AMOUNT_YUAN},
		{".5", AMOUNT_YUAN},
		{"5.", AMOUNT_YUAN},
		{"1.2.3", AMOUNT_YUAN},
		{"1.005", AMOUNT_YUAN},
		{"0.0000001", AMOUNT_WAN},
		{"0.5", AMOUNT_FEN},
		{"-1", AMOUNT_YUAN},
		{"+1", AMOUNT_YUAN},
		{"1e3", AMOUNT_YUAN},
		{"1,000", AMOUNT_YUAN},
		{" 1", AMOUNT_YUAN},
		{"90071992547409.92", AMOUNT_YUAN},
		{"99999999999999999999", AMOUNT_FEN},
		{"9223372036854775807", AMOUNT_WAN},
	};
	int64_t fen = 7;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ck_assert_msg(
			!amount_parse(text_of(bad[i].text), bad[i].unit, &fen), "%s", bad[i].text);
	ck_assert_int_eq(fen, 7);
}
END_TEST

START_TEST(a_unit_is_written_or_the_amount_is_refused)
{
	int64_t fen = 0;

	ck_assert(amount_parse_unit(text_of("12.5万"), &fen) && fen == 12500000);
	ck_assert(amount_parse_unit(text_of("12.5万元"), &fen) && fen == 12500000);
	ck_assert(amount_parse_unit(text_of("125000.00元"), &fen) && fen == 12500000);
	ck_assert(amount_parse_unit(text_of("99分"), &fen) && fen == 99);
	ck_assert(!amount_parse_unit(text_of("12.5"), &fen));
	ck_assert(!amount_parse_unit(text_of("万元"), &fen));
	ck_assert(!amount_parse_unit(text_of("12.5亿"), &fen));
	ck_assert_int_eq(fen, 99);
}
END_TEST

START_TEST(money_is_shown_in_yuan)
{
	static const struct {
		int64_t fen;
		const char *text;
	} cases[] = {
		{0, "0.00"},
		{7, "0.07"},
		{99999, "999.99"},
		{100000, "1,000.00"},
		{INT64_C(48852400000), "488,524,000.00"},
		{FEN_MAX, "90,071,992,547,409.91"},
		{-12345678, "-123,456.78"},
		{INT64_MIN, "-92,233,720,368,547,758.08"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[AMOUNT_TEXT];

		amount_format(cases[i].fen, text);
		ck_assert_str_eq(text, cases[i].text);
	}
}
END_TEST

SUITE(amount, money_is_read_to_the_fen, what_is_no_exact_amount_is_refused,
	a_unit_is_written_or_the_amount_is_refused, money_is_shown_in_yuan)
