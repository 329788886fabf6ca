/* fairlotd: what to do; how is command.c's, start.c's and serve.c's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/command.h"
#include "daemon/config.h"
#include "daemon/signer.h"

static const char usage[] =
	"fairlotd " FAIRLOT_VERSION ": verifiable selection of agencies\n"
	"\n"
	"  fairlotd [--OPTION VALUE …]      serves\n"
	"  fairlotd migrate [--plan] [--OPTION VALUE …]\n"
	"                                   brings the database up to date, or says what it would "
	"do\n"
	"  fairlotd load changde-2021 …     fills an empty market with the generated data set\n"
	"  fairlotd admin create-operator --name N --credit-code C --user U …\n"
	"                                   enters the first operator, prints the API key once\n"
	"\n"
	"  --config FILE                    options from a file and its conf.d/\n"
	"  --check-config, --print-config   checks; prints value, default and source of each\n"
	"  --print-config-document          docs/CONFIG.md, which has every option\n"
	"  --version, --help\n";

/* The first word that is no flag is a subcommand. */
static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{"migrate", command_migrate}, {"load", command_load}, {"admin", command_admin},
	{"signer", signer_main}, /* the child; not for people */
};

int
main(int argc, char **argv)
{
	const char *first = argc > 1 ? argv[1] : "";

	if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0) {
		(void)fputs(usage, stdout);
		return EXIT_SUCCESS;
	}
	if (strcmp(first, "--version") == 0) {
		(void)puts("fairlotd " FAIRLOT_VERSION);
		return EXIT_SUCCESS;
	}
	if (strcmp(first, "--print-config-document") == 0) {
		config_document(stdout);
		return EXIT_SUCCESS;
	}
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		if (strcmp(first, commands[i].name) == 0)
			return commands[i].run(argc, argv);
	if (first[0] != '\0' && first[0] != '-') {
		return command_misused("no such command; see --help");
	}
	return command_serve(argc, argv);
}
