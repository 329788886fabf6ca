#pragma once

#include "tests/api/scene.h"

/* The way of a project, step by step, as its people go it over the interface; each step asserts
 * what must hold after it. */

/* The body of a draft for item I001; more: further members, "" or ",\"winners\":2", also another
 * fiscal_bp.  price: the members of the price, NULL for the mode's usual ones. */
const char *life_body(struct scene *s, const char *mode, const char *price, const char *more);
/* Drafts, commits and submits; then a reviewer publishes too.  Answer the project's id. */
const char *life_review(struct scene *s, const char *mode, const char *price, const char *more);
const char *life_open(struct scene *s, const char *mode, const char *price, const char *more);
/* Commits, submits and publishes a draft, also that of a new round. */
void life_submit(struct scene *s, const char *project);
void life_publish(struct scene *s, const char *project);

/* Signs up; the receipt is the signer's and states the sign-up.  Answers its leaf. */
const char *life_signup(struct scene *s, const char *project, int agency);
/* The receipt in the last answer: its kind, subject and leaf. */
void life_receipt(struct scene *s, const char *kind, const char *subject);

void life_until(struct scene *s, const char *project, const char *state);
/* Moves the clock to a time that the project names, and waits for the state that follows. */
void life_pass(struct scene *s, const char *project, const char *member, const char *state);

/* The owner commits to an r, which for a draw's first commitment is life_r(), and opens that. */
const char *life_r(struct scene *s, const char *draw);
const char *life_commitment(struct scene *s, const char *draw, const char *r); /* the body */
void life_commit(struct scene *s, const char *project, const char *draw, const char *r);
void life_contribute(struct scene *s, const char *draw);

/* Index of the agency in this place of the standing, from 0. */
int life_agency(struct scene *s, const char *project, int place);

/* From the award of this winner to its payment and rating.  Answers the order's id. */
const char *life_pay(struct scene *s, const char *project, int agency, int64_t contract_fen);

/* The transcript verifies, with so many candidates, and its order, or value, is the one that is
 * served.  Of several attempts each verifies, and the last one has the result.  Level 3: but for
 * the signature of the beacon's round. */
void life_transcript(struct scene *s, const char *draw, int candidates);
void life_transcript_of(struct scene *s, const char *draw, int candidates, int level);
/* The export of the ledger has as many lines as the totals count, and adds up to their sum. */
void life_ledger(struct scene *s);
