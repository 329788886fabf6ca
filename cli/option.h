#pragma once

#include <stdbool.h>

/* Values borrow from argv; NULL when not given.  One without a value is "" when given. */
struct options {
#define OPTION(ident, ...) const char *ident;
#include "cli/option.def"
};

enum option_result {
	OPTION_TAKEN,
	OPTION_OTHER, /* no option of the program */
	OPTION_WRONG  /* value missing or not asked, or given twice */
};

/* Takes the option at argv[*i] ("--flag value", "--flag=value", "-o value") and moves *i behind
 * it. */
enum option_result option_take(struct options *o, int argc, char *const *argv, int *i);

void option_print_help(void);
void option_print_about(const char *command); /* those whose text names it */
