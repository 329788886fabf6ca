/* The child that holds the keys.  It reads questions from its channels, answers those that the
 * table below permits, and ends when the last channel is closed.  It opens nothing but its key
 * files, those only at the start, and the lock file of the log. */
#include "daemon/signer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/fault.h"
#include "daemon/random.h"
#include "daemon/signer_lock.h"
#include "daemon/signer_wire.h"
#include "lib/base/hex.h"
#include "lib/base/sign.h"
#include "lib/draw/vrf.h"
#include "lib/ledger/merkle.h"
#include "lib/ledger/note.h"

enum {
	SECRET_LEN = 32,
	HEX_LEN = 2 * SECRET_LEN
};

static struct {
	uint8_t vrf[SECRET_LEN], receipt[SECRET_LEN], log[SECRET_LEN];
	struct sign_key *receipt_key; /* of the seed, ready to sign */
	struct signer_keys keys;
	const char *lock; /* path of the lock file, or "" */
} held;

static void
complain(const char *what, const char *file)
{
	(void)fprintf(stderr,
		"{\"level\":\"error\",\"msg\":\"signer: %s\",\"file\":\"%s\",\"errno\":\"%s\"}\n",
		what, file, strerror(errno));
}

static bool
write_all(int fd, const char *at, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
	}
	return fsync(fd) == 0;
}

static bool
vrf_secret_ok(const uint8_t *secret)
{
	uint8_t public_key[VRF_KEY_LEN];

	return vrf_public(secret, public_key);
}

/* Makes the file with a fresh secret.  A P-256 secret must be in 1 … q-1: nearly every draw is. */
static bool
key_make(int folder, const char *name, bool is_vrf, uint8_t *ret_secret)
{
	char line[HEX_LEN + 2];
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool written;

	if (fd < 0)
		return false;
	do
		random_bytes(ret_secret, SECRET_LEN);
	while (is_vrf && !vrf_secret_ok(ret_secret));
	hex_encode(ret_secret, SECRET_LEN, line);
	line[HEX_LEN] = '\n';
	written = write_all(fd, line, HEX_LEN + 1) && fsync(folder) == 0;
	explicit_bzero(line, sizeof line);
	return close(fd) == 0 && written;
}

static bool
key_read(int folder, const char *name, uint8_t *ret_secret)
{
	char line[HEX_LEN + 2];
	struct stat st;
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n;
	bool read_well;

	if (fd < 0)
		return false;
	n = fstat(fd, &st) == 0 && (st.st_mode & 077) == 0 ? read(fd, line, sizeof line) : -1;
	(void)close(fd);
	read_well = n == HEX_LEN + 1 && line[HEX_LEN] == '\n' &&
		hex_decode(text_span(line, HEX_LEN), ret_secret, SECRET_LEN);
	explicit_bzero(line, sizeof line);
	if (!read_well)
		errno = EINVAL;
	return read_well;
}

static bool
key_load(int folder, const char *name, bool is_vrf, uint8_t *ret_secret)
{
	if (key_read(folder, name, ret_secret))
		return true;
	if (errno == ENOENT && key_make(folder, name, is_vrf, ret_secret))
		return true;
	complain("a key is not one line of 64 hex digits in a file of mode 0600", name);
	return false;
}

static bool
keys_load(const char *path)
{
	int folder;

	if (mkdir(path, 0700) != 0 && errno != EEXIST) {
		complain("the folder of the keys cannot be made", path);
		return false;
	}
	folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0) {
		complain("the folder of the keys cannot be opened", path);
		return false;
	}
	if (!key_load(folder, "vrf.key", true, held.vrf) ||
		!key_load(folder, "receipt.key", false, held.receipt) ||
		!key_load(folder, "log.key", false, held.log))
		return false;
	(void)close(folder);
	if (!vrf_public(held.vrf, held.keys.vrf)) {
		complain("vrf.key is no secret key of P-256", path);
		return false;
	}
	sign_public(held.receipt, held.keys.receipt);
	held.receipt_key = sign_open(held.receipt);
	sign_public(held.log, held.keys.log);
	return true;
}

static bool
say_keys(struct text body, uint8_t *ret_body)
{
	(void)body;
	memcpy(ret_body, &held.keys, sizeof held.keys);
	return true;
}

static bool
say_proof(struct text alpha, uint8_t *ret_body)
{
	struct hash value;

	if (!vrf_prove(held.vrf, alpha, ret_body) ||
		vrf_verify(held.keys.vrf, alpha, text_span((char *)ret_body, VRF_PROOF_LEN),
			&value) != CHECK_OK)
		return false;
	memcpy(ret_body + SIGNER_PROOF_LEN, value.at, SIGNER_VALUE_LEN);
	return true;
}

static bool
say_receipt(struct text note, uint8_t *ret_body)
{
	sign_with(held.receipt_key, note, ret_body);
	return true;
}

