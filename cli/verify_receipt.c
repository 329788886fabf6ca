#include "cli/verify_receipt.h"

#include <string.h>

#include "cli/disk.h"
#include "cli/mirror.h"
#include "lib/base/arena.h"
#include "lib/base/b64.h"
#include "lib/base/hex.h"
#include "lib/ledger/proof.h"
#include "lib/ledger/receipt.h"

enum receipt_check {
#define RECEIPT_CHECK(ident, ...) RECEIPT_##ident,
#include "cli/receipt_check.def"
	RECEIPT_CHECKS
};

static const struct {
	const char *code, *zh, *en;
} checks[] = {
#define RECEIPT_CHECK(ident, code, zh, en) {code, zh, en},
#include "cli/receipt_check.def"
};

enum {
	KEYS_MAX = 64 << 10
};

static const char proof_line[] = "c2sp.org/tlog-proof@v1\n";
static const char promise_line[] = "fairlot-receipt/v1\n";

/* A key of the market, by the end of its name. */
struct signer {
	struct text name; /* empty: not known */
	uint8_t key[SIGN_KEY_LEN];
};

struct row {
	enum verify_state state;
	const char *about; /* why it is left, or what fails; NULL: the sentence says all */
};

struct run {
	struct arena *arena;
	const struct receipt_case *c;
	const struct verify_style *style;
	struct row rows[RECEIPT_CHECKS]; /* VERIFY_UNREACHED: not about such a receipt */
	struct signer log, receipts;
	bool is_proof;
	struct receipt promise;
	struct tlog_proof proof;
	struct checkpoint checkpoint; /* of the proof */
	struct hash leaf;
	bool has_leaf;
	struct text entry; /* given, or told by the proof, or found in the mirror */
	/* What the walk over the mirror finds. */
	struct mirror mirror;
	bool found;
	uint64_t until;	     /* size of the first checkpoint that holds it */
	struct utc youngest; /* time of an entry below `until` */
	struct hash root;    /* at the proof's size */
	bool has_root;
};

__attribute__((format_arg(2), format_arg(3))) static const char *
say(const struct run *r, const char *zh, const char *en)
{
	return r->style->chinese ? zh : en;
}

static void
set(struct run *r, enum receipt_check i, bool holds, const char *about)
{
	r->rows[i] = (struct row){holds ? VERIFY_HOLDS : VERIFY_FAILS, holds ? NULL : about};
}

static void
leave(struct run *r, enum receipt_check i, const char *about)
{
	r->rows[i] = (struct row){VERIFY_LEFT, about};
}

bool
receipt_is(struct text bytes)
{
	return text_starts(bytes, proof_line) || text_starts(bytes, promise_line);
}

/* --- keys --- */

static bool
signer_find(struct text keys, const char *tail, struct signer *ret_signer)
{
	size_t len = strlen(tail);
	struct signer s;
	struct text line;

	while (text_cut(&keys, '\n', &line))
		if (note_vkey_parse(line, &s.name, s.key) && s.name.len > len &&
			memcmp(s.name.at + s.name.len - len, tail, len) == 0) {
			*ret_signer = s;
			return true;
		}
	return false;
}

/* The keys that are given; without any, the mirror's. */
static bool
keys_take(struct run *r, const char **reterr)
{
	struct text keys = r->c->keys;
	bool has_log;

	if (keys.len == 0 && r->c->mirror == NULL) {
		*reterr = say(r, "核验回执须有公钥：--keys 文件，或 --journal 镜像",
			"a receipt needs keys: --keys FILE, or --journal MIRROR");
		return false;
	}
	if (keys.len == 0 &&
		!disk_read(arena_printf(r->arena, "%s/keys", r->c->mirror), KEYS_MAX, r->arena,
			&keys)) {
		*reterr = say(r, "镜像没有 keys 文件", "the mirror has no file of keys");
		return false;
	}
	has_log = signer_find(keys, "/journal", &r->log);
	if (signer_find(keys, "/receipts", &r->receipts) || has_log)
		return true;
	*reterr = say(r, "没有日志或回执的公钥", "no key of a journal or of receipts is there");
	return false;
}

/* --- the receipt itself --- */

