/* Every operation by every role and by nobody, against the roles column of op.def.  Who may not
 * is told so before anything else is looked at; who may is told something else. */
#include <check.h>
#include <string.h>

#include "lib/base/text.h"
#include "proto/op.h"
#include "tests/support/client.h"
#include "tests/support/daemon.h"
#include "tests/support/suite.h"

static struct pg *pg;
static struct daemon *server;
static struct client *c;

/* The path with an id of nothing in each place. */
static const char *
target_of(const struct op *op)
{
	struct text rest = text_of(op->path), part;
	struct buf b;

	buf_init(&b, &c->arena, 128);
	while (text_cut(&rest, '/', &part)) {
		if (part.len == 0)
			continue;
		if (part.at[0] == '{')
			part = text_of(text_is(part, "{index}")	  ? "2"
					: text_is(part, "{tile}") ? "0/000"
								  : "none_x");
		buf_printf(&b, "/" TEXT_FMT, TEXT_ARG(part));
	}
	buf_char(&b, '\0');
	return b.at;
}

static struct answer
ask(const struct op *op)
{
	return client_call(c, method_name(op->method), target_of(op),
		op->flags & OP_IF_MATCH ? "If-Match: \"1\"\r\n" : "",
		op->method == GET || op->body == NULL ? NULL : "{}");
}

/* may: the role bit is in the column, or the operation is public. */
static void
is_ruled(const struct op *op, const char *role, bool may, int refusal)
{
	struct answer a = ask(op);

	ck_assert_msg(may ? a.status != 401 && a.status != 403 && a.status != 0 && a.status < 500
			  : a.status == refusal,
		"%s by %s: %d " TEXT_FMT, op->name, role, a.status, TEXT_ARG(a.body));
}

static void
setup(void)
{
	if (pg != NULL)
		return;
	pg = pg_new();
	server = daemon_new(pg, NULL);
	c = client_new(server->tls, true);
}

START_TEST(nobody_and_wrong_keys_reach_what_is_public_at_most)
{
	static const char *const wrong[] = {
		"flk_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17", /* no one's */
		"flk_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18", /* its CRC is wrong */
	};

	setup();
	for (enum op_id i = 0; i < OP_COUNT; i++) {
		const struct op *op = &op_table[i];

		c->key[0] = '\0';
		is_ruled(op, "nobody", op->roles == ROLE_PUBLIC, 401);
		memcpy(c->key, wrong[i % 2], strlen(wrong[0]) + 1);
		is_ruled(op, "a wrong key", false, 401);
	}
}
END_TEST

START_TEST(each_role_reaches_what_its_column_says)
{
	static const char *const kinds[] = {
		"owner", "agency", "operator", "regulator", "auditor", "witness"};

	setup();
	for (int r = 0; r < 6; r++) {
		client_become(c, pg, pg_person(pg, kinds[r], 1 << r));
		for (enum op_id i = 0; i < OP_COUNT; i++) {
			const struct op *op = &op_table[i];

			is_ruled(op, kinds[r], op->roles == ROLE_PUBLIC || op->roles & 1 << r, 403);
		}
	}
}
END_TEST

/* A key with fewer roles than its user counts by the key. */
START_TEST(key_reaches_no_further_than_its_own_roles)
{
	const char *key;

	setup();
	key = pg_person(pg, "regulator", ROLE_REGULATOR | ROLE_OWNER);
	pg_run(pg, "UPDATE market.api_key SET roles = %d WHERE id = '%s'", ROLE_OWNER, key);
	client_become(c, pg, key);
	is_ruled(&op_table[OP_ledger_totals], "owner", false, 403);
	is_ruled(&op_table[OP_project_mine], "owner", true, 403);
	client_free(&c);
	daemon_free(&server);
	pg_free(&pg);
}
END_TEST

SUITE(matrix, nobody_and_wrong_keys_reach_what_is_public_at_most,
	each_role_reaches_what_its_column_says, key_reaches_no_further_than_its_own_roles)
