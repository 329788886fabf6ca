/* One project of each mode, from the draft to the last payment. */
#include <json-c/json.h>
#include <string.h>

#include "cli/amount.h"
#include "cli/file.h"
#include "cli/say.h"
#include "cli/secret.h"
#include "cli/special.h"
#include "cli/tour.h"
#include "cli/verify.h"
#include "lib/base/arena.h"

enum {
	PRICE_FEN = 12000000,	/* 120,000 yuan: what a draw pays */
	OFFER_FEN = 8600000,	/* of the offer that is picked */
	CEILING_FEN = 20000000, /* of the auction */
	STEP_FEN = 100000
};

/* --- posting --- */

static enum status
post(struct tour *t, const char *mode, const char *title, const char *price, const char **ret_id,
	const char **ret_draw)
{
	const char *body = arena_printf(t->s->arena,
		"{\"item\":\"%s\",\"title\":\"%s\",\"content\":\"%s\",\"mode\":\"%s\","
		"\"profile\":\"demo\",\"fiscal_bp\":10000,\"winners\":1,%s}",
		t->item, title, "演示项目：从发布到付款的全过程", mode, price);
	const char *commitment;
	struct json_object *json;
	enum status status;

	status = tour_call(t, &t->owner, OP_project_create, NULL, 0, body, &json);
	if (status != STATUS_OK)
		return status;
	if ((*ret_id = json_text(json, "id")) == NULL)
		return STATUS_UNREACHED;
	t->s->target.key = t->owner.key;
	if ((status = secret_commit(t->s, t->secrets, *ret_id, ret_draw, &commitment)) !=
			STATUS_OK ||
		(status = tour_call(t, &t->owner, OP_project_submit, ret_id, 1, NULL, &json)) !=
			STATUS_OK ||
		(status = tour_call(t, &t->operator_, OP_project_review, ret_id, 1,
			 "{\"publish\":true}", &json)) != STATUS_OK)
		return status;
	tour_say(say("  已发布 %s", "  published %s"), *ret_id);
	return STATUS_OK;
}

static enum status
sign_up(struct tour *t, const char *id)
{
	struct json_object *json;

	for (size_t i = 0; i < t->agencies_count; i++) {
		enum status status =
			tour_call(t, &t->agencies[i], OP_signup_create, &id, 1, NULL, &json);

		if (status != STATUS_OK)
			return status;
	}
	tour_say(say("  %zu 家机构报名", "  %zu agencies signed up"), t->agencies_count);
	return STATUS_OK;
}

/* --- from the award to the last payment --- */

static const struct party *
party_of(const struct tour *t, const char *agency_id)
{
	for (size_t i = 0; i < t->agencies_count; i++)
		if (agency_id != NULL && strcmp(t->agencies[i].agency_id, agency_id) == 0)
			return &t->agencies[i];
	return NULL;
}

static const struct party *
winner_of(const struct tour *t, struct json_object *project, const char **ret_order)
{
	struct json_object *standing;

	if (!json_object_object_get_ex(project, "standing", &standing) ||
		!json_object_is_type(standing, json_type_array))
		return NULL;
	for (size_t i = 0; i < json_object_array_length(standing); i++) {
		struct json_object *place = json_object_array_get_idx(standing, i);

		if ((*ret_order = json_text(place, "order_id")) != NULL)
			return party_of(t, json_text(place, "agency_id"));
	}
	return NULL;
}

static int64_t
member_fen(struct json_object *json, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(json, name, &value) ? json_object_get_int64(value) : 0;
}

