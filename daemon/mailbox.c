#include "daemon/mailbox.h"

#include <event2/event.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/base/must.h"

struct message {
	STAILQ_ENTRY(message) entry;
	void (*run)(struct loop *loop, void *arg);
	void *arg;
};

STAILQ_HEAD(message_list, message);

struct mailbox {
	struct loop *loop;
	int fd; /* eventfd: readable when messages wait */
	struct event *readable;
	pthread_mutex_t mutex; /* guards messages only, never held over a call */
	struct message_list messages;
};

static void
mailbox_open(evutil_socket_t fd, short what, void *arg)
{
	struct message_list list = STAILQ_HEAD_INITIALIZER(list);
	struct mailbox *box = arg;
	struct message *m;
	uint64_t count;

	(void)what;
	(void)!read(fd, &count, sizeof count);
	pthread_mutex_lock(&box->mutex);
	STAILQ_CONCAT(&list, &box->messages);
	pthread_mutex_unlock(&box->mutex);
	while ((m = STAILQ_FIRST(&list)) != NULL) {
		STAILQ_REMOVE_HEAD(&list, entry);
		m->run(box->loop, m->arg);
		free(m);
	}
}

struct mailbox *
mailbox_new(struct loop *loop)
{
	struct mailbox *box = calloc(1, sizeof *box);

	must(box != NULL);
	box->loop = loop;
	STAILQ_INIT(&box->messages);
	must(pthread_mutex_init(&box->mutex, NULL) == 0);
	box->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	must(box->fd >= 0);
	box->readable = event_new(loop->base, box->fd, EV_READ | EV_PERSIST, mailbox_open, box);
	must(box->readable != NULL && event_add(box->readable, NULL) == 0);
	return box;
}

void
mailbox_free(struct mailbox **box)
{
	struct mailbox *old = *box;
	struct message *m;

	*box = NULL;
	if (old == NULL)
		return;
	while ((m = STAILQ_FIRST(&old->messages)) != NULL) {
		STAILQ_REMOVE_HEAD(&old->messages, entry);
		free(m);
	}
	event_free(old->readable);
	(void)close(old->fd);
	pthread_mutex_destroy(&old->mutex);
	free(old);
}

void
mailbox_post(struct loop *to, void (*run)(struct loop *loop, void *arg), void *arg)
{
	struct message *m = calloc(1, sizeof *m);
	uint64_t one = 1;

	must(m != NULL);
	m->run = run;
	m->arg = arg;
	pthread_mutex_lock(&to->mailbox->mutex);
	STAILQ_INSERT_TAIL(&to->mailbox->messages, m, entry);
	pthread_mutex_unlock(&to->mailbox->mutex);
	(void)!write(to->mailbox->fd, &one, sizeof one);
}
