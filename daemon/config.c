/* Parses the options of config.def.  A value stays text until it is checked against its row, so
 * every source (flag, variable, file, default) passes the same check and the same message. */
#include "daemon/config.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/text.h"

enum {
	FILE_MAX_SIZE = 1 << 20,
	INCLUDES_MAX = 64
};

struct option {
	const char *name;
	enum config_type type;
	const char *fallback;
	int64_t least, most;
	bool reload;
	const char *summary;
	size_t offset;
};

enum {
	RESTART,
	RELOAD
};

static const struct option options[] = {
#define OPTION(member, name, type, fallback, least, most, when, summary) \
	{name, CONFIG_##type, fallback, least, most, (when) == RELOAD, summary, \
		offsetof(struct config, member)},
#include "daemon/config.def"
};

enum {
	OPTIONS = sizeof options / sizeof options[0]
};

struct config_own {
	struct arena arena;
	atomic_int refs;
	const char *texts[OPTIONS];   /* the value as given */
	const char *sources[OPTIONS]; /* "default", "file", "environment", "flag" */
};

struct loading {
	struct config *config;
	char *err;
	size_t err_size;
};

__attribute__((format(printf, 2, 3))) static bool
refuse(struct loading *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(l->err, l->err_size, fmt, ap);
	va_end(ap);
	return false;
}

struct unit {
	const char *name;
	int64_t factor;
};

