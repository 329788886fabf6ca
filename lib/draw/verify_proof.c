/* Every byte here comes from whoever made the transcript.  A file is read once; what a check needs
 * of it is kept in a struct found. */
#include "lib/draw/verify_proof.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/b64.h"
#include "lib/base/hex.h"
#include "lib/draw/pulse.h"
#include "lib/draw/record.h"
#include "lib/draw/verify.h"
#include "lib/draw/verify_journal.h"
#include "lib/ledger/proof.h"

enum {
	FILE_MAX = 256 << 10,
	ENTRY_MAX = 65535,
	PATH_MAX_LEN = 64
};

static const char log_vkey[] = "log.vkey", witnesses_vkeys[] = "witnesses.vkeys",
		  void_signatures[] = "void-signatures.txt", rules_txt[] = "rules.txt",
		  contributions_txt[] = "contributions.txt";

/* What became of a proof that was looked for. */
enum found_state {
	FOUND_ABSENT,
	FOUND_BAD, /* or its record does not count */
	FOUND_GOOD
};

struct found {
	const char *file;
	enum found_state state;
	uint64_t index, size; /* of the entry, of the checkpoint */
	struct utc at;	      /* the entry's time */
	struct text payload, note;
};

struct vkey {
	struct text name;
	uint8_t key[SIGN_KEY_LEN];
};

struct look {
	const struct verify_proofs *p;
	const struct freeze *f;
	struct verify_row *rows;
	struct text log; /* the log's name; its key: */
	uint8_t key[SIGN_KEY_LEN];
	const char *absent; /* the first proof that is */
	struct found freeze, result, ended;
	struct found values[FREEZE_CONTRIBUTORS_MAX], keys[FREEZE_CONTRIBUTORS_MAX],
		cosigns[FREEZE_CONTRIBUTORS_MAX];
	struct found *all[3 + 3 * FREEZE_CONTRIBUTORS_MAX]; /* in the order of the page */
	size_t all_count;
	bool witness; /* some contributor is one */
	/* Of witnesses.vkeys: whether it is there, and well-formed. */
	bool vkeys_here, vkeys_good;
	struct vkey *vkeys;
	size_t vkeys_count;
	/* What each witness cosigns with, by contributor; set where cosigners_hold. */
	uint8_t cosigners[FREEZE_CONTRIBUTORS_MAX][SIGN_KEY_LEN];
	bool cosigners_hold;
};

/* ---- rows: a failure stays; what holds by a mirror is not left ---- */

static void
fail(const struct look *l, enum check c, const char *file, uint32_t line, struct text about)
{
	if (l->rows[c].state != VERIFY_FAILS)
		l->rows[c] = (struct verify_row){VERIFY_FAILS, file, line, about};
}

static void
hold(const struct look *l, enum check c, const char *about)
{
	if (l->rows[c].state == VERIFY_UNREACHED || l->rows[c].state == VERIFY_LEFT)
		l->rows[c] = (struct verify_row){.state = VERIFY_HOLDS, .about = text_of(about)};
}

static void
leave(const struct look *l, enum check c, const char *about)
{
	if (l->rows[c].state == VERIFY_UNREACHED)
		l->rows[c] = (struct verify_row){.state = VERIFY_LEFT, .about = text_of(about)};
}

static void
absent(const struct look *l, enum check c)
{
	if (l->rows[c].state == VERIFY_UNREACHED)
		l->rows[c].state = VERIFY_NONE;
}

/* A check goes on when this proof is good; else it is left, or nobody can tell. */
static bool
need(const struct look *l, enum check c, const struct found *f)
{
	if (f->state == FOUND_ABSENT)
		leave(l, c, f->file);
	return f->state == FOUND_GOOD;
}

static bool
find(const struct look *l, const char *file, struct text *ret_bytes)
{
	return l->p->find(l->p->arg, file, false, ret_bytes);
}

static bool
find_beside(const struct look *l, const char *file, struct text *ret_bytes)
{
	return l->p->find(l->p->arg, file, true, ret_bytes);
}

static bool
is_witness(const struct freeze *f, size_t i)
{
	return i >= 2 && f->contributors[i].source == DRAW_VRF;
}

