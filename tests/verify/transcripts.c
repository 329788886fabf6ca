/* transcripts SEED WHOLE CHANGED [proofs]: writes that many sound transcripts, then changed ones,
 * each with what lib/draw finds in it, for verify/test/agree.js to compare; with `proofs` most of
 * them carry those of the journal.  A case is
 *
 *   case <number> <files> <bytes of the report> <what was changed>
 *   <bytes> <name>          and the bytes, for each file
 *   the report
 */
#include <stdio.h>
#include <string.h>

#include "lib/base/hex.h"
#include "lib/base/must.h"
#include "tests/unit/draw/sample.h"
#include "tests/verify/change.h"

static const char states[] = {
	[VERIFY_UNREACHED] = 'U',
	[VERIFY_NONE] = 'N',
	[VERIFY_HOLDS] = 'H',
	[VERIFY_FAILS] = 'F',
	[VERIFY_LEFT] = 'L',
};

/* Without pairings: of quicknet one signature is known, so every other is false. */
static enum beacon_answer
beacon(void *arg, const struct contributor *c, struct text given)
{
	const struct text *known = arg;
	uint8_t chain[HASH_LEN];

	must(hex_decode(text_of(MADE_CHAIN), chain, HASH_LEN));
	if (c->source != DRAW_DRAND || memcmp(chain, c->hash.at, HASH_LEN) != 0)
		return BEACON_UNKNOWN;
	return c->round == MADE_ROUND && text_eq(given, *known) ? BEACON_HOLDS : BEACON_FAILS;
}

static void
report_row(struct buf *b, enum check c, const struct verify_row *row)
{
	if (row->state == VERIFY_FAILS)
		buf_printf(b, "F %s %s %u " TEXT_FMT "\n", check_row(c)->code,
			row->file == NULL ? "-" : row->file, row->line, TEXT_ARG(row->about));
	else if (row->state == VERIFY_LEFT)
		buf_printf(b, "L %s " TEXT_FMT "\n", check_row(c)->code, TEXT_ARG(row->about));
}

static void
report_result(struct buf *b, const struct verify_attempt *t)
{
	char hex[2 * HASH_LEN + 1];

	hex_encode(t->result.seed.at, HASH_LEN, hex);
	buf_printf(b, "seed %s\n", hex);
	if (t->draw.freeze.method == DRAW_INTEGER) {
		buf_printf(b, "value %llu\n", (unsigned long long)t->result.value);
		return;
	}
	buf_str(b, "order");
	for (size_t i = 0; i < t->draw.candidates.count; i++)
		buf_printf(b, " " TEXT_FMT, TEXT_ARG(t->draw.candidates.at[t->result.order[i]].id));
	buf_char(b, '\n');
}

static struct text
report(struct arena *a, const struct verify_report *r)
{
	const struct verify_attempt *last = &r->attempts[r->count - 1];
	struct buf b;

	buf_init(&b, a, 8192);
	buf_printf(&b, "verdict %d level %d beacon %d\n", (int)r->verdict, r->level,
		(int)r->beacon_left);
	for (size_t i = 0; i < r->count; i++) {
		buf_printf(&b, "attempt %u ", r->attempts[i].number);
		for (int c = CHECK_OK + 1; c < CHECK_COUNT; c++)
			buf_char(&b, states[r->attempts[i].rows[c].state]);
		buf_char(&b, '\n');
		for (int c = CHECK_OK + 1; c < CHECK_COUNT; c++)
			report_row(&b, (enum check)c, &r->attempts[i].rows[c]);
	}
	if (last->drawn)
		report_result(&b, last);
	return buf_text(&b);
}

static void
print_one_line(const char *what)
{
	for (; *what != '\0'; what++)
		putchar(*what >= ' ' && *what <= '~' ? *what : '?');
	putchar('\n');
}

static void
write_case(struct text drand, uint64_t seed, uint64_t number, bool changed, bool proofs)
{
	struct dice d = {seed ^ number << 32};
	struct verify_options options = {
		.draw_only = (number & 1) != 0, .beacon = beacon, .beacon_arg = &drand};
	const char *what = "sound";
	struct verify_report r;
	struct text found;
	struct made *m;
	struct arena a;

	arena_init(&a, (size_t)1 << 28);
	m = arena_new(&a, struct made);
	made_make(&a, &d, drand, proofs, m);
	if (changed)
		what = change_make(&a, &d, m);
	draw_verify(&a, m->files, m->count, &options, &r);
	found = report(&a, &r);
	printf("case %llu %zu %zu ", (unsigned long long)number, m->count, found.len);
	print_one_line(what);
	for (size_t i = 0; i < m->count; i++) {
		const struct verify_file *f = &m->files[i];

		printf("%zu " TEXT_FMT "\n", f->bytes.len, TEXT_ARG(f->name));
		fwrite(f->bytes.at, 1, f->bytes.len, stdout);
	}
	fwrite(found.at, 1, found.len, stdout);
	arena_reset(&a);
}

int
main(int argc, char **argv)
{
	uint64_t numbers[3];
	bool proofs = argc == 5 && strcmp(argv[4], "proofs") == 0;
	struct text drand;
	struct arena a;

	for (int i = 0; i < 3; i++)
		if (argc != 4 + proofs ||
			!text_u64(text_of(argv[i + 1]), UINT32_MAX, &numbers[i])) {
			fprintf(stderr, "usage: transcripts SEED WHOLE CHANGED [proofs]\n");
			return 2;
		}
	arena_init(&a, 1 << 20);
	drand = sample_drand(&a);
	for (uint64_t i = 0; i < numbers[1] + numbers[2]; i++)
		write_case(drand, numbers[0], i, i >= numbers[1], proofs);
	arena_reset(&a);
	return ferror(stdout) != 0;
}
