#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/base/must.h"

/* The configuration: one immutable snapshot, read as flag > environment > file > default.  A
 * snapshot is shared by the loops through counted references and never changes. */

enum config_type {
	CONFIG_TEXT,
	CONFIG_SECRET, /* as text, but never printed */
	CONFIG_INT,
	CONFIG_SIZE,	 /* 512B 64KiB 4MiB 1GiB */
	CONFIG_DURATION, /* 50ms 10s 5m 2h, kept in ms */
	CONFIG_BOOL,	 /* on off */
	CONFIG_CHOICE,	 /* index of the word in the list that begins the summary */
};

#define CONFIG_TYPE_TEXT     const char *
#define CONFIG_TYPE_SECRET   const char *
#define CONFIG_TYPE_INT	     int64_t
#define CONFIG_TYPE_SIZE     int64_t
#define CONFIG_TYPE_DURATION int64_t
#define CONFIG_TYPE_BOOL     bool
#define CONFIG_TYPE_CHOICE   int64_t

struct config {
#define OPTION(member, name, type, ...) CONFIG_TYPE_##type member;
#include "daemon/config.def"
	struct config_own *own; /* memory, sources, references: of config.c */
};

/* Loads and checks everything.  args are the program's flags without its name: --NAME VALUE,
 * --NAME=VALUE and --config FILE; env is environ or NULL.  On failure *reterr holds one sentence
 * with the file and line, the variable or the flag at fault. */
MUST_USE bool config_load(const char *const *args, size_t args_count, const char *const *env,
	struct config **ret, char *reterr, size_t reterr_size);

/* The names of restart-only options in which the two differ, separated by blanks; "" if none. */
const char *config_restarts(const struct config *old, struct config *fresh);

struct config *config_ref(struct config *c);
void config_unref(struct config **c);

/* Name, value, default and source of every option, secrets hidden. */
void config_print(const struct config *c, FILE *out);

/* docs/CONFIG.md. */
void config_document(FILE *out);
