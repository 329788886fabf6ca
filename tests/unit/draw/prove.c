#include "tests/unit/draw/prove.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/b64.h"
#include "lib/base/hex.h"
#include "lib/base/must.h"
#include "lib/draw/verify_journal.h"
#include "lib/ledger/proof.h"
#include "tests/support/merkle_path.h"

enum {
	ENTRIES_MAX = 256,
	ATTEMPTS_MAX = 4
};

struct point {
	uint64_t size, cosigned;
	struct text text, note; /* what is signed, and with signatures */
};

struct prover {
	struct arena *arena;
	struct prove_files files;
	struct dice *dice;
	enum twist twist;
	struct text log; /* its name */
	struct text entries[ENTRIES_MAX];
	struct hash leaves[ENTRIES_MAX];
	size_t count;
	struct point points[ENTRIES_MAX];
	size_t points_count;
	struct text vkeys[ENTRIES_MAX];
	size_t vkeys_count;
	/* The attempt at hand. */
	uint32_t attempt;
	struct freeze freeze;
	struct hash f;
	bool voided;
	struct void_record ended;
	struct text given[FREEZE_CONTRIBUTORS_MAX];
	struct value values[FREEZE_CONTRIBUTORS_MAX];
	size_t values_count;
};

static const struct {
	const char *name;
	enum check check;
} twists[] = {
#define TWIST(name, check) [TWIST_##name] = {#name, CHECK_##check},
#include "tests/unit/draw/twist.def"
};

const char *
twist_name(enum twist t)
{
	return t == TWIST_NONE ? "none" : twists[t].name;
}

enum check
twist_check(enum twist t)
{
	return twists[t].check;
}

/* ---- files ---- */

static size_t
find(const struct prover *p, const char *name)
{
	size_t i = 0;

	while (i < *p->files.count && !text_is(p->files.at[i].name, name))
		i++;
	return i;
}

static struct text
bytes_of(const struct prover *p, const char *file)
{
	size_t i = find(p, arena_printf(p->arena, "attempt-%u/%s", p->attempt, file));

	return i < *p->files.count ? p->files.at[i].bytes : (struct text){0};
}

static void
put(struct prover *p, const char *name, struct text bytes)
{
	size_t i = find(p, name);

	must(i < p->files.max);
	p->files.at[i] = (struct verify_file){text_of(name), bytes};
	*p->files.count += i == *p->files.count;
}

static bool
is_proof(struct text name)
{
	static const char *const ends[] = {
		".tlog-proof", "log.vkey", "witnesses.vkeys", "/void-signatures.txt"};

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (name.len >= strlen(ends[i]) &&
			text_is(text_span(name.at + name.len - strlen(ends[i]), strlen(ends[i])),
				ends[i]))
			return true;
	return false;
}

static void
drop_all(struct prover *p)
{
	for (size_t i = *p->files.count; i-- > 0;)
		if (is_proof(p->files.at[i].name)) {
			--*p->files.count;
			memmove(&p->files.at[i], &p->files.at[i + 1],
				(*p->files.count - i) * sizeof p->files.at[0]);
		}
}

/* ---- keys ---- */

static void
seed_of_name(
	const struct prover *p, const char *what, struct text name, uint8_t ret_seed[SIGN_SEED_LEN])
{
	struct text s = text_of(arena_printf(p->arena, "%s " TEXT_FMT, what, TEXT_ARG(name)));
	struct hash h = hash_of(s.at, s.len);

	memcpy(ret_seed, h.at, SIGN_SEED_LEN);
}

static void
key_of_name(
	const struct prover *p, const char *what, struct text name, uint8_t ret_key[SIGN_KEY_LEN])
{
	uint8_t seed[SIGN_SEED_LEN];

	seed_of_name(p, what, name, seed);
	sign_public(seed, ret_key);
}

static const char *
hex_of(const struct prover *p, const void *bytes, size_t len)
{
	char *hex = arena_alloc(p->arena, 2 * len + 1);

	hex_encode(bytes, len, hex);
	return hex;
}

/* ---- the log ---- */