static bool
say_lock(struct text origin, uint8_t *ret_body)
{
	struct signer_lock lock = {.state = SIGNER_LOCK_UNUSED};

	if (held.lock[0] != '\0')
		lock_read(held.lock, origin, &lock);
	ret_body[0] = (uint8_t)lock.state;
	for (int i = 0; i < 8; i++)
		ret_body[1 + i] = (uint8_t)(lock.size >> (8 * (7 - i)));
	memcpy(ret_body + 9, lock.root.at, HASH_LEN);
	return true;
}

static bool
say_checkpoint(struct text body, uint8_t *ret_body)
{
	struct hash proof[MERKLE_PATH_MAX];
	struct text text = {0};

	/* A text holds no 00, so the first one ends it. */
	if (held.lock[0] == '\0' || !text_cut(&body, '\0', &text) || body.len % HASH_LEN != 0 ||
		body.len > sizeof proof)
		return false;
	memcpy(proof, body.at, body.len);
	if (!lock_extend(held.lock, text, proof, body.len / HASH_LEN))
		return false;
	sign_make(held.log, text, ret_body);
	return true;
}

/* What is permitted.  One purpose per key: the text must begin as that purpose's texts do. */
static const struct {
	size_t len_min, len_max;
	const char *begins;
	size_t begins_len;
	bool (*say)(struct text body, uint8_t *ret_body);
} permitted[SIGNER_KINDS] = {
	[SIGNER_KEYS] = {0, 0, "", 0, say_keys},
	/* tag("vrf") || F */
	[SIGNER_PROVE] = {52, 52, "fairlot-draw/v1/vrf", 20, say_proof},
	[SIGNER_RECEIPT] = {40, SIGNER_BODY_MAX, "fairlot-receipt/v1\n", 19, say_receipt},
	[SIGNER_LOCK] = {1, NOTE_NAME_MAX, "", 0, say_lock},
	/* Its form is checked where it is compared with the lock file. */
	[SIGNER_CHECKPOINT] = {48, SIGNER_BODY_MAX, "", 0, say_checkpoint},
};

static void
answer(const struct signer_ask *ask, struct signer_say *ret_say)
{
	struct text body = {(const char *)ask->body, ask->len};

	memset(ret_say, 0, sizeof *ret_say);
	ret_say->version = SIGNER_VERSION;
	ret_say->kind = ask->kind;
	ret_say->serial = ask->serial;
	if (ask->version != SIGNER_VERSION || ask->kind == 0 || ask->kind >= SIGNER_KINDS)
		return;
	if (ask->len < permitted[ask->kind].len_min || ask->len > permitted[ask->kind].len_max ||
		memcmp(body.at, permitted[ask->kind].begins, permitted[ask->kind].begins_len) != 0)
		return;
	ret_say->permitted = permitted[ask->kind].say(body, ret_say->body);
}

/* One message of one channel; false when the channel is at its end. */
static bool
serve(int fd)
{
	struct signer_ask ask;
	struct signer_say say;
	ssize_t n = recv(fd, &ask, sizeof ask, 0);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (n < (ssize_t)SIGNER_ASK_LEN(0) || n != (ssize_t)SIGNER_ASK_LEN(ask.len))
		return false;
	answer(&ask, &say);
	do
		n = send(fd, &say, sizeof say, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof say;
}

static int
serve_all(struct pollfd *channels, nfds_t count)
{
	nfds_t open_count = count;

	while (open_count > 0) {
		if (poll(channels, count, -1) < 0 && errno != EINTR)
			return EXIT_FAILURE;
		for (nfds_t i = 0; i < count; i++)
			if (channels[i].fd >= 0 && channels[i].revents != 0 &&
				!serve(channels[i].fd)) {
				(void)close(channels[i].fd);
				channels[i].fd = -1; /* poll passes over it */
				open_count--;
			}
	}
	return EXIT_SUCCESS;
}

int
signer_main(int argc, char **argv)
{
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
	struct pollfd channels[SIGNER_CHANNELS_MAX] = {0};
	nfds_t count = 0;
	int status;

	if (argc < 5 || argc > 4 + SIGNER_CHANNELS_MAX) {
		(void)fprintf(stderr, "fairlotd signer is started by fairlotd alone\n");
		return 2;
	}
	for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
		(void)signal(ignored[i], SIG_IGN); /* the daemon ends it by closing the channels */
	/* No core file and no tracer that is not root: both would show the keys. */
	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	for (int i = 4; i < argc; i++) {
		uint64_t fd;

		if (!text_u64(text_of(argv[i]), 65535, &fd))
			return 2;
		channels[count++] = (struct pollfd){.fd = (int)fd, .events = POLLIN};
	}
#ifdef FAIRLOT_FAULTS
	fault_from_environment();
#endif
	held.lock = argv[3];
	status = keys_load(argv[2]) ? serve_all(channels, count) : EXIT_FAILURE;
	sign_close(&held.receipt_key);
	explicit_bzero(&held, sizeof held);
	return status;
}
