#include "daemon/db_target.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/suite.h"

static char why[256];

static struct db_target *
make(const char *conninfo, const char *user, bool force)
{
	struct db_target *t = NULL;

	why[0] = '\0';
	return db_target_new(conninfo, user, force, "-c a=1", &t, why, sizeof why) ? t : NULL;
}

static const char *
value(const struct db_target *t, size_t host, const char *key)
{
	const char *const *keys = db_target_keys(t, host);

	for (size_t i = 0; keys[i] != NULL; i++)
		if (strcmp(keys[i], key) == 0)
			return db_target_values(t, host)[i];
	return "";
}

START_TEST(each_host_gets_a_set_of_its_own)
{
	struct db_target *t = make("host=/run/a,/run/b port=5433,5434 dbname=m user=u", "w", false);

	ck_assert_msg(t != NULL, "%s", why);
	ck_assert_uint_eq(db_target_hosts(t), 2);
	ck_assert_str_eq(value(t, 0, "host"), "/run/a");
	ck_assert_str_eq(value(t, 0, "port"), "5433");
	ck_assert_str_eq(value(t, 1, "host"), "/run/b");
	ck_assert_str_eq(value(t, 1, "port"), "5434");
	ck_assert_str_eq(value(t, 1, "dbname"), "m");
	ck_assert_str_eq(value(t, 1, "user"), "u");
	ck_assert_str_eq(db_target_name(t, 1), "/run/b");
	db_target_free(&t);
}
END_TEST

START_TEST(one_port_holds_for_all_and_addresses_are_not_resolved)
{
	struct db_target *t = make(
		"postgresql:///m?hostaddr=192.0.2.1,192.0.2.2&port=6000&host=a.invalid,b.invalid",
		"w", false);

	ck_assert_msg(t != NULL, "%s", why);
	ck_assert_uint_eq(db_target_hosts(t), 2);
	ck_assert_str_eq(value(t, 1, "hostaddr"), "192.0.2.2");
	ck_assert_str_eq(value(t, 1, "host"), "b.invalid");
	ck_assert_str_eq(value(t, 1, "port"), "6000");
	ck_assert_str_eq(value(t, 1, "user"), "w");
	db_target_free(&t);
}
END_TEST

START_TEST(user_is_forced_and_options_are_joined)
{
	struct db_target *t = make("host=/x user=u options='-c b=2'", "reader", true);

	ck_assert_str_eq(value(t, 0, "user"), "reader");
	ck_assert_str_eq(value(t, 0, "options"), "-c b=2 -c a=1");
	ck_assert_str_eq(value(t, 0, "client_encoding"), "UTF8");
	db_target_free(&t);
}
END_TEST

START_TEST(what_is_no_connection_string_is_refused)
{
	ck_assert_ptr_null(make("host=/x nonsense=1", "w", false));
	ck_assert_ptr_nonnull(strstr(why, "nonsense"));
	ck_assert_ptr_null(make("host=name.invalid", "w", false));
	ck_assert_ptr_nonnull(strstr(why, "name.invalid"));
}
END_TEST

SUITE(target, each_host_gets_a_set_of_its_own,
	one_port_holds_for_all_and_addresses_are_not_resolved,
	user_is_forced_and_options_are_joined, what_is_no_connection_string_is_refused)
