/* One attempt is checked in the order freeze, lists, texts, sign-ups, values, result; then the
 * attempts are compared with one another.  A step that fails leaves the rows that depend on it
 * unreached; the others go on, so that one report names all that is wrong. */
#include "lib/draw/verify.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/draw/pulse.h"
#include "lib/draw/record.h"
#include "lib/draw/signup.h"
#include "lib/draw/verify_proof.h"

enum {
	ATTEMPTS_MAX = 1000
};

static const char freeze_txt[] = "freeze.txt", candidates_txt[] = "candidates.txt",
		  excluded_txt[] = "excluded.txt", contributions_txt[] = "contributions.txt",
		  result_txt[] = "result.txt", signups_txt[] = "signups.txt",
		  signups_bin[] = "signups.bin", notice_txt[] = "notice.txt",
		  rules_txt[] = "rules.txt", void_txt[] = "void.txt",
		  void_signatures_txt[] = "void-signatures.txt";

static const char *const known[] = {freeze_txt, candidates_txt, excluded_txt, contributions_txt,
	result_txt, signups_txt, signups_bin, notice_txt, rules_txt, void_txt, void_signatures_txt};

/* Beside the attempts' folders. */
static const char *const beside[] = {"log.vkey", "witnesses.vkeys"};

/* A file by its name without its folder. */
struct place {
	uint32_t folder;
	struct text name;
	size_t file;
};

struct verify {
	struct arena *arena;
	const struct verify_file *files;
	size_t count;
	struct place *places; /* of the files, sorted */
	const struct verify_options *options;
	struct verify_attempt *now; /* the attempt at hand */
	bool bare;		    /* its files have no folder */
	bool too_many;
};

static void
row_set(struct verify *v, enum check c, enum verify_state state, const char *file, uint32_t line,
	struct text about)
{
	struct verify_row *row = &v->now->rows[c];

	if (row->state != VERIFY_FAILS) /* the first failure is the one to look at */
		*row = (struct verify_row){state, file, line, about};
}

static void
fail(struct verify *v, enum check c, const char *file, uint32_t line, struct text about)
{
	row_set(v, c, VERIFY_FAILS, file, line, about);
}

static void
leave(struct verify *v, enum check c, const char *about)
{
	row_set(v, c, VERIFY_LEFT, NULL, 0, text_of(about));
}

static void
group_set(struct verify *v, enum check_group group, enum verify_state state, const char *about)
{
	for (int c = CHECK_OK + 1; c < CHECK_COUNT; c++)
		if (check_row((enum check)c)->group == group &&
			v->now->rows[c].state == VERIFY_UNREACHED)
			row_set(v, (enum check)c, state, NULL, 0, text_of(about));
}

/* What is left of a group holds, unless some row of it fails: then nobody looked at the rest. */
static void
group_end(struct verify *v, enum check_group group)
{
	for (int c = CHECK_OK + 1; c < CHECK_COUNT; c++)
		if (check_row((enum check)c)->group == group &&
			v->now->rows[c].state == VERIFY_FAILS)
			return;
	group_set(v, group, VERIFY_HOLDS, NULL);
}

uint32_t
verify_attempt_cut(struct text *name)
{
	static const char head[] = "attempt-";
	struct text rest = *name, folder = {0};
	uint64_t number;

	if (!text_starts(rest, head) || memchr(rest.at, '/', rest.len) == NULL ||
		!text_cut(&rest, '/', &folder) ||
		!text_u64(text_span(folder.at + sizeof head - 1, folder.len - (sizeof head - 1)),
			LIST_MAX, &number) ||
		number == 0)
		return 0;
	*name = rest;
	return (uint32_t)number;
}

/* By folder and name, then as they were given. */
static int
by_name(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = x->folder < y->folder ? -1 : x->folder > y->folder;

	if (order == 0)
		order = text_order(x->name, y->name);
	return order != 0 ? order : x->file < y->file ? -1 : x->file > y->file;
}

