#include "daemon/config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/suite.h"

static char why[512], folder[] = "/tmp/fairlot-config-XXXXXX";

static void
folder_make(void)
{
	char conf_d[64];

	(void)snprintf(folder, sizeof folder, "/tmp/fairlot-config-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(conf_d, sizeof conf_d, "%s/conf.d", folder);
	ck_assert_int_eq(mkdir(conf_d, 0700), 0);
}

static const char *
file_write(const char *name, const char *text)
{
	static char path[2][128];
	static int turn;
	FILE *f;

	turn = !turn;
	(void)snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
	f = fopen(path[turn], "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
	return path[turn];
}

static void
folder_remove(void)
{
	static const char *const names[] = {"f.conf", "conf.d/a.conf", "conf.d", ""};
	char path[128];

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		(void)remove(path);
	}
}

static struct config *
load(const char *const *args, size_t count, const char *const *env)
{
	struct config *c = NULL;

	why[0] = '\0';
	return config_load(args, count, env, &c, why, sizeof why) ? c : NULL;
}

START_TEST(defaults_hold_where_nothing_is_said)
{
	struct config *c = load(NULL, 0, NULL);

	ck_assert_msg(c != NULL, "%s", why);
	ck_assert_int_eq(c->http_head_ms, 10000);
	ck_assert_int_eq(c->http_body_max, 256 * 1024);
	ck_assert_str_eq(c->data_dir, "./var");
	ck_assert(!c->market_demo);
	config_unref(&c);
	ck_assert_ptr_null(c);
}
END_TEST

START_TEST(flag_beats_variable_beats_file_beats_default)
{
	const char *env[] = {"FAIRLOTD_DB_WRITERS=5", "FAIRLOTD_DB_READERS=6", "HOME=/", NULL};
	const char *args[4] = {"--db.writers=7", "--config", NULL, "--market.demo=on"};
	struct config *c;

	folder_make();
	args[2] = file_write("f.conf",
		"# a comment\n[db]\nwriters = 2\nreaders=3\nlong = 4\n\n[log]\nlevel = warn\n");
	(void)file_write("conf.d/a.conf", "db.batches = 9\n");
	c = load(args, 4, env);
	ck_assert_msg(c != NULL, "%s", why);
	ck_assert_int_eq(c->db_writers, 7);
	ck_assert_int_eq(c->db_readers, 6);
	ck_assert_int_eq(c->db_longs, 4);
	ck_assert_int_eq(c->db_batches, 9);
	ck_assert_int_eq(c->log_level, 2);
	ck_assert(c->market_demo);
	config_unref(&c);
	folder_remove();
}
END_TEST

START_TEST(unknown_key_is_refused_with_its_line)
{
	const char *args[2] = {"--config", NULL};

	folder_make();
	args[1] = file_write("f.conf", "\n[db]\nwritters = 2\n");
	ck_assert_ptr_null(load(args, 2, NULL));
	ck_assert_ptr_nonnull(strstr(why, "f.conf:3: unknown option db.writters"));
	folder_remove();
}
END_TEST

START_TEST(unknown_variable_and_flag_are_refused)
{
	const char *env[] = {"FAIRLOTD_DB_WRITTERS=5", NULL};
	const char *args[] = {"--db.writters", "5"};

	ck_assert_ptr_null(load(NULL, 0, env));
	ck_assert_ptr_nonnull(strstr(why, "FAIRLOTD_DB_WRITTERS"));
	ck_assert_ptr_null(load(args, 2, NULL));
	ck_assert_ptr_nonnull(strstr(why, "unknown flag --db.writters"));
	ck_assert_ptr_null(load(args, 1, NULL));
	ck_assert_ptr_nonnull(strstr(why, "needs a value"));
}
END_TEST

START_TEST(value_without_unit_or_out_of_range_is_refused)
{
	static const char *const bad[] = {"--http.idle_timeout=60", "--http.idle_timeout=60d",
		"--http.body_max=256", "--http.body_max=256kb", "--http.idle_timeout=2h",
		"--db.writers=0", "--db.writers=-1", "--db.writers=7x", "--market.demo=yes",
		"--log.level=loud", "--http.idle_timeout=", "--http.body_max=99999999999999999GiB"};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ck_assert_msg(load(&bad[i], 1, NULL) == NULL, "%s", bad[i]);
}
END_TEST

START_TEST(secret_is_never_printed)
{
	const char *args[] = {"--database=host=db password=hunter2"};
	char *text = NULL;
	size_t size = 0;
	struct config *c = load(args, 1, NULL);
	FILE *f = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(c);
	config_print(c, f);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_ptr_null(strstr(text, "hunter2"));
	ck_assert_ptr_nonnull(strstr(text, "database = (hidden)  # default: ; source: flag"));
	free(text);
	config_unref(&c);
}
END_TEST

START_TEST(restart_only_options_are_named_at_reload)
{
	const char *args[] = {"--db.writers=7", "--http.idle_timeout=5s", "--loops=3"};
	struct config *old = load(NULL, 0, NULL), *fresh = load(args, 3, NULL);

	ck_assert_str_eq(config_restarts(old, fresh), "loops db.writers");
	config_unref(&old);
	config_unref(&fresh);
}
END_TEST

START_TEST(document_is_the_list)
{
	char path[512], *made = NULL, *committed;
	size_t size = 0, len;
	FILE *f = open_memstream(&made, &size);

	config_document(f);
	ck_assert_int_eq(fclose(f), 0);
	(void)snprintf(path, sizeof path, "%s/docs/CONFIG.md", getenv("FAIRLOT_SOURCE"));
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	committed = calloc(1, size + 4096);
	len = fread(committed, 1, size + 4095, f);
	(void)fclose(f);
	ck_assert_msg(len == size && memcmp(made, committed, size) == 0,
		"docs/CONFIG.md is not what daemon/config.def says: make it anew with "
		"fairlotd --print-config-document");
	free(made);
	free(committed);
}
END_TEST

SUITE(config, defaults_hold_where_nothing_is_said, flag_beats_variable_beats_file_beats_default,
	unknown_key_is_refused_with_its_line, unknown_variable_and_flag_are_refused,
	value_without_unit_or_out_of_range_is_refused, secret_is_never_printed,
	restart_only_options_are_named_at_reload, document_is_the_list)
