/* One look of a witness, in this order: what is remembered is on the disk before it is said.
 *
 *	pull		the journal must extend what was seen
 *	judge		each new attempt that names this witness
 *	cosign		the checkpoint
 *	contribute	where it is this witness's turn: the answer is kept, published, sent */
#include "cli/witness_turn.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/folder.h"
#include "cli/say.h"
#include "lib/base/hex.h"
#include "lib/ledger/proof.h"

/* A complaint, once as long as it stays the same. */
static void
complain(struct witness *x, const char *what)
{
	if (strncmp(x->said, what, sizeof x->said - 1) == 0)
		return;
	(void)snprintf(x->said, sizeof x->said, "%s", what);
	fprintf(stderr, "fairlot: %s\n", what);
}

/* --- talking to the market --- */

/* Both writes may be sent again: what they say is forced. */
static enum status
put(struct witness *x, enum method method, const char *path, const char *body)
{
	const struct call call = {
		.method = method, .path = path, .body = text_of(body), .repeatable = true};
	struct answer answer;

	call_send(&x->session->caller, &call, &x->one, &answer);
	if (answer.outcome == OUTCOME_ANSWER && answer.status / 100 == 2)
		return STATUS_OK;
	if (answer.outcome == OUTCOME_ANSWER)
		complain(x,
			arena_printf(&x->one, "%s: %d " TEXT_FMT, path, answer.status,
				TEXT_ARG(answer_code(&answer, &x->one))));
	else
		complain(x, arena_printf(&x->one, "%s: %s", path, answer.error));
	return STATUS_UNREACHED;
}

/* --- opening --- */

static bool
catch_up(struct witness *x, const char **reterr)
{
	return log_scan(&x->log, x->watch.next, watch_entry, &x->watch, &x->one, reterr);
}

enum status
witness_open(struct witness *x, struct session *s, const char *folder, bool work)
{
	const char *err = NULL;

	*x = (struct witness){.session = s};
	arena_init(&x->kept, SIZE_MAX);
	arena_init(&x->one, SIZE_MAX);
	if (!store_open(&x->store, folder, work, &x->kept, &err))
		return session_usage(err);
	s->caller.quiet = true;
	x->log = (struct witness_log){.store = &x->store, .source = {caller_get, &s->caller}};
	x->watch = (struct watch){.arena = &x->kept, .origin = x->store.own.origin};
	memcpy(x->watch.key, x->store.own.vrf_key, VRF_KEY_LEN);
	if (!log_open(&x->log, &x->kept, &err) || !catch_up(x, &err)) {
		fprintf(stderr, "fairlot: %s: %s\n", folder, err);
		return STATUS_UNREACHED;
	}
	return STATUS_OK;
}

void
witness_close(struct witness *x)
{
	store_close(&x->store);
	arena_reset(&x->one);
	arena_reset(&x->kept);
}

/* --- judging --- */

static void
refuse(struct witness *x, struct watch_attempt *t, const char *why)
{
	const char *what = arena_printf(&x->one,
		say("拒绝 " TEXT_FMT " 第 %u 次：%s", "refused: " TEXT_FMT " attempt %u: %s"),
		TEXT_ARG(t->draw), t->attempt, why);

	fprintf(stderr, "fairlot: %s\n", what);
	store_refuse(&x->store, what, &x->one);
	t->settled = t->told = true;
}

/* Why this attempt is not answered, NULL when it may be; false: the transcript did not come. */
static bool
judge(struct witness *x, const struct watch_attempt *t, const char **ret_why)
{
	const char *path =
		arena_printf(&x->one, "/v1/draws/" TEXT_FMT "/transcript", TEXT_ARG(t->draw));
	const char *err = NULL;
	struct folder files;
	struct text tar;

	if (!caller_get(&x->session->caller, path, &x->one, &tar, &err)) {
		complain(x, err);
		return false;
	}
	*ret_why = folder_of_tar(&x->one, tar, &files, &err)
		? watch_judge(&x->watch, &x->log, t, files.files, files.count, &x->one)
		: err;
	return true;
}

/* --- contributing --- */

static bool
publish(struct witness *x, const struct watch_attempt *t, const char *proof)
{
	char f[2 * HASH_LEN + 1];

	hex_encode(t->f.at, HASH_LEN, f);
	return store_publish(&x->store,
		arena_printf(&x->one, "draws/" TEXT_FMT ".%u.txt", TEXT_ARG(t->draw), t->attempt),
		text_of(arena_printf(&x->one,
			"fairlot-draw/v1\ndraw " TEXT_FMT
			"\nattempt %u\nfreeze %s\nvalue %zu vrf-p256 %s\n",
			TEXT_ARG(t->draw), t->attempt, f, t->place + 1, proof)),
		&x->one);
}

