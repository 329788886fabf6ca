#include "proto/http_field.h"

#include <string.h>

enum {
	KEY_MAX = 255,
	REQUEST_ID_MAX = 35
};

static struct text
unquote(struct text t)
{
	return t.len >= 2 && t.at[0] == '"' && t.at[t.len - 1] == '"'
		? text_span(t.at + 1, t.len - 2)
		: t;
}

bool
field_key(struct text value, struct text *ret_key)
{
	struct text key = unquote(value);

	if (key.len == 0 || key.len > KEY_MAX)
		return false;
	for (size_t i = 0; i < key.len; i++)
		if (key.at[i] < ' ' || key.at[i] > '~' || key.at[i] == '"' || key.at[i] == '\\')
			return false;
	*ret_key = key;
	return true;
}

bool
field_version(struct text value, int64_t *ret_version)
{
	struct text digits = unquote(value);
	uint64_t version;

	if (digits.len + 2 != value.len || !text_u64(digits, INT64_MAX, &version))
		return false;
	*ret_version = (int64_t)version;
	return true;
}

bool
field_none_match(struct text value, int64_t version)
{
	struct text one;
	int64_t given;

	if (text_is(text_trim(value, " \t"), "*"))
		return true;
	while (text_cut(&value, ',', &one)) {
		one = text_trim(one, " \t");
		if (text_starts(one, "W/"))
			one = text_span(one.at + 2, one.len - 2);
		if (field_version(one, &given) && given == version)
			return true;
	}
	return false;
}

bool
field_bearer(struct text value, struct text *ret_token)
{
	struct text scheme = {0};

	if (!text_cut(&value, ' ', &scheme) || !text_is_nocase(scheme, "Bearer"))
		return false;
	value = text_trim(value, " \t");
	if (value.len == 0)
		return false;
	for (size_t i = 0; i < value.len; i++)
		if (value.at[i] <= ' ' || value.at[i] > '~' || value.at[i] == '"' ||
			value.at[i] == ',')
			return false;
	*ret_token = value;
	return true;
}

bool
field_is_json(struct text value)
{
	struct text type = {0}, parameter, name;

	(void)text_cut(&value, ';', &type);
	if (!text_is_nocase(text_trim(type, " \t"), "application/json"))
		return false;
	while (text_cut(&value, ';', &parameter)) {
		parameter = text_trim(parameter, " \t");
		if (text_cut(&parameter, '=', &name) && text_is_nocase(name, "charset") &&
			!text_is_nocase(unquote(parameter), "utf-8"))
			return false;
	}
	return true;
}

/* A parameter "q" of zero: "q=0", "q=0.0". */
static bool
is_refused(struct text parameters)
{
	struct text one;

	while (text_cut(&parameters, ';', &one)) {
		one = text_trim(one, " \t");
		if (one.len < 3 || !text_is_nocase(text_span(one.at, 2), "q="))
			continue;
		for (size_t i = 2; i < one.len; i++)
			if (one.at[i] != '0' && one.at[i] != '.')
				return false;
		return true;
	}
	return false;
}

/* The most exact range that fits decides (RFC 9110, 12.5.1). */
bool
field_accepts(struct text accept, const char *type)
{
	const char *slash = strchr(type, '/');
	size_t main_len = (size_t)(slash - type) + 1;
	int best = 0;
	bool taken = false;
	struct text range, media;

	if (text_trim(accept, " \t").len == 0)
		return true;
	while (text_cut(&accept, ',', &range)) {
		int exact = 0;

		media = (struct text){0};
		(void)text_cut(&range, ';', &media);
		media = text_trim(media, " \t");
		if (text_is_nocase(media, type))
			exact = 3;
		else if (media.len == main_len + 1 && media.at[main_len] == '*' &&
			memcmp(media.at, type, main_len) == 0)
			exact = 2;
		else if (text_is(media, "*/*"))
			exact = 1;
		if (exact > best) {
			best = exact;
			taken = !is_refused(range);
		}
	}
	return taken;
}

bool
field_is_request_id(struct text value)
{
	if (value.len == 0 || value.len > REQUEST_ID_MAX)
		return false;
	for (size_t i = 0; i < value.len; i++) {
		char c = value.at[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			    memchr("._-", c, 3) != NULL))
			return false;
	}
	return true;
}
