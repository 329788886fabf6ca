#include "daemon/start.h"

#include <errno.h>
#include <event2/event.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/auth.h"
#include "daemon/bind.h"
#include "daemon/cache.h"
#include "daemon/config.h"
#include "daemon/cosigner.h"
#include "daemon/fault.h"
#include "daemon/local.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/migrate.h"
#include "daemon/nist.h"
#include "daemon/page.h"
#include "daemon/pgserver.h"
#include "daemon/reference.h"
#include "daemon/signer.h"
#include "daemon/tile_cache.h"
#include "daemon/tls.h"
#include "lib/base/arena.h"
#include "lib/base/hex.h"
#include "lib/ledger/note.h"

/* Statements of the short lanes are bounded, and never worth compiling: in a new database, without
 * statistics, a guess of the planner cost seconds of it.  A lock is waited for less long than the
 * server waits for a statement, so a queue behind one row cannot fill a pipeline. */
#define OPTIONS_WRITER "-c statement_timeout=2s -c lock_timeout=500ms -c jit=off"
#define OPTIONS_READER "-c statement_timeout=2s -c default_transaction_read_only=on -c jit=off"
#define OPTIONS_LONG   "-c statement_timeout=60s -c default_transaction_read_only=on"

static bool
refuse(const char *why)
{
	(void)fprintf(stderr, "fairlotd: %.*s\n", (int)strcspn(why, "\n"), why);
	return false;
}

/* The writer's string with another user: both forms of libpq let a later word win. */
static void
conninfo_as(const char *conninfo, const char *user, char ret[CONNINFO_MAX])
{
	bool uri = strstr(conninfo, "://") != NULL;
	const char *join = !uri ? " " : strchr(conninfo, '?') != NULL ? "&" : "?";

	(void)snprintf(ret, CONNINFO_MAX, "%s%suser=%s", conninfo, join, user);
}

static bool
embedded_start(struct server *s)
{
	char why[PGSERVER_WHY] = "", conninfo[PGSERVER_CONNINFO], log[1100];
	const struct pgserver_options options = {
		.dir = s->config->embedded_dir, .log = log, .durable = true, .tied = true};

	(void)snprintf(log, sizeof log, "%s/postgresql.log", s->config->embedded_dir);

	if (!pgserver_start(&options, &s->pg, why))
		return refuse(why);
	pgserver_conninfo(s->pg, "fairlot_writer", "postgres", conninfo);
	(void)snprintf(s->writer, sizeof s->writer, "%s", conninfo);
	pgserver_conninfo(s->pg, "fairlot_reader", "postgres", conninfo);
	(void)snprintf(s->reader, sizeof s->reader, "%s", conninfo);
	pgserver_conninfo(s->pg, "postgres", "postgres", conninfo);
	(void)snprintf(s->migrator, sizeof s->migrator, "%s", conninfo);
	return true;
}

static bool
external_use(struct server *s)
{
	const struct config *c = s->config;

	if (c->database[0] == '\0')
		return refuse("no database: give --embedded DIR or --database CONNINFO");
	(void)snprintf(s->writer, sizeof s->writer, "%s", c->database);
	if (c->db_reader[0] != '\0')
		(void)snprintf(s->reader, sizeof s->reader, "%s", c->db_reader);
	else
		conninfo_as(c->database, "fairlot_reader", s->reader);
	if (c->db_migrator[0] != '\0')
		(void)snprintf(s->migrator, sizeof s->migrator, "%s", c->db_migrator);
	else
		conninfo_as(c->database, "fairlot_migrator", s->migrator);
	return true;
}

bool
start_database(struct server *s)
{
	if (mkdir(s->config->data_dir, 0755) != 0 && errno != EEXIST) {
		char why[WHY_MAX];

		(void)snprintf(
			why, sizeof why, "folder %s: %s", s->config->data_dir, strerror(errno));
		return refuse(why);
	}
	return s->config->embedded_dir[0] != '\0' ? embedded_start(s) : external_use(s);
}

void
start_undo_database(struct server *s)
{
	if (s->pg != NULL)
		pgserver_stop(&s->pg);
}

static bool
setting_put(PGconn *pg, const char *key, const char *value)
{
	const char *params[] = {key, value};
	PGresult *r = PQprepare(pg, "", sql_table[SQL_admin_setting].text, 0, NULL);
	bool ok = PQresultStatus(r) == PGRES_COMMAND_OK;

	PQclear(r);
	if (!ok)
		return false;
	r = PQexecPrepared(pg, "", 2, params, NULL, NULL, 0);
	ok = PQresultStatus(r) == PGRES_TUPLES_OK;
	PQclear(r);
	return ok;
}

