/* The keys of a witness: taken only from whoever holds them. */
#include <json-c/json.h>

#include "daemon/bind.h"
#include "daemon/task.h"
#include "lib/base/hex.h"
#include "lib/draw/announce.h"

step_fn witness_announce;

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
