/* fairlot witness: the commands of whoever watches a market from outside (docs/WITNESS.md). */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/journal.h"
#include "cli/say.h"
#include "cli/special.h"
#include "cli/witness_turn.h"
#include "lib/base/hex.h"
#include "lib/ledger/proof.h"

enum {
	INTERVAL_MS = 10000,
	INTERVAL_MOST_MS = 3600000,
	SLICE_MS = 50 /* how long a signal waits */
};

/* --- init --- */

/* The journal's key as the market itself gives it. */
static enum status
log_fetch(struct session *s, struct text *ret_vkey)
{
	struct request r = {.op = &op_table[OP_journal_keys], .path = "/journal/keys"};
	uint8_t key[SIGN_KEY_LEN];
	struct text rest, origin, name;
	struct answer answer;
	enum status status;

	if ((status = session_open(s)) != STATUS_OK)
		return status;
	session_send(s, &r, &answer, NULL);
	if ((status = session_judge(s, r.op, &answer, NULL)) != STATUS_OK)
		return status;
	rest = answer.body;
	while (text_cut(&rest, '\n', ret_vkey))
		if (store_log(*ret_vkey, &origin, &name, key))
			return STATUS_OK;
	fprintf(stderr, "fairlot: %s\n",
		say("市场没有给出日志公钥", "the market names no key of its journal"));
	return STATUS_UNREACHED;
}

static void
print_keys(const struct witness *x, struct arena *a)
{
	const struct store *s = &x->store;

	printf(say("见证方 " TEXT_FMT "\n日志   " TEXT_FMT "\n联署   " TEXT_FMT "\n",
		       "witness " TEXT_FMT "\njournal " TEXT_FMT "\ncosigns " TEXT_FMT "\n"),
		TEXT_ARG(s->own.name), TEXT_ARG(s->vkey),
		TEXT_ARG(cosigner_vkey(a, s->own.name, s->own.sign_key)));
	printf(TEXT_FMT "\n", TEXT_ARG(store_announcement(s, a)));
}

enum status
witness_init_run(struct session *s, int argc, char *const *argv)
{
	const char *args[3] = {NULL}, *err = NULL;
	struct witness x = {.session = s};
	struct announcement n = {0};
	struct text vkey = {0}, log;
	uint8_t key[SIGN_KEY_LEN];
	enum status status;

	if (!special_args(s, argc, argv, 2, 3, args))
		return session_usage(say(
			"用法：fairlot witness init 目录 名称 [网址] [--log-key 公钥|文件]",
			"usage: fairlot witness init DIR NAME [URL] [--log-key VKEY|FILE]"));
	n.name = text_of(args[1]);
	n.url = text_of(args[2]);
	if (!announcement_name_holds(n.name) || !announcement_url_holds(n.url))
		return session_usage(
			say("名称或网址的形式不符", "this is no name of a witness, or no address"));
	if (!journal_key(s, &vkey, &err))
		return session_usage(err);
	if (vkey.len == 0 && (status = log_fetch(s, &vkey)) != STATUS_OK)
		return status;
	if (!store_log(vkey, &n.origin, &log, key))
		return session_usage(say("该公钥不是日志公钥", "this is no key of a journal"));
	if (!store_init(args[0], &n, vkey, s->arena, &err) ||
		!store_open(&x.store, args[0], true, s->arena, &err))
		return session_usage(err);
	if (!store_publish(&x.store, "announcement.json", store_announcement(&x.store, s->arena),
		    s->arena))
		fprintf(stderr, "fairlot: public: %s\n", strerror(errno));
	if (s->options.log_key == NULL)
		fprintf(stderr, "fairlot: %s\n",
			say("日志公钥来自市场本身，请与其他来源核对",
				"the journal's key came from the market itself; compare it with "
				"another source"));
	print_keys(&x, s->arena);
	store_close(&x.store);
	return STATUS_OK;
}

/* --- announce --- */