/* A transcript may have thousands of files, and each attempt asks for dozens of names. */
static void
sort_files(struct verify *v)
{
	v->places = arena_array(v->arena, struct place, v->count + 1);
	for (size_t i = 0; i < v->count; i++) {
		struct place *p = &v->places[i];

		*p = (struct place){.name = v->files[i].name, .file = i};
		p->folder = verify_attempt_cut(&p->name);
	}
	if (v->count > 0)
		qsort(v->places, v->count, sizeof *v->places, by_name);
}

/* folder: the attempt's number; 0 for what has none.  Of several files it is the last given. */
static size_t
find_in(const struct verify *v, uint32_t folder, const char *file, struct text *ret_bytes)
{
	const struct place want = {.folder = folder, .name = text_of(file)};
	size_t low = 0, high = v->count, found = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (by_name(&v->places[middle], &want) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < v->count && v->places[low].folder == folder &&
		text_is(v->places[low].name, file);
		low++) {
		*ret_bytes = v->files[v->places[low].file].bytes;
		found++;
	}
	return found;
}

static size_t
find_all(const struct verify *v, const char *file, struct text *ret_bytes)
{
	return find_in(v, v->bare ? 0 : v->now->number, file, ret_bytes);
}

static bool
find(const struct verify *v, const char *file, struct text *ret_bytes)
{
	return find_all(v, file, ret_bytes) > 0;
}

/* As find(); an absent file is noted as what is missing to a check of the draw. */
static bool
need(struct verify *v, const char *file, struct text *ret_bytes)
{
	if (find(v, file, ret_bytes))
		return true;
	leave(v, CHECK_FILES, file);
	return false;
}

static void
check_names(struct verify *v)
{
	struct text bytes;

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (find_all(v, known[i], &bytes) > 1)
			fail(v, CHECK_FILES, known[i], 0, (struct text){0});
	for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++)
		if (find_in(v, 0, beside[i], &bytes) > 1)
			fail(v, CHECK_FILES, beside[i], 0, (struct text){0});
}

static bool
check_freeze(struct verify *v)
{
	struct draw *d = &v->now->draw;
	struct text bytes;
	uint32_t line = 0;
	enum check fault;

	if (!find(v, freeze_txt, &bytes)) {
		if (!find(v, void_txt, &bytes)) /* an attempt may be void before its freeze */
			leave(v, CHECK_FILES, freeze_txt);
		return false;
	}
	fault = freeze_parse(v->arena, bytes, &d->freeze, &line);
	if (fault != CHECK_OK) {
		fail(v, fault, freeze_txt, line, (struct text){0});
		return false;
	}
	d->f = freeze_hash(bytes);
	v->now->frozen = true;
	if (v->bare)
		v->now->number = d->freeze.attempt;
	if (d->freeze.attempt != v->now->number)
		fail(v, CHECK_ATTEMPT, freeze_txt, 4, (struct text){0});
	group_set(v, GROUP_FREEZE, VERIFY_HOLDS, NULL);
	return true;
}

static bool
check_lists(struct verify *v)
{
	struct draw *d = &v->now->draw;
	struct text candidates, excluded, both = {0};
	enum check c = CHECK_OK, x = CHECK_OK;
	uint32_t line = 0;

	if (!need(v, candidates_txt, &candidates) || !need(v, excluded_txt, &excluded))
		return false;
	c = candidates_parse(v->arena, candidates, &d->candidates, &line);
	if (c != CHECK_OK)
		fail(v, c, candidates_txt, line, (struct text){0});
	x = exclusions_parse(v->arena, excluded, &d->excluded, &line);
	if (x != CHECK_OK)
		fail(v, x, excluded_txt, line, (struct text){0});
	if (c != CHECK_OK || x != CHECK_OK)
		return false;
	if (list_disjoint(&d->candidates, &d->excluded, &both) != CHECK_OK)
		fail(v, CHECK_LIST_BOTH, excluded_txt, 0, both);
	if ((c = draw_lists_check(d)) != CHECK_OK && c != CHECK_LIST_BOTH)
		fail(v, c,
			c == CHECK_EXCLUDED_COUNT || c == CHECK_EXCLUDED_ROOT ? excluded_txt
									      : candidates_txt,
			0, (struct text){0});
	group_end(v, GROUP_LIST);
	v->now->listed = c == CHECK_OK;
	return v->now->listed;
}

