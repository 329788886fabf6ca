#include "cli/say.h"

#include <stddef.h>
#include <string.h>

static bool chinese; /* set once by main() */

void
say_language(const char *lc_all, const char *lc_messages, const char *lang)
{
	const char *const names[] = {lc_all, lc_messages, lang};

	chinese = false;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i] != NULL && names[i][0] != '\0') {
			chinese = strncmp(names[i], "zh", 2) == 0;
			return;
		}
}

const char *
say(const char *zh, const char *en)
{
	return chinese ? zh : en;
}

bool
say_is_chinese(void)
{
	return chinese;
}
