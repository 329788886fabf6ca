/* What the proofs that a transcript carries show; lib/draw/proof_look.c found them. */
#include "lib/draw/verify_proof.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/draw/proof_look.h"
#include "lib/draw/record.h"
#include "lib/draw/verify.h"
#include "lib/draw/verify_journal.h"
#include "lib/ledger/proof.h"

static const char log_vkey[] = "log.vkey", witnesses_vkeys[] = "witnesses.vkeys",
		  void_signatures[] = "void-signatures.txt", rules_txt[] = "rules.txt",
		  contributions_txt[] = "contributions.txt";

/* ---- what the proofs show ---- */

/* Value 1 may share the freeze's checkpoint; each other comes after one with those before it. */
static void
check_turns(const struct look *l)
{
	const struct found *before = &l->freeze;
	struct text bytes;

	if (!look_find(l, contributions_txt, &bytes)) {
		look_leave(l, CHECK_SPOKEN_IN_TURN, contributions_txt);
		return;
	}
	if (!l->p->parsed || !look_need(l, CHECK_SPOKEN_IN_TURN, before))
		return;
	for (size_t i = 0; i < l->p->count; i++) {
		const struct found *v = &l->values[i];
		bool late;

		if (!look_need(l, CHECK_SPOKEN_IN_TURN, v))
			return;
		late = i == 0 ? v->index > before->index : v->index >= before->size;
		if (!late || (i == 1 && v->index < l->freeze.size)) {
			look_fail(l, CHECK_SPOKEN_IN_TURN, v->file, 0, l->f->contributors[i].name);
			return;
		}
		before = v;
	}
	look_hold(l, CHECK_SPOKEN_IN_TURN, NULL);
}

static void
check_ages(const struct look *l)
{
	struct text rules = {0};
	int64_t age_us;

	if (!look_find(l, rules_txt, &rules) || !verify_key_age(rules, &age_us)) {
		look_leave(l, CHECK_KEY_AGE, rules_txt);
		return;
	}
	for (size_t i = 0; i < l->f->contributors_count; i++) {
		const struct found *k = &l->keys[i];

		if (l->f->contributors[i].source != DRAW_VRF)
			continue;
		if (!look_need(l, CHECK_KEY_AGE, k))
			return;
		if (k->at.us > l->f->close_at.us - age_us) {
			look_fail(l, CHECK_KEY_AGE, k->file, 0, l->f->contributors[i].name);
			return;
		}
		if (!look_need(l, CHECK_KEY_AGE, &l->freeze))
			return;
		if (k->index >= l->freeze.index) {
			look_fail(l, CHECK_KEY_AGE, k->file, 0, l->f->contributors[i].name);
			return;
		}
	}
	look_hold(l, CHECK_KEY_AGE, NULL);
}

/* Whether what each witness announced is in witnesses.vkeys. */
static bool
check_cosigners(struct look *l)
{
	for (size_t i = 0; i < l->f->contributors_count; i++) {
		if (!look_is_witness(l->f, i))
			continue;
		if (!look_need(l, CHECK_COSIGNATURE, &l->cosigns[i]))
			return false;
		if (!look_has_vkey(l, l->f->contributors[i].name, l->cosigners[i])) {
			look_fail(l, CHECK_COSIGNATURE, witnesses_vkeys, 0,
				l->f->contributors[i].name);
			return false;
		}
	}
	return true;
}

static void
check_cosignatures(struct look *l)
{
	size_t count = 0;

	if (!l->vkeys_here)
		look_leave(l, CHECK_COSIGNATURE, witnesses_vkeys);
	if (!l->vkeys_good || !check_cosigners(l))
		return;
	for (size_t n = 0; n < l->all_count; n++)
		for (size_t i = 0; i < l->f->contributors_count; i++) {
			struct cosigned said;

			if (l->all[n]->state != FOUND_GOOD || !look_is_witness(l->f, i))
				continue;
			if (!cosignatures_read(l->all[n]->note, l->f->contributors[i].name,
				    l->cosigners[i], &said)) {
				look_fail(l, CHECK_COSIGNATURE, l->all[n]->file, 0,
					l->f->contributors[i].name);
				return;
			}
			count += said.count;
		}
	l->cosigners_hold = true;
	if (count > 0)
		look_hold(l, CHECK_COSIGNATURE, NULL);
	else
		look_leave(l, CHECK_COSIGNATURE, "cosignature");
}

/* Whether the beacon of the attempt has given a value that counts. */
static bool
has_beacon(const struct look *l)
{
	size_t last = l->f->contributors_count - 1;

	return draw_source_is_beacon(l->f->contributors[last].source) && l->p->count > last &&
		l->p->values[last].len > 0;
}

/* When the beacon spoke; false where that is not known. */
static bool
beacon_time(const struct look *l, struct utc *ret_at)
{
	size_t last = l->f->contributors_count - 1;
	const struct contributor *c = &l->f->contributors[last];
	struct pulse pulse;

	if (c->source == DRAW_DRAND)
		return drand_round_time(&c->hash, c->round, ret_at);
	must(pulse_parse(l->p->given[last], &pulse)); /* its value counts */
	*ret_at = pulse.at;
	return true;
}

