/* A pulse that is read is built again as it was, and judging it reads no byte that is not there. */
#include "lib/base/arena.h"
#include "lib/draw/freeze.h"
#include "lib/draw/pulse.h"
#include "tests/fuzz/target.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct contributor c = {.source = DRAW_NIST, .name = text_of("2"), .round = 1921300};
	struct text given = text_span((const char *)data, size);
	struct pulse p;
	struct arena a;

	if (!pulse_parse(given, &p))
		return 0;
	arena_init(&a, SIZE_MAX / 2);
	must(size <= PULSE_MAX && text_eq(pulse_build(&a, &p), given));
	must(p.message.len + p.signature.len == size);
	must(p.time.len == PULSE_TIME_LEN && p.certificate.len == HASH512_LEN);
	must(pulse_judge(&p, &c, (struct text){0}) <= PULSE_BROKEN);
	must(pulse_judge(&p, &c, given) != PULSE_HOLDS); /* no certificate */
	arena_reset(&a);
	return 0;
}
