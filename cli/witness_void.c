/* fairlot witness void: a person of the witness agrees to a void.  Whether the reason is a good one
 * is for people to judge; what the journal shows is looked at before anything is signed. */
#include <stdio.h>
#include <string.h>

#include "cli/say.h"
#include "cli/special.h"
#include "cli/witness_turn.h"
#include "lib/base/hex.h"
#include "lib/draw/void.h"

static const struct watch_attempt *
attempt_of(const struct watch *w, const struct void_record *v)
{
	for (size_t i = w->attempts_count; i-- > 0;)
		if (w->attempts[i].attempt == v->attempt && text_eq(w->attempts[i].draw, v->draw))
			return &w->attempts[i];
	return NULL;
}

const char *
witness_void_fault(const struct watch *w, struct text record, struct arena *a)
{
	const struct watch_attempt *t;
	struct void_record v;
	uint32_t line = 0;
	struct freeze f;

	if (void_parse(record, &v, &line) != CHECK_OK)
		return say("不是作废记录", "it is no record of a void");
	if ((t = attempt_of(w, &v)) == NULL)
		return say("日志中该次抽取没有本见证方",
			"the journal has no freeze of this attempt that names this witness");
	if (!v.has_freeze || memcmp(v.freeze.at, t->f.at, HASH_LEN) != 0)
		return say("作废记录指另一份冻结记录", "the void is about another freeze");
	if (v.by[0].len == 0 || text_eq(v.by[0], v.by[1]))
		return say("作废须由两人办理", "a void is by two people");
	if (v.stalled.len == 0)
		return NULL;
	must(freeze_parse(a, t->text, &f, &line) == CHECK_OK);
	if (t->spoken == t->place)
		return say("等待的正是本见证方", "it is this witness that is awaited");
	if (t->spoken >= f.contributors_count ||
		!text_eq(f.contributors[t->spoken].name, v.stalled))
		return arena_printf(a,
			say("“" TEXT_FMT "”并未停滞：日志中等待的是另一方",
				"\"" TEXT_FMT
				"\" does not stall: the journal awaits somebody else"),
			TEXT_ARG(v.stalled));
	return NULL;
}

static enum status
sign(struct witness *x, const char *id, const char *record)
{
	struct session *s = x->session;
	struct request r = {.op = &op_table[OP_void_sign]};
	char hex[2 * SIGN_LEN + 1];
	uint8_t sig[SIGN_LEN];
	struct answer answer;

	sign_make(x->store.seed, text_of(record), sig);
	hex_encode(sig, sizeof sig, hex);
	r.path = command_path(r.op, &id, 1, s->arena);
	r.body = text_of(arena_printf(s->arena, "{\"signature\":\"%s\"}", hex));
	session_send(s, &r, &answer, NULL);
	return session_show(s, r.op, &answer);
}

enum status
witness_void_run(struct session *s, int argc, char *const *argv)
{
	const char *args[2], *record, *why;
	struct json_object *json;
	struct answer answer;
	struct witness x;
	enum status status;

	if (!special_args(s, argc, argv, 2, 2, args))
		return session_usage(say("用法：fairlot witness void 目录 作废",
			"usage: fairlot witness void DIR VOID"));
	if ((status = session_open(s)) != STATUS_OK ||
		(status = session_fetch(s, &op_table[OP_void_get], &args[1], 1, &json, &answer)) !=
			STATUS_OK)
		return status;
	if ((record = json_text(json, "record")) == NULL)
		return session_usage(say("该作废申请尚无记录", "this void has no record yet"));
	status = witness_open(&x, s, args[0], false);
	if (status == STATUS_OK) {
		fprintf(stderr, "%s", record);
		why = witness_void_fault(&x.watch, text_of(record), s->arena);
		if (why == NULL)
			status = sign(&x, args[1], record);
		else {
			fprintf(stderr, "fairlot: %s\n", why);
			status = STATUS_REFUSED;
		}
	}
	witness_close(&x);
	return status;
}
