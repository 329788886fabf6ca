#include "tests/unit/cli/mirror_make.h"

#include "cli/disk.h"
#include "lib/base/arena.h"
#include "lib/base/b64.h"

static const uint8_t seed[SIGN_SEED_LEN] = {7};
static const char origin[] = "peer.example/market/journal";

struct text
mirror_make_entry(struct arena *a, uint64_t index)
{
	return text_of(arena_printf(a,
		"fairlot-entry/v1 bid auc_%llu - 2024-01-01T00:00:00.000000Z -\n{}\n",
		(unsigned long long)index));
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
	m->note = note_sign(m->arena, text, text_of(origin), seed);
	sign_make(seed, text, sig);
	b64_encode(m->newest.root.at, HASH_LEN, root_text);
	b64_encode(sig, SIGN_LEN, sig_text);
	buf_printf(past, "%llu %s %s\n", (unsigned long long)size, root_text, sig_text);
}

void
mirror_make(struct mirror *m, struct arena *a, const char *dir, const uint64_t *sizes, size_t count)
{
	struct buf past;

	*m = (struct mirror){.arena = a, .dir = dir, .origin = text_of(origin)};
	buf_init(&past, a, 4096);
	sign_public(seed, m->key);
	for (size_t i = 0; i < count; i++)
		grow(m, sizes[i], &past);
	put(m, "keys", text_of(arena_printf(a, "%s\n", note_vkey(a, text_of(origin), m->key).at)));
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