/* The file's exact bytes have this hash. */
static void
check_text(struct verify *v, enum check c, const char *file, const struct hash *want)
{
	struct text bytes;
	struct hash h;

	if (!find(v, file, &bytes)) {
		leave(v, c, file);
		return;
	}
	h = hash_of(bytes.at, bytes.len);
	if (memcmp(h.at, want->at, HASH_LEN) == 0)
		row_set(v, c, VERIFY_HOLDS, file, 0, (struct text){0});
	else
		fail(v, c, file, 0, (struct text){0});
}

/* The leaf that the lists give for an id, in bytewise order of both lists together. */
static const struct hash *
next_listed(const struct draw *d, size_t *i, size_t *j, struct text *ret_id)
{
	bool more = *i < d->candidates.count;

	if (more && *j < d->excluded.count)
		more = text_order(d->candidates.at[*i].id, d->excluded.at[*j].id) < 0;
	if (more) {
		*ret_id = d->candidates.at[*i].id;
		return &d->candidates.at[(*i)++].leaf;
	}
	if (*j == d->excluded.count)
		return NULL;
	*ret_id = d->excluded.at[*j].id;
	return &d->excluded.at[(*j)++].leaf;
}

static void
check_signup(struct verify *v, const struct signup *s, uint32_t line, const struct hash *leaf)
{
	enum check fault = signup_check(s, v->now->draw.freeze.draw);

	if (fault != CHECK_OK)
		fail(v, fault, signups_bin, line, s->id);
	if (memcmp(s->leaf.at, leaf->at, HASH_LEN) != 0)
		fail(v, CHECK_SIGNUP_LEAF, signups_bin, line, s->id);
}

static void
check_signups(struct verify *v)
{
	const struct draw *d = &v->now->draw;
	struct text txt, bin, id = {0};
	struct signup *at;
	size_t count, i = 0, j = 0, n = 0;
	const struct hash *leaf;
	uint32_t line = 0;
	enum check fault;

	if (!find(v, signups_txt, &txt) || !find(v, signups_bin, &bin)) {
		group_set(v, GROUP_SIGNUP, VERIFY_LEFT, signups_txt);
		return;
	}
	fault = signups_parse(v->arena, txt, bin, &at, &count, &line);
	if (fault != CHECK_OK) {
		fail(v, fault, signups_txt, line, (struct text){0});
		return;
	}
	while ((leaf = next_listed(d, &i, &j, &id)) != NULL && n < count) {
		if (!text_eq(at[n].id, id))
			break;
		check_signup(v, &at[n], (uint32_t)n + 1, leaf);
		n++;
	}
	if (leaf != NULL || n < count)
		fail(v, CHECK_SIGNUP_SET, signups_txt, (uint32_t)n + 1,
			leaf != NULL ? id : at[n].id);
	group_end(v, GROUP_SIGNUP);
}

static bool
is_early(const struct verify *v, struct utc at)
{
	return at.us < v->now->draw.freeze.close_at.us + FREEZE_BEACON_DELAY_S * UTC_SECOND;
}

/* Its form was checked with the other values. */
static void
check_pulse(struct verify *v, const struct contributor *c, struct text given)
{
	struct pulse p;

	must(pulse_parse(given, &p));
	if (is_early(v, p.at))
		fail(v, CHECK_BEACON_TIME, contributions_txt, 0, c->name);
	if (pulse_judge(&p, c, v->options->nist_certificate) != PULSE_HOLDS)
		fail(v, CHECK_BEACON, contributions_txt, 0, c->name);
	else if (v->options->nist_certificate.len == 0)
		leave(v, CHECK_BEACON, "beacon");
}

