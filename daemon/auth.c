/* Keys come as `Authorization: Bearer flk_…`.  The CRC rejects typing errors here; what passes is
 * known by its SHA-256 only, in the cache as in the database. */
#include "daemon/auth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config.h"
#include "daemon/db.h"
#include "daemon/loop.h"
#include "lib/base/hash.h"
#include "lib/base/hex.h"
#include "lib/ident/key.h"
#include "proto/http_field.h"

enum {
	AUTH_PLACES = 4096, /* principals a loop remembers */
	RATE_PLACES = 8192, /* buckets a loop keeps: 192 KiB */
	RATE_PROBES = 8
};

struct known {
	struct hash key;
	struct principal who;
	uint64_t until_ms; /* 0: empty */
	bool used;	   /* since the last note of it */
};

/* Tokens are thousandths of a request, so that a slow rate fills too. */
struct bucket {
	uint64_t id;
	uint64_t filled_ms;
	int64_t tokens;
};

struct auth {
	struct known known[AUTH_PLACES];
	struct bucket buckets[RATE_PLACES];
	uint64_t note_ms; /* when the use of keys is noted next */
};

struct auth *
auth_new(void)
{
	struct auth *a = calloc(1, sizeof *a);

	must(a != NULL);
	return a;
}

void
auth_free(struct auth **auth)
{
	free(*auth);
	*auth = NULL;
}

static struct known *
known_place(struct task *t, const struct hash *h)
{
	return &t->loop->auth->known[(h->at[0] << 8 | h->at[1]) % AUTH_PLACES];
}

struct asked {
	struct hash hash;
};

enum auth_result
auth_ask(struct task *t, struct text authorization)
{
	char literal[2 + 2 * HASH_LEN + 1] = "\\x";
	struct known *k;
	struct asked *asked;
	struct text token;

	if (authorization.at == NULL)
		return AUTH_KNOWN;
	if (!field_bearer(authorization, &token) || !key_is_whole(token))
		return AUTH_BAD;
	asked = arena_new(&t->arena, struct asked);
	asked->hash = hash_of(token.at, token.len);
	k = known_place(t, &asked->hash);
	if (k->until_ms > loop_now_ms() && memcmp(&k->key, &asked->hash, sizeof k->key) == 0) {
		t->who = k->who;
		k->used = true;
		return AUTH_KNOWN;
	}
	t->frame = asked;
	hex_encode(asked->hash.at, HASH_LEN, literal + 2);
	db_send(t, SQL_auth_key, (const char *[]){literal});
	return AUTH_ASKED;
}

static void
id_copy(char *to, size_t size, struct text from)
{
	(void)snprintf(to, size, TEXT_FMT, TEXT_ARG(from));
}

enum err
auth_answer(struct task *t)
{
	const struct asked *asked = t->frame;
	struct known *k = known_place(t, &asked->hash);
	uint64_t roles;

	t->frame = NULL;
	if (t->replies->err != OK)
		return t->replies->err;
	if (db_rows(t) == 0 || db_value(t, 0, "key").at == NULL)
		return E_UNAUTHORIZED;
	if (!text_u64(db_value(t, 0, "roles"), ROLE_ANY, &roles))
		return E_INTERNAL;
	id_copy(t->who.key, sizeof t->who.key, db_value(t, 0, "key"));
	id_copy(t->who.user, sizeof t->who.user, db_value(t, 0, "user"));
	id_copy(t->who.organisation, sizeof t->who.organisation, db_value(t, 0, "organisation"));
	t->who.roles = (int)roles;
	*k = (struct known){asked->hash, t->who,
		loop_now_ms() + (uint64_t)t->loop->config->auth_cache_ms, .used = true};
	return OK;
}

static enum turn
use_noted(struct task *t)
{
	return reply_empty(t, 204);
}

/* Ids of keys hold nothing that an array's literal would have to quote. */
static enum turn
use_note(struct task *t)
{
	struct auth *a = t->loop->auth;
	struct buf ids;

	buf_init(&ids, &t->arena, 256);
	buf_char(&ids, '{');
	for (size_t i = 0; i < AUTH_PLACES; i++)
		if (a->known[i].used) {
			buf_printf(&ids, "%s%s", ids.len > 1 ? "," : "", a->known[i].who.key);
			a->known[i].used = false;
		}
	buf_add(&ids, "}", 2);
	if (ids.len == 3)
		return reply_empty(t, 204);
	db_send(t, SQL_key_used, (const char *[]){ids.at});
	return wait_for(t, use_noted);
}

void
auth_watch(struct loop *loop)
{
	struct auth *a = loop->auth;

	if (loop->draining || loop_now_ms() < a->note_ms)
		return;
	a->note_ms = loop_now_ms() + (uint64_t)loop->config->auth_note_ms;
	(void)task_new(loop, use_note);
}

static uint64_t
mix(uint64_t x)
{
	x = (x ^ x >> 32) * 0x9e3779b97f4a7c15U;
	x = (x ^ x >> 29) * 0xbf58476d1ce4e5b9U;
	return x ^ x >> 32;
}

/* The caller's bucket, or the one among its places that was touched longest ago, emptied for it:
 * a bucket that nobody used since is full anyway. */
static struct bucket *
bucket_of(struct auth *a, uint64_t id, uint64_t now, int64_t full)
{
	struct bucket *oldest = NULL;

	for (uint64_t i = 0; i < RATE_PROBES; i++) {
		struct bucket *b = &a->buckets[(mix(id) + i) % RATE_PLACES];

		if (b->id == id)
			return b;
		if (oldest == NULL || b->filled_ms < oldest->filled_ms)
			oldest = b;
	}
	*oldest = (struct bucket){id, now, full};
	return oldest;
}

bool
auth_rate(struct task *t)
{
	const struct config *config = t->loop->config;
	bool caller = t->who.key[0] != '\0';
	int64_t rate = caller ? config->rate_caller : config->rate_address;
	int64_t full = rate * config->rate_burst_s * 1000;
	uint64_t now = loop_now_ms(), id = t->address | 1;
	struct bucket *b;
	bool ok;

	if (caller) {
		struct hash h = hash_of(t->who.key, strlen(t->who.key));

		memcpy(&id, h.at, sizeof id);
		id &= ~(uint64_t)1;
	}
	b = bucket_of(t->loop->auth, id, now, full);
	b->tokens += (int64_t)(now - b->filled_ms) * rate;
	if (b->tokens > full)
		b->tokens = full;
	b->filled_ms = now;
	ok = b->tokens >= 1000;
	if (ok)
		b->tokens -= 1000;
	t->rate_header = text_of(arena_printf(&t->arena,
		"RateLimit-Policy: \"%s\";q=%lld;w=%lld\r\nRateLimit: \"%s\";r=%lld;t=1\r\n",
		caller ? "key" : "address", (long long)(full / 1000),
		(long long)config->rate_burst_s, caller ? "key" : "address",
		(long long)(b->tokens / 1000)));
	return ok;
}