static const struct unit sizes[] = {
	{"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {NULL, 0}};
static const struct unit durations[] = {
	{"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 3600 * 1000}, {NULL, 0}};

/* A decimal and one of the units; a bare number is refused, for nobody knows what it means. */
static bool
with_unit(const char *value, const struct unit *units, int64_t *ret)
{
	size_t digits = strspn(value, "0123456789");
	uint64_t n;

	if (!text_u64(text_span(value, digits), (uint64_t)1 << 32, &n))
		return false;
	for (; units->name != NULL; units++)
		if (strcmp(value + digits, units->name) == 0) {
			*ret = (int64_t)n * units->factor;
			return true;
		}
	return false;
}

/* The index of a word in "a|b|c: …". */
static bool
choice(const char *list, const char *value, int64_t *ret)
{
	struct text rest = {list, strcspn(list, ":")}, word;

	for (int64_t i = 0; text_cut(&rest, '|', &word); i++)
		if (text_is(word, value)) {
			*ret = i;
			return true;
		}
	return false;
}

static const char *
expected(enum config_type type)
{
	switch (type) {
	case CONFIG_TEXT:
	case CONFIG_SECRET:
		return "a shorter text";
	case CONFIG_INT:
		return "a whole number";
	case CONFIG_SIZE:
		return "a size with its unit (B KiB MiB GiB)";
	case CONFIG_DURATION:
		return "a duration with its unit (ms s m h)";
	case CONFIG_BOOL:
		return "on or off";
	case CONFIG_CHOICE:
		return "one of its words";
	}
	return "";
}

static bool
parse(const struct option *o, const char *value, int64_t *ret)
{
	uint64_t n;

	*ret = 0;
	switch (o->type) {
	case CONFIG_TEXT:
	case CONFIG_SECRET:
		return (int64_t)strlen(value) <= o->most;
	case CONFIG_INT:
		if (!text_u64(text_of(value), INT64_MAX, &n))
			return false;
		*ret = (int64_t)n;
		return true;
	case CONFIG_SIZE:
		return with_unit(value, sizes, ret);
	case CONFIG_DURATION:
		return with_unit(value, durations, ret);
	case CONFIG_BOOL:
		*ret = strcmp(value, "on") == 0;
		return *ret == 1 || strcmp(value, "off") == 0;
	case CONFIG_CHOICE:
		return choice(o->summary, value, ret);
	}
	return false;
}

/* Checks a value and puts it into its member. */
static bool
set(struct loading *l, const struct option *o, const char *value, const char *source,
	const char *where)
{
	void *member = (char *)l->config + o->offset;
	struct config_own *own = l->config->own;
	bool number = o->type == CONFIG_INT || o->type == CONFIG_SIZE || o->type == CONFIG_DURATION;
	int64_t n;

	if (!parse(o, value, &n))
		return refuse(l, "%s: %s: expected %s%s%s", where, o->name, expected(o->type),
			o->type == CONFIG_SECRET ? "" : ", not ",
			o->type == CONFIG_SECRET ? "" : value);
	if (number && (n < o->least || n > o->most))
		return refuse(l, "%s: %s: %s is out of range", where, o->name, value);
	value = arena_str(&own->arena, value, strlen(value));
	own->texts[o - options] = value;
	own->sources[o - options] = source;
	if (o->type == CONFIG_TEXT || o->type == CONFIG_SECRET)
		*(const char **)member = value;
	else if (o->type == CONFIG_BOOL)
		*(bool *)member = n != 0;
	else
		*(int64_t *)member = n;
	return true;
}

static const struct option *
option_find(struct text name)
{
	for (size_t i = 0; i < OPTIONS; i++)
		if (text_is(name, options[i].name))
			return &options[i];
	return NULL;
}

/* One line: empty, a comment, [section], or key = value. */
static bool
line_take(struct loading *l, struct text line, struct text *section, const char *where)
{
	struct arena *a = &l->config->own->arena;
	const struct option *o;
	const char *name;
	struct text key;

	line = text_trim(line, " \t\r");
	if (line.len == 0 || line.at[0] == '#')
		return true;
	if (line.at[0] == '[') {
		if (line.at[line.len - 1] != ']')
			return refuse(l, "%s: a section ends with ]", where);
		*section = text_trim(text_span(line.at + 1, line.len - 2), " \t\r");
		return true;
	}
	if (memchr(line.at, '=', line.len) == NULL)
		return refuse(l, "%s: expected key = value", where);
	(void)text_cut(&line, '=', &key);
	key = text_trim(key, " \t\r");
	line = text_trim(line, " \t\r");
	name = section->len == 0
		? arena_str(a, key.at, key.len)
		: arena_printf(a, TEXT_FMT "." TEXT_FMT, TEXT_ARG(*section), TEXT_ARG(key));
	if ((o = option_find(text_of(name))) == NULL)
		return refuse(l, "%s: unknown option %s", where, name);
	return set(l, o, arena_str(a, line.at, line.len), "file", where);
}

static bool
file_take(struct loading *l, const char *path)
{
	struct arena *a = &l->config->own->arena;
	struct text rest, line, section = {0};
	bool ok = true;
	char *bytes;
	size_t len;
	FILE *f;

	if ((f = fopen(path, "re")) == NULL)
		return refuse(l, "%s: %s", path, strerror(errno));
	bytes = arena_alloc(a, FILE_MAX_SIZE);
	len = fread(bytes, 1, FILE_MAX_SIZE, f);
	ok = !ferror(f) && feof(f);
	(void)fclose(f);
	if (!ok)
		return refuse(l, "%s: cannot be read, or is larger than 1 MiB", path);
	rest = text_span(bytes, len);
	for (int n = 1; ok && rest.len > 0; n++) {
		line = (struct text){0};
		(void)text_cut(&rest, '\n', &line);
		ok = line_take(l, line, &section, arena_printf(a, "%s:%d", path, n));
	}
	return ok;
}

static int
conf_only(const struct dirent *e)
{
	size_t len = strlen(e->d_name);

	return len > 5 && strcmp(e->d_name + len - 5, ".conf") == 0;
}

/* FILE, then the files of conf.d beside it in the order of their names. */
static bool
files_take(struct loading *l, const char *path)
{
	struct arena *a = &l->config->own->arena;
	const char *slash = strrchr(path, '/'), *folder;
	struct dirent **list = NULL;
	bool ok = file_take(l, path);
	int count;

	folder = arena_printf(a, "%.*s/conf.d", slash == NULL ? 1 : (int)(slash - path),
		slash == NULL ? "." : path);
	count = ok ? scandir(folder, &list, conf_only, alphasort) : 0;
	for (int i = 0; i < count; i++) {
		if (ok && i < INCLUDES_MAX)
			ok = file_take(l, arena_printf(a, "%s/%s", folder, list[i]->d_name));
		free(list[i]);
	}
	free(list);
	return ok;
}

/* FAIRLOTD_LISTEN_TLS is listen.tls; an option's own '_' stays. */
static bool
variable_is(struct text variable, const char *name)
{
	if (variable.len != strlen(name))
		return false;
	for (size_t i = 0; i < variable.len; i++) {
		char c = name[i] == '.' ? '_' : name[i];

		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (c != variable.at[i])
			return false;
	}
	return true;
}

static bool
environment_take(struct loading *l, const char *const *env)
{
	static const char prefix[] = "FAIRLOTD_";

	for (; env != NULL && *env != NULL; env++) {
		const char *name = *env + strlen(prefix), *value = strchr(*env, '=');
		const struct option *o = NULL;

		if (strncmp(*env, prefix, strlen(prefix)) != 0 || value == NULL)
			continue;
		for (size_t i = 0; i < OPTIONS && o == NULL; i++)
			if (variable_is(text_span(name, (size_t)(value - name)), options[i].name))
				o = &options[i];
		if (o == NULL)
			return refuse(
				l, "environment: unknown option %.*s", (int)(value - *env), *env);
		if (!set(l, o, value + 1, "environment", "environment"))
			return false;
	}
	return true;
}

/* Walks the flags; with `file` only --config is looked at, without it all but --config. */
static bool
flags_take(struct loading *l, const char *const *args, size_t count, const char **file)
{
	for (size_t i = 0; i < count; i++) {
		const char *value = strchr(args[i], '=');
		struct text name = text_of(args[i]);
		const struct option *o;

		if (!text_starts(name, "--"))
			return refuse(l, "unexpected argument %s", args[i]);
		name = value == NULL ? text_of(args[i] + 2)
				     : text_span(args[i] + 2, (size_t)(value - args[i]) - 2);
		if (value != NULL)
			value++;
		else if (++i < count)
			value = args[i];
		else
			return refuse(l, "--" TEXT_FMT " needs a value", TEXT_ARG(name));
		if (text_is(name, "config")) {
			if (file != NULL)
				*file = value;
			continue;
		}
		if (file != NULL)
			continue;
		if ((o = option_find(name)) == NULL)
			return refuse(l, "unknown flag --" TEXT_FMT, TEXT_ARG(name));
		if (!set(l, o, value, "flag", "flag"))
			return false;
	}
	return true;
}

static bool
load_all(struct loading *l, const char *const *args, size_t count, const char *const *env)
{
	struct config *c = l->config;
	const char *file = NULL;

	for (size_t i = 0; i < OPTIONS; i++)
		if (!set(l, &options[i], options[i].fallback, "default", "default"))
			return false;
	if (!flags_take(l, args, count, &file))
		return false;
	if (file != NULL && !files_take(l, file))
		return false;
	if (!environment_take(l, env) || !flags_take(l, args, count, NULL))
		return false;
	if (c->data_dir[0] == '\0')
		c->data_dir = c->embedded_dir[0] != '\0' ? c->embedded_dir : "./var";
	if (c->log_lock_file[0] == '\0' && c->embedded_dir[0] != '\0')
		c->log_lock_file = arena_printf(&c->own->arena, "%s/signer/lock", c->data_dir);
	if (c->db_retry_most_ms < c->db_retry_least_ms)
		return refuse(l, "db.retry_most is less than db.retry_least");
	return true;
}

bool
config_load(const char *const *args, size_t args_count, const char *const *env, struct config **ret,
	char *reterr, size_t reterr_size)
{
	struct config *c = calloc(1, sizeof *c);
	struct loading l = {c, reterr, reterr_size};

	must(c != NULL);
	c->own = calloc(1, sizeof *c->own);
	must(c->own != NULL);
	arena_init(&c->own->arena, SIZE_MAX / 2);
	atomic_init(&c->own->refs, 1);
	if (!load_all(&l, args, args_count, env)) {
		config_unref(&c);
		return false;
	}
	*ret = c;
	return true;
}

const char *
config_restarts(const struct config *old, struct config *fresh)
{
	struct buf names;

	buf_init(&names, &fresh->own->arena, 64);
	for (size_t i = 0; i < OPTIONS; i++)
		if (!options[i].reload && strcmp(old->own->texts[i], fresh->own->texts[i]) != 0) {
			if (names.len > 0)
				buf_char(&names, ' ');
			buf_str(&names, options[i].name);
		}
	return arena_str(&fresh->own->arena, names.at, names.len);
}

struct config *
config_ref(struct config *c)
{
	atomic_fetch_add(&c->own->refs, 1);
	return c;
}

void
config_unref(struct config **c)
{
	struct config *old = *c;

	*c = NULL;
	if (old == NULL || atomic_fetch_sub(&old->own->refs, 1) > 1)
		return;
	arena_reset(&old->own->arena);
	free(old->own);
	free(old);
}

void
config_print(const struct config *c, FILE *out)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		bool hide = options[i].type == CONFIG_SECRET && c->own->texts[i][0] != '\0';

		fprintf(out, "%s = %s  # default: %s; source: %s\n", options[i].name,
			hide ? "(hidden)" : c->own->texts[i], options[i].fallback,
			c->own->sources[i]);
	}
}

static const char *
type_name(enum config_type type)
{
	static const char *const names[] = {[CONFIG_TEXT] = "text",
		[CONFIG_SECRET] = "secret",
		[CONFIG_INT] = "number",
		[CONFIG_SIZE] = "size",
		[CONFIG_DURATION] = "duration",
		[CONFIG_BOOL] = "on/off",
		[CONFIG_CHOICE] = "choice"};

	return names[type];
}

void
config_document(FILE *out)
{
	fprintf(out,
		"# Configuration of fairlotd\n\n"
		"Generated from `daemon/config.def` by `fairlotd --print-config-document`; a test "
		"compares it.\n\n"
		"A file has lines `key = value`, sections `[name]` (the part of a key before its "
		"dot) and comments `#`; `conf.d/*.conf` beside it are read after it. "
		"Every key is also a flag `--KEY VALUE` and a variable `FAIRLOTD_KEY` (upper "
		"case, `.` as `_`). Flag beats variable beats file beats default. "
		"An unknown key is an error; sizes and durations need their unit. "
		"SIGHUP loads anew; a change of a *restart* option is refused by name.\n\n"
		"| option | type | default | taken over at | meaning |\n"
		"|---|---|---|---|---|\n");
	for (size_t i = 0; i < OPTIONS; i++) {
		const struct option *o = &options[i];

		fprintf(out, "| `%s` | %s | %s%s%s | %s | ", o->name, type_name(o->type),
			o->fallback[0] == '\0' ? "" : "`", o->fallback,
			o->fallback[0] == '\0' ? "" : "`", o->reload ? "SIGHUP" : "restart");
		for (const char *c = o->summary; *c != '\0'; c++)
			fprintf(out, *c == '|' ? "\\|" : "%c", *c);
		fprintf(out, " |\n");
	}
}
