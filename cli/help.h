#pragma once

#include <stdio.h>

#include "proto/op.h"

struct arena;
struct special;

void help_print(void);				/* every command, one line each */
void help_print_resource(const char *resource); /* those of one resource */
void help_print_special(const struct special *p);
void help_print_usage(FILE *out, const struct op *op);
void help_print_op(const struct op *op, struct arena *a);