/* What can be checked here.  The pulse stays as it is once none is configured: draws that were
 * frozen wait for theirs. */
static bool
beacons_put(const struct server *s, PGconn *pg)
{
	bool drand = s->config->draw_beacon_check[0] != '\0', nist = nist_pulse()[0] != '\0';

	return setting_put(pg, "beacons",
		       drand && nist   ? "drand nist"
			       : drand ? "drand"
			       : nist  ? "nist"
				       : "") &&
		(!nist || setting_put(pg, "nist_pulse", nist_pulse()));
}

/* What of the configuration the functions of schema api read from their table. */
static bool
settings_put(const struct server *s, PGconn *pg)
{
	const struct config *c = s->config;
	char delay_s[24];

	(void)snprintf(delay_s, sizeof delay_s, "%lld", (long long)c->draw_beacon_delay_ms / 1000);
	return setting_put(pg, "demo", c->market_demo ? "on" : "off") &&
		setting_put(pg, "origin", c->market_origin) &&
		setting_put(pg, "witnesses", c->market_witnesses) && beacons_put(s, pg) &&
		setting_put(pg, "beacon_delay", delay_s);
}

static bool
vkey_put(PGconn *pg, const char *setting, const char *origin, const char *what, const uint8_t *key)
{
	struct arena a;
	struct text name, vkey;
	bool ok;

	arena_init(&a, 4096);
	name = text_of(arena_printf(&a, "%s/%s", origin, what));
	vkey = note_vkey(&a, name, key);
	ok = setting_put(pg, setting, arena_str(&a, vkey.at, vkey.len));
	arena_reset(&a);
	return ok;
}

/* Tells the market the public keys of the signer: the operator's is announced in the journal, the
 * others stand at /journal/keys.  The log's is that of the daemon that signs it. */
static bool
keys_put(const struct server *s, PGconn *pg)
{
	const struct signer_keys *keys = signer_keys();
	const struct config *c = s->config;
	char hex[2 * sizeof keys->vrf + 1];

	hex_encode(keys->vrf, sizeof keys->vrf, hex);
	return setting_put(pg, "operator_key", hex) &&
		vkey_put(pg, "receipt_vkey", c->market_origin, "receipts", keys->receipt) &&
		(c->log_lock_file[0] == '\0' ||
			vkey_put(pg, "log_vkey", c->market_origin, "journal", keys->log));
}

bool
start_migrations(struct server *s)
{
	const char *csv =
		s->config->reference_dir[0] != '\0' ? s->config->reference_dir : FAIRLOT_REFERENCE;
	char why[WHY_MAX] = "";
	int changed = 0;
	PGconn *pg;
	bool ok;

	if (!migrate_run(s->migrator, NULL, why))
		return refuse(why);
	pg = PQconnectdb(s->migrator);
	ok = PQstatus(pg) == CONNECTION_OK;
	if (!ok)
		(void)snprintf(why, sizeof why, "%s", PQerrorMessage(pg));
	ok = ok && reference_load(pg, csv, &changed, why);
	if (ok && !settings_put(s, pg)) {
		(void)snprintf(why, sizeof why, "settings: %s", PQerrorMessage(pg));
		ok = false;
	}
	PQfinish(pg);
	say(SAY_INFO, "reference", say_int("changed", changed));
	return ok || refuse(why);
}

/* The signer is forked here, while this process has one thread and no descriptor of a client. */
static bool
signer_begin(struct server *s)
{
	char folder[1100], why[WHY_MAX] = "";
	PGconn *pg;
	bool ok;

	(void)snprintf(folder, sizeof folder, "%s/signer", s->config->data_dir);
	if (!signer_start(folder, s->config->log_lock_file, s->count))
		return refuse("the signer did not start; the log says why");
	pg = PQconnectdb(s->migrator);
	ok = PQstatus(pg) == CONNECTION_OK && keys_put(s, pg);
	if (!ok)
		(void)snprintf(why, sizeof why, "settings: %s", PQerrorMessage(pg));
	PQfinish(pg);
	return ok || refuse(why);
}

