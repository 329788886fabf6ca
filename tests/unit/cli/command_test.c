/* Command lines against an operation and shapes of this test's own. */
#include "cli/command.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "tests/support/suite.h"

static const struct shape_field fields[] = {
	{"title", SHAPE_TEXT, 1, 200, SHAPE_REQUIRED, NULL, NULL, "title"},
	{"winners", SHAPE_INT, 1, 10, 0, NULL, NULL, "winners"},
	{"ceiling_fen", SHAPE_FEN, 0, 1, 0, NULL, NULL, "ceiling"},
	{"accept", SHAPE_BOOL, 0, 0, 0, NULL, NULL, "accept"},
	{"categories", SHAPE_TEXTS, 64, 30, 0, NULL, NULL, "categories"},
	{"certificates", SHAPE_LIST, 0, 9, 0, NULL, NULL, "certificates"},
	{"detail", SHAPE_OBJECT, 0, 0, 0, NULL, NULL, "detail"},
	{"version", SHAPE_TEXT, 0, 9, 0, NULL, NULL, "a field named as an option"},
};
static const struct shape shape = {"test", fields, sizeof fields / sizeof fields[0], "test"};

static const struct op write_op = {"thing.do", POST, "/v1/things/{id}/parts/{part}", ROLE_OWNER,
	OP_WRITE | OP_KEY, &shape_none, &shape, &shape_none, 201, "Do", "做"};
static const struct op read_op = {"thing.list", GET, "/v1/things", 0, OP_READ, &shape, &shape_none,
	&shape_none, 200, "List", "列"};
static const struct op bare_op = {"thing.end", POST, "/v1/things/{id}/end", ROLE_OWNER, OP_WRITE,
	&shape_none, &shape_none, &shape_none, 200, "End", "止"};

static struct arena arena;
static struct options options;
static struct command command;
static const char *error;

static void
start(void)
{
	arena_reset(&arena);
	arena_init(&arena, 1 << 20);
	options = (struct options){0};
	command = (struct command){0};
	error = NULL;
}

/* The words of the line, separated by blanks. */
static bool
build(const struct op *op, const char *line)
{
	char *argv[32];
	int argc = 0;
	struct text rest = text_of(line), word;

	start();
	while (text_cut(&rest, ' ', &word))
		argv[argc++] = arena_str(&arena, word.at, word.len);
	return command_build(op, argc, argv, &arena, &options, &command, &error);
}

static void
expect_body(const char *line, const char *body)
{
	ck_assert_msg(build(&write_op, line), "%s: %s", line, error);
	ck_assert_msg(text_is(command.body, body), "%s: " TEXT_FMT, line, TEXT_ARG(command.body));
}

START_TEST(flags_become_members_of_their_type)
{
	expect_body("a b --title x", "{\"title\":\"x\"}");
	expect_body("a b --title=x=y", "{\"title\":\"x=y\"}");
	expect_body("--winners 3 a b", "{\"winners\":3}");
	expect_body("a b --winners -3", "{\"winners\":-3}");
	expect_body("a b --accept", "{\"accept\":true}");
	expect_body("a b --no-accept", "{\"accept\":false}");
	expect_body("a b --accept=false", "{\"accept\":false}");
	expect_body(
		"a b --categories C01 --categories 测绘", "{\"categories\":[\"C01\",\"测绘\"]}");
	expect_body("a b --certificates {\"n\":1} --certificates {\"n\":2}",
		"{\"certificates\":[{\"n\":1},{\"n\":2}]}");
	expect_body("a b --detail {\"k\":null}", "{\"detail\":{\"k\":null}}");
	expect_body("a b", "{}");
}
END_TEST

START_TEST(money_has_four_spellings_of_one_value)
{
	static const char *const lines[] = {
		"a b --ceiling-fen 12500000",
		"a b --ceiling_fen 12500000",
		"a b --ceiling-yuan 125000.00",
		"a b --ceiling-wan 12.5",
		"a b --ceiling 12.5万",
		"a b --ceiling 125000元",
	};

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		expect_body(lines[i], "{\"ceiling_fen\":12500000}");
	ck_assert(!build(&write_op, "a b --ceiling 12.5"));
	ck_assert(!build(&write_op, "a b --ceiling-fen 12.5"));
	ck_assert(!build(&write_op, "a b --ceiling-yuan 0.005"));
	ck_assert(!build(&write_op, "a b --ceiling 1元 --ceiling-fen 100"));
}
END_TEST