/* The line `extra` of a proof may hold the entry. */
static struct text
extra_of(const struct run *r)
{
	struct text line = r->proof.extra;
	uint8_t *bytes = arena_alloc(r->arena, line.len + 1);
	size_t len;

	return line.len > 0 && b64_decode(line, bytes, line.len, &len)
		? text_span((const char *)bytes, len)
		: text_of(NULL);
}

static void
proof_take(struct run *r)
{
	const char *bad = say(r, "签名或签署者不符", "another key signed it, or nobody did");

	r->is_proof = true;
	set(r, RECEIPT_FORM, tlog_proof_parse(r->c->receipt, &r->proof), NULL);
	if (r->rows[RECEIPT_FORM].state != VERIFY_HOLDS)
		return;
	if (r->entry.at == NULL)
		r->entry = extra_of(r);
	if (r->log.name.len == 0)
		leave(r, RECEIPT_SIGNED,
			say(r, "缺少日志公钥", "the key of the journal is absent"));
	else
		set(r, RECEIPT_SIGNED,
			checkpoint_verify(r->proof.note, r->log.name, r->log.key, &r->checkpoint),
			bad);
}

static void
promise_take(struct run *r)
{
	const struct signer *s = &r->receipts;
	struct text text, rest;

	set(r, RECEIPT_FORM, note_split(r->c->receipt, &text, &rest), NULL);
	if (r->rows[RECEIPT_FORM].state != VERIFY_HOLDS)
		return;
	if (s->name.len == 0) {
		leave(r, RECEIPT_SIGNED, say(r, "缺少回执公钥", "the key of receipts is absent"));
		return;
	}
	set(r, RECEIPT_SIGNED, receipt_verify(r->c->receipt, s->name, s->key, &r->promise),
		say(r, "签名、签署者或内容不符",
			"another key signed it, or nobody did, or it says something else"));
	r->has_leaf = r->rows[RECEIPT_SIGNED].state == VERIFY_HOLDS;
	if (r->has_leaf)
		r->leaf = r->promise.leaf;
}

/* --- the mirror --- */

static void
walk(void *arg, uint64_t index, struct text bytes)
{
	struct run *r = arg;
	struct hash leaf = merkle_leaf(bytes);
	struct verify_entry e;
	struct utc at;
	bool it = r->is_proof
		? index == r->proof.index
		: r->has_leaf && !r->found && memcmp(leaf.at, r->leaf.at, HASH_LEN) == 0;

	if (it) {
		/* A proof names the index: there may stand another entry. */
		r->found =
			!r->is_proof || !r->has_leaf || memcmp(leaf.at, r->leaf.at, HASH_LEN) == 0;
		for (size_t i = r->mirror.past_count; i > 0 && r->mirror.past[i - 1].size > index;
			i--)
			r->until = r->mirror.past[i - 1].size;
		if (r->entry.at == NULL)
			r->entry = text_span(arena_copy(r->arena, bytes.at, bytes.len), bytes.len);
	}
	if (index < r->until && verify_entry_parse(bytes, index, &e) && time_parse(e.time, &at) &&
		at.us > r->youngest.us)
		r->youngest = at;
	if (r->is_proof && index + 1 == r->checkpoint.size) {
		r->root = tile_edge_root(&r->mirror.edge);
		r->has_root = true;
	}
}

/* False: nothing can be compared with it. */
static bool
mirror_take(struct run *r)
{
	const struct mirror_reader reader = {walk, r};
	struct mirror *m = &r->mirror;

	if (!mirror_open(m, r->arena, r->c->mirror) || !mirror_verify(m, &reader)) {
		set(r, RECEIPT_MIRROR, false, m->fault);
		return false;
	}
	set(r, RECEIPT_MIRROR,
		r->log.name.len == 0 ||
			(text_eq(m->origin, r->log.name) &&
				memcmp(m->key, r->log.key, sizeof m->key) == 0),
		say(r, "日志公钥与所给的不同", "its key of the journal is another than the given"));
	return r->rows[RECEIPT_MIRROR].state == VERIFY_HOLDS;
}

static const char *
mirror_ends(const struct run *r)
{
	return arena_printf(r->arena, say(r, "镜像止于 %llu 条", "the mirror ends at %llu entries"),
		(unsigned long long)r->mirror.newest.size);
}

