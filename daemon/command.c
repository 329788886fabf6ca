#include "daemon/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/admin.h"
#include "daemon/config.h"
#include "daemon/load.h"
#include "daemon/migrate.h"
#include "daemon/serve.h"
#include "daemon/start.h"

extern char **environ;

/* Takes a word out of the arguments; whether it was there. */
static bool
word_take(char **args, size_t *count, const char *word)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp(args[i], word) == 0) {
			memmove(&args[i], &args[i + 1], (*count - i - 1) * sizeof args[0]);
			(*count)--;
			return true;
		}
	return false;
}

/* The value of a flag, taken out with it; NULL when it is not there. */
static const char *
value_take(char **args, size_t *count, const char *flag)
{
	for (size_t i = 0; i + 1 < *count; i++)
		if (strcmp(args[i], flag) == 0) {
			const char *value = args[i + 1];

			memmove(&args[i], &args[i + 2], (*count - i - 2) * sizeof args[0]);
			*count -= 2;
			return value;
		}
	return NULL;
}

int
command_misused(const char *how)
{
	(void)fprintf(stderr, "fairlotd: %s\n", how);
	return 2;
}

static bool
configure(struct server *s, char *const *args, size_t count)
{
	char why[WHY_MAX];

	s->args = (const char *const *)args;
	s->args_count = count;
	if (config_load(s->args, count, (const char *const *)environ, &s->config, why, sizeof why))
		return true;
	(void)fprintf(stderr, "fairlotd: %s\n", why);
	return false;
}

int
command_migrate(int argc, char **argv)
{
	struct server s = {0};
	char **args = argv + 2;
	size_t count = (size_t)argc - 2;
	bool plan = word_take(args, &count, "--plan"), ok;
	char why[WHY_MAX] = "";

	if (!configure(&s, args, count))
		return 2;
	ok = start_database(&s);
	if (ok) {
		ok = plan ? migrate_plan(s.migrator, stdout, why)
			  : migrate_run(s.migrator, NULL, why);
		if (!ok)
			(void)fprintf(stderr, "fairlotd: %s\n", why);
	}
	start_undo_database(&s);
	config_unref(&s.config);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* What `load` and `admin` share: the database up to date, nothing served. */
static int
offline(struct server *s, char **args, size_t count, bool (*act)(struct server *s))
{
	bool ok;

	if (!configure(s, args, count))
		return 2;
	ok = start_database(s) && start_migrations(s) && act(s);
	start_undo_database(s);
	config_unref(&s->config);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

static bool
act_load(struct server *s)
{
	char why[LOAD_WHY] = "";

	if (load_run(s->migrator, s->act_on, stdout, why))
		return true;
	(void)fprintf(stderr, "fairlotd: %s\n", why);
	return false;
}

int
command_load(int argc, char **argv)
{
	static struct server s;

	if (argc < 3)
		return command_misused("load names its set: changde-2021");
	s.act_on = argv[2];
	return offline(&s, argv + 3, (size_t)argc - 3, act_load);
}

static struct operator_given operator;

static bool
act_operator(struct server *s)
{
	return admin_create_operator(s->migrator, &operator);
}

static bool
act_keys(struct server *s)
{
	char url[300], ca[1100];

	(void)snprintf(url, sizeof url, "https://%s", s->config->listen_tls);
	(void)snprintf(ca, sizeof ca, "%s/tls/cert.pem", s->config->data_dir);
	return admin_demo_keys(s->migrator, s->act_on, url, ca);
}

static int
create_operator(struct server *s, char **args, size_t count)
{
	operator.name = value_take(args, &count, "--name");
	operator.credit_code = value_take(args, &count, "--credit-code");
	operator.override = value_take(args, &count, "--credit-code-override");
	operator.user = value_take(args, &count, "--user");
	if (operator.name == NULL || operator.credit_code == NULL || operator.user == NULL)
		return command_misused("create-operator needs --name, --credit-code and --user");
	return offline(s, args, count, act_operator);
}

int
command_admin(int argc, char **argv)
{
	static struct server s;

	if (argc > 2 && strcmp(argv[2], "create-operator") == 0)
		return create_operator(&s, argv + 3, (size_t)argc - 3);
	if (argc > 3 && strcmp(argv[2], "demo-keys") == 0) {
		s.act_on = argv[3];
		return offline(&s, argv + 4, (size_t)argc - 4, act_keys);
	}
	return command_misused("admin can create-operator and demo-keys FILE");
}

int
command_serve(int argc, char **argv)
{
	static struct server s;
	char **args = argv + 1;
	size_t count = (size_t)argc - 1;
	bool check = word_take(args, &count, "--check-config");
	bool print = word_take(args, &count, "--print-config");

	if (!configure(&s, args, count))
		return 2;
	if (print)
		config_print(s.config, stdout);
	if (check || print) {
		config_unref(&s.config);
		return EXIT_SUCCESS;
	}
	if (start(&s))
		return serve(&s);
	start_undo_database(&s);
	return EXIT_FAILURE;
}
