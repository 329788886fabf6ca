/* Build tool: the files of sql/ become stmt.def (one row per prepared statement), a C file with
 * the same as sql_table and the embedded texts of sql/embed.h, and a depfile.
 *
 *	sqlgen SQL_FOLDER STMT_DEF TABLE_C DEPFILE
 *
 * A statement's header is checked strictly: a fault stops the build with file:line.  Lists of C
 * that the database needs (err.def, state.def, posting.def) become the text 020_lists. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/arena.h"
#include "lib/base/hash.h"
#include "lib/base/hex.h"
#include "lib/base/text.h"

enum {
	FILES_MAX = 1000, /* of one kind; the market has some 100 statements */
	FIELDS_MAX = 64	  /* of one in: or out: line; the widest statement has about 20 */
};

struct file {
	const char *path; /* as opened */
	const char *name; /* <resource>_<what> of a statement, else the file name without .sql */
	struct text bytes;
};

struct files {
	struct file at[FILES_MAX];
	size_t count;
};

struct field {
	struct text name, type;
};

struct stmt {
	const struct file *file;
	struct text text;
	struct field in[FIELDS_MAX], out[FIELDS_MAX];
	size_t in_count, out_count;
	bool writes, is_long;
};

struct door {
	struct text name;
	bool reads;
};

static struct arena arena;
static struct files migrations, functions, installs, statements;
static struct stmt stmts[FILES_MAX];
static struct door doors[FILES_MAX];
static size_t doors_count;
static struct buf depends;

__attribute__((noreturn, format(printf, 3, 4))) static void
stop(const char *path, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (line > 0)
		(void)fprintf(stderr, "%s:%d: ", path, line);
	else
		(void)fprintf(stderr, "%s: ", path);
	(void)vfprintf(stderr, fmt, ap);
	(void)fputc('\n', stderr);
	va_end(ap);
	exit(EXIT_FAILURE);
}

/* --- reading the tree --- */

static struct text
file_read(const char *path)
{
	struct buf b;
	char part[8192];
	size_t n;
	FILE *f = fopen(path, "rb");

	if (f == NULL)
		stop(path, 0, "%s", strerror(errno));
	buf_init(&b, &arena, sizeof part);
	while ((n = fread(part, 1, sizeof part, f)) > 0)
		buf_add(&b, part, n);
	if (ferror(f) != 0)
		stop(path, 0, "%s", strerror(errno));
	(void)fclose(f);
	buf_printf(&depends, " %s", path);
	return buf_text(&b);
}

static bool
is_sql(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && strcmp(name + len - 4, ".sql") == 0;
}

static bool
is_name(struct text t)
{
	if (t.len == 0 || !islower((unsigned char)t.at[0]))
		return false;
	for (size_t i = 0; i < t.len; i++)
		if (!islower((unsigned char)t.at[i]) && !isdigit((unsigned char)t.at[i]) &&
			t.at[i] != '_')
			return false;
	return true;
}

static void
files_add(struct files *files, const char *path, const char *name)
{
	struct file *f = &files->at[files->count];
	struct text bytes = file_read(path);

	if (files->count == FILES_MAX)
		stop(path, 0, "more than %d files", FILES_MAX);
	if (!text_is_utf8(bytes) || memchr(bytes.at, '\0', bytes.len) != NULL)
		stop(path, 0, "not UTF-8 text");
	*f = (struct file){path, name, bytes};
	files->count++;
}

static int
files_order(const void *a, const void *b)
{
	const struct file *left = a, *right = b;

	return strcmp(left->name, right->name);
}

static int
names_order(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;

	return strcmp(*left, *right);
}

/* The entries of a folder in order of their names; none when the folder is absent.  The folder
 * itself is a dependency: a new file in it changes its time. */