static void
proof_compare(struct run *r)
{
	bool short_of = r->proof.index >= r->mirror.newest.size;

	if (short_of)
		leave(r, RECEIPT_MIRRORED, mirror_ends(r));
	else
		set(r, RECEIPT_MIRRORED, r->found,
			say(r, "该位置是另一条目", "another entry is there"));
	if (r->rows[RECEIPT_SIGNED].state != VERIFY_HOLDS)
		return;
	if (!r->has_root)
		leave(r, RECEIPT_ROOT, mirror_ends(r));
	else
		set(r, RECEIPT_ROOT, memcmp(r->root.at, r->checkpoint.root.at, HASH_LEN) == 0,
			say(r, "同一大小有两个根：日志分叉，本回执即证据",
				"two roots of one size: the log forked, and this receipt is the "
				"evidence"));
}

/* A checkpoint says no time.  But it is younger than every entry in it, by the clock that made the
 * promise; so the first one that holds the entry is late when it has an entry younger than that. */
static void
promise_compare(struct run *r)
{
	struct utc due = {0}, newest = r->youngest;
	char time[TIME_TEXT];

	if (r->promise.promise.len == 0 || !time_parse(r->promise.promise, &due)) {
		if (r->found)
			set(r, RECEIPT_KEPT, true, NULL);
		else
			leave(r, RECEIPT_KEPT, mirror_ends(r));
		return;
	}
	if (r->found) {
		time_format(newest, 6, time);
		set(r, RECEIPT_KEPT, newest.us <= due.us,
			arena_printf(r->arena,
				say(r, "首个含有它的检查点（大小 %llu）已有 %s 的条目",
					"the first checkpoint that holds it (size %llu) has an "
					"entry of %s"),
				(unsigned long long)r->until, time));
		return;
	}
	if (r->c->mirrored_at.us > newest.us)
		newest = r->c->mirrored_at;
	time_format(newest, 6, time);
	if (newest.us > due.us)
		set(r, RECEIPT_KEPT, false,
			arena_printf(r->arena,
				say(r, "截至 %s 的日志没有它：市场失信",
					"the journal as of %s has it not: the market broke its "
					"word"),
				time));
	else
		leave(r, RECEIPT_KEPT,
			say(r, "镜像早于承诺时间", "the mirror is older than the promised time"));
}

/* --- all of it --- */

/* The entry is what the receipt, or who asked for it, says. */
static void
entry_compare(struct run *r)
{
	struct hash leaf;
	struct verify_entry e = {0};
	struct utc at, said;
	bool same;

	if (r->entry.at == NULL)
		return;
	leaf = merkle_leaf(r->entry);
	if (!r->has_leaf) { /* then it is what the proof must be of */
		r->leaf = leaf;
		r->has_leaf = true;
		return;
	}
	same = memcmp(leaf.at, r->leaf.at, HASH_LEN) == 0;
	if (!r->is_proof)
		same = same && verify_entry_parse(r->entry, 0, &e) &&
			text_eq(e.kind, r->promise.kind) &&
			text_eq(e.subject, r->promise.subject) && time_parse(e.time, &at) &&
			time_parse(r->promise.at, &said) && at.us == said.us;
	set(r, RECEIPT_ENTRY, same,
		say(r, "条目或其说明与回执不同",
			"the entry is another, or not as the receipt says"));
}

static void
inclusion_check(struct run *r)
{
	if (r->rows[RECEIPT_SIGNED].state != VERIFY_HOLDS)
		return;
	if (!r->has_leaf)
		leave(r, RECEIPT_INCLUSION,
			say(r, "须有条目：--entry 文件或 --journal 镜像",
				"needs the entry: --entry FILE or --journal MIRROR"));
	else
		set(r, RECEIPT_INCLUSION,
			merkle_includes(&r->checkpoint.root, r->checkpoint.size, &r->leaf,
				r->proof.index, r->proof.path, r->proof.len),
			say(r, "路径不通向检查点的根", "the path leads to another root"));
}

