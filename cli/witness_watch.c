#include "cli/witness_watch.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "cli/say.h"
#include "cli/session.h"
#include "lib/base/arena.h"
#include "lib/base/hex.h"
#include "lib/draw/record.h"
#include "lib/draw/void.h"
#include "lib/ledger/merkle.h"
#include "lib/policy/policy.h"

/* An entry's first line, and what follows. */
struct head {
	struct text kind, subject;
	struct utc at;
	struct text payload;
};

static bool
head_take(struct text entry, struct head *ret_head)
{
	struct text line, word[6];

	if (!text_cut(&entry, '\n', &line))
		return false;
	for (int i = 0; i < 6; i++)
		if (!text_cut(&line, ' ', &word[i]))
			return false;
	*ret_head = (struct head){.kind = word[1], .subject = word[2], .payload = entry};
	return line.len == 0 && text_is(word[0], "fairlot-entry/v1") &&
		time_parse(word[4], &ret_head->at);
}

static struct text
copy(struct arena *a, struct text t)
{
	return text_span(arena_copy(a, t.at, t.len), t.len);
}

/* The list with room for one more, in the arena. */
static void *
grown(struct arena *a, void *list, size_t count, size_t *room, size_t size)
{
	void *more;

	if (count < *room)
		return list;
	*room = *room == 0 ? 16 : 2 * *room;
	more = arena_alloc(a, *room * size);
	if (count > 0)
		memcpy(more, list, count * size);
	return more;
}

/* --- keys --- */

static void
key_take(struct watch *w, const struct head *h, uint64_t index, struct json_object *json)
{
	const char *kind = json_text(json, "kind"), *hex = json_text(json, "public_key");
	struct json_object *synthetic = NULL;
	struct watch_key k = {.at = h->at, .index = index, .retired = UINT64_MAX};

	if (kind == NULL || strcmp(kind, "vrf-p256") != 0 || hex == NULL ||
		!hex_decode(text_of(hex), k.key, VRF_KEY_LEN))
		return;
	if (text_is(h->kind, "key-retired")) {
		for (size_t i = 0; i < w->keys_count; i++)
			if (memcmp(w->keys[i].key, k.key, VRF_KEY_LEN) == 0 &&
				w->keys[i].retired == UINT64_MAX)
				w->keys[i].retired = index;
		return;
	}
	(void)json_object_object_get_ex(json, "synthetic", &synthetic);
	k.synthetic = json_object_get_boolean(synthetic);
	k.name = copy(w->arena, h->subject);
	w->keys = grown(w->arena, w->keys, w->keys_count, &w->keys_room, sizeof *w->keys);
	w->keys[w->keys_count++] = k;
}

/* --- attempts --- */

static struct watch_attempt *
attempt_find(const struct watch *w, struct text draw, uint64_t attempt)
{
	for (size_t i = w->attempts_count; i-- > 0;)
		if (w->attempts[i].attempt == attempt && text_eq(w->attempts[i].draw, draw))
			return &w->attempts[i];
	return NULL;
}

static bool
place_of(const struct watch *w, const struct freeze *f, size_t *ret_place)
{
	for (size_t i = 0; i < f->contributors_count; i++)
		if (f->contributors[i].source == DRAW_VRF &&
			memcmp(f->contributors[i].key, w->key, VRF_KEY_LEN) == 0) {
			*ret_place = i;
			return true;
		}
	return false;
}

