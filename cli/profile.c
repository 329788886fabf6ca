#include "cli/profile.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "cli/file.h"
#include "cli/say.h"
#include "lib/base/arena.h"
#include "lib/ident/key.h"

enum {
	CONFIG_MAX = 1 << 20
};

/* One "name = value" into the target it belongs to. */
static bool
setting_take(struct text line, struct arena *a, struct target *t)
{
	struct text name, value;
	const char **at;

	if (!text_cut(&line, '=', &name))
		return false;
	name = text_trim(name, " \t\r");
	value = text_trim(line, " \t\r");
	if (text_is(name, "url"))
		at = &t->url;
	else if (text_is(name, "key"))
		at = &t->key;
	else if (text_is(name, "ca"))
		at = &t->ca;
	else
		return false;
	if (*at != NULL || value.len == 0)
		return false;
	*at = arena_str(a, value.at, value.len);
	return true;
}

enum profile_result
profile_read(struct text file, const char *name, struct arena *a, struct target *ret_target,
	int *ret_line)
{
	struct target wanted = {0}, other = {0}, *t = NULL;
	bool found = false;
	struct text line;

	for (*ret_line = 1; text_cut(&file, '\n', &line); ++*ret_line) {
		line = text_trim(line, " \t\r");
		if (line.len == 0 || line.at[0] == '#' || line.at[0] == ';')
			continue;
		if (line.at[0] != '[') {
			if (t == NULL || !setting_take(line, a, t))
				return PROFILE_WRONG;
			continue;
		}
		if (line.len < 3 || line.at[line.len - 1] != ']')
			return PROFILE_WRONG;
		other = (struct target){0};
		t = &other;
		if (text_is(text_trim(text_span(line.at + 1, line.len - 2), " \t\r"), name)) {
			if (found)
				return PROFILE_WRONG;
			found = true;
			t = &wanted;
		}
	}
	*ret_target = wanted;
	return found ? PROFILE_READ : PROFILE_ABSENT;
}

static const char *
member_text(struct json_object *json, const char *name, struct arena *a)
{
	struct json_object *member;

	if (!json_object_object_get_ex(json, name, &member) ||
		!json_object_is_type(member, json_type_string))
		return NULL;
	return arena_str(
		a, json_object_get_string(member), (size_t)json_object_get_string_len(member));
}

static void
json_release(void *json)
{
	json_object_put(json);
}

bool
profile_read_keys(struct text file, const char *role, const char *folder, struct arena *a,
	struct target *ret_target, const char **reterr)
{
	struct json_object *json = json_tokener_parse(arena_str(a, file.at, file.len)), *keys;
	struct target t = {0};

	if (json != NULL)
		arena_defer(a, json_release, json);
	t.url = json == NULL ? NULL : member_text(json, "base_url", a);
	if (t.url == NULL || !json_object_object_get_ex(json, "keys", &keys) ||
		!json_object_is_type(keys, json_type_object)) {
		*reterr = say("不是 keys.json 文件", "this is no keys.json");
		return false;
	}
	t.ca = member_text(json, "ca", a);
	if (t.ca != NULL && t.ca[0] != '/')
		t.ca = arena_printf(a, "%s/%s", folder, t.ca);
	if (role != NULL && (t.key = member_text(keys, role, a)) == NULL) {
		*reterr = arena_printf(
			a, say("keys.json 没有“%s”的密钥", "keys.json has no key of \"%s\""), role);
		return false;
	}
	*ret_target = t;
	return true;
}

static const char *
folder_of(const char *path, struct arena *a)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return ".";
	return arena_str(a, path, slash == path ? 1 : (size_t)(slash - path));
}

/* An address with and without a last slash is one. */
static bool
same_server(const char *a, const char *b)
{
	size_t a_len = strlen(a), b_len = strlen(b);

	while (a_len > 0 && a[a_len - 1] == '/')
		a_len--;
	while (b_len > 0 && b[b_len - 1] == '/')
		b_len--;
	return a_len == b_len && memcmp(a, b, a_len) == 0;
}

