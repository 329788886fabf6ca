#include "cli/secret.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "cli/file.h"
#include "cli/say.h"
#include "cli/special.h"
#include "lib/base/arena.h"
#include "lib/base/hash.h"
#include "lib/base/hex.h"
#include "lib/draw/contribution.h"
#include "lib/draw/freeze.h"
#include "proto/shape.h"

static const char *
secret_path(const char *folder, const char *draw, struct arena *a)
{
	return arena_printf(a, "%s/draws/%s", folder, draw);
}

enum secret_result
secret_read(const char *folder, const char *draw, struct arena *a, uint8_t ret_secret[SECRET_LEN],
	const char **reterr)
{
	const char *path = secret_path(folder, draw, a);
	struct text bytes;

	/* The draw's id comes from a server: as an id it cannot name another folder. */
	if (!shape_is_id(text_of(draw))) {
		*reterr = say("抽取编号的形式不符", "this is no id of a draw");
		return SECRET_WRONG;
	}
	if (!file_read(path, 1024, a, &bytes)) {
		*reterr = arena_printf(a, "%s: %s", path, strerror(errno));
		return errno == ENOENT ? SECRET_ABSENT : SECRET_WRONG;
	}
	if (bytes.len != 2 * SECRET_LEN + 1 || bytes.at[2 * SECRET_LEN] != '\n' ||
		!hex_decode(text_span(bytes.at, 2 * SECRET_LEN), ret_secret, SECRET_LEN)) {
		*reterr = arena_printf(a, say("%s：内容有误", "%s: damaged"), path);
		return SECRET_WRONG;
	}
	return SECRET_READ;
}

bool
secret_make(const char *folder, const char *draw, struct arena *a, uint8_t ret_secret[SECRET_LEN],
	const char **reterr)
{
	uint8_t secret[SECRET_LEN];
	char line[2 * SECRET_LEN + 2];

	switch (secret_read(folder, draw, a, ret_secret, reterr)) {
	case SECRET_READ:
		return true;
	case SECRET_WRONG:
		return false;
	case SECRET_ABSENT:
		break;
	}
	must(getrandom(secret, sizeof secret, 0) == sizeof secret);
	hex_encode(secret, sizeof secret, line);
	line[2 * SECRET_LEN] = '\n';
	if (!file_keep(secret_path(folder, draw, a), text_span(line, 2 * SECRET_LEN + 1), a)) {
		*reterr = arena_printf(a, "%s: %s", secret_path(folder, draw, a), strerror(errno));
		return false;
	}
	memcpy(ret_secret, secret, sizeof secret);
	return true;
}

/* What commit and open begin with: the data folder of this user. */
static const char *
data_folder(struct session *s)
{
	const char *folder = profile_data_folder(getenv, s->arena);

	if (folder == NULL)
		(void)session_usage(
			say("未设 HOME 或 XDG_DATA_HOME", "neither HOME nor XDG_DATA_HOME is set"));
	return folder;
}

enum status
secret_commit(struct session *s, const char *folder, const char *project_id, const char **ret_draw,
	const char **ret_commitment)
{
	struct request r = {.op = &op_table[OP_project_commit]};
	char *hex = arena_alloc(s->arena, 2 * HASH_LEN + 1);
	struct json_object *project = NULL, *coefficient = NULL;
	const char *draw, *err = NULL;
	uint8_t secret[SECRET_LEN];
	struct hash commitment;
	struct answer answer;
	enum status status;

	status = session_fetch(s, &op_table[OP_project_get], &project_id, 1, &project, &answer);
	if (status != STATUS_OK)
		return status;
	/* The answer names the draw of the round, and later that of its coefficient; the commitment
	 * binds r to that name. */
	(void)json_object_object_get_ex(project, "coefficient", &coefficient);
	draw = json_text(coefficient, "draw_id");
	if (draw == NULL && (draw = json_text(project, "draw_id")) == NULL) {
		fprintf(stderr, "fairlot: %s\n",
			say("项目没有抽取编号", "the project names no draw"));
		return STATUS_REFUSED;
	}
	if (!secret_make(folder, draw, s->arena, secret, &err))
		return session_usage(err);
	commitment = commitment_of(text_of(draw), text_of("owner"), secret);
	explicit_bzero(secret, sizeof secret);
	hex_encode(commitment.at, HASH_LEN, hex);
	r.path = command_path(r.op, &project_id, 1, s->arena);
	r.body = text_of(arena_printf(s->arena, "{\"commitment\":\"%s\"}", hex));
	r.if_match = s->options.version != NULL
		? s->options.version
		: arena_str(s->arena, answer.version, strlen(answer.version));
	session_send(s, &r, &answer, NULL);
	if ((status = session_judge(s, r.op, &answer, NULL)) != STATUS_OK)
		return status;
	*ret_draw = draw;
	*ret_commitment = hex;
	return STATUS_OK;
}

