#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "cli/session.h"
#include "lib/base/must.h"

struct json_object;

/* The tour: one project of each mode from its posting to its last payment, by the public
 * operations alone, with the keys of a demonstration.  It registers nobody. */

enum {
	TOUR_AGENCIES_MAX = 8,
	TOUR_BIDDERS = 3,
	TOUR_WAIT_S = 120 /* for any one state; the demo profile's periods are seconds */
};

struct party {
	const char *role, *key;
	const char *agency_id; /* NULL but for agencies */
};

struct tour {
	struct session *s;
	const char *folder;  /* of what the tour writes */
	const char *secrets; /* in it: of what the owner keeps to itself */
	struct party owner, operator_, auditor, agencies[TOUR_AGENCIES_MAX];
	size_t agencies_count;
	const char *item;	      /* code of an item that the agencies may serve */
	struct json_object *projects; /* what tour.json lists */
};

/* Calls an operation as one of the parties; where it needs If-Match, on the version the object
 * has now.  body is JSON, for a read the query, or NULL. */
MUST_USE enum status tour_call(struct tour *t, const struct party *as, enum op_id id,
	const char *const *args, size_t count, const char *body, struct json_object **ret_json);

/* Reads an object until its member has the value; STATUS_UNREACHED when that does not come. */
MUST_USE enum status tour_await(struct tour *t, enum op_id reader, const char *id,
	const char *member, const char *value, struct json_object **ret_json);

/* One line of progress. */
__attribute__((format(printf, 1, 2))) void tour_say(const char *fmt, ...);

/* The agencies that may serve one and the same item, and that item. */
MUST_USE enum status tour_choose_item(struct tour *t);

/* Each takes a project from the draft to the last payment and adds it to t->projects. */
MUST_USE enum status tour_draw(struct tour *t);
MUST_USE enum status tour_pick(struct tour *t);
MUST_USE enum status tour_auction(struct tour *t);