static size_t
folder_read(const char *path, const char **ret_names)
{
	struct dirent *entry;
	size_t count = 0;
	DIR *d = opendir(path);

	if (d == NULL && errno == ENOENT)
		return 0;
	if (d == NULL)
		stop(path, 0, "%s", strerror(errno));
	while ((entry = readdir(d)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (count == FILES_MAX)
			stop(path, 0, "more than %d entries", FILES_MAX);
		ret_names[count++] = arena_str(&arena, entry->d_name, strlen(entry->d_name));
	}
	(void)closedir(d);
	buf_printf(&depends, " %s", path);
	qsort(ret_names, count, sizeof ret_names[0], names_order);
	return count;
}

static void
folder_take(const char *root, const char *folder, struct files *files)
{
	const char **names = arena_array(&arena, const char *, FILES_MAX);
	const char *path = arena_printf(&arena, "%s/%s", root, folder);
	size_t count = folder_read(path, names);

	for (size_t i = 0; i < count; i++) {
		const char *file = arena_printf(&arena, "%s/%s", path, names[i]);

		if (!is_sql(names[i]))
			stop(file, 0, "only .sql files stand here");
		files_add(files, file, arena_str(&arena, names[i], strlen(names[i]) - 4));
	}
}

/* stmt/<resource>/<what>.sql, no deeper and no shallower. */
static void
statements_take(const char *root)
{
	const char **resources = arena_array(&arena, const char *, FILES_MAX);
	const char **whats = arena_array(&arena, const char *, FILES_MAX);
	const char *path = arena_printf(&arena, "%s/stmt", root);
	size_t resources_count = folder_read(path, resources);

	for (size_t r = 0; r < resources_count; r++) {
		const char *folder = arena_printf(&arena, "%s/%s", path, resources[r]);
		struct stat st;
		size_t count;

		if (stat(folder, &st) != 0 || !S_ISDIR(st.st_mode))
			stop(folder, 0, "a statement stands in stmt/<resource>/");
		count = folder_read(folder, whats);
		for (size_t i = 0; i < count; i++) {
			const char *file = arena_printf(&arena, "%s/%s", folder, whats[i]);
			char *name = arena_printf(&arena, "%s_%s", resources[r], whats[i]);

			if (!is_sql(name) || !is_name(text_span(name, strlen(name) - 4)))
				stop(file, 0,
					"a statement's name is lower case, digits, '_', .sql");
			name[strlen(name) - 4] = '\0';
			files_add(&statements, file, name);
		}
	}
}

/* --- a statement's header --- */

static struct text
trim(struct text t)
{
	while (t.len > 0 && isspace((unsigned char)t.at[0]))
		t = text_span(t.at + 1, t.len - 1);
	while (t.len > 0 && isspace((unsigned char)t.at[t.len - 1]))
		t.len--;
	return t;
}

static bool
is_type(struct text t)
{
	if (t.len == 0)
		return false;
	for (size_t i = 0; i < t.len; i++)
		if (!islower((unsigned char)t.at[i]) && !isdigit((unsigned char)t.at[i]) &&
			strchr("_ []", t.at[i]) == NULL)
			return false;
	return true;
}

static size_t
fields_parse(const char *path, int line, struct text list, struct field *ret_fields)
{
	struct text part;
	size_t count = 0;

	while (text_cut(&list, ',', &part)) {
		struct field f = {.type = trim(part)};

		if (!text_cut(&f.type, ' ', &f.name) || !is_name(f.name))
			stop(path, line, "expected 'name type, …'");
		f.type = trim(f.type);
		if (!is_type(f.type))
			stop(path, line, TEXT_FMT " has no type", TEXT_ARG(f.name));
		for (size_t i = 0; i < count; i++)
			if (text_eq(ret_fields[i].name, f.name))
				stop(path, line, TEXT_FMT " stands twice", TEXT_ARG(f.name));
		if (count == FIELDS_MAX)
			stop(path, line, "more than %d fields", FIELDS_MAX);
		ret_fields[count++] = f;
	}
	return count;
}

enum key {
	KEY_IN,
	KEY_OUT,
	KEY_KIND,
	KEY_LANE,
	KEY_WHY,
	KEY_COUNT
};

static const char *const key_names[KEY_COUNT] = {"in", "out", "kind", "lane", "why"};

struct header {
	struct buf value[KEY_COUNT];
	int line[KEY_COUNT]; /* 0: absent */
};

static enum key
key_of(const char *path, int line, struct text name)
{
	for (int k = 0; k < KEY_COUNT; k++)
		if (text_is(name, key_names[k]))
			return (enum key)k;
	stop(path, line, "a header has no '" TEXT_FMT ":'", TEXT_ARG(name));
}

static void
header_put(const char *path, int line, struct header *h, enum key key, struct text value)
{
	if (h->line[key] != 0)
		stop(path, line, "'%s:' stands twice", key_names[key]);
	h->line[key] = line;
	buf_init(&h->value[key], &arena, 128);
	buf_add(&h->value[key], value.at, value.len);
}

/* "-- key: value", the line of kind may go on with "lane: value"; a line indented deeper goes on
 * with the key before it. */
static enum key
header_line(const char *path, int number, struct text line, struct header *h, enum key last)
{
	struct text rest = text_span(line.at + 2, line.len - 2), name, value;
	enum key key;

	if (text_starts(rest, "   ")) {
		if (last == KEY_COUNT)
			stop(path, number, "goes on with nothing");
		value = trim(rest);
		buf_char(&h->value[last], ' ');
		buf_add(&h->value[last], value.at, value.len);
		return last;
	}
	if (rest.len < 2 || rest.at[0] != ' ' || rest.at[1] == ' ' ||
		memchr(rest.at, ':', rest.len) == NULL)
		stop(path, number, "expected '-- key: value'");
	rest = text_span(rest.at + 1, rest.len - 1);
	(void)text_cut(&rest, ':', &name);
	key = key_of(path, number, name);
	value = trim(rest);
	if (key == KEY_KIND && memchr(value.at, ':', value.len) != NULL) {
		struct text all = value, before;

		(void)text_cut(&all, ':', &before);
		while (before.len > 0 && isalpha((unsigned char)before.at[before.len - 1]))
			before.len--;
		name = trim(text_span(
			before.at + before.len, (size_t)(all.at - before.at) - before.len - 1));
		if (key_of(path, number, name) != KEY_LANE)
			stop(path, number, "only 'lane:' follows on the line of kind");
		header_put(path, number, h, KEY_LANE, trim(all));
		value = trim(before);
	}
	header_put(path, number, h, key, value);
	return key;
}

static bool
header_choice(
	const char *path, const struct header *h, enum key key, const char *no, const char *yes)
{
	struct text value = buf_text(&h->value[key]);

	if (!text_is(value, no) && !text_is(value, yes))
		stop(path, h->line[key], "'%s:' is %s or %s", key_names[key], no, yes);
	return text_is(value, yes);
}

/* The statement's text: one statement, its parameters $1 … $n as in: has them.  Notes every door
 * it names. */
static void
text_check(const char *path, int line, const struct stmt *s)
{
	size_t most = 0;
	bool quoted = false;

	for (size_t i = 0; i < s->text.len; i++) {
		char c = s->text.at[i];

		if (c == '\n')
			line++;
		if (c == '\'')
			quoted = !quoted;
		if (quoted)
			continue;
		if (c == ';')
			stop(path, line, "one statement a file");
		if (c == '-' && i + 1 < s->text.len && s->text.at[i + 1] == '-')
			stop(path, line, "comments stand in the header");
		if (c == '$') {
			size_t n = 0;

			while (i + 1 < s->text.len && isdigit((unsigned char)s->text.at[i + 1]))
				n = n * 10 + (size_t)(s->text.at[++i] - '0');
			if (n == 0 || n > s->in_count)
				stop(path, line, "parameter $%zu is not in the header", n);
			most = n > most ? n : most;
		}
	}
	if (most != s->in_count)
		stop(path, line, "the header has %zu parameters, the text %zu", s->in_count, most);
}

static void
door_add(struct text name, bool reads)
{
	for (size_t i = 0; i < doors_count; i++)
		if (text_eq(doors[i].name, name)) {
			doors[i].reads = doors[i].reads || reads;
			return;
		}
	if (doors_count == FILES_MAX)
		stop("doors", 0, "more than %d", FILES_MAX);
	doors[doors_count++] = (struct door){name, reads};
}

static void
doors_take(const struct stmt *s)
{
	for (size_t i = 0; i + 4 < s->text.len; i++) {
		struct text name = {s->text.at + i + 4, 0};

		if (memcmp(s->text.at + i, "api.", 4) != 0)
			continue;
		while (i + 4 + name.len < s->text.len &&
			(isalnum((unsigned char)name.at[name.len]) || name.at[name.len] == '_'))
			name.len++;
		if (i + 4 + name.len < s->text.len && name.at[name.len] == '(')
			door_add(name, !s->writes);
	}
}

static void
stmt_parse(const struct file *f, struct stmt *ret_stmt)
{
	struct header h = {0};
	struct text rest = f->bytes, line, before = rest;
	enum key last = KEY_COUNT;
	int number = 0;

	ret_stmt->file = f;
	while (text_cut(&rest, '\n', &line) && text_starts(line, "--")) {
		last = header_line(f->path, ++number, line, &h, last);
		before = rest;
	}
	for (int k = 0; k < KEY_COUNT; k++)
		if (h.line[k] == 0 && k != KEY_IN && k != KEY_LANE)
			stop(f->path, 1, "the header has no '%s:'", key_names[k]);
	if (buf_text(&h.value[KEY_WHY]).len == 0)
		stop(f->path, h.line[KEY_WHY], "'why:' is one sentence");
	if (h.line[KEY_IN] != 0)
		ret_stmt->in_count = fields_parse(
			f->path, h.line[KEY_IN], buf_text(&h.value[KEY_IN]), ret_stmt->in);
	ret_stmt->out_count =
		fields_parse(f->path, h.line[KEY_OUT], buf_text(&h.value[KEY_OUT]), ret_stmt->out);
	if (ret_stmt->out_count == 0)
		stop(f->path, h.line[KEY_OUT], "'out:' names the columns");
	ret_stmt->writes = header_choice(f->path, &h, KEY_KIND, "reads", "writes");
	ret_stmt->is_long =
		h.line[KEY_LANE] != 0 && header_choice(f->path, &h, KEY_LANE, "short", "long");
	ret_stmt->text = trim(before);
	if (ret_stmt->text.len > 0 && ret_stmt->text.at[ret_stmt->text.len - 1] == ';')
		ret_stmt->text = trim(text_span(ret_stmt->text.at, ret_stmt->text.len - 1));
	if (ret_stmt->text.len == 0)
		stop(f->path, number + 1, "no statement follows the header");
	text_check(f->path, number + 1, ret_stmt);
	doors_take(ret_stmt);
}

static void
statements_parse(void)
{
	for (size_t i = 0; i < statements.count; i++) {
		if (i > 0 && strcmp(statements.at[i].name, statements.at[i - 1].name) == 0)
			stop(statements.at[i].path, 0, "the same name as %s",
				statements.at[i - 1].path);
		stmt_parse(&statements.at[i], &stmts[i]);
	}
}

/* --- the lists of C as SQL --- */

static const struct {
	const char *code, *sqlstate;
	int http;
} errs[] = {
#define ERR(name, http, rpc, sqlstate, code, zh, en) {code, sqlstate, http},
#include "lib/base/err.def"
};

static const struct {
	const char *resource, *name;
} states[] = {
#define STATE(name) {"project", #name},
#define MOVE(...)
#include "lib/project/state.def"
#define STATE(name) {"agency", #name},
#define MOVE(...)
#include "lib/agency/state.def"
#define STATE(name) {"order", #name},
#define MOVE(...)
#include "lib/order/state.def"
};

static const struct {
	const char *resource, *source, *event, *target, *who, *guard;
} moves[] = {
#define STATE(name)
#define MOVE(from, on, to, who, guard) {"project", #from, #on, #to, #who, #guard},
#include "lib/project/state.def"
#define STATE(name)
#define MOVE(from, on, to, who, guard) {"agency", #from, #on, #to, #who, #guard},
#include "lib/agency/state.def"
#define STATE(name)
#define MOVE(from, on, to, who, guard) {"order", #from, #on, #to, #who, #guard},
#include "lib/order/state.def"
};

static const struct {
	const char *event, *debit, *credit;
} postings[] = {
#define POSTING(event, debit, credit) {#event, #debit, #credit},
#include "lib/ledger/posting.def"
};

enum {
	ERRS = sizeof errs / sizeof errs[0],
	STATES = sizeof states / sizeof states[0],
	MOVES = sizeof moves / sizeof moves[0],
	POSTINGS = sizeof postings / sizeof postings[0]
};

static int
place_of_state(size_t state)
{
	int n = 1;

	for (size_t i = 0; i < state; i++)
		n += strcmp(states[i].resource, states[state].resource) == 0;
	return n;
}

static int
place_of_posting(size_t posting)
{
	int n = 1;

	for (size_t i = 0; i < posting; i++)
		n += strcmp(postings[i].event, postings[posting].event) == 0;
	return n;
}

/* The values are names of C or codes: none has a quote in it. */
static void
lists_print(struct buf *b)
{
	buf_str(b,
		"CREATE TABLE api.err (code text COLLATE \"C\" CONSTRAINT err_pk PRIMARY KEY,\n"
		"  sqlstate text, http int NOT NULL);\nINSERT INTO api.err VALUES");
	for (size_t i = 0; i < ERRS; i++)
		if (errs[i].sqlstate == NULL)
			buf_printf(b, "%s\n  ('%s', NULL, %d)", i == 0 ? "" : ",", errs[i].code,
				errs[i].http);
		else
			buf_printf(b, "%s\n  ('%s', '%s', %d)", i == 0 ? "" : ",", errs[i].code,
				errs[i].sqlstate, errs[i].http);
	buf_str(b,
		";\n\nCREATE TABLE api.state_name (resource text COLLATE \"C\",\n"
		"  name text COLLATE \"C\", n int NOT NULL,\n"
		"  CONSTRAINT state_name_pk PRIMARY KEY (resource, name));\n"
		"INSERT INTO api.state_name VALUES");
	for (size_t i = 0; i < STATES; i++)
		buf_printf(b, "%s\n  ('%s', '%s', %d)", i == 0 ? "" : ",", states[i].resource,
			states[i].name, place_of_state(i));
	buf_str(b,
		";\n\nCREATE TABLE api.move_rule (resource text COLLATE \"C\",\n"
		"  source text COLLATE \"C\", event text COLLATE \"C\", target text NOT NULL,\n"
		"  who text NOT NULL, guard text NOT NULL,\n"
		"  CONSTRAINT move_rule_pk PRIMARY KEY (resource, source, event));\n"
		"INSERT INTO api.move_rule VALUES");
	for (size_t i = 0; i < MOVES; i++)
		buf_printf(b, "%s\n  ('%s', '%s', '%s', '%s', '%s', '%s')", i == 0 ? "" : ",",
			moves[i].resource, moves[i].source, moves[i].event, moves[i].target,
			moves[i].who, moves[i].guard);
	buf_str(b,
		";\n\nCREATE TABLE api.posting (event text COLLATE \"C\", debit text NOT NULL,\n"
		"  credit text NOT NULL, n int,\n"
		"  CONSTRAINT posting_pk PRIMARY KEY (event, n));\n"
		"INSERT INTO api.posting VALUES");
	for (size_t i = 0; i < POSTINGS; i++)
		buf_printf(b, "%s\n  ('%s', '%s', '%s', %d)", i == 0 ? "" : ",", postings[i].event,
			postings[i].debit, postings[i].credit, place_of_posting(i));
	buf_str(b, ";\n");
}

/* ALTER and GRANT find a function by its name alone, so a door is never overloaded. */
static void
grants_print(struct buf *b)
{
	buf_str(b,
		"REVOKE ALL ON SCHEMA api FROM PUBLIC;\n"
		"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA api FROM PUBLIC;\n"
		"GRANT USAGE ON SCHEMA api TO fairlot_writer, fairlot_reader;\n");
	for (size_t i = 0; i < doors_count; i++) {
		buf_printf(b,
			"ALTER FUNCTION api." TEXT_FMT " SECURITY DEFINER"
			" SET search_path = pg_catalog, pg_temp;\n",
			TEXT_ARG(doors[i].name));
		buf_printf(b, "GRANT EXECUTE ON FUNCTION api." TEXT_FMT " TO fairlot_writer%s;\n",
			TEXT_ARG(doors[i].name), doors[i].reads ? ", fairlot_reader" : "");
	}
}

/* --- writing --- */

static void
print_literal(FILE *out, struct text t)
{
	(void)fputc('"', out);
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = (unsigned char)t.at[i];

		if (c == '\n')
			(void)fputs(i + 1 < t.len ? "\\n\"\n\t\"" : "\\n", out);
		else if (c == '"' || c == '\\' || c == '?')
			(void)fprintf(out, "\\%c", c);
		else if (c < ' ' || c > '~')
			(void)fprintf(out, "\\%03o", c);
		else
			(void)fputc(c, out);
	}
	(void)fputc('"', out);
}

