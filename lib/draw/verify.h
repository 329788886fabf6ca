#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/text.h"
#include "lib/draw/check.h"
#include "lib/draw/draw.h"
#include "lib/draw/verify_journal.h"
#include "lib/draw/void.h"

struct arena;

/* Verifies a transcript: recomputes everything from the files alone and says for every row of
 * check.def what became of it.  Nothing is trusted that the files say about themselves.
 *
 * Files are named as in the transcript, `attempt-<n>/freeze.txt`, or without a folder when only
 * one attempt is given.  Names it does not know are passed over. */
struct verify_file {
	struct text name, bytes;
};

enum beacon_answer {
	BEACON_HOLDS,
	BEACON_FAILS,
	BEACON_UNKNOWN
};

struct verify_options {
	/* Only the draw's own records count for completeness: what needs the journal, the notice,
	 * the policy profile and the sign-ups may be absent; what is there is checked. */
	bool draw_only;
	/* Answers whether `given` is of this drand chain and round; NULL when nobody can. */
	enum beacon_answer (*beacon)(void *arg, const struct contributor *c, struct text given);
	void *beacon_arg;
	/* The certificate (PEM) that pulses of NIST are signed with; empty: not at hand. */
	struct text nist_certificate;
	/* What a mirror of the journal has about this draw; NULL: no mirror is at hand. */
	const struct verify_journal *journal;
	/* The verifier key of the journal, which the person has from elsewhere; empty: none. */
	struct text log_vkey;
};

enum verify_state {
	VERIFY_UNREACHED, /* a check before it failed, or a file is absent */
	VERIFY_NONE,	  /* nothing of the kind is in this draw */
	VERIFY_HOLDS,
	VERIFY_FAILS,
	VERIFY_LEFT /* could not be checked here */
};

struct verify_row {
	enum verify_state state;
	const char *file;  /* where, or NULL */
	uint32_t line;	   /* 0 when the whole file is meant */
	struct text about; /* an id, a name, a file that is absent; may be empty */
};

struct verify_attempt {
	uint32_t number;
	struct verify_row rows[CHECK_COUNT]; /* rows[0] is not used */
	bool frozen, listed, voided, drawn;  /* which of the records below could be read */
	struct draw draw;
	struct void_record void_record;
	struct result result; /* recomputed, when drawn */
};

/* The exit statuses of `fairlot verify`; 2 is for wrong usage. */
enum verdict {
	VERDICT_HOLDS = 0,
	VERDICT_FAILED = 1,
	VERDICT_INCOMPLETE = 3
};

struct verify_report {
	enum verdict verdict;
	int level; /* 1 … 3; 0 when there is no result that holds */
	/* A beacon contributes and was not checked: the level supposes that its value is true. */
	bool beacon_left;
	struct verify_attempt *attempts; /* in order; the last one counts */
	size_t count;
};

/* Takes `attempt-<n>/` off the front of a name; 0 when there is none. */
uint32_t verify_attempt_cut(struct text *name);

void draw_verify(struct arena *a, const struct verify_file *files, size_t count,
	const struct verify_options *options, struct verify_report *ret_report);
