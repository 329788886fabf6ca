/* The word stream of a seed, as bytes without end, for a battery of tests of chance:
 *	words SEED_HEX [LABEL] | dieharder -a -g 200 */
#include <stdio.h>
#include <string.h>

#include "lib/base/hex.h"
#include "lib/draw/stream.h"

int
main(int argc, char **argv)
{
	struct stream s;
	struct hash seed;

	if (argc < 2 || argc > 3 || !hex_decode(text_of(argv[1]), seed.at, HASH_LEN) ||
		(argc == 3 && strlen(argv[2]) > STREAM_LABEL_MAX)) {
		(void)fputs("usage: words SEED_HEX [LABEL], 32 bytes of seed\n", stderr);
		return 2;
	}
	stream_init(&s, &seed, text_of(argc == 3 ? argv[2] : ""));
	for (;;) {
		uint8_t bytes[4096];

		for (size_t i = 0; i < sizeof bytes; i += 4) {
			uint32_t word = s.words.next(&s.words);

			memcpy(bytes + i, &word, sizeof word);
		}
		if (fwrite(bytes, sizeof bytes, 1, stdout) != 1)
			return 0;
	}
}
