/* The keys of a witness, taken only from whoever holds them, and what it signs with them. */
#include <json-c/json.h>
#include <string.h>

#include "daemon/bind.h"
#include "daemon/db.h"
#include "daemon/task.h"
#include "lib/base/hex.h"
#include "lib/draw/announce.h"
#include "lib/ledger/proof.h"

step_fn witness_announce, journal_cosign;

static struct text
member(const struct task *t, const char *name)
{
	struct json_object *value = json_object_object_get(t->json, name);

	return value == NULL ? text_of(NULL)
			     : text_span(json_object_get_string(value),
				       (size_t)json_object_get_string_len(value));
}

/* Waits once, for the row. */
enum turn
witness_announce(struct task *t)
{
	struct announcement n = {
		.origin = member(t, "origin"), .name = member(t, "name"), .url = member(t, "url")};
	uint8_t sig[SIGN_LEN], proof[VRF_PROOF_LEN];

	must(hex_decode(member(t, "vrf_key"), n.vrf_key, sizeof n.vrf_key)); /* by its shape */
	must(hex_decode(member(t, "cosign_key"), n.sign_key, sizeof n.sign_key));
	must(hex_decode(member(t, "signature"), sig, sizeof sig));
	must(hex_decode(member(t, "proof"), proof, sizeof proof));
	if (!announcement_url_holds(n.url))
		return fail_at(t, E_BAD_INPUT, "witness.url", "/url", "网址不能含空格或其他字符",
			"the address is printable ASCII without blanks");
	if (!announcement_holds(&t->arena, &n, sig, text_span((const char *)proof, sizeof proof)))
		return fail_at(t, E_RULE, "witness.possession", "/proof", "不能证明持有这两个私钥",
			"the proofs do not show that both keys are held");
	bind_send(t, SQL_witness_announce, bind_params(t, SQL_witness_announce));
	return wait_for(t, op_reply);
}

/* ---- a cosignature ---- */

enum {
	COSIGN_SECONDS_MAX = 2000000000 /* in 2033; beyond it a clock is wrong */
};

struct cosign_frame {
	const char *size;
};

static enum turn
cosign_decide(struct task *t)
{
	const struct cosign_frame *frame = t->frame;
	const char **params = bind_params(t, SQL_journal_cosign);
	struct text line = member(t, "cosignature"), name;
	uint8_t key[SIGN_KEY_LEN];
	uint64_t time_s = 0;
	struct buf note;

	if (t->replies->err != OK)
		return fail_db(t);
	name = db_value(t, 0, "name");
	must(hex_decode(db_value(t, 0, "cosign_key"), key, sizeof key));
	buf_init(&note, &t->arena, 2048);
	buf_printf(&note, TEXT_FMT TEXT_FMT "\n", TEXT_ARG(db_value(t, 0, "note")), TEXT_ARG(line));
	if (memchr(line.at, '\n', line.len) != NULL ||
		!cosignature_verify(buf_text(&note), name, key, &time_s))
		return fail_at(t, E_RULE, "witness.cosignature", "/cosignature",
			"联署与检查点或已公告的公钥不符",
			"the cosignature does not hold for this checkpoint and the announced key");
	if (time_s > COSIGN_SECONDS_MAX)
		return fail_at(t, E_RULE, "witness.time", "/cosignature", "签名时间有误",
			"the time of the cosignature is wrong");
	bind_set(params, SQL_journal_cosign, "size", frame->size);
	bind_set(params, SQL_journal_cosign, "name", arena_str(&t->arena, name.at, name.len));
	bind_bytes(t, params, SQL_journal_cosign, "cosign_key",
		text_span((const char *)key, sizeof key));
	bind_set(params, SQL_journal_cosign, "line",
		arena_printf(&t->arena, TEXT_FMT "\n", TEXT_ARG(line)));
	bind_set(params, SQL_journal_cosign, "time_s",
		arena_printf(&t->arena, "%llu", (unsigned long long)time_s));
	bind_send(t, SQL_journal_cosign, params);
	return wait_for(t, op_reply);
}

/* Waits for the checkpoint, then for the write. */
enum turn
journal_cosign(struct task *t)
{
	struct cosign_frame *frame = arena_new(&t->arena, struct cosign_frame);
	const char **params = bind_params(t, SQL_journal_cosign_read);

	frame->size = arena_printf(&t->arena, "%lld",
		(long long)json_object_get_int64(json_object_object_get(t->json, "size")));
	t->frame = frame;
	bind_set(params, SQL_journal_cosign_read, "size", frame->size);
	bind_send(t, SQL_journal_cosign_read, params);
	return wait_for(t, cosign_decide);
}
