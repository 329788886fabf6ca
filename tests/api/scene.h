#pragma once

#include "lib/base/sign.h"
#include "lib/ident/key.h"
#include "tests/support/client.h"
#include "tests/support/daemon.h"
#include "tests/support/pg.h"

/* A market that was set up through its own interface: every organisation, person, key and agency
 * was entered by calls over TLS.  Time is the test's clock, which stands; the timers are the
 * daemon's, so a test moves the clock and waits for what follows. */
enum who {
	NOBODY,
	OPERATOR, /* runs the market */
	REVIEWER, /* an operator too */
	OWNER,
	STRANGER, /* an owner of something else */
	REGULATOR,
	AUDITOR,
	WITNESS,	      /* and the following */
	AGENCY = WITNESS + 3, /* and the following */
};
enum {
	SCENE_WITNESSES = AGENCY - WITNESS,
	SCENE_AGENCIES = 5,
	SCENE_KEYS = AGENCY + SCENE_AGENCIES,
	SCENE_WAIT_MS = 20000
};

struct scene {
	struct pg *pg;
	struct daemon *daemon;
	struct client *client;
	const char *profile; /* of projects that say nothing else */
	char key[SCENE_KEYS][KEY_LEN + 1];
	const char *org_id[SCENE_KEYS], *user_id[SCENE_KEYS];
	const char *agency_id[SCENE_AGENCIES];
	uint8_t receipt_key[SIGN_KEY_LEN];
	struct answer last; /* of scene_ask() and what calls it */
	const char *asked;  /* its request */
	int codes;	    /* credit codes given so far */
};

/* profile: "demo" or "cn-default".  Monday, 2024-02-19, 9:00 in the zone of the market, until the
 * agencies are active; then Friday, 2024-03-01, 9:00. */
struct scene *scene_new(const char *profile);
void scene_free(struct scene **s);

/* Starts a daemon that ended anew, with these further flags, and connects to it. */
void scene_restart(struct scene *s, const char *const *flags);

/* The same market once more, as it is now; its daemon ended, and both are to be started.  Freed
 * before the first. */
struct scene *scene_twin(struct scene *s);

/* One more certificate (Q01, 甲级) of a new, checked agency expires on this day. */
void scene_agency(struct scene *s, int agency, const char *expires_on);

/* A valid credit code that no one has. */
const char *scene_credit_code(struct scene *s);

/* Asks: request is "POST /v1/projects"; version goes into If-Match, NULL: none. */
struct answer *
scene_ask(struct scene *s, int who, const char *request, const char *version, const char *body);
/* The same with header fields of its own, each with CRLF. */
struct answer *
scene_ask_with(struct scene *s, int who, const char *request, const char *fields, const char *body);
/* Asks, and the answer is the success that op.def names. */
void
scene_does(struct scene *s, int who, const char *request, const char *version, const char *body);
/* Asks, and is refused with this code of err.def; place: the rule, pointer or parameter that the
 * problem names, or "". */
void scene_refused(struct scene *s, int who, const char *request, const char *version,
	const char *body, const char *code, const char *place);
/* The last answer is this refusal. */
void scene_is_refusal(struct scene *s, const char *code, const char *place);

/* A member of the last answer; of a text. */
const char *scene_member(struct scene *s, const char *pointer);
int64_t scene_number(struct scene *s, const char *pointer);
/* What a GET by OPERATOR says of a member; the last answer is kept. */
const char *scene_look(struct scene *s, const char *target, const char *pointer);

/* Waits until the query's first value is `want`. */
__attribute__((format(printf, 3, 4))) void
scene_until(struct scene *s, const char *want, const char *fmt, ...);

/* A timer that no daemon can claim until it is released. */
PGconn *scene_hold(struct scene *s, const char *kind, const char *subject);
void scene_release(PGconn **holder);

__attribute__((format(printf, 2, 3))) const char *scene_text(struct scene *s, const char *fmt, ...);
