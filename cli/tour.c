/* The command: who the parties are, what was written before, and the three projects. */
#include "cli/tour.h"

#include <errno.h>
#include <json-c/json.h>
#include <json-c/linkhash.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "cli/file.h"
#include "cli/say.h"
#include "cli/special.h"
#include "lib/base/arena.h"

enum {
	LOOK_EVERY_MS = 150
};

void
tour_say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	(void)fflush(stdout);
}

enum status
tour_call(struct tour *t, const struct party *as, enum op_id id, const char *const *args,
	size_t count, const char *body, struct json_object **ret_json)
{
	const struct op *op = &op_table[id], *reader = command_reader(op);
	struct request r = {.op = op};
	struct json_object *seen;
	struct answer answer;
	enum status status;

	t->s->target.key = as->key;
	if ((op->flags & OP_IF_MATCH) != 0) {
		must(reader != NULL);
		status = session_fetch(t->s, reader, args, 1, &seen, &answer);
		if (status != STATUS_OK)
			return status;
		r.if_match = arena_str(t->s->arena, answer.version, strlen(answer.version));
	}
	r.path = command_path(op, args, count, t->s->arena);
	must(r.path != NULL);
	if (op->method != GET)
		r.body = text_of(body);
	else if (body != NULL)
		r.path = arena_printf(t->s->arena, "%s?%s", r.path, body);
	session_send(t->s, &r, &answer, NULL);
	if ((status = session_judge(t->s, op, &answer, NULL)) != STATUS_OK) {
		fprintf(stderr, "fairlot: tour: %s (%s)\n", op->name, as->role);
		return status;
	}
	return session_parse(t->s, &answer, ret_json);
}

