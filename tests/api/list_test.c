/* Every list, on pages of one, two and three, is the list on one page: also where all its rows are
 * of the same moment, as they are under a clock that stands. */
#include <check.h>
#include <inttypes.h>
#include <string.h>

#include "tests/api/life.h"
#include "tests/support/suite.h"

enum {
	ITEMS_MAX = 200
};

static struct scene *market;
static const char *auction;

static void
offers_list(struct scene *s)
{
	for (int i = 0; i < 3; i++)
		for (int n = 0; n < 2; n++)
			scene_does(s, AGENCY + i, "POST /v1/offers", NULL,
				scene_text(s,
					"{\"item\":\"I00%d\",\"title\":\"勘测\",\"price_fen\":%d,"
					"\"working_days\":10,\"promise\":\"按时\"}",
					n + 1, 1000 * (1 + i / 2)));
}

/* A draw of three winners makes three orders of one moment. */
static void
orders_make(struct scene *s)
{
	const char *project = life_open(
		s, "draw", "\"price_basis\":\"fixed\",\"price_fen\":100", ",\"winners\":3");

	for (int i = 0; i < 4; i++)
		(void)life_signup(s, project, i);
	life_pass(s, project, "/deadline_at", "selecting");
	life_contribute(s, scene_text(s, "%s.1", project));
	life_pass(s, project, "/standstill_until", "awarded");
}

static void
bids_make(struct scene *s)
{
	const char *project = life_open(s, "auction", NULL, "");

	for (int i = 0; i < 3; i++)
		(void)life_signup(s, project, i);
	life_pass(s, project, "/deadline_at", "selecting");
	auction = scene_look(s, scene_text(s, "/v1/projects/%s", project), "/auction_id");
	for (int i = 0; i < 5; i++)
		scene_does(s, AGENCY + i % 3, scene_text(s, "POST /v1/auctions/%s/bids", auction),
			NULL, scene_text(s, "{\"amount_fen\":%d}", 9000000 - 1000 * i));
}

static struct scene *
scene_market(void)
{
	struct scene *s = market;

	if (s != NULL)
		return s;
	s = market = scene_new("demo");
	offers_list(s);
	orders_make(s);
	bids_make(s);
	for (int i = 0; i < 4; i++) {
		scene_does(s, OWNER, "POST /v1/projects", NULL, life_body(s, "pick", NULL, ""));
		(void)life_open(s, "draw", NULL, "");
		scene_does(s, OWNER, scene_text(s, "POST /v1/users/%s/keys", s->user_id[OWNER]),
			NULL, "{\"label\":\"x\",\"roles\":[\"owner\"]}");
	}
	return s;
}

/* The rows of the last answer, behind those that there are; how many there are then. */
static int
rows_take(struct scene *s, const char **rows, int count)
{
	for (int i = 0;; i++) {
		const char *row = scene_member(s, scene_text(s, "/items/%d", i));

		if (row[0] == '\0')
			return count;
		ck_assert_int_lt(count, ITEMS_MAX);
		rows[count++] = row;
	}
}

static void
pages_are_the_list(struct scene *s, int who, const char *target, int least, int limit)
{
	const char *whole[ITEMS_MAX], *paged[ITEMS_MAX], *cursor = "";
	int count, have = 0;

	scene_does(s, who, scene_text(s, "GET %slimit=200", target), NULL, NULL);
	ck_assert_str_eq(scene_member(s, "/next_cursor"), "");
	count = rows_take(s, whole, 0);
	ck_assert_msg(count >= least, "%s has %d", target, count);
	do {
		int before = have;

		scene_does(s, who,
			scene_text(s, "GET %slimit=%d%s%s", target, limit,
				cursor[0] == '\0' ? "" : "&cursor=", cursor),
			NULL, NULL);
		have = rows_take(s, paged, have);
		ck_assert_int_le(have - before, limit);
		cursor = scene_member(s, "/next_cursor");
	} while (cursor[0] != '\0');
	ck_assert_msg(have == count, "%s by %d: %d, not %d", target, limit, have, count);
	for (int i = 0; i < count; i++)
		ck_assert_msg(strcmp(paged[i], whole[i]) == 0, "%s by %d: %s\nnot %s", target,
			limit, paged[i], whole[i]);
}