/* What owner and agency do with the order, one after the other. */
static enum status
carry_out(struct tour *t, const struct party *winner, const char *order,
	struct json_object **ret_order)
{
	struct arena *a = t->s->arena;
	enum status status = tour_call(t, &t->owner, OP_order_get, &order, 1, NULL, ret_order);
	long long fen = status == STATUS_OK ? member_fen(*ret_order, "award_fen") : 0;
	const struct {
		const struct party *as;
		enum op_id id;
		const char *body;
	} acts[] = {
		{&t->owner, OP_order_contract,
			arena_printf(a,
				"{\"amount_fen\":%lld,\"number\":\"TOUR-%s\",\"text\":"
				"\"演示合同\"}",
				fen, order)},
		{winner, OP_order_confirm, NULL},
		{winner, OP_order_deliver, "{\"note\":\"成果已提交\"}"},
		{&t->owner, OP_order_accept, NULL},
		{&t->owner, OP_order_pay,
			arena_printf(
				a, "{\"amount_fen\":%lld,\"reference\":\"P-%s\"}", fen, order)},
		{winner, OP_order_evidence,
			arena_printf(
				a, "{\"amount_fen\":%lld,\"reference\":\"R-%s\"}", fen, order)},
		{&t->owner, OP_order_rate,
			"{\"quality\":5,\"time\":4,\"conduct\":5,\"price\":4,\"service\":5}"},
	};
	struct json_object *json;

	for (size_t i = 0; i < sizeof acts / sizeof acts[0] && status == STATUS_OK; i++)
		status = tour_call(t, acts[i].as, acts[i].id, &order, 1, acts[i].body, &json);
	return status == STATUS_OK ? tour_await(t, OP_order_get, order, "state", "paid", ret_order)
				   : status;
}

static void
add_text(struct json_object *json, const char *name, const char *value)
{
	json_object_object_add(json, name, value == NULL ? NULL : json_object_new_string(value));
}

/* From "selected" on, every mode is the same. */
static enum status
finish(struct tour *t, const char *mode, const char *id, const char *draw)
{
	struct json_object *project, *order, *row;
	const char *order_id = NULL;
	const struct party *winner;
	char yuan[AMOUNT_TEXT];
	enum status status = tour_await(t, OP_project_get, id, "state", "awarded", &project);

	if (status != STATUS_OK)
		return status;
	if ((winner = winner_of(t, project, &order_id)) == NULL) {
		fprintf(stderr, "fairlot: %s: %s\n", id, say("没有中选机构", "nobody won"));
		return STATUS_UNREACHED;
	}
	if ((status = carry_out(t, winner, order_id, &order)) != STATUS_OK)
		return status;
	row = json_object_new_object();
	add_text(row, "mode", mode);
	add_text(row, "project_id", id);
	add_text(row, "draw_id", draw);
	add_text(row, "order_id", order_id);
	add_text(row, "winner_id", winner->agency_id);
	json_object_object_add(
		row, "contract_fen", json_object_new_int64(member_fen(order, "contract_fen")));
	json_object_object_add(
		row, "paid_fen", json_object_new_int64(member_fen(order, "evidenced_fen")));
	json_object_array_add(t->projects, row);
	amount_format(member_fen(order, "evidenced_fen"), yuan);
	tour_say(say("  中选 %s，合同与付款 %s 元", "  won by %s, contract and payment %s yuan"),
		winner->agency_id, yuan);
	return STATUS_OK;
}

/* --- the three modes --- */

static struct text
file_of(const struct folder *files, const char *name)
{
	for (size_t i = 0; i < files->count; i++)
		if (text_is(files->files[i].name, name))
			return files->files[i].bytes;
	return text_of(NULL);
}

/* The first of the drawn order; empty when there is none. */
static struct text
drawn_first(struct text result)
{
	struct text line, word;

	while (text_cut(&result, '\n', &line))
		if (text_cut(&line, ' ', &word) && text_is(word, "order") &&
			text_cut(&line, ' ', &word))
			return word;
	return text_of(NULL);
}

/* How anyone verifies it without having anything of it. */
static void
say_address(struct tour *t, const char *draw)
{
	const struct target *at = &t->s->target;
	size_t len = strlen(at->url);

	while (len > 0 && at->url[len - 1] == '/')
		len--;
	tour_say(say("任何人均可核验：fairlot%s%s verify %.*s/v1/draws/%s --journal %.*s",
			 "anyone verifies it: fairlot%s%s verify %.*s/v1/draws/%s --journal %.*s"),
		at->ca == NULL ? "" : " --ca ", at->ca == NULL ? "" : at->ca, (int)len, at->url,
		draw, (int)len, at->url);
}

