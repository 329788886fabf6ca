#include "cli/witness_store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/file.h"
#include "cli/say.h"
#include "lib/base/arena.h"
#include "lib/base/hex.h"
#include "lib/base/time.h"
#include "lib/draw/record.h"
#include "lib/ledger/note.h"

enum {
	SMALL_MAX = 64 << 10 /* keys, settings, a checkpoint */
};

static const char *
inside(const struct store *s, const char *name, struct arena *a)
{
	return arena_printf(a, "%s/%s", s->folder, name);
}

bool
store_log(struct text vkey, struct text *ret_origin, struct text *ret_log_name,
	uint8_t ret_key[SIGN_KEY_LEN])
{
	static const char tail[] = "/journal";
	size_t len = sizeof tail - 1;
	struct text name;

	if (!note_vkey_parse(vkey, &name, ret_key) || name.len <= len ||
		memcmp(name.at + name.len - len, tail, len) != 0)
		return false;
	*ret_log_name = name;
	*ret_origin = text_span(name.at, name.len - len);
	return true;
}

/* --- making --- */

static bool
secret_keep(const char *path, const uint8_t secret[32], struct arena *a)
{
	char line[66];

	hex_encode(secret, 32, line);
	line[64] = '\n';
	if (!file_keep(path, text_span(line, 65), a))
		return false;
	explicit_bzero(line, sizeof line);
	return true;
}

static bool
keys_make(const struct store *s, struct arena *a)
{
	uint8_t vrf[VRF_SECRET_LEN], seed[SIGN_SEED_LEN], key[VRF_KEY_LEN];
	bool kept;

	do
		must(getrandom(vrf, sizeof vrf, 0) == sizeof vrf);
	while (!vrf_public(vrf, key));
	must(getrandom(seed, sizeof seed, 0) == sizeof seed);
	kept = secret_keep(inside(s, "vrf.key", a), vrf, a) &&
		secret_keep(inside(s, "cosign.key", a), seed, a);
	explicit_bzero(vrf, sizeof vrf);
	explicit_bzero(seed, sizeof seed);
	return kept;
}

bool
store_init(const char *folder, const struct announcement *n, struct text vkey, struct arena *a,
	const char **reterr)
{
	struct store s = {.folder = folder};
	struct text market;

	market = text_of(arena_printf(a,
		"origin " TEXT_FMT "\nlog " TEXT_FMT "\nname " TEXT_FMT "\nurl " TEXT_FMT "\n",
		TEXT_ARG(n->origin), TEXT_ARG(vkey), TEXT_ARG(n->name),
		TEXT_ARG(n->url.len == 0 ? text_of("-") : n->url)));
	/* The last file puts the names of all on the disk; without it the folder is none yet. */
	if (keys_make(&s, a) &&
		file_keep(inside(&s, "answers/README", a),
			text_of("One answer an attempt, for ever.  Do not remove.\n"), a) &&
		file_keep(inside(&s, "mirror/README", a), text_of("The journal.\n"), a) &&
		file_keep(inside(&s, "public/README", a),
			text_of("What this witness says.  For everyone.\n"), a) &&
		file_keep(inside(&s, "market", a), market, a)) {
		/* What is public is for a web server of another account to read. */
		if (chmod(folder, 0711) == 0 && chmod(inside(&s, "public", a), 0755) == 0)
			return true;
	}
	*reterr = arena_printf(a, "%s: %s", folder, strerror(errno));
	return false;
}

/* --- reading --- */

static bool
secret_take(const struct store *s, const char *name, uint8_t ret_secret[32], struct arena *a,
	const char **reterr)
{
	const char *path = inside(s, name, a);
	struct text bytes;

	if (!file_read(path, SMALL_MAX, a, &bytes)) {
		*reterr = arena_printf(a, "%s: %s", path, strerror(errno));
		return false;
	}
	if (file_is_open(path)) {
		*reterr = arena_printf(a,
			say("%s：他人可读，请改为 0600", "%s: others may read it; make it 0600"),
			path);
		return false;
	}
	if (bytes.len == 65 && hex_decode(text_span(bytes.at, 64), ret_secret, 32))
		return true;
	*reterr = arena_printf(a, say("%s：内容有误", "%s: damaged"), path);
	return false;
}

static bool
line_take(struct text *rest, const char *key, struct text *ret_value)
{
	struct text line, word;

	if (!text_cut(rest, '\n', &line) || !text_cut(&line, ' ', &word) || !text_is(word, key))
		return false;
	*ret_value = line;
	return line.len > 0;
}

static bool
market_take(struct store *s, struct arena *a, const char **reterr)
{
	const char *path = inside(s, "market", a);
	struct text rest, origin;

	if (!file_read(path, SMALL_MAX, a, &rest)) {
		*reterr = arena_printf(a, "%s: %s", path, strerror(errno));
		return false;
	}
	if (line_take(&rest, "origin", &s->own.origin) && line_take(&rest, "log", &s->vkey) &&
		line_take(&rest, "name", &s->own.name) && line_take(&rest, "url", &s->own.url) &&
		rest.len == 0 && store_log(s->vkey, &origin, &s->log_name, s->log_key) &&
		text_eq(origin, s->own.origin) && announcement_name_holds(s->own.name)) {
		if (text_is(s->own.url, "-"))
			s->own.url = text_of(NULL);
		return true;
	}
	*reterr = arena_printf(a, say("%s：内容有误", "%s: damaged"), path);
	return false;
}