/* A close at either end of the calendar leaves no room beside it. */
static struct utc
within_calendar(int64_t us)
{
	static const int64_t first = -62135596800 * UTC_SECOND, last = 253402300799 * UTC_SECOND;

	return (struct utc){us < first ? first : us > last ? last : us};
}

static uint64_t
add(struct prover *p, const char *kind, struct text subject, int64_t at_us, struct text payload)
{
	char time[TIME_TEXT];

	must(p->count < ENTRIES_MAX);
	time_format(within_calendar(at_us), p->twist == TWIST_ENTRY_TIME ? 3 : 6, time);
	p->entries[p->count] = text_of(arena_printf(p->arena,
		"fairlot-entry/v1 %s " TEXT_FMT " system:x %s -%s\n" TEXT_FMT, kind,
		TEXT_ARG(subject), time, p->twist == TWIST_ENTRY_FIELDS ? " -" : "",
		TEXT_ARG(payload)));
	p->leaves[p->count] = merkle_leaf(p->entries[p->count]);
	return p->count++;
}

static struct point *
sign(struct prover *p)
{
	uint8_t seed[SIGN_SEED_LEN];
	struct merkle tree = {0};
	struct point *point = &p->points[p->points_count];
	struct hash root;

	if (p->points_count > 0 && point[-1].size == p->count)
		return point - 1;
	for (size_t i = 0; i < p->count; i++)
		merkle_add(&tree, p->leaves[i]);
	root = merkle_root(&tree);
	if (p->twist == TWIST_PROOF_ROOT)
		root.at[0] ^= 1;
	seed_of_name(p, "log", p->log, seed);
	*point = (struct point){
		.size = p->count, .text = checkpoint_build(p->arena, p->log, p->count, &root)};
	point->note = note_sign(p->arena, point->text, p->log, seed);
	p->points_count++;
	return point;
}

static void
line_add(const struct prover *p, struct point *point, struct text line)
{
	point->note = text_of(
		arena_printf(p->arena, TEXT_FMT TEXT_FMT, TEXT_ARG(point->note), TEXT_ARG(line)));
}

static void
cosign(struct prover *p, struct point *point, struct text name, uint64_t time_s)
{
	uint8_t seed[SIGN_SEED_LEN], key[SIGN_KEY_LEN], sig[SIGN_LEN], bytes[8];
	struct text line;

	seed_of_name(p, "cosign", name, seed);
	sign_public(seed, key);
	sign_make(seed, cosignature_text(p->arena, point->text, time_s), sig);
	if (p->twist == TWIST_COSIGN_BYTES)
		sig[5] ^= 1;
	line = cosignature_line(
		p->arena, name, key, p->twist == TWIST_COSIGN_TIME ? time_s - 1 : time_s, sig);
	if (p->twist == TWIST_COSIGN_LENGTH) {
		note_key_id_of(name, NOTE_COSIGNATURE, key, bytes);
		line = note_line(p->arena, name, bytes, sizeof bytes);
	}
	line_add(p, point, line);
	point->cosigned++;
}

/* The checkpoint for an entry that is to be seen before `limit`. */
static const struct point *
choose(const struct prover *p, uint64_t index, uint64_t limit)
{
	const struct point *best = NULL, *any = NULL;

	for (size_t i = p->points_count; i-- > 0;) {
		const struct point *c = &p->points[i];

		if (c->size <= index)
			break;
		any = c;
		if (c->size <= limit && (best == NULL || c->cosigned >= best->cosigned))
			best = c;
	}
	return best != NULL ? best : any;
}

static void
put_proof(struct prover *p, const char *file, uint64_t index, uint64_t limit)
{
	const struct point *point = choose(p, index, limit);
	struct text entry = p->entries[index], bytes;
	char *extra = arena_alloc(p->arena, B64_LEN(entry.len) + 1);
	struct tlog_proof proof = {.index = index};

	if (point == NULL)
		return;
	b64_encode((const uint8_t *)entry.at, entry.len, extra);
	if (p->twist != TWIST_PROOF_EXTRA)
		proof.extra = text_of(extra);
	proof.len = merkle_inclusion(p->leaves, point->size, index, proof.path);
	if (p->twist == TWIST_PROOF_PATH)
		proof.path[proof.len++] = p->leaves[0];
	if (p->twist == TWIST_PROOF_INDEX)
		proof.index ^= 1;
	proof.note = point->note;
	bytes = tlog_proof_build(p->arena, &proof);
	if (p->twist == TWIST_NOTE_LAST_LINE)
		bytes.len--;
	put(p, arena_printf(p->arena, "attempt-%u/%s.tlog-proof", p->attempt, file), bytes);
}

