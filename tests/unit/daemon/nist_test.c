/* What the options of NIST's beacon may say.  What is taken stays: so it comes last. */
#include "daemon/nist.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config.h"
#include "lib/base/arena.h"
#include "tests/support/suite.h"

static struct arena arena;

static const char *
refused(const char *file, const char *pulse)
{
	static char why[200];
	struct config c = {.draw_nist_pulse = pulse, .draw_nist_certificate = ""};

	if (file[0] != '\0')
		c.draw_nist_certificate = arena_printf(
			&arena, "%s/tests/vectors/nist/%s", getenv("FAIRLOT_SOURCE"), file);
	why[0] = '\0';
	ck_assert_int_eq(nist_open(&c, why, sizeof why), why[0] == '\0');
	return why;
}

START_TEST(certificate_and_pulse_come_together_and_are_read)
{
	static const char *const wrong[] = {"1921300", "1921300 ", " 2026-08-31T19:04:00.000Z",
		"x 2026-08-31T19:04:00.000Z", "1921300 2026-08-31", "1921300 1788203040",
		"1921300 2026-08-31T19:04:00.500Z", "1921300  2026-08-31T19:04:00.000Z",
		"4294967296 2026-08-31T19:04:00.000Z", "1921300 1969-12-31T23:59:00.000Z"};
	static const char right[] = "1921300 2026-08-31T19:04:00.000Z";

	arena_init(&arena, 1 << 16);
	ck_assert_str_eq(refused("", ""), "");
	ck_assert_uint_eq(nist_certificate().len, 0);
	ck_assert_str_eq(nist_pulse(), "");
	ck_assert_str_eq(
		refused("", right), "draw.nist_certificate: is needed with draw.nist_pulse");
	ck_assert_str_eq(refused("certificate.pem", ""),
		"draw.nist_pulse: is needed with draw.nist_certificate");
	ck_assert_str_eq(
		refused("nothing", right), "draw.nist_certificate: No such file or directory");
	ck_assert_ptr_nonnull(strstr(refused("made_key.pem", right), "no PEM certificate"));
	ck_assert_ptr_nonnull(strstr(refused("../draw.json", right), "too large"));
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		ck_assert_msg(strstr(refused("certificate.pem", wrong[i]), "PULSE TIME") != NULL,
			"%s", wrong[i]);
	ck_assert_str_eq(refused("certificate.pem", right), "");
	ck_assert_str_eq(nist_pulse(), "1921300 1788203040");
	ck_assert_uint_eq(nist_certificate().len, 2849);
	arena_reset(&arena);
}
END_TEST

SUITE(nist, certificate_and_pulse_come_together_and_are_read)
