/* Setting a database up, again, by several at once, and refusing a past that is not ours. */
#include <check.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/migrate.h"
#include "sql/embed.h"
#include "tests/support/folder.h"
#include "tests/support/pg.h"
#include "tests/support/suite.h"
#include "tests/support/until.h"

enum {
	DAEMONS = 4
};

struct daemon {
	const char *conninfo;
	struct migrate_done done;
	char why[MIGRATE_WHY];
	bool ok;
};

static void *
daemon_migrate(void *arg)
{
	struct daemon *d = arg;

	d->ok = migrate_run(d->conninfo, &d->done, d->why);
	return NULL;
}

static void
migrate(struct pg *pg, const char *role, int migrations, bool api)
{
	struct daemon d = {.conninfo = pg_conninfo(pg, role)};

	(void)daemon_migrate(&d);
	ck_assert_msg(d.ok, "%s", d.why);
	ck_assert_int_eq(d.done.migrations, migrations);
	ck_assert(d.done.api == api);
}

/* First in the suite: the roles belong to the whole server and are missing only once. */
START_TEST(daemons_that_start_at_once_all_succeed)
{
	struct pg *pg = pg_new_empty();
	struct daemon d[DAEMONS];
	pthread_t thread[DAEMONS];
	int migrations = 0, apis = 0;

	for (int i = 0; i < DAEMONS; i++) {
		d[i] = (struct daemon){.conninfo = pg_conninfo(pg, "postgres")};
		ck_assert_int_eq(pthread_create(&thread[i], NULL, daemon_migrate, &d[i]), 0);
	}
	for (int i = 0; i < DAEMONS; i++)
		ck_assert_int_eq(pthread_join(thread[i], NULL), 0);
	for (int i = 0; i < DAEMONS; i++) {
		ck_assert_msg(d[i].ok, "%s", d[i].why);
		migrations += d[i].done.migrations;
		apis += d[i].done.api;
	}
	ck_assert_int_eq(migrations, (int)sql_migrations.count);
	ck_assert_int_eq(apis, 1);
	pg_free(&pg);
}
END_TEST

static bool
somebody_waits(void *pg)
{
	return pg_number(pg,
		       "SELECT count(*) FROM pg_stat_activity WHERE datname ="
		       " current_database() AND wait_event_type = 'Lock'") > 0;
}

/* The other daemon is inside its first transaction: PostgreSQL answers "it exists" as an error to
 * whoever waited for it, although IF NOT EXISTS was asked. */
START_TEST(a_daemon_that_lost_the_race_for_an_empty_database_tries_again)
{
	struct pg *pg = pg_new_empty();
	struct daemon d = {.conninfo = pg_conninfo(pg, "postgres")};
	PGconn *other = pg_connect(pg, "postgres");
	pthread_t thread;

	(void)pg_ask(pg, other, "BEGIN; CREATE SCHEMA install AUTHORIZATION fairlot_owner");
	ck_assert_int_eq(pthread_create(&thread, NULL, daemon_migrate, &d), 0);
	ck_assert(until(somebody_waits, pg, 20000));
	(void)pg_ask(pg, other, "COMMIT");
	PQfinish(other);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_msg(d.ok, "%s", d.why);
	pg_free(&pg);
}
END_TEST

/* The second waits at the locked row and then finds nothing to do. */
START_TEST(a_daemon_waits_while_another_migrates)
{
	struct pg *pg = pg_new_empty();
	struct daemon d = {.conninfo = pg_conninfo(pg, "postgres")};
	PGconn *other = pg_connect(pg, "postgres");
	pthread_t thread;

	migrate(pg, "postgres", (int)sql_migrations.count, true);
	(void)pg_ask(pg, other, "BEGIN; SELECT FROM install.state FOR UPDATE");
	ck_assert_int_eq(pthread_create(&thread, NULL, daemon_migrate, &d), 0);
	ck_assert(until(somebody_waits, pg, 20000));
	(void)pg_ask(pg, other, "COMMIT");
	PQfinish(other);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_msg(d.ok, "%s", d.why);
	ck_assert(d.done.migrations == 0 && !d.done.api);
	pg_free(&pg);
}
END_TEST

START_TEST(a_second_run_has_nothing_to_do_even_as_the_migrator)
{
	struct pg *pg = pg_new_empty();

	migrate(pg, "postgres", (int)sql_migrations.count, true);
	migrate(pg, "postgres", 0, false);
	migrate(pg, "fairlot_migrator", 0, false);
	pg_free(&pg);
}
END_TEST

/* Where nobody gives the daemon a superuser: role.sql by hand, everything else as the migrator. */
START_TEST(the_migrator_alone_sets_up_a_database_that_has_the_roles)
{
	struct pg *pg = pg_new_empty();

	pg_run(pg, "%s", sql_role);
	migrate(pg, "fairlot_migrator", (int)sql_migrations.count, true);
	migrate(pg, "fairlot_migrator", 0, false);
	pg_free(&pg);
}
END_TEST

