#pragma once

/* The prepared statements, from sql/stmt by sqlgen: stmt.def has one row per file,
 * STMT(name, text, kind, lane, params "name type,…", columns "name type,…"). */
enum sql_kind {
	SQL_READS,
	SQL_WRITES
};
enum sql_lane {
	SQL_SHORT,
	SQL_LONG
};

enum sql_id {
	SQL_none = 0,
#define STMT(name, ...) SQL_##name,
#include "sql/stmt.def"
	SQL_COUNT
};

struct sql_param {
	const char *name; /* what the binder fills it from */
	const char *type; /* PostgreSQL type name */
};

struct sql_stmt {
	const char *name;
	const char *text;
	enum sql_kind kind;
	enum sql_lane lane;
	int params_count;
	const struct sql_param *params;
	int columns_count;
	const struct sql_param *columns;
};

extern const struct sql_stmt sql_table[SQL_COUNT];
