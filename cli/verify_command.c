/* `fairlot verify`: what is to be verified, from where, and against which journal.  Everything is
 * in memory, or in a mirror on the disk, before it is judged by cli/verify.c and
 * cli/verify_receipt.c, which know no network. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/disk.h"
#include "cli/fetch.h"
#include "cli/file.h"
#include "cli/folder.h"
#include "cli/journal.h"
#include "cli/say.h"
#include "cli/special.h"
#include "cli/verify_receipt.h"
#include "lib/base/arena.h"
#include "lib/base/cert.h"
#include "lib/base/hex.h"
#include "lib/ledger/note.h"

enum {
	SMALL_MAX = 1 << 20 /* keys, an entry */
};

/* What the command line names. */
struct subject {
	const char *name;
	struct text bytes;    /* of a file or an address */
	struct folder folder; /* of a draw */
	bool is_receipt;
	struct text keys;	/* to verify with; empty: not given */
	struct text log;	/* the journal's verifier key; empty: not given */
	const char *mirror;	/* the folder; NULL: no journal */
	bool mirror_passes;	/* it is removed at the end */
	struct utc mirrored_at; /* when it was the newest; 0: not known */
	struct options options; /* as the client's settings are found by */
};

/* --- what to verify --- */

static enum status
nothing_read(const char *why)
{
	fprintf(stderr, "fairlot: %s\n", why);
	return STATUS_USAGE;
}

