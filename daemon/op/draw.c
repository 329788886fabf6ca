/* The draw in the daemon: it reads frozen rows, lets lib/draw compute, and writes what came out
 * in one statement that fails if what was read has changed.  A crash between the two repeats to
 * the same bytes, since a VRF value is forced by the freeze. */
#include <json-c/json.h>
#include <string.h>

#include "daemon/beacon.h"
#include "daemon/bind.h"
#include "daemon/db.h"
#include "daemon/job.h"
#include "daemon/nist.h"
#include "daemon/signer.h"
#include "daemon/task.h"
#include "lib/base/hex.h"
#include "lib/draw/draw.h"

step_fn job_draw_freeze, draw_contribute;

static const char *
column_str(struct task *t, const char *column)
{
	struct text value = db_value(t, 0, column);

	return arena_str(&t->arena, value.at, value.len);
}

static uint32_t
column_u32(const struct task *t, const char *column)
{
	uint64_t n;

	must(text_u64(db_value(t, 0, column), UINT32_MAX, &n));
	return (uint32_t)n;
}

/* A draw may hold lists longer than one request's memory: its size is that of what was frozen. */
static void
memory_allow(struct task *t, size_t bytes)
{
	t->arena.limit += 8 * bytes;
}

/* ---- the freeze, at the deadline ---- */

struct freeze_frame {
	const char *subject, *version, *candidates, *excluded, *signups;
	struct text freeze;
	struct hash f;
	struct signer_proof proof;
};

static enum turn
freeze_write(struct task *t)
{
	const struct freeze_frame *frame = t->frame;
	const struct signer_proof *p = &frame->proof;

	if (!p->given)
		return job_fail(t, "the signer gave no value");
	db_send(t, SQL_draw_freeze_write,
		(const char *[]){frame->subject, frame->version, frame->candidates, frame->excluded,
			frame->signups, arena_str(&t->arena, frame->freeze.at, frame->freeze.len),
			bind_literal(t, text_span((const char *)frame->f.at, HASH_LEN)),
			bind_literal(t, text_span((const char *)p->proof, SIGNER_PROOF_LEN)),
			bind_literal(t, text_span((const char *)p->value, SIGNER_VALUE_LEN)),
			bind_literal(t, text_span((const char *)signer_keys()->vrf, VRF_KEY_LEN))});
	return wait_for(t, job_end);
}

/* The record as SQL drafted it, with the roots of the lists. */
static enum check
freeze_complete(struct task *t, struct text draft, struct freeze_frame *frame)
{
	struct freeze f;
	enum check bad = freeze_parse(&t->arena, draft, &f, NULL);

	if (bad == CHECK_OK)
		bad = draw_freeze(&t->arena, &f, text_of(frame->candidates),
			text_of(frame->excluded), &frame->freeze);
	if (bad == CHECK_OK)
		frame->f = freeze_hash(frame->freeze);
	return bad;
}

static enum turn
freeze_decide(struct task *t)
{
	struct freeze_frame *frame = t->frame;
	uint8_t alpha[FREEZE_ALPHA_LEN];
	struct text draft;
	enum check bad;

	if (t->replies->err != OK)
		return job_end(t);
	/* Nothing to do: this clock is ahead of the database's. */
	if (db_rows(t) == 0 || !text_is(db_value(t, 0, "due"), "t"))
		return reply_empty(t, 204);
	frame->version = column_str(t, "version");
	/* What is not open any more only loses its timer there. */
	if (!text_is(db_value(t, 0, "state"), "open") ||
		column_u32(t, "eligible") < column_u32(t, "minimum")) {
		db_send(t, SQL_draw_too_few, (const char *[]){frame->subject, frame->version});
		return wait_for(t, job_end);
	}
	memory_allow(t,
		db_value(t, 0, "candidates").len + db_value(t, 0, "excluded").len +
			db_value(t, 0, "signups").len);
	frame->candidates = column_str(t, "candidates");
	frame->excluded = column_str(t, "excluded");
	frame->signups = column_str(t, "signups");
	draft = db_value(t, 0, "draft");
	if (draft.at == NULL)
		return job_fail(
			t, "draw.key: a contributor has no announced key of sufficient age");
	bad = freeze_complete(t, draft, frame);
	if (bad != CHECK_OK)
		return job_fail(t, check_row(bad)->code);
	freeze_alpha(&frame->f, alpha);
	signer_prove(t, text_span((const char *)alpha, sizeof alpha), &frame->proof);
	return wait_for(t, freeze_write);
}

