#include "cli/option.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "cli/say.h"

static const struct row {
	const char *flag, *metavar, *zh, *en;
	size_t offset;
} rows[] = {
#define OPTION(ident, flag, metavar, zh, en) \
	{flag, metavar, zh, en, offsetof(struct options, ident)},
#include "cli/option.def"
};

enum {
	ROWS = sizeof rows / sizeof rows[0]
};

static enum option_result
take(struct options *o, const struct row *row, const char *inside, int argc, char *const *argv,
	int *i)
{
	const char **value = (const char **)(void *)((char *)o + row->offset);

	if (*value != NULL)
		return OPTION_WRONG;
	if (row->metavar == NULL) {
		if (inside != NULL)
			return OPTION_WRONG;
		*value = "";
	} else if (inside != NULL)
		*value = inside;
	else if (*i + 1 < argc)
		*value = argv[++*i];
	else
		return OPTION_WRONG;
	++*i;
	return OPTION_TAKEN;
}

enum option_result
option_take(struct options *o, int argc, char *const *argv, int *i)
{
	const char *arg = argv[*i], *equals;
	size_t len;

	if (strcmp(arg, "-o") == 0)
		arg = "--output";
	else if (strcmp(arg, "-h") == 0)
		arg = "--help";
	if (strncmp(arg, "--", 2) != 0)
		return OPTION_OTHER;
	arg += 2;
	equals = strchr(arg, '=');
	len = equals == NULL ? strlen(arg) : (size_t)(equals - arg);
	for (size_t r = 0; r < ROWS; r++)
		if (strlen(rows[r].flag) == len && memcmp(rows[r].flag, arg, len) == 0)
			return take(o, &rows[r], equals == NULL ? NULL : equals + 1, argc, argv, i);
	return OPTION_OTHER;
}

void
option_print_help(void)
{
	option_print_about("");
}

void
option_print_about(const char *command)
{
	for (size_t r = 0; r < ROWS; r++) {
		char flag[64];

		if (strstr(rows[r].en, command) == NULL)
			continue;
		(void)snprintf(flag, sizeof flag, "--%s %s", rows[r].flag,
			rows[r].metavar == NULL ? "" : rows[r].metavar);
		printf("  %-28s %s\n", flag, say(rows[r].zh, rows[r].en));
	}
}
