/* What follows an award of the set: contract, delivery, acceptance, payments, ratings. */
#include <stdlib.h>

#include "daemon/load_set.h"
#include "lib/base/time.h"

static const char *
order_json(struct load *l, const struct load_plan *p)
{
	const struct load_item *item = &l->items[p->item];
	int64_t contract = load_hour(l, l->days[p->contract]);
	int64_t delivered = load_hour(l, l->days[p->delivered]);
	int64_t accepted = load_hour(l, l->days[p->accepted]);

	return arena_printf(&l->scratch,
		"{\"id\":\"%s\",\"project_id\":\"%s\",\"agency_user\":\"%s\",\"awarded_at\":\"%s\","
		"\"contract_number\":\"CD2021-%.8s\",\"contract_text\":\"示例合同：%s委托%s，"
		"金额为中选金额，验收合格后付款。\",\"contract_at\":\"%s\","
		"\"delivery_note\":\"%s成果已提交\",\"delivered_at\":\"%s\",\"accepted_at\":\"%"
		"s\"}",
		p->order, p->project, l->agencies[p->winner].user, load_time(l, p->awarded_us),
		p->order + 4, l->owners[p->owner].name, item->name, load_time(l, contract),
		item->name, load_time(l, delivered), load_time(l, accepted));
}

struct payment {
	bool declared;
	int64_t fen, at_us;
};

static int
payment_order(const void *a, const void *b)
{
	const struct payment *left = a, *right = b;

	return left->at_us < right->at_us ? -1 : left->at_us > right->at_us;
}

/* One payment, or two of about 60 and 40 percent a day apart; each is evidenced after it was
 * declared. */
static const char *
payments_json(struct load *l, const struct load_plan *p)
{
	struct payment at[4];
	int parts = load_below(l, 3) == 0 ? 2 : 1;
	int64_t first = parts == 2 ? p->fen * load_between(l, 50, 70) / 100 : p->fen;
	struct buf b;

	for (int i = 0; i < parts; i++) {
		int64_t fen = i == 0 ? first : p->fen - first;

		at[2 * i] = (struct payment){
			true, fen, load_at(l->days[p->declared - (parts - 1 - i)], 9 + i, 30)};
		at[2 * i + 1] = (struct payment){false, fen,
			load_at(l->days[p->evidenced], 10 + i, 0) +
				load_between(l, 0, 3000) * UTC_SECOND};
	}
	qsort(at, (size_t)parts * 2, sizeof at[0], payment_order);
	buf_init(&b, &l->scratch, 1024);
	buf_char(&b, '[');
	for (int i = 0; i < 2 * parts; i++)
		buf_printf(&b,
			"%s{\"event\":\"%s\",\"amount_fen\":%lld,\"reference\":\"SYN%.6s-%d\","
			"\"user\":\"%s\",\"at\":\"%s\"}",
			i == 0 ? "" : ",", at[i].declared ? "declared" : "evidenced",
			(long long)at[i].fen, p->order + 4, i + 1,
			at[i].declared ? l->owners[p->owner].user : l->agencies[p->winner].user,
			load_time(l, at[i].at_us));
	buf_str(&b, "]");
	buf_char(&b, '\0');
	return b.at;
}

static void
rating_add(struct load *l, struct buf *b, const char *rater, const char *user, int64_t at_us)
{
	static const char *const dimensions[] = {"quality", "time", "conduct", "price", "service"};

	buf_printf(b, "%s{\"rater\":\"%s\",\"user\":\"%s\",\"at\":\"%s\"", b->len > 1 ? "," : "",
		rater, user, load_time(l, at_us));
	for (int i = 0; i < 5; i++) {
		uint32_t chance = load_below(l, 20);

		buf_printf(b, ",\"%s\":%d", dimensions[i],
			chance < 11	      ? 5
				: chance < 17 ? 4
				: chance < 19 ? 3
					      : 2);
	}
	buf_char(b, '}');
}

static const char *
ratings_json(struct load *l, const struct load_plan *p)
{
	int64_t at_us = load_at(l->days[p->evidenced], 15, 0);
	struct buf b;

	buf_init(&b, &l->scratch, 1024);
	buf_char(&b, '[');
	rating_add(l, &b, "owner", l->owners[p->owner].user, at_us);
	if (load_below(l, 4) == 0)
		rating_add(l, &b, "regulator", l->regulator, at_us + 600 * UTC_SECOND);
	if (load_below(l, 3) == 0)
		rating_add(l, &b, "operator", l->operators[0], at_us + 1200 * UTC_SECOND);
	buf_str(&b, "]");
	buf_char(&b, '\0');
	return b.at;
}

bool
load_order(struct load *l, const struct load_plan *p)
{
	const char *params[3];

	params[0] = order_json(l, p);
	params[1] = payments_json(l, p);
	params[2] = ratings_json(l, p);
	return load_call(l, "order", 3, params);
}