static void
print_fields_text(FILE *out, const struct field *fields, size_t count)
{
	(void)fputs(", \"", out);
	for (size_t i = 0; i < count; i++)
		(void)fprintf(out, "%s" TEXT_FMT " " TEXT_FMT, i == 0 ? "" : ",",
			TEXT_ARG(fields[i].name), TEXT_ARG(fields[i].type));
	(void)fputc('"', out);
}

static void
print_def(FILE *out)
{
	(void)fputs("/* Written by sqlgen from sql/stmt. */\n", out);
	for (size_t i = 0; i < statements.count; i++) {
		const struct stmt *s = &stmts[i];

		(void)fprintf(out, "STMT(%s, ", s->file->name);
		print_literal(out, s->text);
		(void)fprintf(out, ", %s, %s", s->writes ? "WRITES" : "READS",
			s->is_long ? "LONG" : "SHORT");
		print_fields_text(out, s->in, s->in_count);
		print_fields_text(out, s->out, s->out_count);
		(void)fputs(")\n", out);
	}
	(void)fputs("#undef STMT\n", out);
}

static void
print_fields(FILE *out, const char *name, const struct field *fields, size_t count)
{
	if (count == 0)
		return;
	(void)fprintf(out, "static const struct sql_param %s[] = {\n", name);
	for (size_t i = 0; i < count; i++)
		(void)fprintf(out, "\t{\"" TEXT_FMT "\", \"" TEXT_FMT "\"},\n",
			TEXT_ARG(fields[i].name), TEXT_ARG(fields[i].type));
	(void)fputs("};\n", out);
}

