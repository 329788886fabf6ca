/* The signer as the daemon uses it: a real child of this program, started with "signer". */
#include "daemon/signer.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/config.h"
#include "daemon/loop.h"
#include "daemon/task.h"
#include "lib/base/arena.h"
#include "lib/base/sign.h"
#include "lib/draw/freeze.h"
#include "lib/draw/vrf.h"
#include "lib/ledger/merkle.h"
#include "lib/ledger/note.h"
#include "tests/support/merkle_path.h"
#include "tests/support/suite.h"

#undef fail /* check.h has a macro of this name */

static char folder[64], lock_path[80];
static bool child_died;

struct asked {
	struct signer_proof proof;
	struct signer_signature signature, refused;
	uint8_t alpha[FREEZE_ALPHA_LEN];
	bool answered;
};

static struct asked asked;
static const char note[] = "fairlot-receipt/v1\nleaf 00\nkind bid\nsubject auc_1\n";

static void
on_death(void)
{
	child_died = true;
}

static struct loop *
loop_start(void)
{
	struct config *config;
	char why[256];
	struct loop *loop;

	ck_assert(config_load(NULL, 0, NULL, &config, why, sizeof why));
	loop = loop_new(0, 1, config);
	signer_attach(0, loop->base, on_death);
	return loop;
}

static enum turn
answered(struct task *t)
{
	struct loop *loop = t->loop;

	asked.answered = true;
	loop_stop(loop);
	return reply_empty(t, 204);
}

/* Three questions at once; the task goes on when all have their answer. */
static enum turn
ask(struct task *t)
{
	struct hash f = hash_of("f", 1);

	freeze_alpha(&f, asked.alpha);
	signer_prove(t, text_span((char *)asked.alpha, sizeof asked.alpha), &asked.proof);
	signer_receipt(t, text_of(note), &asked.signature);
	/* A checkpoint is not a receipt: the receipts' key does not sign it. */
	signer_receipt(t, text_of("localhost/journal\n1\nroot, which is no receipt at all\n"),
		&asked.refused);
	return wait_for(t, answered);
}

static void
ask_all(struct loop *loop)
{
	memset(&asked, 0, sizeof asked);
	loop->stop = false;
	(void)task_new(loop, ask);
	loop_run(loop);
	ck_assert(asked.answered);
}

