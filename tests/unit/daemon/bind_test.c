/* Parameters by name, against the operations there are. */
#include "daemon/bind.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config.h"
#include "daemon/loop.h"
#include "tests/support/suite.h"

#undef fail /* check.h has a macro of this name */

START_TEST(every_parameter_of_every_operation_has_a_source)
{
	char why[256] = "";

	ck_assert_msg(bind_resolve(why, sizeof why), "%s", why);
}
END_TEST

static struct task *
task(struct loop **loop)
{
	struct config *c = NULL;
	char why[256];

	ck_assert(config_load(NULL, 0, NULL, &c, why, sizeof why));
	*loop = loop_new(0, 1, c);
	ck_assert(bind_resolve(why, sizeof why));
	return task_new(*loop, op_reply);
}

static enum turn
over(struct task *t)
{
	loop_stop(t->loop);
	return reply_empty(t, 204);
}

static void
end(struct loop *loop, struct task *t)
{
	t->step = over;
	loop_run(loop);
	loop_free(&loop);
}

static const char *
param(const char **params, enum sql_id id, const char *name)
{
	for (int i = 0; i < sql_table[id].params_count; i++)
		if (strcmp(sql_table[id].params[i].name, name) == 0)
			return params[i];
	ck_abort_msg("%s has no %s", sql_table[id].name, name);
}

START_TEST(values_come_from_where_their_name_says)
{
	struct text query[8] = {{0}};
	struct loop *loop;
	struct task *t = task(&loop);
	const char **p;

	t->op = &op_table[OP_project_edit];
	t->route.args_count = 1;
	t->route.args[0] = text_of("prj_1");
	t->body = text_of("{\"a\":1}");
	t->if_match = 7;
	memcpy(t->who.key, "key_1", 6);
	p = bind_params(t, SQL_project_edit);
	ck_assert_str_eq(param(p, SQL_project_edit, "caller"), "key_1");
	ck_assert_str_eq(param(p, SQL_project_edit, "need"), "1");
	ck_assert_str_eq(param(p, SQL_project_edit, "id"), "prj_1");
	ck_assert_str_eq(param(p, SQL_project_edit, "if_match"), "7");
	ck_assert_str_eq(param(p, SQL_project_edit, "body"), "{\"a\":1}");
	t->op = &op_table[OP_item_list];
	t->query = query;
	query[shape_find(t->op->query, text_of("limit"))] = text_of("5");
	p = bind_params(t, SQL_item_list);
	ck_assert_str_eq(param(p, SQL_item_list, "limit"), "5");
	ck_assert_ptr_null(param(p, SQL_item_list, "cursor"));
	end(loop, t);
}
END_TEST

START_TEST(absent_values_are_null_and_set_ones_stand)
{
	struct loop *loop;
	struct task *t = task(&loop);
	const char **p;

	t->op = &op_table[OP_key_create];
	t->route.args_count = 1;
	t->route.args[0] = text_of("usr_1");
	p = bind_params(t, SQL_key_create);
	ck_assert_ptr_null(param(p, SQL_key_create, "caller"));
	ck_assert_ptr_null(param(p, SQL_key_create, "idem"));
	ck_assert_ptr_null(param(p, SQL_key_create, "body"));
	ck_assert_ptr_null(param(p, SQL_key_create, "secret_hash"));
	bind_bytes(t, p, SQL_key_create, "secret_hash", text_of("\x01\xff"));
	ck_assert_str_eq(param(p, SQL_key_create, "secret_hash"), "\\x01ff");
	end(loop, t);
}
END_TEST

SUITE(bind, every_parameter_of_every_operation_has_a_source, values_come_from_where_their_name_says,
	absent_values_are_null_and_set_ones_stand)
