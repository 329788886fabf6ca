/* Which item the tour is about: one that as many of the agencies as possible may serve. */
#include <json-c/json.h>
#include <string.h>

#include "cli/say.h"
#include "cli/tour.h"

static bool
list_has(struct json_object *object, const char *list, const char *value)
{
	struct json_object *texts;

	if (!json_object_object_get_ex(object, list, &texts) ||
		!json_object_is_type(texts, json_type_array))
		return false;
	for (size_t i = 0; i < json_object_array_length(texts); i++)
		if (strcmp(json_object_get_string(json_object_array_get_idx(texts, i)), value) == 0)
			return true;
	return false;
}

static bool
same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* The agency holds one of the qualifications asked for, in the very grade: better grades are the
 * server's to rank. */
static bool
qualifies(struct json_object *item, struct json_object *agency)
{
	struct json_object *requirement, *parts, *certificates;

	if (!json_object_object_get_ex(item, "requirement", &requirement) || requirement == NULL)
		return true;
	if (!json_object_object_get_ex(requirement, "qualifications", &parts) ||
		!json_object_object_get_ex(agency, "certificates", &certificates))
		return false;
	for (size_t p = 0; p < json_object_array_length(parts); p++)
		for (size_t c = 0; c < json_object_array_length(certificates); c++) {
			struct json_object *part = json_object_array_get_idx(parts, p);
			struct json_object *held = json_object_array_get_idx(certificates, c);
			const char *grade = json_text(part, "grade");

			if (same(json_text(held, "state"), "valid") &&
				same(json_text(held, "qualification"), json_text(part, "code")) &&
				(grade == NULL || same(json_text(held, "grade"), grade)))
				return true;
		}
	return false;
}

static bool
fits(struct json_object *item, struct json_object *agency)
{
	const char *category = json_text(item, "category_code");

	return category != NULL && same(json_text(agency, "state"), "active") &&
		list_has(agency, "categories", category) && qualifies(item, agency);
}

enum status
tour_choose_item(struct tour *t)
{
	struct json_object *agencies[TOUR_AGENCIES_MAX], *page, *items, *best = NULL;
	struct party chosen[TOUR_AGENCIES_MAX];
	size_t most = 0, count = 0;
	enum status status;

	for (size_t i = 0; i < t->agencies_count; i++)
		if ((status = tour_call(t, &t->agencies[i], OP_agency_get,
			     &t->agencies[i].agency_id, 1, NULL, &agencies[i])) != STATUS_OK)
			return status;
	status = tour_call(t, &t->owner, OP_item_list, NULL, 0, "limit=200", &page);
	if (status != STATUS_OK)
		return status;
	if (!json_object_object_get_ex(page, "items", &items))
		return STATUS_UNREACHED;
	for (size_t i = 0; i < json_object_array_length(items); i++) {
		struct json_object *item = json_object_array_get_idx(items, i);
		size_t able = 0;

		for (size_t a = 0; a < t->agencies_count; a++)
			able += fits(item, agencies[a]);
		if (able > most) {
			most = able;
			best = item;
		}
	}
	if (most < TOUR_BIDDERS)
		return session_usage(say("keys.json 中没有三家机构可承担同一事项",
			"no item can be served by three agencies of keys.json"));
	for (size_t a = 0; a < t->agencies_count; a++)
		if (fits(best, agencies[a]))
			chosen[count++] = t->agencies[a];
	memcpy(t->agencies, chosen, count * sizeof chosen[0]);
	t->agencies_count = count;
	t->item = json_text(best, "code");
	tour_say(say("服务事项 %s，%zu 家机构", "item %s, %zu agencies"), t->item, count);
	return STATUS_OK;
}