static void
folder_new(void)
{
	(void)snprintf(folder, sizeof folder, "/tmp/fairlot-signer-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(lock_path, sizeof lock_path, "%s/lock", folder);
}

START_TEST(it_signs_what_its_table_permits_and_nothing_else)
{
	struct loop *loop;
	struct hash value;

	folder_new();
	ck_assert(signer_start(folder, lock_path, 1));
	loop = loop_start();
	ask_all(loop);
	ck_assert(asked.proof.given && asked.signature.given && !asked.refused.given);
	ck_assert_int_eq(
		vrf_verify(signer_keys()->vrf, text_span((char *)asked.alpha, sizeof asked.alpha),
			text_span((char *)asked.proof.proof, sizeof asked.proof.proof), &value),
		CHECK_OK);
	ck_assert_mem_eq(value.at, asked.proof.value, HASH_LEN);
	ck_assert(sign_holds(signer_keys()->receipt, text_of(note), asked.signature.at));
	signer_detach(0);
	loop_free(&loop);
	signer_stop();
}
END_TEST

START_TEST(keys_are_private_files_and_stay)
{
	struct signer_keys keys;
	char path[96];
	struct stat st;

	folder_new();
	ck_assert(signer_start(folder, lock_path, 1));
	keys = *signer_keys();
	signer_stop();
	(void)snprintf(path, sizeof path, "%s/vrf.key", folder);
	ck_assert(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600 && st.st_size == 65);
	ck_assert(signer_start(folder, lock_path, 1));
	ck_assert_mem_eq(&keys, signer_keys(), sizeof keys);
	signer_stop();
	/* A key that others may read is a key they have. */
	ck_assert_int_eq(chmod(path, 0640), 0);
	ck_assert(!signer_start(folder, lock_path, 1));
}
END_TEST

START_TEST(a_dead_child_answers_every_question_with_no)
{
	struct loop *loop;

	folder_new();
	child_died = false;
	ck_assert(signer_start(folder, lock_path, 1));
	loop = loop_start();
	ck_assert_int_eq(kill(signer_pid(), SIGKILL), 0);
	ask_all(loop);
	ck_assert(!asked.proof.given && !asked.signature.given && child_died);
	ask_all(loop);
	ck_assert(!asked.proof.given && !asked.signature.given);
	signer_detach(0);
	loop_free(&loop);
	signer_stop();
}
END_TEST

/* ---- the lock file ---- */

enum {
	TREE = 40
};

static struct hash leaves[TREE];
static struct arena arena;

/* A checkpoint of the first `size` leaves that extends `old` of them; other: with another root. */
struct wanted {
	const char *origin;
	uint64_t size, old;
	bool other, given;
};

static struct wanted wanted;
static struct signer_lock lock;
static struct signer_signature signature;

static struct text
checkpoint_of(const struct wanted *w)
{
	struct hash root = w->other ? hash_of("fork", 4) : merkle_root_of(leaves, w->size);

	return checkpoint_build(&arena, text_of(w->origin), w->size, &root);
}

static enum turn
ask_checkpoint(struct task *t)
{
	struct hash proof[MERKLE_PATH_MAX];
	size_t len = wanted.old == 0 || wanted.old > wanted.size
		? 0
		: merkle_consistency(leaves, wanted.size, wanted.old, proof);

	signer_checkpoint(t, checkpoint_of(&wanted), proof, len, &signature);
	signer_lock(t, text_of("o/journal"), &lock);
	return wait_for(t, answered);
}

static bool
signs(struct loop *loop, const char *origin, uint64_t size, uint64_t old, bool other)
{
	wanted = (struct wanted){.origin = origin, .size = size, .old = old, .other = other};
	memset(&lock, 0, sizeof lock);
	memset(&signature, 0, sizeof signature);
	asked.answered = false;
	loop->stop = false;
	(void)task_new(loop, ask_checkpoint);
	loop_run(loop);
	ck_assert(asked.answered && lock.given);
	if (signature.given)
		ck_assert(sign_holds(signer_keys()->log, checkpoint_of(&wanted), signature.at));
	return signature.given;
}

static struct loop *
lock_start(const char *path)
{
	for (size_t i = 0; i < TREE; i++)
		leaves[i] = merkle_leaf(text_span((const char *)&i, 1));
	arena_init(&arena, 1 << 20);
	ck_assert(signer_start(folder, path, 1));
	return loop_start();
}

static void
lock_stop(struct loop **loop)
{
	signer_detach(0);
	loop_free(loop);
	signer_stop();
	arena_reset(&arena);
}

START_TEST(only_what_extends_the_lock_file_is_signed)
{
	struct loop *loop;

	folder_new();
	loop = lock_start(lock_path);
	ck_assert(signs(loop, "o/journal", 7, 0, false));
	ck_assert(lock.state == SIGNER_LOCK_HELD && lock.size == 7);
	ck_assert(signs(loop, "o/journal", 7, 0, false)); /* again, as after a crash */
	ck_assert(!signs(loop, "o/journal", 7, 0, true));
	ck_assert(!signs(loop, "o/journal", 20, 0, false)); /* no proof */
	ck_assert(!signs(loop, "o/journal", 20, 6, false)); /* of another size */
	ck_assert(!signs(loop, "o/journal", 20, 7, true));
	ck_assert(!signs(loop, "o/journal", 3, 0, false));
	ck_assert(!signs(loop, "o/ledger", 20, 7, false));
	ck_assert(lock.size == 7);
	ck_assert(signs(loop, "o/journal", 20, 7, false));
	ck_assert(signs(loop, "o/journal", TREE, 20, false));
	lock_stop(&loop);
	loop = lock_start(lock_path); /* it outlives the process */
	ck_assert(!signs(loop, "o/journal", 20, 0, false));
	ck_assert(lock.size == TREE);
	lock_stop(&loop);
}
END_TEST

START_TEST(without_a_lock_file_no_checkpoint_is_signed)
{
	struct loop *loop;

	folder_new();
	loop = lock_start("");
	ck_assert(!signs(loop, "o/journal", 7, 0, false));
	ck_assert(lock.state == SIGNER_LOCK_UNUSED);
	lock_stop(&loop);
}
END_TEST

START_TEST(a_lock_file_that_is_no_such_is_not_replaced)
{
	static const char other_log[] =
		"fairlot-lock/v1\norigin o/ledger\nsize 1\nroot "
		"0000000000000000000000000000000000000000000000000000000000000000\n";
	static const char *const texts[] = {
		"", "x\n", "fairlot-lock/v1\norigin o/journal\nsize 07\n", other_log};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct loop *loop;
		FILE *f;

		folder_new();
		f = fopen(lock_path, "w");
		ck_assert(f != NULL && fputs(texts[i], f) >= 0 && fclose(f) == 0);
		loop = lock_start(lock_path);
		ck_assert(!signs(loop, "o/journal", 7, 0, false));
		ck_assert(lock.state == SIGNER_LOCK_BAD);
		lock_stop(&loop);
	}
}
END_TEST

int
main(int argc, char **argv)
{
	static const TTest *tests[6];

	if (argc > 1 && strcmp(argv[1], "signer") == 0)
		return signer_main(argc, argv);
	/* The child is /proc/self/exe, which is valgrind itself there. */
	if (getenv("FAIRLOT_VALGRIND") != NULL)
		return 77;
	tests[0] = it_signs_what_its_table_permits_and_nothing_else;
	tests[1] = keys_are_private_files_and_stay;
	tests[2] = a_dead_child_answers_every_question_with_no;
	tests[3] = only_what_extends_the_lock_file_is_signed;
	tests[4] = without_a_lock_file_no_checkpoint_is_signed;
	tests[5] = a_lock_file_that_is_no_such_is_not_replaced;
	return suite_run(&(struct suite){.name = "signer", .tests = tests, .count = 6});
}