static void
check_drand(struct verify *v, const struct contributor *c, struct text given)
{
	enum beacon_answer answer = BEACON_UNKNOWN;
	struct utc at;

	if (!drand_round_time(&c->hash, c->round, &at))
		leave(v, CHECK_BEACON_TIME, "beacon");
	else if (is_early(v, at))
		fail(v, CHECK_BEACON_TIME, freeze_txt, 0, c->name);
	if (v->options->beacon != NULL)
		answer = v->options->beacon(v->options->beacon_arg, c, given);
	if (answer == BEACON_FAILS)
		fail(v, CHECK_BEACON, contributions_txt, 0, c->name);
	else if (answer == BEACON_UNKNOWN)
		leave(v, CHECK_BEACON, "beacon");
}

/* True when every contributor gave a value that counts. */
static bool
check_values(struct verify *v, struct verify_proofs *ret_spoken)
{
	const struct freeze *f = &v->now->draw.freeze;
	struct text bytes, *given = ret_spoken->given;
	bool all = true,
	     beacon = draw_source_is_beacon(f->contributors[f->contributors_count - 1].source);
	uint32_t line = 0;
	size_t count;
	enum check fault;

	if (!need(v, contributions_txt, &bytes))
		return false;
	fault = contributions_parse(v->arena, bytes, f, &v->now->draw.f, given, &count, &line);
	if (fault != CHECK_OK) {
		fail(v, fault, contributions_txt, line, (struct text){0});
		return false;
	}
	ret_spoken->count = count;
	ret_spoken->parsed = true;
	for (size_t i = 0; i < count; i++) {
		fault = draw_value(&v->now->draw, i, given[i], &ret_spoken->values[i]);
		if (fault != CHECK_OK) {
			fail(v, fault, contributions_txt, (uint32_t)i + 5, f->contributors[i].name);
			all = false;
		} else if (f->contributors[i].source == DRAW_DRAND) {
			check_drand(v, &f->contributors[i], given[i]);
		} else if (f->contributors[i].source == DRAW_NIST) {
			check_pulse(v, &f->contributors[i], given[i]);
		}
	}
	if (count < 2)
		row_set(v, CHECK_COMMITMENT, VERIFY_NONE, NULL, 0, (struct text){0});
	if (!beacon || count < f->contributors_count)
		for (enum check c = CHECK_BEACON_FORM; c <= CHECK_BEACON; c++)
			row_set(v, c, VERIFY_NONE, NULL, 0, (struct text){0});
	if (count < f->contributors_count) {
		struct text result;
		bool claimed = find(v, result_txt, &result), ended = find(v, void_txt, &result);

		row_set(v, CHECK_VALUE_COUNT,
			claimed		? VERIFY_FAILS
				: ended ? VERIFY_NONE
					: VERIFY_LEFT,
			contributions_txt, 0, f->contributors[count].name);
		all = false;
	}
	group_end(v, GROUP_VALUE);
	return all;
}

static void
check_result(struct verify *v, const struct value *values)
{
	const struct draw *d = &v->now->draw;
	struct hash seed = seed_of(&d->freeze, &d->f, values);
	struct result claimed;
	struct text bytes;
	uint32_t line = 0;
	enum check fault;

	result_of(v->arena, &d->freeze, &d->candidates, &seed, &v->now->result);
	v->now->drawn = true;
	if (!find(v, result_txt, &bytes)) {
		group_set(v, GROUP_RESULT, VERIFY_LEFT, result_txt);
		return;
	}
	fault = result_parse(v->arena, bytes, &d->freeze, &d->f, &d->candidates, &claimed, &line);
	if (fault != CHECK_OK) {
		fail(v, fault, result_txt, line, (struct text){0});
		return;
	}
	if (memcmp(claimed.seed.at, seed.at, HASH_LEN) != 0)
		fail(v, CHECK_SEED, result_txt, 5, (struct text){0});
	if (d->freeze.method == DRAW_INTEGER) {
		row_set(v, CHECK_PERMUTATION, VERIFY_NONE, NULL, 0, (struct text){0});
		row_set(v, CHECK_ORDER, VERIFY_NONE, NULL, 0, (struct text){0});
		if (claimed.value != v->now->result.value)
			fail(v, CHECK_INTEGER, result_txt, 6, (struct text){0});
	} else {
		row_set(v, CHECK_INTEGER, VERIFY_NONE, NULL, 0, (struct text){0});
		for (size_t i = 0; i < d->candidates.count; i++)
			if (claimed.order[i] != v->now->result.order[i]) {
				fail(v, CHECK_ORDER, result_txt, 6,
					d->candidates.at[claimed.order[i]].id);
				break;
			}
	}
	group_end(v, GROUP_RESULT);
}

