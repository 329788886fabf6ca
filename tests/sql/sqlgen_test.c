/* The build tool of sql/: what it makes of good files, and that each fault stops it, with its
 * place.  $FAIRLOT_SQLGEN is the program. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/folder.h"
#include "tests/support/suite.h"

enum {
	PATH_LEN = 200,
	TEXT_LEN = 4096
};

static const char good[] = "-- in:    caller text,\n"
			   "--        body jsonb\n"
			   "-- out:   status int, body text\n"
			   "-- kind:  writes      lane: long\n"
			   "-- why:   it says why\n"
			   "SELECT * FROM api.offer_create($1, $2);\n";

static char root[64];

static void
file_write(const char *name, const char *text)
{
	char path[PATH_LEN];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/%s", root, name);
	f = fopen(path, "w");
	ck_assert_msg(f != NULL, "%s", path);
	(void)fputs(text, f);
	(void)fclose(f);
}

static void
folder_make(const char *name)
{
	char path[PATH_LEN];

	(void)snprintf(path, sizeof path, "%s/%s", root, name);
	ck_assert_int_eq(mkdir(path, 0700), 0);
}

static void
tree_make(const char *stmt)
{
	(void)snprintf(root, sizeof root, "/tmp/fairlot-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	folder_make("sql");
	folder_make("sql/migrate");
	folder_make("sql/stmt");
	folder_make("sql/stmt/offer");
	file_write("sql/role.sql", "SELECT '中\"\\?';\n");
	file_write("sql/migrate/0001_base.sql", "CREATE TABLE t ();\n");
	file_write("sql/stmt/offer/create.sql", stmt);
}

static void
file_read(const char *name, char ret_text[TEXT_LEN])
{
	char path[PATH_LEN];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/%s", root, name);
	f = fopen(path, "r");
	ck_assert_msg(f != NULL, "%s", path);
	ret_text[fread(ret_text, 1, TEXT_LEN - 1, f)] = '\0';
	(void)fclose(f);
}

/* Runs the tool on the tree; its exit status, and what it said in the file "said". */
static int
sqlgen(void)
{
	const char *program = getenv("FAIRLOT_SQLGEN");
	int status = 0;
	pid_t pid;

	ck_assert_ptr_nonnull(program);
	pid = fork();
	if (pid == 0) {
		int fd = chdir(root) == 0 ? open("said", O_WRONLY | O_CREAT, 0600) : -1;

		(void)dup2(fd, STDERR_FILENO);
		(void)execl(program, program, "sql", "stmt.def", "table.c", "dep", (char *)NULL);
		_exit(127);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(a_good_tree_becomes_a_list_a_table_and_its_dependencies)
{
	char text[TEXT_LEN];

	tree_make(good);
	ck_assert_int_eq(sqlgen(), 0);
	file_read("stmt.def", text);
	ck_assert_ptr_nonnull(strstr(text,
		"STMT(offer_create, \"SELECT * FROM api.offer_create($1, $2)\", WRITES, LONG, "
		"\"caller text,body jsonb\", \"status int,body text\")\n#undef STMT\n"));
	file_read("dep", text);
	ck_assert_ptr_nonnull(strstr(text, "stmt.def: sql "));
	ck_assert_ptr_nonnull(strstr(text, " sql/stmt/offer/create.sql"));
	ck_assert_ptr_nonnull(strstr(text, " sql/stmt/offer "));
	folder_remove(root);
}
END_TEST

START_TEST(a_tree_without_statements_is_a_list_without_rows)
{
	char text[TEXT_LEN];

	tree_make(good);
	(void)snprintf(text, sizeof text, "%s/sql/stmt", root);
	folder_remove(text);
	ck_assert_int_eq(sqlgen(), 0);
	file_read("stmt.def", text);
	ck_assert_ptr_null(strstr(text, "STMT("));
	folder_remove(root);
}
END_TEST

static const struct {
	const char *part, *instead, *says;
} faults[] = {
	{"-- in:    caller", "-- inn:   caller", "create.sql:1: a header has no 'inn:'"},
	{"caller text", "caller", "create.sql:1: caller has no type"},
	{"caller text", "Caller text", "create.sql:1: expected 'name type, …'"},
	{"body jsonb", "caller jsonb", "create.sql:1: caller stands twice"},
	{"-- in:", "--        x\n-- in:", "create.sql:1: goes on with nothing"},
	{"-- in:", "-- a word\n-- in:", "create.sql:1: expected '-- key: value'"},
	{"-- out:   status int, body text\n", "", "create.sql:1: the header has no 'out:'"},
	{"status int, body text", "", "create.sql:3: 'out:' names the columns"},
	{"-- why:   it says why\n", "", "create.sql:1: the header has no 'why:'"},
	{"it says why", "", "create.sql:5: 'why:' is one sentence"},
	{"-- why:", "-- why:  x\n-- why:", "create.sql:6: 'why:' stands twice"},
	{"writes", "write", "create.sql:4: 'kind:' is reads or writes"},
	{"lane: long", "lane: slow", "create.sql:4: 'lane:' is short or long"},
	{"lane: long", "why: long", "create.sql:4: only 'lane:' follows on the line of kind"},
	{"$2", "$3", "create.sql:6: parameter $3 is not in the header"},
	{", $2", "", "create.sql:6: the header has 2 parameters, the text 1"},
	{";", "; SELECT 1;", "create.sql:6: one statement a file"},
	{"SELECT *", "-- x\nSELECT *", "create.sql:6: expected '-- key: value'"},
	{"($1", " -- x\n($1", "create.sql:6: comments stand in the header"},
	{"SELECT * FROM api.offer_create($1, $2);\n", "", "create.sql:6: no statement follows"},
};

START_TEST(a_fault_in_a_header_stops_the_build_at_its_place)
{
	const char *at = strstr(good, faults[_i].part);
	char stmt[TEXT_LEN], said[TEXT_LEN];

	ck_assert_ptr_nonnull(at);
	(void)snprintf(stmt, sizeof stmt, "%.*s%s%s", (int)(at - good), good, faults[_i].instead,
		at + strlen(faults[_i].part));
	tree_make(stmt);
	ck_assert_int_eq(sqlgen(), 1);
	file_read("said", said);
	ck_assert_msg(
		strstr(said, faults[_i].says) != NULL, "%s instead of %s", said, faults[_i].says);
	folder_remove(root);
}
END_TEST

START_TEST(two_files_with_one_name_stop_the_build)
{
	char said[TEXT_LEN];

	tree_make(good);
	folder_make("sql/stmt/offer_create");
	file_write("sql/stmt/offer/create_now.sql", good);
	file_write("sql/stmt/offer_create/now.sql", good);
	ck_assert_int_eq(sqlgen(), 1);
	file_read("said", said);
	ck_assert_ptr_nonnull(strstr(said, "the same name as"));
	folder_remove(root);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("sqlgen");
	TCase *c = tcase_create("sqlgen");
	SRunner *r;
	int failed;

	tcase_add_test(c, a_good_tree_becomes_a_list_a_table_and_its_dependencies);
	tcase_add_test(c, a_tree_without_statements_is_a_list_without_rows);
	tcase_add_loop_test(c, a_fault_in_a_header_stops_the_build_at_its_place, 0,
		sizeof faults / sizeof faults[0]);
	tcase_add_test(c, two_files_with_one_name_stop_the_build);
	suite_add_tcase(s, c);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
