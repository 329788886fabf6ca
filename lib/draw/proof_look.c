#include "lib/draw/proof_look.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/b64.h"
#include "lib/base/hex.h"
#include "lib/draw/record.h"
#include "lib/draw/verify.h"
#include "lib/ledger/proof.h"

enum {
	FILE_MAX = 256 << 10,
	ENTRY_MAX = 65535,
	PATH_MAX_LEN = 64,
	/* The shortest key, as a line; what is shorter is none, and the last to be read. */
	VKEY_LINE_MIN = 1 + 1 + 8 + 1 + B64_LEN(1 + SIGN_KEY_LEN) + 1
};

static const char log_vkey[] = "log.vkey", witnesses_vkeys[] = "witnesses.vkeys";

/* ---- rows: a failure stays; what holds by a mirror is not left ---- */

void
look_fail(const struct look *l, enum check c, const char *file, uint32_t line, struct text about)
{
	if (l->rows[c].state != VERIFY_FAILS)
		l->rows[c] = (struct verify_row){VERIFY_FAILS, file, line, about};
}

void
look_hold(const struct look *l, enum check c, const char *about)
{
	if (l->rows[c].state == VERIFY_UNREACHED || l->rows[c].state == VERIFY_LEFT)
		l->rows[c] = (struct verify_row){.state = VERIFY_HOLDS, .about = text_of(about)};
}

void
look_leave(const struct look *l, enum check c, const char *about)
{
	if (l->rows[c].state == VERIFY_UNREACHED)
		l->rows[c] = (struct verify_row){.state = VERIFY_LEFT, .about = text_of(about)};
}

void
look_absent(const struct look *l, enum check c)
{
	if (l->rows[c].state == VERIFY_UNREACHED)
		l->rows[c].state = VERIFY_NONE;
}

/* A check goes on when this proof is good; else it is left, or nobody can tell. */
bool
look_need(const struct look *l, enum check c, const struct found *f)
{
	if (f->state == FOUND_ABSENT)
		look_leave(l, c, f->file);
	return f->state == FOUND_GOOD;
}

bool
look_find(const struct look *l, const char *file, struct text *ret_bytes)
{
	return l->p->find(l->p->arg, file, false, ret_bytes);
}

bool
look_find_beside(const struct look *l, const char *file, struct text *ret_bytes)
{
	return l->p->find(l->p->arg, file, true, ret_bytes);
}

bool
look_is_witness(const struct freeze *f, size_t i)
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
bool
look_log(struct look *l)
{
	struct text mine = l->p->log_vkey, bytes, line = {0};
	bool here = look_find_beside(l, log_vkey, &bytes);

	if (mine.len > 0 && (!note_vkey_parse(mine, &l->log, l->key) || !is_log_of(l, l->log))) {
		look_fail(l, CHECK_LOG_KEY, "freeze.txt", 2, l->log);
		return false;
	}
	if (!here && mine.len == 0)
		return false;
	if (here &&
		(bytes.len > FILE_MAX || memchr(bytes.at, '\n', bytes.len) == NULL ||
			!text_cut(&bytes, '\n', &line) || bytes.len > 0 ||
			!note_vkey_parse(line, &l->log, l->key) || !is_log_of(l, l->log) ||
			(mine.len > 0 && !text_eq(line, mine)))) {
		look_fail(l, CHECK_LOG_KEY, log_vkey, 1, (struct text){0});
		return false;
	}
	look_hold(l, CHECK_LOG_KEY, mine.len > 0 ? "given" : "own");
	return true;
}

void
look_vkeys(struct look *l)
{
	struct text bytes, line, before = {0};
	uint32_t number = 0;

	if (!look_find_beside(l, witnesses_vkeys, &bytes))
		return;
	l->vkeys_here = true;
	if (bytes.len > FILE_MAX) {
		look_fail(l, CHECK_COSIGNATURE, witnesses_vkeys, 0, (struct text){0});
		return;
	}
	l->vkeys = arena_array(l->p->arena, struct vkey, bytes.len / VKEY_LINE_MIN + 1);
	while (bytes.len > 0) {
		struct vkey *k = &l->vkeys[l->vkeys_count++];

		number++;
		if (memchr(bytes.at, '\n', bytes.len) == NULL || !text_cut(&bytes, '\n', &line) ||
			!cosigner_vkey_parse(line, &k->name, k->key) ||
			(number > 1 && text_order(before, line) >= 0)) {
			look_fail(l, CHECK_COSIGNATURE, witnesses_vkeys, number, (struct text){0});
			return;
		}
		before = line;
	}
	l->vkeys_good = true;
}

bool
look_has_vkey(const struct look *l, struct text name, const uint8_t key[SIGN_KEY_LEN])
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
	if (!look_find(l, file, &bytes)) {
		if (l->absent == NULL)
			l->absent = file;
		return false;
	}
	f->state = proof_read(l, bytes, kind, subject, f) ? FOUND_GOOD : FOUND_BAD;
	if (f->state == FOUND_BAD)
		look_fail(l, CHECK_PROOF, file, 0, (struct text){0});
	return f->state == FOUND_GOOD;
}

static void
compare(struct look *l, struct found *f, bool same)
{
	if (same)
		return;
	f->state = FOUND_BAD;
	look_fail(l, CHECK_PROOF, f->file, 0, (struct text){0});
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

void
look_records(struct look *l)
{
	struct arena *a = l->p->arena;
	struct text bytes;

	if (take(l, &l->freeze, "freeze.tlog-proof", "freeze", l->f->draw))
		compare(l, &l->freeze,
			look_find(l, "freeze.txt", &bytes) && text_eq(l->freeze.payload, bytes));
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
	if (look_find(l, "result.txt", &bytes) &&
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
	if (look_find(l, "void.txt", &bytes) &&
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

void
look_keys(struct look *l)
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

		if (look_is_witness(l->f, i) &&
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