static void
freeze_take(struct watch *w, const struct head *h, uint64_t index)
{
	struct watch_attempt t = {.text = copy(w->arena, h->payload), .at = h->at, .index = index};
	struct watch_attempt *seen;
	uint32_t line = 0;
	struct freeze f;

	/* A record that is none is nobody's freeze; no value follows it. */
	if (freeze_parse(w->arena, t.text, &f, &line) != CHECK_OK || !text_eq(f.draw, h->subject))
		return;
	seen = attempt_find(w, f.draw, f.attempt);
	if (seen != NULL)
		seen->fault = say("日志中该次抽取有两份冻结记录",
			"the journal holds two freezes of this attempt");
	if (!place_of(w, &f, &t.place))
		return;
	t.draw = f.draw;
	t.attempt = f.attempt;
	t.f = freeze_hash(t.text);
	t.fault = seen == NULL ? NULL : seen->fault;
	w->attempts = grown(
		w->arena, w->attempts, w->attempts_count, &w->attempts_room, sizeof *w->attempts);
	w->attempts[w->attempts_count++] = t;
}

static uint64_t
json_number(struct json_object *json, const char *name)
{
	struct json_object *value;
	int64_t n =
		json_object_object_get_ex(json, name, &value) ? json_object_get_int64(value) : 0;

	return n < 0 ? 0 : (uint64_t)n;
}

static void
value_take(struct watch *w, const struct head *h, struct json_object *json)
{
	struct watch_attempt *t = attempt_find(w, h->subject, json_number(json, "attempt"));
	uint64_t place = json_number(json, "index") - 1;
	const char *hex = json_text(json, "proof");
	struct text given;
	uint8_t *bytes;

	if (hex == NULL)
		hex = json_text(json, "value");
	if (t == NULL || hex == NULL || place >= FREEZE_CONTRIBUTORS_MAX)
		return;
	given = text_of(hex);
	bytes = arena_alloc(w->arena, given.len / 2 + 1);
	if (!hex_decode(given, bytes, given.len / 2) || t->values[place].at != NULL)
		return;
	t->values[place] = text_span((const char *)bytes, given.len / 2);
	while (t->spoken < FREEZE_CONTRIBUTORS_MAX && t->values[t->spoken].at != NULL)
		t->spoken++;
	t->settled = t->settled || place == t->place;
}

static void
void_take(struct watch *w, const struct head *h)
{
	struct void_record v;
	struct watch_attempt *t;
	uint32_t line = 0;

	if (void_parse(h->payload, &v, &line) != CHECK_OK ||
		(t = attempt_find(w, v.draw, v.attempt)) == NULL)
		return;
	t->settled = true;
}

bool
watch_entry(void *watch, uint64_t index, struct text entry)
{
	struct watch *w = watch;
	bool key, value;
	struct head h;

	w->next = index + 1;
	if (!head_take(entry, &h))
		return true;
	key = text_is(h.kind, "key-announced") || text_is(h.kind, "key-retired");
	value = text_is(h.kind, "contribution");
	if (text_is(h.kind, "freeze"))
		freeze_take(w, &h, index);
	else if (text_is(h.kind, "void"))
		void_take(w, &h);
	else if (key || value) {
		struct json_object *json =
			json_tokener_parse(arena_str(w->arena, h.payload.at, h.payload.len));

		if (key)
			key_take(w, &h, index, json);
		else
			value_take(w, &h, json);
		json_object_put(json);
	}
	return true;
}

bool
watch_is_due(const struct watch_attempt *t)
{
	return !t->settled && t->spoken >= t->place;
}

/* --- judging --- */

/* The first draw of a round, `<project>.<round>`: a coefficient has its sign-ups.  Those of an
 * auction name the tie that may follow. */
static struct text
round_of(struct text draw)
{
	struct text rest = draw, word, round = draw;

	if (text_cut(&rest, '.', &word) && text_cut(&rest, '.', &word) && rest.len > 0)
		round.len -= rest.len + 1;
	return round;
}

struct facts {
	const struct watch_attempt *t;
	struct text round;
	struct hash *leaves;
	size_t count, room;
	unsigned freezes; /* of this attempt */
	struct arena *arena;
};