/* ---- an attempt ---- */

static bool
is_witness(const struct prover *p, size_t i)
{
	return i >= 2 && p->freeze.contributors[i].source == DRAW_VRF;
}

static bool
attempt_read(struct prover *p)
{
	struct draw d = {0};
	struct text freeze = bytes_of(p, "freeze.txt");

	p->values_count = 0;
	if (freeze_parse(p->arena, freeze, &p->freeze, NULL) != CHECK_OK)
		return false;
	p->f = freeze_hash(freeze);
	p->voided = void_parse(bytes_of(p, "void.txt"), &p->ended, NULL) == CHECK_OK;
	d.freeze = p->freeze;
	d.f = p->f;
	if (contributions_parse(p->arena, bytes_of(p, "contributions.txt"), &p->freeze, &p->f,
		    p->given, &p->values_count, NULL) != CHECK_OK)
		p->values_count = 0;
	for (size_t i = 0; i < p->values_count; i++)
		if (draw_value(&d, i, p->given[i], &p->values[i]) != CHECK_OK)
			p->values[i].len = 0;
	return true;
}

/* When a key is announced: as late as it may be. */
static int64_t
key_time(const struct prover *p)
{
	int64_t age_us;

	if (!verify_key_age(bytes_of(p, "rules.txt"), &age_us))
		age_us = 0;
	return p->freeze.close_at.us - age_us + (p->twist == TWIST_KEY_YOUNG);
}

static uint64_t
add_key(struct prover *p, size_t i, const char *kind, const void *key, size_t len)
{
	struct text name = p->freeze.contributors[i].name;

	return add(p, "key-announced", name, key_time(p),
		text_of(arena_printf(p->arena,
			"{\"kind\":\"%s\",\"name\":\"" TEXT_FMT "%s\",\"public_key\":\"%s\"}\n",
			p->twist == TWIST_KEY_KIND ? "x" : kind, TEXT_ARG(name),
			p->twist == TWIST_KEY_NAME ? "x" : "", hex_of(p, key, len))));
}

static void
add_keys(struct prover *p, uint64_t *ret_keys, uint64_t *ret_cosigns)
{
	for (size_t i = 0; i < p->freeze.contributors_count; i++) {
		struct contributor c = p->freeze.contributors[i];
		uint8_t key[SIGN_KEY_LEN];

		if (c.source != DRAW_VRF)
			continue;
		c.key[1] ^= (uint8_t)(p->twist == TWIST_KEY_OTHER);
		ret_keys[i] = add_key(p, i, "vrf-p256", c.key, VRF_KEY_LEN);
		if (i < 2)
			continue;
		key_of_name(p, "cosign", c.name, key);
		p->vkeys[p->vkeys_count++] = cosigner_vkey(p->arena, c.name, key);
		if (p->twist == TWIST_SIGNATURE_UNBOUND) {
			uint8_t other[SIGN_KEY_LEN];

			key_of_name(p, "void", c.name, other);
			p->vkeys[p->vkeys_count++] = cosigner_vkey(p->arena, c.name, other);
		}
		key[0] ^= (uint8_t)(p->twist == TWIST_COSIGN_KEY);
		ret_cosigns[i] = add_key(p, i, "ed25519-cosignature", key, SIGN_KEY_LEN);
	}
}

