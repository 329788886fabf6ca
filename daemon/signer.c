/* The daemon's side of the signer.  A channel belongs to one loop: its questions wait in a FIFO,
 * and those that the socket did not take yet lie in the same list behind them, so a full socket
 * never blocks a loop. */
#include "daemon/signer.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/signer_wire.h"
#include "daemon/task.h"

struct question {
	struct task *task;
	void *answer; /* struct signer_proof, _signature or _lock, in the task's arena */
	struct signer_ask ask;
	STAILQ_ENTRY(question) later;
};

struct channel {
	int fd;
	uint32_t serial;
	struct event *readable, *writable;
	void (*died)(void);
	STAILQ_HEAD(, question) questions; /* in order of asking */
	struct question *unsent;	   /* the first that the socket has not taken; NULL: none */
};

/* Written before the threads start, but for each channel, which is its loop's own. */
static struct {
	pid_t pid;
	unsigned count;
	struct signer_keys keys;
	struct channel channels[SIGNER_CHANNELS_MAX];
} signer = {.pid = -1};

const struct signer_keys *
signer_keys(void)
{
	return &signer.keys;
}

pid_t
signer_pid(void)
{
	return signer.pid;
}

/* In the child between fork and exec: only its ends of the channels survive the exec. */
static void
child_exec(const char *folder, const char *lock, const int *ends, unsigned count)
{
	char numbers[SIGNER_CHANNELS_MAX][12];
	const char *args[SIGNER_CHANNELS_MAX + 5] = {"fairlotd", "signer", folder, lock};

	for (unsigned i = 0; i < count; i++) {
		(void)fcntl(ends[i], F_SETFD, 0);
		(void)snprintf(numbers[i], sizeof numbers[i], "%d", ends[i]);
		args[4 + i] = numbers[i];
	}
	(void)execv("/proc/self/exe", (char *const *)(uintptr_t)args);
	_exit(127);
}

/* The first question is put blocking: no loop runs yet. */
static bool
keys_ask(int fd)
{
	struct signer_ask ask = {.version = SIGNER_VERSION, .kind = SIGNER_KEYS};
	struct signer_say say;

	if (send(fd, &ask, SIGNER_ASK_LEN(0), MSG_NOSIGNAL) != (ssize_t)SIGNER_ASK_LEN(0) ||
		recv(fd, &say, sizeof say, 0) != (ssize_t)sizeof say || say.permitted == 0)
		return false;
	memcpy(&signer.keys, say.body, sizeof signer.keys);
	return true;
}

bool
signer_start(const char *folder, const char *lock, unsigned channels)
{
	int theirs[SIGNER_CHANNELS_MAX];
	bool answered;

	must(channels > 0 && channels <= SIGNER_CHANNELS_MAX && signer.pid < 0);
	for (unsigned i = 0; i < channels; i++) {
		int pair[2];

		must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
		signer.channels[i] = (struct channel){.fd = pair[0]};
		STAILQ_INIT(&signer.channels[i].questions);
		theirs[i] = pair[1];
	}
	signer.count = channels;
	signer.pid = fork();
	must(signer.pid >= 0);
	if (signer.pid == 0)
		child_exec(folder, lock, theirs, channels);
	for (unsigned i = 0; i < channels; i++)
		(void)close(theirs[i]);
	answered = keys_ask(signer.channels[0].fd);
	for (unsigned i = 0; i < channels; i++)
		(void)evutil_make_socket_nonblocking(signer.channels[i].fd);
	if (!answered)
		signer_stop();
	return answered;
}

void
signer_stop(void)
{
	for (unsigned i = 0; i < signer.count; i++)
		if (signer.channels[i].fd >= 0)
			(void)close(signer.channels[i].fd);
	signer.count = 0;
	if (signer.pid > 0)
		while (waitpid(signer.pid, NULL, 0) < 0 && errno == EINTR)
			continue;
	signer.pid = -1;
}

static uint64_t
u64_at(const uint8_t *at)
{
	uint64_t n = 0;

	for (int i = 0; i < 8; i++)
		n = n << 8 | at[i];
	return n;
}

static void
answer_take(const struct question *q, const uint8_t *body)
{
	struct signer_proof *proof = q->answer;
	struct signer_signature *signature = q->answer;
	struct signer_lock *lock = q->answer;

	switch (q->ask.kind) {
	case SIGNER_PROVE:
		memcpy(proof->proof, body, SIGNER_PROOF_LEN);
		memcpy(proof->value, body + SIGNER_PROOF_LEN, SIGNER_VALUE_LEN);
		proof->given = true;
		break;
	case SIGNER_LOCK:
		lock->state = (enum signer_lock_state)body[0];
		lock->size = u64_at(body + 1);
		memcpy(lock->root.at, body + 9, HASH_LEN);
		lock->given = true;
		break;
	default:
		memcpy(signature->at, body, SIGNER_SIGN_LEN);
		signature->given = true;
	}
}