static int64_t
seconds_now(void)
{
	struct timespec now;

	must(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	return now.tv_sec;
}

static bool
has_ended(const char *state)
{
	return state != NULL && (strcmp(state, "failed") == 0 || strcmp(state, "voided") == 0);
}

enum status
tour_await(struct tour *t, enum op_id reader, const char *id, const char *member, const char *value,
	struct json_object **ret_json)
{
	int64_t until = seconds_now() + TOUR_WAIT_S;

	for (;;) {
		enum status status = tour_call(t, &t->owner, reader, &id, 1, NULL, ret_json);
		const char *is, *state;

		if (status != STATUS_OK)
			return status;
		is = json_text(*ret_json, member);
		state = json_text(*ret_json, "state");
		if (is != NULL && strcmp(is, value) == 0)
			return STATUS_OK;
		if (has_ended(state) || seconds_now() >= until) {
			fprintf(stderr,
				say("fairlot: %s 未到“%s”（现为 %s）\n",
					"fairlot: %s did not come to \"%s\" (it is %s)\n"),
				id, value, state == NULL ? "-" : state);
			return STATUS_UNREACHED;
		}
		call_wait_ms(LOOK_EVERY_MS);
	}
}

/* --- the parties --- */

static const char *
key_of(struct tour *t, struct json_object *keys, const char *role)
{
	const char *key = json_text(keys, role);

	return key == NULL ? NULL : arena_str(t->s->arena, key, strlen(key));
}

static enum status
agency_add(struct tour *t, const char *role, const char *key)
{
	struct party *p = &t->agencies[t->agencies_count];
	struct json_object *me;
	enum status status;

	*p = (struct party){role, key, NULL};
	if ((status = tour_call(t, p, OP_user_me, NULL, 0, NULL, &me)) != STATUS_OK)
		return status;
	if ((p->agency_id = json_text(me, "agency_id")) != NULL)
		t->agencies_count++;
	return STATUS_OK;
}

static enum status
parties_read(struct tour *t, struct json_object *json)
{
	struct json_object *keys;

	if (!json_object_object_get_ex(json, "keys", &keys) ||
		!json_object_is_type(keys, json_type_object))
		return session_usage(say("不是 keys.json 文件", "this is no keys.json"));
	t->owner = (struct party){"owner", key_of(t, keys, "owner"), NULL};
	t->operator_ = (struct party){"operator", key_of(t, keys, "operator"), NULL};
	t->auditor = (struct party){"auditor", key_of(t, keys, "auditor"), NULL};
	if (t->owner.key == NULL || t->operator_.key == NULL || t->auditor.key == NULL)
		return session_usage(say("keys.json 须有 owner、operator 与 auditor 的密钥",
			"keys.json needs keys of owner, operator and auditor"));
	for (struct lh_entry *e = json_object_get_object(keys)->head; e != NULL; e = e->next) {
		const char *role = lh_entry_k(e);
		enum status status;

		if (strncmp(role, "agency", 6) != 0 || t->agencies_count == TOUR_AGENCIES_MAX)
			continue;
		status = agency_add(t, role, key_of(t, keys, role));
		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

/* --- the command --- */

static enum status
write_json(struct tour *t, const char *name, struct json_object *json)
{
	const char *path = arena_printf(t->s->arena, "%s/%s", t->folder, name);
	const char *text = json_object_to_json_string_ext(json,
		JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE);

	if (file_replace(path, text_of(arena_printf(t->s->arena, "%s\n", text)), t->s->arena))
		return STATUS_OK;
	fprintf(stderr, "fairlot: %s: %s\n", path, strerror(errno));
	return STATUS_UNREACHED;
}

/* An answer as it came. */
static enum status
write_answer(
	struct tour *t, const struct party *as, enum op_id id, const char *target, const char *name)
{
	struct request r = {.op = &op_table[id], .path = target};
	const char *path = arena_printf(t->s->arena, "%s/%s", t->folder, name);
	struct answer answer;
	enum status status;

	t->s->target.key = as->key;
	session_send(t->s, &r, &answer, NULL);
	if ((status = session_judge(t->s, r.op, &answer, NULL)) != STATUS_OK)
		return status;
	if (file_replace(path, answer.body, t->s->arena))
		return STATUS_OK;
	fprintf(stderr, "fairlot: %s: %s\n", path, strerror(errno));
	return STATUS_UNREACHED;
}

/* What an auditor pulls, and the figures of the loaded set's year. */
static enum status
write_figures(struct tour *t)
{
	enum status status =
		write_answer(t, &t->auditor, OP_ledger_csv, "/v1/ledger.csv", "ledger.csv");

	return status != STATUS_OK ? status
				   : write_answer(t, &t->owner, OP_statistics_get,
					     "/v1/statistics?year=2021", "statistics.json");
}

static enum status
take_all(struct tour *t, struct json_object *keys)
{
	struct json_object *whole = json_object_new_object();
	enum status status;

	t->projects = json_object_new_array();
	json_object_object_add(whole, "base_url", json_object_new_string(t->s->target.url));
	json_object_object_add(whole, "projects", t->projects);
	if ((status = parties_read(t, keys)) == STATUS_OK &&
		(status = tour_choose_item(t)) == STATUS_OK &&
		(status = tour_draw(t)) == STATUS_OK && (status = tour_pick(t)) == STATUS_OK &&
		(status = tour_auction(t)) == STATUS_OK && (status = write_figures(t)) == STATUS_OK)
		status = write_json(t, "tour.json", whole);
	json_object_put(whole);
	return status;
}

enum status
tour_run(struct session *s, int argc, char *const *argv)
{
	struct tour t = {.s = s};
	struct json_object *keys;
	struct text file;
	enum status status;

	if (!special_args(s, argc, argv, 0, 0, NULL) || s->options.keys == NULL ||
		s->options.out == NULL)
		return session_usage(say("用法：fairlot tour --keys 文件 --out 目录",
			"usage: fairlot tour --keys FILE --out FOLDER"));
	t.folder = s->options.out;
	t.secrets = arena_printf(s->arena, "%s/owner", t.folder);
	s->options.output = "table";
	if (file_read(arena_printf(s->arena, "%s/tour.json", t.folder), 1 << 20, s->arena, &file)) {
		tour_say(say("已走过：%s/tour.json", "taken before: %s/tour.json"), t.folder);
		return STATUS_OK;
	}
	if (!file_read(s->options.keys, 1 << 20, s->arena, &file))
		return session_usage(s->options.keys);
	if ((status = session_open(s)) != STATUS_OK)
		return status;
	keys = json_tokener_parse(file.at);
	status = take_all(&t, keys);
	json_object_put(keys);
	return status;
}
