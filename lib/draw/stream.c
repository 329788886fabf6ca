#include "lib/draw/stream.h"

#include "lib/base/must.h"
#include "lib/draw/record.h"

struct hash
stream_block(const struct hash *seed, struct text label, uint64_t j)
{
	uint8_t len = (uint8_t)label.len, index[8];
	struct text parts[] = {RECORD_TAG("stream"), {(const char *)&len, 1}, label,
		{(const char *)index, sizeof index}};

	must(label.len <= STREAM_LABEL_MAX);
	for (int i = 0; i < 8; i++)
		index[i] = (uint8_t)(j >> (56 - 8 * i));
	return hmac_of(seed->at, parts, sizeof parts / sizeof parts[0]);
}

static uint32_t
stream_next(struct words *w)
{
	struct stream *s = (struct stream *)w;
	const uint8_t *at;

	if (s->used == HASH_LEN) {
		s->block = stream_block(&s->seed, s->label, s->index++);
		s->used = 0;
	}
	at = s->block.at + s->used;
	s->used += 4;
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

void
stream_init(struct stream *s, const struct hash *seed, struct text label)
{
	*s = (struct stream){
		.words = {stream_next, 32, 0}, .seed = *seed, .label = label, .used = HASH_LEN};
}

uint32_t
stream_uniform(struct words *w, uint32_t n)
{
	unsigned bits = 0;
	uint32_t v;

	must(n >= 1 && n <= (uint32_t)1 << 31);
	if (n == 1)
		return 0;
	while ((n - 1) >> bits != 0)
		bits++;
	must(bits <= w->width);
	do {
		v = w->next(w) >> (w->width - bits);
		w->taken++;
	} while (v >= n);
	return v;
}
