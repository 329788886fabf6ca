/* Written by nist_open() while the process has one thread, and only read from then on. */
#include "daemon/nist.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/config.h"
#include "lib/base/cert.h"
#include "lib/base/time.h"

static struct {
	char pem[NIST_CERTIFICATE_MAX + 1];
	size_t len;
	char pulse[NIST_PULSE_TEXT];
} nist;

static bool
refuse(char *reterr, size_t size, const char *option, const char *why)
{
	(void)snprintf(reterr, size, "draw.nist_%s: %s", option, why);
	return false;
}

static bool
certificate_read(const char *path, const char **reterr)
{
	uint8_t id[HASH512_LEN];
	FILE *f = fopen(path, "re");

	if (f == NULL) {
		*reterr = strerror(errno);
		return false;
	}
	nist.len = fread(nist.pem, 1, sizeof nist.pem, f);
	(void)fclose(f);
	if (nist.len > NIST_CERTIFICATE_MAX)
		*reterr = "the file is too large";
	else if (!cert_id(nist_certificate(), id))
		*reterr = "no PEM certificate with an RSA key of at least 2048 bits";
	else
		return true;
	return false;
}

static bool
pulse_read(struct text option)
{
	struct text number = {0};
	struct utc at;
	uint64_t n;

	if (!text_cut(&option, ' ', &number) || !text_u64(number, UINT32_MAX, &n) ||
		!time_parse(option, &at) || at.us < 0 || at.us % UTC_SECOND != 0)
		return false;
	(void)snprintf(nist.pulse, sizeof nist.pulse, "%llu %lld", (unsigned long long)n,
		(long long)(at.us / UTC_SECOND));
	return true;
}

bool
nist_open(const struct config *c, char *reterr, size_t reterr_size)
{
	const char *path = c->draw_nist_certificate, *why = NULL;

	if (path[0] == '\0' && c->draw_nist_pulse[0] == '\0')
		return true;
	if (path[0] == '\0')
		return refuse(reterr, reterr_size, "certificate", "is needed with draw.nist_pulse");
	if (c->draw_nist_pulse[0] == '\0')
		return refuse(reterr, reterr_size, "pulse", "is needed with draw.nist_certificate");
	if (!certificate_read(path, &why))
		return refuse(reterr, reterr_size, "certificate", why);
	return pulse_read(text_of(c->draw_nist_pulse)) ||
		refuse(reterr, reterr_size, "pulse",
			"must be PULSE TIME, as 1921300 2026-08-31T19:04:00.000Z");
}

struct text
nist_certificate(void)
{
	return text_span(nist.pem, nist.len);
}

const char *
nist_pulse(void)
{
	return nist.pulse;
}