bool
store_open(struct store *s, const char *folder, bool work, struct arena *a, const char **reterr)
{
	*s = (struct store){.folder = folder, .lock = -1};
	if (!market_take(s, a, reterr) || !secret_take(s, "vrf.key", s->vrf_secret, a, reterr) ||
		!secret_take(s, "cosign.key", s->seed, a, reterr))
		return false;
	if (!vrf_public(s->vrf_secret, s->own.vrf_key)) {
		*reterr = say("vrf.key 不是密钥", "vrf.key is no key");
		return false;
	}
	sign_public(s->seed, s->own.sign_key);
	if (!work)
		return true;
	s->lock = open(inside(s, "lock", a), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->lock >= 0 && flock(s->lock, LOCK_EX | LOCK_NB) == 0)
		return true;
	*reterr = arena_printf(a,
		say("%s：另一个见证程序正在使用（%s）", "%s: another witness works in it (%s)"),
		folder, strerror(errno));
	store_close(s);
	return false;
}

void
store_close(struct store *s)
{
	if (s->lock >= 0)
		(void)close(s->lock);
	s->lock = -1;
	explicit_bzero(s->vrf_secret, sizeof s->vrf_secret);
	explicit_bzero(s->seed, sizeof s->seed);
}

struct text
store_announcement(const struct store *s, struct arena *a)
{
	char vrf[2 * VRF_KEY_LEN + 1], sign[2 * SIGN_KEY_LEN + 1];
	char proof_hex[2 * VRF_PROOF_LEN + 1], sig_hex[2 * SIGN_LEN + 1];
	struct text text = announcement_text(a, &s->own);
	uint8_t proof[VRF_PROOF_LEN], sig[SIGN_LEN];
	struct buf b;

	must(vrf_prove(s->vrf_secret, text, proof));
	sign_make(s->seed, text, sig);
	hex_encode(s->own.vrf_key, VRF_KEY_LEN, vrf);
	hex_encode(s->own.sign_key, SIGN_KEY_LEN, sign);
	hex_encode(proof, sizeof proof, proof_hex);
	hex_encode(sig, sizeof sig, sig_hex);
	buf_init(&b, a, 1024);
	buf_printf(&b,
		"{\"name\":\"" TEXT_FMT "\",\"origin\":\"" TEXT_FMT
		"\",\"vrf_key\":\"%s\",\"cosign_key\":\"%s\",",
		TEXT_ARG(s->own.name), TEXT_ARG(s->own.origin), vrf, sign);
	if (s->own.url.len > 0)
		buf_printf(&b, "\"url\":\"" TEXT_FMT "\",", TEXT_ARG(s->own.url));
	buf_printf(&b, "\"proof\":\"%s\",\"signature\":\"%s\"}", proof_hex, sig_hex);
	return buf_text(&b);
}

/* --- what is remembered --- */

bool
store_checkpoint(const struct store *s, struct arena *a, struct text *ret_note, const char **reterr)
{
	const char *path = inside(s, "checkpoint", a);

	*ret_note = text_of(NULL);
	if (file_read(path, SMALL_MAX, a, ret_note) || errno == ENOENT)
		return true;
	*reterr = arena_printf(a, "%s: %s", path, strerror(errno));
	return false;
}

bool
store_remember(const struct store *s, struct text note, struct arena *a)
{
	return file_replace(inside(s, "checkpoint", a), note, a);
}

enum store_answer
store_answer_keep(const struct store *s, struct text draw, uint32_t attempt, const struct hash *f,
	const uint8_t proof[VRF_PROOF_LEN], struct arena *a, struct hash *ret_kept)
{
	const char *path =
		arena_printf(a, "%s/answers/" TEXT_FMT ".%u", s->folder, TEXT_ARG(draw), attempt);
	char f_hex[2 * HASH_LEN + 1], hex[2 * VRF_PROOF_LEN + 1];
	struct text kept, word;

	must(record_is_id(draw)); /* so it names no other folder */
	hex_encode(f->at, HASH_LEN, f_hex);
	hex_encode(proof, VRF_PROOF_LEN, hex);
	/* The folder is locked: between the look and the write nobody else answers. */
	if (!file_read(path, SMALL_MAX, a, &kept)) {
		if (errno != ENOENT)
			return STORE_BROKEN;
		return file_replace(path, text_of(arena_printf(a, "%s %s\n", f_hex, hex)), a)
			? STORE_NEW
			: STORE_BROKEN;
	}
	if (!text_cut(&kept, ' ', &word) || !hex_decode(word, ret_kept->at, HASH_LEN)) {
		errno = EINVAL;
		return STORE_BROKEN;
	}
	return memcmp(ret_kept->at, f->at, HASH_LEN) == 0 ? STORE_SAME : STORE_OTHER;
}

/* --- what is public --- */

static bool
folders_make(const char *path, struct arena *a)
{
	for (const char *slash = strchr(path + 1, '/'); slash != NULL;
		slash = strchr(slash + 1, '/'))
		if (mkdir(arena_str(a, path, (size_t)(slash - path)), 0755) != 0 && errno != EEXIST)
			return false;
	return true;
}

bool
store_publish(const struct store *s, const char *name, struct text bytes, struct arena *a)
{
	const char *path = arena_printf(a, "%s/public/%s", s->folder, name);

	return folders_make(path, a) && file_replace(path, bytes, a);
}

void
store_refuse(const struct store *s, const char *what, struct arena *a)
{
	int fd = open(inside(s, "public/refusals.txt", a),
		O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	char time[TIME_TEXT];
	struct timespec now;
	const char *line;

	must(clock_gettime(CLOCK_REALTIME, &now) == 0);
	time_format((struct utc){now.tv_sec * UTC_SECOND}, 0, time);
	line = arena_printf(a, "%s %s\n", time, what);
	if (fd < 0)
		return;
	/* The refusal itself does not depend on it. */
	(void)!write(fd, line, strlen(line));
	(void)fsync(fd);
	(void)close(fd);
}