static void
check(struct run *r)
{
	bool mirrored = false;

	r->entry = r->c->entry;
	r->until = UINT64_MAX;
	if (text_starts(r->c->receipt, proof_line))
		proof_take(r);
	else
		promise_take(r);
	if (r->rows[RECEIPT_FORM].state != VERIFY_HOLDS)
		return;
	if (r->c->leaf != NULL && !r->has_leaf) {
		r->leaf = *r->c->leaf;
		r->has_leaf = true;
	} else if (r->c->leaf != NULL)
		set(r, RECEIPT_ENTRY, memcmp(r->c->leaf->at, r->leaf.at, HASH_LEN) == 0,
			say(r, "回执指另一条目", "the receipt is about another entry"));
	if (r->rows[RECEIPT_ENTRY].state != VERIFY_FAILS)
		entry_compare(r);
	if (r->c->mirror != NULL)
		mirrored = mirror_take(r);
	if (r->rows[RECEIPT_ENTRY].state == VERIFY_UNREACHED)
		entry_compare(r); /* what the mirror has */
	if (r->is_proof)
		inclusion_check(r);
	if (mirrored && r->is_proof)
		proof_compare(r);
	else if (mirrored && r->has_leaf)
		promise_compare(r);
	else if (!r->is_proof && r->c->mirror == NULL)
		leave(r, RECEIPT_KEPT,
			say(r, "须有日志镜像（--journal）",
				"needs a mirror of the journal (--journal)"));
}

/* Nothing in it moves a terminal's cursor. */
static bool
is_plain(struct text line)
{
	for (size_t i = 0; i < line.len; i++)
		if (line.at[i] < ' ' || line.at[i] > '~')
			return false;
	return true;
}

static void
print_subject(const struct run *r, FILE *out)
{
	struct text rest = r->entry, line;

	if (r->rows[RECEIPT_SIGNED].state == VERIFY_HOLDS && r->is_proof)
		fprintf(out,
			say(r, "证明：第 %llu 条，检查点大小 %llu\n",
				"proof of entry %llu under the checkpoint of size %llu\n"),
			(unsigned long long)r->proof.index, (unsigned long long)r->checkpoint.size);
	else if (r->rows[RECEIPT_SIGNED].state == VERIFY_HOLDS)
		fprintf(out,
			say(r, "承诺：" TEXT_FMT " " TEXT_FMT "，" TEXT_FMT " 前进入日志\n",
				"promise: " TEXT_FMT " " TEXT_FMT
				" will be in the journal by " TEXT_FMT "\n"),
			TEXT_ARG(r->promise.kind), TEXT_ARG(r->promise.subject),
			TEXT_ARG(r->promise.promise.len == 0 ? text_of("-") : r->promise.promise));
	if (text_cut(&rest, '\n', &line) && is_plain(line))
		fprintf(out, "%s " TEXT_FMT "\n", say(r, "条目", "entry"), TEXT_ARG(line));
}

static int
print(const struct run *r, FILE *out)
{
	int verdict = VERDICT_HOLDS;

	print_subject(r, out);
	for (int i = 0; i < RECEIPT_CHECKS; i++) {
		const struct row *row = &r->rows[i];

		if (row->state == VERIFY_UNREACHED)
			continue;
		if (row->state == VERIFY_FAILS)
			verdict = VERDICT_FAILED;
		else if (row->state == VERIFY_LEFT && verdict == VERDICT_HOLDS)
			verdict = VERDICT_INCOMPLETE;
		if (row->state == VERIFY_HOLDS && r->style->brief)
			continue;
		fprintf(out, "  %s%-19s %s%s%s\n", verify_word(r->style, row->state),
			checks[i].code, say(r, checks[i].zh, checks[i].en),
			row->about == NULL ? "" : "; ", row->about == NULL ? "" : row->about);
	}
	verify_say(r->style, (enum verdict)verdict, false, out);
	return verdict;
}

bool
verify_receipt(struct arena *a, const struct receipt_case *c, const struct verify_style *style,
	FILE *out, int *ret_status, const char **reterr)
{
	struct run *r = arena_new(a, struct run); /* too large for the stack of a small thread */

	r->arena = a;
	r->c = c;
	r->style = style;
	if (!keys_take(r, reterr))
		return false;
	check(r);
	*ret_status = print(r, out);
	return true;
}
