#include "lib/ident/key.h"

#include <string.h>

static const char prefix[] = "flk_";
static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

enum {
	BASE = sizeof alphabet - 1
};

/* CRC-32 of ISO 3309, as in gzip. */
static uint32_t
crc32(struct text t)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < t.len; i++) {
		crc ^= (uint8_t)t.at[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ UINT32_C(0xedb88320) : crc >> 1;
	}
	return ~crc;
}

bool
key_complete(struct text body, char ret_key[KEY_LEN + 1])
{
	uint32_t crc;

	if (body.len != KEY_BODY_LEN)
		return false;
	for (size_t i = 0; i < body.len; i++)
		if (body.at[i] == '\0' || strchr(alphabet, body.at[i]) == NULL)
			return false;
	crc = crc32(body);
	memcpy(ret_key, prefix, KEY_PREFIX_LEN);
	memcpy(ret_key + KEY_PREFIX_LEN, body.at, KEY_BODY_LEN);
	for (size_t i = KEY_LEN; i-- > KEY_PREFIX_LEN + KEY_BODY_LEN; crc /= BASE)
		ret_key[i] = alphabet[crc % BASE];
	ret_key[KEY_LEN] = '\0';
	return true;
}

bool
key_is_whole(struct text key)
{
	char whole[KEY_LEN + 1];

	return key.len == KEY_LEN &&
		key_complete(text_span(key.at + KEY_PREFIX_LEN, KEY_BODY_LEN), whole) &&
		text_is(key, whole);
}

bool
key_of_random(const uint8_t random[KEY_RANDOM_LEN], char ret_key[KEY_LEN + 1])
{
	char body[KEY_BODY_LEN];
	size_t n = 0;

	for (size_t i = 0; i < KEY_RANDOM_LEN && n < KEY_BODY_LEN; i++)
		if (random[i] < 256 / BASE * BASE)
			body[n++] = alphabet[random[i] % BASE];
	return n == KEY_BODY_LEN && key_complete(text_span(body, n), ret_key);
}