static void
question_end(struct channel *c, const struct signer_say *say)
{
	struct question *q = STAILQ_FIRST(&c->questions);

	if (say != NULL && say->permitted != 0)
		answer_take(q, say->body);
	STAILQ_REMOVE_HEAD(&c->questions, later);
	task_resume(q->task);
	free(q);
}

/* The child is gone: whoever waits is told so, exactly once. */
static void
channel_end(struct channel *c)
{
	void (*died)(void) = c->died;

	if (c->fd < 0)
		return;
	event_free(c->readable);
	event_free(c->writable);
	(void)close(c->fd);
	c->fd = -1;
	c->unsent = NULL;
	while (!STAILQ_EMPTY(&c->questions))
		question_end(c, NULL);
	if (died != NULL)
		died();
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct channel *c = arg;
	struct signer_say say;
	ssize_t n;

	(void)what;
	while ((n = recv(fd, &say, sizeof say, 0)) == (ssize_t)sizeof say) {
		const struct question *q = STAILQ_FIRST(&c->questions);

		/* An answer to no question, or out of order, is a bug of ours. */
		must(q != NULL && q != c->unsent && q->ask.serial == say.serial &&
			q->ask.kind == say.kind);
		question_end(c, &say);
		/* Nothing more can come; the end of the file is an event of its own. */
		if (STAILQ_EMPTY(&c->questions))
			return;
	}
	if (n >= 0 || (errno != EAGAIN && errno != EINTR))
		channel_end(c);
}

static void
channel_flush(struct channel *c)
{
	while (c->unsent != NULL) {
		size_t len = SIGNER_ASK_LEN(c->unsent->ask.len);
		ssize_t n = send(c->fd, &c->unsent->ask, len, MSG_NOSIGNAL);

		if (n != (ssize_t)len) {
			if (errno == EAGAIN || errno == EINTR)
				(void)event_add(c->writable, NULL);
			/* Any other failure shows as end of file on the readable side. */
			return;
		}
		c->unsent = STAILQ_NEXT(c->unsent, later);
	}
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	channel_flush(arg);
}

void
signer_attach(unsigned channel, struct event_base *base, void (*died)(void))
{
	struct channel *c = &signer.channels[channel];

	must(channel < signer.count);
	c->died = died;
	c->readable = event_new(base, c->fd, EV_READ | EV_PERSIST, on_readable, c);
	c->writable = event_new(base, c->fd, EV_WRITE, on_writable, c);
	must(c->readable != NULL && c->writable != NULL && event_add(c->readable, NULL) == 0);
}

void
signer_detach(unsigned channel)
{
	struct channel *c = &signer.channels[channel];

	c->died = NULL;
	channel_end(c);
}

static void
put(struct task *t, enum signer_kind kind, struct text body, void *answer)
{
	struct channel *c = &signer.channels[t->loop->index];
	struct question *q = calloc(1, sizeof *q);

	must(q != NULL && body.len <= SIGNER_BODY_MAX);
	*q = (struct question){.task = t, .answer = answer};
	q->ask.version = SIGNER_VERSION;
	q->ask.kind = (uint16_t)kind;
	q->ask.serial = ++c->serial;
	q->ask.len = (uint32_t)body.len;
	memcpy(q->ask.body, body.at, body.len);
	task_owe(t);
	STAILQ_INSERT_TAIL(&c->questions, q, later);
	if (c->fd < 0) {
		question_end(c, NULL);
		return;
	}
	if (c->unsent == NULL)
		c->unsent = q;
	channel_flush(c);
}

void
signer_prove(struct task *t, struct text alpha, struct signer_proof *ret_proof)
{
	put(t, SIGNER_PROVE, alpha, ret_proof);
}

void
signer_receipt(struct task *t, struct text note, struct signer_signature *ret_signature)
{
	put(t, SIGNER_RECEIPT, note, ret_signature);
}

void
signer_lock(struct task *t, struct text origin, struct signer_lock *ret_lock)
{
	put(t, SIGNER_LOCK, origin, ret_lock);
}

void
signer_checkpoint(struct task *t, struct text checkpoint, const struct hash *proof, size_t len,
	struct signer_signature *ret_signature)
{
	struct buf b;

	buf_init(&b, &t->arena, checkpoint.len + 1 + len * HASH_LEN);
	buf_add(&b, checkpoint.at, checkpoint.len);
	buf_char(&b, '\0');
	for (size_t i = 0; i < len; i++)
		buf_add(&b, proof[i].at, HASH_LEN);
	put(t, SIGNER_CHECKPOINT, buf_text(&b), ret_signature);
}