/* ---- keys ---- */

/* The name of a log's key is the origin and `/journal`. */
static bool
is_log_of(const struct look *l, struct text name)
{
	static const char tail[] = "/journal";
	size_t len = l->f->origin.len;

	return name.len == len + sizeof tail - 1 && memcmp(name.at, l->f->origin.at, len) == 0 &&
		memcmp(name.at + len, tail, sizeof tail - 1) == 0;
}

/* Sets the log's key, where one is known. */
static bool
log_read(struct look *l)
{
	struct text mine = l->p->log_vkey, bytes, line = {0};
	bool here = find_beside(l, log_vkey, &bytes);

	if (mine.len > 0 && (!note_vkey_parse(mine, &l->log, l->key) || !is_log_of(l, l->log))) {
		fail(l, CHECK_LOG_KEY, "freeze.txt", 2, l->log);
		return false;
	}
	if (!here && mine.len == 0)
		return false;
	if (here &&
		(bytes.len > FILE_MAX || memchr(bytes.at, '\n', bytes.len) == NULL ||
			!text_cut(&bytes, '\n', &line) || bytes.len > 0 ||
			!note_vkey_parse(line, &l->log, l->key) || !is_log_of(l, l->log) ||
			(mine.len > 0 && !text_eq(line, mine)))) {
		fail(l, CHECK_LOG_KEY, log_vkey, 1, (struct text){0});
		return false;
	}
	hold(l, CHECK_LOG_KEY, mine.len > 0 ? "given" : "own");
	return true;
}

static size_t
lines_of(struct text bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < bytes.len; i++)
		n += bytes.at[i] == '\n';
	return n;
}

static void
vkeys_read(struct look *l)
{
	struct text bytes, line, before = {0};
	uint32_t number = 0;

	if (!find_beside(l, witnesses_vkeys, &bytes))
		return;
	l->vkeys_here = true;
	if (bytes.len > FILE_MAX) {
		fail(l, CHECK_COSIGNATURE, witnesses_vkeys, 0, (struct text){0});
		return;
	}
	l->vkeys = arena_array(l->p->arena, struct vkey, lines_of(bytes) + 1);
	while (bytes.len > 0) {
		struct vkey *k = &l->vkeys[l->vkeys_count++];

		number++;
		if (memchr(bytes.at, '\n', bytes.len) == NULL || !text_cut(&bytes, '\n', &line) ||
			!cosigner_vkey_parse(line, &k->name, k->key) ||
			(number > 1 && text_order(before, line) >= 0)) {
			fail(l, CHECK_COSIGNATURE, witnesses_vkeys, number, (struct text){0});
			return;
		}
		before = line;
	}
	l->vkeys_good = true;
}

static bool
vkeys_have(const struct look *l, struct text name, const uint8_t key[SIGN_KEY_LEN])
{
	for (size_t i = 0; i < l->vkeys_count; i++)
		if (text_eq(l->vkeys[i].name, name) &&
			memcmp(l->vkeys[i].key, key, SIGN_KEY_LEN) == 0)
			return true;
	return false;
}

/* ---- proofs ---- */

/* `fairlot-entry/v1 <kind> <subject> <actor> <time> <index|->` LF, and the payload. */
static bool
entry_parse(struct text entry, const char *kind, struct text subject, struct found *f)
{
	struct text line = {0}, word = {0}, field[6];
	uint64_t superseded;
	size_t n = 0;

	if (memchr(entry.at, '\n', entry.len) == NULL || !text_cut(&entry, '\n', &line) ||
		line.len == 0 || line.at[line.len - 1] == ' ')
		return false;
	while (text_cut(&line, ' ', &word)) {
		if (n == 6 || word.len == 0)
			return false;
		field[n++] = word;
	}
	f->payload = entry;
	return n == 6 && text_is(field[0], "fairlot-entry/v1") && text_is(field[1], kind) &&
		text_eq(field[2], subject) && record_is_time(field[4], true, &f->at) &&
		(text_is(field[5], "-") || text_u64(field[5], INT64_MAX, &superseded));
}