static void
print_table(FILE *out)
{
	for (size_t i = 0; i < statements.count; i++) {
		const char *name = statements.at[i].name;

		print_fields(
			out, arena_printf(&arena, "in_%s", name), stmts[i].in, stmts[i].in_count);
		print_fields(out, arena_printf(&arena, "out_%s", name), stmts[i].out,
			stmts[i].out_count);
	}
	(void)fputs("const struct sql_stmt sql_table[SQL_COUNT] = {\n"
		    "\t[SQL_none] = {\"none\", \"\", SQL_READS, SQL_SHORT, 0, 0, 0, 0},\n",
		out);
	for (size_t i = 0; i < statements.count; i++) {
		const struct stmt *s = &stmts[i];
		const char *name = s->file->name;

		(void)fprintf(out, "[SQL_%s] = {\"%s\",\n\t", name, name);
		print_literal(out, s->text);
		(void)fprintf(out, ",\n\tSQL_%s, SQL_%s, ", s->writes ? "WRITES" : "READS",
			s->is_long ? "LONG" : "SHORT");
		(void)fprintf(out, "%zu, %s%s, ", s->in_count, s->in_count == 0 ? "0" : "in_",
			s->in_count == 0 ? "" : name);
		(void)fprintf(out, "%zu, out_%s},\n", s->out_count, name);
	}
	(void)fputs("};\n\n", out);
}

