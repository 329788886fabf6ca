#include "daemon/outbound.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "daemon/loop.h"
#include "daemon/task.h"

/* One request.  It is gone before its task is resumed. */
struct transfer {
	CURL *easy;
	struct task *task;
	struct outbound_answer *answer;
	struct buf body;
	TAILQ_ENTRY(transfer) all;
};

static struct outbound {
	struct loop *loop; /* NULL: stopped */
	CURLM *multi;
	struct event *timer;
	struct curl_slist *headers;
	unsigned count;
	TAILQ_HEAD(, transfer) all;
} out;

static void
finish(struct transfer *x, int status, const char *why)
{
	struct task *t = x->task;

	*x->answer = (struct outbound_answer){status, buf_text(&x->body), why};
	(void)curl_multi_remove_handle(out.multi, x->easy);
	curl_easy_cleanup(x->easy);
	TAILQ_REMOVE(&out.all, x, all);
	out.count--;
	free(x);
	task_resume(t);
}

static void
collect(void)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(out.multi, &left)) != NULL) {
		CURLcode result = m->data.result;
		struct transfer *x = NULL;
		long status = 0;

		if (m->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&x);
		(void)curl_easy_getinfo(m->easy_handle, CURLINFO_RESPONSE_CODE, &status);
		finish(x, result == CURLE_OK ? (int)status : 0, curl_easy_strerror(result));
	}
}

static void
on_socket(evutil_socket_t fd, short what, void *arg)
{
	int bits = ((what & EV_READ) != 0 ? CURL_CSELECT_IN : 0) |
		((what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0),
	    running;

	(void)arg;
	(void)curl_multi_socket_action(out.multi, fd, bits, &running);
	collect();
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	int running;

	(void)fd;
	(void)what;
	(void)arg;
	(void)curl_multi_socket_action(out.multi, CURL_SOCKET_TIMEOUT, 0, &running);
	collect();
}

/* libcurl says what it waits for; its pointer for the socket is our event. */
static int
watch_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket)
{
	struct event *e = socket;
	short events = EV_PERSIST;

	(void)easy;
	(void)arg;
	if (e != NULL)
		event_free(e);
	if (what == CURL_POLL_REMOVE) {
		(void)curl_multi_assign(out.multi, fd, NULL);
		return 0;
	}
	if ((what & CURL_POLL_IN) != 0)
		events |= EV_READ;
	if ((what & CURL_POLL_OUT) != 0)
		events |= EV_WRITE;
	e = event_new(out.loop->base, fd, events, on_socket, NULL);
	must(e != NULL && event_add(e, NULL) == 0);
	(void)curl_multi_assign(out.multi, fd, e);
	return 0;
}

static int
watch_timer(CURLM *multi, long ms, void *arg)
{
	struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	(void)multi;
	(void)arg;
	if (ms < 0)
		(void)evtimer_del(out.timer);
	else
		(void)evtimer_add(out.timer, &tv);
	return 0;
}

void
outbound_start(struct loop *loop)
{
	must(curl_global_init(CURL_GLOBAL_DEFAULT) == 0);
	out = (struct outbound){.loop = loop, .multi = curl_multi_init()};
	must(out.multi != NULL);
	TAILQ_INIT(&out.all);
	out.timer = evtimer_new(loop->base, on_timer, NULL);
	must(out.timer != NULL);
	out.headers = curl_slist_append(NULL, "Content-Type: text/plain");
	must(out.headers != NULL && curl_slist_append(out.headers, "Expect:") != NULL);
	curl_multi_setopt(out.multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(out.multi, CURLMOPT_TIMERFUNCTION, watch_timer);
	curl_multi_setopt(out.multi, CURLMOPT_MAXCONNECTS, (long)OUTBOUND_MAX);
}

void
outbound_stop(void)
{
	struct transfer *x;

	if (out.multi == NULL)
		return;
	while ((x = TAILQ_FIRST(&out.all)) != NULL)
		finish(x, 0, "stopping");
	out.count = OUTBOUND_MAX; /* nothing is sent any more */
}

void
outbound_end(void)
{
	if (out.multi == NULL)
		return;
	(void)curl_multi_cleanup(out.multi);
	event_free(out.timer);
	curl_slist_free_all(out.headers);
	out.multi = NULL;
	curl_global_cleanup();
}

bool
outbound_url_holds(struct text url)
{
	static const char *const heads[] = {"https://", "http://127.0.0.1:", "http://127.0.0.1/",
		"http://[::1]:", "http://localhost:"};

	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
		if (text_starts(url, heads[i]))
			return true;
	return false;
}

static size_t
on_body(char *at, size_t size, size_t count, void *arg)
{
	struct transfer *x = arg;
	size_t len = size * count;

	if (len > OUTBOUND_BODY_MAX - x->body.len)
		return 0;
	buf_add(&x->body, at, len);
	return len;
}

static bool
set_request(CURL *c, struct transfer *x, const char *url, struct text body)
{
	unsigned bad = CURLE_OK;

	bad |= curl_easy_setopt(c, CURLOPT_URL, url);
	bad |= curl_easy_setopt(c, CURLOPT_PRIVATE, x);
	bad |= curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
	bad |= curl_easy_setopt(c, CURLOPT_POSTFIELDS, body.at);
	bad |= curl_easy_setopt(c, CURLOPT_HTTPHEADER, out.headers);
	bad |= curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	bad |= curl_easy_setopt(c, CURLOPT_WRITEDATA, x);
	bad |= curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	bad |= curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)OUTBOUND_MS);
	bad |= curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https,http");
	bad |= curl_easy_setopt(c, CURLOPT_USERAGENT, "fairlotd/" FAIRLOT_VERSION);
	return bad == CURLE_OK;
}

void
outbound_post(struct task *t, const char *url, struct text body, struct outbound_answer *ret_answer)
{
	struct transfer *x;

	must(t->loop == out.loop);
	task_owe(t);
	if (out.count >= OUTBOUND_MAX) {
		*ret_answer = (struct outbound_answer){.why = "too many requests at work"};
		task_resume(t);
		return;
	}
	x = calloc(1, sizeof *x);
	must(x != NULL);
	*x = (struct transfer){.easy = curl_easy_init(), .task = t, .answer = ret_answer};
	must(x->easy != NULL);
	buf_init(&x->body, &t->arena, 1024);
	TAILQ_INSERT_TAIL(&out.all, x, all);
	out.count++;
	if (!set_request(x->easy, x, url, body) ||
		curl_multi_add_handle(out.multi, x->easy) != CURLM_OK)
		finish(x, 0, "the request could not be made");
}