static bool
proof_read(const struct look *l, struct text bytes, const char *kind, struct text subject,
	struct found *f)
{
	struct tlog_proof proof;
	struct checkpoint c;
	uint8_t *entry;
	struct hash leaf;
	size_t len;

	if (bytes.len > FILE_MAX || !tlog_proof_parse(bytes, &proof) || proof.extra.len == 0 ||
		proof.extra.len > B64_LEN(ENTRY_MAX) || proof.len > PATH_MAX_LEN)
		return false;
	entry = arena_alloc(l->p->arena, proof.extra.len);
	if (!b64_decode(proof.extra, entry, proof.extra.len, &len) || len > ENTRY_MAX ||
		!entry_parse(text_span((char *)entry, len), kind, subject, f))
		return false;
	leaf = merkle_leaf(text_span((char *)entry, len));
	if (!checkpoint_verify(proof.note, l->log, l->key, &c) ||
		!merkle_includes(&c.root, c.size, &leaf, proof.index, proof.path, proof.len))
		return false;
	f->index = proof.index;
	f->size = c.size;
	f->note = proof.note;
	return true;
}

/* Looks for a proof and takes it in; true when it is to be compared with its record. */
static bool
take(struct look *l, struct found *f, const char *file, const char *kind, struct text subject)
{
	struct text bytes;

	f->file = file;
	l->all[l->all_count++] = f;
	if (!find(l, file, &bytes)) {
		if (l->absent == NULL)
			l->absent = file;
		return false;
	}
	f->state = proof_read(l, bytes, kind, subject, f) ? FOUND_GOOD : FOUND_BAD;
	if (f->state == FOUND_BAD)
		fail(l, CHECK_PROOF, file, 0, (struct text){0});
	return f->state == FOUND_GOOD;
}

static void
compare(struct look *l, struct found *f, bool same)
{
	if (same)
		return;
	f->state = FOUND_BAD;
	fail(l, CHECK_PROOF, f->file, 0, (struct text){0});
}

/* Behind the member's bytes; NULL where it is not. */
static const char *
behind(struct text payload, const char *member)
{
	size_t len = strlen(member);

	for (size_t i = 0; i + len <= payload.len; i++)
		if (memcmp(payload.at + i, member, len) == 0)
			return payload.at + i + len;
	return NULL;
}

static bool
has(struct text payload, const char *member)
{
	return behind(payload, member) != NULL;
}

static const char *
hex_of(const struct look *l, const void *bytes, size_t len)
{
	char *hex = arena_alloc(l->p->arena, 2 * len + 1);

	hex_encode(bytes, len, hex);
	return hex;
}

static const char *
value_payload(const struct look *l, size_t i)
{
	const struct contributor *c = &l->f->contributors[i];
	const struct value *v = &l->p->values[i];
	struct text given = l->p->given[i];
	bool same = given.len == v->len && memcmp(given.at, v->at, v->len) == 0;

	return arena_printf(l->p->arena,
		"{\"attempt\":%u,\"draw\":\"" TEXT_FMT "\",\"index\":%zu,\"kind\":\"%s\","
		"\"name\":\"" TEXT_FMT "\",%s%s%s\"value\":\"%s\"}\n",
		l->f->attempt, TEXT_ARG(l->f->draw), i + 1, draw_source_name(c->source),
		TEXT_ARG(c->name), same ? "" : "\"proof\":\"",
		same ? "" : hex_of(l, given.at, given.len), same ? "" : "\",",
		hex_of(l, v->at, v->len));
}