static bool
facts_take(void *arg, uint64_t index, struct text entry)
{
	struct facts *k = arg;
	uint32_t line = 0;
	struct freeze f;
	struct head h;

	if (!head_take(entry, &h))
		return true;
	if (text_is(h.kind, "freeze") && text_eq(h.subject, k->t->draw) &&
		freeze_parse(k->arena, h.payload, &f, &line) == CHECK_OK &&
		f.attempt == k->t->attempt)
		k->freezes++;
	if (index < k->t->index && text_is(h.kind, "signup") &&
		(text_eq(h.subject, k->t->draw) || text_eq(h.subject, k->round))) {
		k->leaves = grown(k->arena, k->leaves, k->count, &k->room, sizeof *k->leaves);
		k->leaves[k->count++] = merkle_leaf(entry);
	}
	return true;
}

static int
by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, HASH_LEN);
}

/* Sign-ups in the journal = candidates and excluded: nobody was left out, nobody put in. */
static const char *
signups_fault(struct facts *k, const struct draw *d, struct arena *a)
{
	size_t count = d->candidates.count + d->excluded.count;
	struct hash *listed = arena_array(a, struct hash, count + 1);

	for (size_t i = 0; i < d->candidates.count; i++)
		listed[i] = d->candidates.at[i].leaf;
	for (size_t i = 0; i < d->excluded.count; i++)
		listed[d->candidates.count + i] = d->excluded.at[i].leaf;
	if (k->count == count) {
		qsort(listed, count, sizeof *listed, by_bytes);
		if (count > 0)
			qsort(k->leaves, count, sizeof *listed, by_bytes);
		if (count == 0 || memcmp(listed, k->leaves, count * sizeof *listed) == 0)
			return NULL;
	}
	return arena_printf(a,
		say("日志中有 %zu 份报名，名单中有 %zu 份，两者不一致",
			"the journal has %zu sign-ups, the lists have %zu, and they differ"),
		k->count, count);
}

static struct text
file_of(const struct verify_file *files, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (text_is(files[i].name, name))
			return files[i].bytes;
	return text_of(NULL);
}

static const struct verify_attempt *
attempt_of(const struct verify_report *r, uint32_t number)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->attempts[i].number == number)
			return &r->attempts[i];
	return NULL;
}

/* All that a transcript shows by itself.  What is owed yet, the beacon and the journal's part are
 * left; the rest must hold. */
static const char *
transcript_fault(const struct watch_attempt *t, const struct verify_report *r, struct arena *a)
{
	const struct verify_attempt *one = attempt_of(r, t->attempt);

	if (one == NULL)
		return say("抽取记录中没有该次抽取", "the transcript has not this attempt");
	for (size_t i = 0; i < r->count; i++)
		for (int c = CHECK_OK + 1; c < CHECK_COUNT; c++)
			if (r->attempts[i].rows[c].state == VERIFY_FAILS)
				return arena_printf(a, "attempt %u: %s: %s", r->attempts[i].number,
					check_row((enum check)c)->code,
					say(check_row((enum check)c)->zh,
						check_row((enum check)c)->en));
	for (int c = CHECK_OK + 1; c < CHECK_COUNT; c++) {
		enum check_group group = check_row((enum check)c)->group;
		enum verify_state state = one->rows[c].state;

		if ((group == GROUP_FREEZE || group == GROUP_LIST || group == GROUP_TEXTS ||
			    group == GROUP_SIGNUP) &&
			state != VERIFY_HOLDS && state != VERIFY_NONE)
			return arena_printf(a, say("%s：未能核对", "%s: could not be checked"),
				check_row((enum check)c)->code);
	}
	return NULL;
}

/* How long a key must have been known before the close: `vrf_key_age` of rules.txt. */
static bool
age_of(struct text rules, int64_t *ret_us)
{
	static const int64_t unit_us[] = {
		UTC_SECOND, 3600 * UTC_SECOND, UTC_DAY, 0 /* no span is in working days */};
	struct duration age;
	struct policy p;

	if (policy_parse(rules, &p) != OK || p.values[POLICY_vrf_key_age].at == NULL ||
		!duration_parse(p.values[POLICY_vrf_key_age], &age) ||
		age.unit == DURATION_WORKING_DAYS)
		return false;
	*ret_us = (int64_t)age.n * unit_us[age.unit];
	return true;
}

