#pragma once

#include <stdbool.h>

#include "lib/base/must.h"
#include "lib/base/text.h"

/* The unified social credit code (统一社会信用代码, GB 32100-2015): 17 characters and a check
 * character.  Characters 3-8 are a region, 9-17 the organisation code of GB 11714 with a check
 * character of its own. */
enum uscc {
	USCC_OK,
	USCC_BAD_FORM,	/* not 18 characters of the alphabet, or no digits where the region is */
	USCC_BAD_CHECK, /* last character wrong; real codes exist that fail it, so an operator may
			   override with a reason */
	USCC_WARN_ORG,	/* only the inner check fails: a warning, never a refusal */
};

enum {
	USCC_LEN = 18,
	USCC_ORG_LEN = 9
};

/* A region is not looked up: a code keeps the region that was retired after it was given. */
enum uscc uscc_check(struct text code);

/* The check character of 17 characters; false when they have not the form. */
MUST_USE bool uscc_complete(struct text body, char *ret_check);

/* The check character of an organisation code's first 8 characters (0-9 A-Z). */
MUST_USE bool uscc_org_complete(struct text body, char *ret_check);
