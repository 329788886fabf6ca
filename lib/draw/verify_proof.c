#include "lib/draw/verify_proof.h"

#include "lib/draw/verify.h"

static const char log_vkey[] = "log.vkey";

/* What was found out stays; a row that nobody looked at is set. */
static void
row_set(const struct verify_proofs *p, enum check c, enum verify_state state, const char *about)
{
	struct verify_row *row = &p->attempt->rows[c];

	if (row->state == VERIFY_UNREACHED)
		*row = (struct verify_row){.state = state, .about = text_of(about)};
}

static bool
is_witness(const struct contributor *c, size_t index)
{
	return index >= 2 && c->source == DRAW_VRF;
}

static bool
has_witness(const struct freeze *f)
{
	for (size_t i = 0; i < f->contributors_count; i++)
		if (is_witness(&f->contributors[i], i))
			return true;
	return false;
}

/* Whether the beacon of the attempt has given a value that counts. */
static bool
has_beacon(const struct verify_proofs *p)
{
	const struct freeze *f = &p->attempt->draw.freeze;
	size_t last = f->contributors_count - 1;

	return draw_source_is_beacon(f->contributors[last].source) && p->count > last &&
		p->values[last].len > 0;
}

/* Whether some witness owes its signature to the void: two people ended an attempt in which a value
 * was public, and this witness did not stall it. */
static bool
signature_is_owed(const struct verify_attempt *t)
{
	const struct freeze *f = &t->draw.freeze;

	for (size_t i = 0; t->voided && t->void_record.by[0].len > 0 && i < f->contributors_count;
		i++)
		if (is_witness(&f->contributors[i], i) &&
			!text_eq(f->contributors[i].name, t->void_record.stalled))
			return true;
	return false;
}

void
verify_proofs(const struct verify_proofs *p)
{
	bool witness = has_witness(&p->attempt->draw.freeze);
	enum verify_state needless = p->mirror ? VERIFY_NONE : VERIFY_LEFT;

	row_set(p, CHECK_LOG_KEY, needless, log_vkey);
	row_set(p, CHECK_PROOF, needless, log_vkey);
	row_set(p, CHECK_KEY_AGE, VERIFY_LEFT, log_vkey);
	row_set(p, CHECK_SPOKEN_IN_TURN, VERIFY_LEFT, log_vkey);
	row_set(p, CHECK_COSIGNATURE, witness ? needless : VERIFY_NONE, log_vkey);
	row_set(p, CHECK_BEACON_SEEN, witness && has_beacon(p) ? VERIFY_LEFT : VERIFY_NONE,
		log_vkey);
	row_set(p, CHECK_VOID_SIGNATURE, signature_is_owed(p->attempt) ? VERIFY_LEFT : VERIFY_NONE,
		"void-signatures.txt");
}
