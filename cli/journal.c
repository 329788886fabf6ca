/* `fairlot journal mirror` and `fairlot journal verify`. */
#include "cli/journal.h"

#include <errno.h>
#include <string.h>

#include "cli/disk.h"
#include "cli/file.h"
#include "cli/mirror_pull.h"
#include "cli/say.h"
#include "cli/special.h"
#include "lib/base/arena.h"

enum {
	KEYS_MAX = 1 << 16
};

static enum status
faulty(const struct mirror *m, enum pull pull)
{
	fprintf(stderr, "fairlot: %s\n", m->fault);
	return pull == PULL_UNREACHED ? STATUS_UNREACHED : STATUS_REFUSED;
}

static bool
same_key(const struct mirror *a, const struct mirror *b)
{
	return text_eq(a->origin, b->origin) && memcmp(a->key, b->key, sizeof a->key) == 0;
}

static enum pull
keys_keep(struct mirror *m, struct text keys, bool given)
{
	const char *path = arena_printf(m->arena, "%s/keys", m->dir);

	if (!given)
		fprintf(stderr,
			say("fairlot: 首次镜像，信任该公钥：%s\n",
				"fairlot: mirrored for the first time, trusting this key: %s\n"),
			note_vkey(m->arena, m->origin, m->key).at);
	if (disk_write(path, keys, false, m->arena))
		return PULL_NEW;
	m->fault = arena_printf(m->arena, "%s: %s", path, strerror(errno));
	return PULL_UNREACHED;
}

/* The log's key is the mirror's; of a new mirror, the one that is given, else what the server
 * shows.  Whatever the mirror has or is given, the server must show the same. */
static enum pull
keys_take(struct mirror *m, const struct mirror_source *s, struct text given)
{
	struct mirror *shown = arena_copy(m->arena, m, sizeof *m);
	struct mirror *known = arena_copy(m->arena, m, sizeof *m);
	bool first = m->origin.len == 0;
	struct text keys;

	if (!s->get(s->arg, "/journal/keys", m->arena, &keys, &m->fault))
		return PULL_UNREACHED;
	if (!mirror_keys(shown, keys) || (given.len > 0 && !mirror_keys(known, given))) {
		m->fault = shown->fault == NULL ? known->fault : shown->fault;
		return PULL_UNSIGNED;
	}
	if (first)
		*m = *shown;
	if (!same_key(m, shown) || (given.len > 0 && !same_key(known, shown))) {
		m->fault = say("服务器给出的日志公钥与所知的不同",
			"the server shows another key of the log than the known one");
		return PULL_FORK;
	}
	return first ? keys_keep(m, keys, given.len > 0) : PULL_NEW;
}

static enum pull
pull_all(struct mirror *m, const struct mirror_source *s, struct text given)
{
	enum pull pull = keys_take(m, s, given);
	uint64_t before = m->newest.size;
	struct checkpoint c;
	struct text note;

	if (pull != PULL_NEW || (pull = mirror_ask(m, s, &note, &c)) != PULL_NEW)
		return pull;
	if (!mirror_resume(m))
		return PULL_FORK;
	pull = mirror_grow(m, s, note, &c);
	if (pull == PULL_NEW && before > 0)
		mirror_drop(m, before);
	return pull;
}

enum status
journal_mirror(
	struct caller *c, const char *dir, struct text given, struct arena *a, uint64_t *ret_size)
{
	const struct mirror_source source = {caller_get, c};
	struct mirror m;
	enum pull pull;

	if (!mirror_open(&m, a, dir))
		return faulty(&m, PULL_FORK);
	pull = pull_all(&m, &source, given);
	if (pull != PULL_NEW)
		return faulty(&m, pull);
	*ret_size = m.newest.size;
	return STATUS_OK;
}

static bool
is_key(struct text line)
{
	static const char tail[] = "/journal";
	uint8_t key[SIGN_KEY_LEN];
	struct text name;
	size_t len = sizeof tail - 1;

	return note_vkey_parse(line, &name, key) && name.len > len &&
		memcmp(name.at + name.len - len, tail, len) == 0;
}

bool
journal_key(struct session *s, struct text *ret_vkey, const char **reterr)
{
	const char *given = s->options.log_key;
	struct text lines;

	*ret_vkey = text_of(given);
	if (given == NULL || is_key(*ret_vkey))
		return true;
	if (!file_read(given, KEYS_MAX, s->arena, &lines)) {
		*reterr = arena_printf(s->arena, "%s: %s", given, strerror(errno));
		return false;
	}
	while (text_cut(&lines, '\n', ret_vkey))
		if (is_key(*ret_vkey))
			return true;
	*reterr = arena_printf(s->arena, say("%s：没有日志公钥", "%s: no key of a journal"), given);
	return false;
}

enum status
journal_mirror_run(struct session *s, int argc, char *const *argv)
{
	const char *dir, *err = NULL;
	enum status status;
	struct text vkey;
	uint64_t size = 0;

	if (!special_args(s, argc, argv, 1, 1, &dir))
		return session_usage(say("用法：fairlot journal mirror 目录 [--log-key 公钥|文件]",
			"usage: fairlot journal mirror FOLDER [--log-key VKEY|FILE]"));
	if (!journal_key(s, &vkey, &err))
		return session_usage(err);
	if ((status = session_open(s)) != STATUS_OK ||
		(status = journal_mirror(&s->caller, dir, vkey, s->arena, &size)) != STATUS_OK)
		return status;
	printf(say("已镜像至 %llu 条\n", "mirrored up to %llu entries\n"),
		(unsigned long long)size);
	return STATUS_OK;
}

/* Without a connection. */
enum status
journal_verify_run(struct session *s, int argc, char *const *argv)
{
	struct mirror m;
	const char *dir;

	if (!special_args(s, argc, argv, 1, 1, &dir))
		return session_usage(say("用法：fairlot journal verify 目录",
			"usage: fairlot journal verify FOLDER"));
	if (!mirror_open(&m, s->arena, dir) || !mirror_verify(&m, NULL))
		return faulty(&m, PULL_FORK);
	printf(say("日志 " TEXT_FMT "：%llu 条，%zu 个检查点，全部成立\n",
		       "journal " TEXT_FMT ": %llu entries, %zu checkpoints, all holds\n"),
		TEXT_ARG(m.origin), (unsigned long long)m.newest.size, m.past_count);
	return STATUS_OK;
}
