/* The private PostgreSQL.  Everything between fork and exec is in child_run(), which calls only
 * what is safe there; what it needs was prepared by the parent.
 *
 * Run by root, the server gets an unprivileged account.  If a folder above the data is closed to
 * that account, the child keeps one capability to cross it and nothing else of root. */
#include "daemon/pgserver.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <libpq-fe.h>
#include <limits.h>
#include <linux/capability.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	START_MS = 60 * 1000, /* recovery after a crash included */
	STOP_MS = 30 * 1000,
	FORCE_MS = 5 * 1000,
	LOCK_MS = 2 * 1000,
	TICK_MS = 10,
	ARGS_MAX = 48,
	NAME_MAX_LEN = 64
};

struct account {
	uid_t uid;
	gid_t gid;
	char name[NAME_MAX_LEN];
	bool drops; /* this process is root and the child becomes the account */
};

struct pgserver {
	struct account account;
	char bindir[PATH_MAX], data[PATH_MAX], socket_dir[PATH_MAX], log[PATH_MAX];
	char role[NAME_MAX_LEN];
	bool durable, tied;
	bool own_socket_dir; /* made under the temporary folder; removed at the end */
	bool stopping;
	pid_t pid; /* 0: not running */
	int fd;
	int lock; /* the folder, held as long as this process uses it */
};

__attribute__((format(printf, 2, 3))) static bool
because(char why[PGSERVER_WHY], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, PGSERVER_WHY, fmt, ap);
	va_end(ap);
	return false;
}

MUST_USE static bool
path_join(char ret_path[PATH_MAX], const char *folder, const char *name)
{
	int n = snprintf(ret_path, PATH_MAX, "%s/%s", folder, name);

	return n > 0 && n < PATH_MAX;
}

