/* The private PostgreSQL: where it may live, how it ends, what a death leaves behind. */
#include <check.h>
#include <libpq-fe.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/pgserver.h"
#include "tests/support/folder.h"
#include "tests/support/suite.h"
#include "tests/support/until.h"

enum {
	WAIT_MS = 30000,
	PATH_LEN = 300
};

/* A folder that is closed to everybody else, as a private home is. */
struct place {
	char parent[64], dir[PATH_LEN], log[PATH_LEN];
	struct pgserver_options options;
};

static void
place_make(struct place *p, const char *name)
{
	(void)snprintf(p->parent, sizeof p->parent, "/tmp/fairlot-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(p->parent));
	(void)snprintf(p->dir, sizeof p->dir, "%s/%s", p->parent, name);
	(void)snprintf(p->log, sizeof p->log, "%s/log", p->parent);
	p->options = (struct pgserver_options){.dir = p->dir, .log = p->log, .tied = true};
}

static struct pgserver *
started(const struct place *p)
{
	char why[PGSERVER_WHY] = "";
	struct pgserver *s = NULL;

	ck_assert_msg(pgserver_start(&p->options, &s, why), "%s", why);
	ck_assert_int_gt(pgserver_pid(s), 0);
	ck_assert_int_eq(pgserver_poll(s), PGSERVER_READY);
	return s;
}

/* One value, as the superuser of the cluster. */
static void
asks(const struct pgserver *s, const char *sql, const char *value)
{
	char conninfo[PGSERVER_CONNINFO];
	PGconn *conn;
	PGresult *r;

	pgserver_conninfo(s, "postgres", "postgres", conninfo);
	conn = PQconnectdb(conninfo);
	ck_assert_msg(PQstatus(conn) == CONNECTION_OK, "%s", PQerrorMessage(conn));
	r = PQexec(conn, sql);
	ck_assert_msg(PQntuples(r) == 1 && strcmp(PQgetvalue(r, 0, 0), value) == 0, "%s: %s %s",
		sql, PQntuples(r) == 1 ? PQgetvalue(r, 0, 0) : "", PQerrorMessage(conn));
	PQclear(r);
	PQfinish(conn);
}

START_TEST(it_is_a_private_utf8_cluster_that_keeps_its_data)
{
	struct place p;
	struct pgserver *s;

	place_make(&p, "db");
	p.options.durable = true;
	s = started(&p);
	asks(s, "SHOW server_encoding", "UTF8");
	asks(s, "SHOW data_checksums", "on");
	asks(s, "SHOW fsync", "on");
	asks(s, "SHOW listen_addresses", "");
	asks(s, "SELECT datcollate FROM pg_database WHERE datname = 'template0'", "C.UTF-8");
	asks(s, "WITH made AS (SELECT lo_from_bytea(4711, 'kept')) SELECT 'x' FROM made", "x");
	pgserver_stop(&s);
	ck_assert_ptr_null(s);
	s = started(&p);
	asks(s, "SELECT convert_from(lo_get(4711), 'UTF8')", "kept");
	pgserver_stop(&s);
	folder_remove(p.parent);
}
END_TEST

START_TEST(a_long_path_puts_the_socket_elsewhere)
{
	static const char long_name[] =
		"a-folder-with-a-name-that-leaves-no-room-for-a-socket-in-the-address-of-a-unix-"
		"socket-which-has-108-bytes";
	char conninfo[PGSERVER_CONNINFO];
	struct place p;
	struct pgserver *s;

	place_make(&p, long_name);
	s = started(&p);
	pgserver_conninfo(s, "postgres", "postgres", conninfo);
	ck_assert_ptr_null(strstr(conninfo, long_name));
	asks(s, "SELECT 1", "1");
	pgserver_stop(&s);
	folder_remove(p.parent);
}
END_TEST

START_TEST(a_role_that_the_map_does_not_name_is_not_let_in)
{
	char conninfo[PGSERVER_CONNINFO];
	struct place p;
	struct pgserver *s;
	PGconn *conn;

	place_make(&p, "db");
	s = started(&p);
	asks(s, "SELECT 1", "1");
	pgserver_conninfo(s, "pg_monitor", "postgres", conninfo);
	conn = PQconnectdb(conninfo);
	ck_assert_int_ne(PQstatus(conn), CONNECTION_OK);
	ck_assert_ptr_nonnull(strstr(PQerrorMessage(conn), "Peer authentication failed"));
	PQfinish(conn);
	pgserver_stop(&s);
	folder_remove(p.parent);
}
END_TEST

static bool
has_ended(void *s)
{
	return pgserver_poll(s) == PGSERVER_ENDED;
}

START_TEST(its_death_is_seen_and_the_next_start_recovers)
{
	struct place p;
	struct pgserver *s;
	struct pollfd fd = {.events = POLLIN};

	place_make(&p, "db");
	p.options.durable = true;
	s = started(&p);
	asks(s, "WITH made AS (SELECT lo_from_bytea(4711, 'kept')) SELECT 'x' FROM made", "x");
	ck_assert_int_eq(kill(pgserver_pid(s), SIGKILL), 0);
	fd.fd = pgserver_fd(s);
	ck_assert(fd.fd < 0 || poll(&fd, 1, WAIT_MS) == 1);
	ck_assert(until(has_ended, s, WAIT_MS));
	pgserver_stop(&s);
	s = started(&p);
	asks(s, "SELECT convert_from(lo_get(4711), 'UTF8')", "kept");
	pgserver_stop(&s);
	folder_remove(p.parent);
}
END_TEST

START_TEST(it_stops_without_waiting_for_it)
{
	struct place p;
	struct pgserver *s;

	place_make(&p, "db");
	s = started(&p);
	pgserver_stop_begin(s);
	ck_assert_int_ne(pgserver_poll(s), PGSERVER_READY);
	ck_assert(until(has_ended, s, WAIT_MS));
	pgserver_stop(&s);
	folder_remove(p.parent);
}
END_TEST

/* A child starts a server and dies as if by SIGKILL; its server's process id, or 0. */
static pid_t
abandoned(const struct place *p)
{
	int ends[2];
	pid_t child, server = 0;

	ck_assert_int_eq(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		char why[PGSERVER_WHY];
		struct pgserver *s = NULL;

		if (pgserver_start(&p->options, &s, why))
			server = pgserver_pid(s);
		_exit(write(ends[1], &server, sizeof server) != sizeof server);
	}
	ck_assert_int_eq(read(ends[0], &server, sizeof server), sizeof server);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	(void)close(ends[0]);
	(void)close(ends[1]);
	ck_assert_int_gt(server, 0);
	return server;
}

static bool
is_gone(void *pid)
{
	return kill(*(pid_t *)pid, 0) != 0;
}

START_TEST(a_tied_server_ends_with_its_parent)
{
	struct place p;
	pid_t pid;

	place_make(&p, "db");
	pid = abandoned(&p);
	ck_assert(until(is_gone, &pid, WAIT_MS));
	folder_remove(p.parent);
}
END_TEST

START_TEST(a_server_that_a_dead_process_left_is_ended_first)
{
	struct place p;
	struct pgserver *s;
	pid_t pid;

	place_make(&p, "db");
	p.options.tied = false;
	pid = abandoned(&p);
	ck_assert(!is_gone(&pid));
	s = started(&p);
	ck_assert_int_ne(pgserver_pid(s), pid);
	ck_assert(until(is_gone, &pid, WAIT_MS));
	asks(s, "SELECT 1", "1");
	pgserver_stop(&s);
	folder_remove(p.parent);
}
END_TEST

START_TEST(a_server_that_is_in_use_is_left_alone)
{
	char why[PGSERVER_WHY] = "";
	struct pgserver *s, *other = NULL;
	struct place p;

	place_make(&p, "db");
	s = started(&p);
	ck_assert(!pgserver_start(&p.options, &other, why));
	ck_assert_ptr_null(other);
	ck_assert_msg(strstr(why, "another fairlotd uses") != NULL, "%s", why);
	asks(s, "SELECT 1", "1");
	pgserver_stop(&s);
	s = started(&p);
	pgserver_stop(&s);
	folder_remove(p.parent);
}
END_TEST

/* A process of the account that runs the server, and no postgres. */
static pid_t
stranger(const struct place *p)
{
	char path[PATH_LEN + 32];
	struct stat st;
	pid_t pid;

	(void)snprintf(path, sizeof path, "%s/pg", p->dir);
	ck_assert_int_eq(stat(path, &st), 0);
	pid = fork();
	if (pid == 0) {
		if (geteuid() == 0 && (setgid(st.st_gid) != 0 || setuid(st.st_uid) != 0))
			_exit(1);
		for (;;)
			(void)pause();
	}
	ck_assert_int_gt(pid, 0);
	return pid;
}

/* Numbers of processes come again, after a restart of the machine at the latest; postgres itself
 * would refuse to start beside a process of its account that has its old number. */
START_TEST(a_stale_pid_file_does_not_stop_a_start)
{
	char path[PATH_LEN + 32];
	struct place p;
	struct pgserver *s;
	pid_t other;
	FILE *f;

	place_make(&p, "db");
	s = started(&p);
	pgserver_stop(&s);
	other = stranger(&p);
	(void)snprintf(path, sizeof path, "%s/pg/postmaster.pid", p.dir);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	(void)fprintf(f, "%d\n%s/pg\n", (int)other, p.dir);
	(void)fclose(f);
	s = started(&p);
	asks(s, "SELECT 1", "1");
	ck_assert_int_eq(kill(other, 0), 0);
	pgserver_stop(&s);
	ck_assert_int_eq(kill(other, SIGKILL), 0);
	ck_assert_int_eq(waitpid(other, NULL, 0), other);
	folder_remove(p.parent);
}
END_TEST

/* What a death inside initdb leaves beside the data is not taken for a cluster. */
START_TEST(half_a_cluster_is_made_again)
{
	char path[PATH_LEN + 32];
	struct place p;
	struct pgserver *s;
	FILE *f;

	place_make(&p, "db");
	ck_assert_int_eq(mkdir(p.dir, 0700), 0);
	(void)snprintf(path, sizeof path, "%s/pg.new", p.dir);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	(void)snprintf(path, sizeof path, "%s/pg.new/PG_VERSION", p.dir);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	(void)fclose(f);
	s = started(&p);
	asks(s, "SELECT 1", "1");
	pgserver_stop(&s);
	folder_remove(p.parent);
}
END_TEST

/* As root: the same as an ordinary user, in a child that becomes one. */
START_TEST(an_ordinary_user_runs_it_as_himself)
{
	const struct passwd *pw = getpwnam("nobody");
	struct place p;
	int status = 0;
	pid_t child;

	place_make(&p, "db");
	if (geteuid() == 0)
		ck_assert(pw != NULL && chown(p.parent, pw->pw_uid, pw->pw_gid) == 0);
	child = fork();
	if (child == 0) {
		char why[PGSERVER_WHY] = "", conninfo[PGSERVER_CONNINFO];
		struct pgserver *s = NULL;
		bool ok = geteuid() != 0 || (setgid(pw->pw_gid) == 0 && setuid(pw->pw_uid) == 0);

		ok = ok && pgserver_start(&p.options, &s, why);
		if (ok) {
			pgserver_conninfo(s, "postgres", "postgres", conninfo);
			ok = PQping(conninfo) == PQPING_OK;
			pgserver_stop(&s);
		} else
			(void)fprintf(stderr, "%s\n", why);
		_exit(ok ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	folder_remove(p.parent);
}
END_TEST

START_TEST(what_is_missing_is_said)
{
	char why[PGSERVER_WHY] = "";
	struct place p;
	struct pgserver *s = NULL;

	place_make(&p, "db");
	p.options.bindir = "/nonexistent";
	ck_assert(!pgserver_start(&p.options, &s, why));
	ck_assert_ptr_null(s);
	ck_assert_ptr_nonnull(strstr(why, "/nonexistent"));
	p.options.bindir = NULL;
	p.options.dir = "/nonexistent/db";
	ck_assert(!pgserver_start(&p.options, &s, why));
	ck_assert_ptr_nonnull(strstr(why, "/nonexistent/db"));
	folder_remove(p.parent);
}
END_TEST

SUITE(pgserver, it_is_a_private_utf8_cluster_that_keeps_its_data,
	a_long_path_puts_the_socket_elsewhere, a_role_that_the_map_does_not_name_is_not_let_in,
	its_death_is_seen_and_the_next_start_recovers, it_stops_without_waiting_for_it,
	a_tied_server_ends_with_its_parent, a_server_that_a_dead_process_left_is_ended_first,
	a_server_that_is_in_use_is_left_alone, a_stale_pid_file_does_not_stop_a_start,
	half_a_cluster_is_made_again, an_ordinary_user_runs_it_as_himself, what_is_missing_is_said)