static void
take_records(struct look *l)
{
	struct arena *a = l->p->arena;
	struct text bytes;

	if (take(l, &l->freeze, "freeze.tlog-proof", "freeze", l->f->draw))
		compare(l, &l->freeze,
			find(l, "freeze.txt", &bytes) && text_eq(l->freeze.payload, bytes));
	for (size_t i = 0; i < l->p->count; i++) {
		struct found *v = &l->values[i];

		v->file = arena_printf(a, "value-%zu.tlog-proof", i + 1);
		v->state = FOUND_BAD;
		if (l->p->values[i].len == 0)
			continue;
		v->state = FOUND_ABSENT;
		if (take(l, v, v->file, "contribution", l->f->draw))
			compare(l, v, text_is(v->payload, value_payload(l, i)));
	}
	if (find(l, "result.txt", &bytes) &&
		take(l, &l->result, "result.tlog-proof", "result", l->f->draw)) {
		struct hash h = hash_of(bytes.at, bytes.len);
		const char *start = arena_printf(a,
			"{\"attempt\":%u,\"draw\":\"" TEXT_FMT "\",\"result\":\"%s\"",
			l->f->attempt, TEXT_ARG(l->f->draw), hex_of(l, h.at, HASH_LEN));
		size_t len = strlen(start);

		compare(l, &l->result,
			text_starts(l->result.payload, start) && l->result.payload.len > len &&
				(l->result.payload.at[len] == ',' ||
					l->result.payload.at[len] == '}'));
	}
	if (find(l, "void.txt", &bytes) &&
		take(l, &l->ended, "void.tlog-proof", "void", l->f->draw))
		compare(l, &l->ended, text_eq(l->ended.payload, bytes));
}

/* The 32 bytes behind `"public_key":"`. */
static bool
public_key(struct text payload, uint8_t ret_key[SIGN_KEY_LEN])
{
	const char *at = behind(payload, "\"public_key\":\"");
	size_t left;

	if (at == NULL)
		return false;
	left = payload.len - (size_t)(at - payload.at);
	return left > 2 * SIGN_KEY_LEN && at[2 * SIGN_KEY_LEN] == '"' &&
		hex_decode(text_span(at, 2 * SIGN_KEY_LEN), ret_key, SIGN_KEY_LEN);
}

static void
take_keys(struct look *l)
{
	struct arena *a = l->p->arena;

	for (size_t i = 0; i < l->f->contributors_count; i++) {
		const struct contributor *c = &l->f->contributors[i];
		struct found *k = &l->keys[i];

		if (c->source == DRAW_VRF &&
			take(l, k,
				arena_printf(a, "key-" TEXT_FMT ".tlog-proof", TEXT_ARG(c->name)),
				"key-announced", c->name))
			compare(l, k,
				has(k->payload, "\"kind\":\"vrf-p256\"") &&
					has(k->payload,
						arena_printf(a, "\"name\":\"" TEXT_FMT "\"",
							TEXT_ARG(c->name))) &&
					has(k->payload,
						arena_printf(a, "\"public_key\":\"%s\"",
							hex_of(l, c->key, VRF_KEY_LEN))));
	}
	for (size_t i = 0; i < l->f->contributors_count; i++) {
		const struct contributor *c = &l->f->contributors[i];
		struct found *k = &l->cosigns[i];

		if (is_witness(l->f, i) &&
			take(l, k,
				arena_printf(
					a, "cosign-" TEXT_FMT ".tlog-proof", TEXT_ARG(c->name)),
				"key-announced", c->name))
			compare(l, k,
				has(k->payload, "\"kind\":\"ed25519-cosignature\"") &&
					has(k->payload,
						arena_printf(a, "\"name\":\"" TEXT_FMT "\"",
							TEXT_ARG(c->name))) &&
					public_key(k->payload, l->cosigners[i]));
	}
}

/* ---- what the proofs show ---- */

/* Value 1 may share the freeze's checkpoint; each other comes after one with those before it. */
static void
check_turns(const struct look *l)
{
	const struct found *before = &l->freeze;
	struct text bytes;

	if (!find(l, contributions_txt, &bytes)) {
		leave(l, CHECK_SPOKEN_IN_TURN, contributions_txt);
		return;
	}
	if (!l->p->parsed || !need(l, CHECK_SPOKEN_IN_TURN, before))
		return;
	for (size_t i = 0; i < l->p->count; i++) {
		const struct found *v = &l->values[i];
		bool late;

		if (!need(l, CHECK_SPOKEN_IN_TURN, v))
			return;
		late = i == 0 ? v->index > before->index : v->index >= before->size;
		if (!late || (i == 1 && v->index < l->freeze.size)) {
			fail(l, CHECK_SPOKEN_IN_TURN, v->file, 0, l->f->contributors[i].name);
			return;
		}
		before = v;
	}
	hold(l, CHECK_SPOKEN_IN_TURN, NULL);
}

