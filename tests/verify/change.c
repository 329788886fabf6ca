#include "tests/verify/change.h"

#include <string.h>

#include "lib/base/hex.h"
#include "lib/base/must.h"
#include "lib/ledger/merkle.h"

enum {
	LINES_MAX = 200,
	SPAN_MAX = 100000
};

struct span {
	size_t at, len;
};

/* One file of a transcript at hand. */
struct change {
	struct arena *arena;
	struct dice *dice;
	struct made *made;
	size_t file;
};

/* What a field of each kind is not, or is at the edge of being. */
static const char *const numbers[] = {"0", "00", "1", "01", "+1", "-1", "2", "3", "4", "7", "64",
	"65", "1000000", "1000001", "2147483647", "2147483648", "2147483649", "4294967296",
	"9007199254740991", "9007199254740992", "18446744073709551615", "18446744073709551616",
	"99999999999999999999999", "1e3", "0x1"};
static const char *const words[] = {"-", "a", ".a", "a/b", "a//b", "a/", "A", "operator", "owner",
	"witness-0", "witness-1", "north", "east", "weighted", "integer", "fisher-yates", "drand",
	"nist", "commit", "vrf-p256", "vrf-p255", "list-changed", "fairlot-draw/v1",
	"fairlot-draw/v2", "value", "quota", "contributor",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
static const char *const times[] = {"2024-02-29T00:00:00Z", "2023-02-29T00:00:00Z",
	"1900-02-29T00:00:00Z", "2024-02-29T24:00:00Z", "2024-02-29T23:59:60Z",
	"2024-02-29T23:60:00Z", "2024-02-29T00:00:00.0Z", "2024-02-29T00:00:00.000000Z",
	"0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "2024-13-01T00:00:00Z",
	"2024-00-01T00:00:00Z", "2024-01-00T00:00:00Z", "2024-04-31T00:00:00Z",
	"9999-12-31T23:59:59Z", "2024-02-29T00:00:00+00:00", "2024-02-29t00:00:00z",
	"2026-08-31T18:43:16Z"};
static const char *const hashes[] = {MADE_CHAIN, "-",
	"FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF",
	"52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e97",
	"52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e9711",
	"02ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
	"02ffffffff00000001000000000000000000000000fffffffffffffffffffffffe",
	"020000000000000000000000000000000000000000000000000000000000000000",
	"020000000000000000000000000000000000000000000000000000000000000001",
	"036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"};

static const struct {
	const char *const *at;
	size_t count;
} strays[] = {{numbers, sizeof numbers / sizeof numbers[0]},
	{words, sizeof words / sizeof words[0]}, {times, sizeof times / sizeof times[0]},
	{hashes, sizeof hashes / sizeof hashes[0]}};

static const char inserts[] = "\n\r \t09afAFzZ-._/\"{\0\x7f\x80\xff";

static const char *const extra[] = {"\n", " \n", "x", "x y\n", "quota north 1\n", "label a\n",
	"range 1 2\n", "value 3 vrf-p256 00\n", "value 9 commit 00\n", "contributor 3 nist 2 7\n",
	"candidates 1 " MADE_CHAIN "\n", "zz99 1 - " MADE_CHAIN "\n",
	"zz99 withdrawn " MADE_CHAIN "\n", "close 2026-08-31T18:43:15Z\n"};

static struct text *
bytes(const struct change *c)
{
	return &c->made->files[c->file].bytes;
}

/* Replaces a span of the file. */
static void
replace(const struct change *c, struct span s, const char *with, size_t len)
{
	struct text old = *bytes(c);
	struct buf b;

	must(s.at + s.len <= old.len);
	buf_init(&b, c->arena, old.len + len + 1);
	buf_add(&b, old.at, s.at);
	buf_add(&b, with, len);
	buf_add(&b, old.at + s.at + s.len, old.len - s.at - s.len);
	*bytes(c) = buf_text(&b);
}

/* The spans between separators; with LF the separator belongs to the span. */
static size_t
spans(struct text t, bool lines, struct span ret_spans[LINES_MAX])
{
	size_t n = 0, start = 0;

	for (size_t i = 0; i < t.len && n < LINES_MAX; i++) {
		bool end = t.at[i] == '\n' || (!lines && t.at[i] == ' ');

		if (end && (lines || i > start))
			ret_spans[n++] = (struct span){start, i - start + lines};
		if (end)
			start = i + 1;
	}
	return n;
}

static const char *
change_byte(const struct change *c)
{
	size_t len = bytes(c)->len, kind = dice_below(c->dice, 4);
	struct span s = {dice_below(c->dice, len), 1};
	char byte = inserts[dice_below(c->dice, sizeof inserts - 1)];

	if (kind == 0)
		byte = (char)(bytes(c)->at[s.at] ^ (1 << dice_below(c->dice, 8)));
	if (kind == 1)
		s.len = 0;
	replace(c, s, &byte, kind != 2);
	return arena_printf(c->arena, "%s byte %zu",
		kind == 0	    ? "flip"
			: kind == 1 ? "insert"
			: kind == 2 ? "delete"
				    : "set",
		s.at);
}

static const char *
change_line(const struct change *c)
{
	struct span lines[LINES_MAX];
	struct text old = *bytes(c);
	size_t n = spans(old, true, lines), kind = dice_below(c->dice, 3), i, j;
	struct buf b;

	if (n == 0)
		return "no line";
	i = dice_below(c->dice, n);
	j = dice_once(c->dice, 2) ? dice_below(c->dice, n) : (i + 1) % n;
	if (kind == 0)
		replace(c, lines[i], "", 0);
	else if (kind == 1)
		replace(c, (struct span){lines[j].at, 0}, old.at + lines[i].at, lines[i].len);
	else {
		buf_init(&b, c->arena, old.len + 1);
		for (size_t k = 0; k < n; k++) {
			struct span s = lines[k == i ? j : k == j ? i : k];

			buf_add(&b, old.at + s.at, s.len);
		}
		if (n < LINES_MAX)
			*bytes(c) = buf_text(&b);
	}
	return arena_printf(c->arena, "%s line %zu %zu",
		kind == 0	    ? "drop"
			: kind == 1 ? "repeat"
				    : "swap",
		i + 1, j + 1);
}

/* Which strays look like the field. */
static size_t
kind_of(struct text field)
{
	uint64_t number;

	if (text_u64(field, UINT64_MAX, &number))
		return 0;
	if (field.len >= 20 && field.at[field.len - 1] == 'Z')
		return 2;
	return field.len >= 64 ? 3 : 1;
}

static struct text
stray(const struct change *c, struct text field)
{
	size_t kind = dice_once(c->dice, 6) ? dice_below(c->dice, 4) : kind_of(field);

	return text_of(strays[kind].at[dice_below(c->dice, strays[kind].count)]);
}

/* Becomes a stray, or another field of the file, or goes. */
static const char *
change_field(const struct change *c)
{
	struct span fields[LINES_MAX], *f;
	struct text old = *bytes(c), with;
	size_t n = spans(old, false, fields), other;

	if (n == 0)
		return "no field";
	f = &fields[dice_below(c->dice, n)];
	other = dice_below(c->dice, n);
	with = stray(c, text_span(old.at + f->at, f->len));
	if (dice_once(c->dice, 4))
		with = text_span(old.at + fields[other].at, fields[other].len);
	else if (dice_once(c->dice, 6)) {
		f->len += old.at[f->at + f->len] == ' ';
		with = (struct text){0};
	}
	replace(c, *f, with.at, with.len);
	return arena_printf(
		c->arena, "field at %zu becomes \"" TEXT_FMT "\"", f->at, TEXT_ARG(with));
}

/* A point, scalar or digit inside the hex of the file. */
static const char *
change_hex(const struct change *c)
{
	static const struct {
		size_t skip;
		const char *with;
	} parts[] = {{0, "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"},
		{0, "020000000000000000000000000000000000000000000000000000000000000001"},
		{0, "020000000000000000000000000000000000000000000000000000000000000000"},
		{0, "02ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"},
		{0, "02ffffffff00000001000000010000000000000000000000000000000000000000"},
		{0, "04"}, {0, "00"}, {0, "02"}, {0, "03"},
		{66, "00000000000000000000000000000000"},
		{98, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"},
		{98, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550"},
		{98, "0000000000000000000000000000000000000000000000000000000000000000"},
		{66,
			"0000000000000000000000000000000000000000000000000000000000000000"
			"00000000000000000000000000000000"}};
	struct span fields[LINES_MAX], hex[LINES_MAX], *f;
	size_t n = spans(*bytes(c), false, fields), found = 0;
	size_t part = dice_below(c->dice, sizeof parts / sizeof parts[0]);

	for (size_t i = 0; i < n; i++)
		if (fields[i].len >= 64)
			hex[found++] = fields[i];
	if (found == 0)
		return "no hex";
	f = &hex[dice_below(c->dice, found)];
	if (parts[part].skip + strlen(parts[part].with) > f->len)
		return "hex too short";
	replace(c, (struct span){f->at + parts[part].skip, strlen(parts[part].with)},
		parts[part].with, strlen(parts[part].with));
	return arena_printf(c->arena, "hex part %zu", part);
}

static const char *
change_end(const struct change *c)
{
	size_t len = bytes(c)->len;
	const char *more = extra[dice_below(c->dice, sizeof extra / sizeof extra[0])];
	struct span lines[LINES_MAX];
	size_t n, at;

	if (dice_once(c->dice, 3)) {
		bytes(c)->len = dice_below(c->dice, len);
		return arena_printf(c->arena, "cut at %zu", bytes(c)->len);
	}
	n = spans(*bytes(c), true, lines);
	at = n == 0 || dice_once(c->dice, 2) ? len : lines[dice_below(c->dice, n)].at;
	replace(c, (struct span){at, 0}, more, strlen(more));
	return arena_printf(c->arena, "add at %zu: %s", at, more);
}

static const char *
change_files(const struct change *c)
{
	struct verify_file *f = &c->made->files[c->file];
	size_t other = dice_below(c->dice, c->made->count);
	const char *slash = memchr(f->name.at, '/', f->name.len);

	switch (dice_below(c->dice, 6)) {
	case 0:
		made_drop(c->made, c->file);
		return "drop the file";
	case 1:
		if (c->made->count < MADE_FILES_MAX)
			c->made->files[c->made->count++] = *f;
		return "the file twice";
	case 2:
		f->bytes = c->made->files[other].bytes;
		return arena_printf(
			c->arena, "the bytes of " TEXT_FMT, TEXT_ARG(c->made->files[other].name));
	case 3:
		f->name = text_of(arena_printf(c->arena, "attempt-%zu%s", dice_below(c->dice, 5),
			slash != NULL ? slash : "/x"));
		return arena_printf(c->arena, "named " TEXT_FMT, TEXT_ARG(f->name));
	case 4:
		/* All of one attempt into no folder; the other attempts go. */
		for (size_t i = c->made->count, n = (size_t)(slash - f->name.at) + 1; i-- > 0;) {
			struct text *name = &c->made->files[i].name;

			if (slash == NULL || i == c->file)
				continue;
			if (name->len < n || memcmp(name->at, f->name.at, n) != 0)
				made_drop(c->made, i);
			else
				*name = text_span(name->at + n, name->len - n);
		}
		return "only this attempt, without its folder";
	default:
		bytes(c)->len = 0;
		return "empty";
	}
}

/* Replaces field `nth`, from 0, of the first line that starts with `key`. */
static bool
field_set(const struct change *c, const char *key, size_t nth, const char *with)
{
	struct span lines[LINES_MAX];
	struct text old = *bytes(c);
	size_t n = spans(old, true, lines);

	for (size_t i = 0; i < n; i++) {
		struct text line = text_span(old.at + lines[i].at, lines[i].len - 1), rest = line;
		struct text field = {0};
		size_t k = 0;

		if (!text_starts(line, key))
			continue;
		while (text_cut(&rest, ' ', &field) && k++ < nth)
			;
		if (k != nth + 1)
			return false;
		replace(c, (struct span){(size_t)(field.at - old.at), field.len}, with,
			strlen(with));
		return true;
	}
	return false;
}

static bool
file_open(struct change *c, unsigned attempt, const char *name)
{
	c->file = made_find(c->made, arena_printf(c->arena, "attempt-%u/%s", attempt, name));
	return c->file < c->made->count;
}

static const char *
hex_of(const struct change *c, struct hash h)
{
	char hex[2 * HASH_LEN + 1];

	hex_encode(h.at, HASH_LEN, hex);
	return arena_str(c->arena, hex, 2 * HASH_LEN);
}

/* The frozen count and root of a list become what the list has now, sound or not. */
static void
root_renew(struct change *c, unsigned attempt, const char *list, const char *key)
{
	struct merkle tree = {0};
	struct text rest, line;

	if (!file_open(c, attempt, list))
		return;
	rest = *bytes(c);
	while (text_cut(&rest, '\n', &line))
		merkle_add(&tree, merkle_leaf(line));
	if (!file_open(c, attempt, "freeze.txt"))
		return;
	(void)field_set(c, key, 1, arena_printf(c->arena, "%llu", (unsigned long long)tree.size));
	(void)field_set(c, key, 2, hex_of(c, merkle_root(&tree)));
}

static size_t
values_of(struct change *c, unsigned attempt)
{
	size_t n = 0;
	struct text rest, line;

	if (!file_open(c, attempt, "contributions.txt"))
		return 0;
	rest = *bytes(c);
	while (text_cut(&rest, '\n', &line))
		n += text_starts(line, "value ");
	return n;
}

/* What follows from the changed record is made again: counts and roots in the freezes, what the
 * contributors say, the voids' freezes, the freezes' voids. */
static void
settle(struct change c)
{
	struct hash before = {{0}};
	bool has_before = false;

	for (unsigned attempt = 1; attempt <= MADE_ATTEMPTS_MAX; attempt++) {
		root_renew(&c, attempt, "candidates.txt", "candidates ");
		root_renew(&c, attempt, "excluded.txt", "excluded ");
		if (has_before && file_open(&c, attempt, "freeze.txt"))
			(void)field_set(&c, "previous ", 1, hex_of(&c, before));
		made_speak(c.arena, c.made, attempt, values_of(&c, attempt));
		if (file_open(&c, attempt, "freeze.txt")) {
			const char *f = hex_of(&c, freeze_hash(*bytes(&c)));

			if (file_open(&c, attempt, "void.txt"))
				(void)field_set(&c, "freeze ", 1, f);
		}
		has_before = file_open(&c, attempt, "void.txt");
		if (has_before)
			before = hash_of(bytes(&c)->at, bytes(&c)->len);
	}
	made_prove(c.arena, c.dice, c.made, TWIST_NONE);
}

/* Changes that one check is about, when all else is made to fit. */
static const char *
change_known(const struct change *c)
{
	static const struct {
		const char *file, *key;
		size_t nth;
		const char *with;
	} known[] = {{"freeze.txt", "winners ", 1, "0"}, {"freeze.txt", "winners ", 1, "65"},
		{"freeze.txt", "label ", 1, "a//b"}, {"freeze.txt", "label ", 1, "b/a"},
		{"freeze.txt", "quota ", 1, "zz"}, {"freeze.txt", "quota ", 2, "65"},
		{"freeze.txt", "range ", 2, "0"}, {"freeze.txt", "range ", 1, "0"},
		{"freeze.txt", "method ", 1, "weighted"}, {"freeze.txt", "draw ", 1, "prj-x.1"},
		{"freeze.txt", "draw ", 1, "prj-x.1.a"}, {"freeze.txt", "attempt ", 1, "2"},
		{"freeze.txt", "contributor 3 ", 3, "owner"},
		{"freeze.txt", "contributor 3 ", 3, "witness-1"},
		{"freeze.txt", "contributor 3 ", 2, "nist"},
		{"freeze.txt", "contributor 2 ", 3, "payer"},
		{"freeze.txt", "close ", 1, "2026-08-31T18:43:16Z"},
		{"freeze.txt", "close ", 1, "2026-08-31T18:43:15Z"}, {"candidates.txt", "", 1, "0"},
		{"candidates.txt", "", 1, "2147483648"}, {"candidates.txt", "", 2, "a/b"},
		{"candidates.txt", "", 2, "north"}, {"candidates.txt", "", 0, "agy99"},
		{"candidates.txt", "", 0, "agy00"}, {"candidates.txt", "", 3, MADE_CHAIN},
		{"excluded.txt", "", 0, "agy00"}, {"excluded.txt", "", 1, "other"},
		{"excluded.txt", "", 2, MADE_CHAIN}, {"void.txt", "by ", 1, "usr-b"},
		{"void.txt", "by ", 1, "-"}, {"void.txt", "by ", 2, "usr-c"},
		{"void.txt", "stalled ", 1, "owner"}, {"void.txt", "stalled ", 1, "operator"},
		{"void.txt", "stalled ", 1, "witness-0"}, {"void.txt", "stalled ", 1, "-"},
		{"void.txt", "reason ", 1, "key-lost"}, {"void.txt", "void ", 1, "prj-x.1"}};

	for (int tries = 0; tries < 50; tries++) {
		size_t i = dice_below(c->dice, sizeof known / sizeof known[0]);
		unsigned attempt = (unsigned)(1 + dice_below(c->dice, c->made->attempts));
		struct change at = *c;

		if (!file_open(&at, attempt, known[i].file) ||
			!field_set(&at, known[i].key, known[i].nth, known[i].with))
			continue;
		settle(*c);
		return arena_printf(c->arena, "attempt %u %s: %s%zu %s", attempt, known[i].file,
			known[i].key, known[i].nth, known[i].with);
	}
	return "no such field";
}

/* Where a pulse of NIST speaks, it is another one. */
static const char *
change_pulse(const struct change *c)
{
	struct change at = *c;

	for (unsigned attempt = 1; attempt <= MADE_ATTEMPTS_MAX; attempt++)
		if (file_open(&at, attempt, "freeze.txt") &&
			memmem(bytes(&at)->at, bytes(&at)->len, " nist ", 6) != NULL) {
			made_pulse_turn(c->dice, c->made);
			settle(*c);
			return "another pulse";
		}
	return change_known(c);
}

/* The journal behind the records is another one. */
static const char *
change_proofs(const struct change *c)
{
	enum twist twist = (enum twist)(1 + dice_below(c->dice, TWIST_COUNT - 1));
	size_t at;

	if (!c->made->proofs)
		return change_known(c);
	made_prove(c->arena, c->dice, c->made, twist);
	at = made_find(c->made, "attempt-1/value-3.tlog-proof");
	if (at < c->made->count && dice_once(c->dice, 4)) {
		made_drop(c->made, at);
		return arena_printf(c->arena, "proofs: %s, value 3 absent", twist_name(twist));
	}
	return arena_printf(c->arena, "proofs: %s", twist_name(twist));
}

/* Two winners change places, or one is named twice. */
static const char *
change_order(const struct change *c)
{
	struct change at = *c;
	struct text line = {0}, rest, one = {0}, two = {0};

	if (!file_open(&at, (unsigned)c->made->attempts, "result.txt"))
		return "no result";
	rest = *bytes(&at);
	while (text_cut(&rest, '\n', &line) && !text_starts(line, "order "))
		;
	if (!text_cut(&line, ' ', &one) || !text_cut(&line, ' ', &one) ||
		!text_cut(&line, ' ', &two))
		return "no second";
	one = text_of(arena_str(c->arena, one.at, one.len));
	if (dice_once(c->dice, 2))
		(void)field_set(&at, "order ", 1, arena_str(c->arena, two.at, two.len));
	(void)field_set(&at, "order ", 2, one.at);
	return "the first two of the order";
}

static bool
is_settled(struct text name)
{
	static const char *const ends[] = {
		"freeze.txt", "candidates.txt", "excluded.txt", "void.txt"};

	for (size_t i = 0; text_starts(name, "attempt-") && i < 4; i++)
		if (name.len == 10 + strlen(ends[i]) &&
			text_is(text_span(name.at + 10, name.len - 10), ends[i]))
			return true;
	return false;
}

/* Two in three: a record that others depend on. */
static size_t
file_choose(struct dice *d, const struct made *m)
{
	static const char *const ends[] = {"freeze.txt", "freeze.txt", "candidates.txt",
		"excluded.txt", "contributions.txt", "contributions.txt", "result.txt", "void.txt"};
	const char *end = ends[dice_below(d, sizeof ends / sizeof ends[0])];
	size_t start = dice_below(d, m->count);

	for (size_t k = dice_once(d, 3) ? m->count : 0; k < m->count; k++) {
		struct text name = m->files[(start + k) % m->count].name;

		if (name.len >= strlen(end) &&
			text_is(text_span(name.at + name.len - strlen(end), strlen(end)), end))
			return (start + k) % m->count;
	}
	return start;
}

static const char *
change_once(struct arena *a, struct dice *d, struct made *m)
{
	static const char *(*const kinds[])(const struct change *c) = {change_byte, change_line,
		change_field, change_field, change_known, change_known, change_hex, change_end,
		change_order, change_files, change_pulse, change_proofs, change_proofs};
	size_t kind = dice_below(d, sizeof kinds / sizeof kinds[0]);
	struct change c = {a, d, m, file_choose(d, m)};
	struct text name = m->files[c.file].name;
	const char *what;

	if (bytes(&c)->len == 0)
		return "an empty file";
	what = kinds[kind](&c);
	if (kinds[kind] == change_known || kinds[kind] == change_pulse ||
		kinds[kind] == change_proofs)
		return what;
	what = arena_printf(a, TEXT_FMT ": %s", TEXT_ARG(name), what);
	if (kinds[kind] == change_files || !is_settled(name) || dice_once(d, 2))
		return what;
	settle(c);
	return arena_printf(a, "%s; all else made again", what);
}

const char *
change_make(struct arena *a, struct dice *d, struct made *m)
{
	const char *what = change_once(a, d, m);

	while (m->count > 0 && dice_once(d, 4))
		what = arena_printf(a, "%s; then %s", what, change_once(a, d, m));
	return what;
}
