/* The paths of op.def are compared one after the other.  They differ early, so the whole table
 * costs well under a microsecond, and there is nothing to build or to keep. */
#include "proto/op.h"

#include <string.h>

#include "lib/ledger/tile.h"
#include "proto/shape.h"

enum {
	INDEX_MAX = 9999 /* of a contribution: {index} */
};

static bool
is_parameter(struct text segment)
{
	return segment.len > 2 && segment.at[0] == '{';
}

/* The last parameter of a path may be more than one segment: the path of a tile, whose form and
 * spelling are those of C2SP tlog-tiles. */
static bool
takes_rest(struct text parameter)
{
	return text_is(parameter, "{tile}");
}

static bool
argument_fits(struct text parameter, struct text arg)
{
	struct tile_id tile;
	uint64_t number;

	if (text_is(parameter, "{index}"))
		return text_u64(arg, INDEX_MAX, &number);
	if (takes_rest(parameter))
		return tile_path_parse(arg, &tile);
	return shape_is_id(arg);
}

/* Takes the next segment with its leading '/'; false at the end or where none starts. */
static bool
segment_cut(struct text *rest, struct text *ret_segment)
{
	const char *end;

	if (rest->len == 0 || rest->at[0] != '/')
		return false;
	end = memchr(rest->at + 1, '/', rest->len - 1);
	ret_segment->at = rest->at + 1;
	ret_segment->len = (end == NULL ? rest->at + rest->len : end) - ret_segment->at;
	*rest = text_span(rest->at + 1 + ret_segment->len, rest->len - 1 - ret_segment->len);
	return true;
}

static bool
path_matches(struct text pattern, struct text path, struct text *args, size_t *ret_count)
{
	struct text want, have;
	size_t count = 0;

	while (segment_cut(&pattern, &want)) {
		if (!segment_cut(&path, &have))
			return false;
		if (!is_parameter(want)) {
			if (!text_eq(want, have))
				return false;
		} else {
			must(count < PATH_ARGS_MAX);
			if (takes_rest(want)) {
				have.len += path.len;
				path.len = 0;
			}
			if (!argument_fits(want, have))
				return false;
			args[count++] = have;
		}
	}
	*ret_count = count;
	return path.len == 0;
}

enum route_result
route_find(enum method m, struct text path, struct route *ret_route)
{
	struct route found = {0};
	struct text args[PATH_ARGS_MAX];
	size_t count;

	for (int i = 0; i < OP_COUNT; i++) {
		const struct op *op = &op_table[i];

		if (!path_matches(text_of(op->path), path, args, &count))
			continue;
		found.allowed |= 1u << op->method;
		if (op->method == m) {
			found.op = op;
			found.args_count = count;
			memcpy(found.args, args, sizeof args);
		}
	}
	if (found.allowed == 0)
		return ROUTE_NO_PATH;
	*ret_route = found;
	return found.op != NULL ? ROUTE_FOUND : ROUTE_NO_METHOD;
}

/* Some path fits both patterns. */
static bool
patterns_overlap(struct text a, struct text b)
{
	struct text sa, sb;

	while (segment_cut(&a, &sa)) {
		if (!segment_cut(&b, &sb))
			return false;
		if (takes_rest(sa) || takes_rest(sb))
			return true;
		if (!text_eq(sa, sb) &&
			!(is_parameter(sa) && (is_parameter(sb) || shape_is_id(sb))) &&
			!(is_parameter(sb) && shape_is_id(sa)))
			return false;
	}
	return a.len == 0 && b.len == 0;
}

static bool
pattern_is_sound(struct text pattern)
{
	struct text segment;
	size_t count = 0;

	while (segment_cut(&pattern, &segment)) {
		if (takes_rest(segment) && pattern.len > 0)
			return false;
		if (is_parameter(segment) && segment.at[segment.len - 1] == '}')
			count++;
		else if (!shape_is_id(segment))
			return false;
	}
	return pattern.len == 0 && count <= PATH_ARGS_MAX;
}

/* Two rows that share a path must spell it alike and differ in their method; then which row
 * serves a request, and what Allow says, does not depend on the order of the rows. */
bool
route_table_check(const struct op *ops, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct text a = text_of(ops[i].path);

		if (!pattern_is_sound(a))
			return false;
		for (size_t j = i + 1; j < count; j++) {
			struct text b = text_of(ops[j].path);

			if (text_eq(a, b) ? ops[i].method == ops[j].method : patterns_overlap(a, b))
				return false;
		}
	}
	return true;
}

bool
route_check(void)
{
	return route_table_check(op_table, OP_COUNT);
}