START_TEST(pages_of_every_list_are_the_list)
{
	struct scene *s = scene_market();
	const struct {
		int who;
		const char *target;
		int least;
	} rows[] = {
		{NOBODY, "/v1/items?category=C01&", 3},
		{NOBODY, "/v1/items?search=%E6%B5%8B%E7%BB%98&", 3}, /* 测绘 */
		{NOBODY, "/v1/agencies?", SCENE_AGENCIES},
		{NOBODY, "/v1/agencies?category=C01&region=430700&", SCENE_AGENCIES},
		{NOBODY, "/v1/offers?", 6},
		{NOBODY, "/v1/offers?sort=-price&", 6},
		{NOBODY, "/v1/offers?sort=days&category=C01&", 6},
		{NOBODY, "/v1/offers?sort=newest&item=I001&", 3},
		{NOBODY, "/v1/projects?", 6},
		{NOBODY, "/v1/projects?mode=draw&state=open&", 4},
		{NOBODY, "/v1/projects?q=%E5%8B%98%E6%B5%8B&", 6}, /* 勘测 */
		{OWNER, "/v1/me/projects?", 10},
		{OWNER, "/v1/me/projects?state=draft&", 4},
		{OWNER, scene_text(s, "/v1/users/%s/keys?", s->user_id[OWNER]), 5},
		{OPERATOR, scene_text(s, "/v1/users/%s/keys?", s->user_id[OWNER]), 5},
		{NOBODY, scene_text(s, "/v1/auctions/%s/bids?", auction), 5},
		{OWNER, "/v1/orders?", 3},
		{REGULATOR, "/v1/orders?state=awarded&mode=draw&", 3},
		{AUDITOR, "/v1/ledger/entries?", 9},
		{REGULATOR, "/v1/ledger/entries?event=award&fund=social&", 3},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (int limit = 1; limit <= 3; limit++)
			pages_are_the_list(s, rows[i].who, rows[i].target, rows[i].least, limit);
}
END_TEST

/* Drafts are their owner's; a stranger's list of its own is empty. */
START_TEST(lists_show_what_their_reader_may_see)
{
	struct scene *s = scene_market();

	scene_does(s, STRANGER, "GET /v1/me/projects", NULL, NULL);
	ck_assert_str_eq(scene_member(s, "/items"), "[ ]");
	scene_does(s, STRANGER, "GET /v1/orders", NULL, NULL);
	ck_assert_str_eq(scene_member(s, "/items"), "[ ]");
	scene_does(s, NOBODY, "GET /v1/projects?state=draft", NULL, NULL);
	ck_assert_str_eq(scene_member(s, "/items"), "[ ]");
	for (int i = 0; i < 4; i++) {
		scene_does(s, AGENCY + i, "GET /v1/orders", NULL, NULL);
		ck_assert_str_eq(scene_member(s, "/items/1"), "");
	}
	scene_refused(s, STRANGER, scene_text(s, "GET /v1/users/%s/keys", s->user_id[OWNER]), NULL,
		NULL, "not-found", "id");
	scene_free(&market);
}
END_TEST

/* A cursor is of the list that gave it, in its order. */
START_TEST(cursor_of_another_order_is_refused)
{
	struct scene *s = scene_market();

	scene_does(s, NOBODY, "GET /v1/offers?sort=price&limit=1", NULL, NULL);
	scene_refused(s, NOBODY,
		scene_text(s, "GET /v1/offers?sort=-price&limit=1&cursor=%s",
			scene_member(s, "/next_cursor")),
		NULL, NULL, "bad-input", "cursor");
	scene_does(s, NOBODY, "GET /v1/projects?limit=1", NULL, NULL);
	scene_refused(s, AUDITOR,
		scene_text(s, "GET /v1/ledger/entries?cursor=%s", scene_member(s, "/next_cursor")),
		NULL, NULL, "bad-input", "cursor");
	scene_refused(s, OWNER,
		scene_text(s, "GET /v1/orders?cursor=%s", scene_member(s, "/next_cursor")), NULL,
		NULL, "bad-input", "cursor");
}
END_TEST

SUITE(list, pages_of_every_list_are_the_list, cursor_of_another_order_is_refused,
	lists_show_what_their_reader_may_see)
