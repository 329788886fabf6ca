#include "cli/fetch.h"

#include <stdlib.h>
#include <string.h>

#include "cli/option.h"
#include "cli/say.h"
#include "lib/base/arena.h"

bool
fetch_is_url(const char *text)
{
	return strncmp(text, "https://", 8) == 0 || strncmp(text, "http://", 7) == 0;
}

bool
fetch_open(struct caller *c, struct target *target, const struct options *o, const char *url,
	struct arena *a, const char **ret_path, const char **reterr)
{
	const char *host = strstr(url, "://") + 3, *path = host + strcspn(host, "/?#");
	struct options of_server = *o;

	if (memchr(host, '@', (size_t)(path - host)) != NULL) {
		*reterr = say("地址中不得有用户名", "an address has no user in it");
		return false;
	}
	of_server.url = arena_str(a, url, (size_t)(path - url));
	of_server.key = NULL;
	of_server.as = NULL;
	if (!target_find(&of_server, getenv, a, target, reterr))
		return false;
	target->key = NULL; /* whoever's server it is needs not know who verifies */
	*ret_path =
		arena_printf(a, "%s%.*s", *path == '/' ? "" : "/", (int)strcspn(path, "#"), path);
	return caller_open(c, target, reterr);
}

const char *
fetch_path(const char *path, struct arena *a)
{
	static const char draws[] = "/v1/draws/";
	const char *id = strstr(path, draws);
	size_t len;

	if (id == NULL)
		return path;
	id += sizeof draws - 1;
	len = strcspn(id, "/?");
	if (len == 0 || (id[len] != '\0' && strcmp(id + len, "/") != 0))
		return path;
	return arena_printf(a, "%.*s/transcript", (int)(id + len - path), path);
}

bool
fetch(const struct options *o, const char *url, size_t limit, struct arena *a,
	struct text *ret_body, const char **reterr)
{
	struct target target;
	const char *path;
	struct caller c;
	bool fetched;

	if (!fetch_open(&c, &target, o, url, a, &path, reterr))
		return false;
	fetched = caller_get_most(&c, fetch_path(path, a), limit, a, ret_body, reterr);
	caller_close(&c);
	return fetched;
}
