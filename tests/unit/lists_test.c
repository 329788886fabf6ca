/* The lists of moves, timers, accounts and postings, held against themselves. */
#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "tests/support/suite.h"

struct move {
	const char *list, *source, *event, *target;
};
struct state {
	const char *list, *name;
};

static const struct state states[] = {
#define STATE(name) {"agency", #name},
#define MOVE(...)
#include "lib/agency/state.def"
#define STATE(name) {"project", #name},
#define MOVE(...)
#include "lib/project/state.def"
#define STATE(name) {"order", #name},
#define MOVE(...)
#include "lib/order/state.def"
};

static const struct move moves[] = {
#define STATE(name)
#define MOVE(from, on, to, ...) {"agency", #from, #on, #to},
#include "lib/agency/state.def"
#define STATE(name)
#define MOVE(from, on, to, ...) {"project", #from, #on, #to},
#include "lib/project/state.def"
#define STATE(name)
#define MOVE(from, on, to, ...) {"order", #from, #on, #to},
#include "lib/order/state.def"
};

static const char *const jobs[] = {
#define JOB(kind, ...) #kind,
#include "daemon/job.def"
};

enum {
	STATES = sizeof states / sizeof states[0],
	MOVES = sizeof moves / sizeof moves[0],
	JOBS = sizeof jobs / sizeof jobs[0]
};

static const char *const accounts[] = {
#define ACCOUNT(kind, ...) #kind,
#include "lib/ledger/account.def"
};

static const char *const postings[][3] = {
#define POSTING(event, debit, credit) {#event, #debit, #credit},
#include "lib/ledger/posting.def"
};

enum {
	ACCOUNTS = sizeof accounts / sizeof accounts[0],
	POSTINGS = sizeof postings / sizeof postings[0]
};

static bool
is_account(const char *kind)
{
	for (size_t i = 0; i < ACCOUNTS; i++)
		if (strcmp(accounts[i], kind) == 0)
			return true;
	return false;
}

static bool
is_state(const char *list, const char *name)
{
	for (size_t i = 0; i < STATES; i++)
		if (strcmp(states[i].list, list) == 0 && strcmp(states[i].name, name) == 0)
			return true;
	return false;
}

START_TEST(a_move_joins_two_states_of_its_list)
{
	for (size_t i = 0; i < MOVES; i++)
		ck_assert_msg(is_state(moves[i].list, moves[i].source) &&
				is_state(moves[i].list, moves[i].target),
			"%s: %s -> %s", moves[i].list, moves[i].source, moves[i].target);
}
END_TEST

START_TEST(an_event_leads_from_a_state_to_one_other)
{
	for (size_t i = 0; i < MOVES; i++)
		for (size_t j = i + 1; j < MOVES; j++)
			ck_assert_msg(strcmp(moves[i].list, moves[j].list) != 0 ||
					strcmp(moves[i].source, moves[j].source) != 0 ||
					strcmp(moves[i].event, moves[j].event) != 0,
				"%s: %s %s twice", moves[i].list, moves[i].source, moves[i].event);
}
END_TEST

START_TEST(every_kind_of_job_stands_once)
{
	for (size_t i = 0; i < JOBS; i++)
		for (size_t j = i + 1; j < JOBS; j++)
			ck_assert_str_ne(jobs[i], jobs[j]);
}
END_TEST

START_TEST(an_event_posts_once_between_two_accounts)
{
	for (size_t i = 0; i < POSTINGS; i++) {
		ck_assert_msg(is_account(postings[i][1]), "%s debits nothing", postings[i][0]);
		ck_assert_msg(is_account(postings[i][2]), "%s credits nothing", postings[i][0]);
		ck_assert_str_ne(postings[i][1], postings[i][2]);
		for (size_t j = i + 1; j < POSTINGS; j++)
			ck_assert_str_ne(postings[i][0], postings[j][0]);
	}
}
END_TEST

SUITE(lists, a_move_joins_two_states_of_its_list, an_event_leads_from_a_state_to_one_other,
	every_kind_of_job_stands_once, an_event_posts_once_between_two_accounts)
