#pragma once

#include <stdbool.h>

/* Texts in the reader's language: Chinese when LC_ALL, LC_MESSAGES or LANG (the first that is
 * set) starts with "zh", else English.  Used as a format, both are checked against the
 * arguments. */
bool say_is_chinese(void);
void say_language(const char *lc_all, const char *lc_messages, const char *lang);
__attribute__((format_arg(1), format_arg(2))) const char *say(const char *zh, const char *en);
