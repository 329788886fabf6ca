#include "daemon/log.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <time.h>

enum {
	LINE_MAX_SIZE = 4096 /* longer lines are cut inside a field, and stay JSON */
};

static atomic_int least = SAY_INFO;

struct line {
	char at[LINE_MAX_SIZE];
	size_t len;
};

/* Room for the closing of string and object is always kept. */
static void
put(struct line *l, const char *str)
{
	size_t len = strlen(str);

	if (l->len + len + 4 > sizeof l->at)
		return;
	memcpy(l->at + l->len, str, len);
	l->len += len;
}

static void
put_quoted(struct line *l, const char *str)
{
	char code[8];

	put(l, "\"");
	for (; *str != '\0' && l->len + 16 < sizeof l->at; str++) {
		unsigned char c = (unsigned char)*str;

		if (c == '"' || c == '\\')
			(void)snprintf(code, sizeof code, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			(void)snprintf(code, sizeof code, "\\u%04x", c);
		else
			(void)snprintf(code, sizeof code, "%c", c);
		put(l, code);
	}
	l->at[l->len++] = '"';
}

struct say_field
say_str(const char *name, const char *str)
{
	return (struct say_field){name, str == NULL ? "" : str, 0};
}

struct say_field
say_int(const char *name, long long num)
{
	return (struct say_field){name, NULL, num};
}

void
say_from(enum say_level level)
{
	atomic_store(&least, level);
}

void
say_fields(enum say_level level, const char *event, const struct say_field *fields, size_t count)
{
	static const char *const levels[] = {"debug", "info", "warn", "error"};
	struct line l = {.len = 0};
	struct timespec now;
	char head[128];

	if ((int)level < atomic_load(&least))
		return;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)snprintf(head, sizeof head,
		"{\"time\":%lld.%03ld,\"level\":\"%s\",\"event\":", (long long)now.tv_sec,
		now.tv_nsec / 1000000, levels[level]);
	put(&l, head);
	put_quoted(&l, event);
	for (size_t i = 0; i < count; i++) {
		size_t before = l.len;

		if (l.len + 128 > sizeof l.at)
			break;
		put(&l, ",");
		put_quoted(&l, fields[i].name);
		put(&l, ":");
		(void)snprintf(head, sizeof head, "%lld", fields[i].num);
		if (fields[i].str != NULL)
			put_quoted(&l, fields[i].str);
		else if (l.len + 32 < sizeof l.at)
			put(&l, head);
		else
			l.len = before;
	}
	l.at[l.len++] = '}';
	l.at[l.len++] = '\n';
	(void)!write(STDERR_FILENO, l.at, l.len);
}
