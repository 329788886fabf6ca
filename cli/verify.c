#include "cli/verify.h"

#include <string.h>

#include "cli/mirror.h"

#include "lib/base/arena.h"
#include "lib/base/hex.h"

struct print {
	FILE *out;
	const struct verify_style *style;
};

static const char *
say(const struct print *p, const char *zh, const char *en)
{
	return p->style->chinese ? zh : en;
}

const char *
verify_word(const struct verify_style *style, enum verify_state state)
{
	switch (state) {
	case VERIFY_HOLDS:
		return style->chinese ? "通过    " : "ok      ";
	case VERIFY_FAILS:
		return style->chinese ? "不符    " : "FAILED  ";
	case VERIFY_LEFT:
		return style->chinese ? "未核    " : "left    ";
	case VERIFY_NONE:
	case VERIFY_UNREACHED:
	default:
		return style->chinese ? "未及    " : "skipped ";
	}
}

/* Why a check was left: the file that is absent, or who would have to be asked. */
static const char *
left_why(const struct print *p, struct text about)
{
	if (text_is(about, "journal"))
		return say(p, "需要日志", "needs the journal");
	if (text_is(about, "beacon"))
		return say(p, "此处未核验公共信标", "the beacon was not checked here");
	if (text_is(about, "cosignature"))
		return say(p, "尚无见证方联署", "no witness has cosigned yet");
	return NULL;
}

/* A key that came with what it signs says nothing about who holds it. */
static const char *
holds_why(const struct print *p, enum check c, const struct verify_row *row)
{
	if (row->state != VERIFY_HOLDS || c != CHECK_LOG_KEY)
		return NULL;
	return text_is(row->about, "given")
		? say(p, "与所给的日志公钥相同", "it is the journal's key given here")
		: say(p, "取自记录本身，请与其他来源比对",
			  "it came with the transcript: compare it with a second source");
}

static void
print_row(const struct print *p, enum check c, const struct verify_row *row)
{
	const struct check_row *what = check_row(c);
	const char *why =
		row->state == VERIFY_LEFT ? left_why(p, row->about) : holds_why(p, c, row);

	fprintf(p->out, "  %s%-18s %s", verify_word(p->style, row->state), what->code,
		p->style->chinese ? what->zh : what->en);
	if (why != NULL)
		fprintf(p->out, "; %s", why);
	else if (row->state == VERIFY_LEFT)
		fprintf(p->out, "; %s " TEXT_FMT, say(p, "缺少", "absent:"), TEXT_ARG(row->about));
	else if (row->state == VERIFY_FAILS && row->file != NULL) {
		fprintf(p->out, "; %s", row->file);
		if (row->line > 0)
			fprintf(p->out, ":%u", row->line);
	}
	if (row->state == VERIFY_FAILS && row->about.len > 0)
		fprintf(p->out, " " TEXT_FMT, TEXT_ARG(row->about));
	fputc('\n', p->out);
}

static void
print_attempt(const struct print *p, const struct verify_attempt *t, bool failed)
{
	fprintf(p->out, "%s %u\n", say(p, "第几次抽取：", "attempt"), t->number);
	for (int c = CHECK_OK + 1; c < CHECK_COUNT; c++) {
		const struct verify_row *row = &t->rows[c];
		bool plain =
			row->state == VERIFY_HOLDS || (row->state == VERIFY_UNREACHED && failed);

		if (row->state == VERIFY_NONE || (row->state == VERIFY_UNREACHED && !failed) ||
			(plain && p->style->brief))
			continue;
		print_row(p, (enum check)c, row);
	}
	if (t->voided)
		fprintf(p->out, "  %s " TEXT_FMT "%s" TEXT_FMT "\n", say(p, "已作废：", "void:"),
			TEXT_ARG(t->void_record.reason),
			t->void_record.stalled.len > 0 ? say(p, "；停滞方 ", "; stalled by ") : "",
			TEXT_ARG(t->void_record.stalled));
}

