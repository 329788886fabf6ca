#include "lib/policy/policy.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/num.h"

static const char head[] = "fairlot-policy/v1";

/* The list stands sorted bytewise, so that building is one pass; a test holds it to that. */
const struct policy_row policy_table[POLICY_KEYS] = {
#define KEY(name, type, choices, demo, cn_default, en, zh) \
	[POLICY_##name] = {#name, POLICY_##type, choices, demo, cn_default, en, zh},
#include "lib/policy/policy.def"
};

bool
duration_parse(struct text t, struct duration *ret_duration)
{
	static const struct {
		const char *name;
		enum duration_unit unit;
	} units[] = {
		{"s", DURATION_SECONDS},
		{"h", DURATION_HOURS},
		{"d", DURATION_DAYS},
		{"wd", DURATION_WORKING_DAYS},
	};
	size_t digits = 0;
	uint64_t n;

	while (digits < t.len && t.at[digits] >= '0' && t.at[digits] <= '9')
		digits++;
	if (!text_u64(text_span(t.at, digits), DURATION_MAX, &n))
		return false;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		if (!text_is(text_span(t.at + digits, t.len - digits), units[i].name))
			continue;
		/* The end of "the 0th working day" has no meaning. */
		if (units[i].unit == DURATION_WORKING_DAYS && n == 0)
			return false;
		*ret_duration = (struct duration){(uint32_t)n, units[i].unit};
		return true;
	}
	return false;
}

static int
two_digits(const char *at)
{
	if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
		return -1;
	return (at[0] - '0') * 10 + (at[1] - '0');
}

bool
zone_parse(struct text t, int *ret_minutes)
{
	int hours, minutes;

	if (t.len != 6 || (t.at[0] != '+' && t.at[0] != '-') || t.at[3] != ':')
		return false;
	hours = two_digits(t.at + 1);
	minutes = two_digits(t.at + 4);
	if (hours < 0 || minutes < 0 || minutes > 59 || hours * 60 + minutes > 14 * 60)
		return false;
	*ret_minutes = (hours * 60 + minutes) * (t.at[0] == '-' ? -1 : 1);
	return true;
}

static bool
is_choice(const char *choices, struct text value)
{
	struct text rest = text_of(choices), choice;

	while (text_cut(&rest, '|', &choice))
		if (text_eq(choice, value))
			return true;
	return false;
}

bool
policy_allows(enum policy_key key, struct text value)
{
	const struct policy_row *row = &policy_table[key];
	struct duration d;
	uint64_t n;
	int minutes;

	switch (row->type) {
	case POLICY_ZONE:
		return zone_parse(value, &minutes);
	case POLICY_DUE:
		return duration_parse(value, &d);
	case POLICY_SPAN:
		return duration_parse(value, &d) && d.unit != DURATION_WORKING_DAYS;
	case POLICY_COUNT:
		return text_u64(value, 1000, &n);
	case POLICY_FEN:
		return text_u64(value, FEN_MAX, &n);
	case POLICY_BP:
		return text_u64(value, 10000, &n);
	case POLICY_CHOICE:
		return is_choice(row->choices, value);
	}
	return false;
}

bool
policy_profile(struct text name, struct policy *ret_policy)
{
	bool demo = text_is(name, "demo");

	if (!demo && !text_is(name, "cn-default"))
		return false;
	for (int k = 0; k < POLICY_KEYS; k++)
		ret_policy->values[k] =
			text_of(demo ? policy_table[k].demo : policy_table[k].cn_default);
	return true;
}

struct text
policy_build(const struct policy *p, struct arena *a)
{
	struct buf b;

	buf_init(&b, a, 1024);
	buf_str(&b, head);
	buf_char(&b, '\n');
	for (int k = 0; k < POLICY_KEYS; k++) {
		if (p->values[k].at == NULL)
			continue;
		buf_str(&b, policy_table[k].name);
		buf_char(&b, ' ');
		buf_add(&b, p->values[k].at, p->values[k].len);
		buf_char(&b, '\n');
	}
	return buf_text(&b);
}

enum err
policy_parse(struct text rules, struct policy *ret_policy)
{
	struct policy p = {0};
	struct text line, name;
	int k = 0;

	if (rules.len == 0 || rules.at[rules.len - 1] != '\n')
		return E_BAD_INPUT;
	if (!text_cut(&rules, '\n', &line) || !text_is(line, head))
		return E_BAD_INPUT;
	while (text_cut(&rules, '\n', &line)) {
		if (!text_cut(&line, ' ', &name))
			return E_BAD_INPUT;
		/* Going through the table once refuses unknown, repeated and unsorted keys. */
		while (k < POLICY_KEYS && !text_is(name, policy_table[k].name))
			k++;
		if (k == POLICY_KEYS || !policy_allows((enum policy_key)k, line))
			return E_BAD_INPUT;
		p.values[k++] = line;
	}
	*ret_policy = p;
	return OK;
}