static bool
is_before(uint64_t time_s, struct utc at)
{
	return at.us > 0 && time_s < (uint64_t)((at.us + UTC_SECOND - 1) / UTC_SECOND);
}

static void
check_beacon(const struct look *l)
{
	const struct contributor *c = &l->f->contributors[l->f->contributors_count - 1];
	const struct found *before = &l->values[l->f->contributors_count - 2];
	const struct verify_row *row = &l->rows[CHECK_COSIGNATURE];
	struct utc at = {0};

	if (!beacon_time(l, &at)) {
		look_leave(l, CHECK_BEACON_SEEN, "beacon");
		return;
	}
	if (!look_need(l, CHECK_BEACON_SEEN, before))
		return;
	if (!l->cosigners_hold) {
		if (row->state == VERIFY_LEFT)
			l->rows[CHECK_BEACON_SEEN] = *row;
		return;
	}
	for (size_t i = 0; i < l->f->contributors_count; i++) {
		struct cosigned said = {0};

		if (look_is_witness(l->f, i) &&
			cosignatures_read(
				before->note, l->f->contributors[i].name, l->cosigners[i], &said) &&
			said.count > 0 && is_before(said.first_s, at)) {
			look_hold(l, CHECK_BEACON_SEEN, NULL);
			return;
		}
	}
	look_fail(l, CHECK_BEACON_SEEN, before->file, 0, c->name);
}

/* ---- signatures over a void ---- */

enum {
	HEAD = 4, /* lines before the first signature */
	/* The shortest line of one; what is shorter is none, and the last to be read. */
	LINE_MIN = 10 + 1 + 1 + 2 * SIGN_KEY_LEN + 1 + 2 * SIGN_LEN + 1
};

struct signature {
	struct text name;
	uint8_t key[SIGN_KEY_LEN], at[SIGN_LEN];
};

/* Whether contributor i owes its signature: a witness that did not stall the attempt, which two
 * people ended.  Whose value stands there did not, whatever the void says. */
static bool
is_owed(const struct look *l, size_t i)
{
	const struct verify_attempt *t = l->p->attempt;

	return t->voided && t->void_record.by[0].len > 0 && look_is_witness(l->f, i) &&
		(i < l->p->count || !text_eq(l->f->contributors[i].name, t->void_record.stalled));
}

static bool
signatures_parse(const struct look *l, struct text bytes, struct text void_bytes,
	struct signature *ret_at, size_t *ret_count)
{
	struct text draw = {0};
	uint64_t attempt = 0;
	struct hash h = {{0}}, want = hash_of(void_bytes.at, void_bytes.len);
	struct record r;
	size_t n = 0;

	record_init(&r, bytes);
	(void)record_protocol(&r);
	if (record_key(&r, "signatures") && record_id(&r, &draw))
		(void)record_done(&r);
	if (record_key(&r, "attempt") && record_number(&r, 1, LIST_MAX, &attempt))
		(void)record_done(&r);
	if (record_key(&r, "void") && record_hash(&r, &h))
		(void)record_done(&r);
	while (record_key_if(&r, "signature")) {
		struct signature *s = &ret_at[n++];

		if (!record_id(&r, &s->name) || !record_hex(&r, s->key, SIGN_KEY_LEN) ||
			!record_hex(&r, s->at, SIGN_LEN) || !record_done(&r))
			break;
	}
	if (record_end(&r) != CHECK_OK) {
		look_fail(l, r.fault, void_signatures, r.number, (struct text){0});
		return false;
	}
	if (!text_eq(draw, l->f->draw) || attempt != l->f->attempt ||
		memcmp(h.at, want.at, HASH_LEN) != 0) {
		look_fail(l, CHECK_VOID_SIGNATURE, void_signatures, 0, (struct text){0});
		return false;
	}
	*ret_count = n;
	return true;
}

static bool
signatures_hold(
	const struct look *l, struct text void_bytes, const struct signature *at, size_t count)
{
	for (size_t n = 0; n < count; n++)
		if ((n > 0 && text_order(at[n - 1].name, at[n].name) >= 0) ||
			!look_has_vkey(l, at[n].name, at[n].key) ||
			!sign_holds(at[n].key, void_bytes, at[n].at)) {
			look_fail(l, CHECK_VOID_SIGNATURE, void_signatures, (uint32_t)n + HEAD + 1,
				at[n].name);
			return false;
		}
	return true;
}

/* The signature of contributor i; count when there is none. */
static size_t
signature_of(const struct look *l, size_t i, const struct signature *at, size_t count)
{
	size_t n = 0;

	while (n < count && !text_eq(at[n].name, l->f->contributors[i].name))
		n++;
	return n;
}