static uint64_t
add_value(struct prover *p, size_t i)
{
	const struct contributor *c = &p->freeze.contributors[i];
	struct value v = p->values[i];
	struct text given = p->given[i];
	bool same = given.len == v.len && memcmp(given.at, v.at, v.len) == 0;
	const char *proof =
		arena_printf(p->arena, "\"proof\":\"%s\",", hex_of(p, given.at, given.len));

	v.at[0] ^= (uint8_t)(p->twist == TWIST_VALUE_GIVEN);
	return add(p, "contribution", p->freeze.draw,
		p->freeze.close_at.us + (int64_t)(i + 1) * UTC_SECOND,
		text_of(arena_printf(p->arena,
			"{\"attempt\":%u,\"draw\":\"" TEXT_FMT
			"\",\"index\":%zu,\"kind\":\"%s\",\"name\":\"" TEXT_FMT
			"\",%s\"value\":\"%s\"}\n",
			p->freeze.attempt, TEXT_ARG(p->freeze.draw),
			i + 1 + (p->twist == TWIST_VALUE_INDEX), draw_source_name(c->source),
			TEXT_ARG(c->name), same ? "" : proof, hex_of(p, v.at, v.len))));
}

/* When the beacon of the attempt speaks, in seconds; 0 when that is not known. */
static uint64_t
beacon_time(const struct prover *p)
{
	const struct contributor *c = &p->freeze.contributors[p->freeze.contributors_count - 1];
	struct utc at;

	return c->source == DRAW_DRAND && drand_round_time(&c->hash, c->round, &at)
		? (uint64_t)(at.us / UTC_SECOND)
		: 0;
}

/* Some witnesses see the newest checkpoint; `all`: the first of them does. */
static void
look(struct prover *p, bool all)
{
	struct point *point = sign(p);
	uint64_t at = beacon_time(p), late = p->twist == TWIST_SEEN_LATE;

	if (at == 0)
		at = (uint64_t)(p->freeze.close_at.us / UTC_SECOND) + 100;
	if (p->twist == TWIST_SEEN_NEVER)
		return;
	for (size_t i = 2; i < p->freeze.contributors_count; i++)
		if (is_witness(p, i) && (i == 2 ? all : dice_once(p->dice, 3)))
			cosign(p, point, p->freeze.contributors[i].name, at - 1 + late);
}

static uint64_t
add_freeze(struct prover *p)
{
	const char *more = p->twist == TWIST_ENTRY_PAYLOAD ? "\n" : "";

	return add(p, p->twist == TWIST_ENTRY_KIND ? "frieze" : "freeze",
		p->twist == TWIST_ENTRY_SUBJECT ? text_of("prj-x.1") : p->freeze.draw,
		p->freeze.close_at.us,
		text_of(arena_printf(
			p->arena, TEXT_FMT "%s", TEXT_ARG(bytes_of(p, "freeze.txt")), more)));
}

/* Freeze and values, with a checkpoint before each but the first. */
static void
speak(struct prover *p, uint64_t *ret_freeze, uint64_t *ret_values)
{
	size_t n = p->values_count, last = p->freeze.contributors_count - 1;

	if (p->twist == TWIST_TURN_FIRST && n > 0 && p->values[0].len > 0)
		ret_values[0] = add_value(p, 0);
	*ret_freeze = add_freeze(p);
	for (size_t i = 0; i < n; i++) {
		bool shared = (i == 1 && p->twist == TWIST_TURN_SHARED) ||
			(i + 1 == n && i > 1 && p->twist == TWIST_TURN_LAST_SHARED);

		if (i > 0 && !shared)
			look(p, i == last);
		if (p->values[i].len > 0 && !(i == 0 && p->twist == TWIST_TURN_FIRST))
			ret_values[i] = add_value(p, i);
	}
}

