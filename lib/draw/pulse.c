#include "lib/draw/pulse.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/cert.h"
#include "lib/draw/freeze.h"

enum {
	CIPHER_SUITE = 0, /* SHA-512, RSA with PKCS #1 v1.5 padding */
	/* What the schema says of a status: 0 all good, 1 the first of a chain, 2 late, 3 late and
	 * the precommitment lost. */
	STATUS_GOOD = 0,
	STATUS_LATE = 2
};

/* What is left to read; broken once something was not there. */
struct reader {
	struct text rest;
	bool broken;
};

static struct text
take(struct reader *r, size_t len)
{
	struct text got = {NULL, 0};

	if (r->broken || r->rest.len < len) {
		r->broken = true;
		return got;
	}
	got = text_span(r->rest.at, len);
	r->rest = text_span(r->rest.at + len, r->rest.len - len);
	return got;
}

static uint64_t
take_number(struct reader *r, size_t len)
{
	struct text bytes = take(r, len);
	uint64_t n = 0;

	for (size_t i = 0; i < bytes.len; i++)
		n = n << 8 | (uint8_t)bytes.at[i];
	return n;
}

static uint32_t
take_u32(struct reader *r)
{
	return (uint32_t)take_number(r, 4);
}

static struct text
take_field(struct reader *r, size_t least, size_t most)
{
	uint32_t len = take_u32(r);

	if (len < least || len > most)
		r->broken = true;
	return take(r, len);
}

static struct text
take_hash(struct reader *r)
{
	return take_field(r, HASH512_LEN, HASH512_LEN);
}

bool
pulse_parse(struct text given, struct pulse *ret_pulse)
{
	struct reader r = {given, given.len > PULSE_MAX};
	struct pulse p = {0};

	p.uri = take_field(&r, 1, PULSE_URI_MAX);
	p.version = take_field(&r, 1, PULSE_VERSION_MAX);
	p.cipher_suite = take_u32(&r);
	p.period_ms = take_u32(&r);
	p.certificate = take_hash(&r);
	p.chain = take_number(&r, 8);
	p.number = take_number(&r, 8);
	p.time = take_field(&r, PULSE_TIME_LEN, PULSE_TIME_LEN);
	p.local = take_hash(&r);
	p.external_source = take_hash(&r);
	p.external_status = take_u32(&r);
	p.external_value = take_hash(&r);
	for (size_t i = 0; i < PULSE_LINKS; i++)
		p.links[i] = take_hash(&r);
	p.precommitment = take_hash(&r);
	p.status = take_u32(&r);
	if (r.broken || p.cipher_suite != CIPHER_SUITE || !time_parse(p.time, &p.at) ||
		r.rest.len < PULSE_SIGNATURE_LEAST || r.rest.len > PULSE_SIGNATURE_MOST)
		return false;
	p.signature = r.rest;
	p.message = text_span(given.at, given.len - r.rest.len);
	*ret_pulse = p;
	return true;
}

static void
put_number(struct buf *b, uint64_t n, int bytes)
{
	while (bytes-- > 0)
		buf_char(b, (char)(n >> 8 * bytes & 0xff));
}

static void
put_field(struct buf *b, struct text field)
{
	put_number(b, field.len, 4);
	buf_add(b, field.at, field.len);
}

struct text
pulse_build(struct arena *a, const struct pulse *p)
{
	struct buf b;

	buf_init(&b, a, PULSE_MAX);
	put_field(&b, p->uri);
	put_field(&b, p->version);
	put_number(&b, p->cipher_suite, 4);
	put_number(&b, p->period_ms, 4);
	put_field(&b, p->certificate);
	put_number(&b, p->chain, 8);
	put_number(&b, p->number, 8);
	put_field(&b, p->time);
	put_field(&b, p->local);
	put_field(&b, p->external_source);
	put_number(&b, p->external_status, 4);
	put_field(&b, p->external_value);
	for (size_t i = 0; i < PULSE_LINKS; i++)
		put_field(&b, p->links[i]);
	put_field(&b, p->precommitment);
	put_number(&b, p->status, 4);
	buf_add(&b, p->signature.at, p->signature.len);
	return buf_text(&b);
}

enum pulse_fault
pulse_judge(const struct pulse *p, const struct contributor *c, struct text certificate)
{
	uint8_t id[HASH512_LEN];
	uint64_t chain;

	if (!text_u64(c->name, UINT64_MAX, &chain) || chain != p->chain || c->round != p->number)
		return PULSE_OTHER;
	if (p->status != STATUS_GOOD && p->status != STATUS_LATE)
		return PULSE_BROKEN;
	if (certificate.len == 0)
		return PULSE_HOLDS;
	if (!cert_id(certificate, id) || memcmp(id, p->certificate.at, HASH512_LEN) != 0)
		return PULSE_UNPINNED;
	return cert_signed(certificate, p->message, p->signature) ? PULSE_HOLDS : PULSE_UNSIGNED;
}