static enum status
answer(struct witness *x, struct watch_attempt *t)
{
	uint8_t alpha[FREEZE_ALPHA_LEN], proof[VRF_PROOF_LEN];
	char hex[2 * VRF_PROOF_LEN + 1];
	struct hash kept;
	enum status status;

	freeze_alpha(&t->f, alpha);
	must(vrf_prove(x->store.vrf_secret, text_span((const char *)alpha, sizeof alpha), proof));
	hex_encode(proof, sizeof proof, hex);
	switch (store_answer_keep(&x->store, t->draw, t->attempt, &t->f, proof, &x->one, &kept)) {
	case STORE_NEW:
	case STORE_SAME:
		break;
	case STORE_OTHER:
		refuse(x, t,
			say("该次抽取已答复过另一份冻结记录",
				"another freeze of this attempt was answered before"));
		return STATUS_REFUSED;
	case STORE_BROKEN:
		complain(x, arena_printf(&x->one, "answers: %s", strerror(errno)));
		return STATUS_UNREACHED;
	}
	if (!publish(x, t, hex))
		complain(x, arena_printf(&x->one, "public: %s", strerror(errno)));
	status = put(x, PUT,
		arena_printf(&x->one, "/v1/draws/" TEXT_FMT "/contributions/%zu", TEXT_ARG(t->draw),
			t->place + 1),
		arena_printf(&x->one, "{\"value\":\"%s\"}", hex));
	if (status == STATUS_OK) {
		t->sent = true;
		printf(say("已贡献 " TEXT_FMT " 第 %u 次（第 %zu 位）\n",
			       "contributed to " TEXT_FMT " attempt %u, as number %zu\n"),
			TEXT_ARG(t->draw), t->attempt, t->place + 1);
	}
	return status;
}

static enum status
attempt_turn(struct witness *x, struct watch_attempt *t)
{
	const char *why = NULL;

	if (t->fault != NULL && !t->told) {
		refuse(x, t, t->fault);
		return STATUS_REFUSED;
	}
	if (t->sent || !watch_is_due(t))
		return STATUS_OK;
	if (!judge(x, t, &why))
		return STATUS_UNREACHED;
	if (why == NULL)
		return answer(x, t);
	refuse(x, t, why);
	return STATUS_REFUSED;
}

/* --- cosigning --- */

static uint64_t
seconds_now(void)
{
	struct timespec now;

	must(clock_gettime(CLOCK_REALTIME, &now) == 0);
	return (uint64_t)now.tv_sec;
}

/* The remembered checkpoint, which log_pull() put on the disk. */
static enum status
cosign(struct witness *x)
{
	const struct store *s = &x->store;
	uint64_t size = x->log.mirror.newest.size, time_s = seconds_now();
	uint8_t sig[SIGN_LEN];
	struct checkpoint c;
	struct text line;
	enum status status;

	if (x->log.note.len == 0 || (x->cosigned_any && x->cosigned == size))
		return STATUS_OK;
	must(checkpoint_verify(x->log.note, s->log_name, s->log_key, &c));
	sign_make(s->seed, cosignature_text(&x->one, c.text, time_s), sig);
	line = cosignature_line(&x->one, s->own.name, s->own.sign_key, time_s, sig);
	if (!store_publish(s, "checkpoint",
		    text_of(arena_printf(
			    &x->one, TEXT_FMT TEXT_FMT, TEXT_ARG(x->log.note), TEXT_ARG(line))),
		    &x->one))
		complain(x, arena_printf(&x->one, "public: %s", strerror(errno)));
	status = put(x, POST, "/v1/journal/cosignatures",
		arena_printf(&x->one, "{\"size\":%llu,\"cosignature\":\"" TEXT_FMT "\"}",
			(unsigned long long)size, (int)line.len - 1, line.at));
	if (status == STATUS_OK) {
		x->cosigned = size;
		x->cosigned_any = true;
	}
	return status;
}

/* --- one look --- */

static enum status
worse(enum status a, enum status b)
{
	return a == STATUS_OK ? b : a;
}

static enum status
look(struct witness *x, bool *ret_fork)
{
	enum status status = STATUS_OK;
	const char *err = "";

	switch (log_pull(&x->log, &x->one, &x->kept, &err)) {
	case PULL_UNREACHED:
	case PULL_UNSIGNED:
		complain(x, err);
		return STATUS_UNREACHED;
	case PULL_FORK:
		fprintf(stderr, "fairlot: %s\n", err);
		store_refuse(&x->store, err, &x->one);
		*ret_fork = true;
		return STATUS_REFUSED;
	case PULL_SAME:
	case PULL_NEW:
		break;
	}
	if (!catch_up(x, &err)) {
		complain(x, err);
		return STATUS_UNREACHED;
	}
	status = cosign(x);
	for (size_t i = 0; i < x->watch.attempts_count; i++)
		status = worse(status, attempt_turn(x, &x->watch.attempts[i]));
	if (status == STATUS_OK)
		x->said[0] = '\0';
	return status;
}

enum status
witness_turn(struct witness *x, bool *ret_fork)
{
	enum status status = look(x, ret_fork);

	(void)fflush(stdout);
	arena_reset(&x->one);
	return status;
}
