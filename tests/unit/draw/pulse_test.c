/* Pulses of NIST: those that NIST published, and made ones at every edge of the form. */
#include "lib/draw/pulse.h"

#include <check.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/hex.h"
#include "lib/draw/freeze.h"
#include "tests/support/suite.h"
#include "tests/unit/draw/pulse_make.h"

enum {
	/* Of pulse-1921300: lengths of its URI and version, the offset that docs/DRAW.md counts
	 * from, and of the signature. */
	URI = 56,
	VERSION = 3,
	O = 8 + URI + VERSION,
	SIGNATURE = O + 740,
	SIGNATURE_LEN = 512
};

static const char output[] =
	"ebc85c439a72062c703bc1ddfa8f7f55e7cd0e975962242ffbe4958252fcdf67b9723522464079c1f8a91c2c55"
	"96bf8a96ef0ef3652692a8e3fd493601f59488";

static const struct contributor named = {.source = DRAW_NIST, .name = {"2", 1}, .round = 1921300};

static struct arena arena;

static void
begin(void)
{
	arena_init(&arena, 1 << 26);
}

/* The bytes of a published pulse, in a copy. */
static struct text
published(const char *name)
{
	struct text hex = pulse_file(&arena, name);
	uint8_t *bytes = arena_alloc(&arena, PULSE_MAX + 1);

	hex.len--; /* LF */
	ck_assert(hex_decode(hex, bytes, hex.len / 2));
	return text_span((const char *)bytes, hex.len / 2);
}

static struct text
nist_certificate(void)
{
	return pulse_file(&arena, "certificate.pem");
}

static enum pulse_fault
judged(struct text given, const struct contributor *c, const char *certificate)
{
	struct pulse p;

	ck_assert(pulse_parse(given, &p));
	return pulse_judge(
		&p, c, certificate == NULL ? (struct text){0} : pulse_file(&arena, certificate));
}

START_TEST(pulse_of_nist_holds_for_the_certificate_it_names)
{
	struct text given;
	uint8_t value[HASH512_LEN];
	char hex[2 * HASH512_LEN + 1];
	struct pulse p;

	begin();
	given = published("pulse-1921300.hex");
	ck_assert(pulse_parse(given, &p));
	ck_assert(text_is(p.uri, "https://beacon.nist.gov/beacon/2.0/chain/2/pulse/1921300"));
	ck_assert(text_is(p.version, "2.0"));
	ck_assert_uint_eq(p.period_ms, 60000);
	ck_assert_uint_eq(p.chain, 2);
	ck_assert_uint_eq(p.number, 1921300);
	ck_assert(text_is(p.time, "2026-08-31T19:04:00.000Z"));
	ck_assert_int_eq(p.at.us, INT64_C(1788203040) * UTC_SECOND);
	ck_assert_uint_eq(p.message.len, SIGNATURE);
	ck_assert_uint_eq(p.signature.len, SIGNATURE_LEN);
	ck_assert(text_eq(pulse_build(&arena, &p), given));
	hash512_of(given, value);
	hex_encode(value, sizeof value, hex);
	ck_assert_str_eq(hex, output);
	ck_assert_int_eq(pulse_judge(&p, &named, nist_certificate()), PULSE_HOLDS);
	ck_assert_int_eq(pulse_judge(&p, &named, (struct text){0}), PULSE_HOLDS);
	arena_reset(&arena);
}
END_TEST

/* What names another certificate is not tried with this one. */
START_TEST(pulse_of_another_certificate_is_unpinned)
{
	const struct contributor c = {.source = DRAW_NIST, .name = text_of("2"), .round = 1936066};

	begin();
	ck_assert_int_eq(
		judged(published("pulse-1936066.hex"), &c, "certificate.pem"), PULSE_UNPINNED);
	ck_assert_int_eq(judged(published("pulse-1921300.hex"), &named, "made_certificate.pem"),
		PULSE_UNPINNED);
	ck_assert_int_eq(
		judged(published("pulse-1921300.hex"), &named, "made_key.pem"), PULSE_UNPINNED);
	arena_reset(&arena);
}
END_TEST