/* The tour believes nobody: the transcript is of the very freeze that the value was opened to, it
 * gives the winner of the award, and it is recomputed here. */
static enum status
check_transcript(struct tour *t, const char *draw)
{
	struct arena *a = t->s->arena;
	const char *folder = arena_printf(a, "%s/draws/%s", t->folder, draw), *err = NULL;
	const struct verify_options options = {.draw_only = true};
	const struct verify_style style = {.chinese = say_is_chinese(), .brief = true};
	struct json_object *row =
		json_object_array_get_idx(t->projects, json_object_array_length(t->projects) - 1);
	struct folder files;
	struct text kept;
	enum status status = transcript_fetch(t->s, draw, folder);

	if (status != STATUS_OK)
		return status;
	if (!folder_read(a, folder, &files, &err))
		return session_usage(err);
	if (!file_read(arena_printf(a, "%s/draws/%s.freeze", t->secrets, draw), FILE_SIZE_MAX, a,
		    &kept) ||
		!text_eq(kept, file_of(&files, "attempt-1/freeze.txt")) ||
		!text_is(drawn_first(file_of(&files, "attempt-1/result.txt")),
			json_text(row, "winner_id"))) {
		fprintf(stderr, "fairlot: %s: %s\n", draw,
			say("抽取记录与业主所见不符", "the transcript is not what the owner saw"));
		return STATUS_REFUSED;
	}
	status = (enum status)verify_folder(a, &files, &options, &style, stdout);
	if (status == STATUS_OK)
		say_address(t, draw);
	return status;
}

/* The first witness whose keys are announced; NULL when nobody watches this market. */
static enum status
find_witness(struct tour *t, const char **ret_name)
{
	struct json_object *json, *items;
	enum status status = tour_call(t, &t->owner, OP_witness_list, NULL, 0, NULL, &json);

	*ret_name = NULL;
	if (status != STATUS_OK || !json_object_object_get_ex(json, "items", &items) ||
		!json_object_is_type(items, json_type_array))
		return status;
	for (size_t i = 0; *ret_name == NULL && i < json_object_array_length(items); i++) {
		struct json_object *one = json_object_array_get_idx(items, i);
		const char *state = json_text(one, "state");

		if (state != NULL && strcmp(state, "announced") == 0)
			*ret_name = json_text(one, "name");
	}
	return STATUS_OK;
}

/* Owner and witness speak, in this order. */
static enum status
contribute(struct tour *t, const char *draw, const char *witness)
{
	struct json_object *json;
	struct answer answer;
	enum status status = tour_await(t, OP_draw_get, draw, "awaited", "owner", &json);

	if (status != STATUS_OK)
		return status;
	tour_say(say(
		"  名单已冻结，业主公开随机数", "  the list is frozen; the owner opens its value"));
	t->s->target.key = t->owner.key;
	if ((status = secret_open(t->s, t->secrets, draw, &answer)) != STATUS_OK)
		return status;
	if (witness != NULL)
		tour_say(say("  见证方 %s（独立运行的程序）核对后贡献其值",
				 "  the witness %s, a program run apart, checks and contributes"),
			witness);
	return tour_await(t, OP_draw_get, draw, "state", "drawn", &json);
}

enum status
tour_draw(struct tour *t)
{
	const char *id, *draw, *witness, *price;
	enum status status;

	tour_say("%s", say("随机选取", "random draw"));
	if ((status = find_witness(t, &witness)) != STATUS_OK)
		return status;
	price = arena_printf(t->s->arena,
		"\"price_basis\":\"fixed\",\"price_fen\":%d,\"budget_fen\":%d%s", PRICE_FEN,
		PRICE_FEN,
		witness == NULL ? ""
				: arena_printf(t->s->arena, ",\"witnesses\":[\"%s\"]", witness));
	if ((status = post(t, "draw", "演示：随机选取", price, &id, &draw)) != STATUS_OK ||
		(status = sign_up(t, id)) != STATUS_OK ||
		(status = contribute(t, draw, witness)) != STATUS_OK ||
		(status = finish(t, "draw", id, draw)) != STATUS_OK)
		return status;
	return check_transcript(t, draw);
}

