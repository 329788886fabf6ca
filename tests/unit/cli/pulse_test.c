/* A pulse as NIST answers it, into the bytes that are given for it. */
#include "cli/pulse.h"

#include <check.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/hex.h"
#include "tests/support/suite.h"
#include "tests/unit/draw/pulse_make.h"

static struct arena arena;

static void
is_turned(const char *json, const char *want)
{
	struct text given, hex = pulse_file(&arena, want);
	const char *err = NULL;
	char *got;

	ck_assert_msg(
		pulse_of_json(&arena, pulse_file(&arena, json), &given, &err), "%s: %s", json, err);
	got = arena_alloc(&arena, 2 * given.len + 2);
	hex_encode((const uint8_t *)given.at, given.len, got);
	got[2 * given.len] = '\n';
	ck_assert(text_eq(text_span(got, 2 * given.len + 1), hex));
}

START_TEST(pulses_of_nist_become_the_bytes_of_their_output_value)
{
	arena_init(&arena, 1 << 24);
	is_turned("pulse-1921300.json", "pulse-1921300.hex");
	is_turned("pulse-1936066.json", "pulse-1936066.hex");
	arena_reset(&arena);
}
END_TEST

static const struct {
	const char *old, *new, *why;
} edits[] = {
	{"\"pulse\" :", "\"pluse\" :", "pulse"},
	{"\"uri\" : \"https://beacon.nist.gov/beacon/2.0/chain/2/pulse/1921300\"",
		"\"uri\" : \"https://beacon.nist.gov/beacon/2.0/chain/2/pulse/1921301\"",
		"outputValue"},
	{"\"version\" : \"2.0\"", "\"version\" : 2", "version"},
	{"\"cipherSuite\" : 0", "\"cipherSuite\" : 1", "outputValue"},
	{"\"period\" : 60000", "\"period\" : -1", "period"},
	{"\"period\" : 60000", "\"period\" : 4294967296", "period"},
	{"\"chainIndex\" : 2", "\"chainIndex\" : \"2\"", "chainIndex"},
	{"\"pulseIndex\" : 1921300", "\"pulseIndex\" : 1921300.5", "pulseIndex"},
	{"\"pulseIndex\" : 1921300", "\"pulseIndex\" : 1921301", "outputValue"},
	{"19:04:00.000Z", "19:04:00.001Z", "outputValue"},
	{"\"localRandomValue\" : \"3D", "\"localRandomValue\" : \"3G", "localRandomValue"},
	{"\"localRandomValue\" : \"3D", "\"localRandomValue\" : \"3", "localRandomValue"},
	{"\"localRandomValue\" : \"3D", "\"localRandomValue\" : \"", "outputValue"},
	{"\"external\" :", "\"internal\" :", "external"},
	{"\"type\" : \"hour\"", "\"type\" : \"day\"", "listValues"},
	{"\"type\" : \"previous\"", "\"type\" : null", "type"},
	{"\"precommitmentValue\"", "\"value\"", "precommitmentValue"},
	{"\"signatureValue\" : \"58", "\"signatureValue\" : \"59", "outputValue"},
	{"\"outputValue\" : \"EB", "\"outputValue\" : \"EC", "outputValue"},
	{"\"statusCode\" : 0,\n    \"sig", "\"statusCode\" : 2,\n    \"sig", "outputValue"},
};

START_TEST(what_is_not_such_a_pulse_is_refused_by_its_member)
{
	for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
		const char *err = "", *at;
		struct text json, given;
		struct buf b;

		arena_init(&arena, 1 << 24);
		json = pulse_file(&arena, "pulse-1921300.json");
		at = memmem(json.at, json.len, edits[i].old, strlen(edits[i].old));
		ck_assert_msg(at != NULL, "%s", edits[i].old);
		buf_init(&b, &arena, json.len + 64);
		buf_add(&b, json.at, (size_t)(at - json.at));
		buf_str(&b, edits[i].new);
		at += strlen(edits[i].old);
		buf_add(&b, at, (size_t)(json.at + json.len - at));
		ck_assert_msg(
			!pulse_of_json(&arena, buf_text(&b), &given, &err), "%s", edits[i].new);
		ck_assert_msg(strstr(err, edits[i].why) != NULL, "%s: %s", edits[i].new, err);
		arena_reset(&arena);
	}
}
END_TEST

START_TEST(no_json_and_other_json_is_refused)
{
	static const char *const others[] = {"", "{", "[]", "1", "{\"pulse\":[]}", "{\"pulse\":{}}",
		"{\"pulse\":{\"listValues\":[1,2,3,4,5]}}"};
	const char *err = NULL;
	struct text given;

	arena_init(&arena, 1 << 20);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		ck_assert(!pulse_of_json(&arena, text_of(others[i]), &given, &err));
	arena_reset(&arena);
}
END_TEST

SUITE(pulse_json, pulses_of_nist_become_the_bytes_of_their_output_value,
	what_is_not_such_a_pulse_is_refused_by_its_member, no_json_and_other_json_is_refused)
