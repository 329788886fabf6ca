#include "tests/support/market.h"

#include <check.h>
#include <stdlib.h>

#include "daemon/reference.h"

const char *
market_load(struct pg *pg, const char *folder, int *ret_changed)
{
	char why[REFERENCE_WHY];
	PGconn *migrator = pg_connect(pg, "fairlot_migrator");
	bool ok = reference_load(migrator, folder, ret_changed, why);

	PQfinish(migrator);
	return ok ? "" : arena_printf(&pg->arena, "%s", why);
}

struct pg *
market_new(void)
{
	struct pg *pg = pg_new();
	int changed;

	ck_assert_str_eq(
		market_load(pg, arena_printf(&pg->arena, "%s/data", getenv("FAIRLOT_SOURCE")),
			&changed),
		"");
	pg_run(pg, "INSERT INTO market.setting VALUES ('demo', 'on')");
	return pg;
}

const char *
market_agency(struct pg *pg, const char *state, const char *categories)
{
	const char *key = pg_person(pg, "agency", 2);

	pg_run(pg,
		"INSERT INTO market.agency (id, organisation_id, name, state, categories, region,"
		" legal_representative, phone, address, search, registered_at, recorded_at)"
		" SELECT api.new_id('agc'), o.id, o.name, '%s', '%s', '430700', '某某', o.id, o.id,"
		" api.normal(o.name), api.now(), api.now() FROM market.organisation o"
		" WHERE o.id = '%s'",
		state, categories, pg_org_of(pg, key));
	return key;
}

const char *
market_agency_of(struct pg *pg, const char *key)
{
	return pg_value(pg, "SELECT api.agency_of('%s')", pg_org_of(pg, key));
}

void
market_certificate(struct pg *pg, const char *agency, const char *qualification, const char *grade,
	const char *expires_on)
{
	pg_run(pg,
		"INSERT INTO market.certificate (id, agency_id, qualification_code, grade, issuer,"
		" number, expires_on, state, recorded_at) VALUES (api.new_id('crt'), '%s', '%s',"
		" nullif('%s', ''), '某厅', api.new_id('n'), '%s', 'valid', api.now())",
		agency, qualification, grade == NULL ? "" : grade, expires_on);
}
