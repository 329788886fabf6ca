#include "cli/help.h"

#include <string.h>

#include "cli/option.h"
#include "cli/say.h"
#include "cli/special.h"
#include "lib/base/arena.h"

static void
print_names(FILE *out, const struct op *op)
{
	const char *dot = strchr(op->name, '.');

	fprintf(out, "%.*s ", (int)(dot - op->name), op->name);
	for (const char *c = dot + 1; *c != '\0'; c++)
		fputc(*c == '_' ? '-' : *c, out);
}

/* "project review ID": the path's parameters in capitals. */
void
help_print_usage(FILE *out, const struct op *op)
{
	const struct shape *s = op->method == GET ? op->query : op->body;

	fprintf(out, "fairlot ");
	print_names(out, op);
	for (const char *at = strchr(op->path, '{'); at != NULL; at = strchr(at, '{')) {
		fputc(' ', out);
		for (at++; *at != '}'; at++)
			fputc(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at, out);
	}
	if (s->count > 0)
		fprintf(out, " [--%s …]", say("字段", "field"));
	if ((op->flags & OP_IF_MATCH) != 0)
		fprintf(out, " --version N");
	fputc('\n', out);
}

static void
print_row(const char *start, int width, const char *text)
{
	printf("  %-*s  %s\n", width, start, text);
}

static void
print_ops(const char *resource)
{
	for (int i = 0; i < OP_COUNT; i++) {
		const struct op *op = &op_table[i];
		const char *dot = strchr(op->name, '.');
		size_t len = (size_t)(dot - op->name);
		char names[64];

		if (resource != NULL &&
			(strlen(resource) != len || memcmp(resource, op->name, len) != 0))
			continue;
		(void)snprintf(names, sizeof names, "%.*s %s", (int)len, op->name, dot + 1);
		for (char *c = names; *c != '\0'; c++)
			*c = *c == '_' ? '-' : *c;
		print_row(names, 24, say(op->summary_zh, op->summary_en));
	}
}

static const char *
special_name(const struct special *p, char *ret, size_t len)
{
	(void)snprintf(ret, len, "%s%s%s", p->resource, p->verb == NULL ? "" : " ",
		p->verb == NULL ? "" : p->verb);
	return ret;
}

/* A command of the program's own, with the options that name it. */
void
help_print_special(const struct special *p)
{
	char name[64];

	print_row(special_name(p, name, sizeof name), 24, say(p->zh, p->en));
	option_print_about(name);
}

static void
print_specials(const char *resource)
{
	for (size_t i = 0; i < special_count; i++) {
		const struct special *p = &special_table[i];
		char names[64];

		if (resource != NULL && strcmp(p->resource, resource) != 0)
			continue;
		print_row(special_name(p, names, sizeof names), 24, say(p->zh, p->en));
	}
}

void
help_print_resource(const char *resource)
{
	print_ops(resource);
	print_specials(resource);
}

void
help_print(void)
{
	printf("%s\n\n",
		say("用法：fairlot [选项] <资源> <动作> [参数] [--字段 值 …]",
			"usage: fairlot [options] <resource> <verb> [arguments] [--field "
			"value …]"));
	printf("%s\n", say("选项：", "options:"));
	option_print_help();
	printf("\n%s\n", say("本程序自有的命令：", "commands of the program itself:"));
	print_specials(NULL);
	printf("\n%s\n", say("服务器的操作：", "operations of the server:"));
	print_ops(NULL);
	printf("\n%s\n",
		say("fairlot help <资源> [动作] 给出详情。退出码：0 成功，1 被拒绝，2 用法，3 "
		    "核对不完整，4 连接或服务器故障。",
			"fairlot help <resource> [verb] tells more.  Exit: 0 done, 1 refused, 2 "
			"usage, 3 verification incomplete, 4 no connection or server failure."));
}

static void
print_field(const struct shape_field *f, struct arena *a)
{
	static const char *const types[] = {
		[SHAPE_TEXT] = "TEXT",
		[SHAPE_ID] = "ID",
		[SHAPE_HEX] = "HEX",
		[SHAPE_TIME] = "YYYY-MM-DDThh:mm:ssZ",
		[SHAPE_DATE] = "YYYY-MM-DD",
		[SHAPE_INT] = "N",
		[SHAPE_FEN] = "FEN",
		[SHAPE_LIST] = "JSON …",
		[SHAPE_TEXTS] = "TEXT …",
		[SHAPE_OBJECT] = "JSON",
	};
	const char *type = f->type == SHAPE_CHOICE ? f->choices
		: f->type == SHAPE_BOOL		   ? "[=true|false]"
						   : types[f->type];
	char *flag = arena_printf(a, "--%s%s%s%s", f->name, f->type == SHAPE_BOOL ? "" : " ", type,
		(f->need & SHAPE_REQUIRED) != 0 ? " *" : "");

	for (char *c = flag; *c != ' ' && *c != '['; c++)
		*c = *c == '_' ? '-' : *c;
	print_row(flag, 36, f->summary == NULL ? "" : f->summary);
}

void
help_print_op(const struct op *op, struct arena *a)
{
	const struct shape *s = op->method == GET ? op->query : op->body;
	bool money = false;

	help_print_usage(stdout, op);
	printf("  %s\n  %s %s\n", say(op->summary_zh, op->summary_en), method_name(op->method),
		op->path);
	if (s->count == 0)
		return;
	printf("\n%s\n", say("字段（* 必填）：", "fields (* required):"));
	for (size_t i = 0; i < s->count; i++) {
		print_field(&s->fields[i], a);
		money = money || s->fields[i].type == SHAPE_FEN;
	}
	if (money)
		printf("\n%s\n",
			say("金额也可写作 --x-yuan 125000.00、--x-wan 12.5 或 --x 12.5万元。",
				"Money may also be written --x-yuan 125000.00, --x-wan 12.5 or --x "
				"12.5万元."));
}