static void
add_end(struct prover *p)
{
	struct text result = bytes_of(p, "result.txt"), ended = bytes_of(p, "void.txt");
	struct hash h = hash_of(result.at, result.len);

	if (result.at != NULL) {
		h.at[0] ^= (uint8_t)(p->twist == TWIST_RESULT_HASH);
		result = text_of(arena_printf(p->arena,
			"{\"attempt\":%u,\"draw\":\"" TEXT_FMT
			"\",\"result\":\"%s\",\"winners\":[]}\n",
			p->freeze.attempt, TEXT_ARG(p->freeze.draw), hex_of(p, h.at, HASH_LEN)));
		(void)add(p, "result", p->freeze.draw, p->freeze.close_at.us, result);
		look(p, dice_once(p->dice, 2));
		put_proof(p, "result", p->count - 1, UINT64_MAX);
	}
	if (ended.at != NULL) {
		ended.len -= p->twist == TWIST_VOID_PAYLOAD && ended.len > 0;
		(void)add(p, "void", p->freeze.draw, p->freeze.close_at.us, ended);
		look(p, dice_once(p->dice, 2));
		put_proof(p, "void", p->count - 1, UINT64_MAX);
	}
}

/* ---- signatures over a void ---- */

static int
line_order(const void *a, const void *b)
{
	return text_order(*(const struct text *)a, *(const struct text *)b);
}

static struct text
signature_line(const struct prover *p, struct text name, struct text ended)
{
	uint8_t seed[SIGN_SEED_LEN], key[SIGN_KEY_LEN], sig[SIGN_LEN];

	bool other = p->twist == TWIST_SIGNATURE_KEY || p->twist == TWIST_SIGNATURE_UNBOUND;

	seed_of_name(p, other ? "void" : "cosign", name, seed);
	sign_public(seed, key);
	sign_make(seed, ended, sig);
	sig[0] ^= (uint8_t)(p->twist == TWIST_SIGNATURE_BYTES);
	return text_of(arena_printf(p->arena, "signature " TEXT_FMT " %s %s\n", TEXT_ARG(name),
		hex_of(p, key, SIGN_KEY_LEN), hex_of(p, sig, SIGN_LEN)));
}

static void
sign_void(struct prover *p)
{
	struct text ended = bytes_of(p, "void.txt"), lines[FREEZE_CONTRIBUTORS_MAX];
	struct hash h = hash_of(ended.at, ended.len);
	struct buf b;
	size_t n = 0;

	if (!p->voided || p->ended.by[0].len == 0)
		return;
	for (size_t i = 2; i < p->freeze.contributors_count; i++)
		if (is_witness(p, i) && !text_eq(p->freeze.contributors[i].name, p->ended.stalled))
			lines[n++] = signature_line(p, p->freeze.contributors[i].name, ended);
	if (n == 0)
		return;
	qsort(lines, n, sizeof lines[0], line_order);
	h.at[0] ^= (uint8_t)(p->twist == TWIST_SIGNATURE_HEAD);
	buf_init(&b, p->arena, 1024);
	buf_printf(&b, "fairlot-draw/v1\nsignatures " TEXT_FMT "\nattempt %u\nvoid %s\n",
		TEXT_ARG(p->freeze.draw), p->freeze.attempt, hex_of(p, h.at, HASH_LEN));
	for (size_t i = p->twist == TWIST_SIGNATURE_MISSING; i < n; i++)
		buf_add(&b, lines[i].at, lines[i].len);
	if (p->twist == TWIST_SIGNATURE_TWICE)
		buf_add(&b, lines[n - 1].at, lines[n - 1].len);
	put(p, arena_printf(p->arena, "attempt-%u/void-signatures.txt", p->attempt), buf_text(&b));
}

/* The void says of a witness who has spoken that it stalled. */
static void
blame(struct prover *p)
{
	struct text ended;

	for (size_t i = 2; p->voided && p->ended.by[0].len > 0 && i < p->values_count; i++)
		if (is_witness(p, i)) {
			p->ended.stalled = p->freeze.contributors[i].name;
			must(void_build(p->arena, &p->ended, &ended) == CHECK_OK);
			put(p, arena_printf(p->arena, "attempt-%u/void.txt", p->attempt), ended);
			return;
		}
}

