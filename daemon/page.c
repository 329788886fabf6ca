#include "daemon/page.h"

#include <json-c/json.h>
#include <stdio.h>

#include "daemon/cache.h"
#include "daemon/db.h"

static const char *own_address = "", *own_cert = ""; /* set before the loops run */

void
page_set(const char *address, const char *cert)
{
	own_address = address;
	own_cert = cert;
}

static const char head[] =
	"<!doctype html>\n<html lang=\"zh\"><head><meta charset=\"utf-8\">"
	"<meta name=\"viewport\" content=\"width=device-width\"><title>fairlot</title>"
	"<style>body{font:16px/1.6 sans-serif;max-width:46em;margin:2em auto;padding:0 1em}"
	"pre{background:#f4f4f4;padding:.8em;white-space:pre-wrap;overflow-wrap:anywhere}"
	"td{padding:.1em 1em .1em 0}td+td{text-align:right}</style></head><body>\n"
	"<h1>fairlot " FAIRLOT_VERSION "</h1>\n"
	"<p>中介超市：随机选取、直接选取、公开竞价，人人可以验证。<br>"
	"Choice of agencies by draw, pick and bidding that anyone can verify.</p>\n";

static const char links[] =
	"<ul><li><a href=\"/v1/statistics\">/v1/statistics</a> 公开统计 · figures</li>\n"
	"<li><a href=\"/v1/projects\">/v1/projects</a> 项目公告 · notices</li>\n"
	"<li><a href=\"/v1/agencies\">/v1/agencies</a> 中介机构 · agencies</li>\n"
	"<li><a href=\"/journal/checkpoint\">/journal/checkpoint</a> 日志检查点 · the "
	"journal</li>\n"
	"<li><a href=\"/v1/witnesses\">/v1/witnesses</a> 见证方 · witnesses</li>\n"
	"<li><a href=\"/openapi.json\">/openapi.json</a> 接口 · the interface</li>\n"
	"<li><a href=\"/readyz?verbose\">/readyz</a> 状态 · health</li></ul>\n";

static const struct {
	const char *name, *zh, *en;
	bool fen;
} figures[] = {
	{"agencies", "中介机构", "agencies", false},
	{"categories", "机构类别", "categories", false},
	{"items", "服务事项", "service items", false},
	{"users", "用户", "users", false},
	{"orders", "合同", "contracts", false},
	{"orders_draw", "其中随机选取", "by draw", false},
	{"orders_pick", "其中直接选取", "by pick", false},
	{"orders_auction", "其中公开竞价", "by bidding", false},
	{"contract_fen", "合同金额（元）", "contracted, in yuan", true},
};

/* Money is whole fen; yuan are for people's eyes only. */
static void
figures_add(struct buf *b, struct json_object *json)
{
	buf_str(b, "<table>\n");
	for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
		struct json_object *value;
		long long n;

		if (!json_object_object_get_ex(json, figures[i].name, &value))
			continue;
		n = json_object_get_int64(value);
		buf_printf(b, "<tr><td>%s · %s</td><td>", figures[i].zh, figures[i].en);
		if (figures[i].fen)
			buf_printf(b, "%lld.%02lld</td></tr>\n", n / 100, n % 100);
		else
			buf_printf(b, "%lld</td></tr>\n", n);
	}
	buf_str(b, "</table>\n");
}

static enum turn
show(struct task *t, struct text statistics)
{
	struct json_object *json = statistics.at == NULL
		? NULL
		: json_tokener_parse(arena_str(&t->arena, statistics.at, statistics.len));
	struct buf b;

	buf_init(&b, &t->arena, 8192);
	buf_str(&b, head);
	if (json != NULL)
		figures_add(&b, json);
	json_object_put(json);
	buf_str(&b, links);
	buf_printf(&b,
		"<pre>curl --cacert %s https://%s/v1/statistics\nfairlot --ca %s verify "
		"https://%s/v1/draws/DRAW"
		"</pre>\n</body></html>\n",
		own_cert, own_address, own_cert, own_address);
	t->reply = (struct reply){.version = -1};
	return reply_bytes(t, 200, "text/html; charset=utf-8", buf_text(&b));
}

static enum turn
page_show(struct task *t)
{
	if (t->replies->err != OK || db_rows(t) != 1)
		return show(t, (struct text){0});
	(void)reply_json(t, 200, db_value(t, 0, "body"));
	cache_put(t);
	return show(t, t->reply.body);
}

/* Waits for the public figures, unless this loop holds them. */
enum turn
page(struct task *t)
{
	t->op = &op_table[OP_statistics_get];
	t->query = arena_array(&t->arena, struct text, t->op->query->count + 1);
	if (cache_get(t))
		return show(t, t->reply.body);
	db_send(t, SQL_statistics_get, (const char *[]){NULL});
	return wait_for(t, page_show);
}
