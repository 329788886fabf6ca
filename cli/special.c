#include "cli/special.h"

#include <json-c/json.h>
#include <string.h>

#include "cli/file.h"
#include "cli/say.h"
#include "cli/untar.h"
#include "lib/base/arena.h"

const struct special special_table[] = {
	{"draw", "commit", draw_commit_run, "生成随机数并提交其承诺：draw commit 项目",
		"make a secret value and send its commitment: draw commit PROJECT"},
	{"draw", "open", draw_open_run, "公开随机数：draw open 抽取",
		"open the secret value: draw open DRAW"},
	{"draw", "fetch", draw_fetch_run, "下载抽取记录：draw fetch 抽取 目录",
		"download a transcript: draw fetch DRAW FOLDER"},
	{"draw", "pulse", draw_pulse_run, "转换并提交 NIST 信标脉冲：draw pulse 文件 [抽取]",
		"turn a pulse of NIST into its value, and give it: draw pulse FILE [DRAW]"},
	{"verify", NULL, verify_run,
		"核验抽取记录或回执：verify 目录|tar|网址|回执 [--journal 镜像|网址]",
		"check a transcript or receipt: verify FOLDER|TAR|URL|RECEIPT [--journal "
		"MIRROR|URL]"},
	{"ledger", "pull", ledger_pull_run, "下载台账 CSV：ledger pull [--out 文件]",
		"download the ledger as CSV: ledger pull [--out FILE]"},
	{"journal", "mirror", journal_mirror_run, "镜像日志（可续）：journal mirror 目录",
		"copy the journal, or what is new of it: journal mirror FOLDER"},
	{"journal", "verify", journal_verify_run, "离线核验镜像：journal verify 目录",
		"check a copy of the journal offline: journal verify FOLDER"},
	{"witness", "init", witness_init_run, "建立见证目录与密钥：witness init 目录 名称 [网址]",
		"make the folder and keys of a witness: witness init DIR NAME [URL]"},
	{"witness", "announce", witness_announce_run, "公告见证公钥：witness announce 目录",
		"announce the keys of a witness: witness announce DIR"},
	{"witness", "void", witness_void_run, "签署作废：witness void 目录 作废",
		"sign a void: witness void DIR VOID"},
	{"witness", "run", witness_run_run, "见证：核对日志与抽取：witness run 目录 [--once]",
		"witness: check journal and draws: witness run DIR [--once]"},
	{"tour", NULL, tour_run, "三种方式各走一个项目：tour --keys 文件 --out 目录",
		"one project of each mode: tour --keys FILE --out FOLDER"},
	{"api", NULL, api_run, "直接调用接口：api 方法 路径 [请求体]",
		"call the interface itself: api METHOD PATH [BODY]"},
};
const size_t special_count = sizeof special_table / sizeof special_table[0];

bool
special_args(struct session *s, int argc, char *const *argv, size_t least, size_t count,
	const char **ret_args)
{
	size_t used = 0;

	for (int i = 0; i < argc;)
		switch (option_take(&s->options, argc, argv, &i)) {
		case OPTION_TAKEN:
			break;
		case OPTION_WRONG:
			return false;
		case OPTION_OTHER:
			if (used == count || (argv[i][0] == '-' && argv[i][1] == '-'))
				return false;
			ret_args[used++] = argv[i++];
		}
	return used >= least;
}

enum status
transcript_fetch(struct session *s, const char *draw, const char *folder)
{
	struct request r = {.op = &op_table[OP_draw_transcript]};
	const char *err = NULL;
	struct answer answer;
	enum status status;

	if ((r.path = command_path(r.op, &draw, 1, s->arena)) == NULL)
		return session_usage(draw);
	session_send(s, &r, &answer, NULL);
	if ((status = session_judge(s, r.op, &answer, NULL)) != STATUS_OK)
		return status;
	if (!untar(answer.body, folder, s->arena, &err)) {
		fprintf(stderr, "fairlot: %s\n", err);
		return STATUS_UNREACHED;
	}
	return STATUS_OK;
}

enum status
draw_fetch_run(struct session *s, int argc, char *const *argv)
{
	const char *args[2];
	enum status status;

	if (!special_args(s, argc, argv, 2, 2, args))
		return session_usage(say("用法：fairlot draw fetch 抽取 目录",
			"usage: fairlot draw fetch DRAW FOLDER"));
	if ((status = session_open(s)) != STATUS_OK ||
		(status = transcript_fetch(s, args[0], args[1])) != STATUS_OK)
		return status;
	printf("%s\n", args[1]);
	return STATUS_OK;
}

enum status
ledger_pull_run(struct session *s, int argc, char *const *argv)
{
	return session_run(s, &op_table[OP_ledger_csv], argc, argv);
}

static bool
method_find(const char *name, enum method *ret_method)
{
	for (int m = 0; m < METHOD_COUNT; m++)
		if (strcasecmp(method_name((enum method)m), name) == 0) {
			*ret_method = (enum method)m;
			return true;
		}
	return false;
}

/* The path as given, with an Idempotency-Key on every POST; for what no command covers. */
enum status
api_run(struct session *s, int argc, char *const *argv)
{
	const char *args[3] = {NULL};
	struct call call = {0};
	struct answer answer;
	enum status status;

	if (!special_args(s, argc, argv, 2, 3, args) || !method_find(args[0], &call.method) ||
		args[1][0] != '/')
		return session_usage(say("用法：fairlot api 方法 /路径 [请求体|@文件|-]",
			"usage: fairlot api METHOD /path [BODY|@FILE|-]"));
	if (s->options.output == NULL)
		s->options.output = "json";
	if ((status = session_open(s)) != STATUS_OK)
		return status;
	call.path = args[1];
	call.body = text_of(args[2]);
	if (args[2] != NULL && (args[2][0] == '@' || strcmp(args[2], "-") == 0) &&
		!file_read(args[2] + (args[2][0] == '@'), FILE_SIZE_MAX, s->arena, &call.body))
		return session_usage(args[2]);
	call.if_match = s->options.version;
	call.idempotency = s->options.idempotency_key;
	if (call.idempotency == NULL && call.method == POST)
		call.idempotency = call_new_key(s->arena);
	call.repeatable = call.method == GET || call.idempotency != NULL;
	call_send(&s->caller, &call, s->arena, &answer);
	if (answer.outcome == OUTCOME_ANSWER && answer.status / 100 == 2)
		(void)fwrite(answer.body.at, 1, answer.body.len, stdout);
	/* Any operation of the same method says the same about an answer. */
	return session_judge(s, &op_table[call.method == GET ? OP_user_me : OP_project_create],
		&answer, call.idempotency);
}
