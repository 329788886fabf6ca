#include "lib/ledger/merkle.h"

static struct text
bytes(const struct hash *h)
{
	return text_span((const char *)h->at, HASH_LEN);
}

struct hash
merkle_leaf(struct text entry)
{
	struct text parts[] = {{"\0", 1}, entry};

	return hash_parts(parts, 2);
}

struct hash
merkle_node(const struct hash *left, const struct hash *right)
{
	struct text parts[] = {{"\1", 1}, bytes(left), bytes(right)};

	return hash_parts(parts, 3);
}

static unsigned
bits_set(uint64_t size)
{
	unsigned n = 0;

	for (; size != 0; size &= size - 1)
		n++;
	return n;
}

/* As many full subtrees as the size has bits set; adding carries like a binary counter. */
void
merkle_add(struct merkle *m, struct hash leaf)
{
	unsigned top = bits_set(m->size);

	for (uint64_t left = m->size; (left & 1) != 0; left >>= 1)
		leaf = merkle_node(&m->full[--top], &leaf);
	m->full[top] = leaf;
	m->size++;
}

struct hash
merkle_root(const struct merkle *m)
{
	unsigned top = bits_set(m->size);
	struct hash root;

	if (top == 0)
		return hash_of(NULL, 0);
	root = m->full[--top];
	while (top > 0)
		root = merkle_node(&m->full[--top], &root);
	return root;
}

struct hash
merkle_root_of(const struct hash *leaves, uint64_t size)
{
	struct merkle m = {0};

	for (uint64_t i = 0; i < size; i++)
		merkle_add(&m, leaves[i]);
	return merkle_root(&m);
}

bool
merkle_includes(const struct hash *root, uint64_t size, const struct hash *leaf, uint64_t index,
	const struct hash *path, size_t len)
{
	uint64_t fn = index, sn = size - 1;
	struct hash r = *leaf;

	if (index >= size)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (sn == 0)
			return false;
		if ((fn & 1) != 0 || fn == sn) {
			r = merkle_node(&path[i], &r);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else
			r = merkle_node(&r, &path[i]);
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && text_eq(bytes(&r), bytes(root));
}

bool
merkle_extends(const struct hash *root, uint64_t size, const struct hash *old_root, uint64_t old,
	const struct hash *path, size_t len)
{
	uint64_t fn = old - 1, sn = size - 1;
	struct hash fr, sr;
	size_t i = 0;

	if (old == 0 || old > size)
		return false;
	if (old == size)
		return len == 0 && text_eq(bytes(root), bytes(old_root));
	while ((fn & 1) != 0) {
		fn >>= 1;
		sn >>= 1;
	}
	if ((old & (old - 1)) == 0)
		fr = sr = *old_root;
	else if (len > 0)
		fr = sr = path[i++];
	else
		return false;
	for (; i < len; i++) {
		if (sn == 0)
			return false;
		if ((fn & 1) != 0 || fn == sn) {
			fr = merkle_node(&path[i], &fr);
			sr = merkle_node(&path[i], &sr);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else
			sr = merkle_node(&sr, &path[i]);
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && text_eq(bytes(&fr), bytes(old_root)) && text_eq(bytes(&sr), bytes(root));
}