/* The text of `pg_dump --schema-only`, without the lines that differ by themselves. */
static char *
schema_dump(struct pg *pg)
{
	char name[] = "/tmp/fairlot-dump-XXXXXX", line[4096], *text = NULL;
	const char *conninfo = pg_conninfo(pg, "postgres");
	size_t size = 0;
	int fd = mkstemp(name), status = 0;
	pid_t pid = fork();
	FILE *out = open_memstream(&text, &size), *in;

	if (pid == 0) {
		(void)dup2(fd, STDOUT_FILENO);
		(void)execlp(
			"pg_dump", "pg_dump", "--schema-only", "--dbname", conninfo, (char *)NULL);
		_exit(127);
	}
	ck_assert(fd >= 0 && pid > 0 && out != NULL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(status == 0, "pg_dump: status %d", status);
	in = fdopen(fd, "r");
	(void)fseek(in, 0, SEEK_SET);
	while (fgets(line, sizeof line, in) != NULL)
		if (strncmp(line, "\\restrict", 9) != 0 && strncmp(line, "\\unrestrict", 11) != 0)
			(void)fputs(line, out);
	(void)fclose(in);
	(void)fclose(out);
	(void)unlink(name);
	return text;
}

static void
dumps_compare(struct pg *left, struct pg *right)
{
	char *a = schema_dump(left), *b = schema_dump(right);

	ck_assert_uint_gt(strlen(a), 10000);
	ck_assert_msg(strcmp(a, b) == 0, "the schemas differ");
	free(a);
	free(b);
}

START_TEST(a_second_database_and_a_schema_made_anew_are_the_same)
{
	struct pg *first = pg_new_empty(), *second = pg_new_empty();

	migrate(first, "postgres", (int)sql_migrations.count, true);
	migrate(second, "postgres", (int)sql_migrations.count, true);
	dumps_compare(first, second);
	pg_run(second, "UPDATE install.state SET api_sha256 = 'of other functions'");
	pg_run(second, "CREATE FUNCTION api.left_over() RETURNS int LANGUAGE sql AS 'SELECT 1'");
	migrate(second, "fairlot_migrator", 0, true);
	dumps_compare(first, second);
	pg_free(&second);
	pg_free(&first);
}
END_TEST

static void
refused(struct pg *pg, const char *part)
{
	char why[MIGRATE_WHY] = "";

	ck_assert(!migrate_run(pg_conninfo(pg, "postgres"), NULL, why));
	ck_assert_msg(strstr(why, part) != NULL, "%s", why);
}

START_TEST(an_edited_or_unknown_migration_is_refused)
{
	struct pg *pg = pg_new_empty();
	char other[65];

	(void)memset(other, '0', 64);
	other[64] = '\0';
	migrate(pg, "postgres", (int)sql_migrations.count, true);
	pg_run(pg, "UPDATE install.migration SET sha256 = '%s' WHERE name = '%s'", other,
		sql_migrations.at[0].name);
	refused(pg, "edited");
	pg_run(pg, "UPDATE install.migration SET sha256 = '%s' WHERE name = '%s'",
		sql_migrations.at[0].sha256, sql_migrations.at[0].name);
	pg_run(pg, "INSERT INTO install.migration VALUES ('9999_later', '%s')", other);
	refused(pg, "9999_later");
	pg_free(&pg);
}
END_TEST

START_TEST(a_failed_run_leaves_nothing_behind)
{
	struct pg *pg = pg_new_empty();

	migrate(pg, "postgres", (int)sql_migrations.count, true);
	pg_run(pg,
		"DROP SCHEMA market CASCADE; DROP SCHEMA api CASCADE;"
		"DELETE FROM install.migration; CREATE SCHEMA market");
	refused(pg, "market");
	ck_assert_int_eq(pg_number(pg, "SELECT count(*) FROM install.migration"), 0);
	ck_assert_int_eq(pg_number(pg,
				 "SELECT count(*) FROM pg_class WHERE relnamespace ="
				 " 'market'::regnamespace"),
		0);
	pg_free(&pg);
}
END_TEST

START_TEST(another_encoding_is_refused)
{
	struct pg *pg = pg_new_empty();
	const char *conninfo = pg_conninfo(pg, "postgres");
	char latin[512], why[MIGRATE_WHY] = "";

	pg_run(pg, "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
	(void)snprintf(latin, sizeof latin, "%s dbname=latin", conninfo);
	ck_assert(!migrate_run(latin, NULL, why));
	ck_assert_msg(strstr(why, "UTF8") != NULL, "%s", why);
	pg_run(pg, "DROP DATABASE latin");
	pg_free(&pg);
}
END_TEST

static void
plan_is(struct pg *pg, const char *first, const char *last)
{
	char why[MIGRATE_WHY] = "", *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	ck_assert(out != NULL);
	ck_assert_msg(migrate_plan(pg_conninfo(pg, "postgres"), out, why), "%s", why);
	(void)fclose(out);
	ck_assert_msg(strncmp(text, first, strlen(first)) == 0, "%s", text);
	ck_assert_msg(strstr(text, last) != NULL, "%s", text);
	free(text);
}

START_TEST(a_plan_says_what_would_be_done_and_does_nothing)
{
	struct pg *pg = pg_new_empty();

	plan_is(pg, "make roles", "make schema api anew\n");
	plan_is(pg, "make roles", "apply 0001_base\n");
	migrate(pg, "postgres", (int)sql_migrations.count, true);
	plan_is(pg, "nothing to do\n", "");
	pg_run(pg, "UPDATE install.state SET api_sha256 = ''");
	plan_is(pg, "make schema api anew\n", "");
	migrate(pg, "postgres", 0, true);
	pg_free(&pg);
}
END_TEST

SUITE(upgrade, daemons_that_start_at_once_all_succeed,
	a_daemon_that_lost_the_race_for_an_empty_database_tries_again,
	a_daemon_waits_while_another_migrates, a_second_run_has_nothing_to_do_even_as_the_migrator,
	the_migrator_alone_sets_up_a_database_that_has_the_roles,
	a_second_database_and_a_schema_made_anew_are_the_same,
	an_edited_or_unknown_migration_is_refused, a_failed_run_leaves_nothing_behind,
	another_encoding_is_refused, a_plan_says_what_would_be_done_and_does_nothing)