START_TEST(a_wrong_command_line_is_not_a_request)
{
	static const char *const bad[] = {
		"a",
		"a b c",
		"a b c d",
		". b",
		".. b",
		"a b --title",
		"a b --title x --title y",
		"a b --unknown x",
		"a b --winners x",
		"a b --winners 1.0",
		"a b --winners 01",
		"a b --accept=yes",
		"a b --no-accept=true",
		"a b --certificates [1]",
		"a b --certificates {\"n\":1}x",
		"a b --detail {'k':1}",
		"a b -x",
		"a b --json {} --body -",
	};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		ck_assert_msg(!build(&write_op, bad[i]), "%s", bad[i]);
		ck_assert_ptr_nonnull(error);
	}
}
END_TEST

START_TEST(path_arguments_are_encoded)
{
	ck_assert(build(&write_op, "prj_1.2 a/b?c%"));
	ck_assert_str_eq(command.path, "/v1/things/prj_1.2/parts/a%2Fb%3Fc%25");
	ck_assert(build(&write_op, "-- --title b"));
	ck_assert_str_eq(command.path, "/v1/things/--title/parts/b");
}
END_TEST

START_TEST(a_field_goes_before_an_option_of_the_same_name)
{
	expect_body("a b --version 2", "{\"version\":\"2\"}");
	ck_assert_ptr_null(options.version);
	ck_assert(build(&bare_op, "a --version 2 -o csv"));
	ck_assert_str_eq(options.version, "2");
	ck_assert_str_eq(options.output, "csv");
	ck_assert_ptr_null(command.body.at);
	ck_assert(!build(&bare_op, "a --version 2 --version 3"));
	ck_assert(!build(&bare_op, "a --current=yes"));
}
END_TEST

START_TEST(a_whole_body_goes_as_given_and_flags_replace_its_members)
{
	expect_body("a b --json {\"x\":1,\"x\":2}", "{\"x\":1,\"x\":2}");
	expect_body("a b --json {\"title\":\"old\",\"n\":1} --title new",
		"{\"title\":\"new\",\"n\":1}");
	ck_assert(!build(&write_op, "a b --json [] --title x"));
	ck_assert(!build(&write_op, "a b --body /nonexistent/file"));
	ck_assert(!build(&bare_op, "a --json {}"));
}
END_TEST

START_TEST(a_body_is_read_from_a_file)
{
	char path[] = "/tmp/fairlot-command-XXXXXX", line[64];
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "{\"a\":1}\n", 8), 8);
	ck_assert_int_eq(close(fd), 0);
	(void)snprintf(line, sizeof line, "a b --body %s", path);
	expect_body(line, "{\"a\":1}\n");
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

START_TEST(a_read_puts_its_fields_into_the_query)
{
	ck_assert(build(&read_op, "--title 测 --winners 3 --accept --ceiling 1元"));
	ck_assert_str_eq(
		command.path, "/v1/things?title=%E6%B5%8B&winners=3&accept=true&ceiling_fen=100");
	ck_assert_ptr_null(command.body.at);
	ck_assert(!build(&read_op, "--json {}"));
}
END_TEST

START_TEST(operations_are_found_by_two_words_and_their_reader_by_path)
{
	ck_assert_ptr_eq(command_find("project", "create"), &op_table[OP_project_create]);
	ck_assert_ptr_null(command_find("project", "created"));
	ck_assert_ptr_null(command_find("proj", "create"));
	ck_assert_ptr_eq(command_reader(&op_table[OP_project_review]), &op_table[OP_project_get]);
	ck_assert_ptr_eq(command_reader(&op_table[OP_order_confirm]), &op_table[OP_order_get]);
	ck_assert_ptr_null(command_reader(&op_table[OP_key_revoke]));
	ck_assert_ptr_null(command_reader(&op_table[OP_project_create]));
}
END_TEST

START_TEST(every_operation_has_a_command_of_its_own)
{
	for (int i = 0; i < OP_COUNT; i++) {
		const char *dot = strchr(op_table[i].name, '.');
		char resource[64];

		(void)snprintf(resource, sizeof resource, "%.*s", (int)(dot - op_table[i].name),
			op_table[i].name);
		ck_assert_ptr_eq(command_find(resource, dot + 1), &op_table[i]);
	}
}
END_TEST

SUITE(command, flags_become_members_of_their_type, money_has_four_spellings_of_one_value,
	a_wrong_command_line_is_not_a_request, path_arguments_are_encoded,
	a_field_goes_before_an_option_of_the_same_name,
	a_whole_body_goes_as_given_and_flags_replace_its_members, a_body_is_read_from_a_file,
	a_read_puts_its_fields_into_the_query,
	operations_are_found_by_two_words_and_their_reader_by_path,
	every_operation_has_a_command_of_its_own)
