#include "lib/draw/void.h"

#include "lib/base/arena.h"
#include "lib/base/hex.h"
#include "lib/draw/list.h"
#include "lib/draw/record.h"

static struct text
or_dash(struct text t)
{
	return t.len == 0 ? text_of("-") : t;
}

enum check
void_build(struct arena *a, const struct void_record *v, struct text *ret_text)
{
	char hex[2 * HASH_LEN + 1] = "-";
	struct void_record parsed;
	enum check fault;
	struct buf b;

	if (v->has_freeze)
		hex_encode(v->freeze.at, HASH_LEN, hex);
	buf_init(&b, a, 512);
	buf_printf(&b,
		RECORD_PROTOCOL "\nvoid " TEXT_FMT "\nattempt %u\nfreeze %s\nreason " TEXT_FMT
				"\nstalled " TEXT_FMT "\n",
		TEXT_ARG(v->draw), v->attempt, hex, TEXT_ARG(v->reason),
		TEXT_ARG(or_dash(v->stalled)));
	buf_printf(&b, "by " TEXT_FMT " " TEXT_FMT "\nat " TEXT_FMT "\n",
		TEXT_ARG(or_dash(v->by[0])), TEXT_ARG(or_dash(v->by[1])), TEXT_ARG(v->at));
	fault = void_parse(buf_text(&b), &parsed, NULL);
	if (fault == CHECK_OK)
		*ret_text = buf_text(&b);
	return fault;
}

/* An id, or "-", which gives an empty text. */
static bool
id_or_dash(struct record *r, struct text *ret_id)
{
	struct text word = {0};

	if (!record_word(r, &word))
		return false;
	if (!text_is(word, "-") && !record_is_id(word))
		record_fail(r, CHECK_ID);
	*ret_id = text_is(word, "-") ? (struct text){0} : word;
	return r->fault == CHECK_OK;
}

enum check
void_parse(struct text text, struct void_record *ret_void, uint32_t *reterr_line)
{
	struct void_record v = {0};
	struct text word = {0};
	uint64_t attempt = 0;
	struct record r;
	struct utc at;

	record_init(&r, text);
	(void)record_protocol(&r);
	if (record_key(&r, "void") && record_id(&r, &v.draw))
		(void)record_done(&r);
	if (record_key(&r, "attempt") && record_number(&r, 1, LIST_MAX, &attempt))
		(void)record_done(&r);
	v.attempt = (uint32_t)attempt;
	if (record_key(&r, "freeze") && record_word(&r, &word) && record_done(&r) &&
		!text_is(word, "-")) {
		v.has_freeze = true;
		if (!hex_decode(word, v.freeze.at, HASH_LEN))
			record_fail(&r, CHECK_HASH);
	}
	if (record_key(&r, "reason") && record_id(&r, &v.reason))
		(void)record_done(&r);
	if (record_key(&r, "stalled") && id_or_dash(&r, &v.stalled))
		(void)record_done(&r);
	if (record_key(&r, "by") && id_or_dash(&r, &v.by[0]) && id_or_dash(&r, &v.by[1]) &&
		record_done(&r) &&
		((v.by[0].len == 0) != (v.by[1].len == 0) ||
			(v.by[0].len > 0 && text_eq(v.by[0], v.by[1]))))
		record_fail(&r, CHECK_VOID_PEOPLE);
	if (record_key(&r, "at") && record_word(&r, &v.at) && record_done(&r) &&
		!record_is_time(v.at, false, &at))
		record_fail(&r, CHECK_RECORD);
	if (record_end(&r) != CHECK_OK) {
		if (reterr_line != NULL)
			*reterr_line = r.number;
		return r.fault;
	}
	*ret_void = v;
	return CHECK_OK;
}