/* Whether the market knows these very keys already. */
static bool
is_announced(struct session *s, const struct store *own)
{
	const char *name = arena_str(s->arena, own->own.name.at, own->own.name.len);
	const struct op *op = &op_table[OP_witness_get];
	struct request r = {.op = op, .path = command_path(op, &name, 1, s->arena)};
	char vrf[2 * VRF_KEY_LEN + 1];
	struct json_object *json;
	struct answer answer;
	const char *text;

	session_send(s, &r, &answer, NULL);
	if (answer.outcome != OUTCOME_ANSWER || answer.status != 200 ||
		session_parse(s, &answer, &json) != STATUS_OK)
		return false;
	hex_encode(own->own.vrf_key, VRF_KEY_LEN, vrf);
	text = json_text(json, "vrf_key");
	if (text == NULL || strcmp(text, vrf) != 0)
		return false;
	text = json_text(json, "state");
	return text != NULL && strcmp(text, "announced") == 0;
}

enum status
witness_announce_run(struct session *s, int argc, char *const *argv)
{
	struct request r = {.op = &op_table[OP_witness_announce], .path = "/v1/witnesses"};
	const char *folder, *err = NULL;
	struct answer answer;
	struct store own;
	enum status status;

	if (!special_args(s, argc, argv, 1, 1, &folder))
		return session_usage(say("用法：fairlot witness announce 目录",
			"usage: fairlot witness announce DIR"));
	if ((status = session_open(s)) != STATUS_OK)
		return status;
	if (!store_open(&own, folder, false, s->arena, &err))
		return session_usage(err);
	if (is_announced(s, &own)) {
		printf("%s\n", say("此前已公告", "announced before"));
		store_close(&own);
		return STATUS_OK;
	}
	r.body = store_announcement(&own, s->arena);
	store_close(&own);
	session_send(s, &r, &answer, NULL);
	return session_show(s, r.op, &answer);
}

/* --- run --- */

static volatile sig_atomic_t stopped;

static void
on_signal(int number)
{
	(void)number;
	stopped = 1;
}

static bool
interval_parse(const char *text, int *ret_ms)
{
	struct text t = text_of(text);
	uint64_t n, unit;

	if (t.len > 2 && strcmp(text + t.len - 2, "ms") == 0) {
		unit = 1;
		t.len -= 2;
	} else if (t.len > 1 && text[t.len - 1] == 's') {
		unit = 1000;
		t.len -= 1;
	} else
		return false;
	if (!text_u64(t, INTERVAL_MOST_MS, &n) || n == 0 || n * unit > INTERVAL_MOST_MS)
		return false;
	*ret_ms = (int)(n * unit);
	return true;
}

static enum status
run(struct witness *x, bool once, int interval_ms)
{
	bool fork = false;
	enum status status;

	for (;;) {
		status = witness_turn(x, &fork);
		if (once || fork)
			return status;
		for (int left = interval_ms; left > 0 && !stopped; left -= SLICE_MS)
			call_wait_ms(left < SLICE_MS ? left : SLICE_MS);
		if (stopped)
			return STATUS_OK;
	}
}

enum status
witness_run_run(struct session *s, int argc, char *const *argv)
{
	struct sigaction action = {.sa_handler = on_signal};
	int interval_ms = INTERVAL_MS;
	const char *folder;
	struct witness x;
	enum status status;

	if (!special_args(s, argc, argv, 1, 1, &folder) ||
		(s->options.interval != NULL && !interval_parse(s->options.interval, &interval_ms)))
		return session_usage(say("用法：fairlot witness run 目录 [--once] [--interval 10s]",
			"usage: fairlot witness run DIR [--once] [--interval 10s]"));
	if ((status = session_open(s)) != STATUS_OK)
		return status;
	if (s->target.key == NULL)
		return session_usage(say("须有见证方的 API 密钥（--key）",
			"it needs the API key of a witness (--key)"));
	if (sigaction(SIGTERM, &action, NULL) != 0 || sigaction(SIGINT, &action, NULL) != 0)
		return session_usage(strerror(errno));
	status = witness_open(&x, s, folder, true);
	if (status == STATUS_OK)
		status = run(&x, s->options.once != NULL, interval_ms);
	witness_close(&x);
	return status;
}
