#include "daemon/local.h"

#include <stdatomic.h>
#include <string.h>

#include "daemon/config.h"
#include "daemon/db.h"
#include "daemon/fault.h"
#include "daemon/journal_watch.h"
#include "daemon/loop.h"
#include "daemon/page.h"
#include "proto/http.h"
#include "proto/openapi.h"

struct local {
	const char *path;
	bool admin; /* on the admin listener only */
	step_fn *step;
};

static atomic_bool ready;
static struct loop *const *all_loops; /* set before the threads start */
static unsigned all_count;
static struct text document; /* openapi.json; made before the threads start */

static step_fn livez, readyz, metrics, openapi;
#ifdef FAIRLOT_FAULTS
static step_fn faults;
#endif

static const struct local locals[] = {
	{"/livez", false, livez},
	{"/readyz", false, readyz},
	{"/openapi.json", false, openapi},
	{"/", false, page},
	{"/metrics", true, metrics},
#ifdef FAIRLOT_FAULTS
	{"/faults/", true, faults},
#endif
};

const struct local *
local_find(struct text path, bool admin)
{
	for (size_t i = 0; i < sizeof locals / sizeof locals[0]; i++) {
		const char *p = locals[i].path;
		bool prefix = strlen(p) > 1 && p[strlen(p) - 1] == '/';

		if ((admin || !locals[i].admin) &&
			(prefix ? text_starts(path, p) : text_is(path, p)))
			return &locals[i];
	}
	return NULL;
}

bool
local_is_ready(void)
{
	return atomic_load(&ready);
}

void
local_set_ready(bool is)
{
	atomic_store(&ready, is);
}

void
local_set_loops(struct loop *const *loops, unsigned count)
{
	static struct arena memory; /* as long as the process */
	struct buf b;

	all_loops = loops;
	all_count = count;
	arena_init(&memory, SIZE_MAX / 2);
	buf_init(&b, &memory, 512 * 1024);
	openapi_write(&b);
	document = buf_text(&b);
}

enum turn
local_begin(struct task *t)
{
	enum turn turn;

	if (t->http->req.method == GET)
		return next(t, t->local->step);
#ifdef FAIRLOT_FAULTS
	if (t->local->step == faults)
		return next(t, faults);
#endif
	turn = fail(t, E_BAD_METHOD, NULL, "可用的方法见 Allow", "see Allow");
	t->reply.allow = 1U << GET;
	return turn;
}

static enum turn
livez(struct task *t)
{
	return reply_bytes(t, 200, "text/plain; charset=utf-8", text_of("ok\n"));
}

/* A halted journal does not make it unready: everything but draws goes on here, reading the journal
 * too, and no other daemon would serve any better.  It is said, and /metrics has it to alarm on. */
static enum turn
readyz(struct task *t)
{
	bool is = local_is_ready() && !t->loop->draining;
	struct buf b;

	buf_init(&b, &t->arena, 256);
	buf_str(&b, is ? "ok\n" : "not ready\n");
	journal_watch_ready(&b);
	if (text_is(t->http->req.query, "verbose"))
		for (unsigned i = 0; i < all_count; i++)
			buf_printf(&b, "loop %u: database lanes %lld of 3, connections %lld\n", i,
				(long long)counter_get(&all_loops[i]->counters.db_lanes),
				(long long)counter_get(&all_loops[i]->counters.connections));
	return reply_bytes(t, is ? 200 : 503, "text/plain; charset=utf-8", buf_text(&b));
}

/* Prometheus text format 0.0.4. */
static enum turn
metrics(struct task *t)
{
	struct buf b;
	int64_t sum;

	buf_init(&b, &t->arena, 4096);
#define COUNTER(member, name, kind, help) \
	sum = 0; \
	for (unsigned i = 0; i < all_count; i++) \
		sum += counter_get(&all_loops[i]->counters.member); \
	buf_printf(&b, \
		"# HELP fairlot_" name " " help "\n# TYPE fairlot_" name " " kind \
		"\nfairlot_" name " %lld\n", \
		(long long)sum);
	COUNTERS(COUNTER)
#undef COUNTER
	must(t->loop->index == 0); /* whose loop has the admin listener */
	journal_watch_metrics(&b);
	return reply_bytes(t, 200, "text/plain; version=0.0.4; charset=utf-8", buf_text(&b));
}

static enum turn
openapi(struct task *t)
{
	return reply_json(t, 200, document);
}

#ifdef FAIRLOT_FAULTS
/* PUT /faults/point/n arms, GET /faults/point says whether it was hit since. */
static enum turn
faults(struct task *t)
{
	struct text rest = t->http->req.path, point;

	rest = text_span(rest.at + strlen("/faults/"), rest.len - strlen("/faults/"));
	if (!text_cut(&rest, '/', &point))
		return fail(t, E_NOT_FOUND, NULL, "没有此处", "no such point");
	if (rest.len == 0)
		return reply_bytes(t, 200, "text/plain",
			text_of(fault_was_hit(point) ? "hit\n" : "not hit\n"));
	return fault_arm(point, rest) ? reply_empty(t, 204)
				      : fail(t, E_NOT_FOUND, NULL, "没有此处", "no such point");
}
#endif
