/* How a mirror grows: what was served wrong is not taken, and a run that ends anywhere is gone on
 * with. */
#include "cli/mirror_pull.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/disk.h"
#include "tests/support/suite.h"
#include "tests/unit/cli/fake_log.h"

#define ORIGIN "fairlot.example/market"

/* --- dying at a file --- */

static int renames_left = -1; /* the program ends in place of the call after so many; -1: never */

/* In place of the C library's: every file of a mirror but the list of checkpoints appears by it. */
int
rename(const char *from, const char *to)
{
	if (renames_left == 0)
		_exit(9);
	if (renames_left > 0)
		renames_left--;
	return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

/* --- a server that lies in one thing --- */

static struct lie {
	const char *path; /* the answer to this is another one; NULL: none */
	struct text (*tell)(struct arena *a, struct text body);
} lie;

static bool
get(void *arg, const char *path, struct arena *a, struct text *ret_body, const char **reterr)
{
	struct fake *f = arg;

	if (!f->log.source.get(f, path, a, ret_body, reterr))
		return false;
	if (lie.path != NULL && strncmp(path, lie.path, strlen(lie.path)) == 0)
		*ret_body = lie.tell(a, *ret_body);
	return true;
}

static struct text
first_byte_changed(struct arena *a, struct text body)
{
	char *copy = arena_copy(a, body.at, body.len);

	copy[2] ^= 1; /* behind the length of the first entry */
	return text_span(copy, body.len);
}

static struct text
last_byte_changed(struct arena *a, struct text body)
{
	char *copy = arena_copy(a, body.at, body.len);

	copy[body.len - 1] ^= 1;
	return text_span(copy, body.len);
}

static struct text
shorter(struct arena *a, struct text body)
{
	(void)a;
	return text_span(body.at, body.len - 1);
}

static struct text
longer(struct arena *a, struct text body)
{
	struct buf b;

	buf_init(&b, a, body.len + 1);
	buf_add(&b, body.at, body.len);
	buf_char(&b, 'x');
	return buf_text(&b);
}

static struct text
nothing(struct arena *a, struct text body)
{
	(void)a;
	(void)body;
	return text_of("");
}

/* The text of the note says another size than what was signed. */
static struct text
another_size(struct arena *a, struct text body)
{
	/* In the list the notes are JSON. */
	char *copy = arena_str(a, body.at, body.len), *size = strchr(strstr(copy, "/journal"), 'n');

	while (*size < '0' || *size > '9')
		size++;
	*size ^= 1;
	return text_span(copy, body.len);
}

/* --- a mirror --- */

static const char *
dir_of(struct fake *f)
{
	return arena_printf(&f->arena, "%s/copy", f->folder);
}

static void
begin(struct fake *f, struct mirror *m)
{
	ck_assert_msg(mirror_open(m, &f->arena, dir_of(f)), "%s", m->fault);
	m->origin = f->store.log_name;
	memcpy(m->key, f->store.log_key, sizeof m->key);
	ck_assert_msg(mirror_resume(m), "%s", m->fault);
}

static enum pull
pull_into(struct fake *f, struct mirror *m)
{
	const struct mirror_source source = {get, f};
	uint64_t before;
	struct checkpoint c;
	struct text note, keys;
	enum pull pull;

	keys = text_of(arena_printf(&f->arena, TEXT_FMT "\n", TEXT_ARG(f->store.vkey)));
	begin(f, m);
	before = m->newest.size;
	ck_assert(
		disk_write(arena_printf(&f->arena, "%s/keys", dir_of(f)), keys, false, &f->arena));
	if ((pull = mirror_ask(m, &source, &note, &c)) != PULL_NEW)
		return pull;
	pull = mirror_grow(m, &source, note, &c);
	if (pull == PULL_NEW && before > 0)
		mirror_drop(m, before);
	return pull;
}

static void
holds(struct fake *f, uint64_t size)
{
	struct mirror m;

	ck_assert_msg(mirror_open(&m, &f->arena, dir_of(f)), "%s", m.fault);
	ck_assert_uint_eq(m.newest.size, size);
	if (size > 0)
		ck_assert_msg(mirror_verify(&m, NULL), "%s", m.fault);
}

static void
fill_to(struct fake *f, uint64_t size)
{
	fake_fill(f, size);
	f->signed_at[size] = true;
}

START_TEST(a_mirror_grows_with_every_checkpoint_between)
{
	struct fake *f = fake_new(ORIGIN);
	struct mirror m;

	fill_to(f, 3);
	fill_to(f, 256);
	fill_to(f, 300);
	ck_assert_int_eq(pull_into(f, &m), PULL_NEW);
	holds(f, 300);
	fill_to(f, 511);
	fill_to(f, 700);
	ck_assert_int_eq(pull_into(f, &m), PULL_NEW);
	ck_assert_int_eq(pull_into(f, &m), PULL_NEW);
	holds(f, 700);
	ck_assert(mirror_open(&m, &f->arena, dir_of(f)));
	ck_assert_uint_eq(m.past_count, 5);
	fake_free(&f);
}
END_TEST

START_TEST(what_is_served_wrong_is_refused_and_the_mirror_stays)
{
	static const struct {
		const char *path;
		struct text (*tell)(struct arena *a, struct text body);
		enum pull want;
	} rows[] = {
		/* an entry that the mirror has, one that it has not */
		{"/journal/tile/entries/001", first_byte_changed, PULL_FORK},
		{"/journal/tile/entries/002", last_byte_changed, PULL_FORK},
		{"/journal/tile/entries/001", shorter, PULL_FORK},
		{"/journal/tile/entries/001", longer, PULL_FORK},
		{"/journal/tile/entries/002", nothing, PULL_FORK},
		{"/journal/checkpoint", another_size, PULL_UNSIGNED},
		{"/v1/journal/checkpoints", another_size, PULL_UNSIGNED},
		{"/v1/journal/checkpoints", nothing, PULL_UNSIGNED},
	};
	struct fake *f = fake_new(ORIGIN);
	struct mirror m;

	fill_to(f, 300);
	ck_assert_int_eq(pull_into(f, &m), PULL_NEW);
	fill_to(f, 400);
	fill_to(f, 700);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		enum pull pull;

		lie = (struct lie){.path = rows[i].path, .tell = rows[i].tell};
		pull = pull_into(f, &m);
		ck_assert_msg(pull == rows[i].want, "%zu: %d", i, pull);
		ck_assert_ptr_nonnull(m.fault);
		ck_assert_uint_eq(m.newest.size, 300);
		holds(f, 300);
	}
	lie.path = NULL;
	ck_assert_int_eq(pull_into(f, &m), PULL_NEW);
	holds(f, 700);
	fake_free(&f);
}
END_TEST

