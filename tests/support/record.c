#include "tests/support/record.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "proto/op.h"
#include "tests/support/client.h"

/* The program's file, anew with each run. */
static FILE *
record_open(const char *folder)
{
	static FILE *f;
	char path[512];

	if (f != NULL)
		return f;
	ck_assert(mkdir(folder, 0755) == 0 || errno == EEXIST);
	(void)snprintf(path, sizeof path, "%s/%s.jsonl", folder, program_invocation_short_name);
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	return f;
}

/* The operationId of a request, "" when no operation is meant. */
static const char *
name_of(const char *method, const char *target)
{
	struct route r;

	for (enum method m = 0; m < METHOD_COUNT; m++)
		if (strcmp(method_name(m), method) == 0 &&
			route_find(m, text_span(target, strcspn(target, "?")), &r) == ROUTE_FOUND)
			return r.op->name;
	return "";
}

void
record_answer(const char *method, const char *target, const struct answer *a)
{
	const char *folder = getenv("FAIRLOT_ANSWERS");
	struct text type = answer_field(a, "Content-Type");
	FILE *f;

	if (folder == NULL || a->body.len == 0 ||
		(!text_is(type, "application/json") && !text_is(type, "application/problem+json")))
		return;
	f = record_open(folder);
	(void)fprintf(f, "{\"op\":\"%s\",\"status\":%d,\"type\":\"" TEXT_FMT "\",\"body\":",
		name_of(method, target), a->status, TEXT_ARG(type));
	/* Line ends stand between tokens only. */
	for (size_t i = 0; i < a->body.len; i++)
		(void)fputc(a->body.at[i] == '\n' ? ' ' : a->body.at[i], f);
	(void)fputs("}\n", f);
	(void)fflush(f);
}
