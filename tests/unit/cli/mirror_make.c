#include "tests/unit/cli/mirror_make.h"

#include "cli/disk.h"
#include "lib/base/arena.h"
#include "lib/base/b64.h"
#include "lib/ledger/receipt.h"

static const uint8_t seed[SIGN_SEED_LEN] = {7}, receipts_seed[SIGN_SEED_LEN] = {8};
static const char origin[] = "peer.example/market/journal";
static const char receipts[] = "peer.example/market/receipts";

const char *
mirror_make_time(struct arena *a, uint64_t index)
{
	return arena_printf(a, "2024-01-01T00:%02llu:%02llu.%03llu000Z",
		(unsigned long long)index / 60000, (unsigned long long)index / 1000 % 60,
		(unsigned long long)index % 1000);
}

struct text
mirror_make_entry(struct arena *a, uint64_t index)
{
	return text_of(arena_printf(a, "fairlot-entry/v1 bid auc_%llu - %s -\n{}\n",
		(unsigned long long)index, mirror_make_time(a, index)));
}

struct text
mirror_make_receipt(struct arena *a, const struct receipt *r)
{
	return note_sign(a, receipt_text(a, r), text_of(receipts), receipts_seed);
}

struct text
mirror_make_note(struct arena *a, uint64_t size, struct hash root)
{
	return note_sign(
		a, checkpoint_build(a, text_of(origin), size, &root), text_of(origin), seed);
}

static void
put(struct mirror *m, const char *name, struct text bytes)
{
	must(disk_write(arena_printf(m->arena, "%s/%s", m->dir, name), bytes, false, m->arena));
}

static struct text
bundle_of(struct arena *a, const struct tile_id *id)
{
	struct buf b;

	buf_init(&b, a, 32 * 1024);
	for (uint64_t i = 0; i < id->width; i++) {
		struct text entry = mirror_make_entry(a, id->n * TILE_WIDTH + i);

		buf_char(&b, (char)(entry.len >> 8));
		buf_char(&b, (char)entry.len);
		buf_add(&b, entry.at, entry.len);
	}
	return buf_text(&b);
}

static void
grow(struct mirror *m, uint64_t size, struct buf *past)
{
	char root_text[B64_LEN(HASH_LEN) + 1], sig_text[B64_LEN(SIGN_LEN) + 1];
	uint8_t sig[SIGN_LEN];
	struct text text;

	for (uint64_t n = m->edge.size / TILE_WIDTH; m->edge.size < size; n++) {
		struct tile_id id = {.entries = true, .n = n, .width = tile_width(size, 0, n)};
		struct text bundle = bundle_of(m->arena, &id);

		must(mirror_add(m, &id, bundle, true, NULL));
		must(disk_write(mirror_path(m, &id), bundle, false, m->arena));
	}
	must(mirror_edges(m, true));
	m->newest.size = size;
	m->newest.root = tile_edge_root(&m->edge);
	text = checkpoint_build(m->arena, text_of(origin), size, &m->newest.root);
	m->note = mirror_make_note(m->arena, size, m->newest.root);
	sign_make(seed, text, sig);
	b64_encode(m->newest.root.at, HASH_LEN, root_text);
	b64_encode(sig, SIGN_LEN, sig_text);
	buf_printf(past, "%llu %s %s\n", (unsigned long long)size, root_text, sig_text);
}

void
mirror_make(struct mirror *m, struct arena *a, const char *dir, const uint64_t *sizes, size_t count)
{
	uint8_t receipts_key[SIGN_KEY_LEN];
	struct buf past;

	*m = (struct mirror){.arena = a, .dir = dir, .origin = text_of(origin)};
	buf_init(&past, a, 4096);
	sign_public(seed, m->key);
	for (size_t i = 0; i < count; i++)
		grow(m, sizes[i], &past);
	sign_public(receipts_seed, receipts_key);
	put(m, "keys",
		text_of(arena_printf(a, TEXT_FMT "\n" TEXT_FMT "\n",
			TEXT_ARG(note_vkey(a, text_of(receipts), receipts_key)),
			TEXT_ARG(note_vkey(a, text_of(origin), m->key)))));
	put(m, "checkpoint", m->note);
	put(m, "checkpoints.txt", buf_text(&past));
}

static bool
disk_tile(void *arg, unsigned level, uint64_t n, unsigned width, const struct hash **ret_hashes)
{
	struct mirror *m = arg;
	const struct tile_id id = {.level = level, .n = n, .width = width};
	struct text hashes;

	if (!disk_read(mirror_path(m, &id), 8192, m->arena, &hashes))
		return false;
	*ret_hashes = (const struct hash *)(const void *)hashes.at;
	return hashes.len == width * sizeof(struct hash);
}

struct text
mirror_make_proof(struct mirror *m, uint64_t index)
{
	const struct tile_source source = {disk_tile, m};
	struct tlog_proof p = {.index = index, .note = m->note};

	must(tile_inclusion(&source, m->newest.size, index, p.path, &p.len));
	return tlog_proof_build(m->arena, &p);
}