static void
check_void(struct verify *v)
{
	struct void_record *r = &v->now->void_record;
	struct text bytes;
	uint32_t line = 0;
	enum check fault;

	if (!find(v, void_txt, &bytes))
		return;
	fault = void_parse(bytes, r, &line);
	if (fault != CHECK_OK) {
		fail(v, fault, void_txt, line, (struct text){0});
		return;
	}
	v->now->voided = true;
	if (v->bare && !v->now->frozen)
		v->now->number = r->attempt;
	if (r->attempt != v->now->number || r->has_freeze != find(v, freeze_txt, &bytes))
		fail(v, CHECK_VOID_HEAD, void_txt, 0, (struct text){0});
	if (v->now->frozen &&
		(!text_eq(r->draw, v->now->draw.freeze.draw) ||
			memcmp(r->freeze.at, v->now->draw.f.at, HASH_LEN) != 0))
		fail(v, CHECK_VOID_HEAD, void_txt, 0, (struct text){0});
}

static bool
find_for(void *arg, const char *file, bool aside, struct text *ret_bytes)
{
	struct verify *v = arg;
	size_t found = aside ? find_in(v, 0, file, ret_bytes) : find_all(v, file, ret_bytes);

	if (found > 1)
		fail(v, CHECK_FILES, file, 0, (struct text){0});
	return found > 0;
}

static void
check_journal(struct verify *v)
{
	struct verify_journal_files files = {0};

	(void)find(v, freeze_txt, &files.freeze);
	(void)find(v, rules_txt, &files.rules);
	(void)find(v, contributions_txt, &files.contributions);
	(void)find(v, void_txt, &files.ended);
	verify_journal(v->arena, v->options->journal, &files, v->now);
}

/* The person's own key of the journal, or that of the mirror. */
static struct text
log_vkey_of(const struct verify_options *o)
{
	return o->log_vkey.len > 0 || o->journal == NULL ? o->log_vkey : o->journal->log_vkey;
}

static void
check_attempt(struct verify *v)
{
	struct verify_proofs spoken = {.arena = v->arena,
		.attempt = v->now,
		.mirror = v->options->journal != NULL,
		.log_vkey = log_vkey_of(v->options),
		.find = find_for,
		.arg = v};
	const struct freeze *f = &v->now->draw.freeze;

	check_names(v);
	if (check_freeze(v)) {
		check_text(v, CHECK_NOTICE, notice_txt, &f->notice);
		check_text(v, CHECK_RULES, rules_txt, &f->rules);
		if (check_lists(v))
			check_signups(v);
		if (check_values(v, &spoken) && v->now->listed)
			check_result(v, spoken.values);
	}
	check_void(v);
	if (v->now->frozen && v->options->journal != NULL)
		check_journal(v);
	if (v->now->frozen)
		verify_proofs(&spoken);
	if (v->now->frozen || v->now->voided)
		group_end(v, GROUP_FORM);
	if (!v->now->frozen)
		group_set(v, GROUP_JOURNAL, VERIFY_NONE, NULL);
	else if (v->options->journal == NULL)
		for (enum check c = CHECK_FREEZE_ONCE; c <= CHECK_CHECKPOINT; c++)
			leave(v, c, "journal");
}

static struct text
draw_id(const struct verify_attempt *t)
{
	return t->frozen ? t->draw.freeze.draw : t->voided ? t->void_record.draw : (struct text){0};
}

/* Who stalled the attempt before must be replaced: the operator by another key, a witness by
 * another name and key.  An owner who stalls ends the round. */