static bool
is_folder(const char *name)
{
	struct stat st;

	return stat(name, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool
subject_read(struct session *s, struct subject *x, const char **reterr)
{
	if (!fetch_is_url(x->name) && is_folder(x->name))
		return folder_read(s->arena, x->name, &x->folder, reterr);
	if (fetch_is_url(x->name)) {
		if (!fetch(&x->options, x->name, FOLDER_SIZE_MAX, s->arena, &x->bytes, reterr))
			return false;
	} else if (!file_read(x->name, FOLDER_SIZE_MAX, s->arena, &x->bytes)) {
		*reterr = arena_printf(s->arena, "%s: %s", x->name, strerror(errno));
		return false;
	}
	x->is_receipt = receipt_is(x->bytes);
	if (x->is_receipt || folder_of_tar(s->arena, x->bytes, &x->folder, reterr))
		return true;
	*reterr = arena_printf(s->arena,
		say("%s：不是抽取记录，也不是回执（%s）", "%s: no transcript, and no receipt (%s)"),
		x->name, *reterr);
	return false;
}

/* --keys is either a keys.json, which has the server's certificate, or keys to verify with. */
static bool
keys_read(struct session *s, struct subject *x, const char **reterr)
{
	struct text bytes;

	x->options = s->options;
	if (s->options.keys == NULL)
		return true;
	if (!file_read(s->options.keys, SMALL_MAX, s->arena, &bytes)) {
		*reterr = arena_printf(s->arena, "%s: %s", s->options.keys, strerror(errno));
		return false;
	}
	if (bytes.len > 0 && strchr(" \t\r\n{", bytes.at[0]) != NULL)
		return true;
	x->keys = bytes;
	x->options.keys = x->options.as = NULL;
	return true;
}

/* --- the journal --- */

static struct utc
now(void)
{
	struct timespec t;

	must(clock_gettime(CLOCK_REALTIME, &t) == 0);
	return (struct utc){t.tv_sec * UTC_SECOND + t.tv_nsec / 1000};
}

static const char *
cache_folder(struct session *s, struct subject *x, const char **reterr)
{
	const char *tmp = getenv("TMPDIR");
	char *folder;

	if (s->options.cache != NULL)
		return s->options.cache;
	folder = arena_printf(s->arena, "%s/fairlot-journal-XXXXXX",
		tmp == NULL || tmp[0] == '\0' ? "/tmp" : tmp);
	if (mkdtemp(folder) == NULL) {
		*reterr = arena_printf(s->arena, "%s: %s", folder, strerror(errno));
		return NULL;
	}
	x->mirror_passes = true;
	return folder;
}

/* The address is that of the server, or of its /journal. */
static enum status
journal_fetch(struct session *s, struct subject *x)
{
	static const char tail[] = "/journal";
	const char *url = s->options.journal, *path, *err = NULL;
	struct utc asked = now();
	size_t len = strlen(url), most = sizeof tail - 1;
	struct target target;
	enum status status;
	struct caller c;
	uint64_t size;

	while (len > 0 && url[len - 1] == '/')
		len--;
	if (len > most && memcmp(url + len - most, tail, most) == 0)
		len -= most;
	url = arena_str(s->arena, url, len);
	if (!fetch_open(&c, &target, &x->options, url, s->arena, &path, &err))
		return nothing_read(err);
	target.url = url;
	if ((x->mirror = cache_folder(s, x, &err)) == NULL)
		status = nothing_read(err);
	else {
		status = journal_mirror(&c, x->mirror, x->log, s->arena, &size);
		x->mirrored_at = asked;
	}
	caller_close(&c);
	return status == STATUS_UNREACHED ? STATUS_USAGE : status;
}

/* --- the command --- */

/* What pins the beacon of NIST, if it was given. */
static bool
nist_certificate_read(struct session *s, struct text *ret_pem, const char **reterr)
{
	const char *path = s->options.nist_certificate;
	uint8_t id[HASH512_LEN];

	if (path == NULL)
		return true;
	if (!file_read(path, SMALL_MAX, s->arena, ret_pem))
		*reterr = arena_printf(s->arena, "%s: %s", path, strerror(errno));
	else if (!cert_id(*ret_pem, id))
		*reterr = arena_printf(s->arena, "%s: %s", path,
			say("不是 RSA 证书（PEM）", "no RSA certificate (PEM)"));
	else
		return true;
	return false;
}

static enum status
verify_draw(struct session *s, const struct subject *x, const struct verify_style *style)
{
	struct verify_options options = {
		.draw_only = s->options.draw_only != NULL, .log_vkey = x->log};
	struct verify_journal journal;
	const char *err = NULL;

	if (x->mirror != NULL) {
		if (!verify_journal_read(s->arena, &x->folder, x->mirror, &journal, &err)) {
			fprintf(stderr, "fairlot: %s\n", err);
			return STATUS_REFUSED;
		}
		if (x->log.len > 0 && !text_eq(x->log, journal.log_vkey)) {
			fprintf(stderr, "fairlot: %s: " TEXT_FMT "\n",
				say("镜像的公钥不是 --log-key 所给", "not the mirror's key"),
				TEXT_ARG(x->log));
			return STATUS_REFUSED;
		}
		options.journal = &journal;
	}
	if (!nist_certificate_read(s, &options.nist_certificate, &err))
		return nothing_read(err);
	return (enum status)verify_folder(s->arena, &x->folder, &options, style, stdout);
}

/* An address ends with the leaf that it was asked for. */
static bool
leaf_of(const char *name, struct hash *ret_leaf)
{
	const char *slash = strrchr(name, '/');

	return fetch_is_url(name) && slash != NULL && strlen(slash + 1) == 2 * HASH_LEN &&
		hex_decode(text_of(slash + 1), ret_leaf->at, HASH_LEN);
}

static enum status
verify_one_receipt(struct session *s, const struct subject *x, const struct verify_style *style)
{
	struct receipt_case c = {.receipt = x->bytes,
		.keys = x->keys,
		.mirror = x->mirror,
		.mirrored_at = x->mirrored_at};
	const char *err = NULL, *entry = s->options.entry;
	struct hash leaf;
	int status;

	if (entry != NULL && !file_read(entry, SMALL_MAX, s->arena, &c.entry))
		return nothing_read(arena_printf(s->arena, "%s: %s", entry, strerror(errno)));
	if (leaf_of(x->name, &leaf))
		c.leaf = &leaf;
	if (!verify_receipt(s->arena, &c, style, stdout, &status, &err))
		return nothing_read(err);
	return (enum status)status;
}

/* An option that would change nothing here is refused: who gives it believes that it was used. */
static const char *
option_idle(const struct session *s, const struct subject *x)
{
	const struct options *o = &s->options;

	if (o->cache != NULL && !(o->journal != NULL && fetch_is_url(o->journal)))
		return "--cache";
	if (!x->is_receipt)
		return o->entry != NULL ? "--entry" : NULL;
	return o->draw_only != NULL	      ? "--draw-only"
		: o->nist_certificate != NULL ? "--nist-certificate"
		: o->log_key != NULL	      ? "--log-key"
					      : NULL;
}

enum status
verify_run(struct session *s, int argc, char *const *argv)
{
	const struct verify_style style = {.chinese = say_is_chinese()};
	struct subject x = {0};
	enum status status = STATUS_OK;
	const char *err = NULL;

	if (!special_args(s, argc, argv, 1, 1, &x.name))
		return session_usage(say("用法：fairlot verify 目录|tar|网址|回执 [--draw-only] "
					 "[--journal 镜像|网址] "
					 "[--log-key 公钥|文件] [--keys 文件] [--entry 文件] "
					 "[--nist-certificate 文件]",
			"usage: fairlot verify FOLDER|TAR|URL|RECEIPT [--draw-only] "
			"[--journal MIRROR|URL] [--log-key VKEY|FILE] [--keys FILE] [--entry FILE] "
			"[--nist-certificate FILE]"));
	if (!keys_read(s, &x, &err) || !journal_key(s, &x.log, &err) || !subject_read(s, &x, &err))
		return nothing_read(err);
	if ((err = option_idle(s, &x)) != NULL)
		return nothing_read(arena_printf(
			s->arena, say("%s：此处不起作用", "%s: has no use here"), err));
	if (s->options.journal != NULL && fetch_is_url(s->options.journal))
		status = journal_fetch(s, &x);
	else
		x.mirror = s->options.journal;
	if (status == STATUS_OK)
		status = x.is_receipt ? verify_one_receipt(s, &x, &style)
				      : verify_draw(s, &x, &style);
	if (x.mirror_passes)
		disk_remove(x.mirror);
	return status;
}