static void
attempt_prove(struct prover *p)
{
	uint64_t keys[FREEZE_CONTRIBUTORS_MAX], cosigns[FREEZE_CONTRIBUTORS_MAX],
		values[FREEZE_CONTRIBUTORS_MAX], freeze = 0;

	if (p->twist == TWIST_SIGNATURE_SPOKEN)
		blame(p);
	if (p->twist != TWIST_KEY_BEHIND)
		add_keys(p, keys, cosigns);
	speak(p, &freeze, values);
	if (p->twist == TWIST_KEY_BEHIND)
		add_keys(p, keys, cosigns);
	look(p, dice_once(p->dice, 2));
	add_end(p);
	if (p->twist == TWIST_NOTE_LINES)
		for (size_t i = 0; i < 100; i++)
			line_add(p, &p->points[p->points_count - 1],
				note_line(p->arena, text_of("x"), (const uint8_t *)"12345", 5));
	put_proof(p, "freeze", freeze, p->values_count > 1 ? values[1] : UINT64_MAX);
	for (size_t i = 0; i < p->values_count; i++) {
		size_t next = i + 1;

		if (p->values[i].len > 0)
			put_proof(p, arena_printf(p->arena, "value-%zu", i + 1), values[i],
				next < p->values_count && p->values[next].len > 0 ? values[next]
										  : UINT64_MAX);
	}
	for (size_t i = 0; i < p->freeze.contributors_count; i++) {
		struct text name = p->freeze.contributors[i].name;

		if (p->freeze.contributors[i].source == DRAW_VRF)
			put_proof(p, arena_printf(p->arena, "key-" TEXT_FMT, TEXT_ARG(name)),
				keys[i], UINT64_MAX);
		if (is_witness(p, i))
			put_proof(p, arena_printf(p->arena, "cosign-" TEXT_FMT, TEXT_ARG(name)),
				cosigns[i], UINT64_MAX);
	}
	sign_void(p);
}

/* The verifier key, but of an id that is not its own. */
static const char *
other_id(const struct prover *p, struct text vkey)
{
	char *copy = arena_str(p->arena, vkey.at, vkey.len);
	char *id = strchr(copy, '+') + 1;

	*id = *id == '0' ? '1' : '0';
	return copy;
}

static void
put_keys(struct prover *p)
{
	uint8_t key[SIGN_KEY_LEN];
	struct buf b;
	struct text line;

	key_of_name(p, p->twist == TWIST_LOG_KEY_OTHER ? "other log" : "log", p->log, key);
	line = note_vkey(p->arena, p->log, key);
	put(p, "log.vkey",
		text_of(arena_printf(p->arena, TEXT_FMT "\n%s", TEXT_ARG(line),
			p->twist == TWIST_LOG_KEY_LINES ? "\n" : "")));
	if (p->vkeys_count == 0)
		return;
	qsort(p->vkeys, p->vkeys_count, sizeof p->vkeys[0], line_order);
	if (p->twist == TWIST_VKEYS_ID)
		p->vkeys[0].at = other_id(p, p->vkeys[0]);
	buf_init(&b, p->arena, 1024);
	for (size_t i = 0; i < p->vkeys_count; i++) {
		size_t n = p->twist == TWIST_VKEYS_ORDER ? p->vkeys_count - 1 - i : i;

		if (i > 0 && text_eq(p->vkeys[i], p->vkeys[i - 1]))
			continue;
		buf_printf(&b, TEXT_FMT "\n", TEXT_ARG(p->vkeys[n]));
		if (p->twist == TWIST_VKEYS_TWICE)
			buf_printf(&b, TEXT_FMT "\n", TEXT_ARG(p->vkeys[n]));
	}
	put(p, "witnesses.vkeys", buf_text(&b));
}

void
prove(struct arena *a, struct prove_files files, struct dice *d, enum twist twist)
{
	struct prover *p = arena_new(a, struct prover);

	p->arena = a;
	p->files = files;
	p->dice = d;
	p->twist = twist;
	drop_all(p);
	for (p->attempt = 1; p->attempt <= ATTEMPTS_MAX; p->attempt++) {
		if (!attempt_read(p))
			continue;
		if (p->log.len == 0)
			p->log = text_of(arena_printf(a, TEXT_FMT "/%s", TEXT_ARG(p->freeze.origin),
				twist == TWIST_LOG_KEY_NAME ? "journals" : "journal"));
		attempt_prove(p);
	}
	if (p->log.len > 0)
		put_keys(p);
}