/* Waits for the rows, for the operator's value, for the write. */
enum turn
job_draw_freeze(struct task *t)
{
	struct freeze_frame *frame = arena_new(&t->arena, struct freeze_frame);

	frame->subject = arena_str(&t->arena, t->job_subject.at, t->job_subject.len);
	t->frame = frame;
	db_send(t, SQL_draw_freeze_read, (const char *[]){frame->subject});
	return wait_for(t, freeze_decide);
}

/* ---- a contribution ---- */

static enum turn
contribution_refuse(struct task *t, enum check bad)
{
	const struct check_row *row = check_row(bad);

	/* The row says what holds when the check holds. */
	return fail_at(t, E_RULE, row->code, "/value",
		arena_printf(&t->arena, "未通过：%s", row->zh),
		arena_printf(&t->arena, "not so: %s", row->en));
}

/* Lower-case hex into bytes of the arena; false when it is none. */
static bool
hex_take(struct task *t, struct text hex, struct text *ret_bytes)
{
	size_t len = hex.len / 2;
	uint8_t *at = arena_alloc(&t->arena, len + 1);

	if (hex.len % 2 != 0 || len > CONTRIBUTION_GIVEN_MAX || !hex_decode(hex, at, len))
		return false;
	*ret_bytes = text_span((const char *)at, len);
	return true;
}

/* The last value: seed, order and result follow from all of them, and are written with it. */
static enum check
result_bind(struct task *t, const char **params, struct text given)
{
	struct text all[FREEZE_CONTRIBUTORS_MAX], before = db_value(t, 0, "before"), hex = {0};
	struct draw d;
	struct draw_end end;
	enum check bad;
	size_t n = 0;

	memory_allow(t, db_value(t, 0, "candidates").len + db_value(t, 0, "excluded").len);
	bad = draw_open(&t->arena, db_value(t, 0, "freeze"), db_value(t, 0, "candidates"),
		db_value(t, 0, "excluded"), &d);
	must(bad == CHECK_OK); /* we wrote it */
	while (text_cut(&before, ' ', &hex)) {
		must(n + 1 < d.freeze.contributors_count && hex_take(t, hex, &all[n]));
		n++;
	}
	all[n++] = given;
	must(n == d.freeze.contributors_count);
	if ((bad = draw_finish(&t->arena, &d, all, &end)) != CHECK_OK)
		return bad;
	bind_bytes(t, params, SQL_draw_write, "seed",
		text_span((const char *)end.result.seed.at, HASH_LEN));
	bind_set(params, SQL_draw_write, "result",
		arena_str(&t->arena, end.result_text.at, end.result_text.len));
	return CHECK_OK;
}

struct refusal {
	const char *rule, *zh, *en;
};

/* Why a pulse, whose form is checked, is not the one that was waited for; NULL when it is. */
static const struct refusal *
pulse_refusal(const struct task *t, const struct freeze *f, const struct contributor *c,
	struct text given)
{
	static const struct refusal none = {"draw.beacon", "本服务未配置信标校验",
					    "this daemon cannot check a beacon"},
				    early = {"draw.beacon-time", "该脉冲的时间早于应有的时间",
					    "the pulse is from before the time it was due"};
	static const struct refusal faults[] = {
		[PULSE_OTHER] = {"draw.beacon", "不是所冻结的脉冲", "it is not the frozen pulse"},
		[PULSE_BROKEN] = {"draw.beacon", "该脉冲的状态表明其链或预承诺中断",
			"by its status the pulse begins a chain or lost a precommitment"},
		[PULSE_UNPINNED] = {"draw.beacon", "该脉冲使用另一证书",
			"the pulse names another certificate"},
		[PULSE_UNSIGNED] = {"draw.beacon", "该脉冲的签名不成立",
			"the signature of the pulse does not hold"}};
	enum pulse_fault fault;
	struct pulse p;
	struct utc due;

	must(pulse_parse(given, &p));
	if (nist_certificate().len == 0 || !time_parse(db_value(t, 0, "due"), &due))
		return &none;
	if ((fault = pulse_judge(&p, c, nist_certificate())) != PULSE_HOLDS)
		return &faults[fault];
	/* Gaps make a pulse later than it was counted, never earlier. */
	if (p.at.us < f->close_at.us + FREEZE_BEACON_DELAY_S * UTC_SECOND || p.at.us < due.us)
		return &early;
	return NULL;
}

struct contribution_frame {
	struct text given;
	enum beacon_verdict verdict;
};