static void
print_result(const struct print *p, const struct verify_attempt *t)
{
	const struct draw *d = &t->draw;
	char hex[2 * HASH_LEN + 1];

	hex_encode(d->f.at, HASH_LEN, hex);
	fprintf(p->out, "%s " TEXT_FMT "\n", say(p, "抽取", "draw"), TEXT_ARG(d->freeze.draw));
	fprintf(p->out, "%s %s\n", say(p, "冻结", "freeze"), hex);
	hex_encode(t->result.seed.at, HASH_LEN, hex);
	fprintf(p->out, "%s %s\n", say(p, "种子", "seed"), hex);
	if (d->freeze.method == DRAW_INTEGER) {
		fprintf(p->out, "%s %llu\n", say(p, "数值", "value"),
			(unsigned long long)t->result.value);
		return;
	}
	fprintf(p->out, "%s", say(p, "中选", "winners"));
	for (size_t i = 0; i < d->freeze.winners; i++)
		fprintf(p->out, " " TEXT_FMT, TEXT_ARG(d->candidates.at[t->result.order[i]].id));
	fprintf(p->out, "%s%zu%s\n", say(p, "（候选 ", " (of "), d->candidates.count,
		say(p, " 家）", " candidates)"));
}

static bool
is_witness(const struct freeze *f, size_t i)
{
	return i >= 2 && f->contributors[i].source == DRAW_VRF;
}

/* What L2 and L3 depend on: who reads the names can judge it. */
static void
print_witnesses(const struct print *p, const struct freeze *f)
{
	const char *sep = say(p, "，只要以下见证方中有一个独立：",
		", as long as one of these witnesses is independent: ");

	for (size_t i = 0; i < f->contributors_count; i++)
		if (is_witness(f, i)) {
			fprintf(p->out, "%s" TEXT_FMT, sep, TEXT_ARG(f->contributors[i].name));
			sep = " ";
		}
}

/* Of an attempt that was voided for a witness: the operator could have got its value and hidden it,
 * for another try, and only the witness knows. */
static void
print_reserve(const struct print *p, const struct verify_attempt *t)
{
	const struct freeze *f = &t->draw.freeze;
	struct text who = t->void_record.stalled;
	bool spent = false;

	if (!t->frozen || !t->voided || !text_is(t->void_record.reason, "contributor-stalled"))
		return;
	for (size_t i = 0; i < f->contributors_count; i++)
		spent |= is_witness(f, i) && text_eq(f->contributors[i].name, who);
	if (!spent)
		return;
	fprintf(p->out, "%s%u%s" TEXT_FMT "%s\n", say(p, "保留：第 ", "reserve: attempt "),
		t->number, say(p, " 次抽取作废，据称见证方 ", " is void since "), TEXT_ARG(who),
		say(p, " 停滞；其未给出数值一事，只有该见证方能够证明：请查其公开目录或向其询问",
			" is said to have stalled; that it did not give its value only this "
			"witness can say: ask it (its public folder)"));
}

static void
print_level(const struct print *p, const struct verify_report *r)
{
	static const struct {
		const char *zh, *en;
	} levels[] = {
		{"", ""},
		{"L1：运营方或业主任何一方都不能单独决定结果",
			"L1: neither operator alone nor owner alone could choose the result"},
		{"L2：运营方与业主合谋也不能决定结果",
			"L2: neither operator nor owner nor both together could choose the result"},
		{"L3：同 L2，并且在公共信标公布之前无人知晓结果",
			"L3: as L2, and nobody knew the result before the beacon's round"},
	};

	fprintf(p->out, "%s %s", say(p, "等级", "level"),
		say(p, levels[r->level].zh, levels[r->level].en));
	if (r->level > 1)
		print_witnesses(p, &r->attempts[r->count - 1].draw.freeze);
	fputc('\n', p->out);
	for (size_t i = 0; i < r->count; i++)
		print_reserve(p, &r->attempts[i]);
	if (r->beacon_left)
		fprintf(p->out, "L%d; %s\n", r->level,
			say(p, "此处未核验公共信标：等级以信标值真实为前提",
				"the beacon was not checked here: the level supposes that its "
				"value is "
				"true"));
}

static bool
any_left(const struct verify_report *r)
{
	for (size_t i = 0; i < r->count; i++)
		for (int c = CHECK_OK + 1; c < CHECK_COUNT; c++)
			if (r->attempts[i].rows[c].state == VERIFY_LEFT)
				return true;
	return false;
}