static void
fill(struct target *t, const struct target *from)
{
	if (t->url != NULL && from->url != NULL && !same_server(t->url, from->url))
		return;
	if (t->url == NULL)
		t->url = from->url;
	if (t->key == NULL)
		t->key = from->key;
	if (t->ca == NULL)
		t->ca = from->ca;
}

static bool
cannot_read(const char *path, struct arena *a, const char **reterr)
{
	*reterr = arena_printf(
		a, say("无法读取 %s：%s", "cannot read %s: %s"), path, strerror(errno));
	return false;
}

static const char *
config_path(char *(*env)(const char *name), struct arena *a)
{
	const char *path = env("FAIRLOT_CONFIG"), *home = env("XDG_CONFIG_HOME");

	if (path != NULL && path[0] != '\0')
		return path;
	if (home != NULL && home[0] == '/')
		return arena_printf(a, "%s/fairlot/config", home);
	home = env("HOME");
	return home == NULL ? NULL : arena_printf(a, "%s/.config/fairlot/config", home);
}

/* asked: the person named the section; without that, an absent file or section is nothing. */
static bool
fill_from_config(struct target *t, const char *name, bool asked, char *(*env)(const char *name),
	struct arena *a, const char **reterr)
{
	const char *path = config_path(env, a);
	struct target section = {0};
	struct text file;
	int line;

	if (path == NULL || !file_read(path, CONFIG_MAX, a, &file))
		return !asked || cannot_read(path == NULL ? "~/.config" : path, a, reterr);
	switch (profile_read(file, name, a, &section, &line)) {
	case PROFILE_WRONG:
		*reterr =
			arena_printf(a, say("%s 第 %d 行有误", "%s: line %d is wrong"), path, line);
		return false;
	case PROFILE_ABSENT:
		*reterr = arena_printf(
			a, say("%s 没有 [%s] 一节", "%s has no section [%s]"), path, name);
		return !asked;
	case PROFILE_READ:
		break;
	}
	if (section.key != NULL && file_is_open(path))
		fprintf(stderr,
			say("fairlot: %s 含有密钥，但他人可读（chmod 600）\n",
				"fairlot: %s holds a key, but others may read it (chmod 600)\n"),
			path);
	fill(t, &section);
	return true;
}

bool
target_find(const struct options *o, char *(*env)(const char *name), struct arena *a,
	struct target *ret_target, const char **reterr)
{
	struct target t = {o->url, o->key, o->ca}, more = {0};
	struct text file;

	if (o->as != NULL && o->keys == NULL) {
		*reterr = say("--as 须与 --keys 同用", "--as needs --keys");
		return false;
	}
	if (o->keys != NULL) {
		if (!file_read(o->keys, CONFIG_MAX, a, &file))
			return cannot_read(o->keys, a, reterr);
		if (!profile_read_keys(file, o->as, folder_of(o->keys, a), a, &more, reterr))
			return false;
		fill(&t, &more);
	}
	if (o->profile != NULL && !fill_from_config(&t, o->profile, true, env, a, reterr))
		return false;
	if (o->keys == NULL && o->profile == NULL) {
		more = (struct target){env("FAIRLOT_URL"), env("FAIRLOT_KEY"), env("FAIRLOT_CA")};
		fill(&t, &more);
		if (!fill_from_config(&t, "default", false, env, a, reterr))
			return false;
	}
	if (t.url == NULL) {
		*reterr = say("未指定服务器：用 --url、FAIRLOT_URL、--keys 或配置文件",
			"no server given: use --url, FAIRLOT_URL, --keys or the configuration "
			"file");
		return false;
	}
	if (t.key != NULL && !key_is_whole(text_of(t.key))) {
		*reterr = say(
			"API 密钥有误（校验不符）", "the API key is mistyped (its CRC is wrong)");
		return false;
	}
	*ret_target = t;
	return true;
}

const char *
profile_data_folder(char *(*env)(const char *name), struct arena *a)
{
	const char *home = env("XDG_DATA_HOME");

	if (home != NULL && home[0] == '/')
		return arena_printf(a, "%s/fairlot", home);
	home = env("HOME");
	return home == NULL ? NULL : arena_printf(a, "%s/.local/share/fairlot", home);
}