START_TEST(a_smaller_checkpoint_or_another_root_is_refused)
{
	struct fake *f = fake_new(ORIGIN);
	struct text honest;
	struct mirror m;

	fill_to(f, 300);
	ck_assert_int_eq(pull_into(f, &m), PULL_NEW);
	f->size = 299;
	ck_assert_int_eq(pull_into(f, &m), PULL_FORK);
	ck_assert_ptr_nonnull(strstr(m.fault, "smaller"));
	f->size = 300;
	honest = f->entries[0];
	f->entries[0] = text_of("changed\n");
	ck_assert_int_eq(pull_into(f, &m), PULL_FORK);
	f->entries[0] = honest;
	fill_to(f, 400);
	f->other_root = 350;
	f->signed_at[350] = true;
	ck_assert_int_eq(pull_into(f, &m), PULL_FORK);
	ck_assert_ptr_nonnull(m.fork);
	ck_assert(text_eq(mirror_note(&m, m.fork), fake_note(f, 350)));
	holds(f, 300);
	fake_free(&f);
}
END_TEST

/* Dies at its k-th file; false: it came to its end. */
static bool
dies_at(struct fake *f, int k)
{
	struct mirror m;
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		renames_left = k;
		_exit(pull_into(f, &m) == PULL_NEW ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) != 1);
	return WEXITSTATUS(status) == 9;
}

START_TEST(a_run_that_ends_between_two_files_is_gone_on_with)
{
	static const uint64_t from[] = {0, 300};
	int files = 0;

	for (size_t i = 0; i < 2; i++)
		for (int k = 0; k >= 0; k++) {
			struct fake *f = fake_new(ORIGIN);
			struct mirror m;

			if (from[i] > 0) {
				fill_to(f, from[i]);
				ck_assert_int_eq(pull_into(f, &m), PULL_NEW);
			}
			fill_to(f, 400);
			fill_to(f, 700);
			if (dies_at(f, k)) {
				holds(f, from[i]);
				ck_assert_int_eq(pull_into(f, &m), PULL_NEW);
				files++;
			} else
				k = -2;
			holds(f, 700);
			fake_free(&f);
		}
	ck_assert_int_ge(files, 16);
}
END_TEST

SUITE(mirror_pull, a_mirror_grows_with_every_checkpoint_between,
	what_is_served_wrong_is_refused_and_the_mirror_stays,
	a_smaller_checkpoint_or_another_root_is_refused,
	a_run_that_ends_between_two_files_is_gone_on_with)
