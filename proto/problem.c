#include "proto/problem.h"

#include "lib/base/arena.h"
#include "proto/json_quote.h"
#include "proto/shape.h"

enum {
	WEIGHT_MAX = 1000 /* a weight has at most three decimals */
};

/* "0.8" in thousandths; what is no weight counts as 0. */
static int
weight_of(struct text t)
{
	int weight = 0, unit = WEIGHT_MAX;

	if (t.len == 0 || (t.at[0] != '0' && t.at[0] != '1') || (t.len > 1 && t.at[1] != '.') ||
		t.len > 5)
		return 0;
	if (t.at[0] == '1')
		return WEIGHT_MAX;
	for (size_t i = 2; i < t.len; i++) {
		if (t.at[i] < '0' || t.at[i] > '9')
			return 0;
		unit /= 10;
		weight += unit * (t.at[i] - '0');
	}
	return weight;
}

enum lang
lang_of(struct text accept_language)
{
	int best[2] = {0, 0};
	struct text one, rest = accept_language;
	enum lang first = LANG_ZH;

	while (text_cut(&rest, ',', &one)) {
		struct text tag = {0}, main = {0};
		int weight;
		enum lang l;

		(void)text_cut(&one, ';', &tag);
		tag = text_trim(tag, " \t");
		one = text_trim(one, " \t");
		weight = one.len == 0		 ? WEIGHT_MAX
			: text_starts(one, "q=") ? weight_of(text_span(one.at + 2, one.len - 2))
						 : 0;
		(void)text_cut(&tag, '-', &main);
		if (!text_is_nocase(main, "zh") && !text_is_nocase(main, "en"))
			continue;
		l = text_is_nocase(main, "zh") ? LANG_ZH : LANG_EN;
		if (best[LANG_ZH] == 0 && best[LANG_EN] == 0)
			first = l;
		if (weight > best[l])
			best[l] = weight;
	}
	if (best[LANG_ZH] == best[LANG_EN])
		return best[LANG_ZH] == 0 ? LANG_ZH : first;
	return best[LANG_ZH] > best[LANG_EN] ? LANG_ZH : LANG_EN;
}

static void
member(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, ",\"%s\":", name);
	quote_str(b, value);
}

/* A pointer is "" or starts with '/'; anything else names a parameter. */
static void
entry(struct buf *b, const char *pointer, const char *code, const char *detail)
{
	buf_char(b, '{');
	buf_str(b, pointer[0] == '\0' || pointer[0] == '/' ? "\"pointer\":" : "\"parameter\":");
	quote_str(b, pointer);
	member(b, "code", code);
	member(b, "detail", detail);
	buf_char(b, '}');
}

struct text
problem_write(const struct problem *p, struct arena *a)
{
	const struct err_row *row = err_row(p->err);
	bool zh = p->lang == LANG_ZH;
	const char *title = zh ? row->title_zh : row->title_en;
	const char *detail = zh ? p->detail_zh : p->detail_en;
	size_t count = p->faults == NULL ? 0 : p->faults->count;
	bool pointed = p->pointer != NULL && p->pointer[0] != '\0';
	struct buf b;

	buf_init(&b, a, 512);
	buf_printf(&b, "{\"type\":\"urn:fairlot:problem:%s\"", row->code);
	member(&b, "title", title);
	buf_printf(&b, ",\"status\":%d", row->http);
	member(&b, "code", row->code);
	if (detail != NULL && detail[0] != '\0')
		member(&b, "detail", detail);
	if (p->rule != NULL && p->rule[0] != '\0')
		member(&b, "rule", p->rule);
	if (p->request_id != NULL && p->request_id[0] != '\0')
		member(&b, "request_id", p->request_id);
	if (pointed || count > 0)
		buf_str(&b, ",\"errors\":[");
	if (pointed)
		entry(&b, p->pointer, row->code,
			detail != NULL && detail[0] != '\0' ? detail : title);
	for (size_t i = 0; i < count; i++) {
		const struct shape_fault *f = &p->faults->at[i];

		if (pointed || i > 0)
			buf_char(&b, ',');
		entry(&b, f->pointer, f->code, zh ? f->detail_zh : f->detail_en);
	}
	if (pointed || count > 0)
		buf_char(&b, ']');
	buf_char(&b, '}');
	return buf_text(&b);
}