static const char *
keys_fault(const struct watch *w, const struct watch_attempt *t, const struct freeze *f,
	int64_t age_us, struct arena *a)
{
	for (size_t i = 0; i < f->contributors_count; i++) {
		const struct contributor *c = &f->contributors[i];
		const struct watch_key *k = NULL;

		if (c->source != DRAW_VRF)
			continue;
		for (size_t n = 0; n < w->keys_count; n++)
			if (text_eq(w->keys[n].name, c->name) &&
				memcmp(w->keys[n].key, c->key, VRF_KEY_LEN) == 0)
				k = &w->keys[n];
		if (k == NULL || k->index > t->index || k->synthetic)
			return arena_printf(a,
				say("“" TEXT_FMT "”的公钥未在日志中公告",
					"the key of \"" TEXT_FMT
					"\" is not announced in the journal"),
				TEXT_ARG(c->name));
		if (k->retired < t->index)
			return arena_printf(a,
				say("“" TEXT_FMT "”的公钥已停用",
					"the key of \"" TEXT_FMT "\" is retired"),
				TEXT_ARG(c->name));
		if (k->at.us + age_us > f->close_at.us)
			return arena_printf(a,
				say("“" TEXT_FMT "”的公钥公告时间不足",
					"the key of \"" TEXT_FMT "\" is too young"),
				TEXT_ARG(c->name));
	}
	return NULL;
}

/* What others gave before this witness, by the journal: each is the one value it could be. */
static const char *
values_fault(const struct watch_attempt *t, const struct freeze *f, struct arena *a)
{
	for (size_t i = 0; i < t->place; i++) {
		struct value v;
		enum check bad = contribution_check(f, &t->f, i, t->values[i], &v);

		if (bad != CHECK_OK)
			return arena_printf(a, "value %zu: %s: %s", i + 1, check_row(bad)->code,
				say(check_row(bad)->zh, check_row(bad)->en));
	}
	return NULL;
}

const char *
watch_judge(const struct watch *w, struct witness_log *l, const struct watch_attempt *t,
	const struct verify_file *files, size_t count, struct arena *a)
{
	const char *folder = arena_printf(a, "attempt-%u", t->attempt), *why = NULL;
	struct facts k = {.t = t, .round = round_of(t->draw), .arena = a};
	const struct verify_options options = {0};
	struct verify_report report;
	const struct draw *d;
	int64_t age_us = 0;

	if (t->fault != NULL)
		return t->fault;
	if (!text_eq(file_of(files, count, arena_printf(a, "%s/freeze.txt", folder)), t->text))
		return say("抽取记录中的冻结记录不是日志中的那份",
			"the transcript has another freeze than the journal");
	draw_verify(a, files, count, &options, &report);
	if ((why = transcript_fault(t, &report, a)) != NULL)
		return why;
	d = &attempt_of(&report, t->attempt)->draw;
	if (!text_eq(d->freeze.origin, w->origin))
		return say("冻结记录属于另一日志", "the freeze is of another journal");
	if (t->at.us < d->freeze.close_at.us)
		return say("名单在截止前已冻结", "the list was frozen before the deadline");
	if (!age_of(file_of(files, count, arena_printf(a, "%s/rules.txt", folder)), &age_us))
		return say("rules.txt 不是政策参数", "rules.txt is no policy profile");
	if ((why = keys_fault(w, t, &d->freeze, age_us, a)) != NULL)
		return why;
	if (!log_scan(l, 0, facts_take, &k, a, &why))
		return why;
	if (k.freezes != 1)
		return say("日志中该次抽取有两份冻结记录",
			"the journal holds two freezes of this attempt");
	if ((why = signups_fault(&k, d, a)) != NULL)
		return why;
	return values_fault(t, &d->freeze, a);
}
