/* A witness signs a void: taken when it holds for the record that two people fixed. */
#include <json-c/json.h>

#include "daemon/bind.h"
#include "daemon/db.h"
#include "daemon/task.h"
#include "lib/base/hex.h"
#include "lib/base/sign.h"

step_fn void_sign;

static enum turn
sign_decide(struct task *t)
{
	struct json_object *value = json_object_object_get(t->json, "signature");
	struct text hex =
		text_span(json_object_get_string(value), (size_t)json_object_get_string_len(value));
	struct text given, name;
	const char **params;
	uint8_t key[SIGN_KEY_LEN], sig[SIGN_LEN];

	if (t->replies->err != OK)
		return fail_db(t);
	given = db_value(t, 0, "given");
	if (given.at != NULL && text_eq(given, hex))
		return reply_json(t, 200, db_value(t, 0, "body"));
	if (!text_is(db_value(t, 0, "state"), "signing"))
		return fail_at(t, E_WRONG_STATE, "void.signing", "", "该作废申请不待签署",
			"the void waits for no signature");
	must(hex_decode(db_value(t, 0, "cosign_key"), key, sizeof key));
	must(hex_decode(hex, sig, sizeof sig)); /* by its shape */
	if (!sign_holds(key, db_value(t, 0, "record"), sig))
		return fail_at(t, E_RULE, "void.signature", "/signature",
			"签名与作废记录或已公告的公钥不符",
			"the signature does not hold for the record and the announced key");
	params = bind_params(t, SQL_void_sign);
	name = db_value(t, 0, "name");
	bind_set(params, SQL_void_sign, "name", arena_str(&t->arena, name.at, name.len));
	bind_bytes(t, params, SQL_void_sign, "cosign_key", text_span((char *)key, sizeof key));
	bind_bytes(t, params, SQL_void_sign, "signature", text_span((char *)sig, sizeof sig));
	bind_send(t, SQL_void_sign, params);
	return wait_for(t, op_reply);
}

/* Waits for the record, then for the write. */
enum turn
void_sign(struct task *t)
{
	bind_send(t, SQL_void_sign_read, bind_params(t, SQL_void_sign_read));
	return wait_for(t, sign_decide);
}
