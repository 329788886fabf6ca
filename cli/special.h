#pragma once

#include <stddef.h>

#include "cli/session.h"

/* Commands that are more than one operation, or none.  argv starts behind the names. */
struct special {
	const char *resource, *verb; /* verb NULL: a command of one word */
	enum status (*run)(struct session *s, int argc, char *const *argv);
	const char *zh, *en;
};

extern const struct special special_table[];
extern const size_t special_count;

/* Takes the arguments of a special command: exactly `count` (fewer down to `least`) words into
 * args, program options into the session. */
MUST_USE bool special_args(struct session *s, int argc, char *const *argv, size_t least,
	size_t count, const char **ret_args);

/* Unpacks the transcript of a draw into a new folder: fetched whole, checked, and only then
 * written. */
MUST_USE enum status transcript_fetch(struct session *s, const char *draw, const char *folder);

enum status draw_commit_run(struct session *s, int argc, char *const *argv);
enum status draw_open_run(struct session *s, int argc, char *const *argv);
enum status draw_fetch_run(struct session *s, int argc, char *const *argv);
enum status draw_pulse_run(struct session *s, int argc, char *const *argv);
enum status ledger_pull_run(struct session *s, int argc, char *const *argv);
enum status journal_mirror_run(struct session *s, int argc, char *const *argv);
enum status journal_verify_run(struct session *s, int argc, char *const *argv);
enum status tour_run(struct session *s, int argc, char *const *argv);
enum status witness_init_run(struct session *s, int argc, char *const *argv);
enum status witness_announce_run(struct session *s, int argc, char *const *argv);
enum status witness_void_run(struct session *s, int argc, char *const *argv);
enum status witness_run_run(struct session *s, int argc, char *const *argv);
enum status verify_run(struct session *s, int argc, char *const *argv);
enum status api_run(struct session *s, int argc, char *const *argv);
