/* A sign-up is sealed: the journal sees a hash until the list freezes.  The salt is made here and
 * kept with the row, so that a repeated call answers with the first one. */
#include "daemon/bind.h"
#include "daemon/random.h"
#include "daemon/receipt.h"
#include "daemon/task.h"

step_fn signup_create;

enum {
	SALT_LEN = 16
};

/* Waits for the row, then for the signer. */
enum turn
signup_create(struct task *t)
{
	const char **params = bind_params(t, SQL_signup_create);
	char salt[SALT_LEN];

	random_bytes(salt, sizeof salt);
	bind_bytes(t, params, SQL_signup_create, "salt", text_span(salt, sizeof salt));
	bind_send(t, SQL_signup_create, params);
	return wait_for(t, op_receipt);
}