static bool
staller_is_back(const struct verify_attempt *before, const struct freeze *next)
{
	struct text name = before->void_record.stalled;
	const uint8_t *key = NULL;

	if (name.len == 0)
		return false;
	for (size_t i = 0; before->frozen && i < before->draw.freeze.contributors_count; i++) {
		const struct contributor *c = &before->draw.freeze.contributors[i];

		if (text_eq(c->name, name) && c->source == DRAW_VRF)
			key = c->key;
	}
	for (size_t i = 0; i < next->contributors_count; i++) {
		const struct contributor *c = &next->contributors[i];

		if (text_eq(c->name, name) && !text_is(name, "operator"))
			return true;
		if (key != NULL && c->source == DRAW_VRF && memcmp(key, c->key, VRF_KEY_LEN) == 0)
			return true;
	}
	return false;
}

/* The attempt at hand against the one before it. */
static void
check_succession(struct verify *v, const struct verify_attempt *before, struct text void_bytes)
{
	const struct freeze *f = &v->now->draw.freeze;
	const struct void_record *r = &before->void_record;
	struct hash h = hash_of(void_bytes.at, void_bytes.len);

	if (!f->has_previous || memcmp(h.at, f->previous.at, HASH_LEN) != 0)
		fail(v, CHECK_PREVIOUS, freeze_txt, 5, (struct text){0});
	if (!before->voided)
		return;
	if (staller_is_back(before, f))
		fail(v, CHECK_STALLER, freeze_txt, 0, r->stalled);
	if (before->frozen && !text_is(r->reason, "list-changed") &&
		memcmp(before->draw.freeze.candidates_root.at, f->candidates_root.at, HASH_LEN) !=
			0)
		fail(v, CHECK_LIST_KEPT, freeze_txt, 0, (struct text){0});
}

static void
check_reuse(struct verify *v, const struct verify_attempt *attempts)
{
	const struct hash *mine = &v->now->draw.freeze.contributors[1].hash;

	for (const struct verify_attempt *t = attempts; t < v->now; t++)
		if (t->frozen &&
			memcmp(t->draw.freeze.contributors[1].hash.at, mine->at, HASH_LEN) == 0)
			fail(v, CHECK_COMMITMENT_REUSED, freeze_txt, 0, text_of("owner"));
}

static void
check_attempts(struct verify *v, struct verify_attempt *attempts, size_t count)
{
	struct text void_bytes = {0};

	for (size_t i = 0; i < count; i++) {
		struct verify_attempt *t = v->now = &attempts[i];
		bool first = i == 0;

		if ((t->number != i + 1 && !v->bare) || v->too_many)
			fail(v, CHECK_ATTEMPT_SEQUENCE, NULL, 0, (struct text){0});
		if (draw_id(t).len > 0 && draw_id(&attempts[0]).len > 0 &&
			!text_eq(draw_id(t), draw_id(&attempts[0])))
			fail(v, CHECK_DRAW, NULL, 0, draw_id(t));
		if (t->frozen && !first)
			check_succession(v, t - 1, void_bytes);
		else if (t->frozen && t->number == 1 && t->draw.freeze.has_previous)
			fail(v, CHECK_PREVIOUS, freeze_txt, 5, (struct text){0});
		else if (t->number > 1)
			group_set(v, GROUP_ATTEMPTS, VERIFY_LEFT, "attempt-1");
		if (t->frozen)
			check_reuse(v, attempts);
		void_bytes = (struct text){0};
		if (!find(v, void_txt, &void_bytes) && i + 1 < count)
			fail(v, CHECK_VOID_MISSING, void_txt, 0, (struct text){0});
		if (t->voided && i + 1 < count && t->void_record.by[0].len == 0)
			fail(v, CHECK_VOID_PEOPLE, void_txt, 7, (struct text){0});
		group_set(v, GROUP_ATTEMPTS, VERIFY_HOLDS, NULL);
	}
}

/* What is not shown was not frozen: an attempt that says it ended before, and any behind the last,
 * unless that is void: then the transcript may be older than the journal. */