void
verify_say(const struct verify_style *style, enum verdict verdict, bool own_only, FILE *out)
{
	const struct print p = {out, style};

	if (verdict == VERDICT_FAILED)
		fprintf(out, "%s\n", say(&p, "结论：核验不通过", "verdict: FAILED"));
	else if (verdict == VERDICT_INCOMPLETE)
		fprintf(out, "%s\n",
			say(&p, "结论：已核验的各项均成立，但不完整",
				"verdict: incomplete; all that was checked holds"));
	else if (own_only)
		fprintf(out, "%s\n",
			say(&p, "结论：抽取自身的记录全部成立",
				"verdict: the draw's own records hold"));
	else
		fprintf(out, "%s\n", say(&p, "结论：全部成立", "verdict: all holds"));
}

int
verify_folder(struct arena *a, const struct folder *folder, const struct verify_options *options,
	const struct verify_style *style, FILE *out)
{
	struct print p = {out, style};
	const struct verify_attempt *last;
	struct verify_report r;

	draw_verify(a, folder->files, folder->count, options, &r);
	for (size_t i = 0; i < r.count; i++)
		print_attempt(&p, &r.attempts[i], r.verdict == VERDICT_FAILED);
	last = &r.attempts[r.count - 1];
	if (r.level > 0) {
		print_result(&p, last);
		print_level(&p, &r);
	}
	verify_say(style, r.verdict, any_left(&r), out);
	return (int)r.verdict;
}

/* --- the journal --- */

struct gather {
	struct arena *arena;
	struct text draw;
	struct verify_entry *at;
	size_t count, room;
};

/* Freezes of attempts go before one without a folder, as in draw_verify(). */
static struct text
draw_of(const struct folder *folder, bool bare)
{
	for (size_t i = 0; i < folder->count; i++) {
		struct text name = folder->files[i].name, bytes = folder->files[i].bytes, line;

		if ((verify_attempt_cut(&name) == 0) != bare || !text_is(name, "freeze.txt"))
			continue;
		while (text_cut(&bytes, '\n', &line))
			if (text_starts(line, "draw "))
				return text_span(line.at + 5, line.len - 5);
	}
	return (struct text){0};
}

struct text
verify_draw_of(const struct folder *folder)
{
	struct text draw = draw_of(folder, false);

	return draw.len > 0 ? draw : draw_of(folder, true);
}

/* Sign-ups for a tie or a coefficient are those of the round: `<round's draw>.<purpose>`. */
static bool
is_wanted(const struct gather *g, const struct verify_entry *e)
{
	struct text d = g->draw;

	if (text_is(e->kind, "key-announced"))
		return true;
	if (!text_is(e->kind, "freeze") && !text_is(e->kind, "contribution") &&
		!text_is(e->kind, "void") && !text_is(e->kind, "signup"))
		return false;
	return text_eq(e->subject, d) ||
		(text_is(e->kind, "signup") && d.len > e->subject.len &&
			memcmp(d.at, e->subject.at, e->subject.len) == 0 &&
			d.at[e->subject.len] == '.');
}

static void
gather(void *arg, uint64_t index, struct text entry)
{
	struct gather *g = arg;
	struct verify_entry e, *more;

	if (!verify_entry_parse(entry, index, &e) || !is_wanted(g, &e))
		return;
	if (g->count == g->room) {
		g->room = g->room == 0 ? 64 : 2 * g->room;
		more = arena_array(g->arena, struct verify_entry, g->room);
		if (g->count > 0)
			memcpy(more, g->at, g->count * sizeof *more);
		g->at = more;
	}
	entry = text_span(arena_copy(g->arena, entry.at, entry.len), entry.len);
	if (verify_entry_parse(entry, index, &g->at[g->count]))
		g->count++;
}

bool
verify_journal_read(struct arena *a, const struct folder *folder, const char *dir,
	struct verify_journal *ret_journal, const char **reterr)
{
	struct gather g = {.arena = a, .draw = verify_draw_of(folder)};
	const struct mirror_reader reader = {gather, &g};
	struct mirror m;
	uint64_t *sizes;

	if (!mirror_open(&m, a, dir) || !mirror_verify(&m, &reader)) {
		*reterr = m.fault;
		return false;
	}
	sizes = arena_array(a, uint64_t, m.past_count + 1);
	for (size_t i = 0; i < m.past_count; i++)
		sizes[i] = m.past[i].size;
	*ret_journal = (struct verify_journal){.entries = g.at,
		.count = g.count,
		.sizes = sizes,
		.sizes_count = m.past_count,
		.log_vkey = note_vkey(a, m.origin, m.key)};
	return true;
}
