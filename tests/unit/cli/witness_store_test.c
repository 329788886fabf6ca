/* The folder of a witness: secrets for its owner alone, one program at a time, one answer. */
#include <check.h>
#include <json-c/json.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/file.h"
#include "cli/session.h"
#include "lib/base/hex.h"
#include "tests/support/suite.h"
#include "tests/unit/cli/fake_log.h"

#define ORIGIN "fairlot.example/market"

static mode_t
mode_of(struct fake *f, const char *name)
{
	struct stat st;

	ck_assert_int_eq(stat(arena_printf(&f->arena, "%s/%s", f->folder, name), &st), 0);
	return st.st_mode & 0777;
}

START_TEST(secrets_are_for_the_owner_of_the_folder_and_made_once)
{
	struct fake *f = fake_new(ORIGIN);
	struct announcement n = f->store.own;
	const char *err = NULL, *key = arena_printf(&f->arena, "%s/vrf.key", f->folder);
	struct store other;

	ck_assert_int_eq(mode_of(f, "vrf.key"), 0600);
	ck_assert_int_eq(mode_of(f, "cosign.key"), 0600);
	ck_assert_int_eq(mode_of(f, "public"), 0755);
	ck_assert(!store_init(f->folder, &n, f->store.vkey, &f->arena, &err));
	store_close(&f->store);
	ck_assert_int_eq(chmod(key, 0640), 0);
	ck_assert(!store_open(&other, f->folder, true, &f->arena, &err));
	ck_assert_int_eq(chmod(key, 0600), 0);
	ck_assert_msg(store_open(&f->store, f->folder, true, &f->arena, &err), "%s", err);
	ck_assert_mem_eq(f->store.own.vrf_key, n.vrf_key, VRF_KEY_LEN);
	fake_free(&f);
}
END_TEST

START_TEST(one_program_works_in_a_folder)
{
	struct fake *f = fake_new(ORIGIN);
	const char *err = NULL;
	struct store other;

	ck_assert(!store_open(&other, f->folder, true, &f->arena, &err));
	ck_assert_msg(store_open(&other, f->folder, false, &f->arena, &err), "%s", err);
	store_close(&other);
	store_close(&f->store);
	ck_assert_msg(store_open(&other, f->folder, true, &f->arena, &err), "%s", err);
	store_close(&other);
	fake_free(&f);
}
END_TEST

START_TEST(the_first_answer_to_an_attempt_stays)
{
	struct fake *f = fake_new(ORIGIN);
	uint8_t proof[VRF_PROOF_LEN] = {1};
	struct hash one = {{1}}, two = {{2}}, kept = {{0}};
	struct text draw = text_of("prj-a.1");

	ck_assert_int_eq(
		store_answer_keep(&f->store, draw, 1, &one, proof, &f->arena, &kept), STORE_NEW);
	ck_assert_int_eq(
		store_answer_keep(&f->store, draw, 1, &one, proof, &f->arena, &kept), STORE_SAME);
	ck_assert(fake_reopen(f));
	ck_assert_int_eq(
		store_answer_keep(&f->store, draw, 1, &two, proof, &f->arena, &kept), STORE_OTHER);
	ck_assert_mem_eq(kept.at, one.at, HASH_LEN);
	ck_assert_int_eq(
		store_answer_keep(&f->store, draw, 2, &two, proof, &f->arena, &kept), STORE_NEW);
	/* What cannot be read is not taken for nothing. */
	ck_assert(file_replace(arena_printf(&f->arena, "%s/answers/prj-a.1.2", f->folder),
		text_of("rubbish\n"), &f->arena));
	ck_assert_int_eq(
		store_answer_keep(&f->store, draw, 2, &two, proof, &f->arena, &kept), STORE_BROKEN);
	fake_free(&f);
}
END_TEST

START_TEST(its_announcement_is_one)
{
	struct fake *f = fake_new(ORIGIN);
	struct json_object *json = json_tokener_parse(arena_printf(
		&f->arena, TEXT_FMT, TEXT_ARG(store_announcement(&f->store, &f->arena))));
	uint8_t sig[SIGN_LEN], proof[VRF_PROOF_LEN];

	ck_assert_str_eq(json_text(json, "name"), "auditor-2");
	ck_assert_str_eq(json_text(json, "origin"), ORIGIN);
	ck_assert_ptr_null(json_text(json, "url"));
	ck_assert(hex_decode(text_of(json_text(json, "signature")), sig, sizeof sig));
	ck_assert(hex_decode(text_of(json_text(json, "proof")), proof, sizeof proof));
	ck_assert(announcement_holds(
		&f->arena, &f->store.own, sig, text_span((const char *)proof, sizeof proof)));
	json_object_put(json);
	fake_free(&f);
}
END_TEST

SUITE(witness_store, secrets_are_for_the_owner_of_the_folder_and_made_once,
	one_program_works_in_a_folder, the_first_answer_to_an_attempt_stays,
	its_announcement_is_one)
