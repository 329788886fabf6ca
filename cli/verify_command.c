/* `fairlot verify`: what is to be verified, from where, and against which journal. */
#include "cli/folder.h"
#include "cli/say.h"
#include "cli/special.h"
#include "cli/verify.h"

/* Without a connection: the verdict is the exit status. */
enum status
verify_run(struct session *s, int argc, char *const *argv)
{
	const struct verify_style style = {.chinese = say_is_chinese()};
	struct verify_options options = {0};
	struct verify_journal journal;
	const char *path, *err = NULL;
	struct folder folder;

	if (!special_args(s, argc, argv, 1, 1, &path))
		return session_usage(say(
			"用法：fairlot verify 目录|tar [--draw-only | --journal 镜像]",
			"usage: fairlot verify FOLDER|TAR [--draw-only | --journal MIRROR]"));
	if (!folder_read(s->arena, path, &folder, &err))
		return session_usage(err);
	if (s->options.journal != NULL) {
		if (!verify_journal_read(s->arena, &folder, s->options.journal, &journal, &err)) {
			fprintf(stderr, "fairlot: %s\n", err);
			return STATUS_REFUSED;
		}
		options.journal = &journal;
	}
	options.draw_only = s->options.draw_only != NULL;
	return (enum status)verify_folder(s->arena, &folder, &options, &style, stdout);
}
