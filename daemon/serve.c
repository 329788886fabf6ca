/* The running process: threads, signals, readiness, reload, drain.  Loop 0 runs on the main
 * thread and is the only one that sees signals and children. */
#include "daemon/serve.h"

#include <event2/event.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/auth.h"
#include "daemon/cache.h"
#include "daemon/config.h"
#include "daemon/cosigner.h"
#include "daemon/job.h"
#include "daemon/journal_watch.h"
#include "daemon/local.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/mailbox.h"
#include "daemon/notify.h"
#include "daemon/outbound.h"
#include "daemon/pgserver.h"
#include "daemon/sequencer.h"
#include "daemon/signer.h"
#include "daemon/tile_cache.h"
#include "daemon/tls.h"

enum {
	LOSE_MS = 3000 /* after the drain's time: the database's answers are waited for no more */
};

static struct server *server;	/* of the process; set before the threads start */
static atomic_bool failed;	/* a child died */
static bool said_ready, ending; /* of loop 0 */

static void
drain_one(struct loop *loop, void *arg)
{
	(void)arg;
	loop_drain(loop);
	listen_close(loop);
}

static void
drain_all(struct loop *loop, void *arg)
{
	(void)loop;
	(void)arg;
	if (ending)
		return;
	ending = true;
	local_set_ready(false);
	notify("STOPPING=1");
	job_stop();
	sequencer_stop();
	outbound_stop();
	for (unsigned i = 0; i < server->count; i++)
		mailbox_post(server->loops[i], drain_one, NULL);
	say(SAY_INFO, "drain", say_int("loops", server->count));
}

static void
drain_watch(struct loop *loop)
{
	uint64_t now = loop_now_ms();

	if (!loop->draining)
		return;
	if (now >= loop->drain_by_ms)
		conns_cut(loop);
	if (now >= loop->drain_by_ms + LOSE_MS && loop->db != NULL)
		db_close(&loop->db);
	if (TAILQ_EMPTY(&loop->conns->open) && loop->tasks_count == 0)
		loop_stop(loop);
}

/* From any thread: the process cannot go on. */
static void
child_died(void)
{
	if (!atomic_exchange(&failed, true))
		say(SAY_ERROR, "child_died", say_str("child", "signer"));
	mailbox_post(server->loops[0], drain_all, NULL);
}

static void
file_write(const char *path, const char *line)
{
	char fresh[1100];
	FILE *f;

	(void)snprintf(fresh, sizeof fresh, "%s.new", path);
	if ((f = fopen(fresh, "we")) == NULL)
		return;
	(void)fputs(line, f);
	if (fclose(f) == 0)
		(void)rename(fresh, path);
}

static const char *
name_or_none(enum conn_kind kind)
{
	return server->names[kind][0] == '\0' ? "-" : server->names[kind];
}

/* The ready line: who started us reads the ports from it. */
static void
say_ready(void)
{
	char line[512];

	notify("READY=1");
	(void)snprintf(line, sizeof line, "fairlotd ready pid=%ld tls=%s plain=%s admin=%s\n",
		(long)getpid(), name_or_none(CONN_TLS), name_or_none(CONN_PLAIN),
		name_or_none(CONN_ADMIN));
	(void)fputs(line, stdout);
	(void)fflush(stdout);
	if (server->config->listen_ready_file[0] != '\0')
		file_write(server->config->listen_ready_file, line);
	said_ready = true;
}

static void
ready_watch(struct loop *loop)
{
	bool ready = !loop->draining;

	for (unsigned i = 0; i < server->count; i++)
		ready = ready && counter_get(&server->loops[i]->counters.db_lanes) == LANE_COUNT;
	local_set_ready(ready);
	notify_watchdog();
	if (ready && !said_ready)
		say_ready();
	if (server->pg != NULL && !ending && pgserver_poll(server->pg) == PGSERVER_ENDED) {
		atomic_store(&failed, true);
		say(SAY_ERROR, "child_died", say_str("child", "postgres"));
		drain_all(loop, NULL);
	}
}