static bool
signatures_complete(const struct look *l, const struct signature *at, size_t count)
{
	for (size_t i = 0; i < l->f->contributors_count; i++)
		if (is_owed(l, i) && signature_of(l, i, at, count) == count) {
			look_fail(l, CHECK_VOID_SIGNATURE, void_signatures, 0,
				l->f->contributors[i].name);
			return false;
		}
	return true;
}

/* Each that is owed is by the key that its witness announced: who makes the transcript could list
 * another. */
static bool
signatures_bound(const struct look *l, const struct signature *at, size_t count)
{
	if (!l->keyed && l->rows[CHECK_LOG_KEY].state != VERIFY_FAILS)
		look_leave(l, CHECK_VOID_SIGNATURE, log_vkey);
	if (!l->keyed)
		return false;
	for (size_t i = 0; i < l->f->contributors_count; i++) {
		size_t n;

		if (!is_owed(l, i))
			continue;
		if (!look_need(l, CHECK_VOID_SIGNATURE, &l->cosigns[i]))
			return false;
		n = signature_of(l, i, at, count);
		if (memcmp(at[n].key, l->cosigners[i], SIGN_KEY_LEN) != 0) {
			look_fail(l, CHECK_VOID_SIGNATURE, void_signatures, (uint32_t)n + HEAD + 1,
				at[n].name);
			return false;
		}
	}
	return true;
}

static void
check_signatures(const struct look *l)
{
	struct text bytes, void_bytes = {0};
	struct signature *at;
	size_t count;

	if (!look_find(l, void_signatures, &bytes)) {
		look_leave(l, CHECK_VOID_SIGNATURE, void_signatures);
		return;
	}
	if (!l->vkeys_here)
		look_leave(l, CHECK_VOID_SIGNATURE, witnesses_vkeys);
	if (!l->vkeys_good || !look_find(l, "void.txt", &void_bytes))
		return;
	at = arena_array(l->p->arena, struct signature, bytes.len / LINE_MIN + 1);
	if (!signatures_parse(l, bytes, void_bytes, at, &count) ||
		!signatures_hold(l, void_bytes, at, count))
		return;
	if (signatures_complete(l, at, count) && signatures_bound(l, at, count))
		look_hold(l, CHECK_VOID_SIGNATURE, NULL);
}

/* ---- all of it ---- */

/* What does not occur in this attempt. */
static void
leave_out(struct look *l)
{
	bool owed = false;

	for (size_t i = 0; i < l->f->contributors_count; i++) {
		l->witness |= look_is_witness(l->f, i);
		owed |= is_owed(l, i);
	}
	if (!l->witness)
		look_absent(l, CHECK_COSIGNATURE);
	if (!l->witness || !has_beacon(l))
		look_absent(l, CHECK_BEACON_SEEN);
	if (!owed)
		look_absent(l, CHECK_VOID_SIGNATURE);
}

/* Without the log's key there is nothing to go by; a mirror has what the proofs would say. */
static void
leave_all(struct look *l)
{
	if (l->rows[CHECK_LOG_KEY].state == VERIFY_FAILS)
		return;
	if (l->p->mirror) {
		look_absent(l, CHECK_LOG_KEY);
		look_absent(l, CHECK_PROOF);
		look_absent(l, CHECK_COSIGNATURE);
	}
	for (enum check c = CHECK_LOG_KEY; c <= CHECK_BEACON_SEEN; c++)
		look_leave(l, c, log_vkey);
}

/* What a mirror at hand has is not missed; a transcript may have been taken before the last entries
 * were in a checkpoint, or before a witness came by. */
static void
leave_to_mirror(const struct look *l)
{
	for (enum check c = CHECK_PROOF; c <= CHECK_COSIGNATURE; c++)
		if (l->p->mirror && l->rows[c].state == VERIFY_LEFT && c != CHECK_KEY_AGE &&
			c != CHECK_SPOKEN_IN_TURN)
			l->rows[c].state = VERIFY_NONE;
}

void
verify_proofs(const struct verify_proofs *p)
{
	struct look *l = arena_new(p->arena, struct look);
	struct text ignored;

	l->p = p;
	l->f = &p->attempt->draw.freeze;
	l->rows = p->attempt->rows;
	leave_out(l);
	if (l->witness)
		look_vkeys(l);
	l->keyed = look_log(l) && (!p->mirror || look_find_beside(l, log_vkey, &ignored));
	if (l->keyed) {
		look_records(l);
		look_keys(l);
	}
	if (l->rows[CHECK_VOID_SIGNATURE].state != VERIFY_NONE)
		check_signatures(l);
	if (!l->keyed) {
		leave_all(l);
		return;
	}
	if (l->absent != NULL)
		look_leave(l, CHECK_PROOF, l->absent);
	else
		look_hold(l, CHECK_PROOF, NULL);
	check_turns(l);
	check_ages(l);
	if (l->witness)
		check_cosignatures(l);
	if (l->rows[CHECK_BEACON_SEEN].state != VERIFY_NONE)
		check_beacon(l);
	leave_to_mirror(l);
}