static bool
targets_make(struct server *s)
{
	char why[WHY_MAX] = "";
	const struct db_target *const *targets = (const struct db_target *const *)s->targets;

	if (!db_target_new(s->writer, "fairlot_writer", false, OPTIONS_WRITER,
		    &s->targets[LANE_WRITER], why, sizeof why) ||
		!db_target_new(s->reader, "fairlot_reader", false, OPTIONS_READER,
			&s->targets[LANE_READER], why, sizeof why) ||
		!db_target_new(s->reader, "fairlot_reader", false, OPTIONS_LONG,
			&s->targets[LANE_LONG], why, sizeof why) ||
		!db_check(targets, why, sizeof why))
		return refuse(why);
	return true;
}

static size_t
share(int64_t all, const struct server *s, unsigned i)
{
	size_t n = (size_t)all / s->count + (i < (size_t)all % s->count);

	return n > 0 ? n : 1;
}

static void
loop_make(struct server *s, unsigned i, struct ssl_ctx_st *tls)
{
	const struct config *c = s->config;
	struct loop *loop = loop_new(i, s->count, config_ref(s->config));
	const size_t counts[LANE_COUNT] = {
		share(c->db_writers, s, i), share(c->db_readers, s, i), share(c->db_longs, s, i)};

	s->loops[i] = loop;
	loop->db = db_open(loop, (const struct db_target *const *)s->targets, counts);
	loop->auth = auth_new();
	loop_watch(loop, auth_watch);
	loop->cache = cache_new();
	loop->tiles = tile_cache_new(TILE_CACHE_BYTES);
	conns_open(loop, tls_ref(tls));
}

static bool
sockets_open(struct server *s)
{
	const struct config *c = s->config;
	const struct {
		const char *address;
		enum conn_kind kind;
		bool loopback;
		unsigned count;
	} rows[] = {{c->listen_tls, CONN_TLS, false, s->count},
		{c->listen_plain, CONN_PLAIN, true, s->count},
		{c->listen_admin, CONN_ADMIN, true, 1}};
	char why[WHY_MAX] = "";
	int fds[LOOPS_MAX];

	for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
		if (rows[r].address[0] == '\0')
			continue;
		if (!listen_bind(rows[r].address, rows[r].loopback, (int)c->listen_backlog, fds,
			    rows[r].count, s->names[rows[r].kind], why, sizeof why))
			return refuse(why);
		for (unsigned i = 0; i < rows[r].count; i++)
			listen_add(s->loops[i], fds[i], rows[r].kind);
	}
	return true;
}

static void
tls_paths(struct server *s)
{
	const struct config *c = s->config;

	if (c->tls_cert[0] != '\0')
		(void)snprintf(s->cert, sizeof s->cert, "%s", c->tls_cert);
	else
		(void)snprintf(s->cert, sizeof s->cert, "%s/tls/cert.pem", c->data_dir);
	if (c->tls_key[0] != '\0')
		(void)snprintf(s->key, sizeof s->key, "%s", c->tls_key);
	else
		(void)snprintf(s->key, sizeof s->key, "%s/tls/key.pem", c->data_dir);
}

static unsigned
loops_count(const struct config *c)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (c->loops > 0)
		return (unsigned)c->loops;
	return cores < 1 ? 1 : cores > LOOPS_MAX ? LOOPS_MAX : (unsigned)cores;
}

bool
start(struct server *s)
{
	struct ssl_ctx_st *tls = NULL;
	char why[WHY_MAX] = "";

	s->count = loops_count(s->config);
	say_from((enum say_level)s->config->log_level);
#ifdef FAIRLOT_FAULTS
	fault_from_environment();
#endif
	if (!route_check() || !bind_resolve(why, sizeof why))
		return refuse(why[0] == '\0' ? "the table of operations is ambiguous" : why);
	if (!cosigner_check(s->config, why, sizeof why) || !nist_open(s->config, why, sizeof why))
		return refuse(why);
	tls_paths(s);
	if (!start_database(s) || !start_migrations(s) || !signer_begin(s) || !targets_make(s))
		return false;
	if ((s->config->tls_cert[0] == '\0' &&
		    !tls_self_signed(s->cert, s->key, why, sizeof why)) ||
		!tls_new(s->cert, s->key, &tls, why, sizeof why))
		return refuse(why);
	for (unsigned i = 0; i < s->count; i++)
		loop_make(s, i, tls);
	tls_unref(&tls);
	local_set_loops(s->loops, s->count);
	page_set(s->names[CONN_TLS], s->cert);
	return sockets_open(s);
}