static void
check_ages(const struct look *l)
{
	struct text rules = {0};
	int64_t age_us;

	if (!find(l, rules_txt, &rules) || !verify_key_age(rules, &age_us)) {
		leave(l, CHECK_KEY_AGE, rules_txt);
		return;
	}
	for (size_t i = 0; i < l->f->contributors_count; i++) {
		const struct found *k = &l->keys[i];

		if (l->f->contributors[i].source != DRAW_VRF)
			continue;
		if (!need(l, CHECK_KEY_AGE, k))
			return;
		if (k->at.us > l->f->close_at.us - age_us) {
			fail(l, CHECK_KEY_AGE, k->file, 0, l->f->contributors[i].name);
			return;
		}
		if (!need(l, CHECK_KEY_AGE, &l->freeze))
			return;
		if (k->index >= l->freeze.index) {
			fail(l, CHECK_KEY_AGE, k->file, 0, l->f->contributors[i].name);
			return;
		}
	}
	hold(l, CHECK_KEY_AGE, NULL);
}

/* Whether what each witness announced is in witnesses.vkeys. */
static bool
check_cosigners(struct look *l)
{
	for (size_t i = 0; i < l->f->contributors_count; i++) {
		if (!is_witness(l->f, i))
			continue;
		if (!need(l, CHECK_COSIGNATURE, &l->cosigns[i]))
			return false;
		if (!vkeys_have(l, l->f->contributors[i].name, l->cosigners[i])) {
			fail(l, CHECK_COSIGNATURE, witnesses_vkeys, 0, l->f->contributors[i].name);
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
		leave(l, CHECK_COSIGNATURE, witnesses_vkeys);
	if (!l->vkeys_good || !check_cosigners(l))
		return;
	for (size_t n = 0; n < l->all_count; n++)
		for (size_t i = 0; i < l->f->contributors_count; i++) {
			struct cosigned said;

			if (l->all[n]->state != FOUND_GOOD || !is_witness(l->f, i))
				continue;
			if (!cosignatures_read(l->p->arena, l->all[n]->note,
				    l->f->contributors[i].name, l->cosigners[i], &said)) {
				fail(l, CHECK_COSIGNATURE, l->all[n]->file, 0,
					l->f->contributors[i].name);
				return;
			}
			count += said.count;
		}
	l->cosigners_hold = true;
	if (count > 0)
		hold(l, CHECK_COSIGNATURE, NULL);
	else
		leave(l, CHECK_COSIGNATURE, "cosignature");
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
		leave(l, CHECK_BEACON_SEEN, "beacon");
		return;
	}
	if (!need(l, CHECK_BEACON_SEEN, before))
		return;
	if (!l->cosigners_hold) {
		if (row->state == VERIFY_LEFT)
			l->rows[CHECK_BEACON_SEEN] = *row;
		return;
	}
	for (size_t i = 0; i < l->f->contributors_count; i++) {
		struct cosigned said = {0};

		if (is_witness(l->f, i) &&
			cosignatures_read(l->p->arena, before->note, l->f->contributors[i].name,
				l->cosigners[i], &said) &&
			said.count > 0 && is_before(said.first_s, at)) {
			hold(l, CHECK_BEACON_SEEN, NULL);
			return;
		}
	}
	fail(l, CHECK_BEACON_SEEN, before->file, 0, c->name);
}

/* ---- signatures over a void ---- */

struct signature {
	struct text name;
	uint8_t key[SIGN_KEY_LEN], at[SIGN_LEN];
};

/* Whether contributor i owes its signature: a witness that did not stall the attempt, which two
 * people ended. */
static bool
is_owed(const struct look *l, size_t i)
{
	const struct verify_attempt *t = l->p->attempt;

	return t->voided && t->void_record.by[0].len > 0 && is_witness(l->f, i) &&
		!text_eq(l->f->contributors[i].name, t->void_record.stalled);
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
		fail(l, r.fault, void_signatures, r.number, (struct text){0});
		return false;
	}
	if (!text_eq(draw, l->f->draw) || attempt != l->f->attempt ||
		memcmp(h.at, want.at, HASH_LEN) != 0) {
		fail(l, CHECK_VOID_SIGNATURE, void_signatures, 0, (struct text){0});
		return false;
	}
	*ret_count = n;
	return true;
}