static void
print_files(FILE *out, const char *list, const struct files *files)
{
	(void)fprintf(out, "static const struct sql_file %s_at[] = {\n", list);
	for (size_t i = 0; i < files->count; i++) {
		struct hash hash = hash_of(files->at[i].bytes.at, files->at[i].bytes.len);
		char hex[2 * HASH_LEN + 1];

		hex_encode(hash.at, HASH_LEN, hex);
		(void)fprintf(out, "{\"%s\",\n\t", files->at[i].name);
		print_literal(out, files->at[i].bytes);
		(void)fprintf(out, ",\n\t\"%s\"},\n", hex);
	}
	(void)fprintf(out, "{0, 0, 0}};\nconst struct sql_files sql_%s = {%s_at, %zu};\n\n", list,
		list, files->count);
}

static void
print_texts(FILE *out, const char *root)
{
	struct buf grants;

	buf_init(&grants, &arena, 4096);
	grants_print(&grants);
	(void)fputs("const char sql_role[] = ", out);
	print_literal(out, file_read(arena_printf(&arena, "%s/role.sql", root)));
	(void)fputs(";\nconst char sql_grants[] = ", out);
	print_literal(out, buf_text(&grants));
	(void)fprintf(out, ";\n\nconst size_t sql_doors_count = %zu;\n", doors_count);
	(void)fputs("const struct sql_door sql_doors[] = {\n", out);
	for (size_t i = 0; i < doors_count; i++)
		(void)fprintf(out, "\t{\"" TEXT_FMT "\", %s},\n", TEXT_ARG(doors[i].name),
			doors[i].reads ? "true" : "false");
	(void)fputs("\t{0, false}};\n", out);
}

