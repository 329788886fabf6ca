#pragma once

#include <stdbool.h>

#include "cli/option.h"
#include "lib/base/must.h"
#include "lib/base/text.h"

struct arena;

/* Where to call and who calls.  Strings live in the arena or borrow from options. */
struct target {
	const char *url, *key, *ca; /* key and ca may be NULL */
};

/* One section of the configuration file:
 *
 *	# comment
 *	[name]
 *	url = https://market.example
 *	key = flk_…
 *	ca = /etc/fairlot/ca.pem
 *
 * Everything is checked, not only the section asked for. */
enum profile_result {
	PROFILE_READ,
	PROFILE_ABSENT, /* no such section */
	PROFILE_WRONG	/* of the line *ret_line */
};
MUST_USE enum profile_result profile_read(struct text file, const char *name, struct arena *a,
	struct target *ret_target, int *ret_line);

/* keys.json: {"base_url": …, "ca": …, "keys": {"owner": "flk_…", …}}.  role may be NULL: no key
 * (public operations).  A relative ca is taken from `folder`. */
MUST_USE bool profile_read_keys(struct text file, const char *role, const char *folder,
	struct arena *a, struct target *ret_target, const char **reterr);

/* Member by member, the first that is there: options --url --key --ca; then --keys with --as and
 * --profile, or without both FAIRLOT_URL FAIRLOT_KEY FAIRLOT_CA and the section [default].  A key
 * is never sent to another server than the one it stands with.  `env` is getenv() but in tests. */
MUST_USE bool target_find(const struct options *o, char *(*env)(const char *name), struct arena *a,
	struct target *ret_target, const char **reterr);

/* $XDG_DATA_HOME/fairlot or ~/.local/share/fairlot; NULL when neither variable is set. */
const char *profile_data_folder(char *(*env)(const char *name), struct arena *a);
