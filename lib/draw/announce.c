#include "lib/draw/announce.h"

#include "lib/base/arena.h"
#include "lib/base/hash.h"
#include "lib/base/hex.h"
#include "lib/draw/record.h"

enum {
	URL_MAX = 200
};

bool
announcement_name_holds(struct text name)
{
	return record_is_id(name) && !text_is(name, "operator") && !text_is(name, "owner");
}

bool
announcement_url_holds(struct text url)
{
	if (url.len > URL_MAX || text_is(url, "-"))
		return false;
	for (size_t i = 0; i < url.len; i++)
		if (url.at[i] <= ' ' || url.at[i] > '~' || url.at[i] == '"' || url.at[i] == '\\')
			return false;
	return true;
}

struct text
announcement_text(struct arena *a, const struct announcement *n)
{
	char vrf[2 * VRF_KEY_LEN + 1], sign[2 * SIGN_KEY_LEN + 1];
	struct buf b;

	hex_encode(n->vrf_key, VRF_KEY_LEN, vrf);
	hex_encode(n->sign_key, SIGN_KEY_LEN, sign);
	buf_init(&b, a, 512);
	buf_printf(&b,
		"fairlot-witness/v1\norigin " TEXT_FMT "\nname " TEXT_FMT
		"\nvrf-p256 %s\ned25519 %s\nurl " TEXT_FMT "\n",
		TEXT_ARG(n->origin), TEXT_ARG(n->name), vrf, sign,
		TEXT_ARG(n->url.len == 0 ? text_of("-") : n->url));
	return buf_text(&b);
}

bool
announcement_holds(struct arena *a, const struct announcement *n, const uint8_t sig[SIGN_LEN],
	struct text proof)
{
	struct text text = announcement_text(a, n);
	struct hash value;

	return announcement_name_holds(n->name) && announcement_url_holds(n->url) &&
		sign_holds(n->sign_key, text, sig) &&
		vrf_verify(n->vrf_key, text, proof, &value) == CHECK_OK;
}
