#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "cli/folder.h"
#include "lib/draw/verify.h"

struct arena;

/* The offline verifier: reads a transcript that is in memory already, prints what every check
 * found, and returns the exit status (enum verdict).  It needs lib, libcrypto and libc, nothing
 * else: no network, no client, no daemon.
 *
 * With `brief` only what does not hold, what was not checked, and the result are printed. */
struct verify_style {
	bool chinese, brief;
};

/* What a mirror of the journal (cli/mirror.h) has about the draw of this folder; the mirror is
 * verified as a whole.  False with *reterr. */
MUST_USE bool verify_journal_read(struct arena *a, const struct folder *folder, const char *dir,
	struct verify_journal *ret_journal, const char **reterr);

/* The draw that the attempts of this folder name in their freezes; empty without one. */
struct text verify_draw_of(const struct folder *folder);

/* How a state, and the end of a report, are said; own_only: of the draw's own records. */
const char *verify_word(const struct verify_style *style, enum verify_state state);
void verify_say(const struct verify_style *style, enum verdict verdict, bool own_only, FILE *out);

int verify_folder(struct arena *a, const struct folder *folder,
	const struct verify_options *options, const struct verify_style *style, FILE *out);