struct reload {
	struct config *config;
	struct ssl_ctx_st *tls;
};

static void
reload_one(struct loop *loop, void *arg)
{
	struct reload *r = arg;

	config_unref(&loop->config);
	loop->config = r->config;
	conns_set_tls(loop, r->tls);
	free(r);
}

static bool
reload_take(struct server *s, struct config *fresh, char *why, size_t size)
{
	const char *restarts = config_restarts(s->config, fresh);
	struct ssl_ctx_st *tls;

	if (restarts[0] != '\0') {
		(void)snprintf(why, size, "only a restart changes %s", restarts);
		return false;
	}
	if (!tls_new(fresh->tls_cert[0] != '\0' ? fresh->tls_cert : s->cert,
		    fresh->tls_key[0] != '\0' ? fresh->tls_key : s->key, &tls, why, size))
		return false;
	for (unsigned i = 0; i < s->count; i++) {
		struct reload *r = calloc(1, sizeof *r);

		must(r != NULL);
		*r = (struct reload){config_ref(fresh), tls_ref(tls)};
		mailbox_post(s->loops[i], reload_one, r);
	}
	tls_unref(&tls);
	return true;
}

static void
reload(void)
{
	extern char **environ;
	struct config *fresh = NULL;
	char why[WHY_MAX] = "";

	if (!config_load(server->args, server->args_count, (const char *const *)environ, &fresh,
		    why, sizeof why) ||
		!reload_take(server, fresh, why, sizeof why)) {
		say(SAY_ERROR, "reload_refused", say_str("why", why));
		config_unref(&fresh);
		return;
	}
	say_from((enum say_level)fresh->log_level);
	config_unref(&server->config);
	server->config = fresh;
	say(SAY_INFO, "reloaded", say_int("loops", server->count));
}

static void
on_signal(evutil_socket_t number, short what, void *arg)
{
	(void)what;
	if (number == SIGHUP)
		reload();
	else
		drain_all(arg, NULL);
}

/* One loop's life on its thread.  Its modules are taken down here, where they lived. */
static void *
loop_live(void *arg)
{
	struct loop *loop = arg;

	signer_attach(loop->index, loop->base, child_died);
	loop_watch(loop, drain_watch);
	loop_run(loop);
	signer_detach(loop->index);
	listen_close(loop);
	conns_close(loop);
	db_close(&loop->db);
	auth_free(&loop->auth);
	cache_free(&loop->cache);
	tile_cache_free(&loop->tiles);
	return NULL;
}

static void
undo(struct server *s)
{
	outbound_end();
	for (unsigned i = 0; i < s->count; i++)
		loop_free(&s->loops[i]);
	signer_stop();
	for (int lane = 0; lane < LANE_COUNT; lane++)
		db_target_free(&s->targets[lane]);
	start_undo_database(s);
	config_unref(&s->config);
}

int
serve(struct server *s)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
	struct event *signals[3];
	pthread_t threads[LOOPS_MAX];
	sigset_t all, before;

	server = s;
	(void)signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < 3; i++) {
		signals[i] = evsignal_new(s->loops[0]->base, numbers[i], on_signal, s->loops[0]);
		must(signals[i] != NULL && event_add(signals[i], NULL) == 0);
	}
	outbound_start(s->loops[0]);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	for (unsigned i = 1; i < s->count; i++)
		must(pthread_create(&threads[i], NULL, loop_live, s->loops[i]) == 0);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	job_start(s->loops[0]);
	sequencer_start(s->loops[0]);
	cosigner_start(s->loops[0]);
	journal_watch_start(s->loops[0]);
	loop_watch(s->loops[0], ready_watch);
	(void)loop_live(s->loops[0]);
	for (unsigned i = 1; i < s->count; i++)
		must(pthread_join(threads[i], NULL) == 0);
	for (int i = 0; i < 3; i++)
		event_free(signals[i]);
	undo(s);
	say(SAY_INFO, "end", say_int("failed", atomic_load(&failed)));
	return atomic_load(&failed) ? EXIT_FAILURE : EXIT_SUCCESS;
}
