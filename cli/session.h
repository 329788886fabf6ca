#pragma once

#include <stdbool.h>

#include "cli/call.h"
#include "cli/command.h"
#include "cli/option.h"
#include "cli/output.h"
#include "cli/profile.h"
#include "cli/status.h"

struct arena;

/* One run of the program: who calls whom, and how answers are shown.  Everything lives in the
 * arena until the program ends. */
struct session {
	struct arena *arena;
	struct options options;
	struct target target;
	struct caller caller;
	enum format format;
};

/* After the options are complete.  Not STATUS_OK: said why on stderr; nothing to close. */
MUST_USE enum status session_open(struct session *s);
void session_close(struct session *s);

/* Sends an operation.  if_match, sink may be NULL; idempotency NULL: a new key where the
 * operation needs one; *ret_key (or NULL) is the key that was sent. */
struct request {
	const struct op *op;
	const char *path;
	struct text body;
	const char *if_match, *idempotency;
	FILE *sink;
};
void session_send(struct session *s, const struct request *r, struct answer *ret_answer,
	const char **ret_key);

/* STATUS_OK for 2xx; else says what happened (and how to repeat with the key) on stderr, and the
 * problem document on stdout when the format is JSON. */
MUST_USE enum status
session_judge(struct session *s, const struct op *op, const struct answer *r, const char *key);

/* The JSON of a good answer, owned by the arena. */
MUST_USE enum status
session_parse(struct session *s, const struct answer *r, struct json_object **ret_json);

/* An operation by its arguments, judged; *ret_json is the answer, owned by the arena. */
MUST_USE enum status session_fetch(struct session *s, const struct op *op, const char *const *args,
	size_t count, struct json_object **ret_json, struct answer *ret_answer);

/* Judges an answer and prints it. */
MUST_USE enum status session_show(struct session *s, const struct op *op, const struct answer *r);
void session_print(struct session *s, const struct shape *shape, struct json_object *json);

/* Says one line about a wrong command line. */
enum status session_usage(const char *what);

/* A command of the operations table. */
MUST_USE enum status
session_run(struct session *s, const struct op *op, int argc, char *const *argv);

/* The text member of an answer; NULL when there is none. */
const char *json_text(struct json_object *json, const char *name);