static FILE *
out_open(const char *path)
{
	FILE *out = fopen(path, "wb");

	if (out == NULL)
		stop(path, 0, "%s", strerror(errno));
	return out;
}

static void
out_close(FILE *out, const char *path)
{
	if (ferror(out) != 0 || fclose(out) != 0)
		stop(path, 0, "cannot write");
}

int
main(int argc, char **argv)
{
	struct buf lists;
	FILE *out;

	if (argc != 5)
		stop("sqlgen", 0, "usage: sqlgen SQL_FOLDER STMT_DEF TABLE_C DEPFILE");
	arena_init(&arena, SIZE_MAX);
	buf_init(&depends, &arena, 4096);
	buf_printf(&depends, " %s", argv[1]); /* its time changes when a folder comes or goes */
	folder_take(argv[1], "migrate", &migrations);
	folder_take(argv[1], "install", &installs);
	folder_take(argv[1], "fn", &functions);
	buf_init(&lists, &arena, 4096);
	lists_print(&lists);
	functions.at[functions.count++] = (struct file){"", "020_lists", buf_text(&lists)};
	qsort(functions.at, functions.count, sizeof functions.at[0], files_order);
	statements_take(argv[1]);
	qsort(statements.at, statements.count, sizeof statements.at[0], files_order);
	statements_parse();

	out = out_open(argv[2]);
	print_def(out);
	out_close(out, argv[2]);
	out = out_open(argv[3]);
	(void)fputs("/* Written by sqlgen. */\n#include \"sql/embed.h\"\n"
		    "#include \"sql/stmt.h\"\n\n",
		out);
	print_table(out);
	print_files(out, "migrations", &migrations);
	print_files(out, "functions", &functions);
	print_files(out, "install", &installs);
	print_texts(out, argv[1]);
	out_close(out, argv[3]);
	out = out_open(argv[4]);
	(void)fprintf(out, "%s:" TEXT_FMT "\n", argv[2], TEXT_ARG(buf_text(&depends)));
	out_close(out, argv[4]);
	arena_reset(&arena);
	return EXIT_SUCCESS;
}
