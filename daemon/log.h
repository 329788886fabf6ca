#pragma once

#include <stddef.h>

/* One JSON object a line on standard error, written by one write(2), so lines of different
 * threads never mix.  No secret, no body of a request and no SQL parameter goes in. */
enum say_level {
	SAY_DEBUG,
	SAY_INFO,
	SAY_WARN,
	SAY_ERROR
};

struct say_field {
	const char *name;
	const char *str; /* NULL: num counts */
	long long num;
};

/* say(SAY_INFO, "listen", say_str("address", a), say_int("port", p)) */
#define say(level, event, ...) \
	say_fields(level, event, (const struct say_field[]){__VA_ARGS__}, \
		sizeof((const struct say_field[]){__VA_ARGS__}) / sizeof(struct say_field))

struct say_field say_str(const char *name, const char *str);
struct say_field say_int(const char *name, long long num);
void
say_fields(enum say_level level, const char *event, const struct say_field *fields, size_t count);

/* The least level that is written; set at start and at reload. */
void say_from(enum say_level level);
