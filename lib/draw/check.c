#include "lib/draw/check.h"

#include "lib/base/must.h"

static const struct check_row rows[] = {
#define CHECK(name, group, code, zh, en) [CHECK_##name] = {GROUP_##group, code, zh, en},
#include "lib/draw/check.def"
};

const struct check_row *
check_row(enum check c)
{
	must(c > CHECK_OK && c < CHECK_COUNT);
	return &rows[c];
}
