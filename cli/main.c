/* fairlot: what a person or a script does with a market, from the command line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "cli/help.h"
#include "cli/say.h"
#include "cli/session.h"
#include "cli/special.h"
#include "lib/base/arena.h"

static bool
is_resource(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < special_count; i++)
		if (strcmp(special_table[i].resource, name) == 0)
			return true;
	for (int i = 0; i < OP_COUNT; i++)
		if (strncmp(op_table[i].name, name, len) == 0 && op_table[i].name[len] == '.')
			return true;
	return false;
}

static const struct special *
special_find(const char *resource, const char *verb)
{
	for (size_t i = 0; i < special_count; i++) {
		const struct special *p = &special_table[i];

		if (strcmp(p->resource, resource) == 0 &&
			(p->verb == NULL || (verb != NULL && strcmp(p->verb, verb) == 0)))
			return p;
	}
	return NULL;
}

static enum status
help(int argc, char *const *argv, struct arena *a)
{
	const struct op *op = argc > 1 ? command_find(argv[0], argv[1]) : NULL;
	const struct special *special =
		argc > 0 ? special_find(argv[0], argc > 1 ? argv[1] : NULL) : NULL;

	if (special != NULL)
		help_print_special(special);
	else if (op != NULL)
		help_print_op(op, a);
	else if (argc > 0 && is_resource(argv[0]))
		help_print_resource(argv[0]);
	else
		help_print();
	return STATUS_OK;
}

static enum status
unknown(const char *resource, const char *verb)
{
	if (!is_resource(resource))
		return session_usage(
			say("没有这个命令；见 fairlot help", "no such command; see fairlot help"));
	fprintf(stderr,
		say("fairlot: %s 没有动作“%s”；有：\n",
			"fairlot: %s has no verb \"%s\"; it has:\n"),
		resource, verb == NULL ? "" : verb);
	help_print_resource(resource);
	return STATUS_USAGE;
}

static enum status
run(struct session *s, int argc, char *const *argv)
{
	const struct special *special;
	const struct op *op;
	enum option_result taken = OPTION_OTHER;
	int i = 0;

	if (argc == 1 && (strcmp(argv[0], "version") == 0 || strcmp(argv[0], "--version") == 0)) {
		printf("fairlot %s\n", FAIRLOT_VERSION);
		return STATUS_OK;
	}
	while (i < argc && (taken = option_take(&s->options, argc, argv, &i)) == OPTION_TAKEN)
		;
	if (taken == OPTION_WRONG)
		return session_usage(say("选项缺少取值，或重复给出",
			"the value of an option is missing, or it is given twice"));
	argc -= i;
	argv += i;
	if (argc == 0 && s->options.help == NULL) {
		help_print();
		return STATUS_USAGE;
	}
	if (argc == 0 || s->options.help != NULL)
		return help(argc, argv, s->arena);
	if (strcmp(argv[0], "help") == 0)
		return help(argc - 1, argv + 1, s->arena);
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return help(1, argv, s->arena);
	special = special_find(argv[0], argc > 1 ? argv[1] : NULL);
	if (special != NULL) {
		int names = special->verb == NULL ? 1 : 2;

		return special->run(s, argc - names, argv + names);
	}
	op = argc > 1 ? command_find(argv[0], argv[1]) : NULL;
	return op == NULL ? unknown(argv[0], argc > 1 ? argv[1] : NULL)
			  : session_run(s, op, argc - 2, argv + 2);
}

int
main(int argc, char **argv)
{
	struct session s = {0};
	struct arena arena;
	enum status status;

	say_language(getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG"));
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		return STATUS_UNREACHED;
	arena_init(&arena, SIZE_MAX); /* a client has no limit but its machine's */
	s.arena = &arena;
	status = run(&s, argc - 1, argv + 1);
	if (fflush(stdout) != 0 && status == STATUS_OK)
		status = STATUS_UNREACHED;
	session_close(&s);
	arena_reset(&arena);
	curl_global_cleanup();
	return (int)status;
}