static bool
signatures_hold(
	const struct look *l, struct text void_bytes, const struct signature *at, size_t count)
{
	enum {
		HEAD = 4 /* lines before the first signature */
	};

	for (size_t n = 0; n < count; n++)
		if ((n > 0 && text_order(at[n - 1].name, at[n].name) >= 0) ||
			!vkeys_have(l, at[n].name, at[n].key) ||
			!sign_holds(at[n].key, void_bytes, at[n].at)) {
			fail(l, CHECK_VOID_SIGNATURE, void_signatures, (uint32_t)n + HEAD + 1,
				at[n].name);
			return false;
		}
	return true;
}

static void
check_signatures(const struct look *l)
{
	struct text bytes, void_bytes = {0};
	struct signature *at;
	size_t count;

	if (!find(l, void_signatures, &bytes)) {
		leave(l, CHECK_VOID_SIGNATURE, void_signatures);
		return;
	}
	if (!l->vkeys_here)
		leave(l, CHECK_VOID_SIGNATURE, witnesses_vkeys);
	if (!l->vkeys_good || !find(l, "void.txt", &void_bytes))
		return;
	at = arena_array(l->p->arena, struct signature, lines_of(bytes) + 1);
	if (!signatures_parse(l, bytes, void_bytes, at, &count) ||
		!signatures_hold(l, void_bytes, at, count))
		return;
	for (size_t i = 0; i < l->f->contributors_count; i++) {
		struct text name = l->f->contributors[i].name;
		size_t n = 0;

		while (n < count && !text_eq(at[n].name, name))
			n++;
		if (is_owed(l, i) && n == count) {
			fail(l, CHECK_VOID_SIGNATURE, void_signatures, 0, name);
			return;
		}
	}
	hold(l, CHECK_VOID_SIGNATURE, NULL);
}

/* ---- all of it ---- */

/* What does not occur in this attempt. */
static void
leave_out(struct look *l)
{
	bool owed = false;

	for (size_t i = 0; i < l->f->contributors_count; i++) {
		l->witness |= is_witness(l->f, i);
		owed |= is_owed(l, i);
	}
	if (!l->witness)
		absent(l, CHECK_COSIGNATURE);
	if (!l->witness || !has_beacon(l))
		absent(l, CHECK_BEACON_SEEN);
	if (!owed)
		absent(l, CHECK_VOID_SIGNATURE);
}

/* Without the log's key there is nothing to go by; a mirror has what the proofs would say. */
static void
leave_all(struct look *l)
{
	if (l->rows[CHECK_LOG_KEY].state == VERIFY_FAILS)
		return;
	if (l->p->mirror) {
		absent(l, CHECK_LOG_KEY);
		absent(l, CHECK_PROOF);
		absent(l, CHECK_COSIGNATURE);
	}
	for (enum check c = CHECK_LOG_KEY; c <= CHECK_BEACON_SEEN; c++)
		leave(l, c, log_vkey);
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
		vkeys_read(l);
	if (l->rows[CHECK_VOID_SIGNATURE].state != VERIFY_NONE)
		check_signatures(l);
	if (!log_read(l) || (p->mirror && !find_beside(l, log_vkey, &ignored))) {
		leave_all(l);
		return;
	}
	take_records(l);
	take_keys(l);
	if (l->absent != NULL)
		leave(l, CHECK_PROOF, l->absent);
	else
		hold(l, CHECK_PROOF, NULL);
	check_turns(l);
	check_ages(l);
	if (l->witness)
		check_cosignatures(l);
	if (l->rows[CHECK_BEACON_SEEN].state != VERIFY_NONE)
		check_beacon(l);
	leave_to_mirror(l);
}