static void
check_hidden(struct verify *v, struct verify_attempt *attempts, size_t count)
{
	const struct verify_journal *j = v->options->journal;

	for (size_t i = 0; j != NULL && i < count; i++) {
		struct verify_attempt *t = v->now = &attempts[i];

		if ((!t->frozen &&
			    verify_journal_froze(v->arena, j, draw_id(t), t->number, t->number)) ||
			(i + 1 == count && !t->voided &&
				verify_journal_froze(
					v->arena, j, draw_id(t), t->number + 1, UINT32_MAX)))
			fail(v, CHECK_FREEZE_ONCE, freeze_txt, 0, (struct text){0});
	}
}

/* May be absent without making the report incomplete. */
static bool
is_beside(enum check c)
{
	enum check_group g = check_row(c)->group;

	return g == GROUP_JOURNAL || g == GROUP_TEXTS || g == GROUP_SIGNUP;
}

static enum verdict
judge(const struct verify *v, const struct verify_attempt *attempts, size_t count)
{
	bool left = count == 0;

	for (size_t i = 0; i < count; i++)
		for (int c = CHECK_OK + 1; c < CHECK_COUNT; c++) {
			enum verify_state state = attempts[i].rows[c].state;

			if (state == VERIFY_FAILS)
				return VERDICT_FAILED;
			if (state == VERIFY_LEFT)
				left |= !v->options->draw_only || !is_beside((enum check)c);
		}
	return left ? VERDICT_INCOMPLETE : VERDICT_HOLDS;
}

/* L1: operator and owner.  L2: and a witness.  L3: and a drand round that was checked, before which
 * a witness had seen what the others gave. */
static int
level_of(const struct verify_attempt *t)
{
	const struct freeze *f = &t->draw.freeze;
	int level = 1;

	for (size_t i = 2; i < f->contributors_count; i++) {
		if (f->contributors[i].source == DRAW_VRF)
			level = 2;
		if (f->contributors[i].source == DRAW_DRAND && level == 2 &&
			t->rows[CHECK_BEACON].state == VERIFY_HOLDS &&
			t->rows[CHECK_BEACON_TIME].state == VERIFY_HOLDS &&
			t->rows[CHECK_BEACON_SEEN].state == VERIFY_HOLDS)
			level = 3;
	}
	return level;
}

/* The attempts that have a folder, in order; without folders, one that is bare. */
static size_t
list_attempts(struct verify *v, struct verify_attempt **ret_attempts)
{
	uint32_t numbers[ATTEMPTS_MAX];
	struct verify_attempt *attempts;
	size_t n = 0;

	for (size_t i = 0; i < v->count; i++) {
		struct text name = v->files[i].name;
		uint32_t number = verify_attempt_cut(&name);
		size_t at = 0;

		while (at < n && numbers[at] < number)
			at++;
		if (number == 0 || (at < n && numbers[at] == number))
			continue;
		if (n == ATTEMPTS_MAX) {
			v->too_many = true;
			break;
		}
		memmove(numbers + at + 1, numbers + at, (n - at) * sizeof numbers[0]);
		numbers[at] = number;
		n++;
	}
	v->bare = n == 0;
	attempts = arena_array(v->arena, struct verify_attempt, n == 0 ? 1 : n);
	for (size_t i = 0; i < n; i++)
		attempts[i].number = numbers[i];
	*ret_attempts = attempts;
	return n == 0 ? 1 : n;
}

void
draw_verify(struct arena *a, const struct verify_file *files, size_t count,
	const struct verify_options *options, struct verify_report *ret_report)
{
	struct verify v = {.arena = a, .files = files, .count = count, .options = options};
	struct verify_report r = {0};
	const struct verify_attempt *last;

	sort_files(&v);
	r.count = list_attempts(&v, &r.attempts);
	for (size_t i = 0; i < r.count; i++) {
		v.now = &r.attempts[i];
		check_attempt(&v);
	}
	check_attempts(&v, r.attempts, r.count);
	check_hidden(&v, r.attempts, r.count);
	r.verdict = judge(&v, r.attempts, r.count);
	last = &r.attempts[r.count - 1];
	if (r.verdict != VERDICT_FAILED && last->drawn && !last->voided)
		r.level = level_of(last);
	r.beacon_left = last->drawn && last->rows[CHECK_BEACON].state == VERIFY_LEFT;
	*ret_report = r;
}