static enum turn
contribution_write(struct task *t)
{
	const struct contribution_frame *frame = t->frame;
	struct text given = frame->given;
	const char **params = bind_params(t, SQL_draw_write);
	const struct refusal *no = NULL;
	struct freeze freeze;
	struct value v;
	struct hash f = freeze_hash(db_value(t, 0, "freeze"));
	enum check bad;
	uint64_t index;

	must(text_u64(t->route.args[1], FREEZE_CONTRIBUTORS_MAX, &index)); /* SQL found it */
	bad = freeze_parse(&t->arena, db_value(t, 0, "freeze"), &freeze, NULL);
	must(bad == CHECK_OK && index >= 1 && index <= freeze.contributors_count);
	bad = contribution_check(&freeze, &f, index - 1, given, &v);
	if (bad == CHECK_OK && freeze.contributors[index - 1].source == DRAW_NIST)
		no = pulse_refusal(t, &freeze, &freeze.contributors[index - 1], given);
	if (no != NULL)
		return fail_at(t, E_RULE, no->rule, "/value", no->zh, no->en);
	if (bad == CHECK_OK && text_is(db_value(t, 0, "last"), "t"))
		bad = result_bind(t, params, given);
	if (bad != CHECK_OK)
		return contribution_refuse(t, bad);
	bind_set(params, SQL_draw_write, "version", column_str(t, "version"));
	bind_bytes(t, params, SQL_draw_write, "value", text_span((const char *)v.at, v.len));
	if (given.len != v.len || memcmp(given.at, v.at, v.len) != 0)
		bind_bytes(t, params, SQL_draw_write, "proof", given);
	bind_send(t, SQL_draw_write, params);
	return wait_for(t, op_reply);
}

static enum turn
beacon_decide(struct task *t)
{
	const struct contribution_frame *frame = t->frame;

	switch (frame->verdict) {
	case BEACON_TRUE:
		return next(t, contribution_write);
	case BEACON_NONE:
		return fail_at(t, E_RULE, "draw.beacon", "/value", "本服务未配置信标校验",
			"this daemon cannot check a beacon");
	case BEACON_FALSE:
		return fail_at(t, E_RULE, "draw.beacon", "/value", "该签名不是所冻结轮次的信标签名",
			"the signature is not that of the frozen round");
	default:
		return fail(t, E_BUSY, "draw.beacon", "信标校验未能进行，请重试",
			"the check of the beacon did not run; try again");
	}
}

static enum turn
contribution_decide(struct task *t)
{
	struct contribution_frame *frame = arena_new(&t->arena, struct contribution_frame);
	struct json_object *value = json_object_object_get(t->json, "value");
	struct text hex =
		text_span(json_object_get_string(value), (size_t)json_object_get_string_len(value));
	struct text stored;

	if (t->replies->err != OK)
		return fail_db(t);
	if (!text_is(db_value(t, 0, "allowed"), "t"))
		return fail(
			t, E_FORBIDDEN, "", "该贡献不属于贵方", "this value is not yours to give");
	t->frame = frame;
	if (!hex_take(t, hex, &frame->given))
		return fail_at(t, E_BAD_INPUT, "draw.value", "/value", "须为小写十六进制",
			"must be lower-case hex");
	stored = db_value(t, 0, "given");
	if (stored.at != NULL && text_eq(stored, hex))
		return reply_json(t, 200, db_value(t, 0, "body"));
	if (stored.at != NULL)
		return fail_at(t, E_DUPLICATE, "draw.once", "/value", "该贡献已提交，不能更改",
			"the value was given and cannot change");
	if (!text_is(db_value(t, 0, "state"), "contributing"))
		return fail_at(t, E_WRONG_STATE, "draw.frozen", "", "名单尚未冻结或抽取已结束",
			"the list is not frozen yet, or the draw is over");
	if (!text_is(db_value(t, 0, "turn"), "t"))
		return fail_at(t, E_WRONG_STATE, "draw.order", "", "须待前一贡献者提交后再提交",
			arena_printf(&t->arena, "the value of " TEXT_FMT " comes first",
				TEXT_ARG(db_value(t, 0, "awaited"))));
	/* The next checkpoint is at most a second away: the same request again. */
	if (!text_is(db_value(t, 0, "published"), "t"))
		return fail_at(t, E_BUSY, "draw.published", "",
			"前序贡献尚未进入检查点，请稍后重试",
			"the values before it are in no checkpoint yet");
	if (text_is(db_value(t, 0, "kind"), "drand")) {
		/* Nothing of a beacon is stored that was not checked. */
		beacon_ask(t, column_str(t, "round"), arena_str(&t->arena, hex.at, hex.len),
			&frame->verdict);
		return wait_for(t, beacon_decide);
	}
	return next(t, contribution_write);
}

/* Waits for the frozen rows, for the check of a beacon, for the write. */
enum turn
draw_contribute(struct task *t)
{
	bind_send(t, SQL_draw_read, bind_params(t, SQL_draw_read));
	return wait_for(t, contribution_decide);
}