enum status
draw_commit_run(struct session *s, int argc, char *const *argv)
{
	const char *args[1], *folder, *draw, *commitment;
	enum status status;

	if (!special_args(s, argc, argv, 1, 1, args))
		return session_usage(say(
			"用法：fairlot draw commit 项目", "usage: fairlot draw commit PROJECT"));
	if ((folder = data_folder(s)) == NULL)
		return STATUS_USAGE;
	if ((status = session_open(s)) != STATUS_OK ||
		(status = secret_commit(s, folder, args[0], &draw, &commitment)) != STATUS_OK)
		return status;
	printf("%s %s\n", draw, commitment);
	return STATUS_OK;
}

enum {
	OWNER_INDEX = 1 /* of the freeze's contributors, from 0; value 2 */
};

bool
secret_is_bound(struct text freeze_text, const char *draw, const uint8_t secret[SECRET_LEN],
	struct arena *a, const char **reterr)
{
	struct hash own = commitment_of(text_of(draw), text_of("owner"), secret);
	struct freeze freeze;
	uint32_t line = 0;
	enum check e = freeze_parse(a, freeze_text, &freeze, &line);

	if (e != CHECK_OK) {
		*reterr = arena_printf(
			a, "freeze.txt:%u: %s", line, say(check_row(e)->zh, check_row(e)->en));
		return false;
	}
	if (!text_is(freeze.draw, draw)) {
		*reterr = say("冻结记录属于另一次抽取", "the freeze is of another draw");
		return false;
	}
	if (freeze.contributors_count <= OWNER_INDEX ||
		freeze.contributors[OWNER_INDEX].source != DRAW_COMMIT ||
		memcmp(freeze.contributors[OWNER_INDEX].hash.at, own.at, HASH_LEN) != 0) {
		*reterr = say("冻结记录中的承诺不是本机所存随机数的承诺",
			"the freeze does not hold the commitment of the value kept here");
		return false;
	}
	return true;
}

bool
secret_keep_freeze(const char *folder, const char *draw, struct text freeze, struct arena *a,
	const char **reterr)
{
	const char *path = arena_printf(a, "%s/draws/%s.freeze", folder, draw);
	struct text kept;

	if (file_keep(path, freeze, a))
		return true;
	if (errno == EEXIST && file_read(path, FILE_SIZE_MAX, a, &kept)) {
		if (text_eq(kept, freeze))
			return true;
		*reterr = arena_printf(a,
			say("此前见过另一份冻结记录（%s）：不公开随机数",
				"another freeze was seen before (%s): the value stays closed"),
			path);
		return false;
	}
	*reterr = arena_printf(a, "%s: %s", path, strerror(errno));
	return false;
}

/* r is opened only to a freeze record that this machine has seen, kept and found to bind it: who
 * knows r before the freeze could still choose the list. */
enum status
secret_open(struct session *s, const char *folder, const char *draw, struct answer *ret_answer)
{
	struct request get = {.op = &op_table[OP_draw_file]};
	struct request put = {.op = &op_table[OP_draw_contribute]};
	const char *file[2] = {draw, "freeze.txt"}, *index[2] = {draw, "2"}, *err = NULL;
	char hex[2 * SECRET_LEN + 1];
	uint8_t secret[SECRET_LEN];
	enum status status;

	if (secret_read(folder, draw, s->arena, secret, &err) != SECRET_READ)
		return session_usage(err);
	get.path = command_path(get.op, file, 2, s->arena);
	session_send(s, &get, ret_answer, NULL);
	if ((status = session_judge(s, get.op, ret_answer, NULL)) != STATUS_OK)
		return status;
	if (!secret_is_bound(ret_answer->body, draw, secret, s->arena, &err) ||
		!secret_keep_freeze(folder, draw, ret_answer->body, s->arena, &err)) {
		fprintf(stderr, "fairlot: %s\n", err);
		return STATUS_REFUSED;
	}
	hex_encode(secret, SECRET_LEN, hex);
	put.path = command_path(put.op, index, 2, s->arena);
	put.body = text_of(arena_printf(s->arena, "{\"value\":\"%s\"}", hex));
	session_send(s, &put, ret_answer, NULL);
	return session_judge(s, put.op, ret_answer, NULL);
}

enum status
draw_open_run(struct session *s, int argc, char *const *argv)
{
	const char *args[1], *folder;
	struct answer answer;
	enum status status;

	if (!special_args(s, argc, argv, 1, 1, args))
		return session_usage(
			say("用法：fairlot draw open 抽取", "usage: fairlot draw open DRAW"));
	if ((folder = data_folder(s)) == NULL)
		return STATUS_USAGE;
	if ((status = session_open(s)) != STATUS_OK ||
		(status = secret_open(s, folder, args[0], &answer)) != STATUS_OK)
		return status;
	return session_show(s, &op_table[OP_draw_contribute], &answer);
}