START_TEST(pulse_is_the_one_that_the_freeze_names)
{
	struct contributor c = named;

	begin();
	c.round = 1921301;
	ck_assert_int_eq(judged(published("pulse-1921300.hex"), &c, NULL), PULSE_OTHER);
	c = named;
	c.name = text_of("1");
	ck_assert_int_eq(judged(published("pulse-1921300.hex"), &c, NULL), PULSE_OTHER);
	c.name = text_of("02");
	ck_assert_int_eq(judged(published("pulse-1921300.hex"), &c, NULL), PULSE_OTHER);
	c.name = text_of("two");
	ck_assert_int_eq(judged(published("pulse-1921300.hex"), &c, NULL), PULSE_OTHER);
	arena_reset(&arena);
}
END_TEST

START_TEST(no_byte_of_a_pulse_can_change)
{
	struct text given, pem;

	begin();
	given = published("pulse-1921300.hex");
	pem = nist_certificate();
	for (size_t i = 0; i < given.len; i++) {
		struct arena a;
		struct pulse p;
		char *bytes;

		arena_init(&a, 1 << 16);
		bytes = arena_copy(&a, given.at, given.len);
		bytes[i] = (char)(bytes[i] ^ 1);
		ck_assert_msg(!pulse_parse(text_span(bytes, given.len), &p) ||
				pulse_judge(&p, &named, pem) != PULSE_HOLDS,
			"byte %zu", i);
		arena_reset(&a);
	}
	arena_reset(&arena);
}
END_TEST

START_TEST(pulse_that_is_cut_is_none)
{
	struct text given;
	struct pulse p;

	begin();
	given = published("pulse-1921300.hex");
	for (size_t len = 0; len < SIGNATURE + PULSE_SIGNATURE_LEAST; len++)
		ck_assert_msg(!pulse_parse(text_span(given.at, len), &p), "%zu bytes", len);
	for (size_t len = SIGNATURE + PULSE_SIGNATURE_LEAST; len < given.len; len += 64)
		ck_assert_int_eq(judged(text_span(given.at, len), &named, "certificate.pem"),
			PULSE_UNSIGNED);
	arena_reset(&arena);
}
END_TEST

/* Where a field of hash length stands, by docs/DRAW.md. */
START_TEST(every_length_is_the_one_of_the_form)
{
	static const size_t lengths[] = {0, 4 + URI, O + 8, O + 92, O + 120, O + 188, O + 260,
		O + 328, O + 396, O + 464, O + 532, O + 600, O + 668};
	struct pulse p;

	begin();
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
		for (size_t byte = 0; byte < 4; byte++)
			for (int step = -1; step <= 1; step += 2) {
				struct text given = published("pulse-1921300.hex");
				char *at = (char *)(uintptr_t)given.at + lengths[i] + byte;

				*at = (char)(*at + step);
				ck_assert_msg(
					!pulse_parse(given, &p), "offset %zu", lengths[i] + byte);
			}
	arena_reset(&arena);
}
END_TEST

static struct pulse
made(void)
{
	struct pulse p;

	pulse_make(&arena, 2, 7, (struct utc){INT64_C(1700000000) * UTC_SECOND}, 9, &p);
	return p;
}

static const struct contributor seventh = {.source = DRAW_NIST, .name = {"2", 1}, .round = 7};

START_TEST(status_is_good_or_late)
{
	begin();
	for (uint32_t status = 0; status < 6; status++) {
		struct pulse p = made();

		p.status = status;
		ck_assert_int_eq(judged(pulse_sign(&arena, &p), &seventh, "made_certificate.pem"),
			status == 0 || status == 2 ? PULSE_HOLDS : PULSE_BROKEN);
	}
	arena_reset(&arena);
}
END_TEST

