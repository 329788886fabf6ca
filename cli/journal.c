/* `fairlot journal mirror` and `fairlot journal verify`. */
#include "cli/journal.h"

#include <errno.h>
#include <string.h>

#include "cli/disk.h"
#include "cli/mirror_pull.h"
#include "cli/say.h"
#include "cli/special.h"
#include "lib/base/arena.h"

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

enum status
journal_mirror_run(struct session *s, int argc, char *const *argv)
{
	enum status status;
	uint64_t size = 0;
	const char *dir;

	if (!special_args(s, argc, argv, 1, 1, &dir))
		return session_usage(say("用法：fairlot journal mirror 目录 [--log 公钥]",
			"usage: fairlot journal mirror FOLDER [--log VKEY]"));
	if ((status = session_open(s)) != STATUS_OK ||
		(status = journal_mirror(
			 &s->caller, dir, text_of(s->options.log), s->arena, &size)) != STATUS_OK)
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