enum status
tour_pick(struct tour *t)
{
	const char *price = arena_printf(t->s->arena,
		"\"price_basis\":\"ceiling\",\"ceiling_fen\":%d,\"budget_fen\":%d", PRICE_FEN,
		PRICE_FEN);
	const char *offer = arena_printf(t->s->arena,
		"{\"item\":\"%s\",\"title\":\"演示报价\",\"price_fen\":%d,\"working_days\":10,"
		"\"promise\":\"十个工作日内完成\"}",
		t->item, OFFER_FEN);
	const char *id, *draw, *offer_id;
	struct json_object *json;
	enum status status;

	tour_say("%s", say("直接选取", "catalogue pick"));
	status = tour_call(t, &t->agencies[0], OP_offer_create, NULL, 0, offer, &json);
	if (status != STATUS_OK)
		return status;
	offer_id = json_text(json, "id");
	if ((status = post(t, "pick", "演示：直接选取", price, &id, &draw)) != STATUS_OK ||
		(status = tour_await(t, OP_project_get, id, "state", "selecting", &json)) !=
			STATUS_OK)
		return status;
	status = tour_call(t, &t->owner, OP_pick_create, &id, 1,
		arena_printf(t->s->arena, "{\"offer_id\":\"%s\",\"reason\":\"价格与时限合适\"}",
			offer_id == NULL ? "" : offer_id),
		&json);
	if (status != STATUS_OK ||
		(status = tour_call(t, &t->agencies[0], OP_pick_answer, &id, 1, "{\"accept\":true}",
			 &json)) != STATUS_OK)
		return status;
	return finish(t, "pick", id, NULL);
}

/* Each bids once in turn, then the first again: the last bid is the best. */
static enum status
bid(struct tour *t, const char *auction)
{
	struct json_object *json;
	char yuan[AMOUNT_TEXT];
	int64_t fen = CEILING_FEN;

	for (size_t i = 0; i <= t->agencies_count; i++) {
		const char *body;
		enum status status;

		fen -= 2 * STEP_FEN;
		body = arena_printf(t->s->arena, "{\"amount_fen\":%lld}", (long long)fen);
		status = tour_call(t, &t->agencies[i % t->agencies_count], OP_auction_bid, &auction,
			1, body, &json);
		if (status != STATUS_OK)
			return status;
	}
	amount_format(fen, yuan);
	tour_say(say("  %zu 次报价，最低 %s 元", "  %zu bids, the best is %s yuan"),
		t->agencies_count + 1, yuan);
	return STATUS_OK;
}

enum status
tour_auction(struct tour *t)
{
	const char *price = arena_printf(t->s->arena,
		"\"price_basis\":\"ceiling\",\"ceiling_fen\":%d,\"step_fen\":%d,\"budget_fen\":%d",
		CEILING_FEN, STEP_FEN, CEILING_FEN);
	const char *id, *draw, *auction;
	struct json_object *json;
	enum status status;

	tour_say("%s", say("公开竞价", "open bidding"));
	if ((status = post(t, "auction", "演示：公开竞价", price, &id, &draw)) != STATUS_OK ||
		(status = sign_up(t, id)) != STATUS_OK ||
		(status = tour_await(t, OP_project_get, id, "state", "selecting", &json)) !=
			STATUS_OK)
		return status;
	if ((auction = json_text(json, "auction_id")) == NULL) {
		fprintf(stderr, "fairlot: %s: %s\n", id, say("没有竞价", "it has no auction"));
		return STATUS_UNREACHED;
	}
	if ((status = bid(t, auction)) != STATUS_OK)
		return status;
	return finish(t, "auction", id, NULL);
}