static int64_t
mono_ms(void)
{
	struct timespec ts;

	must(clock_gettime(CLOCK_MONOTONIC, &ts) == 0);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* --- which account, which binaries, which folders --- */

static bool
account_of(const char *data, struct account *ret_account, char why[PGSERVER_WHY])
{
	static const char *const accounts[] = {"postgres", "nobody"};
	const struct passwd *pw = NULL;
	struct stat st;
	bool root = geteuid() == 0;

	if (!root)
		pw = getpwuid(geteuid());
	else if (stat(data, &st) == 0 && st.st_uid != 0)
		pw = getpwuid(st.st_uid); /* whoever owns the data keeps it */
	for (size_t i = 0; root && pw == NULL && i < 2; i++)
		pw = getpwnam(accounts[i]);
	if (pw == NULL)
		return because(why,
			"no account to run PostgreSQL as: this user has no entry in "
			"/etc/passwd, or postgres and nobody are missing");
	*ret_account = (struct account){.uid = pw->pw_uid, .gid = pw->pw_gid, .drops = root};
	(void)snprintf(ret_account->name, sizeof ret_account->name, "%s", pw->pw_name);
	return true;
}

static bool
has_postgres(const char *bindir)
{
	char path[PATH_MAX];

	return path_join(path, bindir, "initdb") && access(path, X_OK) == 0 &&
		path_join(path, bindir, "postgres") && access(path, X_OK) == 0;
}

/* What `pg_config --bindir` prints, run without a shell. */
static bool
bindir_ask(char ret_bindir[PATH_MAX])
{
	int ends[2];
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	pid = fork();
	if (pid == 0) {
		(void)dup2(ends[1], STDOUT_FILENO);
		(void)execlp("pg_config", "pg_config", "--bindir", (char *)NULL);
		_exit(127);
	}
	(void)close(ends[1]);
	while (pid > 0 && len < PATH_MAX - 1 &&
		(n = read(ends[0], ret_bindir + len, PATH_MAX - 1 - len)) > 0)
		len += (size_t)n;
	(void)close(ends[0]);
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
	ret_bindir[len] = '\0';
	ret_bindir[strcspn(ret_bindir, "\n")] = '\0';
	return len > 0;
}

static bool
bindir_find(const char *given, char ret_bindir[PATH_MAX], char why[PGSERVER_WHY])
{
	static const char known[] = "/usr/lib/postgresql/15/bin";

	if (given != NULL && given[0] != '\0') {
		(void)snprintf(ret_bindir, PATH_MAX, "%s", given);
		return has_postgres(given) || because(why, "%s has no initdb and postgres", given);
	}
	(void)snprintf(ret_bindir, PATH_MAX, "%s", known);
	if (has_postgres(known) || (bindir_ask(ret_bindir) && has_postgres(ret_bindir)))
		return true;
	return because(why,
		"PostgreSQL 15 was not found in %s nor by pg_config; install "
		"postgresql-15 or name its folder",
		known);
}

/* Every folder above lets anybody through; else the account needs a capability to cross. */
static bool
is_reachable(const char *path)
{
	char part[PATH_MAX];
	struct stat st;

	(void)snprintf(part, sizeof part, "%s", path);
	for (char *slash = strrchr(part, '/'); slash != NULL; slash = strrchr(part, '/')) {
		*slash = '\0';
		if (stat(part[0] == '\0' ? "/" : part, &st) != 0 || (st.st_mode & S_IXOTH) == 0)
			return false;
	}
	return true;
}

static bool
folder_make(const char *path, const struct account *a, char why[PGSERVER_WHY])
{
	if (mkdir(path, 0700) != 0)
		return errno == EEXIST || because(why, "%s: %s", path, strerror(errno));
	if (a != NULL && a->drops && lchown(path, a->uid, a->gid) != 0)
		return because(why, "%s: %s", path, strerror(errno));
	return true;
}

/* The socket lies beside the data unless its path would not fit into sockaddr_un. */
static bool
socket_place(struct pgserver *s, char why[PGSERVER_WHY])
{
	const char *tmp = getenv("TMPDIR");

	if (strlen(s->data) + strlen("/.s.PGSQL.5432") <= PGSERVER_SOCKET) {
		(void)snprintf(s->socket_dir, sizeof s->socket_dir, "%s", s->data);
		return true;
	}
	if (tmp == NULL || tmp[0] != '/' || strlen(tmp) > PGSERVER_SOCKET / 2)
		tmp = "/tmp";
	(void)snprintf(s->socket_dir, sizeof s->socket_dir, "%s/fairlot-XXXXXX", tmp);
	if (mkdtemp(s->socket_dir) == NULL)
		return because(why, "%s: %s", s->socket_dir, strerror(errno));
	s->own_socket_dir = true;
	if (s->account.drops && lchown(s->socket_dir, s->account.uid, s->account.gid) != 0)
		return because(why, "%s: %s", s->socket_dir, strerror(errno));
	return true;
}

/* --- the child --- */

struct child {
	const char *const *argv;
	const struct account *account;
	int log_fd;	/* -1: keeps stderr */
	int capability; /* -1: none */
	int death;	/* signal when the parent dies, or 0 */
	pid_t parent;
};

/* Becomes the account, with at most one capability left, which passes through exec. */
static bool
child_drop(const struct child *c)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {{0, 0, 0}, {0, 0, 0}};
	bool keeps = c->capability >= 0;

	if (keeps && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
		return false;
	if (syscall(SYS_setgroups, 0, NULL) != 0 ||
		syscall(SYS_setresgid, c->account->gid, c->account->gid, c->account->gid) != 0 ||
		syscall(SYS_setresuid, c->account->uid, c->account->uid, c->account->uid) != 0)
		return false;
	if (!keeps)
		return true;
	data[0].effective = data[0].permitted = data[0].inheritable = 1u << c->capability;
	/* Without it the path above may still be open to the account: the server will say. */
	if (syscall(SYS_capset, &head, data) == 0)
		(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, c->capability, 0, 0);
	return true;
}

__attribute__((noreturn)) static void
child_run(const struct child *c)
{
	sigset_t none;

	/* A terminal's Ctrl-C is for the daemon, which then stops its server in order. */
	(void)setpgid(0, 0);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	if (c->log_fd >= 0 &&
		(dup2(c->log_fd, STDERR_FILENO) < 0 || dup2(c->log_fd, STDOUT_FILENO) < 0))
		_exit(126);
	if ((c->account->drops && !child_drop(c)) || chdir("/") != 0)
		_exit(126);
	if (c->death != 0) {
		(void)prctl(PR_SET_PDEATHSIG, c->death, 0, 0, 0);
		if (getppid() != c->parent)
			_exit(126);
	}
	(void)execv(c->argv[0], (char *const *)(uintptr_t)c->argv);
	_exit(127);
}

static pid_t
child_start(const struct pgserver *s, const char *const *argv, int capability, int death)
{
	struct child c = {.argv = argv,
		.account = &s->account,
		.log_fd = -1,
		.capability = s->account.drops && !is_reachable(s->data) ? capability : -1,
		.death = death,
		.parent = getpid()};
	pid_t pid;

	if (s->log[0] != '\0')
		c.log_fd =
			open(s->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	pid = fork();
	if (pid == 0)
		child_run(&c);
	if (c.log_fd >= 0)
		(void)close(c.log_fd);
	return pid;
}

/* --- making the cluster --- */

static int
entry_remove(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

/* Makes the cluster beside its place and moves it there when it is whole: a death in between
 * leaves nothing that looks like one. */
static bool
data_init(const struct pgserver *s, char why[PGSERVER_WHY])
{
	char initdb[PATH_MAX], fresh[PATH_MAX];
	const char *const argv[] = {initdb, "--pgdata", fresh, "--username=postgres",
		"--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--auth=peer",
		"--no-instructions", s->durable ? NULL : "--no-sync", NULL};
	int status = 0, n = snprintf(fresh, sizeof fresh, "%s.new", s->data);
	pid_t pid;

	if (access(s->data, F_OK) == 0)
		return true;
	if (n >= PATH_MAX || !path_join(initdb, s->bindir, "initdb"))
		return because(why, "the path of the data is too long");
	(void)nftw(fresh, entry_remove, 16, FTW_DEPTH | FTW_PHYS);
	if (!folder_make(fresh, &s->account, why))
		return false;
	pid = child_start(s, argv, CAP_DAC_OVERRIDE, 0);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		return because(why, "initdb failed (status %d); see %s", status,
			s->log[0] != '\0' ? s->log : "its messages above");
	if (rename(fresh, s->data) != 0)
		return because(why, "%s: %s", s->data, strerror(errno));
	return true;
}

/* Replaces a file of the data folder, which the account owns: by name inside the opened folder,
 * so that no link in it leads root elsewhere. */
static bool
file_put(const struct pgserver *s, const char *name, const char *text, char why[PGSERVER_WHY])
{
	size_t len = strlen(text);
	int dir = open(s->data, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int fd = -1;
	bool done = false;

	if (dir >= 0) {
		(void)unlinkat(dir, "fairlot.new", 0);
		fd = openat(dir, "fairlot.new",
			O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	}
	if (fd >= 0)
		done = write(fd, text, len) == (ssize_t)len &&
			(!s->account.drops || fchown(fd, s->account.uid, s->account.gid) == 0) &&
			renameat(dir, "fairlot.new", dir, name) == 0;
	if (!done)
		(void)because(why, "%s/%s: %s", s->data, name, strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	if (dir >= 0)
		(void)close(dir);
	return done;
}

static bool
access_write(const struct pgserver *s, char why[PGSERVER_WHY])
{
	static const char *const roles[] = {"postgres", "fairlot_migrator", "fairlot_writer",
		"fairlot_reader", "fairlot_audit"};
	const struct passwd *pw = getpwuid(geteuid());
	char map[2048];
	size_t len = 0;

	if (pw == NULL)
		return because(
			why, "this user has no entry in /etc/passwd: no peer authentication");
	for (size_t i = 0; i <= sizeof roles / sizeof roles[0]; i++) {
		const char *role = i < sizeof roles / sizeof roles[0] ? roles[i] : s->role;

		if (role[0] != '\0')
			len += (size_t)snprintf(map + len, sizeof map - len,
				"fairlot \"%s\" \"%s\"\n", pw->pw_name, role);
		must(len < sizeof map);
	}
	return file_put(s, "pg_hba.conf", "local all all peer map=fairlot\n", why) &&
		file_put(s, "pg_ident.conf", map, why);
}

/* --- what a killed process left --- */

/* The process runs postgres on this data: its command line is readable by everybody. */
static bool
is_ours(pid_t pid, const char *data)
{
	char path[64], line[2 * PATH_MAX];
	ssize_t len;
	int fd;

	(void)snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = read(fd, line, sizeof line);
	(void)close(fd);
	for (ssize_t at = 0; at < len; at += (ssize_t)strnlen(line + at, (size_t)(len - at)) + 1)
		if (strncmp(line + at, data, (size_t)(len - at)) == 0)
			return true;
	return false;
}

static pid_t
pid_read(const char *path)
{
	char line[32];
	pid_t pid = 0;
	FILE *f = fopen(path, "re");

	if (f == NULL)
		return 0;
	if (fgets(line, sizeof line, f) != NULL)
		for (const char *c = line; *c >= '0' && *c <= '9' && pid < INT_MAX / 10 - 9; c++)
			pid = pid * 10 + (*c - '0');
	(void)fclose(f);
	return pid;
}

/* A server that still runs is ended; a pid file whose number now belongs to another program is
 * removed, since postgres would take that program for itself and refuse. */
static bool
leftover_clear(const struct pgserver *s, char why[PGSERVER_WHY])
{
	char path[PATH_MAX];
	int64_t deadline = mono_ms() + STOP_MS;
	pid_t pid;

	if (!path_join(path, s->data, "postmaster.pid"))
		return because(why, "the path of the data is too long");
	pid = pid_read(path);
	if (pid <= 0 || (kill(pid, 0) != 0 && errno == ESRCH))
		return true;
	if (!is_ours(pid, s->data)) {
		(void)unlink(path);
		return true;
	}
	(void)kill(pid, SIGINT);
	while (is_ours(pid, s->data)) {
		if (mono_ms() > deadline)
			return because(
				why, "another PostgreSQL (process %d) uses %s", (int)pid, s->data);
		(void)poll(NULL, 0, TICK_MS);
	}
	return true;
}

/* --- running --- */

static pid_t
server_start(const struct pgserver *s)
{
	char postgres[PATH_MAX], socket[PATH_MAX + 32];
	const char *argv[ARGS_MAX] = {postgres, "-D", s->data, "-c", "listen_addresses=", "-c",
		socket, "-c", "unix_socket_permissions=0700", "-c", "port=5432", "-c",
		"timezone=UTC", "-c", "log_timezone=UTC", "-c", "logging_collector=off", "-c",
		"log_destination=stderr", "-c",
		/* Refusals are errors to PostgreSQL; the daemon logs what is not one. */
		"log_min_messages=log", "-c", "log_min_error_statement=panic", "-c",
		"max_connections=100"};
	static const char *const quick[] = {"-c", "fsync=off", "-c", "synchronous_commit=off", "-c",
		"full_page_writes=off", "-c", "autovacuum=off"};
	size_t n = 0;

	if (!path_join(postgres, s->bindir, "postgres"))
		return -1;
	(void)snprintf(socket, sizeof socket, "unix_socket_directories=%s", s->socket_dir);
	while (argv[n] != NULL)
		n++;
	for (size_t i = 0; !s->durable && i < sizeof quick / sizeof quick[0]; i++)
		argv[n++] = quick[i];
	must(n < ARGS_MAX);
	return child_start(s, argv, CAP_DAC_READ_SEARCH, s->tied ? SIGINT : 0);
}

static bool
server_wait(struct pgserver *s, char why[PGSERVER_WHY])
{
	int64_t deadline = mono_ms() + START_MS;
	char conninfo[PGSERVER_CONNINFO];

	pgserver_conninfo(s, "postgres", "postgres", conninfo);
	while (PQping(conninfo) != PQPING_OK) {
		if (pgserver_poll(s) == PGSERVER_ENDED)
			return because(why, "PostgreSQL ended while it started; see %s",
				s->log[0] != '\0' ? s->log : "its messages above");
		if (mono_ms() > deadline)
			return because(
				why, "PostgreSQL was not ready within %d s", START_MS / 1000);
		(void)poll(NULL, 0, TICK_MS);
	}
	return true;
}

/* A process that uses the folder is alive: its server is no leftover.  A child of one that died may
 * hold the lock for a moment longer. */
static bool
folder_lock(struct pgserver *s, const char *dir, char why[PGSERVER_WHY])
{
	int64_t deadline = mono_ms() + LOCK_MS;

	s->lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->lock < 0)
		return because(why, "%s: %s", dir, strerror(errno));
	while (flock(s->lock, LOCK_EX | LOCK_NB) != 0) {
		if (mono_ms() > deadline)
			return because(why, "another fairlotd uses %s", dir);
		(void)poll(NULL, 0, TICK_MS);
	}
	return true;
}

static bool
options_take(struct pgserver *s, const struct pgserver_options *o, char why[PGSERVER_WHY])
{
	char dir[PATH_MAX];

	if (!folder_make(o->dir, NULL, why))
		return false;
	if (realpath(o->dir, dir) == NULL)
		return because(why, "%s: %s", o->dir, strerror(errno));
	if (!path_join(s->data, dir, "pg"))
		return because(why, "the path of the data is too long");
	if (o->log != NULL)
		(void)snprintf(s->log, sizeof s->log, "%s", o->log);
	if (o->role != NULL)
		(void)snprintf(s->role, sizeof s->role, "%s", o->role);
	s->durable = o->durable;
	s->tied = o->tied;
	return account_of(s->data, &s->account, why) && bindir_find(o->bindir, s->bindir, why) &&
		folder_lock(s, dir, why);
}

bool
pgserver_start(const struct pgserver_options *options, struct pgserver **ret_server,
	char ret_why[PGSERVER_WHY])
{
	struct pgserver *s = calloc(1, sizeof *s);

	must(s != NULL);
	s->fd = s->lock = -1;
	if (!options_take(s, options, ret_why) || !data_init(s, ret_why) ||
		!socket_place(s, ret_why) || !access_write(s, ret_why) ||
		!leftover_clear(s, ret_why))
		goto failed;
	s->pid = server_start(s);
	if (s->pid <= 0) {
		s->pid = 0;
		(void)because(ret_why, "cannot start a process: %s", strerror(errno));
		goto failed;
	}
	s->fd = (int)syscall(SYS_pidfd_open, s->pid, 0);
	if (!server_wait(s, ret_why))
		goto failed;
	*ret_server = s;
	return true;
failed:
	pgserver_stop(&s);
	return false;
}

void
pgserver_conninfo(const struct pgserver *s, const char *role, const char *database,
	char ret_conninfo[PGSERVER_CONNINFO])
{
	int n = snprintf(ret_conninfo, PGSERVER_CONNINFO,
		"host='%s' port=5432 user='%s' dbname='%s' client_encoding=UTF8", s->socket_dir,
		role, database);

	must(n > 0 && n < PGSERVER_CONNINFO);
}

pid_t
pgserver_pid(const struct pgserver *s)
{
	return s->pid;
}

int
pgserver_fd(const struct pgserver *s)
{
	return s->fd;
}

enum pgserver_state
pgserver_poll(struct pgserver *s)
{
	if (s->pid > 0 && waitpid(s->pid, NULL, WNOHANG) != 0)
		s->pid = 0;
	if (s->pid == 0)
		return PGSERVER_ENDED;
	return s->stopping ? PGSERVER_STOPPING : PGSERVER_READY;
}

void
pgserver_stop_begin(struct pgserver *s)
{
	if (pgserver_poll(s) != PGSERVER_ENDED && kill(s->pid, SIGINT) == 0)
		s->stopping = true;
}

static bool
ended_within(struct pgserver *s, int wait_ms)
{
	int64_t deadline = mono_ms() + wait_ms;

	while (pgserver_poll(s) != PGSERVER_ENDED) {
		struct pollfd p = {.fd = s->fd, .events = POLLIN};

		if (mono_ms() > deadline)
			return false;
		(void)poll(&p, s->fd >= 0 ? 1 : 0, TICK_MS);
	}
	return true;
}

void
pgserver_stop(struct pgserver **server)
{
	struct pgserver *s = *server;

	if (s == NULL)
		return;
	*server = NULL;
	pgserver_stop_begin(s);
	if (!ended_within(s, STOP_MS)) {
		(void)kill(s->pid, SIGQUIT);
		if (!ended_within(s, FORCE_MS)) {
			(void)kill(s->pid, SIGKILL);
			(void)ended_within(s, FORCE_MS);
		}
	}
	if (s->fd >= 0)
		(void)close(s->fd);
	if (s->own_socket_dir)
		(void)rmdir(s->socket_dir);
	if (s->lock >= 0)
		(void)close(s->lock);
	free(s);
}