static struct text
stretch(size_t len)
{
	return text_span(memset(arena_alloc(&arena, len + 1), 'x', len), len);
}

static bool
is_read(const struct pulse *p)
{
	struct pulse read;

	return pulse_parse(pulse_build(&arena, p), &read);
}

START_TEST(lengths_at_their_limits_are_read_and_one_more_is_not)
{
	struct pulse p;

	begin();
	p = made();
	p.signature = stretch(PULSE_SIGNATURE_LEAST);
	ck_assert(is_read(&p));
	p.signature = stretch(PULSE_SIGNATURE_LEAST - 1);
	ck_assert(!is_read(&p));
	p.signature = stretch(PULSE_SIGNATURE_MOST);
	ck_assert(is_read(&p));
	p.signature = stretch(PULSE_SIGNATURE_MOST + 1);
	ck_assert(!is_read(&p));
	p.signature = stretch(SIGNATURE_LEN);
	p.uri = stretch(PULSE_URI_MAX);
	ck_assert(is_read(&p));
	p.uri = stretch(PULSE_URI_MAX + 1);
	ck_assert(!is_read(&p));
	p.uri = stretch(0);
	ck_assert(!is_read(&p));
	p.uri = stretch(1);
	p.version = stretch(PULSE_VERSION_MAX);
	ck_assert(is_read(&p));
	p.version = stretch(PULSE_VERSION_MAX + 1);
	ck_assert(!is_read(&p));
	p.version = stretch(0);
	ck_assert(!is_read(&p));
	arena_reset(&arena);
}
END_TEST

START_TEST(pulse_of_2048_bytes_is_read_and_of_2049_is_not)
{
	struct pulse p;
	size_t rest;

	begin();
	p = made();
	p.uri = stretch(PULSE_URI_MAX);
	p.version = stretch(PULSE_VERSION_MAX);
	rest = PULSE_MAX - pulse_build(&arena, &p).len;
	ck_assert_uint_lt(rest, PULSE_SIGNATURE_MOST);
	p.signature = stretch(rest);
	ck_assert_uint_eq(pulse_build(&arena, &p).len, 2048);
	ck_assert(is_read(&p));
	p.signature = stretch(rest + 1);
	ck_assert(!is_read(&p));
	arena_reset(&arena);
}
END_TEST

START_TEST(time_has_milliseconds_and_exists)
{
	static const char *const wrong[] = {"2026-02-29T00:00:00.000Z", "2026-08-31T24:00:00.000Z",
		"2026-08-31T19:04:60.000Z", "2026-08-31T19:04:00.000z", "2026-08-31 19:04:00.000Z",
		"2026-08-31T19:04:00.00Z", "2026-08-31T19:04:00Z", "2026-08-31T19:04:00.0000Z",
		"2026-08-31T19:04:00+00:0", ""};
	struct pulse p;

	begin();
	p = made();
	p.signature = stretch(SIGNATURE_LEN);
	ck_assert(is_read(&p));
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		p.time = text_of(wrong[i]);
		ck_assert_msg(!is_read(&p), "%s", wrong[i]);
	}
	arena_reset(&arena);
}
END_TEST

START_TEST(other_cipher_suites_are_not_read)
{
	struct pulse p;

	begin();
	p = made();
	p.signature = stretch(SIGNATURE_LEN);
	p.cipher_suite = 1;
	ck_assert(!is_read(&p));
	arena_reset(&arena);
}
END_TEST

SUITE(pulse, pulse_of_nist_holds_for_the_certificate_it_names,
	pulse_of_another_certificate_is_unpinned, pulse_is_the_one_that_the_freeze_names,
	no_byte_of_a_pulse_can_change, pulse_that_is_cut_is_none,
	every_length_is_the_one_of_the_form, status_is_good_or_late,
	lengths_at_their_limits_are_read_and_one_more_is_not,
	pulse_of_2048_bytes_is_read_and_of_2049_is_not, time_has_milliseconds_and_exists,
	other_cipher_suites_are_not_read)
