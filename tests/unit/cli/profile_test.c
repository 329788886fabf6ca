#include "cli/profile.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "tests/support/suite.h"

/* 30 characters and their CRC. */
#define KEY_ONE "flk_oneoneoneoneoneoneoneoneoneone43diht"
#define KEY_ENV "flk_envenvenvenvenvenvenvenvenvenv0aoZhL"
#define KEY_ARG "flk_argargargargargargargargargarg0gf3hU"

static const char config[] = "# servers\n"
			     "[default]\n"
			     "url = https://one.example\n"
			     "key=" KEY_ONE "\n"
			     "\n"
			     "[two]\r\n"
			     "  url = https://two.example/\r\n"
			     "ca = /etc/two.pem\n";

static struct arena arena;

static enum profile_result
read_section(const char *file, const char *name, struct target *t, int *line)
{
	arena_reset(&arena);
	arena_init(&arena, 1 << 20);
	*t = (struct target){0};
	return profile_read(text_of(file), name, &arena, t, line);
}

START_TEST(a_section_is_read)
{
	struct target t;
	int line;

	ck_assert_int_eq(read_section(config, "default", &t, &line), PROFILE_READ);
	ck_assert_str_eq(t.url, "https://one.example");
	ck_assert_str_eq(t.key, KEY_ONE);
	ck_assert_ptr_null(t.ca);
	ck_assert_int_eq(read_section(config, "two", &t, &line), PROFILE_READ);
	ck_assert_str_eq(t.url, "https://two.example/");
	ck_assert_ptr_null(t.key);
	ck_assert_str_eq(t.ca, "/etc/two.pem");
	ck_assert_int_eq(read_section(config, "three", &t, &line), PROFILE_ABSENT);
}
END_TEST

START_TEST(a_wrong_line_is_named_in_whatever_section_it_stands)
{
	static const struct {
		const char *file;
		int line;
	} bad[] = {
		{"url = https://x\n", 1},
		{"[a]\nurl https://x\n", 2},
		{"[a]\nurl =\n", 2},
		{"[a]\nurl = x\nurl = y\n", 3},
		{"[a]\nsecret = x\n", 2},
		{"[default\n", 1},
		{"[]\n", 1},
		{"[default]\nurl = x\n\n[default]\n", 4},
	};
	struct target t;
	int line;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		ck_assert_msg(read_section(bad[i].file, "default", &t, &line) == PROFILE_WRONG,
			"%s", bad[i].file);
		ck_assert_int_eq(line, bad[i].line);
	}
}
END_TEST

START_TEST(keys_json_gives_the_key_of_a_role)
{
	static const char file[] =
		"{\"base_url\":\"https://localhost:8443\",\"ca\":\"tls/cert.pem\","
		"\"keys\":{\"owner\":\"flk_o\",\"operator\":\"flk_p\"}}";
	struct target t = {0};
	const char *err = NULL;

	arena_reset(&arena);
	arena_init(&arena, 1 << 20);
	ck_assert(profile_read_keys(text_of(file), "owner", "/var/d", &arena, &t, &err));
	ck_assert_str_eq(t.url, "https://localhost:8443");
	ck_assert_str_eq(t.key, "flk_o");
	ck_assert_str_eq(t.ca, "/var/d/tls/cert.pem");
	ck_assert(profile_read_keys(text_of(file), NULL, "/var/d", &arena, &t, &err));
	ck_assert_ptr_null(t.key);
	ck_assert(!profile_read_keys(text_of(file), "auditor", "/var/d", &arena, &t, &err));
	ck_assert(!profile_read_keys(text_of("{}"), NULL, ".", &arena, &t, &err));
	ck_assert(!profile_read_keys(text_of("[1"), NULL, ".", &arena, &t, &err));
	ck_assert(!profile_read_keys(text_of("{\"base_url\":\"x\",\"keys\":{\"owner\":7}}"),
		"owner", ".", &arena, &t, &err));
}
END_TEST

/* --- from where --- */

static char path[] = "/tmp/fairlot-profile-XXXXXX";
static char *env_url, *env_key;

static char *
env(const char *name)
{
	if (strcmp(name, "FAIRLOT_CONFIG") == 0)
		return path;
	if (strcmp(name, "FAIRLOT_URL") == 0)
		return env_url;
	return strcmp(name, "FAIRLOT_KEY") == 0 ? env_key : NULL;
}

static void
config_write(const char *text)
{
	FILE *f;

	arena_reset(&arena);
	arena_init(&arena, 1 << 20);
	env_url = env_key = NULL;
	memcpy(path + strlen(path) - 6, "XXXXXX", 6);
	f = fdopen(mkstemp(path), "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
}

static struct target
find(struct options o)
{
	struct target t = {0};
	const char *err = NULL;

	ck_assert_msg(target_find(&o, env, &arena, &t, &err), "%s", err);
	return t;
}

START_TEST(what_is_nearer_goes_first)
{
	static char url[] = "https://env.example", key[] = KEY_ENV;

	config_write(config);
	ck_assert_str_eq(find((struct options){0}).url, "https://one.example");
	ck_assert_str_eq(find((struct options){0}).key, KEY_ONE);
	ck_assert_str_eq(find((struct options){.key = KEY_ARG}).key, KEY_ARG);
	ck_assert_str_eq(find((struct options){.profile = "two"}).ca, "/etc/two.pem");
	env_key = key;
	ck_assert_str_eq(find((struct options){0}).key, KEY_ENV);
	ck_assert_str_eq(find((struct options){0}).url, "https://one.example");
	/* A profile that was asked for is not mixed with the environment. */
	ck_assert_ptr_null(find((struct options){.profile = "two"}).key);
	env_url = url;
	ck_assert_str_eq(find((struct options){0}).url, "https://env.example");
	unlink(path);
}
END_TEST

START_TEST(a_key_is_not_sent_to_another_server_than_its_own)
{
	static char url[] = "https://env.example";

	config_write(config);
	ck_assert_ptr_null(find((struct options){.url = "https://elsewhere.example"}).key);
	env_url = url;
	ck_assert_ptr_null(find((struct options){0}).key);
	ck_assert_str_eq(
		find((struct options){.url = "https://one.example"}).url, "https://one.example");
	env_url = NULL;
	ck_assert_str_eq(find((struct options){.url = "https://one.example"}).key, KEY_ONE);
	unlink(path);
}
END_TEST

START_TEST(what_was_asked_for_and_is_absent_is_told)
{
	const struct options asked[] = {
		{.profile = "three"},
		{.keys = "/nonexistent/keys.json"},
		{.as = "owner"},
		{.url = "https://x", .key = "flk_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18"},
	};
	struct target t;
	const char *err = NULL;

	config_write("[other]\nurl = https://x\n");
	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
		err = NULL;
		ck_assert(!target_find(&asked[i], env, &arena, &t, &err));
		ck_assert_ptr_nonnull(err);
	}
	/* Nothing asked for, nothing found: no server. */
	ck_assert(!target_find(&(struct options){0}, env, &arena, &t, &err));
	unlink(path);
	ck_assert(!target_find(&(struct options){0}, env, &arena, &t, &err));
	config_write("[other]\nurl\n");
	ck_assert(!target_find(&(struct options){.url = "https://x"}, env, &arena, &t, &err));
	unlink(path);
}
END_TEST

SUITE(profile, a_section_is_read, a_wrong_line_is_named_in_whatever_section_it_stands,
	keys_json_gives_the_key_of_a_role, what_is_nearer_goes_first,
	a_key_is_not_sent_to_another_server_than_its_own, what_was_asked_for_and_is_absent_is_told)
